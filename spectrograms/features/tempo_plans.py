"""Tempograms of signals: plans that make them of the onsets of another plan."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.results.frame_results import FrameArray, StftResult
from spectrograms.errors import InvalidInputError
from spectrograms.features.context import Context, ContextPlan
from spectrograms.features.onsets import OnsetInfo
from spectrograms.features.rhythm import OnsetPlan
from spectrograms.features.stft_forward import StftPlan
from spectrograms.features.tempograms import as_win_length, correlate, slopes
from spectrograms.params import ChromaNorm, SpectrogramParams, StftParams
from spectrograms.params.base import Params
from spectrograms.params.checking import as_bool, as_instance
from spectrograms.params.dtype import COMPLEX
from spectrograms.params.norms import as_norm
from spectrograms.plans.infos import Info

if TYPE_CHECKING:
    from numpy.typing import NDArray


# What the docstrings here have in common.
_documented = documented(
    onsets="""onsets : OnsetPlan
    Its frames, of one row, are the values that are compared.
win_length : int
    Values of a frame, under a periodic Hann window.""",
    bad_onsets="""Raises
------
InvalidInputError
    If onsets have several rows, or `win_length` is out of range.
TypeError
    If `onsets` is no OnsetPlan.""",
    plan=""">>> params = sg.SpectrogramParams(sg.StftParams(1024, 512, "hann"), 22050)
