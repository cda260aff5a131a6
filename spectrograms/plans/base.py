"""Plans: parameters in, a configured engine out.

The only room that knows both parameter objects and the engine. A plan turns the first into numbers,
tables and stages for the second; :class:`Plan` is what all plans do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.plain import rebuild
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.loop.signals import as_signal, one_dimensional
from spectrograms._engine.memory.views import writable
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError, number
from spectrograms.params.checking import as_index
from spectrograms.plans.batch import apart, compute_all
from spectrograms.plans.findings import say
from spectrograms.plans.geometry import FrameGeometry, check_size, engine_frames, window_of
from spectrograms.plans.informed import MAX_INT64, InfoPlan
from spectrograms.plans.streaming import Stream
from spectrograms.plans.units import edge_stages, is_measured

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.plans.batch import Batch, HasArray

# The results of a plan.
_Result = TypeVar("_Result")

#: How the reference words the error for a signal without samples: in plans, in the functions for spectrograms
#: of scale and amplitude, and in those for other features.
EMPTY = "Input samples cannot be empty"
EMPTY_FOR_SPECTROGRAM = "samples array must not be empty"
EMPTY_FOR_FEATURE = "input array must not be empty"


def engine_of(outputs: list[Any], info: Any) -> Engine:
    """The engine of outputs over the frames, precision, units and effort of an info."""
    stft, measured = info.stft, info.measured
    spectra = {spectrum for spectrum, _ in outputs}
    if "samples" in spectra and measured is not None and is_measured(measured):
        raise InvalidInputError(
            "scaling and detrend must be 'none' and calibration 1 for kernels that have no window, such as "
            f"those of CqtParams, got {measured.scaling!r}, {measured.detrend!r} and "
            f"{number(measured.calibration)}"
        )
    if spectra == {"samples"}:
        frames = FrameGeometry.of(stft).whole().for_engine(None)
    elif spectra == {"reassigned"}:
        # The derivative of a window that is shorter than the transform reaches beyond it.
        geometry = FrameGeometry.of(stft)
        frames = geometry.whole().for_engine(geometry.placed(window_of(stft)))
    else:
        frames = engine_frames(stft, measured, "complex" not in spectra)
    edges = edge_stages(measured)
    if edges:
        outputs = [(kind, [*edges, *stages] if kind == "power" else stages) for kind, stages in outputs]
    steps: Any = {"remove_mean": True} if measured is not None and measured.detrend == "constant" else None
    return Engine(info.dtype == "float32", outputs=outputs, effort=info.effort, steps=steps, **frames)


@documented()
class Plan(InfoPlan, Generic[_Result]):
    """Base of all plans: computes whole signals or single frames, into new or existing memory.

    A plan is immutable, may be used from any number of threads at once, and pickles as its parameters.
    """

    __slots__ = ()
    # Each subclass sets this, too.
    _result_class: ClassVar[Any]

    def _configure(self, info):
        stft = info.stft
        if stft is None or info.sample_rate is None:
            raise InvalidInputError("stft and sample_rate of a plan must be known, got None")
        check_size(stft)
        self._info = info
        output = self._output(info)
        self._engine = engine_of([output], info)
        say(self._findings(info, output[1]))

    @classmethod
    def _output(cls, info):
        """The engine's output: the spectrum that it starts from, and the stages that follow."""
        raise NotImplementedError(f"{cls.__name__} must say what it computes")

    @classmethod
    def _findings(cls, info, stages):
        """Findings: where the stages do not deliver what the parameters seem to promise."""
        return []

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequency of each row in Hz, ndarray of float64, shape (n_bins,)."""
        return self._info.frequencies

    @overload
    def compute(self, samples: ArrayLike, out: None = None) -> _Result: ...
    @overload
    def compute(self, samples: ArrayLike, out: NDArray[Any]) -> NDArray[Any]: ...
    def compute(self, samples: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """Compute the whole signal.

        Parameters
        ----------
        samples : array_like, shape (n_samples,) or (1, n_samples)
            One signal of real numbers. Any dtype, stride or byte order; read in place and converted
            block by block where NumPy, the buffer protocol or DLPack (CPU) give access to the memory.
        out : ndarray, shape (n_bins, n_frames), optional
            Where to write instead of new memory; see :meth:`compute_into`.

        Returns
        -------
        Spectrogram or another result class, shape (n_bins, n_frames)
            Or `out`, if given.

        %(bad_samples)s

        %(examples)s
        >>> sg.StftPlan(sg.SpectrogramParams.speech_default(16000)).compute(np.ones(16000)).shape
        (257, 101)
        """
        if out is not None:
            return self.compute_into(samples, out)
        return self._compute(samples, EMPTY)

    def _compute(self, samples, empty):
        return calls.compute(self._engine, self._result_class, self._info, empty, samples)

    def compute_into(
        self, samples: ArrayLike, out: NDArray[Any], *, num_threads: int | None = None
    ) -> NDArray[Any]:
        """Compute the whole signal into an existing array.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            As for :meth:`compute`.
        out : ndarray, shape (n_bins, n_frames)
            Writable, of the plan's exact dtype, any strides. Every element is overwritten. Nothing is
            written when a check fails.
        num_threads : int, optional
            Largest number of threads for a signal of more than a millisecond's work; by default
            :func:`get_num_threads`.

        Returns
        -------
        ndarray
            `out` itself.

        Raises
        ------
        DimensionMismatchError
            If `out` has another number of rows, or of columns.
        TypeError
            If `out` is not a 2-D array of the right dtype.
        ValueError
            If `out` is read-only, or `samples` is empty.

        %(examples)s
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000))
        >>> out = np.empty(plan.output_shape(16000))
        >>> plan.compute_into(np.ones(16000), out) is out
        True
        """
        if not calls.compute_plain(self._engine, samples, out, num_threads):
            signal = as_signal(samples, EMPTY)
            shape = (self.n_bins, self._engine.frame_count(len(signal)))
            array = writable(out, shape, self._numpy_dtype())
            calls.compute_into(self._engine, apart(signal, [array]), array, EMPTY, num_threads)
        return out

    def compute_frame(self, samples: ArrayLike, frame_idx: int) -> NDArray[Any]:
        """Compute one frame of the grid that :meth:`compute` uses.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            The whole signal.
        frame_idx : int
            Any index from 0. Beyond the last frame, samples after the end are zeros.

        Returns
        -------
        ndarray, shape (n_bins,)
            Equal to column `frame_idx` of the whole result, bit for bit.

        %(examples)s
        >>> plan = sg.StftPlan(sg.SpectrogramParams.speech_default(16000))
        >>> np.array_equal(plan.compute_frame(np.ones(800), 2), plan.compute(np.ones(800))[:, 2])
        True
        """
        out = np.empty(self.n_bins, self._numpy_dtype())
        return self.compute_frame_into(samples, frame_idx, out)

    def compute_frame_into(self, samples: ArrayLike, frame_idx: int, out: NDArray[Any]) -> NDArray[Any]:
        """Compute one frame into an array.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            The whole signal.
        frame_idx : int
            As for :meth:`compute_frame`.
        out : ndarray, shape (n_bins,)
            Array to write to, of the dtype of the results.

        Returns
        -------
        ndarray
            `out`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000))
        >>> row = np.empty(plan.n_bins)
        >>> plan.compute_frame_into(np.ones(16000), 20, row) is row
        True
        """
        frame = as_index("frame_idx", frame_idx)
        hop, engine = self._info.hop_size, self._engine
        if (frame + 1) * hop + 2 * (engine.latency + max(0, engine.back)) > MAX_INT64:
            raise InvalidInputError(f"frame index overflow: frame_idx={frame} with hop_size={hop}")
        signal = as_signal(samples, EMPTY)
        array = writable(out, (self.n_bins,), self._numpy_dtype())
        calls.compute_frames(self._engine, signal, array[:, np.newaxis], frame, EMPTY)
        return out

    @overload
    def compute_batch(
        self,
        signals: list[Any] | tuple[Any, ...] | Iterator[Any],
        *,
        out: None = None,
        num_threads: int | None = None,
    ) -> Batch[_Result]: ...
    @overload
    def compute_batch(
        self,
        signals: NDArray[np.number[Any] | np.bool_],
        *,
        out: NDArray[Any] | None = None,
        num_threads: int | None = None,
    ) -> NDArray[Any]: ...
    @overload
    def compute_batch(
        self, signals: HasArray, *, out: NDArray[Any] | None = None, num_threads: int | None = None
    ) -> Any: ...
    def compute_batch(
        self,
        signals: ArrayLike | HasArray | Iterable[ArrayLike],
        *,
        out: NDArray[Any] | None = None,
        num_threads: int | None = None,
    ) -> Any:
        """Compute many signals at once, on several threads.

        Each result is, bit for bit, what :meth:`compute` gives for its signal alone.

        Parameters
        ----------
        signals : array_like, shape (..., n_samples), or sequence of array_like
            Signals of equal length as one array of 2 or 3 dimensions, or signals of any lengths as a
            sequence. Read in place and converted block by block.
        out : ndarray, shape (..., n_bins, n_frames), optional
            Where to write, for signals in one array.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        ndarray, shape (..., n_bins, n_frames)
            For signals in one array.
        Batch
            For a sequence: results in one block of memory.

        Raises
        ------
        TypeError
            If `signals` is one flat signal, or one of them is not a signal; the index is named.
        ValueError
            If a signal is empty; the index is named. Nothing is computed then.

        %(examples)s
        >>> plan = sg.StftPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000))
        >>> plan.compute_batch(np.ones((4, 16000))).shape
        (4, 257, 101)
        >>> plan.compute_batch([np.ones(16000), np.ones(8000)]).lengths
        array([101,  51])
        """
        return self._compute_all(signals, num_threads, out)

    def _compute_all(self, signals, num_threads, out):
        if out is None:
            return compute_all(self._engine, (self,), signals, num_threads)[0]

        def targets(shapes):
            return [writable(out, shapes[0], self._numpy_dtype())]

        compute_all(self._engine, (self,), signals, num_threads, targets)
        return out

    def stream(self) -> Stream:
        """Start a stream: the same frames, from chunks as they arrive.

        Returns
        -------
        Stream

        %(examples)s
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000))
        >>> noise, stream = np.random.default_rng(0).standard_normal(16000), plan.stream()
        %(same_in_pieces)s
        """
        return Stream(self._engine, self._numpy_dtype())

    # --- plans as sources: see spectrograms.features.sources ---------------------------------------------

    @property
    def n_bands(self) -> int:
        """Rows of :meth:`compute_matrix`."""
        return self.n_bins

    @property
    def center_frequencies(self) -> NDArray[np.float64]:
        """Frequency of each row in Hz, ndarray of float64, shape (n_bands,)."""
        return self.frequencies

    def compute_matrix(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the whole signal as a plain array.

        %(matrix)s

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> plan = sg.SpectrogramPlan(sg.SpectrogramParams.speech_default(16000))
        >>> matrix = plan.compute_matrix(np.ones(16000))
        >>> type(matrix).__name__, np.array_equal(matrix, plan.compute(np.ones(16000)))
        ('ndarray', True)
        """
        samples = one_dimensional(samples)
        if len(samples) == 0:
            raise InvalidInputError("samples must be non-empty")
        result: Any = self.compute(samples)
        return result.data

    def _warm(self):
        """Compute the smallest signal, so that everything made on first use exists."""
        self.compute(np.zeros(1))

    def _numpy_dtype(self):
        return np.dtype(self.dtype)


# By this name pickles of earlier versions know it.
_rebuild = rebuild
