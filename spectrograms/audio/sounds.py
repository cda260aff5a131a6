"""What a recording may be given as, beside a path, plain bytes and a file object."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Held(str):
    """Path of a file that has been opened already, to compute a checksum.

    Parameters
    ----------
    path : str
    content : bytes, optional
        All of a small file.
    descriptor : int, optional
        Of the system, of a large file, which whoever opened it closes. It is read at stated places, so that
        several may do so at once.
    """

    __slots__ = ("content", "descriptor")
    content: bytes | None
    descriptor: int | None

    def __new__(cls, path: str, content: bytes | None = None, descriptor: int | None = None) -> Held:
        held = super().__new__(cls, path)
        held.content, held.descriptor = content, descriptor
        return held


class Content(bytes):
    """Content of a recording, with a name for messages.

    Parameters
    ----------
    content : bytes
    name : str
    mtime_ns : int, optional
        When the file that it comes from was changed.
    """

    name: str
    mtime_ns: int | None

    def __new__(cls, content: bytes, name: str, mtime_ns: int | None = None) -> Content:
        made = super().__new__(cls, content)
        made.name, made.mtime_ns = name, mtime_ns
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Content, (bytes(self), self.name, self.mtime_ns)


class Stretch(NamedTuple):
    """Some bytes of a file, which are a recording: a member of an archive, for instance.

    Attributes
    ----------
    path : str
        The file.
    first, size : int
        Where they begin, and how many they are.
    name : str
        What messages call them.
    """

    path: str
    first: int
    size: int
    name: str


class Passage(Protocol):
    """A recording, or a part of one, as items of a corpus are.

    Attributes
    ----------
    sound : str, path, bytes, Stretch, file object or tuple
        What a :class:`Source` can be made of.
    start : float
        Where it begins, in seconds.
    duration : float or None
        Its seconds; None for all that follows.
    """

    @property
    def sound(self) -> Any: ...
    @property
    def start(self) -> float: ...
    @property
    def duration(self) -> float | None: ...


if TYPE_CHECKING:
    #: What can be read.
    Sound = (
        str
        | os.PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | BinaryIO
        | tuple[ArrayLike, int]
        | Stretch
        | Passage
    )
