"""DLPack export: the fields of the capsules, their lives, and every refusal."""

import ctypes
import gc
import sys
import warnings

import numpy as np
import pytest

from spectrograms._engine.results import dlpack
from spectrograms._engine.results.result import OwnedArray

from ..support.together import together

DTYPES = ("float32", "float64", "complex64", "complex128")
# NumPy 2.0 knows no versioned capsules, and its from_dlpack takes no keywords.
needs_numpy_2_1 = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="NumPy 2.0 reads legacy capsules alone"
)
READ_BY_NUMPY = [None, pytest.param((1, 0), marks=needs_numpy_2_1)]


class DLTensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class Legacy(ctypes.Structure):
    _fields_ = (("tensor", DLTensor), ("owner", ctypes.c_void_p), ("deleter", ctypes.c_void_p))
    name = b"dltensor"


class Versioned(ctypes.Structure):
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("owner", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", DLTensor),
    )
    name = b"dltensor_versioned"


get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
set_name = ctypes.pythonapi.PyCapsule_SetName
set_name.restype, set_name.argtypes = ctypes.c_int, (ctypes.py_object, ctypes.c_char_p)


def managed(capsule):
    """The structure inside the capsule, and with it the capsule."""
    kind = Versioned if "dltensor_versioned" in repr(capsule) else Legacy
    content = kind.from_address(get_pointer(capsule, kind.name))
    content.capsule = capsule
    return content


def owned(dtype="float64", shape=(3, 5)):
    return OwnedArray._from_array(np.arange(np.prod(shape)).reshape(shape).astype(dtype), None)


class Exporter:
    """Hands out one given capsule, as often as asked."""

    def __init__(self, capsule):
        self.capsule = capsule

    def __dlpack__(self, **kwargs):
        return self.capsule

    def __dlpack_device__(self):
        return 1, 0


