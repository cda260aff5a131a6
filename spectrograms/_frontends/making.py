"""Frontends by name."""

from __future__ import annotations

from typing import Any

from spectrograms._frontends.base import Frontend
from spectrograms._frontends.toolkits.catalogue import definition_of, every_definition


def frontend(
    name: str, *, sample_rate: float | None = None, precision: str = "float64", **params: Any
) -> Frontend:
    """Make the frontend of a toolkit or model: what it returns is what the original returns.

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

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80, scale=32768.0)
    >>> fbank.compute(np.zeros(16000, "float32")).shape
    (98, 80)
    """
    return Frontend(definition_of(name), sample_rate, params, precision)


def frontends() -> dict[str, str]:
    """List the frontends: a dict from name to one line about it."""
    return {name: row.summary for name, row in sorted(every_definition().items())}
