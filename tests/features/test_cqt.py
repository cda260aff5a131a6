"""The complex constant-Q transform: the definition, the power spectrogram, frames, options, errors, files."""

import io
import pickle
import warnings

import numpy as np
import pytest

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import DTYPES, RATE, noise

PARAMS = sg.CqtParams(6, 3, 300.0)


def by_definition(x, rate, params, hop, window=np.hanning):
    """Sums over the end (or the middle) of each frame of the raw signal."""
    m = min(len(x), 16384)
    frames = [x[t : t + m] for t in range(0, len(x) - m + 1, hop)]
    rows = []
    for k in range(params.num_bins):
        f = params.f_min * 2 ** (k / params.bins_per_octave)
        if f >= rate / 2:
            break
        length = min(max(int(np.floor(params.q_factor * rate / f + 0.5)), 1), m)
        kernel = window(length) * np.exp(2j * np.pi * f * np.arange(length) / rate)
        kernel[np.abs(kernel) < params.sparsity * np.abs(kernel).max()] = 0
        if params.normalize:
            kernel /= np.linalg.norm(kernel)
        start = m - length if params.align == "end" else m // 2 - length // 2
        rows.append([np.vdot(kernel, frame[start : start + length]) for frame in frames])
    return np.array(rows)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("n", "hop"), [(700, 100), (16384, 1), (16391, 3), (20011, 160)])
def test_definition(dtype, n, hop):
    x = noise(n)
    result = sg.cqt(x, RATE, PARAMS, hop, dtype)
    definition.assert_close(result.data, by_definition(x, RATE, PARAMS, hop), dtype)
    assert type(result) is sg.CqtResult
    assert result.data.dtype == {"float64": np.complex128, "float32": np.complex64}[dtype]


@pytest.mark.parametrize(
    "options",
    [
        {"align": "centre"},
        {"sparsity": 0.0},
        {"sparsity": 0.3},
        {"normalize": False},
        {"q_factor": 3.5},
        {"window": "hamming"},
    ],
)
def test_options(options):
    x, params = noise(16500), sg.CqtParams(6, 3, 300.0, **options)
    window = np.hamming if "window" in options else np.hanning
    expected = by_definition(x, RATE, params, 50, window)
    definition.assert_close(sg.cqt(x, RATE, params, 50).data, expected, "float64")


def test_power_is_that_of_the_power_spectrogram():
    """A plan over frames of 16384 samples without centring has the same frames and kernels."""
    x = noise(20000)
    params = sg.SpectrogramParams(sg.StftParams(16384, 500, "hann", False), RATE)
    power = sg.compute_cqt_power_spectrogram(x, params, PARAMS)
    result = sg.cqt(x, RATE, PARAMS, 500)
    definition.assert_close(result.to_power(), power.data, "float64")
    definition.assert_close(result.to_magnitude(), np.sqrt(power.data), "float64")
    assert result.frequencies == power.frequencies


def test_any_memory_gives_the_same_bits():
    x = noise(18000).astype(np.float32)
    expected = sg.cqt(x, RATE, PARAMS, 100)
    for other in (x.astype(float), np.repeat(x, 2)[::2], x[::-1].copy()[::-1], x.tolist(), x.astype(">f4")):
        assert np.array_equal(sg.cqt(other, RATE, PARAMS, 100).data, expected.data)


@pytest.mark.parametrize("kind", [np.float64, np.int16])
def test_frames_far_apart(kind):
    """More than a frame apart, read where they are or gathered one by one."""
    x = (1000 * noise(400_000)).astype(kind)
    result = sg.cqt(x, RATE, PARAMS, 40_000)
    assert result.n_frames == 10
    definition.assert_close(result.data, by_definition(x.astype(float), RATE, PARAMS, 40_000), "float64")


