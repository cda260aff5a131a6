"""Image operations against SciPy and against masks written down in NumPy."""

import numpy as np
import pytest
import scipy.ndimage

import spectrograms as sg

from ..support.threads import in_threads
from ..support.together import together

DTYPES = ("float64", "float32")
TOLERANCE = {"float64": 1e-13, "float32": 4e-6}
SHAPES = ((1, 1), (1, 16), (16, 1), (2, 2), (7, 7), (16, 16), (15, 17), (32, 20), (9, 40), (64, 65))
CUTOFFS = (0.0, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0)


@pytest.fixture
def rng():
    return np.random.default_rng(13)


def assert_close(found, expected, dtype, scale):
    assert found.dtype == dtype
    assert found.flags.c_contiguous
    assert found.flags.writeable
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * scale)


# --- kernels and convolution ---------------------------------------------------------------------------


@together("dtype", DTYPES)
@together("size", [1, 3, 9, 31])
@together("sigma", [0.3, 1.0, 4, 1e6])
def test_gaussian_kernel(size, sigma, dtype):
    i = np.arange(size) - size // 2
    expected = np.exp(-(i[:, None] ** 2 + i**2) / (2 * sigma**2))
    expected /= expected.sum()
    found = sg.gaussian_kernel_2d(size, sigma, dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=1e-13 if dtype == "float64" else 1e-6, atol=1e-45)


def test_gaussian_kernel_of_extreme_width():
    narrow = np.zeros((5, 5))
    narrow[2, 2] = 1
    np.testing.assert_array_equal(sg.gaussian_kernel_2d(5, 1e-200), narrow)
    np.testing.assert_allclose(sg.gaussian_kernel_2d(5, 1e300), np.full((5, 5), 1 / 25), rtol=1e-15)


@pytest.mark.parametrize(
    ("size", "sigma", "text"),
    [
        (0, 1.0, "size must be a non-zero odd integer"),
        (4, 1.0, "kernel size must be odd and > 0"),
        (3, 0.0, "sigma must be > 0"),
        (3, -1.0, "sigma must be > 0"),
        (3, np.nan, "sigma must be > 0"),
        (3, np.inf, "sigma must be > 0"),
    ],
)
def test_errors_of_gaussian_kernel(size, sigma, text):
    with pytest.raises(sg.InvalidInputError, match=f"^{text}"):
        sg.gaussian_kernel_2d(size, sigma)


def test_gaussian_kernel_that_does_not_fit():
    with pytest.raises(MemoryError):
        sg.gaussian_kernel_2d(2**40 + 1, 1.0)
    with pytest.raises(OverflowError):
        sg.gaussian_kernel_2d(-3, 1.0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("shape", "kernel_shape"),
    [
        ((8, 8), (3, 3)),
        ((8, 8), (2, 2)),
        ((8, 8), (8, 8)),
        ((15, 17), (4, 5)),
        ((15, 17), (5, 4)),
        ((15, 17), (15, 1)),
        ((1, 9), (1, 9)),
        ((9, 1), (2, 1)),
        ((1, 1), (1, 1)),
        ((130, 98), (31, 30)),
    ],
    ids=str,
)
def test_convolution_is_that_of_scipy(shape, kernel_shape, dtype, rng):
    image, kernel = rng.standard_normal(shape), rng.standard_normal(kernel_shape)
    found = sg.convolve_fft(image, kernel, dtype)
    assert_close(found, scipy.ndimage.convolve(image, kernel, mode="wrap"), dtype, 4 * np.abs(kernel).sum())


def test_convolution_takes_any_kind_of_array():
    image, kernel = np.arange(48).reshape(6, 8), np.arange(9).reshape(3, 3)
    expected = sg.convolve_fft(image.astype(float), kernel.astype(float))
    np.testing.assert_array_equal(sg.convolve_fft(image, kernel), expected)
    np.testing.assert_array_equal(sg.convolve_fft(np.asfortranarray(image), kernel.T.copy().T), expected)
    np.testing.assert_array_equal(sg.convolve_fft(image.tolist(), kernel.tolist()), expected)


