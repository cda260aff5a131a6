"""The real FFT inside the block loop: every form it takes, against a wider transform."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.fourier.rfft import short_transforms

from ..support.together import together

# Every form: odd, packed, radix-4, combined; and lengths for which only some steps of a kernel run.
LENGTHS = [
    1,
    2,
    3,
    4,
    8,
    30,
    64,
    200,
    256,
    352,
    400,
    401,
    441,
    480,
    512,
    640,
    960,
    1000,
    1024,
    1200,
    2048,
    4096,
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@together("n", LENGTHS)
def test_transform(n, dtype):
    rng = np.random.default_rng(n)
    x = rng.standard_normal(3 * n).astype(dtype)
    params = sg.SpectrogramParams(sg.StftParams(n, n, "rectangular", centre=False), 16000.0)
    spectrum = np.asarray(sg.StftPlan(params, dtype=dtype).compute(x))
    expected = np.fft.rfft(x.reshape(3, n).astype(np.longdouble), axis=1).T
    bound = 4 * np.finfo(dtype).eps * np.abs(expected).max()
    assert np.abs(spectrum - expected).max() <= bound

    power = np.asarray(sg.SpectrogramPlan(params, None, "power", dtype=dtype).compute(x))
    np.testing.assert_allclose(power, np.abs(expected) ** 2, rtol=0, atol=4 * bound * np.abs(expected).max())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@together("n", LENGTHS[4:])
def test_zeros_beside_a_short_window_stay_zeros(n, dtype):
    """They are written once for many frames; no form may touch them."""
    x = np.tile(np.random.default_rng(n).standard_normal(n), 5)
    stft = sg.StftParams(n, n, "hanning", centre=False, win_length=n // 2)
    spectrum = np.asarray(sg.StftPlan(sg.SpectrogramParams(stft, 16000.0), dtype=dtype).compute(x))
    np.testing.assert_array_equal(spectrum, spectrum[:, :1].repeat(5, axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@together("n", sorted({2 * rows * length for rows, length in short_transforms()}))
def test_frames_together_have_the_bytes_of_frames_alone(n, dtype):
    """Whole groups, groups with idle places, and what is left over; as tiles and straight into the output."""
    x = np.random.default_rng(n).standard_normal(80 * 40 + n).astype(dtype)
    params = sg.SpectrogramParams(sg.StftParams(n, 40, "hanning", centre=False), 16000.0)
    mel = sg.MelParams(10, 0.0, 8000.0)
    plans = [
        sg.StftPlan(params, dtype=dtype),
        sg.SpectrogramPlan(params, None, "power", dtype=dtype),
        sg.SpectrogramPlan(params, None, "db", dtype=dtype),
        sg.SpectrogramPlan(params, mel, "power", dtype=dtype),
    ]
    for plan in plans:
        alone = np.stack([plan.compute_frame(x, t) for t in range(80)], axis=1)
        for count in (1, 2, 3, 5, 8, 13, 64, 69, 80):
            together = np.asarray(plan.compute(x[: n + 40 * (count - 1)]))
            assert together.tobytes() == alone[:, :count].tobytes()