def test_bins_from_nyquist_on_are_left_out():
    params = sg.CqtParams(6, 3, 1000.0)  # 4000 Hz is bin 12
    result = sg.cqt(noise(17000), RATE, params, 200)
    assert (result.n_bins, len(result.frequencies), result.shape) == (12, 12, (12, 4))
    assert result.frequencies[-1] < 4000
    np.testing.assert_allclose(result.frequencies, [params.bin_frequency(i) for i in range(12)], rtol=1e-15)


def test_axes():
    result = sg.cqt(noise(17000), RATE, PARAMS, 200)
    assert (result.sample_rate, result.hop_size, result.time_resolution) == (RATE, 200, 0.025)
    assert result.params == PARAMS
    np.testing.assert_allclose(result.times, [0.0, 0.025, 0.05, 0.075], rtol=1e-15)
    assert repr(result) == "CqtResult(shape=(18, 4), dtype=float64)"


def test_kernels_without_their_q_are_named():
    low = sg.CqtParams(12, 1, 50.0)
    with pytest.warns(
        UserWarning, match=r"kernels of 12 of 12 bins are cut to 1000 samples: below 134\.5 Hz"
    ):
        result = sg.cqt(noise(1000), RATE, low, 100)
    definition.assert_close(result.data, by_definition(noise(1000), RATE, low, 100), "float64")
    with pytest.warns(UserWarning, match="kernels of 1 of 6 bins are too short"):
        # lengths 4, 4, 3, 3, 3, 2: the Hann window of two samples is zero
        result = sg.cqt(noise(1000), RATE, sg.CqtParams(6, 1, 1000.0, q_factor=0.5), 100)
    assert not result.data[5].any()
    assert result.data[:5].all()


def test_kernels_of_one_sample():
    """Length 1 is the sample itself, not NaN."""
    x = noise(500)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sg.cqt(x, RATE, sg.CqtParams(1, 1, 3000.0, q_factor=0.3), 100)
    assert np.array_equal(result.data, [[x[-1]]])


@pytest.mark.parametrize("dtype", DTYPES)
def test_nan_touches_the_kernels_that_see_it(dtype):
    x = noise(16384 + 300)
    x[16384] = np.nan
    found = np.isnan(sg.cqt(x, RATE, PARAMS, 100, dtype).data)
    expected = np.isnan(by_definition(x, RATE, PARAMS, 100))
    assert expected.any()
    assert not expected.all()
    assert np.array_equal(found, expected)


def test_result_survives_pickle_and_file():
    source = sg.cqt(noise(17000), RATE, PARAMS, 200, "float32")
    file = io.BytesIO()
    source.save(file)
    file.seek(0)
    for twin in (pickle.loads(pickle.dumps(source)), sg.CqtResult.load(file)):
        assert np.array_equal(twin.data, source.data)
        assert (twin.params, twin.times, twin.frequencies) == (
            source.params,
            source.times,
            source.frequencies,
        )


def test_errors():
    x = noise(1000)
    for bad, error, message in [
        (
            (x, RATE, sg.CqtParams(6, 3, 4000.0), 100),
            sg.InvalidInputError,
            "f_min must be below Nyquist=4000, got 4000",
        ),
        ((x, 0.0, PARAMS, 100), sg.InvalidInputError, "sample_rate_hz must be finite and > 0"),
        ((x, RATE, PARAMS, 0), ValueError, "hop_size must be >= 1"),
        ((x, RATE, PARAMS, 1.5), TypeError, "hop_size must be an integer"),
        ((x, RATE, None, 100), TypeError, "params"),
        (([], RATE, PARAMS, 100), sg.InvalidInputError, "samples must be non-empty"),
        ((x.reshape(2, 500), RATE, PARAMS, 100), TypeError, "samples must be 1-D"),
        ((x, RATE, PARAMS, 100, "float16"), ValueError, 'unsupported dtype "float16"'),
    ]:
        with pytest.raises(error, match=message):
            sg.cqt(*bad)
