"""What counts as a signal: every dtype, stride and order gives the result of the plain array, bit for bit."""

import array
import ctypes
import tracemalloc
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import spectrograms as sg
from spectrograms._common.intake import as_array

from ..support.exporters import DlpackOnly
from ..support.slow import slow_but
from ..support.spectrogram_cases import DTYPES, KINDS, function, noise, parameters, plan, tones
from ..support.together import together

NUMBERS = [
    "i1",
    "i2",
    "i4",
    "i8",
    "u1",
    "u2",
    "u4",
    "u8",
    "?",
    "f2",
    "f4",
    "f8",
    "longlong",
    "ulonglong",
    "g",
]


def plans(dtype):
    """Plans that read samples in different ways: through a window, raw, of odd length, and padded."""
    return [
        plan("linear", "power", dtype),
        plan("cqt", "power", dtype),
        sg.StftPlan(parameters(63, 20), dtype),
        sg.StftPlan(parameters(64, 16, pad_mode="reflect", win_length=40), dtype),
    ]


def assert_same_bytes(samples, values):
    """Assert that `samples` computes as the contiguous, converted copy of `values` does."""
    for dtype in DTYPES:
        copy = np.array(values, dtype)
        for p in plans(dtype):
            expected = p.compute(copy).data.tobytes()
            assert p.compute(samples).data.tobytes() == expected
            assert p.compute_frame(samples, 2).tobytes() == p.compute_frame(copy, 2).tobytes()


def extremes(code, n=700):
    """Return values over the whole range of an integer dtype, or normally distributed ones."""
    dtype = np.dtype(code)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        values = np.random.default_rng(1).integers(limits.min, limits.max, n, dtype, endpoint=True)
        values[:2] = limits.min, limits.max
        return values
    return (noise(n) > 0) if dtype.kind == "b" else noise(n).astype(dtype)


@together("code", NUMBERS)
def test_dtypes(code):
    x = extremes(code)
    assert_same_bytes(x, x)


@together("code", [code for code in NUMBERS if code not in ("i1", "u1", "?")])
def test_byte_order(code):
    x = extremes(code)
    swapped = x.astype(x.dtype.newbyteorder())
    assert not swapped.dtype.isnative
    assert_same_bytes(swapped, x)


@pytest.mark.slow
@together("code", NUMBERS)
def test_strides(code):
    x = extremes(code)
    assert_same_bytes(x[::3], x[::3].copy())
    assert_same_bytes(x[::-1], x[::-1].copy())
    assert_same_bytes(x[500:20:-7], x[500:20:-7].copy())
    column = x[:696].reshape(-1, 3)[:, 1]
    assert_same_bytes(column, column.copy())
    fortran = np.asfortranarray(x[:696].reshape(3, -1))[1]
    assert_same_bytes(fortran, fortran.copy())


@together("code", NUMBERS)
def test_misaligned(code):
    x = extremes(code)
    records = np.zeros(x.size, np.dtype([("tag", "i1"), ("value", x.dtype)]))
    records["value"] = x
    view = records["value"]
    assert x.itemsize == 1 or not view.flags.aligned
    assert_same_bytes(view, x)
    memory = np.zeros(x.nbytes + 1, np.uint8)[1:]
    contiguous = memory.view(x.dtype)
    contiguous[:] = x
    assert_same_bytes(contiguous, x)


@together("offset", range(16))
def test_any_address(offset):
    for dtype in DTYPES:
        memory = np.zeros(1100, dtype)
        x = memory[offset : offset + 1000]
        x[:] = tones()
        assert_same_bytes(x, tones().astype(dtype))


def test_read_only():
    x = tones()
    x.flags.writeable = False
    assert_same_bytes(x, tones())
    assert_same_bytes(np.frombuffer(tones().tobytes()), tones())
    assert_same_bytes(np.broadcast_to(np.float32(0.1), 300), np.full(300, np.float32(0.1)))


def test_samples_are_left_alone():
    for x in (tones(), tones().astype(np.float32), np.arange(500)):
        before = x.copy()
        for kind in KINDS:
            for dtype in DTYPES:
                plan(*kind, dtype).compute(x)
        assert np.array_equal(x, before)


class Subclass(np.ndarray):
    pass


class OldArray:
    """Something that only has ``__array__``."""

    def __array__(self, dtype=None, copy=None):
        return tones().astype(dtype)


@pytest.mark.parametrize(
    "samples",
    [
        lambda: tones().tolist(),
        lambda: tuple(tones()),
        lambda: array.array("d", tones()),
        lambda: memoryview(tones()),
        lambda: memoryview(bytearray(tones().tobytes())).cast("d"),
        lambda: (ctypes.c_double * 1000)(*tones()),
        lambda: tones().view(Subclass),
        lambda: np.ma.array(tones(), mask=tones() > 0),
        lambda: tones().astype(object),
        lambda: [Fraction(x) for x in tones()],
        lambda: [Decimal(float(x)) for x in tones()],
        OldArray,
        lambda: DlpackOnly(tones()),
    ],
)
def test_containers(samples):
    assert_same_bytes(samples(), tones())


def test_a_result_is_a_signal_when_it_is_flat():
    y = sg.compute_istft(sg.compute_stft(tones(), parameters()), 64, 16, "hann")
    assert_same_bytes(y, y)
    with pytest.raises(TypeError, match=r"samples must be 1-D, got an array of shape \(33, 63\)"):
        plan("linear", "power").compute(plan("linear", "power").compute(tones()))


