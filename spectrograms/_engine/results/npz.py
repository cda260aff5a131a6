"""Reading ``.npz`` files of anybody's, without pickle and with no more memory than they account for; writing.

`numpy.load` asks for the memory that the header of an array wants before it has seen one value, and raises
some dozen classes of errors for what is damaged. Here the header is compared with the size of its entry, the
size of the entry with that of the file, and everything that is wrong with a file is an `InvalidInputError`
that names it.
"""

from __future__ import annotations

import errno
import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.files import replacing
from spectrograms.errors import InvalidInputError, SpectrogramError, shown

if TYPE_CHECKING:
    import zipfile

_DTYPES = ("float32", "float64", "complex64", "complex128")
# Compression in a ZIP file (none, deflate) -> how many bytes it makes of one at most.
_LARGEST_RATIOS = {0: 1, 8: 1032}
_LONGEST_HEADER = 4096
_LONGEST_TEXT = 2**26
_PIECE = 2**24


class Archive:
    """The arrays of an open file, by name."""

    def __init__(self, file: zipfile.ZipFile, size: int) -> None:
        self._file = file
        self._size = size
        names = file.namelist()
        self._names = set(names)
        if len(self._names) < len(names):
            raise InvalidInputError("has an array twice")

    def __contains__(self, name: str) -> bool:
        return f"{name}.npy" in self._names

    def array(self, name: str) -> Any:
        """An array of float32, float64, complex64 or complex128 in native byte order."""
        array = self._read(name, _is_number, None)
        return array.astype(array.dtype.newbyteorder("="), copy=False)

    def text(self, name: str) -> str:
        """A string, which NumPy saves as an array without axes."""
        return str(self._read(name, lambda dtype: dtype.kind == "U", _LONGEST_TEXT)[()])

    def _read(self, name, allowed, limit):
        if name not in self:
            raise InvalidInputError(f"has no {name}")
        entry = self._file.getinfo(f"{name}.npy")
        if entry.flag_bits & 1:
            raise InvalidInputError(f"has an encrypted {name}")
        ratio = _LARGEST_RATIOS.get(entry.compress_type, 0)
        if not entry.file_size <= ratio * min(entry.compress_size, self._size):
            raise InvalidInputError(f"is too short for its {name}, or compressed in no way of NumPy's")
        with self._file.open(entry) as stream:
            shape, fortran, dtype = _header(stream)
            if not allowed(dtype) or (limit is not None and shape != ()):
                raise InvalidInputError(f"has {name} of dtype {dtype.name} and shape {shown(shape)}")
            nbytes = math.prod(shape) * dtype.itemsize
            if nbytes != entry.file_size - stream.tell() or (limit is not None and nbytes > limit):
                raise InvalidInputError(f"has {name} of another size than it says")
            array = np.empty(shape[::-1] if fortran else shape, dtype)
            _fill(stream, array)
        return array.T if fortran else array


def _is_number(dtype):
    return dtype.newbyteorder("=").name in _DTYPES and dtype.names is None


def _header(stream):
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    if not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"shape {shape}")
    return shape, fortran, dtype


def _fill(stream, array):
    """Read all bytes of an array; at the end zipfile compares the checksum."""
    view = memoryview(array.reshape(-1).view(np.uint8)) if array.size else memoryview(b"")
    done = 0
    while done < len(view):
        piece = stream.read(min(_PIECE, len(view) - done))
        if not piece:
            raise EOFError
        view[done : done + len(piece)] = piece
        done += len(piece)
    stream.read(1)


@contextmanager
def reading(file: Any) -> Iterator[Archive]:
    """Open a file of `numpy.savez`; anything wrong with it becomes an InvalidInputError that names it.

    Parameters
    ----------
    file : path_like or binary file

    Raises
    ------
    InvalidInputError
        If it is no such file, or damaged, or what the body of the ``with`` statement finds in it is wrong.
    OSError
        If it cannot be read.
    """
    import zipfile  # seldom needed, and slow to import

    with _opened(file) as stream, _naming(file):
        stream = _seekable(stream)
        if stream.read(6) == b"\x93NUMPY":
            raise InvalidInputError("holds a single array")
        size = stream.seek(0, os.SEEK_END)
        with zipfile.ZipFile(stream) as archive:
            yield Archive(archive, size)


def _opened(file):
    if hasattr(file, "read"):
        return nullcontext(file)
    try:
        return open(os.fspath(file), "rb")
    except ValueError:  # of names that no file can have
        raise InvalidInputError(f"file must be a path or a binary file, got {shown(file)}") from None
    except TypeError:
        raise TypeError(f"file must be a path or a binary file, got {shown(file)}") from None


def _seekable(stream):
    """A binary file that can be read in any order: what comes through a pipe is read whole first."""
    if isinstance(stream, io.TextIOBase):
        raise InvalidInputError('is open as text: open it with "rb"')
    seekable = getattr(stream, "seekable", None)
    return io.BytesIO(stream.read()) if seekable is not None and not seekable() else stream


@contextmanager
def _naming(file):
    """Turn what is wrong with a file into one class of error."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        # An entry can be damaged in more ways than zipfile, zlib and NumPy have classes for.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        ours = isinstance(error, (SpectrogramError, TypeError))
        found = str(error) if ours else "is something else, or damaged"
        raise InvalidInputError(f"{file} must be an .npz file written by save(), but {found}") from error


def write(file: Any, **arrays: Any) -> None:
    """Write arrays as `numpy.savez` does; a file that has a name is there whole, or as it was before.

    Errors are those of the `save` of results.
    """
    if hasattr(file, "write"):
        np.savez(file, **arrays)
        return
    try:
        name = os.fsdecode(file)
        path = name if name.endswith(".npz") else f"{name}.npz"
        if b"\0" in os.fsencode(path):
            raise ValueError
    except ValueError:
        raise InvalidInputError(f"file must be a path or a binary file, got {shown(file)}") from None
    except TypeError:
        raise TypeError(f"file must be a path or a binary file, got {shown(file)}") from None
    with replacing(path) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **arrays)


def write_with(file: Any, copy: Any, **arrays: Any) -> None:
    """Write arrays into an open file as `numpy.savez` does; `copy` writes the ``.npy`` for None."""
    import zipfile

    with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
                if array is None:
                    copy(entry)
                else:
                    np.lib.format.write_array(entry, array, allow_pickle=False)
