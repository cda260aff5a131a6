"""Results: axes, decibels, NumPy and the buffer protocol."""

import copy
import ctypes
import sys
import threading
import warnings

import numpy as np
import pytest

from spectrograms._common import registry
from spectrograms._engine.results.frame_results import Spectrogram, StftResult
from spectrograms._engine.results.result import OwnedArray

from ..support.results import DTYPES, FORMATS, Info, Special, same_bits, spectrogram, values


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(registry.INFOS, "test info", (Info.__module__, "Info"))


# --- values and axes ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", ["C", "F", "reversed", "big-endian"])
def test_from_array(dtype, order):
    array = values(dtype)
    given = {
        "C": array,
        "F": np.asfortranarray(array),
        "reversed": array[::-1, ::-1].copy()[::-1, ::-1],
        "big-endian": array.astype(array.dtype.newbyteorder(">")),
    }[order]
    result = OwnedArray._from_array(given, None)
    assert np.array_equal(result.data, array, equal_nan=True)
    assert result.data.dtype == np.dtype(dtype)
    assert result.dtype == ("float32" if dtype in ("float32", "complex64") else "float64")
    assert result.shape == array.shape
    assert not np.shares_memory(result.data, given)


@pytest.mark.parametrize("dtype", ["int64", "float16", "bool", "longdouble"])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(TypeError, match=r"dtype must be one of float32, .*, got"):
        OwnedArray._from_array(np.ones((2, 2), dtype), None)


@pytest.mark.parametrize("make", [lambda c: c(), lambda c: c(1, x=2), lambda c: c.__new__(c)])
@pytest.mark.parametrize("cls", [OwnedArray, Spectrogram, StftResult, Special])
def test_results_are_not_constructible(cls, make):
    with pytest.raises(TypeError, match=f"cannot create '{cls.__name__}' instances directly; "):
        make(cls)


def test_data_is_one_writable_array():
    result = spectrogram()
    assert result.data is result.data
    assert result.data.flags.writeable
    assert not result.data.flags.owndata
    result.data[0, 0] = 7
    assert result[0, 0] == 7


@pytest.mark.slow
def test_threads_see_one_array():
    for _ in range(50):
        result = spectrogram()
        start = threading.Barrier(4)
        seen = []

        def read(result=result, start=start, seen=seen):
            start.wait()
            seen.append(result.data)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 4
        assert all(array is result.data for array in seen)


def test_axes():
    result = spectrogram(sample_rate=22050.0, hop_size=441)
    assert result.shape == (3, 5)
    assert (result.n_bins, result.n_frames) == (3, 5)
    assert result.frequencies == [0.0, 31.25, 62.5]
    assert result.times == [frame * (441 / 22050) for frame in range(5)]
    assert all(type(value) is float for value in result.times + result.frequencies)
    assert result.times is not result.times
    assert result.frequency_range() == (0.0, 62.5)
    assert result.duration() == 4 * (441 / 22050)
    assert result.time_resolution == 441 / 22050
    assert (result.sample_rate, result.hop_size) == (22050.0, 441)
    assert (result.scale, result.amplitude, result.unit) == ("mel", "power", "1")
    assert result.params == "the parameters"


def test_len_counts_frames_and_indexing_starts_with_bins():
    result = spectrogram()
    assert len(result) == 5
    assert result[1].tolist() == [5, 6, 7, 8, 9]
    assert np.shares_memory(result[1:3, ::2], result.data)
    assert isinstance(result[0, 1], np.float64)
    assert len(list(result)) == 3
    with pytest.raises(IndexError):
        result[3]
    with pytest.raises(TypeError):
        result[0] = 1


def test_transposed_view_and_astype():
    result = spectrogram()
    assert result.T.shape == (5, 3)
    assert result.T.flags.f_contiguous
    assert np.shares_memory(result.T, result.data)
    same = result.astype("float64")
    assert same_bits(same, result.data)
    assert not np.shares_memory(same, result.data)
    assert result.astype(dtype=np.int16).dtype == np.int16
    with pytest.raises(TypeError):
        result.astype()
    with pytest.raises(TypeError, match="dtype must be"):
        result.astype("no such type")


def test_values_that_integers_do_not_hold_are_said_at_the_line_of_the_call():
    result = Spectrogram._from_array(np.full((3, 5), np.nan), None, None)
    with pytest.warns(RuntimeWarning, match="^invalid value encountered in cast$") as caught:
        result.astype(int)
    assert [each.filename for each in caught] == [__file__]