@together("max_version", [None, (1, 0), (1, 3), (2, 0)])
@together("dtype", DTYPES)
@together("shape", [(4,), (3, 5), (2, 3, 4)])
def test_fields(dtype, shape, max_version):
    result = owned(dtype, shape)
    capsule = result.__dlpack__(max_version=max_version)
    content = managed(capsule)
    assert isinstance(content, Legacy if max_version is None else Versioned)
    tensor = content.tensor
    ndim = len(shape)
    itemsize = result.data.itemsize
    assert tensor.data == result.data.ctypes.data
    assert (tensor.device_type, tensor.device_id, tensor.byte_offset, tensor.lanes) == (1, 0, 0, 1)
    assert (tensor.code, tensor.bits) == (5 if dtype.startswith("c") else 2, 8 * itemsize)
    assert tensor.ndim == ndim
    assert tuple(tensor.shape[:ndim]) == shape
    assert tuple(tensor.strides[:ndim]) == tuple(step // itemsize for step in result.data.strides)
    if max_version is not None:
        assert (content.major, content.minor, content.flags) == (1, 0, 0)


def test_device():
    assert OwnedArray.__dlpack_device__() == owned().__dlpack_device__() == (1, 0)


@needs_numpy_2_1
@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_shares_memory_and_may_write_through_a_versioned_capsule(dtype):
    result = owned(dtype)
    array = np.from_dlpack(result)
    assert array.dtype == result.data.dtype
    assert np.shares_memory(array, result.data)
    assert array.flags.writeable
    array[1, 2] = 99
    assert result.data[1, 2] == 99


def test_numpy_reads_a_legacy_capsule_only():
    result = owned()
    array = np.from_dlpack(Exporter(result.__dlpack__()))
    assert np.shares_memory(array, result.data)
    assert not array.flags.writeable


@pytest.mark.parametrize("max_version", READ_BY_NUMPY)
def test_array_outlives_the_result(max_version):
    result = owned()
    expected = result.data.copy()
    array = np.from_dlpack(Exporter(result.__dlpack__(max_version=max_version)))
    del result
    gc.collect()
    assert (array == expected).all()


@pytest.mark.parametrize("max_version", READ_BY_NUMPY)
def test_reference_counts_return(max_version):
    result = owned()
    before = sys.getrefcount(result)
    capsule = result.__dlpack__(max_version=max_version)
    assert sys.getrefcount(result) == before + 1
    del capsule  # never consumed
    assert sys.getrefcount(result) == before
    exporter = Exporter(result.__dlpack__(max_version=max_version))
    array = np.from_dlpack(exporter)
    assert sys.getrefcount(result) == before + 1
    del exporter  # consumed: no second release
    assert sys.getrefcount(result) == before + 1
    del array
    assert sys.getrefcount(result) == before


@pytest.mark.parametrize("max_version", READ_BY_NUMPY)
def test_capsule_is_consumed_once(max_version):
    result = owned()
    before = sys.getrefcount(result)
    exporter = Exporter(result.__dlpack__(max_version=max_version))
    array = np.from_dlpack(exporter)
    with pytest.raises(ValueError, match="incorrect name"):
        np.from_dlpack(exporter)
    assert (array == result.data).all()
    del exporter, array
    assert sys.getrefcount(result) == before


@pytest.mark.parametrize("max_version", [None, (1, 0)])
def test_deleter_works_without_the_gil(max_version):
    result = owned()
    before = sys.getrefcount(result)
    capsule = result.__dlpack__(max_version=max_version)
    content = managed(capsule)
    address = ctypes.addressof(content)
    # What a consumer does; ctypes drops the GIL around the call. The name must outlive the capsule.
    used = b"used_" + content.name
    set_name(capsule, used)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(content.deleter)(address)
    assert sys.getrefcount(result) == before
    del capsule, content
    assert sys.getrefcount(result) == before


@pytest.mark.parametrize("max_version", READ_BY_NUMPY)
@pytest.mark.parametrize("copy", [True, np.True_])
def test_copy(max_version, copy):
    result = owned("complex64")
    before = sys.getrefcount(result)
    capsule = result.__dlpack__(max_version=max_version, copy=copy)
    content = managed(capsule)
    assert sys.getrefcount(result) == before
    assert content.tensor.data != result.data.ctypes.data
    assert content.tensor.data % 64 == 0
    if max_version is not None:
        assert content.flags == dlpack.DLPACK_FLAG_BITMASK_IS_COPIED
    array = np.from_dlpack(Exporter(capsule))
    assert (array == result.data).all()
    assert not np.shares_memory(array, result.data)


@pytest.mark.parametrize("copy", [None, False, np.False_])
def test_without_copy_the_memory_is_shared(copy):
    result = owned()
    assert managed(result.__dlpack__(copy=copy)).tensor.data == result.data.ctypes.data


@needs_numpy_2_1
def test_numpy_copy_keyword():
    result = owned()
    assert not np.shares_memory(np.from_dlpack(result, copy=True), result.data)
    assert np.shares_memory(np.from_dlpack(result, device="cpu", copy=False), result.data)


@needs_numpy_2_1
def test_read_only_is_signalled():
    result = owned()
    result.data.flags.writeable = False
    content = managed(result.__dlpack__(max_version=(1, 0)))
    assert content.flags == dlpack.DLPACK_FLAG_BITMASK_READ_ONLY
    assert not np.from_dlpack(result).flags.writeable
    with pytest.raises(BufferError, match="read-only"):
        result.__dlpack__()
    # A copy is nobody else's and may be written to.
    content = managed(result.__dlpack__(max_version=(1, 0), copy=True))
    assert content.flags == dlpack.DLPACK_FLAG_BITMASK_IS_COPIED
    assert np.from_dlpack(Exporter(result.__dlpack__(copy=True))).tolist() == result.data.tolist()
    result.data.flags.writeable = True
    assert np.from_dlpack(result).flags.writeable


def test_reshaping_data_in_place_does_no_harm():
    result = owned()
    expected = result.data.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy 2.5 advises against it
        result.data.shape = (15,)
    assert result.shape == (3, 5)
    assert (np.from_dlpack(result) == expected).all()


@pytest.mark.parametrize("stream", [0, -1, 1, "x", False])
def test_stream_must_be_none(stream):
    with pytest.raises(BufferError, match="stream must be None for CPU tensors"):
        owned().__dlpack__(stream=stream)


@pytest.mark.parametrize("version", [(0, 8), (0, 0)])
def test_major_version_zero(version):
    with pytest.raises(BufferError, match=rf"Unsupported DLPack version: 0\.{version[1]}$"):
        owned().__dlpack__(max_version=version)


@pytest.mark.parametrize("device", [(2, 0), (1, 1), (1, -1), (0, 0)])
def test_other_devices(device):
    with pytest.raises(BufferError, match=r"Only CPU device \(1, 0\) is supported"):
        owned().__dlpack__(dl_device=device)
    assert managed(owned().__dlpack__(dl_device=(1, 0))).tensor.device_type == dlpack.KDLCPU


@pytest.mark.parametrize(
    ("keywords", "error", "match"),
    [
        ({"max_version": [1, 0]}, TypeError, "max_version must be a tuple of two ints, got list"),
        ({"max_version": 1}, TypeError, "max_version must be a tuple of two ints, got int"),
        (
            {"max_version": (1,)},
            ValueError,
            "max_version must be a tuple of two ints, got a tuple of length 1",
        ),
        ({"max_version": (1, 0, 0)}, ValueError, "length 3"),
        ({"max_version": (1.0, 0)}, TypeError, "integer"),
        ({"max_version": ("1", 0)}, TypeError, "integer"),
        ({"max_version": (-1, 0)}, OverflowError, "negative"),
        ({"max_version": (1, 2**40)}, OverflowError, "large"),
        ({"dl_device": [1, 0]}, TypeError, "dl_device must be a tuple of two ints, got list"),
        ({"dl_device": (1,)}, ValueError, "dl_device"),
        ({"dl_device": (1, None)}, TypeError, "integer"),
        ({"copy": 1}, TypeError, "copy must be a bool or None, got int"),
        ({"copy": "no"}, TypeError, "copy must be a bool or None, got str"),
        ({"device": (1, 0)}, TypeError, "device"),
    ],
)
def test_types_of_arguments(keywords, error, match):
    with pytest.raises(error, match=match):
        owned().__dlpack__(**keywords)


def test_arguments_are_keywords():
    with pytest.raises(TypeError):
        owned().__dlpack__(None)


def test_order_of_checks():
    """Types before values; then stream, version, device."""
    wrong = {"stream": 1, "max_version": (0, 8), "dl_device": (2, 0)}
    with pytest.raises(TypeError, match="copy"):
        owned().__dlpack__(**wrong, copy=0)
    with pytest.raises(TypeError, match="max_version"):
        owned().__dlpack__(stream=1, max_version=[0], dl_device=[0], copy=0)
    with pytest.raises(BufferError, match="stream"):
        owned().__dlpack__(**wrong)
    with pytest.raises(BufferError, match="version"):
        owned().__dlpack__(**wrong | {"stream": None})
    with pytest.raises(BufferError, match="device"):
        owned().__dlpack__(dl_device=(2, 0))


def test_constants():
    assert (dlpack.DLPACK_FLAG_BITMASK_READ_ONLY, dlpack.DLPACK_FLAG_BITMASK_IS_COPIED) == (1, 2)
    devices = {name: value for name, value in vars(dlpack).items() if name.startswith("KDL")}
    assert devices == {
        "KDLCPU": 1,
        "KDLCUDA": 2,
        "KDLCUDA_HOST": 3,
        "KDLOPENCL": 4,
        "KDLVULKAN": 7,
        "KDLMETAL": 8,
        "KDLVPI": 9,
        "KDLROCM": 10,
        "KDLROCM_HOST": 11,
        "KDLEXT_DEV": 12,
        "KDLCUDA_MANAGED": 13,
        "KDLONE_API": 14,
        "KDLWEB_GPU": 15,
        "KDLHEXAGON": 16,
    }
