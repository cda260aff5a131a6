"""Where a recording is read from: a path, a URL, the bytes of a file, or a binary file object."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO

from spectrograms._common.files import Facts
from spectrograms.audio.joined import JOINABLE, beginnings
from spectrograms.audio.memory import checked
from spectrograms.audio.repair import repaired
from spectrograms.audio.sounds import Held, Stretch
from spectrograms.errors import InvalidInputError
from spectrograms.places.reading import opened
from spectrograms.places.urls import is_url, placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Streams that cannot be sought are read into a temporary file first: in memory, beyond this size on the disk.
_SPOOL_BYTES = 64 << 20
_CHUNK = 1 << 20
# How files are opened.
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
# Size of the buffer that answers the small reads of libsndfile.
_BUFFER = 1 << 15
# Bytes of a path that are read when it is opened: all of most recordings of speech. And of a file object.
_HEAD, _FIRST = 1 << 16, 16
# Where recordings begin in files that have been searched: parts of a long file are read again and again.
_beginnings: Facts[list[int]] = Facts(1 << 14)
#: Files up to this size may be read in one go: a few pages cost less than the calls for parts of them.
SMALL_BYTES = 1 << 20


class Source:
    """One recording, by a name for messages, and as files that can be sought.

    Parameters
    ----------
    sound : str, os.PathLike, Url, bytes, bytearray, memoryview, binary file object, Stretch or tuple
        A file object is read from its position on, and left there. A tuple holds samples and their rate.

    Attributes
    ----------
    name : str
        Path, URL without secrets, name of the file object, or a stand-in such as ``"<bytes>"``.
    size : int
        Bytes.
    samples : tuple of (ndarray, int), or None
        Samples that need no decoding, shape (n_channels, n_samples), and their rate.
    """

    name: str
    size: int
    samples: tuple[NDArray[Any], int] | None = None

    def __init__(self, sound: Any) -> None:
        self._path: str | None = None
        self._status: os.stat_result | None = None
        self._open: _Descriptor | None = None
        self._content: Any = None
        self._owned: list[Any] = []
        self._given: Any = None
        self._after = 0
        self._guard: _Guard | None = None
        # The first bytes, as far as they are in memory anyway.
        self._head: bytes = b""
        if isinstance(sound, Held) and sound.content is not None:
            self.name = self._path = str(sound)
            self._head, self.size = sound.content, len(sound.content)
        elif isinstance(sound, Held) and sound.descriptor is not None:
            self.name = str(sound)
            self._open = _Descriptor(sound.descriptor)
            self._take_open(self.name, os.fstat(sound.descriptor))
        elif isinstance(sound, bytes | bytearray | memoryview):
            self.name = getattr(sound, "name", f"<{type(sound).__name__}>")
            self._head = sound if isinstance(sound, bytes) else bytes(sound)
            self.size = len(self._head)  # a file of them is made when it is needed
        elif isinstance(sound, Stretch):
            self.name, self.size = sound.name, sound.size
            self._open = _Descriptor(os.open(sound.path, _READ), sound.first, sound.size)
            self._owned.append(self._open)
            self._head = self._open.read(min(sound.size, _HEAD))
        elif isinstance(sound, tuple) and len(sound) == 2:
            self.name, self.samples = "<samples>", checked(*sound)
            self.size = self.samples[0].nbytes
        elif isinstance(sound, str | os.PathLike):
            path = os.fspath(sound)
            if is_url(path):
                self._take_object(path)
            else:
                self.name = os.fsdecode(path)
                self._take_path(self.name)
        elif callable(getattr(sound, "read", None)):
            name = getattr(sound, "name", None)
            self.name = name if isinstance(name, str) and name else f"<{type(sound).__name__}>"
            self._take_file(sound)
        else:
            raise TypeError(
                f"a sound file must be a path, bytes or a binary file object, got {type(sound).__name__}"
            )

    def _take(self, content):
        self._content = content
        self.size = content.seek(0, os.SEEK_END)
        content.seek(0)

    def _take_object(self, path):
        place = placed(path, "an input")
        self.name = str.__str__(place)
        file = opened(place)
        self._owned.append(file)
        self._take(file)
        self._head = file.read(min(self.size, _HEAD))

    def _take_path(self, path):
        descriptor = os.open(path, _READ)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISFIFO(status.st_mode):
                with open(descriptor, "rb", closefd=False) as file:
                    self._spool(file)
            elif stat.S_ISREG(status.st_mode):
                self._open = _Descriptor(descriptor)
                self._take_open(path, status)
                self._owned.append(self._open)
                return
            else:
                open(path, "rb").close()  # raises the error for a folder
                raise self.undecodable("it is no file")
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)

    def _take_open(self, path, status):
        self._path, self._status, self.size = path, status, status.st_size
        self._head = self._open.read(min(self.size, _HEAD))

    def _take_file(self, file):
        if isinstance(file, io.TextIOBase):
            raise TypeError(
                f"a sound file must be binary, got {self.name!r} opened as text: open it with mode 'rb'"
            )
        try:
            seekable = file.seekable()
        except AttributeError:
            seekable = callable(getattr(file, "seek", None)) and callable(getattr(file, "tell", None))
        if not seekable:
            self._spool(file)
            return
        self._given, self._after = file, file.tell()
        self._take(_Part(file, self._after, self.name))

    def _spool(self, file):
        spool = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
        try:
            while chunk := _read(file, _CHUNK, self.name):
                spool.write(chunk)
        except BaseException:
            spool.close()
            raise
        self._owned.append(spool)
        self._take(spool)

    def looks_like_mpeg(self) -> bool:
        """Whether MPEG audio is likely, by its suffix or, where that costs nothing, its first bytes."""
        if self._path is not None:
            return self._path.lower().endswith((".mp3", ".mp2"))
        if not self._head:
            content = self.content()
            content.seek(0)
            self._head = bytes(content.read(_FIRST))
        return self._head.startswith((b"ID3", b"\xff"))

    def bytes_at(self, position: int, count: int) -> bytes | memoryview:
        """Bytes from some position on; fewer only at the end."""
        head = self._head
        if position + count <= len(head) or len(head) == self.size:
            return memoryview(head)[position : position + count]
        content = self.content()
        content.seek(position)
        return content.read(count)

    def fill(self, memory: memoryview, position: int) -> int:
        """Fill memory with the bytes from some position on; how many there are."""
        # Of a whole file, whose positions are those of the system.
        if (
            self._path is not None
            and self._open is not None
            and not self.is_in_memory()
            and hasattr(os, "preadv")
        ):
            return self._open.fill(memory, position)
        content = self.bytes_at(position, len(memory))
        memory[: len(content)] = content
        return len(content)

    def is_in_memory(self) -> bool:
        """Whether all of the content is in memory."""
        return len(self._head) == self.size

    def has_layout(self) -> bool:
        """Whether the content says what it is: soundfile takes ``.raw`` for the name of bare samples."""
        return self._path is None or os.path.splitext(self._path)[1].lower() != ".raw"

    def for_libsndfile(self) -> Any:
        """What to pass to libsndfile."""
        marked = self._head.startswith((b"fLaC", b"OggS"))
        if self._path is None or (marked and self._open is None):
            content = self.content()
            # libsndfile takes the position it finds for the beginning.
            content.seek(0)
            return self.guarded(content)
        if marked and self._open is not None and hasattr(os, "pread"):
            # Others may be known by the end of their name, and are opened by it.
            return self._open.from_the_beginning()
        # As bytes, because soundfile refuses names that are not valid text. Windows has no such names.
        return self._path if os.name == "nt" else os.fsencode(self._path)

    def content(self) -> BinaryIO:
        """The content as a binary file."""
        if self._content is None:
            self._content = io.BytesIO(self._head) if self.is_in_memory() else self._open
        return self._content

    def repair(self) -> bool:
        """Replace the recording by one with a right header. Returns False if nothing has to be replaced."""
        spool = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
        self._owned.append(spool)
        if not repaired(self.content(), self.size, spool):  # type: ignore[arg-type]
            return False
        self._path, self._head = None, b""
        self._take(spool)
        return True

    def recordings(self) -> list[Source]:
        """The recordings that were joined end to end, each as a source; none if it is a single one."""
        # Known from the first look: a decoder may be reading the content by now.
        if not self._head.startswith(JOINABLE):
            return []
        content = self.content()
        if self._status is None:
            found = self._beginnings(content)
        else:
            found = _beginnings.of(self._status, lambda: self._beginnings(content))
        stops = [*found, self.size]
        if len(stops) == 2:
            return []
        parts = [Source(_Range(content, first, stop, self.name)) for first, stop in pairwise(stops)]
        self._owned.extend(parts)
        return parts

    def _beginnings(self, content):
        before = content.tell()  # a decoder may be reading here
        try:
            return beginnings(content, self.size)
        finally:
            content.seek(before)

    def guarded(self, file: Any) -> Any:
        """A file whose errors reach :meth:`raise_kept` instead of libsndfile."""
        self._guard = _Guard(file)
        return _Callbacks(self._guard)

    def raise_kept(self) -> None:
        """Raise the exception that a file object raised within libsndfile."""
        if self._guard is not None and self._guard.error is not None:
            kept, self._guard.error = self._guard.error, None
            raise kept

    def refusal(self, error: Exception) -> Exception:
        """An error of libsndfile as ours, with the file's name; those of the system are raised unchanged."""
        self.raise_kept()
        if self._path is not None:
            # libsndfile says "System error" where a file cannot be opened; open() says why.
            open(self._path, "rb").close()
        if self.size == 0:
            reason = f"nothing follows its position {self._after}" if self._after else "it is empty"
        else:
            # soundfile wants the layout of headerless files, recognised by their suffix.
            reason = getattr(error, "error_string", "raw samples without a header")
        return self.undecodable(reason)

    def undecodable(self, reason: str) -> InvalidInputError:
        """The error that says why nothing can be read."""
        return InvalidInputError(f"cannot read audio file {self.name!r}: {reason}")

    def close(self) -> None:
        """Close what was opened here, and put a file object back where it was."""
        for file in self._owned:
            file.close()
        if self._given is not None:
            self._given.seek(self._after)

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()


