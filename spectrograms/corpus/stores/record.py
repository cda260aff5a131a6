"""One record of a store: a view of its features, and what the other columns say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.corpus.inputs.sources import Source
from spectrograms.corpus.stores.schema import SOURCE_COLUMNS, further_kinds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.corpus.stores.store import FeatureStore


class FeatureRecord:
    """One record of a store.

    Attributes
    ----------
    features : ndarray, shape (n_bins, n_frames) or (n_frames, n_bins)
        Read-only view of the file, in the layout of the plan or frontend.

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

    __slots__ = ("_batch", "_row", "_store", "features")
    features: NDArray[Any]

    def __init__(self, store: FeatureStore, batch: Any, row: int, features: NDArray[Any]) -> None:
        self._store, self._batch, self._row = store, batch, row
        self.features = features

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
        return self.features.shape[0 if self._store.frames_first else 1]

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
            A read-only view.
        """
        cut = slice(start, stop)
        return self.features[cut] if self._store.frames_first else self.features[:, cut]

    def __reduce__(self) -> tuple[Any, ...]:
        # Only the record, not the whole batch.
        names = [name for name in self._batch.schema.names if name != "features"]
        row = self._batch.select(names).take([self._row])
        return FeatureRecord, (self._store, row, 0, np.ascontiguousarray(self.features))

    def __repr__(self) -> str:
        return f"FeatureRecord({self.id!r}, {self.features.shape}, {self.features.dtype})"
