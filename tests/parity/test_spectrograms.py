"""Spectrograms of the fifteen kinds, windows, STFT and ISTFT against recorded results of the reference.

A test marked ``correction`` covers what we do differently on purpose; it fails on the reference.
"""

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from . import runners
from .recorded import check, check_db, check_layout, db_tolerance_of, ids, load, tolerance_of

# The reference has bands without bins, cut kernels and uncovered samples, too, and says nothing of it.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")

SPECTROGRAMS = load("spectrogram")
BAD = load("bad")
BAD_FFT = [(case, outputs) for case, outputs in BAD if case["scale"] != "cqt"]
BAD_CQT = [(case, outputs) for case, outputs in BAD if case["scale"] == "cqt"]
WINDOWS = load("window")
STFTS = load("stft")
ISTFTS = load("istft")
[DEFECTIVE] = load("defective")


def frequencies_corrected(case):
    """Return whether the reference reports wrong mel frequencies: it ignores the range of the bands."""
    return case["scale"] == "mel" and case["filter"][1:3] != [0.0, case["sample_rate"] / 2]


def check_values(case, results, outputs, name):
    if case["amplitude"] == "db":
        check_db(results[name], outputs[name], outputs[f"{name}_power"], db_tolerance_of(case))
    else:
        check(results[name], outputs[name], tolerance_of(case))


def check_db_range(case, found, expected, clip):
    """Compare (min, max) in dB; of power and magnitude data as the powers they stand for."""
    assert len(found) == 2
    if case["amplitude"] == "db":
        bound = db_tolerance_of(case)[0][1]
        np.testing.assert_allclose(np.maximum(found, clip), np.maximum(expected, clip), rtol=0, atol=bound)
    else:
        found, expected = 10 ** (np.asarray(found) / 10), 10 ** (expected / 10)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=2 * tolerance_of(case) * expected[1])


def kind(case, outputs):
    return f"{case['scale']} {case['amplitude']} {case['dtype']}"


@pytest.mark.slow
@together("case, outputs", SPECTROGRAMS, ids=ids(SPECTROGRAMS), by=kind)
def test_spectrogram(case, outputs):
    results = runners.run_spectrogram(sg, case)
    check_values(case, results, outputs, "data")
    check(results["times"], outputs["times"], 0.0)
    check(results["duration"], outputs["duration"], 0.0)
    check_db_range(case, results["db_range"], outputs["db_range"].values, outputs["data"].clip)
    check_layout(results["frequencies"], outputs["frequencies"])
    if not frequencies_corrected(case):
        for name in ("frequencies", "frequency_range"):
            check(results[name], outputs[name], 0.0 if case["scale"] == "linear" else 1e-12)
    if "frames" in case:
        check_values(case, results, outputs, "frames")
        check(results["output_shape"], outputs["output_shape"], 0.0)


@together("case, outputs", BAD_FFT, ids=ids(BAD_FFT))
def test_nan_samples(case, outputs):
    check(runners.run_spectrogram(sg, case)["data"], outputs["data"], tolerance_of(case))


@pytest.mark.correction
@together("case, outputs", BAD_CQT, ids=ids(BAD_CQT))
def test_nan_samples_in_the_cqt(case, outputs):
    """The reference multiplies by coefficients it has set to zero, we leave them out."""
    n_fft, hop, sample_rate = case["n_fft"], case["hop"], case["sample_rate"]
    per_octave, octaves, f_min = case["filter"]
    data = runners.run_spectrogram(sg, case)["data"]
    at_end, kept = np.zeros(data.shape, bool), np.zeros(data.shape, bool)
    bad = case["signal"][1] // 2 + n_fft // 2 - hop * np.arange(data.shape[1])  # its place in each frame
    for k in range(per_octave * octaves):
        q = 1 / (2 ** (1 / per_octave) - 1)
        length = min(int(q * sample_rate / (f_min * 2 ** (k / per_octave)) + 0.5), n_fft)
        window = np.hanning(length)
        place = bad - (n_fft - length)
        at_end[k] = (place >= 0) & (bad < n_fft)
        kept[k, at_end[k]] = window[place[at_end[k]]] >= 0.01 * window.max()
    assert at_end.sum() == outputs["data"].n_nan
    np.testing.assert_array_equal(np.isnan(data), kept)


@together("case, outputs", WINDOWS, ids=ids(WINDOWS))
def test_window(case, outputs):
    check(runners.run_window(sg, case)["data"], outputs["data"], tolerance_of(case))


@together("case, outputs", STFTS, ids=ids(STFTS))
def test_stft(case, outputs):
    results = runners.run_stft(sg, case)
    check(results["data"], outputs["data"], tolerance_of(case))
    check(results["norm"], outputs["norm"], tolerance_of(case))
    check(results["frequencies"], outputs["frequencies"], 1e-15)
    check(results["resolution"], outputs["resolution"], 0.0)


@together("case, outputs", ISTFTS, ids=ids(ISTFTS))
def test_istft(case, outputs):
    check(runners.run_istft(sg, case)["data"], outputs["data"], tolerance_of(case))