class _Descriptor:
    """An open file of the system, or some bytes of it. Its position is its own: that of the system belongs to
    libsndfile.
    """

    def __init__(self, number, first=0, size=None):
        self._number, self._first, self._size, self._position = number, first, size, 0

    def from_the_beginning(self):
        """The number of the file, for others to read it."""
        return os.lseek(self._number, 0, os.SEEK_SET) or self._number

    def read(self, count):
        if self._size is not None:
            count = min(count, self._size - self._position)
        parts = []
        while count > 0 and (part := self._next(count)):
            parts.append(part)
            count -= len(part)
            self._position += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def fill(self, memory, position):
        """Fill memory from a position on, without a copy; the number of bytes."""
        done = 0
        while done < len(memory) and (n := os.preadv(self._number, [memory[done:]], position + done)):
            done += n
        return done

    def _next(self, count):
        if hasattr(os, "pread"):
            return os.pread(self._number, count, self._first + self._position)
        os.lseek(self._number, self._first + self._position, os.SEEK_SET)
        return os.read(self._number, count)

    def seek(self, offset, whence=os.SEEK_SET):
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += os.fstat(self._number).st_size if self._size is None else self._size
        self._position = offset
        return offset

    def tell(self):
        return self._position

    def close(self):
        os.close(self._number)


