"""One-dimensional FFT functions against NumPy: values, frequencies, shifts, errors, planner."""

import copy
import pickle

import numpy as np
import pytest

import spectrograms as sg

from ..support.threads import in_threads
from ..support.together import together

DTYPES = ("float64", "float32")
COMPLEX = {"float64": np.complex128, "float32": np.complex64}
# Relative to the largest value.
TOLERANCE = {"float64": 1e-13, "float32": 2e-6}
# Every form of the transform, odd and even, prime, one, and off the vector widths.
LENGTHS = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    10,
    15,
    16,
    31,
    62,
    64,
    97,
    100,
    256,
    400,
    512,
    1000,
    1024,
    1999,
    2048,
    4096,
)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def assert_close(found, expected, dtype):
    assert found.shape == expected.shape
    scale = max(np.abs(expected).max(initial=0), 1e-300)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * scale)


def assert_fresh(array):
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.flags.aligned


@pytest.mark.parametrize("dtype", DTYPES)
@together("n_fft", LENGTHS)
def test_fft_is_that_of_numpy(n_fft, dtype, rng):
    for n_samples in {1, (n_fft + 1) // 2, n_fft}:
        x = rng.standard_normal(n_samples)
        expected = np.fft.rfft(x, n_fft)
        found = sg.compute_fft(x, n_fft, dtype)
        assert found.dtype == COMPLEX[dtype]
        assert_fresh(found)
        assert_close(found, expected, dtype)
        found = sg.compute_rfft(x, n_fft, dtype)
        assert found.dtype == dtype
        assert_close(found, np.abs(expected), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@together("n_fft", LENGTHS)
def test_irfft_is_that_of_numpy(n_fft, dtype, rng):
    bins = n_fft // 2 + 1
    spectrum = rng.standard_normal(bins) + 1j * rng.standard_normal(bins)
    before = spectrum.copy()
    found = sg.compute_irfft(spectrum, n_fft, dtype)
    assert found.dtype == dtype
    assert_fresh(found)
    assert_close(found, np.fft.irfft(spectrum, n_fft), dtype)
    np.testing.assert_array_equal(spectrum, before)
    x = rng.standard_normal(n_fft)
    assert_close(sg.compute_irfft(sg.compute_fft(x, n_fft, dtype), n_fft, dtype), x, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@together("n_fft", [1, 2, 9, 64, 512, 1024])
@pytest.mark.parametrize("window", [None, sg.WindowType.hanning, "kaiser=6", "array"])
def test_power_and_magnitude_spectrum(n_fft, window, dtype, rng):
    x = rng.standard_normal((n_fft + 1) // 2)
    if window == "array":
        window = weights = rng.standard_normal(n_fft)
    else:
        weights = {
            None: np.ones(n_fft),
            sg.WindowType.hanning: np.hanning(n_fft),
            "kaiser=6": np.kaiser(n_fft, 6),
        }[window]
    expected = np.abs(np.fft.rfft(np.pad(x, (0, n_fft - len(x))) * weights)) ** 2
    power = sg.compute_power_spectrum(x, n_fft, window, dtype)
    assert power.dtype == dtype
    assert_close(power, expected, dtype)
    magnitude = sg.compute_magnitude_spectrum(x, n_fft, window, dtype)
    np.testing.assert_array_equal(magnitude, np.sqrt(power))


def test_power_is_the_square_of_the_complex_spectrum_to_the_bit(rng):
    for n in LENGTHS:
        x = rng.standard_normal(n)
        spectrum = sg.compute_fft(x)
        power = sg.compute_power_spectrum(x, n)
        np.testing.assert_allclose(power, spectrum.real**2 + spectrum.imag**2, rtol=5e-16)


def test_length_defaults_to_that_of_the_signal():
    np.testing.assert_array_equal(sg.compute_fft([1.0, 2.0, 3.0]), sg.compute_fft([1.0, 2.0, 3.0], 3))


@pytest.mark.parametrize(
    "signal",
    [
        [1, 2, 3, 4, 5, 6],
        (1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        range(1, 7),
        np.arange(1, 7, dtype=np.uint8),
        np.arange(1, 7, dtype=np.int16),
        np.arange(1, 7, dtype=np.float32),
        np.arange(1, 7, dtype=">f8"),
        np.arange(1, 7, dtype=object),
        np.arange(6, 0, -1.0)[::-1],
        np.repeat(np.arange(1, 7.0), 2)[::2],
        np.ma.array(np.arange(1, 7.0)),
    ],
    ids=lambda x: f"{type(x).__name__}-{getattr(x, 'dtype', '')}",
)
def test_signals_of_every_kind(signal):
    expected = sg.compute_fft(np.arange(1, 7.0))
    found = sg.compute_fft(signal, 6)
    assert found.dtype == np.complex128
    np.testing.assert_array_equal(found, expected)


def test_input_is_left_alone_and_not_aliased(rng):
    x = rng.standard_normal(8)
    before = x.copy()
    x.flags.writeable = False
    sg.compute_power_spectrum(x, 8, "hann")
    for shift in (sg.fftshift_1d, sg.ifftshift_1d):
        assert not np.shares_memory(shift(x), x)
        assert not np.shares_memory(shift(x[:1]), x)
    np.testing.assert_array_equal(x, before)


def test_a_number_is_a_signal_of_length_one():
    np.testing.assert_array_equal(sg.compute_fft(3.0, 4), [3, 3, 3])


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_is_in_every_bin(dtype):
    for n in (7, 8, 512, 1024):
        x = np.ones(n)
        x[n // 2] = np.nan
        assert np.isnan(sg.compute_fft(x, n, dtype)).all()
        assert np.isnan(sg.compute_power_spectrum(x, n, None, dtype)).all()
        assert np.isnan(sg.compute_irfft(np.full(n // 2 + 1, np.nan), n, dtype)).all()


def test_rfft_does_not_overflow_in_between():
    np.testing.assert_allclose(sg.compute_rfft([0.0, 1e200, 0.0], 3), 1e200, rtol=1e-15)


# --- errors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [sg.compute_fft, sg.compute_rfft, sg.compute_power_spectrum])
def test_errors_of_the_forward_transforms(call):
    with pytest.raises(ValueError, match=r"^n_fft must be non-zero positive integer"):
        call([1.0], 0)
    with pytest.raises(OverflowError, match="can't convert negative int to unsigned"):
        call([1.0], -1)
    with pytest.raises(TypeError):
        call([1.0], 4.0)
    with pytest.raises(ValueError, match=r"^input array must not be empty"):
        call([], 4)
    with pytest.raises(TypeError, match="samples must be 1-D"):
        call(np.ones((2, 2)), 4)
    with pytest.raises(TypeError, match="None"):
        call(None, 4)
    with pytest.raises(sg.InvalidInputError, match=r"^Input length \(5\) exceeds FFT size \(4\)"):
        call(np.ones(5), 4)
    with pytest.raises(ValueError, match="unsupported dtype \"f16\"; expected 'float32' or 'float64'"):
        call([1.0], 4, dtype="f16")
    with pytest.raises(MemoryError, match=r"2\*\*28"):
        call([1.0], 2**28 + 1)
    with pytest.raises(MemoryError):
        call([1.0], 2**63)


def test_order_of_checks():
    with pytest.raises(ValueError, match="n_fft must be non-zero"):
        sg.compute_fft([], dtype="nonsense")
    with pytest.raises(ValueError, match="unsupported dtype"):
        sg.compute_fft(np.ones((2, 2)), 4, "nonsense")
    with pytest.raises(TypeError):
        sg.compute_fft(3.0)


def test_errors_of_irfft():
    with pytest.raises(ValueError, match=r"^n_fft must be non-zero positive integer"):
        sg.compute_irfft([1.0], 0)
    with pytest.raises(ValueError, match=r"^input array must not be empty"):
        sg.compute_irfft([], 4)
    with pytest.raises(TypeError, match="spectrum must be 1-D"):
        sg.compute_irfft(np.ones((3, 1)), 4)
    with pytest.raises(sg.DimensionMismatchError, match=r"^Dimension mismatch: expected 3, got 2"):
        sg.compute_irfft([1.0, 2.0], 4)
    assert sg.compute_irfft(np.ones(51), 100).shape == (100,)
    assert sg.compute_irfft(np.ones(51), 101).shape == (101,)
    with pytest.raises(MemoryError, match=r"2\*\*28"):
        sg.compute_irfft(np.broadcast_to(np.complex64(1), 2**27 + 1), 2**28 + 1, "float32")


@pytest.mark.parametrize("call", [sg.compute_power_spectrum, sg.compute_magnitude_spectrum])
def test_custom_window_of_another_length_is_an_error(call):
    with pytest.raises(sg.InvalidInputError, match=r"size \(5\) must match n_fft \(8\)"):
        call(np.ones(4), 8, sg.WindowType.custom(np.ones(5)))


@pytest.mark.parametrize("name", ["hanning", "hamming", "blackman"])
def test_windows_of_length_one_are_one(name):
    np.testing.assert_array_equal(sg.compute_power_spectrum([3.0], 1, getattr(sg.WindowType, name)), [9.0])


# --- frequencies and shifts ----------------------------------------------------------------------------


@together("n", [1, 2, 5, 8, 399])
@together("d", [1.0, 1 / 16000, 3.7, -2.0])
def test_frequencies(n, d):
    i = np.arange(n)
    full = np.where(i < (n + 1) // 2, i, i - n) / (n * d)
    np.testing.assert_array_equal(sg.fftfreq(n, d), full)
    np.testing.assert_array_equal(sg.rfftfreq(n, d), np.arange(n // 2 + 1) / (n * d))
    np.testing.assert_allclose(sg.fftfreq(n, d), np.fft.fftfreq(n, d), rtol=1e-15)
    assert sg.fftfreq(n, d, "float32").dtype == np.float32
    np.testing.assert_array_equal(sg.rfftfreq(n, d, "f32"), (np.arange(n // 2 + 1) / (n * d)).astype("f4"))


@pytest.mark.parametrize("call", [sg.fftfreq, sg.rfftfreq])
def test_errors_of_frequencies(call):
    with pytest.raises(ValueError, match="n must be >= 1"):
        call(0)
    with pytest.raises(OverflowError):
        call(-1)
    with pytest.raises(sg.InvalidInputError, match="d must not be 0"):
        call(4, 0.0)
    with pytest.raises(TypeError):
        call(4, "1")
    with pytest.raises(MemoryError):
        call(2**63)
    assert np.isnan(call(4, np.nan)).all()


@pytest.mark.parametrize("n", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("dtype", DTYPES)
def test_shifts_of_real_and_complex_numbers(n, dtype, rng):
    x = rng.standard_normal(n)
    for values, kind in ((x, np.dtype(dtype)), (x + 1j, COMPLEX[dtype])):
        converted = values.astype(kind)
        np.testing.assert_array_equal(sg.fftshift_1d(values, dtype), np.fft.fftshift(converted), strict=True)
        np.testing.assert_array_equal(
            sg.ifftshift_1d(values, dtype), np.fft.ifftshift(converted), strict=True
        )
    np.testing.assert_array_equal(sg.ifftshift_1d(sg.fftshift_1d(x)), x)


def test_shifted_frequencies_are_sorted():
    for n in range(1, 12):
        assert (np.diff(sg.fftshift_1d(sg.fftfreq(n))) > 0).all()


def test_errors_of_shifts():
    for call in (sg.fftshift_1d, sg.ifftshift_1d):
        with pytest.raises(TypeError, match="arr must be 1-D"):
            call(np.ones((2, 2)))


# --- planner and cache ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_planner_gives_the_bytes_of_the_functions(dtype, rng):
    planner = sg.FftPlanner(dtype)
    assert planner.dtype == dtype
    for n in (7, 8, 512, 1024):
        x = rng.standard_normal(n)
        spectrum = planner.fft(x)
        np.testing.assert_array_equal(spectrum, sg.compute_fft(x, n, dtype))
        np.testing.assert_array_equal(planner.fft(x[:5], n), sg.compute_fft(x[:5], n, dtype))
        np.testing.assert_array_equal(planner.rfft(x, n), sg.compute_rfft(x, n, dtype))
        np.testing.assert_array_equal(planner.irfft(spectrum, n), sg.compute_irfft(spectrum, n, dtype))
        np.testing.assert_array_equal(
            planner.power_spectrum(x, n, "hann"), sg.compute_power_spectrum(x, n, "hann", dtype)
        )
        np.testing.assert_array_equal(
            planner.magnitude_spectrum(x, n, "hann"), sg.compute_magnitude_spectrum(x, n, "hann", dtype)
        )


def test_planner_counts_and_drops_its_plans():
    planner = sg.FftPlanner()
    assert planner.cache_info() == (0, 0)
    planner.fft(np.ones(8))
    planner.power_spectrum(np.ones(8), 8)
    planner.rfft(np.ones(8), 16)
    planner.irfft(np.ones(5), 8)
    assert planner.cache_info() == (2, 1)
    planner.clear()
    assert planner.cache_info() == (0, 0)
    np.testing.assert_array_equal(planner.fft(np.ones(8)), sg.compute_fft(np.ones(8)))
    assert planner.cache_info() == (1, 0)


def test_planner_as_an_object():
    planner = sg.FftPlanner("f32")
    assert repr(planner) == "FftPlanner(dtype='float32')"
    for twin in (pickle.loads(pickle.dumps(planner)), copy.copy(planner)):
        assert twin.dtype == "float32"
    with pytest.raises(ValueError, match="unsupported dtype"):
        sg.FftPlanner("int")


def test_cleared_plans_are_counted_when_made_again():
    for _ in range(2):
        sg.clear_fft_plan_cache()
        assert sg.fft_plan_cache_info() == (0, 0)
        sg.compute_fft(np.ones(100))
        sg.compute_fft(np.ones(100))
        assert sg.fft_plan_cache_info() == (1, 0)
        sg.compute_irfft(np.ones(51), 100)
        assert sg.fft_plan_cache_info() == (1, 1)


def test_one_planner_in_eight_threads(rng):
    planner = sg.FftPlanner()
    signals = rng.standard_normal((8, 3000))
    lengths = (3000, 2048, 1999)

    def work(i):
        return [planner.fft(signals[i, :n]) for _ in range(20) for n in lengths]

    for x, spectra in zip(signals, in_threads(work), strict=True):
        for j, spectrum in enumerate(spectra):
            np.testing.assert_array_equal(spectrum, sg.compute_fft(x[: lengths[j % 3]]))
