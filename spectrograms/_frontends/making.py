"""Frontends by name."""

from __future__ import annotations

from typing import Any

from spectrograms._common.documenting import documented
from spectrograms._frontends.base import Frontend
from spectrograms._frontends.toolkits.catalogue import definition_of, every_definition


def frontend(
    name: str, *, sample_rate: float | None = None, precision: str = "float64", **params: Any
) -> Frontend:
    """Make the frontend of a toolkit or model; it returns what the original returns.

    Parameters
    ----------
    name : str
        One of :func:`frontends`.
    sample_rate : int or float, optional
        In Hz; by default the one of the definition. Some definitions take no other.
    precision : {"float64", "float32"}
        Arithmetic. float64 is as close to the definition as the output's dtype can hold; float32 is faster.
        Layout and dtype of the result do not depend on it.
    **params
        The definition's parameters under its own names; see ``frontend(name).params``.

    Returns
    -------
    Frontend

    Raises
    ------
    InvalidInputError
        If the name is unknown, the sample rate is not the definition's, or a value is out of range.
    TypeError
        If a parameter is unknown, missing or of the wrong type.

    See Also
    --------
    frontends : Lists the names.
    frontend_from_config : From the configuration of a model.
    compare : What two of them do differently.
    corpus.extract : Takes a frontend, or its name.

    Examples
    --------
    What Whisper gets from a second of sound:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> whisper = sg.frontend("whisper_openai", n_mels=80)
    >>> samples = np.random.default_rng(0).uniform(-0.1, 0.1, 16000).astype("float32")
    >>> features = whisper.compute(samples)
    >>> features.shape, features.dtype, whisper.layout
    ((80, 100), dtype('float32'), '(rows, frames)')
    >>> whisper.conventions["mel scale"], whisper.sample_rate
    ('slaney', 16000)

    Kaldi's features in another layout, and samples in the range of int16:

    >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80, scale=32768.0)
    >>> fbank.compute(samples).shape, fbank.layout
    ((98, 80), '(frames, rows)')
    """
    return Frontend(definition_of(name), sample_rate, params, precision)


@documented()
def frontends() -> dict[str, str]:
    """List the frontends: a dict from name to one line about it.

    Returns
    -------
    dict of str to str
        Sorted by name.

    See Also
    --------
    frontend : Makes one.

    %(plain_examples)s
    >>> [name for name in sg.frontends() if name.startswith("whisper")]
    ['whisper_hf', 'whisper_openai']
    >>> sg.frontends()["kaldi_fbank"]
    "Kaldi's log-mel filterbank, as in kaldi-native-fbank"
    """
    return {name: row.summary for name, row in sorted(every_definition().items())}
