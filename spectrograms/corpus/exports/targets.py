"""Where an export goes: a file or a folder of this machine, or objects in a store."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from spectrograms._common.files import replacing
from spectrograms.places import remote
from spectrograms.places.urls import Url, placed

# Finished files that wait on the disk until they are sent together: so many, or so many bytes.
_WAITING_FILES, _WAITING_BYTES = 64, 64 << 20


@contextmanager
def written_to(out: str | os.PathLike[str]) -> Iterator[tuple[Path, Callable[[Path], None]]]:
    """Write something that is there when all of it is.

    Parameters
    ----------
    out : str or path
        A path or a URL; must not exist.

    Yields
    ------
    Path
        A name on this machine to write a file to, or to make a folder of.
    callable
        Takes the path of a file in that folder which is complete: it may be gone afterwards.

    Raises
    ------
    FileExistsError
        If `out` exists.
    """
    place = placed(out, "out")
    if isinstance(place, Url):
        place = place.at(place.key.rstrip("/"))
        if remote.exists(place) or remote.is_folder(place):
            raise _there(place)
        with tempfile.TemporaryDirectory(prefix="spectrograms-") as folder:
            sending = _Sending(place, Path(folder, "export"))
            try:
                yield sending.base, sending.done
                sending.finish()
            except BaseException:
                sending.take_back()
                raise
        return
    path = Path(place)
    if path.exists():
        raise _there(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        yield Path(temporary), _stays


def _there(place):
    return FileExistsError(f"{place} exists: remove it, or choose another name")


def _stays(path: Path) -> None:
    """A file of this machine is where it belongs."""


class _Sending:
    """Files on their way from a temporary place to a store.

    Parameters
    ----------
    url : Url
        Of the file or folder.
    base : Path
        Its temporary place.
    """

    def __init__(self, url: Url, base: Path) -> None:
        self._url, self.base = url, base
        self._waiting: list[Path] = []
        self._bytes = 0
        self._sent: list[Url] = []

    def done(self, path: Path) -> None:
        """Send a complete file, together with others."""
        self._waiting.append(path)
        self._bytes += path.stat().st_size
        if len(self._waiting) >= _WAITING_FILES or self._bytes >= _WAITING_BYTES:
            self._send(self._waiting)
            self._waiting, self._bytes = [], 0

    def finish(self) -> None:
        """Send all that is still here."""
        found = [self.base] if self.base.is_file() else self.base.rglob("*")
        self._send(sorted(path for path in found if path.is_file()))

    def _send(self, paths: Sequence[Path]) -> None:
        for _ in remote.together(self._put, paths):
            pass

    def _put(self, path):
        name = path.relative_to(self.base).as_posix()
        url = self._url if path == self.base else self._url.beside(name)
        self._sent.append(url)
        with open(path, "rb") as file:
            remote.write(url, file, path.stat().st_size)
        path.unlink()

    def take_back(self) -> None:
        """Remove what has been sent, as far as the network allows."""
        for url in self._sent:
            with suppress(OSError):
                remote.remove(url)
