"""The inverse of the short-time Fourier transform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_VALUES
from spectrograms._common.plain import PlainData, fields
from spectrograms._engine.memory.views import writable
from spectrograms._engine.transforms.synthesis import Synthesis
from spectrograms.errors import InvalidInputError, unsaid
from spectrograms.features import overlap_add
from spectrograms.features.matrix import as_spectra
from spectrograms.params import SpectrogramParams, StftParams, as_window, parse_dtype
from spectrograms.params.base import from_dict
from spectrograms.params.checking import as_bool, as_choice, as_count, as_index
from spectrograms.params.dtype import COMPLEX
from spectrograms.plans.batch import apart
from spectrograms.plans.geometry import FrameGeometry, window_of
from spectrograms.plans.infos import EFFORTS
from spectrograms.plans.units import is_measured

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType
    from spectrograms.params.window import WindowType
    from spectrograms.plans.batch import Batch, HasArray


@documented()
class IstftPlan(PlainData):
    """Inverse short-time Fourier transform with everything built once.

    Parameters
    ----------
    params : StftParams or SpectrogramParams
        Transform size, hop, window and centring of the analysis.
    %(dtype)s
    %(effort)s

    Raises
    ------
    InvalidInputError
        If `dtype` or `effort` is not one of these.
    TypeError
        If `params` is of another class.
    MemoryError
        If ``n_fft`` exceeds 2**28.

    Warns
    -----
    SpectrogramWarning
        If there are samples between the first and the last covered one that no window covers.

    See Also
    --------
    compute_istft : Makes and uses it in one call.
    StftPlan : The transform that this inverts.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> transform = sg.StftPlan(params).compute(noise)
    >>> plan = sg.IstftPlan(params)
    >>> plan.output_length(transform.n_frames)
    16000
    >>> np.allclose(plan.compute(transform), noise)
    True
    """

    __slots__ = ("__weakref__", "_dtype", "_effort", "_geometry", "_params", "_stft", "_synthesis")

    def __init__(
        self,
        params: StftParams | SpectrogramParams,
        dtype: DType = "float64",
        *,
        effort: str = "estimate",
    ) -> None:
        stft = params.stft if isinstance(params, SpectrogramParams) else params
        if not isinstance(stft, StftParams):
            raise TypeError(f"params must be StftParams or SpectrogramParams, got {type(params).__name__}")
        self._stft = stft
        self._dtype = parse_dtype(dtype)
        self._effort = as_choice("effort", effort, EFFORTS)
        self._geometry = FrameGeometry.of(stft)
        # With the factor that the transform has taken along, the inverse takes it back.
        measured = params if isinstance(params, SpectrogramParams) and is_measured(params) else None
        if measured is not None and measured.detrend != "none":
            raise InvalidInputError(f"detrend must be 'none' to invert, got {measured.detrend!r}")
        self._params = measured or stft
        window = self._geometry.placed(window_of(stft, measured, one_sided=False))
        self._synthesis = Synthesis(self._dtype == "float32", stft.n_fft, stft.hop_size, window, self._effort)
        if not self._synthesis.unbroken:
            overlap_add.say_uncovered(window, stft.hop_size, self._geometry.reach)

    @property
    def dtype(self) -> str:
        """Precision of arithmetic and result: ``"float32"`` or ``"float64"``."""
        return self._dtype

    @property
    def params(self) -> StftParams:
        """The parameters of the transform to invert."""
        return self._stft

    @property
    def effort(self) -> str:
        """How long FFTW was allowed to look for the fastest transform."""
        return self._effort

    @property
    def n_bins(self) -> int:
        """Rows of the matrices to invert, ``n_fft // 2 + 1``."""
        return self._stft.n_fft // 2 + 1

    def output_length(self, n_frames: int) -> int:
        """Number of samples that `n_frames` frames give, an int >= 1.

        Parameters
        ----------
        n_frames : int
            At least 1.

        Returns
        -------
        int
            Length of what :meth:`compute` returns by default.

        %(plain_examples)s
        >>> sg.IstftPlan(sg.StftParams(512, 128, "hann")).output_length(126)
        16000
        """
        return self._geometry.covered(as_count("n_frames", n_frames))[1]

    def compute(
        self, stft_matrix: ArrayLike, out: NDArray[Any] | None = None, *, length: int | None = None
    ) -> NDArray[np.floating[Any]]:
        """Invert the transform by weighted overlap-add.

        Parameters
        ----------
        stft_matrix : array_like of complex, shape (n_fft // 2 + 1, n_frames)
            An StftResult, or any 2-D array.
        out : ndarray, shape (n_samples,), optional
            Writable, of the plan's dtype, any stride.
        length : int, optional
            Number of samples to return: fewer, or zeros after those that the frames cover. Given, a centred
            transform also returns what its last frames hold beyond their centre.

        Returns
        -------
        ndarray, shape (n_samples,)

        Raises
        ------
        DimensionMismatchError
            If there is another number of rows than ``n_fft // 2 + 1``.
        InvalidInputError
            If there is no frame.

        %(examples)s
        >>> plan = sg.IstftPlan(sg.StftParams(512, 128, "hann"))
        >>> plan.compute(np.zeros((257, 126))).shape
        (16000,)
        >>> plan.compute(np.zeros((257, 126)), length=15000).shape
        (15000,)
        """
        matrix = self._checked(stft_matrix)
        skip, covered = self._geometry.covered(matrix.shape[1])
        if length is None:
            length = covered
        else:
            length = as_index("length", length)
            if length > MAX_VALUES:
                raise MemoryError(f"length: {length} samples do not fit in memory")
            skip = self._geometry.reach
            covered = min(length, self._geometry.span(matrix.shape[1]) - skip)
        dtype = np.dtype(self._dtype)
        if out is None:
            out = array = np.empty(length, dtype)
        else:
            array = writable(out, (length,), dtype)
            matrix = apart(matrix, [array])
        for _ in overlap_add.steps(self._synthesis, matrix, self._complex_dtype(), array[:covered], skip):
            pass
        array[covered:] = 0
        return out

    def _checked(self, stft_matrix):
        matrix = as_spectra(stft_matrix, self.n_bins)
        if matrix.shape[1] == 0:
            raise InvalidInputError(f"stft_matrix must have at least one frame, got shape {matrix.shape}")
        return matrix

    def _warm(self):
        self.compute(np.zeros((self.n_bins, 1)))

    def _complex_dtype(self):
        return np.dtype(COMPLEX[self._dtype])

    def _steps(self, matrix, out):
        return overlap_add.steps(
            self._synthesis, matrix, self._complex_dtype(), out, self._geometry.covered(matrix.shape[1])[0]
        )

    @overload
    def compute_batch(
        self,
        stft_matrices: list[Any] | tuple[Any, ...] | Iterator[Any] | Batch[Any],
        *,
        out: None = None,
        num_threads: int | None = None,
    ) -> Batch[NDArray[np.floating[Any]]]: ...
    @overload
    def compute_batch(
        self,
        stft_matrices: NDArray[np.number[Any] | np.bool_],
        *,
        out: NDArray[Any] | None = None,
        num_threads: int | None = None,
    ) -> NDArray[np.floating[Any]]: ...
    @overload
    def compute_batch(
        self, stft_matrices: HasArray, *, out: NDArray[Any] | None = None, num_threads: int | None = None
    ) -> Any: ...
    def compute_batch(
        self,
        stft_matrices: ArrayLike | HasArray | Iterable[ArrayLike],
        *,
        out: NDArray[Any] | None = None,
        num_threads: int | None = None,
    ) -> Any:
        """Invert many transforms at once, on several threads.

        Each result is, bit for bit, what :meth:`compute` gives for its matrix alone.

        Parameters
        ----------
        stft_matrices : array_like of complex, shape (..., n_bins, n_frames), or sequence
            Matrices of equal shape as one array of 3 or 4 dimensions, or a sequence (such as a Batch) of
            matrices with any numbers of frames.
        out : ndarray, shape (..., n_samples), optional
            Where to write, for matrices in one array; any strides.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        ndarray, shape (..., n_samples)
            For matrices in one array.
        Batch
            For a sequence: 1-D arrays in one block of memory.

        Raises
        ------
        DimensionMismatchError, InvalidInputError, TypeError
            If a matrix does not fit; the index is named. Nothing is computed then.

        %(examples)s
        >>> plan = sg.IstftPlan(sg.StftParams(512, 128, "hann"))
        >>> plan.compute_batch(np.zeros((3, 257, 126))).shape
        (3, 16000)
        """
        return overlap_add.compute_batch(self, stft_matrices, out, num_threads)

    def stream(self) -> overlap_add.IstftStream:
        """Start a stream: the same samples, from frames as they arrive.

        Returns
        -------
        IstftStream

        %(examples)s
        >>> stream = sg.IstftPlan(sg.StftParams(512, 128, "hann")).stream()
        >>> sum(len(stream.push(frames)) for frames in np.zeros((6, 257, 21))) + len(stream.flush())
        16000
        """
        return overlap_add.IstftStream(self)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain types, for :meth:`from_dict`.

        %(plain_examples)s
        >>> sg.IstftPlan(sg.StftParams(512, 160, "hann")).to_dict()["type"]
        'IstftPlan'
        """
        data = {"type": "IstftPlan", "params": self._params.to_dict(), "dtype": self._dtype}
        return data if self._effort == "estimate" else {**data, "effort": self._effort}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Rebuild a plan from `data`, the dict of :meth:`to_dict`.

        %(no_description)s

        %(plain_examples)s
        >>> plan = sg.IstftPlan(sg.StftParams(512, 160, "hann"))
        >>> sg.IstftPlan.from_dict(plan.to_dict()) == plan
        True
        """
        data = fields("data", data, "IstftPlan", ("params", "dtype"), ("effort",))
        params: Any = from_dict(data["params"])
        with unsaid():
            return cls(params, data["dtype"], effort=data.get("effort", "estimate"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IstftPlan) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((IstftPlan, self._params, self._dtype, self._effort))

    def __repr__(self) -> str:
        return f"IstftPlan({self._params}, dtype={self._dtype!r})"


overlap_add.IstftStream._plan_class = IstftPlan


# By this name pickles of earlier versions know it.
_rebuild = IstftPlan.from_dict


@lru_cache(maxsize=64)
def _istft_plan(n_fft, hop_size, window, center, dtype):
    return IstftPlan(StftParams(n_fft, hop_size, window, center), dtype)


@documented()
def compute_istft(
    stft_matrix: ArrayLike,
    n_fft: int,
    hop_size: int,
    window: WindowType | str | ArrayLike,
    center: bool = True,
    dtype: DType = "float64",
    *,
    length: int | None = None,
) -> NDArray[np.floating[Any]]:
    """Invert a short-time Fourier transform.

    Parameters
    ----------
    stft_matrix : array_like of complex, shape (n_fft // 2 + 1, n_frames)
        As :func:`compute_stft` returns it. Imaginary parts of the DC and Nyquist bins are ignored.
    n_fft, hop_size : int
        Length of the transform and step between frames, ``hop_size <= n_fft``.
    window : WindowType, str or array_like
        The window of the analysis.
    center : bool
        Whether frames were centred: drop ``n_fft // 2`` samples at both ends.
    %(dtype)s
    length : int, optional
        Number of samples to return, such as that of the signal: fewer than the frames cover, or zeros after
        them. Given, a centred transform also returns what its last frames hold beyond their centre.

    Returns
    -------
    ndarray, shape (n_samples,)
        `length` samples if given. Else ``(n_frames - 1) * hop_size + n_fft`` samples, less
        ``2 * (n_fft // 2)`` where centred; a single centred frame of even length is returned whole.

    Raises
    ------
    ValueError
        If `n_fft` or `hop_size` is 0, or `dtype` unknown.
    TypeError
        If `stft_matrix` is not 2-D.
    DimensionMismatchError
        If it has another number of rows than ``n_fft // 2 + 1``.
    InvalidInputError
        If ``hop_size > n_fft``, there is no frame, or a custom window has another length.

    Warns
    -----
    SpectrogramWarning
        At the first call with such parameters, if there are samples between the first and the last covered
        one that no window covers.

    See Also
    --------
    compute_stft : The transform that this inverts.
    IstftPlan : The same with the tables kept.
    griffin_lim : Where only magnitudes are known.

    Notes
    -----
    ``x[n] = sum_t w[n - t hop_size] y_t[n - t hop_size] / sum_t w[n - t hop_size]**2``: frames y_t are
    windowed again, added, and divided by the sum of the squared windows where that exceeds 1e-10. Where it
    does not, the signal does not come back (the condition called NOLA); whether windows add up to a constant
    (COLA) is of no importance. Spectra that have been changed need not belong to any signal: the result is
    the one whose transform comes closest, by the sum of squares. Sample n is at ``n / sample_rate`` seconds.
    A window that was shorter than the frame is given as an array with zeros on both sides, or as `win_length`
    of :class:`IstftPlan`'s parameters.

    References
    ----------
    D. W. Griffin and J. S. Lim, Signal estimation from modified short-time Fourier transform, IEEE Trans.
    ASSP 32, 1984.

    Examples
    --------
    Filter a signal by its transform, here everything above 4 kHz:

    >>> import numpy as np
    >>> import spectrograms as sg
    >>> noise = np.random.default_rng(0).standard_normal(16000)
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
    >>> spectrum = sg.compute_stft(noise, params).data
    >>> spectrum[128:] = 0.0
    >>> filtered = sg.compute_istft(spectrum, 512, 128, "hann", length=16000)
    >>> filtered.shape, bool(filtered.std() < noise.std())
    ((16000,), True)

    Take from a sine in noise what is weaker than a tenth of it:

    >>> sine = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> spectrum = sg.compute_stft(sine + 0.1 * noise, params).data
    >>> spectrum[abs(spectrum) < 0.1 * abs(spectrum).max()] = 0.0
    >>> cleaned = sg.compute_istft(spectrum, 512, 128, "hann", length=16000)
    >>> bool((cleaned - sine)[512:-512].std() < 0.025)
    True
    """
    n_fft = as_count("n_fft", n_fft, zero="n_fft must be non-zero positive integer")
    hop_size = as_count("hop_size", hop_size, zero="hop_size must be non-zero positive integer")
    window = as_window(window)
    center = as_bool("center", center)
    dtype = parse_dtype(dtype)
    matrix = as_spectra(stft_matrix, n_fft // 2 + 1)
    return _istft_plan(n_fft, hop_size, window, center, dtype).compute(matrix, length=length)
