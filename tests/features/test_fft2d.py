"""Two-dimensional FFT against NumPy: shapes of every parity, results with axes, planner, threads, errors."""

import pickle

import numpy as np
import pytest

import spectrograms as sg

from ..support.threads import in_threads
from ..support.together import together

DTYPES = ("float64", "float32")
COMPLEX = {"float64": np.complex128, "float32": np.complex64}
TOLERANCE = {"float64": 1e-13, "float32": 2e-6}
# Both parities of both axes, single rows and columns, primes, more columns than a block has, rows that are
# no multiple of the strip that is turned at a time, and each form of the row transform.
SHAPES = (
    *((r, c) for r in (1, 2, 3, 4, 5) for c in (1, 2, 3, 4, 5)),
    (1, 64),
    (64, 1),
    (33, 16),
    (16, 33),
    (61, 67),
    (65, 256),
    (130, 98),
    (257, 34),
    (512, 512),
    (40, 1024),
    (2048, 6),
    (5000, 3),
)


@pytest.fixture
def rng():
    return np.random.default_rng(12)


def assert_close(found, expected, dtype):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * np.abs(expected).max())


@pytest.mark.parametrize("dtype", DTYPES)
@together("shape", SHAPES, ids=str)
def test_forward_is_that_of_numpy(shape, dtype, rng):
    x = rng.standard_normal(shape)
    before = x.copy()
    expected = np.fft.rfft2(x)
    found = sg.fft2d(x, dtype)
    assert found.dtype == COMPLEX[dtype]
    assert found.flags.c_contiguous
    assert found.flags.writeable
    assert_close(found, expected, dtype)
    power = sg.power_spectrum_2d(x, dtype)
    assert power.dtype == dtype
    assert_close(power, np.abs(expected) ** 2, dtype)
    magnitude = sg.magnitude_spectrum_2d(x, dtype)
    assert magnitude.dtype == dtype
    assert_close(magnitude, np.abs(expected), dtype)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("dtype", DTYPES)
@together("shape", SHAPES, ids=str)
def test_backward_is_that_of_numpy_for_any_spectrum(shape, dtype, rng):
    half = shape[0], shape[1] // 2 + 1
    spectrum = rng.standard_normal(half) + 1j * rng.standard_normal(half)
    before = spectrum.copy()
    found = sg.ifft2d(spectrum, shape[1], dtype)
    assert found.dtype == dtype
    assert found.flags.c_contiguous
    assert found.flags.writeable
    assert_close(found, np.fft.irfft2(spectrum, shape), dtype)
    np.testing.assert_array_equal(spectrum, before)
    x = rng.standard_normal(shape)
    assert_close(sg.ifft2d(sg.fft2d(x, dtype), shape[1], dtype), x, dtype)


def test_images_of_every_kind():
    image = np.arange(30.0).reshape(5, 6)
    expected = sg.fft2d(image)
    wide = np.zeros((10, 18))
    wide[::2, ::3] = image
    for same in (
        image.tolist(),
        image.astype(np.uint8),
        image.astype(np.int64),
        image.astype(np.float32),
        image.astype(">f4"),
        image.astype(object),
        np.asfortranarray(image),
        image[::-1, ::-1].copy()[::-1, ::-1],
        wide[::2, ::3],
    ):
        found = sg.fft2d(same)
        assert found.dtype == np.complex128
        np.testing.assert_array_equal(found, expected)


def test_nan_is_everywhere():
    image = np.ones((6, 7))
    image[2, 3] = np.nan
    assert np.isnan(sg.fft2d(image)).all()
    assert np.isnan(sg.power_spectrum_2d(image, "f32")).all()
    spectrum = np.ones((6, 4), complex)
    spectrum[2, 1] = np.nan
    assert np.isnan(sg.ifft2d(spectrum, 7)).all()


def test_magnitude_does_not_overflow_in_between():
    np.testing.assert_allclose(sg.magnitude_spectrum_2d([[0.0, 1e200]]), [[1e200, 1e200]], rtol=1e-15)


@pytest.mark.parametrize(
    "call",
    [sg.fft2d, sg.power_spectrum_2d, sg.magnitude_spectrum_2d, sg.compute_fft2d, sg.Fft2dPlanner().fft2d],
)
def test_errors_of_the_forward_transforms(call):
    for shape in ((0, 4), (4, 0), (0, 0)):
        with pytest.raises(sg.InvalidInputError, match=r"^array dimensions must be > 0"):
            call(np.ones(shape))
    for shape in ((), (4,), (2, 2, 2)):
        with pytest.raises(TypeError, match="data must be 2-D"):
            call(np.ones(shape))
    with pytest.raises(ValueError, match="inhomogeneous"):
        call([[1.0], [1.0, 2.0]])
    with pytest.raises(TypeError, match="None"):
        call(None)


