"""One record of a store: a view of its features, and what the other columns say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.corpus.inputs.sources import Source
from spectrograms.corpus.stores.rounding import Steps, as_read
from spectrograms.corpus.stores.schema import SOURCE_COLUMNS, further_kinds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.corpus.stores.store import FeatureStore


class FeatureRecord:
    """One record of a store.

    See Also
    --------
    FeatureStore : Gives it.

    Examples
    --------
    >>> from spectrograms.corpus import FeatureStore, extract
    >>> report = extract("recordings", "librosa_mfcc", "features", num_threads=1)
    >>> record = FeatureStore("features")[1]
    >>> record.id, record.n_samples, record.duration
    ('second', 44100, 2.0)
    >>> record.frames(10, 20).shape
    (20, 10)
    """

    __slots__ = ("_batch", "_row", "_steps", "_store", "_stored")

    def __init__(
        self, store: FeatureStore, batch: Any, row: int, stored: NDArray[Any], steps: Steps | None = None
    ) -> None:
        self._store, self._batch, self._row = store, batch, row
        self._stored, self._steps = stored, steps

    @property
    def features(self) -> NDArray[Any]:
        """ndarray, shape (n_bins, n_frames) or (n_frames, n_bins), in the layout of the plan or frontend.

        A read-only view of the file; of a store of ``int8`` a new array of float32, made of the levels
        whenever it is asked for.
        """
        return self._values(self._stored)

    @property
    def stored(self) -> NDArray[Any]:
        """What the file has in place of `features`, a read-only view; of ``int8`` the levels."""
        return self._stored

    @property
    def scale(self) -> NDArray[np.float32] | None:
        """Features are ``stored * scale + offset``, in float32; None where they are stored as they are.

        Of shape (n_bins, 1) or (1, n_bins), in the layout of the features; zero of a constant feature.
        """
        return None if self._steps is None else self._beside(self._steps.scale)

    @property
    def offset(self) -> NDArray[np.float32] | None:
        """What is added to ``stored * scale``; shape and None as of `scale`."""
        return None if self._steps is None else self._beside(self._steps.offset)

    def _beside(self, numbers):
        return numbers[np.newaxis] if self._store.frames_first else numbers[:, np.newaxis]

    def _values(self, stored):
        """What readers get of some of the stored frames."""
        if self._steps is None:
            return stored
        if self._store.frames_first:
            return as_read(stored, self._steps)
        return as_read(stored.T, self._steps).T

    def _value(self, name):
        return self._batch.column(name)[self._row].as_py()

    @property
    def id(self) -> str:
        """Its name."""
        return self._value("id")

    @property
    def path(self) -> str:
        """The file it came from."""
        return self._value("path")

    @property
    def source(self) -> Source:
        """State of that file when the record was computed, a :class:`Source`."""
        names = self._batch.schema.names
        return Source(*(self._value(name) if name in names else None for name in SOURCE_COLUMNS))

    @property
    def start_frame(self) -> int:
        """Index of its first frame among those of the whole input."""
        return self._value("start_frame")

    @property
    def n_samples(self) -> int:
        """Samples that it covers."""
        return self._value("n_samples")

    @property
    def sample_rate(self) -> float:
        """Of the samples, in Hz."""
        return self._value("sample_rate")

    @property
    def duration(self) -> float:
        """Seconds of audio that it covers."""
        return self._value("duration")

    @property
    def columns(self) -> dict[str, Any]:
        """Further columns of its input, by their name; None for what it has not."""
        return {name: self._value(name) for name in further_kinds(self._batch.schema)}

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return self._stored.shape[0 if self._store.frames_first else 1]

    @property
    def times(self) -> NDArray[np.float64]:
        """Time of each frame in seconds from the start of the input, ndarray of float64."""
        description = self._store.description
        first = self.start_frame
        frames = np.arange(first, first + self.n_frames)
        return description["frame_offset"] + frames * description["frame_step"]

    def frames(self, start: int | None = None, stop: int | None = None) -> NDArray[Any]:
        """Some of the frames, in the layout of `features`; only their part of the file is read.

        Parameters
        ----------
        start, stop : int, optional
            First frame and the one after the last, as in a slice.

        Returns
        -------
        ndarray, shape (n_bins, m) or (m, n_bins)
            A read-only view, or a new array, as `features` is.

        Examples
        --------
        >>> from spectrograms.corpus import FeatureStore, extract
        >>> report = extract("recordings", "whisper_openai", "store")
        >>> FeatureStore("store").by_id("second").frames(50, 60).shape
        (80, 10)
        """
        cut = slice(start, stop)
        return self._values(self._stored[cut] if self._store.frames_first else self._stored[:, cut])

    def __reduce__(self) -> tuple[Any, ...]:
        # Only the record, not the whole batch.
        names = [name for name in self._batch.schema.names if name != "features"]
        row = self._batch.select(names).take([self._row])
        return FeatureRecord, (self._store, row, 0, np.ascontiguousarray(self._stored), self._steps)

    def __repr__(self) -> str:
        return f"FeatureRecord({self.id!r}, {self._stored.shape}, {self._stored.dtype})"