>>> onsets = sg.OnsetPlan(params, sg.MelParams(64, 0.0, 11025.0))""",
)


@_documented
class Tempogram(FrameArray):
    """What repeats in onset strength, by lag, shape (win_length, n_frames).

    See Also
    --------
    TempogramPlan : Makes it.
    tempogram : The same numbers from onset strength.

    %(examples)s
    %(plan)s
    >>> noise = np.random.default_rng(0).standard_normal(44100)
    >>> lags = sg.TempogramPlan(onsets, win_length=64).compute(noise)
    >>> lags.shape, float(lags.lags[10].round(3)), float(lags.tempi[10].round(1))
    ((64, 87), 0.232, 258.4)
    """

    __slots__ = ()
    __module__ = "spectrograms"

    #: What it is, for pictures.
    name = "tempogram"

    @property
    def lags(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (win_length,): lag of each row in seconds."""
        return self._info.lags

    @property
    def tempi(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (win_length,): beats in a minute of each row, the first infinite."""
        with np.errstate(divide="ignore"):
            return 60.0 / self.lags


class TempoInfo(Info):
    """Base of infos of what is made of onsets."""

    __slots__ = ()
    onsets: OnsetInfo
    win_length: int
    centre: bool

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Build an info from what `to_dict` returned; errors as for ``Params.from_dict``."""
        if isinstance(data, dict) and isinstance(data.get("onsets"), dict):
            data = {**data, "onsets": OnsetInfo.from_dict(data["onsets"])}
        return super().from_dict(data)

    @staticmethod
    def _checked(onsets, win_length, centre):
        as_instance("onsets", onsets, OnsetInfo)
        if onsets._rows() != 1:
            raise InvalidInputError(f"onsets must have one row, got edges={onsets.edges}")
        return onsets, as_win_length(win_length), as_bool("centre", centre)

    @property
    def _framing(self):
        return self.onsets

    @property
    def params(self) -> SpectrogramParams:
        """SpectrogramParams of the spectra."""
        return self.onsets.params

    @property
    def dtype(self) -> str:
        """Precision of arithmetic and results."""
        return self.onsets.dtype

    @property
    def effort(self) -> str:
        """How hard FFTW plans."""
        return self.onsets.effort

    @property
    def frame_rate(self) -> float:
        """Onsets in a second."""
        return self.sample_rate / self.hop_size

    def _words(self, kind):
        where = "around" if self.centre else "from"
        words = self.onsets.conventions()
        words["rise"] += f"; {self.win_length} frames under a periodic Hann window, {where} each; {kind}"
        return words


class TempogramInfo(TempoInfo, Params):
    """Parameters of the tempograms of one plan.

    Parameters
    ----------
    onsets : OnsetInfo
    win_length : int
    centre : bool
    norm : ChromaNorm
    """

    onsets: OnsetInfo
    win_length: int
    centre: bool
    norm: ChromaNorm

    unit = ""
    amplitude = "correlation"
    _kinds = ("Tempogram",)

    def __new__(cls, onsets: OnsetInfo, win_length: int, centre: bool, norm: ChromaNorm | str | None) -> Self:
        return cls._create(
            *cls._checked(onsets, win_length, centre), as_norm(ChromaNorm, norm, ChromaNorm.max)
        )

    def _rows(self):
        return self.win_length

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Rows are lags: an AttributeError."""
        raise AttributeError("rows of a tempogram are lags, not frequencies: see lags and tempi")

    @property
    def lags(self) -> NDArray[np.float64]:
        """Lag of each row in seconds."""
        return np.arange(self.win_length) / self.frame_rate

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        return self._words(f"autocorrelation, {self.norm.name} of each frame")


class FourierTempogramInfo(TempoInfo, Params):
    """Parameters of the Fourier tempograms of one plan.

    Parameters
    ----------
    onsets : OnsetInfo
    win_length : int
    centre : bool
    """

    onsets: OnsetInfo
    win_length: int
    centre: bool

    unit = "amplitude"
    amplitude = "complex"
    _kinds = ("StftResult",)
    _complex = True

    def __new__(cls, onsets: OnsetInfo, win_length: int, centre: bool) -> Self:
        return cls._create(*cls._checked(onsets, win_length, centre))

    def _rows(self):
        return self.win_length // 2 + 1

    def _frequency_axis(self):
        return self.transform.frequencies

    def _seconds(self, frames):
        return frames * (1.0 / self.frame_rate)

    @property
    def transform(self) -> StftPlan:
        """StftPlan whose results have the same numbers, of the onsets of a signal."""
        return _transform(self.win_length, self.frame_rate, self.centre, self.dtype)

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        return self._words("complex spectrum")


@lru_cache(maxsize=64)
def _transform(win_length, frame_rate, centre, dtype):
    stft = StftParams(win_length, 1, "hann", centre, periodic=True)
    return StftPlan(SpectrogramParams(stft, frame_rate), dtype)


class _TempoPlan(ContextPlan[Any]):
    """Base of the plans here."""

    __slots__ = ()

    def _source(self, info):
        return OnsetPlan._from_info(info.onsets)

    def _check_local(self, what):
        self._plan._check_local(what)

    @property
    def onsets(self) -> OnsetPlan:
        """OnsetPlan of the values that are compared."""
        plan: Any = self._plan
        return plan

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._plan!r}, win_length={self._info.win_length})"


@_documented
class TempogramPlan(_TempoPlan):
    """Tempograms with everything built once: onset strength, correlated with itself in frames.

    Parameters
    ----------
    %(onsets)s
    centre : bool
        Whether a frame lies around its value, with a slope to zero beyond both ends, else begins with it.
    norm : ChromaNorm or its name, optional
        Scaling of each frame, by its largest value by default.

    %(bad_onsets)s

    See Also
    --------
    tempogram : The same of onsets that are there already; has the formula.
    FourierTempogramPlan : By frequency instead of lag.

    Notes
    -----
    A frame of a stream comes ``win_length // 2`` frames late, with a whole window without centring.

    %(examples)s
    %(plan)s
    >>> plan = sg.TempogramPlan(onsets, win_length=64)
    >>> noise, stream = np.random.default_rng(0).standard_normal(44100), plan.stream()
    >>> frames = [stream.push(chunk) for chunk in np.split(noise, 5)]
    >>> np.array_equal(np.hstack([*frames, stream.flush()]), plan.compute(noise))
    True
    """

    __slots__ = ()
    _info_class = TempogramInfo
    _result_class = Tempogram

    def __init__(
        self,
        onsets: OnsetPlan,
        *,
        win_length: int = 384,
        centre: bool = True,
        norm: ChromaNorm | str | None = None,
    ) -> None:
        as_instance("onsets", onsets, OnsetPlan)
        self._configure(TempogramInfo(onsets._info, win_length, centre, norm))

    def _context(self, info):
        if not info.centre:
            return Context(info.win_length)
        before = info.win_length // 2
        return Context(info.win_length, before, info.win_length - 1 - before)

    def _ends(self, frames, *, first, last):
        begins, ends = super()._ends(frames, first=first, last=last)
        if first or last:
            up, down = slopes(frames[0, :1], frames[0, -1:], self._around.before, self._around.after)
            begins[0], ends[0] = up[: begins.shape[1]], down[: ends.shape[1]]
        return begins, ends

    def _derive(self, frames, out):
        info = self._info
        correlate(frames[0], info.win_length, info.norm, out)

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Beats in a second of each lag, the first infinite, ndarray of float64."""
        with np.errstate(divide="ignore"):
            return 1.0 / self._info.lags


@_documented
class FourierTempogramPlan(_TempoPlan):
    """Fourier tempograms with everything built once: onset strength, transformed in frames.

    Parameters
    ----------
    %(onsets)s
    centre : bool
        Whether a frame lies around its value, between zeros, else begins with it.

    %(bad_onsets)s

    See Also
    --------
    fourier_tempogram : The same of onsets that are there already.
    TempogramPlan : By lag instead of frequency.

    %(examples)s
    %(plan)s
    >>> tempi = sg.FourierTempogramPlan(onsets, win_length=64).compute(np.zeros(44100))
    >>> tempi.shape, round(60 * tempi.frequencies[1], 1)
    ((33, 88), 40.4)
    """

    __slots__ = ()
    _info_class = FourierTempogramInfo
    _result_class = StftResult

    def __init__(self, onsets: OnsetPlan, *, win_length: int = 384, centre: bool = True) -> None:
        as_instance("onsets", onsets, OnsetPlan)
        self._configure(FourierTempogramInfo(onsets._info, win_length, centre))

    def _context(self, info):
        half = info.win_length // 2 if info.centre else 0
        return Context(info.win_length, half, half)

    def _derive(self, frames, out):
        # What lies beyond the ends stands among the values already.
        plan = _transform(self._info.win_length, self._info.frame_rate, False, self.dtype)
        plan.compute_into(frames[0], out, num_threads=1)

    @property
    def _result_info(self):
        return self._info.transform._info

    def _numpy_dtype(self):
        return np.dtype(COMPLEX[self.dtype])
