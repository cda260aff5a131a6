"""One interface to everything that turns samples into frames: plans and frontends, also as plain data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.fingerprint import canonical_json
from spectrograms.errors import InvalidInputError, SpectrogramError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

# Infos of the plans whose values are complex.
_COMPLEX_INFOS = ("StftInfo", "CqtInfo")
_COMPLEX = "complex values cannot be stored: ask for power, magnitude or decibels"


def extractor_from(config: Any) -> Extractor:
    """Make an extractor from any description of one.

    Parameters
    ----------
    config : plan, frontend, dict or str
        A plan or a frontend, the plain data, JSON text or file of one, or the name of a frontend.

    Returns
    -------
    Extractor

    Raises
    ------
    InvalidInputError
        If the name or type is unknown, the values are complex, or the sample rate is not a whole number of
        Hz.

    See Also
    --------
    extract : Takes whatever this function takes.

    Examples
    --------
    >>> from spectrograms.corpus import extractor_from
    >>> extractor = extractor_from("whisper_openai")
    >>> extractor.sample_rate, extractor.n_features
    (16000, 80)
    """
    if isinstance(config, Extractor):
        return config
    from spectrograms._frontends.base import Frontend

    made = source_of(config)
    if isinstance(made, Frontend):
        frames_first = made.layout.startswith(("(frames", "(T"))
        return Extractor(made, made.config, made.sample_rate, frames_first)
    data = made.to_dict()
    if data["type"] in _COMPLEX_INFOS:
        raise InvalidInputError(_COMPLEX)
    return Extractor(made, data, made.sample_rate, False)


def source_of(config: Any) -> Any:
    """The plan or frontend that something describes; its values may also be complex.

    Parameters
    ----------
    config : Extractor, plan, frontend, dict or str
        As of :func:`extractor_from`.
    """
    # Imported here, because reading a store needs no transforms.
    from spectrograms.comparison.comparing import configured

    return config._source if isinstance(config, Extractor) else configured(config)


class Extractor:
    """Samples in, frames out, time first.

    Attributes
    ----------
    config : dict
        Plain data from which :func:`extractor_from` makes an equal extractor.
    fingerprint : str
        Of the plan or frontend.
    sample_rate : int
        Of the samples, in Hz.
    n_features : int
        Values in a frame.
    dtype : str
        ``"float32"`` or ``"float64"``.
    frames_first : bool
        Whether results of the plan or frontend themselves have the frames on their first axis.
    frame_step, frame_offset : float
        Time of frame t is ``frame_offset + t * frame_step``, in seconds.
    second_bytes : int
        Bytes of the features of one second: many, if clips are padded.
    """

    def __init__(self, source: Any, config: dict[str, Any], sample_rate: float, frames_first: bool) -> None:
        rate = int(sample_rate)
        if rate != sample_rate:
            raise InvalidInputError(f"sample_rate must be a whole number of Hz, got {sample_rate}")
        dtype = np.dtype(source.dtype)
        if dtype.kind != "f":
            raise InvalidInputError(_COMPLEX)
        self._source = source
        self.config: dict[str, Any] = config
        self.fingerprint: str = source.fingerprint
        self.sample_rate: int = rate
        self.n_features: int = source.n_bins
        self.dtype: str = dtype.name
        self.frames_first: bool = frames_first
        offset, step = frame_times(source, rate)
        self.frame_offset: float = offset
        self.frame_step: float = step
        self.second_bytes: int = len(source.times(rate)) * source.n_bins * dtype.itemsize

    def compute(self, samples: ArrayLike) -> NDArray[Any]:
        """Features of a signal, C-contiguous ndarray of shape (n_frames, n_features)."""
        return self._frames(self._source.compute(samples))

    def compute_into(
        self, samples: NDArray[Any], take: Callable[[int], tuple[NDArray[Any], int]]
    ) -> tuple[NDArray[Any], int]:
        """Features of a signal, as of :meth:`compute`, in memory of the caller's.

        Parameters
        ----------
        samples : ndarray, shape (n_samples,)
        take : callable
            Gives an array (n_frames, n_features) to write to, and something to return with it, for a number
            of frames.

        Returns
        -------
        tuple
            What `take` has given.
        """
        source = self._source
        shape = source.output_shape(len(samples))
        n_frames, width = shape if self.frames_first else shape[::-1]
        if width != self.n_features:
            raise self._another(shape)
        given = take(n_frames)
        # One thread, because signals are already distributed among threads.
        out = given[0] if self.frames_first else given[0].T
        source.compute_into(samples, out, num_threads=1)
        return given

    def is_plain(self) -> bool:
        """Whether another process makes the same of `config`: not if a user's class computes."""
        try:
            other = extractor_from(json.loads(canonical_json(self.config)))
        except (TypeError, ValueError, RecursionError, SpectrogramError):
            return False
        same = type(other) is type(self) and type(other._source) is type(self._source)
        return same and other.fingerprint == self.fingerprint

    def stream(self, first: int = 0) -> Any:
        """Start a stream whose `push` and `flush` return arrays of shape (m, n_features).

        Parameters
        ----------
        first : int, default 0
            The frame to begin with, and with the sample that :meth:`stretch` names.

        Raises
        ------
        InvalidInputError
            If the frontend needs the whole clip.
        """
        stream = self._source.stream()
        if first:
            stream._go_to(first)
        return _Stream(stream, self._time_major)

    def stretch(self, first: int, stop: int, n_samples: int) -> tuple[int, int] | None:
        """The samples that some frames of a long signal are computed from.

        Parameters
        ----------
        first, stop : int
            Of the frames, `stop` not included.
        n_samples : int
            Of the whole signal.

        Returns
        -------
        tuple of int, or None
            First sample, and the one after the last. None if the frames depend on more than these: on the
            end of the signal, or on all that came before.
        """
        stream = self._source.stream()
        if not getattr(stream, "_separable", False):
            return None
        begin, end = stream._stretch(first, stop)
        # What stands beside the end of a signal may mirror the last samples of it.
        if end + stream._engine.reach + 2 > n_samples or stream._available(end) < stop:
            return None
        return begin, end

    @property
    def frequencies(self) -> NDArray[np.float64] | None:
        """Frequency of each value of a frame in Hz; None where they have none."""
        return getattr(self._source, "frequencies", None)

    def _frames(self, result):
        frames = self._time_major(result if isinstance(result, np.ndarray) else result.data)
        if frames.shape[1:] != (self.n_features,):
            raise self._another(frames.shape)
        return frames

    def _another(self, shape):
        # Some frontends give another shape for short clips.
        return InvalidInputError(
            f"features must have {self.n_features} values in each frame, got shape {shape}"
        )

    def _time_major(self, values):
        return np.ascontiguousarray(values if self.frames_first else values.T)

    def __repr__(self) -> str:
        return f"Extractor({self._source!r})"


class _Stream:
    """A stream with the time first."""

    def __init__(self, stream, time_major):
        self._stream = stream
        self._time_major = time_major

    def push(self, chunk):
        return self._time_major(self._stream.push(chunk))

    def flush(self):
        return self._time_major(self._stream.flush())


def frame_times(source: Any, sample_rate: int) -> tuple[float, float]:
    """Time of the first frame of a plan or frontend, and from one frame to the next, in seconds."""
    n = sample_rate
    while len(times := source.times(n)) < 2:
        n *= 2
    return float(times[0]), float(times[1] - times[0])