@pytest.mark.parametrize("convert", ["astype", "__array__"])
def test_case_6_a_type_that_is_none_is_refused_in_few_words(convert):
    with pytest.raises(TypeError) as caught:
        getattr(spectrogram(), convert)("x" * 10**6)
    assert len(str(caught.value)) < 200


def test_stft_result():
    data = values("complex64", (3, 5))
    result = StftResult._from_array(data, Info(sample_rate=8000.0, hop_size=80))
    assert repr(result) == str(result) == "StftResult(shape=(3, 5), dtype=float32, sample_rate=8000)"
    assert result.dtype == "float32"
    assert result.frequencies == [0.0, 31.25, 62.5]
    assert result.sample_rate == 8000.0
    assert result.frequency_resolution == 31.25
    assert result.time_resolution == 0.01
    assert same_bits(result.norm(), np.abs(data))
    assert result.norm() is not result.norm()


def test_stft_of_one_bin_is_as_wide_as_the_sample_rate():
    result = StftResult._from_array(np.ones((1, 2), "c16"), Info(n_bins=1, sample_rate=100.0))
    assert result.frequency_resolution == 100.0


@pytest.mark.parametrize(
    ("sample_rate", "text"),
    [(16000.0, "16000"), (0.1, "0.1"), (1e20, "1" + 20 * "0"), (1e-7, "0.0000001"), (np.nan, "NaN")],
)
def test_numbers_in_repr(sample_rate, text):
    result = StftResult._from_array(np.ones((3, 5), "c16"), Info(sample_rate=sample_rate))
    assert repr(result) == f"StftResult(shape=(3, 5), dtype=float64, sample_rate={text})"


def test_repr():
    assert repr(spectrogram()) == str(spectrogram()) == "Spectrogram(shape=(3, 5), dtype=float64)"
    assert repr(Special._from_array(np.ones((1, 2), "f4"), None)) == "Special(shape=(1, 2), dtype=float32)"


@pytest.mark.parametrize("cls", [Spectrogram, StftResult])
def test_public_module(cls):
    assert cls.__module__ == "spectrograms"
    assert repr(cls) == f"<class 'spectrograms.{cls.__name__}'>"


def test_equality_is_identity():
    result = spectrogram()
    assert result == result
    assert result != spectrogram()
    assert len({result, result, spectrogram()}) == 2


@pytest.mark.parametrize("name", ["data", "shape", "dtype", "params", "times", "_info", "anything"])
def test_attributes_are_read_only(name):
    with pytest.raises(AttributeError):
        setattr(spectrogram(), name, 1)


# --- db_range -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("amplitude", "decibels"),
    [
        ("power", lambda v: 10 * np.log10(v + 1e-12)),
        ("magnitude", lambda v: 10 * np.log10(v * v + 1e-12)),
        ("db", lambda v: v),
    ],
)
def test_db_range(amplitude, decibels, dtype):
    data = np.random.default_rng(1).random((40, 61), np.float64).astype(dtype)
    data[3, 7:9] = np.nan
    expected = decibels(data.astype(np.float64))
    low, high = spectrogram(amplitude, data).db_range()
    assert (type(low), type(high)) == (float, float)
    assert (low, high) == pytest.approx((np.nanmin(expected), np.nanmax(expected)), rel=1e-15)


@pytest.mark.parametrize("amplitude", ["power", "magnitude", "db"])
def test_db_range_of_nothing_but_nan(amplitude):
    assert spectrogram(amplitude, np.full((2, 3), np.nan)).db_range() == (np.inf, -np.inf)


@pytest.mark.parametrize("amplitude", ["power", "magnitude"])
def test_db_range_of_silence(amplitude):
    assert spectrogram(amplitude, np.zeros((2, 3))).db_range() == (-120.0, -120.0)


def test_db_range_is_kept():
    result = spectrogram("db")
    assert result.db_range() == (0.0, 14.0)
    result.data[:] = -5
    assert result.db_range() == (0.0, 14.0)
    assert copy.copy(result).db_range() == (-5.0, -5.0)


# --- NumPy and the buffer protocol ----------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_asarray_shares_memory(dtype):
    result = OwnedArray._from_array(values(dtype), None)
    array = np.asarray(result)
    assert same_bits(array, values(dtype))
    assert np.shares_memory(array, result.data)
    assert not np.shares_memory(np.array(result), result.data)
    assert np.shares_memory(np.asarray(result, copy=False), result.data)


