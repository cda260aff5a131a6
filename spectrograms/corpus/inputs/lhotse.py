"""Manifests of lhotse: cuts, or whole recordings, whose sound is in files."""

from __future__ import annotations

import os
from typing import Any

from spectrograms.errors import InvalidInputError, shown

# What an object of lhotse's has, and none of ours.
_MARKS = {"recording", "sources", "recording_id", "supervisions", "tracks"}
# Of a supervision, columns of its own; the others stand in the list of all.
_SAID = ("text", "speaker", "language", "gender")
# A cut that is as long as its recording, within this many seconds, is all of it.
_SAME = 1e-3


def is_cut(row: dict[str, Any]) -> bool:
    """Whether an object is a cut, a recording or a supervision of lhotse's."""
    return "path" not in row and "audio_filepath" not in row and bool(_MARKS & set(row))


def fields_of(row: dict[str, Any], where: str) -> dict[str, Any]:
    """The fields of an item, as those of our own manifests.

    Parameters
    ----------
    row : dict
        A cut of one recording, or a recording.
    where : str
        Where it stands, for messages.

    Raises
    ------
    InvalidInputError
        If its sound is a mix, or a part of one, or is not in a file.
    """
    if "sources" in row:
        return {"id": row.get("id"), "path": _file_of(row, where)}
    recording = row.get("recording")
    if not isinstance(recording, dict):
        kind = "a mix of several" if "tracks" in row else "without a recording"
        raise InvalidInputError(f"{where}: a cut must be of one recording, got one {kind}")
    path = _file_of(recording, where)
    channels, all_channels = (_channels(value) for value in (row.get("channel"), _all_channels(recording)))
    if channels and all_channels and channels != all_channels:
        raise InvalidInputError(
            f"{where}: a cut must have all channels of its recording {all_channels}, got {channels}"
        )
    fields: dict[str, Any] = {"id": row.get("id"), "path": path}
    start, duration, whole = row.get("start") or 0.0, row.get("duration"), recording.get("duration")
    known = isinstance(whole, float | int) and isinstance(duration, float | int)
    if start or not known or abs(float(whole or 0) - float(duration or 0)) > _SAME:
        fields |= {"start": start, "duration": duration}
    return {**_columns(row), **fields}


def _columns(row):
    custom = row.get("custom")
    columns = dict(custom) if isinstance(custom, dict) else {}
    said = row.get("supervisions") or []
    if isinstance(said, list) and len(said) == 1 and isinstance(said[0], dict):
        columns |= {name: said[0][name] for name in _SAID if said[0].get(name) is not None}
    elif said:
        columns["supervisions"] = said
    return columns


def _file_of(recording, where):
    """The path of a recording that is one file, as it was recorded."""
    if recording.get("transforms"):
        raise InvalidInputError(f"{where}: a recording must be as it is in its file, got one with transforms")
    sources = recording.get("sources")
    if not isinstance(sources, list) or len(sources) != 1 or not isinstance(sources[0], dict):
        raise InvalidInputError(f"{where}: a recording must have one source, got {shown(sources)}")
    if sources[0].get("type") != "file":
        raise InvalidInputError(
            f"{where}: the source of a recording must be a file, got {shown(sources[0].get('type'))}"
        )
    path = sources[0].get("source")
    if not isinstance(path, str):
        raise InvalidInputError(f"{where}: the source of a recording must be a path, got {shown(path)}")
    return path


def _all_channels(recording):
    return recording.get("channel_ids") or recording["sources"][0].get("channels")


def _channels(value):
    if isinstance(value, int):
        return [value]
    return sorted(value) if isinstance(value, list) and all(isinstance(k, int) for k in value) else []


def base_of(path: str, folder: str) -> str:
    """The folder of a relative path: the current one, as in lhotse, if the file is there."""
    return "" if os.path.exists(path) else folder
