"""Data sets of Hugging Face's library, by what they can do: it is not imported here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spectrograms.errors import InvalidInputError

# Features that hold bytes, and are no column of a store.
_MEDIA = {"Audio", "Image", "Video", "Pdf", "Nifti"}


def is_dataset(value: Any) -> bool:
    """Whether something is a data set, map-style or iterable."""
    return all(hasattr(value, name) for name in ("features", "cast_column", "with_format"))


def refuse_splits(value: Any) -> None:
    """Raise InvalidInputError for a dict of data sets."""
    if isinstance(value, dict) and value and all(map(is_dataset, value.values())):
        raise InvalidInputError(f"inputs must be one data set, got the splits {', '.join(map(str, value))}")


def rows_of(dataset: Any) -> Iterator[dict[str, Any]]:
    """The rows of a data set, whose sound is not decoded.

    Parameters
    ----------
    dataset : datasets.Dataset or datasets.IterableDataset

    Yields
    ------
    dict
        Its columns, the sound under ``audio``; ``id`` is the number of the row if there is neither an id nor
        a path.

    Raises
    ------
    InvalidInputError
        If no column is of sound, or several are and none of them is called ``audio``.
    """
    features = dataset.features or {}
    media = {name: type(feature).__name__ for name, feature in features.items()}
    media = {name: kind for name, kind in media.items() if kind in _MEDIA}
    sounds = [name for name, kind in media.items() if kind == "Audio"]
    sound = "audio" if "audio" in sounds or not features else sounds[0] if len(sounds) == 1 else None
    if sound is None and not {"path", "audio", "bytes"} & set(features):
        raise InvalidInputError(
            f"a data set must have one column of sound, got {', '.join(sounds) or 'none'}"
        )
    dataset = dataset.with_format(None)
    for name in sounds:
        dataset = dataset.cast_column(name, type(features[name])(decode=False))
    for number, row in enumerate(dataset):
        fields = {name: value for name, value in row.items() if name not in media}
        if sound is not None:
            fields["audio"] = row[sound]
        if fields.get("start") is None and fields.get("offset") is None:
            fields.pop("duration", None)  # of the whole
        path = fields.get("path") or (isinstance(fields.get("audio"), dict) and fields["audio"].get("path"))
        if fields.get("id") is None and not path:
            fields["id"] = str(number)
        yield fields