def test_errors_of_ifft2d():
    with pytest.raises(sg.InvalidInputError, match=r"^dimensions must be > 0"):
        sg.ifft2d(np.ones((2, 1)), 0)
    with pytest.raises(sg.InvalidInputError, match=r"^dimensions must be > 0"):
        sg.ifft2d(np.ones((0, 3)), 4)
    with pytest.raises(sg.DimensionMismatchError, match="expected 4, got 3"):
        sg.ifft2d(np.ones((2, 3)), 6)
    with pytest.raises(OverflowError):
        sg.ifft2d(np.ones((2, 3)), -4)
    with pytest.raises(TypeError, match="spectrum must be 2-D"):
        sg.ifft2d(np.ones(3), 4)
    with pytest.raises(TypeError):
        sg.ifft2d(np.ones((2, 3)), 4.0)
    with pytest.raises(ValueError, match="unsupported dtype"):
        sg.ifft2d(np.ones((2, 3)), 4, "int")


# --- shifts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 4), (4, 5), (5, 7), (1, 3), (3, 1), (0, 3), (2, 0)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_shifts_of_real_and_complex_numbers(shape, dtype, rng):
    x = rng.standard_normal(shape)
    for values, kind in ((x, np.dtype(dtype)), (x + 1j, COMPLEX[dtype])):
        converted = values.astype(kind)
        np.testing.assert_array_equal(sg.fftshift(values, dtype), np.fft.fftshift(converted), strict=True)
        np.testing.assert_array_equal(sg.ifftshift(values, dtype), np.fft.ifftshift(converted), strict=True)
    assert not np.shares_memory(sg.fftshift(x), x)


def test_errors_of_shifts():
    for call in (sg.fftshift, sg.ifftshift):
        with pytest.raises(TypeError, match="arr must be 2-D"):
            call(np.ones(4))


# --- results with axes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1, 1), (5, 6), (4, 7)], ids=str)
def test_result_object(shape, dtype, rng):
    x = rng.standard_normal(shape)
    result = sg.compute_fft2d(x, (0.5, 0.25), dtype)
    assert isinstance(result, sg.Fft2dResult)
    assert result.dtype == dtype
    assert result.input_shape == shape
    np.testing.assert_array_equal(result.data, sg.fft2d(x, dtype), strict=True)
    assert result.data.ctypes.data % 64 == 0
    np.testing.assert_array_equal(result.row_frequencies, np.fft.fftfreq(shape[0], 0.5))
    np.testing.assert_array_equal(result.col_frequencies, np.fft.rfftfreq(shape[1], 0.25))
    assert_close(result.full(), np.fft.fft2(x), dtype)
    assert_close(result.inverse(), x, dtype)


@pytest.mark.parametrize("spacing", [(1.0,), (1.0, 2.0, 3.0), 1.0, None, "ab"])
def test_spacing_is_two_numbers(spacing):
    with pytest.raises(TypeError, match=r"spacing|number"):
        sg.compute_fft2d(np.ones((2, 2)), spacing)


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (1.0, np.inf), (np.nan, 1.0)])
def test_spacing_is_finite_and_not_zero(spacing):
    with pytest.raises(sg.InvalidInputError, match="spacing"):
        sg.compute_fft2d(np.ones((2, 2)), spacing)


# --- planner -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_planner_gives_the_bytes_of_the_functions(dtype, rng):
    planner = sg.Fft2dPlanner(dtype)
    assert planner.dtype == dtype
    for shape in ((5, 7), (16, 32), (5, 7)):
        x = rng.standard_normal(shape)
        spectrum = sg.fft2d(x, dtype)
        np.testing.assert_array_equal(planner.fft2d(x), spectrum, strict=True)
        np.testing.assert_array_equal(
            planner.ifft2d(spectrum, shape[1]), sg.ifft2d(spectrum, shape[1], dtype), strict=True
        )
        np.testing.assert_array_equal(
            planner.power_spectrum_2d(x), sg.power_spectrum_2d(x, dtype), strict=True
        )
        np.testing.assert_array_equal(
            planner.magnitude_spectrum_2d(x), sg.magnitude_spectrum_2d(x, dtype), strict=True
        )
        result = planner.compute(x, (2.0, 3.0))
        np.testing.assert_array_equal(result.data, spectrum, strict=True)
        np.testing.assert_array_equal(result.row_frequencies, np.fft.fftfreq(shape[0], 2.0))


def test_planner_as_an_object():
    planner = sg.Fft2dPlanner("f32")
    assert repr(planner) == "Fft2dPlanner(dtype='float32')"
    assert pickle.loads(pickle.dumps(planner)).dtype == "float32"
    with pytest.raises(AttributeError):
        planner.dtype = "float64"


def test_one_planner_in_eight_threads(rng):
    planner = sg.Fft2dPlanner()
    shapes = ((64, 64), (61, 67), (8, 100))
    images = [[rng.standard_normal(shape) for shape in shapes] for _ in range(8)]

    def work(i):
        return [
            (planner.fft2d(x), planner.ifft2d(planner.fft2d(x), x.shape[1]))
            for _ in range(10)
            for x in images[i]
        ]

    for own, results in zip(images, in_threads(work), strict=True):
        for j, (spectrum, back) in enumerate(results):
            x = own[j % 3]
            np.testing.assert_array_equal(spectrum, sg.fft2d(x))
            np.testing.assert_array_equal(back, sg.ifft2d(spectrum, x.shape[1]))