def test_numbers_are_signals_of_one_sample():
    for one in (0.25, 1, True, np.float32(0.25), np.array(0.25), np.array([0.25])):
        values = np.atleast_1d(np.asarray(one, np.float64))
        expected = plan("linear", "power").compute(values).data
        assert expected.shape == (33, 1)
        assert np.array_equal(plan("linear", "power").compute(one).data, expected)


@together(
    ("bad", "error", "message"),
    [
        (None, TypeError, "samples must be array-like, got None"),
        (
            "tones.wav",
            ValueError,
            "samples must be real numbers, got str: could not convert string to float.*read_audio",
        ),
        (
            Path("tones.wav"),
            TypeError,
            "samples must be real numbers, got PosixPath.*read_audio gives the samples",
        ),
        (
            (np.zeros(4), 16000),
            ValueError,
            r"got a tuple of items of different shapes.*\(samples, sample_rate\)",
        ),
        (map(float, "12"), TypeError, "samples must be real numbers, got map"),
        (["a", "b"], ValueError, "could not convert string to float"),
        ([[1.0], [1.0, 2.0]], ValueError, "inhomogeneous"),
        ({"a": 1.0}, TypeError, "float"),
        (object(), TypeError, "float"),
        (np.zeros((3, 4)), TypeError, r"samples must be 1-D, got an array of shape \(3, 4\).*compute_batch"),
        (np.zeros((1, 4, 2)), TypeError, r"samples must be 1-D, got an array of shape \(1, 4, 2\)"),
        ([[1.0, 2.0], [3.0, 4.0]], TypeError, r"samples must be 1-D, got an array of shape \(2, 2\)"),
        (np.zeros((0, 4)), TypeError, r"samples must be 1-D, got an array of shape \(0, 4\)"),
        (np.zeros(4, [("a", "f8"), ("b", "f8")]), (TypeError, ValueError), "float|void|cast"),
    ],
)
def test_no_signals(bad, error, message):
    for p in plans("float32"):
        with pytest.raises(error, match=message):
            p.compute(bad)


@pytest.mark.parametrize("empty", [[], (), np.zeros(0), np.zeros(0, np.int16), np.zeros(10)[3:3], b""])
def test_empty(empty):
    samples = np.frombuffer(empty, np.uint8) if isinstance(empty, bytes) else empty
    with pytest.raises(ValueError, match="Input samples cannot be empty"):
        plan("mel", "db").compute(samples)
    with pytest.raises(ValueError, match="samples array must not be empty"):
        function("mel", "db")(samples, parameters())
    with pytest.raises(ValueError, match="input array must not be empty"):
        sg.compute_stft(samples, parameters())


def test_memory_of_another_device():
    class OnGpu:
        def __dlpack_device__(self):
            return (2, 0)

    with pytest.raises(TypeError, match=r"samples must be in CPU memory, got a OnGpu on device \(2, 0\)"):
        plan("mel", "db").compute(OnGpu())


def test_arrays_are_not_copied_on_the_way_in():
    for x in (tones(), tones().astype(np.int16)[::-2], np.ma.array(tones()), memoryview(tones())):
        assert np.shares_memory(as_array(x), np.asarray(x))
    assert type(as_array(np.ma.array(tones()))) is np.ndarray


def peak(work):
    """Most bytes of Python and NumPy that were there at once while `work` ran, beyond those at its start."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind",
    slow_but(
        ("i2", ">f4", "f8", "strided", "misaligned"),
        ("i2", ">i2", "u1", "f4", ">f4", "f8", ">f8", "f2", ">u8", "g", ">g", "strided", "misaligned"),
    ),
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_no_signal_is_copied_whole(tmp_path, dtype, kind):
    n, p = 3_000_000, plan("mel", "db", dtype, parameters(512, 160))
    if kind == "strided":
        x = np.memmap(tmp_path / "x", "i2", "w+", shape=(n, 2))[:, 1]
    elif kind == "misaligned":
        x = np.memmap(tmp_path / "x", "u1", "w+", shape=8 * n + 1)[1:].view("f8")
    else:
        x = np.memmap(tmp_path / "x", kind, "w+", shape=n)
    out = np.empty(p.output_shape(n), dtype)
    features = sg.FeatureSet(parameters(512, 160).stft, 8000.0, {"a": sg.MelParams(10, 100.0, 4000.0)}, dtype)
    stream, outs = p.stream(), {"a": features.compute(np.zeros(n))["a"].data}
    few = np.empty((4, *p.output_shape(n // 4)), dtype)

    def push():
        for start in range(0, n, n // 10):
            stream.push(x[start : start + n // 10])

    for work in (
        lambda: p.compute(x, out=out),
        lambda: p.compute_batch(x.reshape(4, -1), out=few, num_threads=1),
        lambda: p.compute_batch([x]),
        lambda: features.compute(x, out=outs),
        push,
    ):
        # A copy of the least kind takes three megabytes, of float64 24; results are no memory of NumPy's.
        assert peak(work) < 2_500_000
    assert peak(lambda: x.astype(np.float32)) > 4 * n  # and copies would be seen


@pytest.mark.slow
@given(
    hnp.arrays(
        st.sampled_from(["i1", "<i2", ">i2", "<i4", "u1", "u4", "i8", "u8", "?", "f2", ">f4", "f8"]),
        st.integers(1, 200),
    ),
    st.sampled_from([1, 2, 3, -1, -2]),
)
def test_conversion(values, step):
    samples = values[::step]
    for dtype in DTYPES:
        with np.errstate(all="ignore"):
            p = plan("linear", "power", dtype)
            expected = p.compute(np.array(samples.astype(dtype))).data
        assert p.compute(samples).data.tobytes() == expected.tobytes()
