"""Filterbanks: how many bands, and where."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_CQT_BINS, at_most
from spectrograms.errors import InvalidInputError
from spectrograms.params.base import Params
from spectrograms.params.checking import (
    as_bool,
    as_choice,
    as_count,
    as_float,
    as_index,
    format_number,
    require,
    require_above,
)
from spectrograms.params.norms import MelNorm, as_norm
from spectrograms.params.stft import as_sample_rate
from spectrograms.params.window import WindowType, as_window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MEL_FORMULAS = ("slaney", "htk")
ERB_SPACINGS = ("linear", "erb_rate", "apple_tr35")
CQT_ALIGNMENTS = ("end", "centre")
CQT_METHODS = ("frame", "multirate")


@documented()
class MelParams(Params):
    """Bands of a mel filterbank.

    Parameters
    ----------
    n_mels : int
        Number of bands, >= 1.
    %(band_edges)s
    norm : MelNorm, {"none", "slaney", "l1", "l2"} or None
        Scaling of each triangle; None means ``MelNorm.none``, peak 1.
    formula : {"slaney", "htk"}, default "slaney"
        Mel scale: Slaney's, linear below 1 kHz and logarithmic above, or HTK's ``2595 log10(1 + f / 700)``.

    %(bad_range)s

    See Also
    --------
    MelNorm : The scalings of the triangles.
    compute_mel_db_spectrogram : Computes a spectrogram in these bands.
    ErbParams, LogHzParams, CqtParams : The other scales.

    Notes
    -----
    Slaney's scale is ``3 f / 200`` mel up to 1 kHz and ``15 + 27 ln(f / 1000) / ln(6.4)`` above. Whole
    ranges are usual: 0 to half the sample rate. For powers that are there already the weights are a matrix,
    ``spectrograms.filterbanks.mel_bands(n_mels, f_min, f_max, sample_rate, n_fft).dense() @ powers``.

    References
    ----------
    M. Slaney, Auditory Toolbox, version 2, Interval Research Report 1998-010, 1998. S. Young et al., The HTK
    Book, Cambridge University, 2006, section 5.4.

    %(plain_examples)s
    >>> bands = sg.MelParams(80, 0.0, 8000.0, norm="slaney")
    >>> bands
    MelParams(n_mels=80, f_min=0, f_max=8000, norm='slaney')
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> plan = sg.SpectrogramPlan(params, bands)
    >>> plan.frequencies[[0, 39, 79]].round(1)  # the lowest, a middle and the highest peak, in Hz
    array([  37.2, 1656.8, 7698.6])
    """

    n_mels: int
    f_min: float
    f_max: float
    norm: MelNorm
    formula: str

    def __new__(
        cls,
        n_mels: int,
        f_min: float,
        f_max: float,
        norm: MelNorm | str | None = None,
        *,
        formula: str = "slaney",
    ) -> Self:
        n_mels = as_count("n_mels", n_mels)
        f_min = as_float("f_min", f_min)
        f_max = as_float("f_max", f_max)
        norm = as_norm(MelNorm, norm, MelNorm.none)
        formula = as_choice("formula", formula, MEL_FORMULAS)
        require(f_min >= 0.0, "f_min must be >= 0", f_min)
        require_above(f_min, f_max)
        return cls._create(n_mels, f_min, f_max, norm, formula)

    @classmethod
    def standard(cls, sample_rate: float) -> Self:
        """Return 128 bands from 0 Hz to half of `sample_rate`, in Hz.

        %(plain_examples)s
        >>> sg.MelParams.standard(22050)
        MelParams(n_mels=128, f_min=0, f_max=11025, norm='None')
        """
        return cls(128, 0.0, as_sample_rate(sample_rate) / 2.0)


@documented()
class ErbParams(Params):
    """Filters of an ERB (gammatone) filterbank.

    Parameters
    ----------
    n_filters : int
        Number of filters, >= 2.
    f_min, f_max : float
        Range of the centre frequencies in Hz; 0 <= f_min < f_max, f_min finite.
    spacing : {"linear", "erb_rate", "apple_tr35"}, default "linear"
        Equal steps in Hz, equal steps on the ERB-rate scale of Glasberg and Moore (1990), which is what is
        usually meant by ERB bands, or the centres of Slaney's Apple Technical Report 35 (1993), whose last
        one lies below f_max.
    db_floor : float, optional
        Floor in dB of the time-domain gammatone spectrogram, there at most 3000; None leaves that linear.

    %(bad_range)s

    See Also
    --------
    compute_erb_db_spectrogram : Filters by their frequency responses.
    gammatone_iir_spectrogram : The same filters in the time domain.
    gammatone_center_frequencies : Where the filters lie.

    %(plain_examples)s
    >>> filters = sg.ErbParams(4, 100.0, 4000.0, spacing="erb_rate")
    >>> sg.gammatone_center_frequencies(filters).round()
    array([ 100.,  542., 1576., 4000.])
    """

    n_filters: int
    f_min: float
    f_max: float
    spacing: str
    db_floor: float | None

    def __new__(
        cls,
        n_filters: int,
        f_min: float,
        f_max: float,
        *,
        spacing: str = "linear",
        db_floor: float | None = None,
    ) -> Self:
        n_filters = as_count("n_filters", n_filters)
        f_min = as_float("f_min", f_min)
        f_max = as_float("f_max", f_max)
        spacing = as_choice("spacing", spacing, ERB_SPACINGS)
        if db_floor is not None:
            db_floor = as_float("db_floor", db_floor)
            require(math.isfinite(db_floor), "db_floor must be finite", db_floor)
        if n_filters < 2:
            raise InvalidInputError(
                "n_filters must be >= 2 (single filter would cause division by zero), got 1"
            )
        require(0.0 <= f_min < math.inf, "f_min must be finite and >= 0", f_min)
        require_above(f_min, f_max)
        return cls._create(n_filters, f_min, f_max, spacing, db_floor)


@documented()
class LogHzParams(Params):
    """Points of a logarithmic frequency axis.

    Parameters
    ----------
    n_bins : int
        Number of points, >= 1.
    f_min, f_max : float
        First and last frequency in Hz; 0 < f_min < f_max, f_min finite.

    %(bad_range)s

    See Also
    --------
    compute_loghz_db_spectrogram : Computes a spectrogram at these points.
    CqtParams : Bins whose bandwidth grows with the frequency.

    %(plain_examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 16000)
    >>> sg.SpectrogramPlan(params, sg.LogHzParams(4, 100.0, 6400.0)).frequencies.round()
    array([ 100.,  400., 1600., 6400.])
    """

    n_bins: int
    f_min: float
    f_max: float

    def __new__(cls, n_bins: int, f_min: float, f_max: float) -> Self:
        n_bins = as_count("n_bins", n_bins)
        f_min = as_float("f_min", f_min)
        f_max = as_float("f_max", f_max)
        _require_positive("f_min", f_min)
        require_above(f_min, f_max)
        return cls._create(n_bins, f_min, f_max)


@documented()
class CqtParams(Params):
    """Bins and kernels of a constant-Q transform.

    Parameters
    ----------
    bins_per_octave, n_octaves : int
        Both >= 1; bin i lies at ``f_min * 2**(i / bins_per_octave)``.
    f_min : float
        Frequency of the first bin in Hz, finite and > 0.
    align : {"end", "centre"}, default "end"
        Where in the frame each kernel sits. At the end, bins see an event at different times; in the middle,
        all see it at the same time. Without effect with ``"multirate"``.
    q_factor : float, optional
        Ratio of frequency to bandwidth, finite and > 0; default ``1 / (2**(1 / bins_per_octave) - 1)``, with
        ``"multirate"`` ``(r**2 + 1) / (r**2 - 1)`` with ``r = 2**(1 / bins_per_octave)``.
        Kernels are ``q_factor * sample_rate / frequency`` samples long, n_fft at most: half of the default
        sees events twice as sharply, and tones half as sharply (librosa's `filter_scale` of 0.5).
    window : WindowType, str, default WindowType.hanning
        Shape of the kernels; not a custom window, because every bin needs another length.
    sparsity : float, default 0.01
        Kernel values below this fraction of the largest are set to zero; negative means 0. Without effect
        with ``"multirate"``.
    normalize : bool, default True
        Scale each kernel to unit energy; with ``"multirate"`` by the sum of its magnitudes to ``sqrt(l)``, l
        being its length in samples, as librosa does.
    method : {"frame", "multirate"}, default "frame"
        ``"frame"`` cuts kernels to the frame, and bins see an event at different times and early.
        ``"multirate"`` has kernels of full length, each octave at a sample rate of its own, with the time of
        the frame in their middle; these are the numbers of ``librosa.cqt``.
    gamma : float, default 0.0
        Bandwidth in Hz that is added to that of each bin, finite and >= 0: the variable-Q transform, in which
        low bins see events more sharply. Needs ``"multirate"``.

    Attributes
    ----------
    num_bins : int
        ``bins_per_octave * n_octaves``.

    Raises
    ------
    InvalidInputError
        If a value is out of range. That all bins lie below half the sample rate is checked when a plan is
        made.

    See Also
    --------
    cqt : The complex transform, in frames of its own.
    compute_cqt_db_spectrogram : The same kernels within the frames of a spectrogram.

    %(plain_examples)s
    >>> params = sg.CqtParams(12, 2, 220.0)  # two octaves of semitones from A3 on
    >>> params.num_bins
    24
    >>> round(params.bin_frequency(12), 1)  # an octave higher
    440.0
    >>> round(params.bin_frequency(0) / params.bin_bandwidth(0), 2)  # Q
    16.82
    """

    bins_per_octave: int
    n_octaves: int
    f_min: float
    align: str
    q_factor: float
    window: WindowType
    sparsity: float
    normalize: bool
    method: str
    gamma: float
    _shown = ("num_bins",)
    _later = ("method", "gamma")

    def __new__(
        cls,
        bins_per_octave: int,
        n_octaves: int,
        f_min: float,
        *,
        align: str = "end",
        q_factor: float | None = None,
        window: WindowType | str | ArrayLike = WindowType.hanning,
        sparsity: float = 0.01,
        normalize: bool = True,
        method: str = "frame",
        gamma: float = 0.0,
    ) -> Self:
        bins_per_octave = as_count("bins_per_octave", bins_per_octave)
        n_octaves = as_count("n_octaves", n_octaves)
        f_min = as_float("f_min", f_min)
        align = as_choice("align", align, CQT_ALIGNMENTS, {"center": "centre"})
        method = as_choice("method", method, CQT_METHODS)
        gamma = as_float("gamma", gamma)
        q_factor = (
            _constant_q(bins_per_octave, method) if q_factor is None else as_float("q_factor", q_factor)
        )
        window = as_window(window)
        sparsity = as_float("sparsity", sparsity)
        normalize = as_bool("normalize", normalize)
        _require_positive("f_min", f_min)
        _require_positive("q_factor", q_factor)
        if window.size is not None:
            raise InvalidInputError(f"window of a CQT must exist at every length, got {window}")
        require(sparsity == sparsity, "sparsity must be a number", sparsity)
        require(0.0 <= gamma < math.inf, "gamma must be finite and >= 0", gamma)
        if gamma > 0.0 and method != "multirate":
            raise InvalidInputError(
                f"gamma must be 0 unless method is 'multirate', got {format_number(gamma)}"
            )
        return cls._create(
            bins_per_octave, n_octaves, f_min, align, q_factor, window, max(sparsity, 0.0), normalize, method,
            gamma,
        )  # fmt: skip

    def _default(self, name):
        is_q = name == "q_factor"
        return _constant_q(self.bins_per_octave, self.method) if is_q else super()._default(name)

    @property
    def num_bins(self) -> int:
        """Number of bins, ``bins_per_octave * n_octaves``."""
        return self.bins_per_octave * self.n_octaves

    def bin_frequency(self, i: int) -> float:
        """Return the frequency of bin `i` in Hz.

        %(plain_examples)s
        >>> [round(sg.CqtParams(12, 7, 32.7).bin_frequency(i), 1) for i in (0, 1, 12)]
        [32.7, 34.6, 65.4]
        """
        octaves = as_index("i", i) / self.bins_per_octave
        # From here on the result is infinite, for which Python's power raises OverflowError.
        return self.f_min * 2.0**octaves if octaves < 1024 else math.inf

    def bin_bandwidth(self, i: int) -> float:
        """Return the bandwidth of bin `i` in Hz, frequency over Q, plus `gamma`.

        %(plain_examples)s
        >>> params = sg.CqtParams(12, 7, 32.7, q_factor=10.0)
        >>> round(params.bin_bandwidth(0), 2), round(params.bin_bandwidth(12), 2)
        (3.27, 6.54)
        """
        return self.bin_frequency(i) / self.q_factor + self.gamma

    def frequencies(self) -> list[float]:
        """Return the frequencies of all bins in Hz, a list of floats; InvalidInputError beyond 100,000.

        %(plain_examples)s
        >>> sg.CqtParams(2, 2, 100.0).frequencies()
        [100.0, 141.4213562373095, 200.0, 282.842712474619]
        """
        at_most("num_bins", self.num_bins, MAX_CQT_BINS)
        return [self.bin_frequency(i) for i in range(self.num_bins)]

    def with_q_factor(self, q_factor: float) -> Self:
        """Return a copy with another `q_factor`, finite and > 0.

        %(plain_examples)s
        >>> sg.CqtParams(12, 7, 32.7).with_q_factor(8.0).q_factor
        8.0
        """
        return self._replace(q_factor=q_factor)

    def with_window(self, window: WindowType | str | ArrayLike) -> Self:
        """Return a copy with kernels in the shape of another `window`.

        %(plain_examples)s
        >>> sg.CqtParams(12, 7, 32.7).with_window("hamming").window
        Hamming
        """
        return self._replace(window=window)

    def with_sparsity(self, sparsity: float) -> Self:
        """Return a copy with another `sparsity`, the threshold of kernel values; below 0 counts as 0.

        %(plain_examples)s
        >>> sg.CqtParams(12, 7, 32.7).with_sparsity(0.0).sparsity
        0.0
        """
        return self._replace(sparsity=sparsity)

    def with_normalize(self, normalize: bool) -> Self:
        """Return a copy whose kernels have unit energy if `normalize`, else the height of the window.

        %(plain_examples)s
        >>> sg.CqtParams(12, 7, 32.7).with_normalize(False).normalize
        False
        """
        return self._replace(normalize=normalize)

    @classmethod
    def percussive(cls) -> Self:
        """Return 12 bins per octave, 7 octaves from 32.7 Hz.

        %(plain_examples)s
        >>> sg.CqtParams.percussive().f_min
        32.7
        """
        return cls(12, 7, 32.7)

    @classmethod
    def onset_detection(cls) -> Self:
        """Return 24 bins per octave, 6 octaves from 55 Hz, Q 0.5: kernels of half a period.

        %(plain_examples)s
        >>> sg.CqtParams.onset_detection().q_factor
        0.5
        """
        return cls(24, 6, 55.0, q_factor=0.5, sparsity=0.02)

    @classmethod
    def chord_detection(cls) -> Self:
        """Return 36 bins per octave, 5 octaves from 82.4 Hz, Q 0.8.

        %(plain_examples)s
        >>> sg.CqtParams.chord_detection().bins_per_octave
        36
        """
        return cls(36, 5, 82.4, q_factor=0.8, sparsity=0.02)

    @classmethod
    def harmonic(cls) -> Self:
        """Return 24 bins per octave, 7 octaves from 55 Hz, Q 1.

        %(plain_examples)s
        >>> sg.CqtParams.harmonic().num_bins
        168
        """
        return cls(24, 7, 55.0, q_factor=1.0, sparsity=0.005)

    @classmethod
    def musical(cls) -> Self:
        """Return 12 bins per octave, 7 octaves from 32.7 Hz, Q 1.

        %(plain_examples)s
        >>> sg.CqtParams.musical().num_bins
        84
        """
        return cls(12, 7, 32.7, q_factor=1.0)


def _constant_q(bins_per_octave, method):
    step = 2.0 ** (1.0 / bins_per_octave) - 1.0
    if step <= 0.0:
        return math.inf
    if method == "frame":
        return 1.0 / step
    # Bands that reach from the bin below to the bin above.
    ratio = (1.0 + step) ** 2
    return (ratio + 1.0) / (ratio - 1.0)


def _require_positive(name, value):
    require(0.0 < value < math.inf, f"{name} must be finite and > 0", value)
