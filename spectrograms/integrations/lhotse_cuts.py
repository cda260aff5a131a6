"""Feature stores as lhotse's cuts."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import lhotse
import numpy as np
from lhotse.features import io
from lhotse.features.base import Features
from lhotse.utils import compute_num_frames

from spectrograms.corpus.stores.store import FeatureStore
from spectrograms.places.urls import is_url

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["StoreReader", "store_cuts"]


@lru_cache(maxsize=8)
def _store(path):
    return FeatureStore(path)


@io.register_reader
class StoreReader(io.FeaturesReader):
    """Reads the features of a store for lhotse, which finds it by the name ``spectrograms_arrow``.

    Import ``spectrograms.lhotse`` in the program that loads such cuts.

    Parameters
    ----------
    storage_path : str or path
        Folder of the store.

    See Also
    --------
    store_cuts : Makes the cuts of a store.

    Examples
    --------
    >>> from spectrograms.corpus import extract
    >>> from spectrograms.lhotse import StoreReader
    >>> report = extract("recordings", "kaldi_fbank", "features", num_threads=1)
    >>> StoreReader("features").read("first", left_offset_frames=10, right_offset_frames=15).shape
    (5, 23)
    """

    name = "spectrograms_arrow"

    def __init__(self, storage_path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        far = is_url(storage_path)
        self.storage_path: str = str(storage_path) if far else os.path.abspath(storage_path)

    def read(
        self, key: str, left_offset_frames: int = 0, right_offset_frames: int | None = None
    ) -> NDArray[Any]:
        """The features of the record with an id.

        Parameters
        ----------
        key : str
            Its id.
        left_offset_frames, right_offset_frames : int, optional
            First frame and the one after the last.

        Returns
        -------
        ndarray of float32, shape (n_frames, n_features)
            A copy.
        """
        store = _store(self.storage_path)
        frames = store.by_id(key).frames(left_offset_frames, right_offset_frames)
        return np.array(frames if store.frames_first else frames.T, np.float32, order="C")


def store_cuts(store: Any, recordings: Any = None) -> Any:
    """The records of a feature store as a set of cuts.

    Parameters
    ----------
    store : FeatureStore, str or path
        The store, or its folder.
    recordings : lhotse.RecordingSet, optional
        Adds to each cut the recording of the same id.

    Returns
    -------
    lhotse.CutSet
        One cut for each record, lazily loaded: ``cut.load_features()`` reads the store. Where a frontend
        gives another number of frames than the duration of the audio has, the cut is as long as the frames.

    Raises
    ------
    FileNotFoundError
        If there is no store.

    See Also
    --------
    spectrograms.corpus.extract : Makes a store.
    StoreReader : Reads it for lhotse.

    Examples
    --------
    >>> from spectrograms.corpus import extract
    >>> from spectrograms.lhotse import store_cuts
    >>> report = extract("recordings", "kaldi_fbank", "features", num_threads=1)
    >>> cuts = store_cuts("features")
    >>> [cut.id for cut in cuts], cuts["second"].load_features().shape
    (['first', 'second'], (198, 23))
    """
    store = store if isinstance(store, FeatureStore) else FeatureStore(store)
    rate = store.sample_rate
    step = round(store.description["frame_step"] * rate) / rate
    kind = store.config["features"].get("frontend", store.config["features"].get("type", "spectrograms"))
    cuts = []
    for record in store:
        count, seconds = record.n_frames, record.duration
        if compute_num_frames(seconds, step, rate) != count:
            seconds = count * step
        features = Features(
            type=str(kind), num_frames=count, num_features=store.n_features, frame_shift=step,
            sampling_rate=rate, start=0.0, duration=seconds, storage_type=StoreReader.name,
            storage_path=store.path, storage_key=record.id, recording_id=record.id, channels=0,
        )  # fmt: skip
        recording = None if recordings is None else recordings[record.id]
        cuts.append(
            lhotse.MonoCut(
                id=record.id, start=0.0, duration=seconds, channel=0, features=features, recording=recording
            )
        )
    return lhotse.CutSet.from_cuts(cuts)
