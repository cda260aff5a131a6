"""The seven scales of rows and the three amplitudes: what each asks of the engine, and where it falls short.

A row of `SCALES` says where a scale's stages and axis come from and how its rows are described; nothing
else in the package distinguishes one scale from another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common import conventions
from spectrograms._common.limits import MAX_DECIBELS, at_most
from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks import bark, constant_q, erb, linear, loghz, mel, octave
from spectrograms.params import (
    BarkParams,
    CqtParams,
    ErbParams,
    LinearParams,
    LogHzParams,
    LogParams,
    MelParams,
    OctaveParams,
)
from spectrograms.plans.findings import Finding, cut_kernels, empty_bands
from spectrograms.plans.units import bins_of_a_sine

if TYPE_CHECKING:
    from spectrograms.filterbanks import Bands
    from spectrograms.params.stft import SpectrogramParams

AMPLITUDES = ("power", "magnitude", "db")
#: Floor of dB values where no LogParams is given.
DEFAULT_FLOOR = LogParams(-80.0)
_DB = 10 / math.log(10)


def log_stage(floor_db: float) -> tuple[Any, ...]:
    """``10 * log10`` of power, with an absolute floor.

    Raises
    ------
    InvalidInputError
        If power at the floor is beyond what a float holds.
    """
    at_most("the floor in dB", floor_db, MAX_DECIBELS)
    return ("log", _DB, 0.0, 10 ** (floor_db / 10))


def amplitude_stages(amplitude: str, db: Any) -> list[tuple[Any, ...]]:
    """Stages that turn power into the values of an amplitude."""
    if amplitude == "power":
        return []
    if amplitude == "magnitude":
        return [("root", 0.0)]
    if db.reference == 1.0:
        return [log_stage(db.floor_db)]
    # Afterwards: power re a small reference would be beyond what float32 holds.
    zero = 20 * math.log10(db.reference)
    return [log_stage(db.floor_db + zero), ("affine", 1.0, -zero)]


def bank_stage(bands: Bands) -> tuple[Any, ...]:
    """The stage of a bank: dense if most weights over the inputs in use are non-zero, else by bands."""
    # No bank is dense in which the rows are not so beside the longest one.
    if len(bands.values) > 0.5 * bands.n_bands * bands.lengths.max(initial=0):
        filled = bands.lengths > 0
        first = int(bands.starts[filled].min())
        end = int((bands.starts + bands.lengths)[filled].max())
        if len(bands.values) > 0.5 * bands.n_bands * (end - first):
            return ("dense", bands.dense()[:, first:end], first)
    return ("bank", bands.starts, bands.lengths, bands.offsets, bands.values)


def pair_bank_stage(bands: Bands) -> tuple[Any, ...]:
    """The stage of a bank whose rows 2k and 2k + 1, real and imaginary parts, have one start and length."""
    return ("pair_bank", bands.starts, bands.lengths, bands.offsets, bands.values)


@dataclass(frozen=True)
class Scale:
    """One scale of rows."""

    name: str
    prefix: str  # of class names
    params: type | None
    argument: str | None  # what the one-shot functions call the parameters
    bank: Callable[..., Bands] | None  # (params, scale params) -> Bands, or None
    axis: Callable[..., Any]  # (params, scale params) -> frequencies in Hz
    count: Callable[..., int]  # (params, scale params) -> number of rows
    says: Callable[..., dict[str, Any]] | None  # scale params -> arguments of conventions.words
    spectrum: str  # what the bank acts on: "power" of the bins, or raw "samples" of the frame
    over: str  # completes "power spectrogram ..."
    rows: str
    about: str  # what the parameter object says
    formula: str
    reference: str  # of the formula, if it has one
    example: tuple[str, int, int]  # parameters, rows, and the row in Hz where a tone of 1 kHz is loudest

    def stages(self, params: SpectrogramParams, scale_params: Any) -> list[tuple[Any, ...]]:
        """Stages from spectrum to power per row."""
        if self.bank is None:
            return []
        if self._is_multirate(scale_params):
            stft = params.stft
            if not stft.centre:
                raise InvalidInputError(
                    f"centre must be True for the centred kernels of a multirate CQT, got {stft.centre}"
                )
            # Most first features come without.
            from spectrograms.plans.multirate import octaves_of

            frequencies = self.axis(params, scale_params)
            return [
                octaves_of(scale_params, frequencies, params.sample_rate, stft.hop_size).stage(),
                ("pair_power",),
            ]  # fmt: skip
        bands = self.bank(params, scale_params)
        if self.spectrum == "samples":
            return [pair_bank_stage(bands), ("pair_power",)]
        return [bank_stage(bands)]

    def findings(self, params: SpectrogramParams, scale_params: Any, stages: Sequence[Any]) -> list[Finding]:
        """Findings about the stages of a bank."""
        if self.bank is None or self._is_multirate(scale_params):
            return []
        if self.spectrum == "power":
            return empty_bands(stages[0])
        return cut_kernels(
            self.axis(params, scale_params), scale_params.q_factor, params.sample_rate, params.stft.n_fft,
            stages[0], "a larger n_fft, a higher f_min or a smaller q_factor",
        )  # fmt: skip

    def _is_multirate(self, scale_params):
        return self.params is CqtParams and scale_params.method == "multirate"

    def words(self, params: SpectrogramParams, scale_params: Any) -> dict[str, Any]:
        """The bands in words, as arguments of `conventions.words`."""
        if self.says is None:
            return {}
        words = self.says(scale_params)
        words["bands"] |= _found(params, scale_params)
        if self.params is CqtParams and scale_params.method == "frame":
            words["bands"]["events"] = self.lead(params, scale_params)
        return words

    def lead(self, params: SpectrogramParams, scale: Any) -> str:
        """How early events stand among constant-Q kernels, in words."""
        n_fft, frequencies = params.stft.n_fft, self.axis(params, scale)
        time = n_fft // 2 if params.stft.centre else 0
        return constant_q.cqt_lead(frequencies, scale.q_factor, params.sample_rate, n_fft, time, scale.align)

    def frequencies(self, params: SpectrogramParams, scale_params: Any) -> Any:
        """Frequency of each row in Hz."""
        return self.axis(params, scale_params)


def _linear_axis(params, scale):
    stft = params.stft
    bins = range(stft.n_fft // 2 + 1) if scale is None else _linear_range(params, scale)
    return np.arange(bins.start, bins.stop) * (params.sample_rate / stft.n_fft)


def _linear_range(params, scale):
    return linear.linear_range(scale.f_min, scale.f_max, params.sample_rate, params.stft.n_fft)


def _linear_bank(params, scale):
    return linear.linear_bands(scale.f_min, scale.f_max, params.sample_rate, params.stft.n_fft)


def _linear_words(scale):
    return {"bands": {"bands": f"FFT bins from {scale.f_min:g} to {scale.f_max:g} Hz"}}


def _mel_bank(params, scale):
    return mel.mel_bands(
        scale.n_mels, scale.f_min, scale.f_max, params.sample_rate, params.stft.n_fft,
        formula=scale.formula, norm=scale.norm.name,
    )  # fmt: skip


def _mel_axis(_, scale):
    return mel.mel_centres(scale.n_mels, scale.f_min, scale.f_max, scale.formula)


def _mel_words(scale):
    norm = scale.norm.name
    bands = conventions.mel_bands(scale.n_mels, scale.f_min, scale.f_max, scale=scale.formula, norm=norm)
    return {"bands": bands}


def _erb_bank(params, scale):
    return erb.erb_bands(
        scale.n_filters,
        scale.f_min,
        scale.f_max,
        params.sample_rate,
        params.stft.n_fft,
        spacing=scale.spacing,
    )


def _erb_axis(_, scale):
    return erb.erb_centres(scale.n_filters, scale.f_min, scale.f_max, scale.spacing)


def _erb_words(scale):
    kind = f"gammatone-shaped bands, {scale.spacing} centres"
    return {"bands": conventions.other_bands(scale.n_filters, scale.f_min, scale.f_max, kind)}


def _bark_bank(params, scale):
    rate, n_fft = params.sample_rate, params.stft.n_fft
    return bark.bark_bands(scale.n_bands, scale.f_min, scale.f_max, rate, n_fft, formula=scale.formula)


def _bark_axis(_, scale):
    return bark.bark_centres(scale.n_bands, scale.f_min, scale.f_max, scale.formula)


def _bark_words(scale):
    kind = f"triangles at equal steps of Bark, formula {scale.formula}"
    return {"bands": conventions.other_bands(scale.n_bands, scale.f_min, scale.f_max, kind)}


def _loghz_bank(params, scale):
    return loghz.loghz_bands(scale.n_bins, scale.f_min, scale.f_max, params.sample_rate, params.stft.n_fft)


def _loghz_axis(_, scale):
    return loghz.loghz_frequencies(scale.n_bins, scale.f_min, scale.f_max)


def _loghz_words(scale):
    kind = "points at equal steps of log frequency"
    return {"bands": conventions.other_bands(scale.n_bins, scale.f_min, scale.f_max, kind)}


def _octave_bank(params, scale):
    stft = params.stft
    bands = octave.octave_bands(scale.fraction, scale.f_min, scale.f_max, params.sample_rate, stft.n_fft)
    if params.scaling == "none":
        return bands
    sums = np.add.reduceat(bands.values, bands.offsets)
    # Of densities the mean. Everything else is scaled for sines, of which a window makes `enbw` bins.
    spread = sums if params.scaling == "density" else np.full(len(sums), bins_of_a_sine(stft))
    return replace(bands, values=bands.values / np.repeat(spread, bands.lengths))


def _octave_axis(_, scale):
    return octave.octave_centres(scale.fraction, scale.f_min, scale.f_max)


def _octave_words(scale):
    centres = _octave_axis(None, scale)
    kind = f"bands of 1/{scale.fraction} octave, base ten"
    return {"bands": conventions.other_bands(len(centres), centres[0], centres[-1], kind)}


def _cqt_bank(params, scale):
    return constant_q.cqt_bands(
        _cqt_axis(params, scale), scale.q_factor, params.sample_rate, params.stft.n_fft,
        window=scale.window.make, sparsity=scale.sparsity, normalize=scale.normalize, align=scale.align,
    )  # fmt: skip


def _cqt_axis(_, scale):
    return constant_q.cqt_frequencies(scale.bins_per_octave, scale.n_octaves, scale.f_min)


def _cqt_words(scale):
    count = scale.bins_per_octave * scale.n_octaves
    high = scale.f_min * 2.0 ** ((count - 1) / scale.bins_per_octave)
    kind = f"constant-Q kernels, Q factor {scale.q_factor:g}"
    if scale.method == "multirate":
        wider = f" plus {scale.gamma:g} Hz" if scale.gamma else ""
        kind += f"{wider}, at the rate of each octave, in the middle of the frame"
    else:
        kind += f", {scale.align} of the frame"
    bands = conventions.other_bands(count, scale.f_min, high, kind)
    bands["filter norm"] = "l1" if scale.normalize else "none"
    return {"bands": bands, "window": f"{scale.window} of each kernel"}


SCALES = (
    Scale(
        name="linear",
        prefix="Linear",
        params=None,
        argument=None,
        bank=None,
        axis=_linear_axis,
        count=lambda params, _: params.stft.n_fft // 2 + 1,
        says=None,
        spectrum="power",
        over="over the FFT bins",
        rows="the bins 0..n_fft // 2, at ``k * sample_rate / n_fft`` Hz",
        about="",
        formula="``P[k, t] = |sum_n w[n] x[t * hop_size + n - pad] exp(-2j pi k n / n_fft)|**2``,\n"
        "without scaling; ``pad`` is ``n_fft // 2`` where frames are centred, else 0.",
        reference="A. V. Oppenheim and R. W. Schafer, Discrete-Time Signal Processing, 3rd ed., 2010.",
        example=("", 257, 1000),
    ),
    Scale(
        name="mel",
        prefix="Mel",
        params=MelParams,
        argument="filter_params",
        bank=_mel_bank,
        axis=_mel_axis,
        count=lambda _, scale: scale.n_mels,
        says=_mel_words,
        spectrum="power",
        over="in mel bands",
        rows="bands, at the peaks of their triangles",
        about="Number, range, scaling and formula of the bands.",
        formula="Each band weighs the power of the bins by a triangle, linear in Hz, whose corners are\n"
        "equally spaced in mel.",
        reference="M. Slaney, Auditory Toolbox, version 2, Interval Research Report 1998-010, 1998.",
        example=("sg.MelParams(80, 0.0, 8000.0)", 80, 1006),
    ),
    Scale(
        name="erb",
        prefix="Erb",
        params=ErbParams,
        argument="filter_params",
        bank=_erb_bank,
        axis=_erb_axis,
        count=lambda _, scale: scale.n_filters,
        says=_erb_words,
        spectrum="power",
        over="in ERB bands",
        rows="gammatone-shaped bands, at their centres",
        about="Number, range and spacing of the bands.",
        formula="``G[i, k] = (1 + ((f_k - fc_i) / (1.019 ERB(fc_i)))**2)**-4`` weighs the power,\n"
        "with ``ERB(f) = 24.7 (4.37 f / 1000 + 1)``.",
        reference="B. R. Glasberg and B. C. J. Moore, Derivation of auditory filter shapes from\n"
        "notched-noise data, Hearing Research 47, 1990.",
        example=('sg.ErbParams(40, 50.0, 8000.0, spacing="erb_rate")', 40, 990),
    ),
    Scale(
        name="bark",
        prefix="Bark",
        params=BarkParams,
        argument="filter_params",
        bank=_bark_bank,
        axis=_bark_axis,
        count=lambda _, scale: scale.n_bands,
        says=_bark_words,
        spectrum="power",
        over="in Bark bands",
        rows="bands, at the peaks of their triangles",
        about="Number, range and formula of the bands.",
        formula="Each band weighs the power of the bins by a triangle, linear in Hz, whose corners are\n"
        "equally spaced in Bark, ``26.81 f / (1960 + f) - 0.53`` in the middle of the range.",
        reference="H. Traunmüller, Analytical expressions for the tonotopic sensory scale, JASA 88, 1990.",
        example=("sg.BarkParams(40, 0.0, 8000.0)", 40, 1030),
    ),
    Scale(
        name="loghz",
        prefix="LogHz",
        params=LogHzParams,
        argument="filter_params",
        bank=_loghz_bank,
        axis=_loghz_axis,
        count=lambda _, scale: scale.n_bins,
        says=_loghz_words,
        spectrum="power",
        over="at logarithmically spaced frequencies",
        rows="points equally spaced in the logarithm of frequency",
        about="Number and range of the points.",
        formula="The power at a point is interpolated linearly between its two neighbouring bins.",
        reference="",
        example=("sg.LogHzParams(60, 100.0, 6400.0)", 60, 1024),
    ),
    Scale(
        name="octave",
        prefix="Octave",
        params=OctaveParams,
        argument="filter_params",
        bank=_octave_bank,
        axis=_octave_axis,
        count=lambda _, scale: len(_octave_axis(None, scale)),
        says=_octave_words,
        spectrum="power",
        over="in octave bands or fractions of them",
        rows="bands, at their exact middles",
        about="Fraction of an octave and range of the bands.",
        formula="Each band sums the power between its edges, with parts of the bins there; what a window\n"
        "spreads over bins is made up for where `params` have a scaling.",
        reference="IEC 61260-1:2014, Octave-band and fractional-octave-band filters.",
        example=("sg.OctaveParams(3, 125.0, 6300.0)", 18, 1000),
    ),
    Scale(
        name="cqt",
        prefix="Cqt",
        params=CqtParams,
        argument="cqt",
        bank=_cqt_bank,
        axis=_cqt_axis,
        count=lambda _, scale: scale.num_bins,
        says=_cqt_words,
        spectrum="samples",
        over="of a constant-Q transform",
        rows="bins at ``f_min * 2**(k / bins_per_octave)`` Hz",
        about="Bins per octave, octaves, lowest frequency and shape of the kernels.",
        formula="Each bin is the inner product of the raw frame with a windowed complex exponential of Q\n"
        "cycles, cut to ``n_fft``; the window of `params` plays no part.",
        reference="J. C. Brown, Calculation of a constant Q spectral transform, JASA 89, 1991.",
        example=("sg.CqtParams(12, 3, 550.0)", 36, 980),
    ),
)


@lru_cache(maxsize=64)
def _found(params, scale_params):
    """The findings of a scale in words, for infos, which have no stages."""
    scale = scale_of(scale_params)
    findings = scale.findings(params, scale_params, scale.stages(params, scale_params))
    return MappingProxyType({finding.convention: finding.words for finding in findings})


_PART = replace(
    SCALES[0],
    params=LinearParams,
    bank=_linear_bank,
    count=lambda params, scale: len(_linear_range(params, scale)),
    says=_linear_words,
)
_BY_PARAMS = {scale.params or type(None): scale for scale in (*SCALES, _PART)}


def scale_of(scale_params: Any) -> Scale:
    """The row of the table that a parameter object stands for.

    Raises
    ------
    TypeError
        If it stands for none.
    """
    try:
        return _BY_PARAMS[type(scale_params)]
    except KeyError:
        names = ", ".join(scale.params.__name__ for scale in _BY_PARAMS.values() if scale.params)
        raise TypeError(f"scale must be {names} or None, got {type(scale_params).__name__}") from None
