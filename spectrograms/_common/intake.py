"""The one door through which anything that holds numbers becomes an ndarray.

:func:`as_array` makes an array, without a copy where that is possible; :func:`numbers` and :func:`real` turn
the few kinds of arrays without arithmetic of NumPy's own (objects, text, bfloat16 and its kin) into plain
numbers. Everything else is refused here, so that it is refused everywhere in the same words.
"""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import shown

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

# A view, whatever a subclass says.
_own = np.ndarray.view
# Type numbers of other packages begin here.
FIRST_USER_TYPE = 256
# The error of another library may quote all of its input.
_LONGEST_REASON = 120
# NumPy's limit: lists nested more deeply do not make an array.
_MOST_AXES = 64
# Items of tensors that are widened to float32 have at most this many bytes.
_NARROW = 2


def as_array(value: Any, name: str = "samples") -> NDArray[Any]:
    """Turn anything that holds numbers into an ndarray, without a copy where that is possible.

    The array object is new, though its memory may be the caller's: nobody else can change its shape.

    Raises
    ------
    TypeError
        For None, bytes and buffers of bytes, memory of another device, and objects that do not export their
        numbers.
    ValueError
        For ragged lists.
    """
    if isinstance(value, np.ndarray):
        return _own(value, np.ndarray)
    if value is None:
        raise TypeError(f"{name} must be array-like, got None")
    if type(value) is not list or not value or type(value[0]) is not float:  # most lists are of floats
        refuse_bytes(value, name)
        array = _of_tensor(value, name)
        if array is not None:
            return array
    try:
        # From a list NumPy makes a new array.
        return np.asarray(value) if type(value) is list else _own(np.asarray(value))
    except ValueError as error:
        kind = type(value).__name__
        what = "one signal" if name == "samples" else "one array"
        words = f"{name} must be {what}, got a {kind} of items of different shapes: {_short(error)}"
        if isinstance(value, tuple) and len(value) == 2:
            words += " Note that read_audio returns (samples, sample_rate)."
        raise ValueError(words) from None
    except MemoryError:
        raise
    except Exception as error:
        # Another library may raise anything for an array that it does not export.
        raise _closed(name, error) from None


def _closed(name, error):
    # The message of its owner comes first: it often names the remedy.
    return TypeError(f"{_short(error)}: {name} cannot be made an array")


def _of_tensor(value, name):
    """The array of an object that exports DLPack, or None where another way has to be tried."""
    device = getattr(value, "__dlpack_device__", None)
    if device is None:
        return None
    try:
        where = device()
    except Exception as error:
        raise _closed(name, error) from None
    if not isinstance(where, tuple) or where[0] != 1:
        raise TypeError(
            f"{name} must be in CPU memory, got a {type(value).__name__} on device {where}; call .cpu() first"
        )
    return _from_dlpack(value)


def _from_dlpack(value):
    """The array of a tensor, or None where another way has to be tried."""
    try:
        return np.from_dlpack(value)
    except MemoryError:
        raise
    except Exception:
        pass  # An old producer, or one that has to be asked in another way.
    is_floating_point = getattr(value, "is_floating_point", None)
    if not callable(is_floating_point) or not is_floating_point() or value.element_size() > _NARROW:
        return None
    try:
        # Torch has types that NumPy lacks, bfloat16 and float8, and all of them fit in float32.
        return np.from_dlpack(value.float())
    except (TypeError, RuntimeError, BufferError, AttributeError):
        return None


def refuse_bytes(value: Any, name: str) -> None:
    """Raise TypeError for bytes and buffers of bytes, which are sequences of integers to Python."""
    if _holds_bytes(value):
        raise _bytes_error(name, value)


def _holds_bytes(value):
    """Whether `value` is raw memory, or a list of it: numbers whose type is not known."""
    if isinstance(value, np.ndarray):
        return False
    for _ in range(_MOST_AXES):
        if not isinstance(value, (list, tuple)) or not value:
            break
        value = value[0]
    if isinstance(value, (bytes, bytearray)):
        return True
    if isinstance(value, (list, tuple, float, int, complex, str)) or _is_array_like(value):
        return False
    try:
        with memoryview(value) as view:
            layout = view.format
    except (TypeError, ValueError, BufferError):
        return False
    return layout.lstrip("@=<>!") in ("B", "b", "c")


def _is_array_like(value):
    # An object that knows the type of its numbers is not raw memory, even if they are bytes.
    return any(hasattr(value, name) for name in ("__array__", "__array_interface__", "__dlpack__"))


def _bytes_error(name, value):
    kind = type(value).__name__
    kind = kind if isinstance(value, (bytes, bytearray)) else f"{kind} of bytes"
    return TypeError(f"{name} must be numbers, got {kind}; from_pcm makes samples of raw PCM")


