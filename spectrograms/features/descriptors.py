"""Descriptors: one number per frame for the shape of its spectrum, or for its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms.features.framed import FramedInfo, FramedPlan, MeasuredArray
from spectrograms.params import StftParams, parse_dtype
from spectrograms.params.base import Params
from spectrograms.params.checking import as_choice, as_instance
from spectrograms.params.stft import as_sample_rate
from spectrograms.plans.infos import EFFORTS, frame_words

if TYPE_CHECKING:
    from spectrograms.params.dtype import DType


@documented()
class Descriptor(MeasuredArray):
    """One number for each frame, shape (1, n_frames).

    See Also
    --------
    DescriptorPlan, FeatureSet : Make it.

    %(examples)s
    >>> plan = sg.DescriptorPlan(sg.StftParams(512, 160, "hann", centre=False), 16000, "rms")
    >>> loudness = plan.compute(np.sin(2 * np.pi * 1000 / 16000 * np.arange(16000)))
    >>> loudness.name, float(loudness.data.mean().round(3))
    ('rms', 0.707)
    """

    __slots__ = ()
    __module__ = "spectrograms"

    @property
    def name(self) -> str:
        """str: what was computed, such as ``"centroid"``."""
        return self._info.name


#: Descriptors and their units.
DESCRIPTORS = {
    "centroid": "Hz",
    "bandwidth": "Hz",
    "rolloff": "Hz",
    "flatness": "",
    "rms": "amplitude",
    "zcr": "per sample",
    "crest": "",
    "entropy": "",
    "slope": "1/Hz",
}


class DescriptorInfo(FramedInfo, Params):
    """What one number per frame means.

    Parameters
    ----------
    stft : StftParams
    sample_rate : float
    name : str
    unit : str
    dtype : str
    effort : str
    """

    stft: StftParams
    sample_rate: float
    name: str
    unit: str
    dtype: str
    effort: str

    amplitude = "descriptor"
    _kinds = ("Descriptor",)

    def __new__(
        cls,
        stft: StftParams,
        sample_rate: float,
        name: str,
        unit: str,
        dtype: DType,
        *,
        effort: str = "estimate",
    ) -> Self:
        stft = as_instance("stft_params", stft, StftParams)
        name = as_choice("name", name, tuple(DESCRIPTORS))
        return cls._create(
            stft,
            as_sample_rate(sample_rate),
            name,
            as_choice("unit", unit, (DESCRIPTORS[name],)),
            parse_dtype(dtype),
            as_choice("effort", effort, EFFORTS),
        )

    def _rows(self):
        return 1

    @property
    def scale(self) -> str:  # type: ignore[override]
        """Name of the descriptor."""
        return self.name

    @property
    def params(self) -> StftParams:
        """StftParams: a descriptor has none of its own."""
        return self.stft

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        return frame_words(self, spectrum=f"its {self.name}", bands={"bands": "1"})


@dataclass(frozen=True)
class _Descriptor:
    """One row of the table of descriptors."""

    spectrum: str  # what is described: "power" of the bins or raw "samples" of the frame
    kernel: str
    by_frequency: bool = False  # positions of the rows count; they are described by magnitude
    parameter: float = 0.0

    def output(self, stft: StftParams, sample_rate: float) -> tuple[str, list[Any]]:
        """The engine's output."""
        if not self.by_frequency:
            return self.spectrum, [("describe", self.kernel, None, self.parameter)]
        axis = np.arange(stft.n_fft // 2 + 1) * (sample_rate / stft.n_fft)
        return self.spectrum, [("root", 0.0), ("describe", self.kernel, axis, self.parameter)]


# Names and units are those of `DESCRIPTORS`.
_TABLE: dict[str, Any] = {
    "centroid": _Descriptor("power", "centroid", True),
    "bandwidth": _Descriptor("power", "bandwidth", True),
    "rolloff": _Descriptor("power", "rolloff", True, 0.85),
    "flatness": _Descriptor("power", "flatness", parameter=1e-10),
    "rms": _Descriptor("samples", "rms"),
    "zcr": _Descriptor("samples", "crossings", parameter=1e-10),
    "crest": _Descriptor("power", "crest"),
    "entropy": _Descriptor("power", "entropy"),
    "slope": _Descriptor("power", "slope", True),
}
NAMES = tuple(DESCRIPTORS)


@documented()
class DescriptorPlan(FramedPlan[Descriptor]):
    """One number per frame, with everything built once.

    Parameters
    ----------
    %(frames)s
    name : {"centroid", "bandwidth", "rolloff", "flatness", "rms", "zcr", "crest", "entropy", "slope"}
        The descriptor; see Notes.
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If there is no descriptor of that name, or the sample rate is not finite and positive.

    See Also
    --------
    FeatureSet : Several descriptors of the same frames.

    Notes
    -----
    With magnitudes ``S[k]`` at frequencies ``f[k]`` and the ``n_fft`` samples ``x[n]`` of a frame, before the
    window:

    - centroid: ``c = sum_k f[k] S[k] / sum_k S[k]`` in Hz;
    - bandwidth: ``sqrt(sum_k (f[k] - c)**2 S[k] / sum_k S[k])`` in Hz;
    - rolloff: the lowest ``f[k]`` up to which magnitudes add up to 85 % of their sum;
    - flatness: geometric over arithmetic mean of ``max(S[k]**2, 1e-10)``, from 0 (a tone) to 1 (flat);
    - rms: ``sqrt(mean(x**2))``;
    - zcr: changes of sign between neighbouring samples of a frame, over `n_fft`; samples from -1e-10 on
      count as positive;
    - crest: ``max(S[k]**2) / mean(S[k]**2)``, from 1 (flat) to the number of bins (a single one);
    - entropy: ``-sum_k p[k] ln p[k] / ln n_bins`` with shares ``p[k] = S[k]**2 / sum_k S[k]**2``, from 0 (all
      in one bin) to 1 (flat);
    - slope: of the line of least squares through ``S[k] / sum_k S[k]`` over ``f[k]``, in 1/Hz.

    Where there is no energy the centroid, bandwidth, rolloff and slope are 0, and flatness, crest and entropy
    are 1. Sums run in double precision.

    References
    ----------
    Geoffroy Peeters, A large set of audio features for sound description in the CUIDADO project, IRCAM,
    2004. H. Misra et al., Spectral entropy based feature for robust ASR, ICASSP 2004. Constants as in B.
    McFee et al., librosa: audio and music signal analysis in Python, SciPy 2015.

    %(examples)s
    >>> plan = sg.DescriptorPlan(sg.StftParams(512, 160, "hann"), 16000, "centroid")
    >>> centroid = plan.compute(np.sin(2 * np.pi * 1000 / 16000 * np.arange(16000)))
    >>> centroid.shape, centroid.unit
    ((1, 101), 'Hz')
    >>> round(float(centroid[0, 50]))  # of a tone of 1 kHz
    1000
    """

    __slots__ = ()
    _info_class = DescriptorInfo
    _result_class = Descriptor

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        name: str,
        dtype: DType = None,
        *,
        effort: str = "estimate",
    ) -> None:
        unit = DESCRIPTORS[as_choice("name", name, NAMES)]
        self._configure(DescriptorInfo(stft_params, sample_rate, name, unit, dtype, effort=effort))

    @classmethod
    def _output(cls, info):
        return _TABLE[info.name].output(info.stft, info.sample_rate)

    @property
    def name(self) -> str:
        """What is computed."""
        return self._info.name

    def __repr__(self) -> str:
        info = self._info
        return (
            f"DescriptorPlan({info.stft}, sample_rate={info.sample_rate:g}, {info.name!r}, "
            f"dtype={self.dtype!r})"
        )
