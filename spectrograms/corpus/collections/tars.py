"""Archives in WebDataset's layout: members of one key are a sample, its sound and what is known about it."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import posixpath
import tarfile
import zlib
from collections.abc import Iterator
from typing import Any

from spectrograms._common.files import as_text
from spectrograms.audio.sounds import Stretch
from spectrograms.audio.suffixes import is_sound
from spectrograms.corpus.collections.cells import Cell, Cells, Entry, Reader
from spectrograms.corpus.collections.heads import members_in, members_of
from spectrograms.errors import InvalidInputError
from spectrograms.places.reading import opened
from spectrograms.places.urls import Url

#: Suffixes of archives.
SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_ERRORS = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
# A label or transcript of more bytes than this is none.
_MOST_BYTES = 16 << 20
# Fields of an object that say nothing about a sound which is a whole member.
_NOT_KEPT = {"start", "offset", "audio_filepath", "id", "path", "duration"}
_CHUNK = 1 << 20


def _unpacking(path):
    """The function that opens a packed archive, or None for one that is not packed."""
    with opened(path) as file:
        head = file.read(6)
    return next((function for magic, function in _PACKED.items() if head.startswith(magic)), None)


class Tar(Reader):
    """Goes through an archive: from head to head, or, if it is packed, from its beginning to its end."""

    def entries(self) -> Iterator[Entry]:
        unpack = _unpacking(self.path)
        try:
            if unpack is not None:
                with (
                    opened(self.path) as packed,
                    unpack(packed, "rb") as file,
                    tarfile.open(fileobj=file, mode="r|") as archive,
                ):
                    yield from self._samples(members_of(archive), self._cell)
            elif isinstance(self.path, Url):
                with opened(self.path) as far, tarfile.open(fileobj=far, mode="r:", errorlevel=2) as archive:
                    yield from self._samples(members_of(archive), self._member)
            else:
                yield from self._samples(members_in(self.path), self._stretch)
        except _ERRORS as error:
            raise self.damaged(error) from None

    def _stretch(self, member, name):
        return Stretch(self.path, member.offset_data, member.size, name)

    def _member(self, member, name):
        return Cell("tar", self.path, (member.offset_data, member.size), member.size, name)

    def _cell(self, member, name):
        return Cell("packed", self.path, (member.offset_data, member.size), member.size, name)

    def _samples(self, members, place_of):
        """The recordings of each sample: members that follow one another and have one key."""
        key, sounds, columns = None, [], {}
        for member, content in members:
            folder, base = posixpath.split(member.name)
            if not member.isreg() or base.startswith("."):
                continue
            if member.issparse():
                raise tarfile.ReadError(f"{as_text(member.name)} has holes")
            stem, _, extension = base.partition(".")
            if (folder, stem) != key:
                yield from self._sample(sounds, columns)
                key, sounds, columns = (folder, stem), [], {}
            extension = extension.lower()
            if extension in _COLUMNS:
                columns |= self._columns(member, content, extension)
            elif is_sound(base):
                name = f"{as_text(self.path)}/{as_text(member.name)}"
                sounds.append((name, member.name, place_of(member, name)))
            else:
                self._left_out[as_text(posixpath.splitext(base)[1].lower()) or "no suffix"] += 1
        yield from self._sample(sounds, columns)

    def _columns(self, member, content, extension):
        name = f"{as_text(self.path)}/{as_text(member.name)}"
        if member.size > _MOST_BYTES:
            raise InvalidInputError(f"{name}: must have at most {_MOST_BYTES} bytes, got {member.size}")
        try:
            return _COLUMNS[extension](content().decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"{name}: not valid {extension}: {error}") from None

    def _sample(self, sounds, columns):
        for name, member, place in sounds:
            yield name, {**columns, "path": name, "member": member}, place


def _of_json(text):
    value = json.loads(text)
    if not isinstance(value, dict):
        return {"json": value}
    return {name: entry for name, entry in value.items() if name not in _NOT_KEPT}


def _of_class(text):
    text = text.strip()
    return {"cls": int(text) if text.lstrip("-").isdecimal() else text}


_COLUMNS: dict[str, Any] = {
    "json": _of_json,
    "txt": lambda text: {"txt": text.rstrip("\r\n")},
    "cls": _of_class,
}


class PackedTar(Cells):
    """A packed archive, unpacked from its beginning to the last member that was asked for."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._packed: Any = None
        self._file: Any = None
        self._position = 0

    def content(self, place: tuple[Any, ...]) -> bytes | None:
        first, size = place
        try:
            if self._file is None or first < self._position:
                self.close()
                unpack = _unpacking(self._path)
                self._packed, self._position = opened(self._path), 0
                self._file = self._packed if unpack is None else unpack(self._packed, "rb")
            while self._position < first:
                self._position += len(self._read(min(_CHUNK, first - self._position)))
            content = self._read(size)
            self._position += size
        except _ERRORS as error:
            raise InvalidInputError(f"{as_text(self._path)} cannot be read: {error}") from None
        return content

    def _read(self, count):
        content = self._file.read(count)
        if len(content) < count:
            raise EOFError("it ends early")
        return content

    def close(self) -> None:
        for file in (self._file, self._packed):
            if file is not None:
                file.close()
        self._file = self._packed = None


class FarTar(Cells):
    """An archive in an object store, which is not packed: members lie where their heads have said."""

    def __init__(self, path: str) -> None:
        self._file = opened(path)

    def content(self, place: tuple[Any, ...]) -> bytes | None:
        first, size = place
        self._file.seek(first)
        content = self._file.read(size)
        if len(content) < size:
            raise InvalidInputError("it ends early")
        return content

    def close(self) -> None:
        self._file.close()
