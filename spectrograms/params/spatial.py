"""Binaural cues: which frequencies count, and how phases are treated."""

from __future__ import annotations

from typing import Self

from spectrograms._common.documenting import Documented, documented
from spectrograms.errors import InvalidInputError, number
from spectrograms.params.base import Params
from spectrograms.params.checking import as_bool, as_float, as_index, as_instance
from spectrograms.params.stft import SpectrogramParams

# What the docstrings of the four classes have in common.
_FIELDS = """Parameters
----------
spectrogram_params : SpectrogramParams
    Transform size, hop, window and sample rate.
start_freq, end_freq : float, default %(default)s
    Range in Hz; 0 < start_freq < end_freq <= half the sample rate. None means the default."""
_MADE = """Raises
------
InvalidInputError
    If the range is not as above.

See Also
--------
%(function)s : Computes them.
%(sibling)sSpectrogramParams : The same band for %(of)s.

Examples
--------
>>> import spectrograms as sg
>>> params = sg.%(cue)sSpectrogramParams(sg.SpectrogramParams.music_default(44100)%(more)s)
>>> params.start_freq, params.end_freq
%(band)s"""


def _cue(cue: str, default: str, sibling: str, of: str, more: str, band: str) -> Documented:
    """Fill a docstring: the sibling has the same band for something else; `more` arguments make a `band`."""
    names = {"fields": _FIELDS, "made": _MADE, "cue": cue, "function": f"compute_{cue.lower()}_spectrogram"}
    return documented(**names, default=default, sibling=sibling, of=of, more=more, band=band)


@_cue("ITD", "50.0 and 620.0", "IPD", "phases", more=", end_freq=700.0", band="(50.0, 700.0)")
class ITDSpectrogramParams(Params):
    """Interaural time differences.

    %(fields)s
    magphase_power : int, default 1
        Exponent of the magnitude that accompanies the phase; 0 and None mean 1.

    %(made)s
    """

    spectrogram_params: SpectrogramParams
    start_freq: float
    end_freq: float
    magphase_power: int

    def __new__(
        cls,
        spectrogram_params: SpectrogramParams,
        start_freq: float = 50.0,
        end_freq: float = 620.0,
        magphase_power: int = 1,
    ) -> Self:
        band = _checked_band(spectrogram_params, start_freq, end_freq, (50.0, 620.0))
        power = 1 if magphase_power is None else as_index("magphase_power", magphase_power)
        return cls._create(*band, power or 1)


@_cue("IPD", "50.0 and 620.0", "ITD", "delays", more=", wrapped=True", band="(50.0, 620.0)")
class IPDSpectrogramParams(Params):
    """Interaural phase differences.

    %(fields)s
    wrapped : bool, default False
        Wrap the difference of the two phases to -pi..pi; None means the default.

    %(made)s
    """

    spectrogram_params: SpectrogramParams
    start_freq: float
    end_freq: float
    wrapped: bool

    def __new__(
        cls,
        spectrogram_params: SpectrogramParams,
        start_freq: float = 50.0,
        end_freq: float = 620.0,
        wrapped: bool = False,
    ) -> Self:
        band = _checked_band(spectrogram_params, start_freq, end_freq, (50.0, 620.0))
        return cls._create(*band, wrapped is not None and as_bool("wrapped", wrapped))


class _LevelParams(Params):
    """Fields shared by the two comparisons of levels."""

    spectrogram_params: SpectrogramParams
    start_freq: float
    end_freq: float

    def __new__(
        cls, spectrogram_params: SpectrogramParams, start_freq: float = 1700.0, end_freq: float = 4600.0
    ) -> Self:
        return cls._create(*_checked_band(spectrogram_params, start_freq, end_freq, (1700.0, 4600.0)))


@_cue("ILD", "1700.0 and 4600.0", "ILR", "ratios", more="", band="(1700.0, 4600.0)")
class ILDSpectrogramParams(_LevelParams):
    """Interaural level differences.

    %(fields)s

    %(made)s
    """

    __slots__ = ()


@_cue("ILR", "1700.0 and 4600.0", "ILD", "decibels", more=", end_freq=8000.0", band="(1700.0, 8000.0)")
class ILRSpectrogramParams(_LevelParams):
    """Interaural level ratios.

    %(fields)s

    %(made)s
    """

    __slots__ = ()


def _checked_band(spectrogram_params, start_freq, end_freq, default):
    """Convert and check the three arguments that all classes share; return them as fields."""
    spectrogram_params = as_instance("spectrogram_params", spectrogram_params, SpectrogramParams)
    start = default[0] if start_freq is None else as_float("start_freq", start_freq)
    end = default[1] if end_freq is None else as_float("end_freq", end_freq)
    nyquist = spectrogram_params.sample_rate / 2.0
    if not (start > 0.0 and end > 0.0):
        complaint = "Start and end frequencies must be positive."
    elif not start < end:
        complaint = "Start frequency must be less than end frequency."
    elif not end <= nyquist:
        complaint = "End frequency must be less than Nyquist frequency."
    else:
        return spectrogram_params, start, end
    raise InvalidInputError(
        f"Invalid input: {complaint} Got start_freq={number(start)}, end_freq={number(end)}, "
        f"Nyquist {number(nyquist)}"
    )