def test_errors_of_convolution():
    for kernel in (np.ones((4, 1)), np.ones((1, 6))):
        with pytest.raises(sg.InvalidInputError, match="kernel dimensions must not exceed image dimensions"):
            sg.convolve_fft(np.ones((3, 5)), kernel)
    with pytest.raises(sg.InvalidInputError, match="array dimensions must be > 0"):
        sg.convolve_fft(np.ones((0, 5)), np.ones((1, 1)))
    with pytest.raises(sg.InvalidInputError, match="kernel dimensions must be > 0"):
        sg.convolve_fft(np.ones((3, 5)), np.ones((0, 2)))
    with pytest.raises(TypeError, match="kernel must be 2-D"):
        sg.convolve_fft(np.ones((3, 5)), np.ones(3))


# --- frequency masks -----------------------------------------------------------------------------------


def low(shape, cutoff):
    """The disc of frequencies up to a fraction of the Nyquist frequency of the shorter axis."""
    i = np.minimum(np.arange(shape[0]), shape[0] - np.arange(shape[0]))[:, None]
    j = np.arange(shape[1] // 2 + 1)
    return i * i + j * j <= (min(shape) // 2 * cutoff) ** 2


def masked(image, mask):
    return np.fft.irfft2(np.fft.rfft2(image) * mask, image.shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_filters_are_masks(shape, dtype, rng):
    image = rng.standard_normal(shape)
    for cutoff in CUTOFFS:
        disc = low(shape, cutoff)
        assert_close(sg.lowpass_filter(image, cutoff, dtype), masked(image, disc), dtype, 4)
        assert_close(sg.highpass_filter(image, cutoff, dtype), masked(image, ~disc), dtype, 4)
        for upper in CUTOFFS:
            if cutoff < upper:
                ring = low(shape, upper) & ~disc
                found = sg.bandpass_filter(image, cutoff, upper, dtype)
                assert_close(found, masked(image, ring), dtype, 4)
    edges = masked(image, ~low(shape, 0.1))
    assert_close(sg.detect_edges_fft(image, dtype), edges, dtype, 4)
    details = masked(image, ~low(shape, 0.2))
    for amount in (0.0, 0.5, 3):
        assert_close(sg.sharpen_fft(image, amount, dtype), image + amount * details, dtype, 4 + 4 * amount)


def test_highest_frequencies_are_high_along_both_axes():
    """Columns, then rows, alternate between +1 and -1."""
    stripes = np.resize([1.0, -1.0], (64, 64))
    for image in (stripes, stripes.T):
        np.testing.assert_allclose(sg.lowpass_filter(image, 0.2), 0, rtol=0, atol=1e-14)
        np.testing.assert_allclose(sg.highpass_filter(image, 0.2), image, rtol=0, atol=1e-14)


def test_cutoff_one_is_the_nyquist_frequency_of_the_shorter_axis():
    j = np.arange(32)
    image = np.ones((16, 1)) * np.cos(2 * np.pi * 8 * j / 32)
    np.testing.assert_allclose(sg.lowpass_filter(image, 1.0), image, rtol=0, atol=1e-14)
    image = np.ones((16, 1)) * np.cos(2 * np.pi * 9 * j / 32)
    np.testing.assert_allclose(sg.lowpass_filter(image, 1.0), 0, rtol=0, atol=1e-14)


def test_cutoff_zero_leaves_the_mean(rng):
    image = rng.standard_normal((9, 12))
    np.testing.assert_allclose(
        sg.lowpass_filter(image, 0), np.full((9, 12), image.mean()), rtol=0, atol=1e-15
    )
    np.testing.assert_allclose(sg.highpass_filter(image, 0), image - image.mean(), rtol=0, atol=1e-14)


def test_low_and_high_pass_add_up(rng):
    image = rng.standard_normal((33, 48))
    both = sg.lowpass_filter(image, 0.3) + sg.highpass_filter(image, 0.3)
    np.testing.assert_allclose(both, image, rtol=0, atol=1e-13)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(1, 1), (6, 7), (40, 3)], ids=str)
def test_a_number_that_is_not_finite_is_everywhere(shape, bad):
    image = np.ones(shape)
    image[shape[0] // 2, shape[1] // 2] = bad
    for found in (
        sg.lowpass_filter(image, 0.1),
        sg.highpass_filter(image, 1.0),
        sg.bandpass_filter(image, 0.01, 0.02),
        sg.detect_edges_fft(image),
        sg.sharpen_fft(image, 0.0, "f32"),
    ):
        assert np.isnan(found).all()
    image[shape[0] // 2, shape[1] // 2] = np.nan
    assert np.isnan(sg.convolve_fft(image, [[1.0]])).all()


def test_sharpening_by_what_is_not_finite():
    for amount in (np.nan, np.inf):
        assert np.isnan(sg.sharpen_fft(np.ones((4, 4)), amount)).all()


@pytest.mark.parametrize("cutoff", [-0.1, 1.1, np.nan, np.inf])
def test_cutoffs_are_fractions(cutoff):
    # The cutoff is looked at before the image.
    image = np.ones((0, 4))
    for call in (
        lambda: sg.lowpass_filter(image, cutoff),
        lambda: sg.highpass_filter(image, cutoff),
        lambda: sg.bandpass_filter(image, cutoff, 0.5),
        lambda: sg.bandpass_filter(image, 0.5, cutoff),
    ):
        with pytest.raises(sg.InvalidInputError, match=r"must be between 0\.0 and 1\.0, got .*cut"):
            call()


def test_errors_of_filters():
    image = np.ones((4, 4))
    for low_cutoff, high_cutoff in ((0.5, 0.5), (0.6, 0.5)):
        with pytest.raises(sg.InvalidInputError, match="high_cutoff must be greater than low_cutoff"):
            sg.bandpass_filter(image, low_cutoff, high_cutoff)
    with pytest.raises(sg.InvalidInputError, match="amount must be >= 0"):
        sg.sharpen_fft(image, -1.0)
    with pytest.raises(TypeError):
        sg.lowpass_filter(image, "0.5")
    for call in (sg.detect_edges_fft, lambda x: sg.lowpass_filter(x, 0.5), lambda x: sg.sharpen_fft(x, 1)):
        with pytest.raises(sg.InvalidInputError, match="array dimensions must be > 0"):
            call(np.ones((4, 0)))
        with pytest.raises(TypeError, match="image must be 2-D"):
            call(np.ones(4))
        with pytest.raises(ValueError, match="inhomogeneous"):
            call([[1.0, 2.0], [3.0]])


def test_images_are_left_alone(rng):
    image = rng.standard_normal((8, 9))
    before = image.copy()
    image.flags.writeable = False
    for found in (
        sg.lowpass_filter(image, 1.0),
        sg.sharpen_fft(image, 0.0),
        sg.convolve_fft(image, [[1.0]]),
    ):
        assert not np.shares_memory(found, image)
    np.testing.assert_array_equal(image, before)


def test_filters_in_threads(rng):
    images = rng.standard_normal((8, 61, 67))
    kernel = rng.standard_normal((5, 5))

    def work(i):
        return [(sg.highpass_filter(images[i], 0.3), sg.convolve_fft(images[i], kernel)) for _ in range(10)]

    for image, results in zip(images, in_threads(work), strict=True):
        for filtered, convolved in results:
            np.testing.assert_array_equal(filtered, sg.highpass_filter(image, 0.3))
            np.testing.assert_array_equal(convolved, sg.convolve_fft(image, kernel))