@pytest.mark.parametrize("scale", runners.SCALES)
@together("amplitude", runners.AMPLITUDES)
@together("dtype", ["float64", "float32"])
def test_plan_gives_the_bytes_of_the_function(scale, amplitude, dtype):
    case = next(case for case, _ in BAD if case["scale"] == scale)
    params = [runners.spectrogram_params(sg, case), *runners.scale_params(sg, case)]
    db = [sg.LogParams(-80.0)] if amplitude == "db" else []
    x = runners.signal("speech", 4000, 3)
    data = getattr(sg, f"compute_{scale}_{amplitude}_spectrogram")(x, *params, *db, dtype=dtype).data
    plan = getattr(sg.SpectrogramPlanner(), f"{scale}_{amplitude}_plan")(*params, *db, dtype=dtype)
    assert plan.dtype == dtype
    assert plan.output_shape(len(x)) == data.shape
    assert plan.compute(x).data.tobytes() == data.tobytes()
    frames = np.stack([plan.compute_frame(x, i) for i in range(data.shape[1])], axis=1)
    assert frames.tobytes() == data.tobytes()


def small_params(n_fft=64, hop=16, window=None):
    return sg.SpectrogramParams(sg.StftParams(n_fft, hop, window or sg.WindowType.hanning), 8000.0)


@pytest.mark.correction
def test_kaiser_window_is_exact_for_large_beta():
    case, outputs = DEFECTIVE
    np.testing.assert_allclose(sg.WindowType.make_kaiser(64, 8.6), np.kaiser(64, 8.6), rtol=0, atol=1e-14)
    x = np.pad(runners.samples(case), 32)
    frames = np.lib.stride_tricks.sliding_window_view(x, 64)[::16]
    expected = np.abs(np.fft.rfft(frames * np.kaiser(64, 8.6))).T ** 2
    data = runners.run_spectrogram(sg, case)["data"]
    np.testing.assert_allclose(data, expected, rtol=0, atol=1e-12 * expected.max())
    assert abs(outputs["data"].peak - data.max()) > 1e-3 * data.max()


@pytest.mark.correction
@pytest.mark.parametrize("name", ["hanning", "hamming", "blackman"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_windows_of_length_one_are_one(name, dtype):
    assert getattr(sg.WindowType, f"make_{name}")(1, dtype=dtype).tolist() == [1.0]


@pytest.mark.correction
@pytest.mark.parametrize(
    ("n_mels", "f_min", "f_max"), [(40, 300.0, 3400.0), (10, 0.0, 1000.0), (1, 50.0, 4000.0)]
)
def test_mel_frequencies_are_the_band_centres(n_mels, f_min, f_max):
    def to_mel(f):
        return f * 3 / 200 if f < 1000 else 15 + 27 * np.log(f / 1000) / np.log(6.4)

    mel = np.linspace(to_mel(f_min), to_mel(f_max), n_mels + 2)[1:-1]
    centres = np.where(mel < 15, mel * 200 / 3, 1000 * 6.4 ** ((mel - 15) / 27))
    mel_params = sg.MelParams(n_mels, f_min, f_max)
    result = sg.compute_mel_power_spectrogram(np.ones(100), small_params(), mel_params)
    np.testing.assert_allclose(result.frequencies, centres, rtol=1e-12)
    np.testing.assert_allclose(result.frequency_range(), (centres[0], centres[-1]), rtol=1e-12)


@pytest.mark.correction
def test_single_loghz_bin_is_at_f_min():
    result = sg.compute_loghz_power_spectrogram(np.ones(100), small_params(), sg.LogHzParams(1, 500.0, 900.0))
    assert result.frequencies == [500.0]


@pytest.mark.correction
@pytest.mark.parametrize("scale", runners.SCALES)
def test_db_without_log_params_has_a_floor_of_minus_80(scale):
    case = next(case for case, _ in BAD if case["scale"] == scale)
    params = [runners.spectrogram_params(sg, case), *runners.scale_params(sg, case)]
    x = runners.signal("tones", 2000, 5)
    compute = getattr(sg, f"compute_{scale}_db_spectrogram")
    expected = compute(x, *params, sg.LogParams(-80.0)).data
    assert compute(x, *params).data.tobytes() == expected.tobytes()
    plan = getattr(sg.SpectrogramPlanner(), f"{scale}_db_plan")(*params)
    assert plan.compute(x).data.tobytes() == expected.tobytes()


@pytest.mark.correction
@pytest.mark.parametrize("amplitude", ["power", "magnitude"])
def test_log_params_of_a_power_function_are_ignored_with_a_warning(amplitude):
    x = runners.signal("tones", 2000, 5)
    compute = getattr(sg, f"compute_linear_{amplitude}_spectrogram")
    with pytest.warns(UserWarning, match="db_params"):
        data = compute(x, small_params(), sg.LogParams(-80.0)).data
    assert data.tobytes() == compute(x, small_params()).data.tobytes()


@pytest.mark.correction
@pytest.mark.parametrize("case", [case for case, _ in BAD if case["amplitude"] == "power"])
def test_nan_samples_are_nan_in_db(case):
    power = runners.run_spectrogram(sg, case)["data"]
    db = runners.run_spectrogram(sg, case | {"floor": -80.0}, amplitude="db")["data"]
    assert np.isnan(power).any()
    np.testing.assert_array_equal(np.isnan(db), np.isnan(power))


@pytest.mark.correction
def test_istft_ignores_the_imaginary_part_of_dc_and_nyquist():
    matrix = runners.complex_noise(33, 5, 1, 64)
    dirty = matrix.copy()
    dirty[[0, -1]] += 3j
    args = (64, 16, sg.WindowType.hanning)
    np.testing.assert_allclose(
        sg.compute_istft(dirty, *args), sg.compute_istft(matrix, *args), rtol=0, atol=1e-14
    )