def numbers(array: NDArray[Any], name: str, given: Any) -> NDArray[Any]:
    """Turn an array into one of NumPy's own real or complex numbers; it may be that already.

    Parameters
    ----------
    array : ndarray
    name : str
        Of the argument.
    given : object
        What the array was made from.

    Raises
    ------
    TypeError, ValueError
        If it holds something else.
    """
    dtype = array.dtype
    if dtype.num >= FIRST_USER_TYPE:
        return _plain(array, name, given)
    if dtype.kind in "biufc":
        return array
    if dtype.names is not None:
        raise TypeError(f"{name} must be real numbers, got records of void dtype: take one of their fields")
    if dtype.kind in "SV":
        raise _bytes_error(name, given)
    if dtype.kind in "mM":
        raise TypeError(f"{name} must be real numbers, got {dtype}")
    wanted: Any = np.float64
    if dtype.kind == "O":
        array, wanted = _objects(array, name, given)
    try:
        return array.astype(wanted)
    except (TypeError, ValueError) as error:
        words = f"{name} must be real numbers, got {type(given).__name__}: {_short(error)}"
        if isinstance(given, (str, PathLike)):
            words += "; read_audio gives the samples of a file"
        raise type(error)(words) from None


def kept(array: NDArray[Any], name: str, given: Any) -> NDArray[Any]:
    """The array as :func:`numbers` gives it, but of its own dtype if that is a number of another package."""
    plain = numbers(array, name, given)
    return array if array.dtype.num >= FIRST_USER_TYPE else plain


def real(array: NDArray[Any], name: str, given: Any) -> NDArray[Any]:
    """Turn an array into one of NumPy's own real numbers; see :func:`numbers`."""
    array = numbers(array, name, given)
    if array.dtype.kind == "c":
        raise TypeError(f"{name} must be real numbers, got {array.dtype}; take the real or absolute values")
    return array


def contiguous(array: NDArray[Any], dtype: Any = None) -> NDArray[Any]:
    """The array, copied unless the engine can read it as it is: native, C-contiguous and aligned.

    NumPy's own functions of this kind leave misaligned memory alone.
    """
    array = np.asarray(array, dtype, order="C")
    return array if array.flags.aligned else array.copy()


def holds_integers(array: NDArray[Any]) -> bool:
    """Whether the numbers of an array are integers or booleans by type, objects among them."""
    dtype = array.dtype
    if dtype.num >= FIRST_USER_TYPE:
        return np.can_cast(dtype, np.int64)
    if dtype.kind == "O":
        kinds = set(map(type, array.ravel().tolist()))
        return bool(kinds) and all(issubclass(kind, (int, np.integer, np.bool_)) for kind in kinds)
    return dtype.kind in "iub"


def narrowed(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """The same numbers in `dtype`: those beyond its range are infinite, without a warning of NumPy's."""
    with np.errstate(over="ignore"):
        return array.astype(dtype, copy=False)


def _plain(array, name, given):
    """Numbers of another package's type, such as ml_dtypes', in the first NumPy type that holds them all."""
    for wanted in (np.int64, np.float32, np.float64, np.complex64, np.complex128):
        if np.can_cast(array.dtype, wanted):
            return array.astype(wanted)
    # Wider than any of NumPy's.
    if np.can_cast(array.dtype, np.float64, "same_kind"):
        return array.astype(np.float64)
    raise TypeError(f"{name} must be real numbers, got {type(given).__name__} of dtype {array.dtype}")


def _objects(array, name, given):
    """An array of objects without arrays among them, and the dtype that holds them all."""
    items = array.ravel().tolist()
    wanted = np.float64
    for kind in set(map(type, items)):
        if issubclass(kind, (bytes, bytearray, memoryview, np.void)):
            raise _bytes_error(name, given)
        if issubclass(kind, (complex, np.complexfloating)):
            wanted = np.complex128
        elif hasattr(kind, "__array__") or hasattr(kind, "__dlpack__"):
            # NumPy would ask each for a float, and drop imaginary parts.
            items = [_scalar(item, name) if type(item) is kind else item for item in items]
            if any(isinstance(item, complex) for item in items):
                wanted = np.complex128
    flat = np.empty(len(items), object)
    for i, item in enumerate(items):
        flat[i] = item
    return flat.reshape(array.shape), wanted


def _scalar(item, name):
    array = as_array(item, name)
    if array.ndim:
        raise TypeError(f"{name} must be numbers, got an array of shape {array.shape} among them")
    if array.dtype == object and array.item() is item:  # NumPy has no other way than the one just tried
        raise TypeError(f"{name} must be numbers, got a {type(item).__name__} that gives none away")
    return numbers(array, name, item).item()


def _short(error):
    text = str(error)
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."


def numpy_type(dtype: DTypeLike) -> np.dtype[Any]:
    """Make a dtype, or raise a short error: NumPy's own text repeats everything it was given."""
    try:
        return np.dtype(dtype)
    except (TypeError, ValueError):
        raise TypeError(f"dtype must be a type of NumPy's, got {shown(dtype)}") from None
