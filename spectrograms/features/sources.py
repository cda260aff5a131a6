"""Sources: one way to ask anything for a matrix over time, whatever its rows are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from spectrograms._common.documenting import documented
from spectrograms.features.chroma import ChromaPlan
from spectrograms.features.constant_q import cqt
from spectrograms.features.gammatone import gammatone_center_frequencies, gammatone_iir_spectrogram
from spectrograms.features.mfcc import MfccPlan
from spectrograms.filterbanks.constant_q import cqt_frequencies
from spectrograms.params import ChromaParams, CqtParams, ErbParams, MfccParams, StftParams
from spectrograms.params.checking import as_count, as_instance
from spectrograms.params.stft import as_sample_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ChromaSource", "CqtSource", "GammatoneSource", "MfccSource", "SpectrogramSource"]


_documented = documented(rate="Parameters\n----------\n%(sample_rate)s")


@runtime_checkable
@documented()
class SpectrogramSource(Protocol):
    """Turns a signal into a matrix of bands and frames. Every plan is one.

    See Also
    --------
    SpectrogramPlan, GammatoneSource, CqtSource, ChromaSource, MfccSource : All of them are sources.

    %(examples)s
    >>> stft = sg.StftParams(512, 160, "hann")
    >>> sources = [
    ...     sg.SpectrogramPlan(sg.SpectrogramParams(stft, 16000), sg.MelParams(80, 0.0, 8000.0)),
    ...     sg.MfccSource(16000, stft, 40, sg.MfccParams(13)),
    ... ]
    >>> [source.compute_matrix(np.ones(16000)).shape for source in sources]
    [(80, 101), (13, 101)]
    >>> all(isinstance(source, sg.SpectrogramSource) for source in sources)
    True
    """

    @property
    def n_bands(self) -> int:
        """int: rows of the matrix."""

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_bands,): what each row is about, mostly a frequency in Hz."""

    @property
    def sample_rate(self) -> float:
        """float: samples per second of the signals."""

    @property
    def hop_seconds(self) -> float:
        """float: seconds from one frame to the next."""

    def compute_matrix(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the matrix of a signal.

        %(matrix)s

        %(examples)s
        >>> source = sg.ChromaSource(22050, sg.StftParams(2048, 512, "hann"), sg.ChromaParams())
        >>> source.compute_matrix(np.ones(22050)).shape
        (12, 44)
        """


def _set(source, **values):
    """Store what a frozen source derives from its arguments."""
    for name, value in values.items():
        object.__setattr__(source, name, value)


class _HopSource:
    """A source that is told its hop."""

    sample_rate: float
    hop_size: int

    @property
    def hop_seconds(self) -> float:
        """float: seconds from one frame to the next."""
        return self.hop_size / self.sample_rate


@dataclass(frozen=True)
@_documented
class GammatoneSource(_HopSource):
    """Gammatone filters in the time domain; see `gammatone_iir_spectrogram`.

    %(rate)s
    frame_size, hop_size : int
        Length of a frame and step between frames, in samples.
    erb_params : ErbParams
        Number, range and spacing of the filters; kept as `params`.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive, or a size is 0.

    See Also
    --------
    gammatone_iir_spectrogram : The definition.
    SpectrogramSource : What all sources have.

    %(examples)s
    >>> source = sg.GammatoneSource(16000, 512, 160, sg.ErbParams(16, 100.0, 4000.0, spacing="erb_rate"))
    >>> source.n_bands, source.hop_seconds
    (16, 0.01)
    >>> source.compute_matrix(np.ones(4000)).shape
    (16, 22)
    """

    sample_rate: float
    frame_size: int
    hop_size: int
    params: ErbParams

    def __init__(self, sample_rate: float, frame_size: int, hop_size: int, erb_params: ErbParams) -> None:
        _set(
            self,
            sample_rate=as_sample_rate(sample_rate),
            frame_size=as_count("frame_size", frame_size),
            hop_size=as_count("hop_size", hop_size),
            params=as_instance("erb_params", erb_params, ErbParams),
        )

    @property
    def n_bands(self) -> int:
        """int: number of filters."""
        return self.params.n_filters

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_bands,): centre of every filter in Hz."""
        return gammatone_center_frequencies(self.params)

    def compute_matrix(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the level of every filter; see `SpectrogramSource.compute_matrix`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> source = sg.GammatoneSource(16000, 512, 160, sg.ErbParams(16, 100.0, 4000.0, spacing="erb_rate"))
        >>> bool((source.compute_matrix(np.ones(4000)) >= 0).all())
        True
        """
        return gammatone_iir_spectrogram(
            samples, self.sample_rate, self.frame_size, self.hop_size, self.params
        )[0]


@dataclass(frozen=True)
@_documented
class CqtSource(_HopSource):
    """Magnitudes of the constant-Q transform; see `cqt`.

    %(rate)s
    hop_size : int
        Samples from one frame to the next.
    cqt_params : CqtParams
        Bins and kernels; kept as `params`.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive, or the hop 0.

    See Also
    --------
    cqt : The definition.
    SpectrogramSource : What all sources have.

    %(examples)s
    >>> source = sg.CqtSource(22050, 512, sg.CqtParams(12, 3, 220.0))
    >>> source.compute_matrix(np.ones(22050)).shape
    (36, 12)
    """

    sample_rate: float
    hop_size: int
    params: CqtParams

    def __init__(self, sample_rate: float, hop_size: int, cqt_params: CqtParams) -> None:
        _set(
            self,
            sample_rate=as_sample_rate(sample_rate),
            hop_size=as_count("hop_size", hop_size),
            params=as_instance("cqt_params", cqt_params, CqtParams),
        )

    @property
    def n_bands(self) -> int:
        """int: bins below half the sample rate."""
        return len(self.center_frequencies)

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_bands,): frequency of every bin in Hz."""
        params = self.params
        frequencies = cqt_frequencies(params.bins_per_octave, params.n_octaves, params.f_min)
        return frequencies[frequencies < self.sample_rate / 2]

    def compute_matrix(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the magnitudes; see `SpectrogramSource.compute_matrix`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.CqtSource(22050, 512, sg.CqtParams(12, 3, 220.0)).compute_matrix(np.ones(22050)).shape
        (36, 12)
        """
        return cqt(samples, self.sample_rate, self.params, self.hop_size).to_magnitude()


class _PlanSource:
    """A source that has a plan do everything."""

    _plan: Any

    @property
    def n_bands(self) -> int:
        """int: rows of the matrix."""
        return self._plan.n_bands

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """ndarray of float64, shape (n_bands,): what each row is about; see the plan."""
        return self._plan.center_frequencies

    @property
    def hop_seconds(self) -> float:
        """float: seconds from one frame to the next."""
        return self._plan.hop_seconds

    def compute_matrix(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the matrix; see `SpectrogramSource.compute_matrix`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> source = sg.MfccSource(16000, sg.StftParams(512, 160, "hann"), 40, sg.MfccParams(13))
        >>> source.compute_matrix(np.ones(8000)).shape
        (13, 51)
        """
        return self._plan.compute_matrix(samples)


@dataclass(frozen=True)
@_documented
class ChromaSource(_PlanSource):
    """Energy of the twelve pitch classes; see `compute_chromagram`.

    %(rate)s
    %(stft_params)s
    chroma_params : ChromaParams
        Tuning, range and scaling; kept as `params`.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive.

    See Also
    --------
    compute_chromagram : The definition.
    SpectrogramSource : What all sources have.

    %(examples)s
    >>> source = sg.ChromaSource(22050, sg.StftParams(2048, 512, "hann"), sg.ChromaParams())
    >>> source.n_bands, source.compute_matrix(np.ones(22050)).shape
    (12, (12, 44))
    """

    sample_rate: float
    stft_params: StftParams
    params: ChromaParams
    _plan: ChromaPlan = field(repr=False, compare=False)

    def __init__(self, sample_rate: float, stft_params: StftParams, chroma_params: ChromaParams) -> None:
        plan = ChromaPlan(stft_params, sample_rate, chroma_params)
        _set(self, sample_rate=plan.sample_rate, stft_params=stft_params, params=chroma_params, _plan=plan)


@dataclass(frozen=True)
@_documented
class MfccSource(_PlanSource):
    """Mel-frequency cepstral coefficients; see `compute_mfcc`.

    %(rate)s
    %(stft_params)s
    n_mels : int
        Number of mel bands.
    mfcc_params : MfccParams
        Number and scaling of the coefficients; kept as `params`.

    Raises
    ------
    InvalidInputError
        If the sample rate is not finite and positive, or there are more coefficients than bands.

    See Also
    --------
    compute_mfcc : The definition.
    SpectrogramSource : What all sources have.

    %(examples)s
    >>> source = sg.MfccSource(16000, sg.StftParams(512, 160, "hann"), 40, sg.MfccParams(13))
    >>> source.n_bands, source.compute_matrix(np.ones(16000)).shape
    (13, (13, 101))
    """

    sample_rate: float
    stft_params: StftParams
    n_mels: int
    params: MfccParams
    _plan: MfccPlan = field(repr=False, compare=False)

    def __init__(
        self, sample_rate: float, stft_params: StftParams, n_mels: int, mfcc_params: MfccParams
    ) -> None:
        plan = MfccPlan(stft_params, sample_rate, n_mels, mfcc_params)
        _set(
            self,
            sample_rate=plan.sample_rate,
            stft_params=stft_params,
            n_mels=plan.n_mels,
            params=mfcc_params,
            _plan=plan,
        )
