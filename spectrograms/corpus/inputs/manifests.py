"""Files that list what to extract: lists of paths, tables, JSON of several kinds, Kaldi's wav.scp."""

from __future__ import annotations

import csv
import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from typing import Any, TextIO

from spectrograms._common.files import as_text
from spectrograms._common.plain import parse
from spectrograms.corpus.inputs import lhotse
from spectrograms.corpus.inputs.items import Item, item_in, item_of
from spectrograms.corpus.inputs.tarred import Archives
from spectrograms.errors import InvalidInputError, shown
from spectrograms.places.paths import folder_of, is_file, joined
from spectrograms.places.remote import content_of
from spectrograms.places.urls import Url

#: Rows of a file: where each stands, and its columns.
_Rows = Iterator[tuple[str, dict[str, Any]]]


def items_of(path: str, suffix: str) -> list[Item]:
    """The items that a file lists, with paths relative to its folder.

    Paths in Kaldi's lists are relative to the current folder, as in Kaldi, if the file exists there.

    Parameters
    ----------
    path : str
    suffix : str
        One of :data:`SUFFIXES`.

    Raises
    ------
    InvalidInputError
        If the file cannot be understood, or lists nothing.
    OSError
        If it cannot be read.
    """
    if not isinstance(path, Url) and not stat.S_ISREG(os.stat(path).st_mode):
        raise InvalidInputError(f"input {as_text(path)!r} must be a regular file, got a pipe or a device")
    folder = folder_of(path)
    read = _KINDS[suffix]
    archives = Archives(folder)
    try:
        with _lines_of(path, gzip.open if suffix.endswith(".gz") else open) as file:
            items = [_item(fields, folder, where, read, archives) for where, fields in read(file, path)]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInputError(f"{as_text(path)} cannot be read: {error}") from None
    if not items:
        what = "paths, one a line" if read is _list else "rows"
        kind = "list" if read is _list else "manifest"
        raise InvalidInputError(f"{kind} {as_text(path)!r} must hold {what}, got none")
    return items


def _lines_of(path, opened=open):
    """A file, or an object, opened as text."""
    kinds = {"encoding": "utf-8-sig", "errors": "surrogateescape", "newline": ""}
    if not isinstance(path, Url):
        return opened(path, "rt", **kinds)
    content = io.BytesIO(content_of(path))
    return io.TextIOWrapper(content if opened is open else gzip.GzipFile(fileobj=content), **kinds)


def suffix_in(path: str) -> str | None:
    """The suffix of a list or manifest, one of :data:`SUFFIXES`; None of any other file."""
    name = os.path.basename(path).lower()
    return next((suffix for suffix in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(suffix)), None)


def _item(fields, folder, where, read, archives):
    """An item from a row."""
    if lhotse.is_cut(fields):
        fields = lhotse.fields_of(fields, where)
        return item_of(fields, lhotse.base_of(fields["path"], folder), where)
    if archives.has(fields):
        return item_in(where, *archives.find(fields, where))
    # In Kaldi's lists the current folder, if the file is there.
    is_here = read is _scp and os.path.exists(fields["path"])
    return item_of(fields, "" if is_here else folder, where)


def _list(file: TextIO, path: str) -> _Rows:
    """A path on every line that is not blank. There are no comments: names may begin with any character."""
    for number, line in enumerate(file, 1):
        if line := line.strip():
            yield f"{as_text(path)}, line {number}", {"path": line}


def _table(file: TextIO, path: str) -> _Rows:
    reader = csv.DictReader(file, delimiter="\t" if path.lower().endswith(".tsv") else ",")
    try:
        names = [as_text(name) for name in reader.fieldnames or ()]
        if not {"path", "audio_filepath"}.intersection(names):
            raise InvalidInputError(
                f"{as_text(path)}: columns must include path, got {_few(names) or 'none'}"
            )
        for fields in reader:
            where = f"{as_text(path)}, line {reader.line_num}"
            if None in fields:
                # A comma in an unquoted name would otherwise cut it.
                raise InvalidInputError(
                    f"{where}: expected {len(names)} cells, got more: quote those that hold a separator"
                )
            # Empty cells are missing values.
            yield where, {name: value for name, value in fields.items() if value not in (None, "")}
    except csv.Error as error:
        raise InvalidInputError(
            f"{as_text(path)}, line {reader.line_num}: not a valid table: {error}"
        ) from None


