"""One-dimensional FFT, 2-D FFT, image operations and MDCT against recorded results of the reference."""

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from . import runners
from .recorded import check, ids, load, tolerance_of

FFTS = load("fft1d")
IMAGES = load("image")
MDCTS = load("mdct")

MASKS = ("lowpass_filter", "highpass_filter", "bandpass_filter", "detect_edges_fft", "sharpen_fft")


def shift_corrected(case):
    """Return whether the reference swaps the two shifts: on odd lengths."""
    if case["function"] in ("fftshift_1d", "ifftshift_1d"):
        return case["signal"][1] % 2 == 1
    return case["function"] in ("fftshift", "ifftshift") and any(n % 2 for n in case["shape"])


def mask_corrected(case):
    """Return whether the frequency mask of the reference is wrong: always, unless only DC passes."""
    if case["function"] == "sharpen_fft":
        return case["args"] != [0.0]
    return case["function"] in MASKS and case.get("args") != [0.0]


CORRECTED_IMAGES = [case for case, _ in IMAGES if mask_corrected(case)]
SAME_FFTS = [pair for pair in FFTS if not shift_corrected(pair[0])]
SAME_IMAGES = [pair for pair in IMAGES if not (shift_corrected(pair[0]) or mask_corrected(pair[0]))]


def function(case, outputs):
    return case["function"]


@together("case, outputs", SAME_FFTS, ids=ids(SAME_FFTS), by=function)
def test_fft1d(case, outputs):
    check(runners.run_fft1d(sg, case)["data"], outputs["data"], tolerance_of(case))


@together("case, outputs", SAME_IMAGES, ids=ids(SAME_IMAGES), by=function)
def test_image(case, outputs):
    check(runners.run_image(sg, case)["data"], outputs["data"], tolerance_of(case))


@together("case, outputs", MDCTS, ids=ids(MDCTS))
def test_mdct(case, outputs):
    results = runners.run_mdct(sg, case)
    check(results["size"], outputs["size"], 0.0)
    check(results["mdct"], outputs["mdct"], tolerance_of(case))
    check(results["imdct"], outputs["imdct"], tolerance_of(case))


def radial_filter(image, function, args):
    """Apply the frequency mask as documented: 0 or 1 by the radius, 1.0 being Nyquist of the shorter axis."""
    rows, columns = image.shape
    i = np.arange(rows)
    i = np.minimum(i, rows - i)[:, None]
    j = np.arange(columns // 2 + 1)

    def low(cutoff):
        return (i * i + j * j <= (min(rows // 2, columns // 2) * cutoff) ** 2).astype(float)

    def apply(mask):
        return np.fft.irfft2(np.fft.rfft2(image) * mask, image.shape)

    if function == "sharpen_fft":
        return image + args[0] * apply(1 - low(0.2))
    masks = {
        "lowpass_filter": lambda cutoff: low(cutoff),
        "highpass_filter": lambda cutoff: 1 - low(cutoff),
        "bandpass_filter": lambda first, last: low(last) - low(first),
        "detect_edges_fft": lambda: 1 - low(0.1),
    }
    return apply(masks[function](*args))


@pytest.mark.correction
@together("case", CORRECTED_IMAGES, ids=ids([(case, None) for case in CORRECTED_IMAGES]))
def test_frequency_mask_is_radial(case):
    picture = runners.image(*case["shape"], case["seed"])
    expected = radial_filter(picture, case["function"], case.get("args", []))
    found = runners.run_image(sg, case)["data"]
    bound = tolerance_of(case) * np.abs(picture).max()
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * bound)


@pytest.mark.correction
@pytest.mark.parametrize("n", [1, 2, 5, 8, 401])
def test_shifts_are_those_of_numpy(n):
    x = runners.signal("noise", n, 1)
    picture = runners.image(n, 3, 1)
    for name in ("fftshift", "ifftshift"):
        np.testing.assert_array_equal(getattr(sg, f"{name}_1d")(x), getattr(np.fft, name)(x))
        np.testing.assert_array_equal(getattr(sg, name)(picture), getattr(np.fft, name)(picture))


@pytest.mark.correction
@pytest.mark.parametrize("n", [8, 9])
def test_irfft_ignores_the_imaginary_part_of_dc_and_nyquist(n):
    spectrum = runners.complex_noise(n // 2 + 1, 1, 1, 1)[:, 0] + 2j
    np.testing.assert_allclose(sg.compute_irfft(spectrum, n), np.fft.irfft(spectrum, n), rtol=0, atol=1e-14)