class _Part:
    """A binary file object from some position on. Its reads are short only at the end."""

    def __init__(self, file, first, name):
        self._file, self._first, self._name = file, first, name

    def read(self, count):
        parts = []
        while count > 0 and (part := _read(self._file, count, self._name)):
            parts.append(part)
            count -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seek(self, offset, whence=os.SEEK_SET):
        self._file.seek(offset + self._first * (whence == os.SEEK_SET), whence)
        return self.tell()

    def tell(self):
        return self._file.tell() - self._first


class _Range:
    """A range of another binary file, as a file with a position of its own."""

    def __init__(self, file, first, stop, name):
        self._file, self._first, self._size, self.name = file, first, stop - first, name
        self._position = 0

    def read(self, count):
        self._file.seek(self._first + self._position)
        part = self._file.read(max(min(count, self._size - self._position), 0))
        self._position += len(part)
        return part

    def seek(self, offset, whence=os.SEEK_SET):
        self._position = offset + (0, self._position, self._size)[whence]
        return self._position

    def tell(self):
        return self._position


class _Guard(io.RawIOBase):
    """A file for callbacks from C. An exception would be printed and lost there, so it is kept here."""

    def __init__(self, file):
        self._file = file
        self.error = None
        self._fill = getattr(file, "readinto", self._copy)

    def readable(self):
        return True

    def seekable(self):
        return True

    def readinto(self, buffer):
        return self.keeping(self._fill, 0, buffer)

    def _copy(self, buffer):
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset, whence=os.SEEK_SET):
        return self._file.seek(offset, whence)

    def tell(self):
        return self._file.tell()

    def keeping(self, function, otherwise, *arguments):
        """The result of a function; `otherwise` if it raises, and ever after."""
        if self.error is None:
            try:
                return function(*arguments)
            except BaseException as error:
                self.error = error
        return otherwise


class _Callbacks:
    """A guarded file with a buffer, because decoders ask for a few bytes at a time."""

    def __init__(self, guard):
        self._guard = guard
        self._buffered = io.BufferedReader(guard, _BUFFER)
        # Bound here to save a Python call: they are called twice for each frame of MP3.
        self.readinto = self._buffered.readinto
        self.tell = self._buffered.tell

    def seek(self, offset, whence=os.SEEK_SET):
        return self._guard.keeping(self._go, -1, offset, whence)

    def _go(self, offset, whence):
        # Damaged headers ask for positions before the beginning, which files of the system refuse, too.
        if whence == os.SEEK_CUR:
            offset, whence = offset + self._buffered.tell(), os.SEEK_SET
        if whence == os.SEEK_SET and offset < 0:
            return -1
        return self._buffered.seek(offset, whence)


def _read(file, count, name):
    """At most `count` bytes of a file object, which may return anything."""
    data = file.read(count)
    if data is None:
        raise BlockingIOError(f"{name!r} has no bytes ready: it must block until there are some")
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"a sound file must be binary, but {name!r} gives {type(data).__name__}")
    if len(data) > count:
        raise ValueError(f"{name!r} gives {len(data)} bytes where {count} are asked for")
    return data