def _few(names):
    joined = ", ".join(names)
    return joined if len(joined) <= 200 else f"{joined[:197]}..."


def _json_lines(file: TextIO, path: str) -> _Rows:
    for number, line in enumerate(file, 1):
        if line.strip():
            where = f"{as_text(path)}, line {number}"
            yield where, _object(parse(where, line, strict=False), where)


def _json(file: TextIO, path: str) -> _Rows:
    """NeMo's manifests, one object a line, and lists of objects."""
    expected = (
        f"{as_text(path)} must hold an object with audio_filepath or path on each line, or a list of them"
    )
    content = file.read()

    def parsed(where, text):
        try:
            return parse(where, text, strict=False)
        except InvalidInputError as error:
            raise InvalidInputError(f"{expected}: {error}") from None

    if content.lstrip().startswith("["):
        entries = parsed(as_text(path), content)
        rows = ((f"{as_text(path)}, entry {k}", row) for k, row in enumerate(entries, 1))
    else:
        lines = ((f"{as_text(path)}, line {k}", line) for k, line in enumerate(content.split("\n"), 1))
        rows = ((where, parsed(where, line)) for where, line in lines if line.strip())
    for where, row in rows:
        if not isinstance(row, dict) or not {"path", "audio_filepath"} & set(row):
            raise InvalidInputError(f"{expected}: {where}: got {shown(row)}")
        yield where, row


def _object(value, where):
    if not isinstance(value, dict):
        raise InvalidInputError(f"{where}: expected an object, got {shown(value)}")
    return value


def _scp(file: TextIO, path: str) -> _Rows:
    """Kaldi's lines of ``id path``; with a file ``segments`` beside it, parts of these files, as in Kaldi."""
    rows = []
    for where, (name, rest) in _pairs(file, path, "an id and a path"):
        if rest.endswith("|"):
            raise InvalidInputError(
                f"{where}: {shown(rest)} is a command: run it, and list the files it writes"
            )
        if _is_archive(rest):
            raise InvalidInputError(f"{where}: {shown(rest)} is a place in an archive: list sound files")
        rows.append((where, {"id": name, "path": rest}))
    segments = joined(folder_of(path), "segments")
    if os.path.basename(path) != "wav.scp" or not is_file(segments):
        yield from rows
        return
    with _lines_of(segments) as lines:
        yield from _segments(lines, segments, {row["id"]: row["path"] for _, row in rows})


def _segments(file, path, recordings):
    for where, (name, rest) in _pairs(file, path, "an id, a recording, its start and its end"):
        fields = rest.split()
        try:
            recording, start, end = fields[0], float(fields[1]), float(fields[2])
        except (IndexError, ValueError):
            raise InvalidInputError(
                f"{where}: expected an id, a recording, its start and its end, got {shown(f'{name} {rest}')}"
            ) from None
        if recording not in recordings:
            raise InvalidInputError(f"{where}: no recording {shown(recording)} in wav.scp")
        # -1 stands for the end of the recording.
        more = {} if end == -1.0 else {"duration": end - start}
        yield where, {"id": name, "path": recordings[recording], "start": start, **more}


def _pairs(file, path, expected):
    """The first word of every line that is not blank, and the rest."""
    for number, line in enumerate(file, 1):
        words = line.strip().split(None, 1)
        if not words:
            continue
        where = f"{as_text(path)}, line {number}"
        if len(words) == 1:
            raise InvalidInputError(f"{where}: expected {expected}, got {shown(words[0])}")
        yield where, words


def _is_archive(path):
    """Whether a path is a Kaldi archive, or a place in one: ``feats.ark:1234``."""
    name, _, offset = path.rpartition(":")
    return (name if offset.isdecimal() else path).lower().endswith(".ark")


_KINDS = {
    ".txt": _list,
    ".lst": _list,
    ".list": _list,
    ".csv": _table,
    ".tsv": _table,
    ".jsonl": _json_lines,
    ".jsonl.gz": _json_lines,
    ".json": _json,
    ".scp": _scp,
}
#: Suffixes of the files that list what to extract.
SUFFIXES = frozenset(_KINDS)