def test_array_protocol():
    result = spectrogram()
    data = result.data
    assert result.__array__() is data
    assert result.__array__(np.float64) is data
    assert result.__array__(copy=False) is data
    assert result.__array__(None, copy=True) is not data
    assert same_bits(result.__array__(copy=True), data)
    assert not np.shares_memory(result.__array__("f8", copy=True), data)
    assert result.__array__(dtype="f4").dtype == np.float32
    with pytest.raises(ValueError, match="copy"):
        result.__array__("f4", copy=False)
    with pytest.raises(ValueError, match="copy"):
        np.asarray(result, "f4", copy=False)


def test_functions_take_results_but_operators_do_not():
    result = spectrogram()
    assert np.sqrt(result).tolist() == np.sqrt(result.data).tolist()
    with pytest.raises(TypeError):
        result + result


class PyBuffer(ctypes.Structure):
    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.py_object),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.POINTER(ctypes.c_ssize_t)),
        ("strides", ctypes.POINTER(ctypes.c_ssize_t)),
        ("suboffsets", ctypes.POINTER(ctypes.c_ssize_t)),
        ("internal", ctypes.c_void_p),
    )


SIMPLE, WRITABLE, FORMAT, ND, STRIDES = 0, 1, 4, 8, 0x10 | 8
C_CONTIGUOUS, F_CONTIGUOUS, ANY_CONTIGUOUS = 0x20 | STRIDES, 0x40 | STRIDES, 0x80 | STRIDES


def request(exporter, flags, look):
    """What `look` sees in the buffer that `exporter` gives for `flags`."""
    view = PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(exporter), ctypes.byref(view), flags)
    try:
        return look(view)
    finally:
        ctypes.pythonapi.PyBuffer_Release(ctypes.byref(view))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(6,), (3, 5), (2, 3, 4)])
def test_memoryview(dtype, shape):
    result = OwnedArray._from_array(values(dtype, shape), None)
    view = memoryview(result)
    assert view.obj is result
    assert view.format == FORMATS[dtype]
    assert (view.ndim, view.shape) == (len(shape), shape)
    assert view.strides == result.data.strides
    assert view.itemsize == result.data.itemsize
    assert view.nbytes == result.data.nbytes
    assert view.c_contiguous
    assert not view.readonly
    assert np.frombuffer(result, np.uint8).tobytes() == values(dtype, shape).tobytes()


@pytest.mark.parametrize(
    "flags", [SIMPLE, WRITABLE, FORMAT, ND, ND | FORMAT, STRIDES, C_CONTIGUOUS, ANY_CONTIGUOUS]
)
def test_buffers_hold_what_was_asked_for(flags):
    result = spectrogram()

    def look(view):
        return (
            view.buf == result.data.ctypes.data and view.len == 120 and view.obj is result,
            view.format,
            bool(view.shape) and tuple(view.shape[:2]),
            bool(view.strides) and tuple(view.strides[:2]),
            bool(view.suboffsets),
        )

    expected = (
        True,
        b"d" if flags & FORMAT else None,
        (3, 5) if flags & ND else False,
        (40, 8) if flags & STRIDES == STRIDES else False,
        False,
    )
    before = sys.getrefcount(result)
    assert request(result, flags, look) == expected
    assert sys.getrefcount(result) == before


def test_fortran_order_is_refused():
    with pytest.raises(BufferError, match="Fortran"):
        request(spectrogram(), F_CONTIGUOUS, id)
    flat = OwnedArray._from_array(np.arange(4.0), None)
    assert request(flat, F_CONTIGUOUS, lambda view: view.len) == 32


def test_frozen_data_are_exported_read_only():
    result = spectrogram()
    result.data.flags.writeable = False
    assert memoryview(result).readonly
    assert not np.asarray(result).flags.writeable
    with pytest.raises(BufferError, match="read-only"):
        request(result, WRITABLE, id)
    result.data.flags.writeable = True
    assert request(result, WRITABLE, lambda view: view.readonly) == 0


def test_exports_outlive_the_result():
    result = spectrogram()
    view, array, transposed, row = memoryview(result), np.asarray(result), result.T, result[1]
    del result
    assert view[2, 4] == array[2, 4] == transposed[4, 2] == 14
    assert row.tolist() == [5, 6, 7, 8, 9]


def test_reshaping_data_in_place_changes_nothing_else():
    result = spectrogram()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy 2.5 advises against it
        result.data.shape = (-1,)
    assert result.shape == (3, 5)
    assert len(result) == 5
    assert memoryview(result).shape == np.asarray(result).shape == (3, 5)
    assert copy.copy(result).data.shape == (3, 5)
    assert result.db_range() == (-120.0, 10 * np.log10(14 + 1e-12))
