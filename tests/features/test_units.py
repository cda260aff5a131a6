"""Units: SciPy's densities and spectra, amplitudes of sines, references, and what labels say."""

import pickle

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

from ..support.spectrogram_cases import noise

RATE = 16000
SCALED = ["density", "spectrum", "magnitude", "dBFS"]


def framing(n_fft=512, hop=160, window="hann", **more):
    return sg.StftParams(n_fft, hop, window, False, **{"periodic": True, **more})


def measured(stft=None, rate=RATE, **units):
    return sg.SpectrogramParams(stft or framing(), rate, **units)


def sine(amplitude, bin_number, n_fft=512, n=4096, phase=0.3):
    return amplitude * np.sin(2 * np.pi * bin_number / n_fft * np.arange(n) + phase)


@pytest.mark.parametrize("n_fft", [512, 400, 401, 97, 2, 3])
@pytest.mark.parametrize("scaling", ["density", "spectrum"])
@pytest.mark.parametrize("window", ["hann", "hamming", "blackman"])
def test_power_is_that_of_scipy(n_fft, scaling, window):
    hop, x = max(1, n_fft // 3), noise(5000)
    if n_fft == 2 and window == "hann":
        window = "hamming"
    ours = sg.compute_linear_power_spectrogram(x, measured(framing(n_fft, hop, window), scaling=scaling))
    of_scipy = scipy.signal.spectrogram(
        x, RATE, window, n_fft, n_fft - hop, scaling=scaling, detrend=False, mode="psd"
    )
    wanted = of_scipy[2]
    assert ours.shape == wanted.shape
    np.testing.assert_allclose(ours.data, wanted, rtol=1e-12, atol=1e-12 * wanted.max())


def test_the_mean_over_time_is_the_estimate_of_welch():
    x = noise(20000)
    ours = sg.compute_linear_power_spectrogram(x, measured(framing(512, 256), scaling="density"))
    _, wanted = scipy.signal.welch(x, RATE, "hann", 512, 256, detrend=False)
    np.testing.assert_allclose(ours.data.mean(axis=1), wanted, rtol=1e-12)


@pytest.mark.parametrize(
    ("scaling", "to"), [("density", "psd"), ("spectrum", "magnitude"), ("dBFS", "magnitude")]
)
def test_complex_values_are_those_of_short_time_fft(scaling, to):
    x, stft = noise(4000), framing(400, 100)
    window = scipy.signal.get_window("hann", 400)
    oracle = scipy.signal.ShortTimeFFT(window, 100, RATE, mfft=400, scale_to=to, phase_shift=None)
    # Its frames are numbered from the middle of the window.
    slices = oracle.stft(x, p0=2, p1=2 + (4000 - 400) // 100 + 1)
    ours = sg.compute_stft(x, measured(stft, scaling=scaling))
    np.testing.assert_allclose(ours.data, slices, rtol=0, atol=1e-12 * np.abs(slices).max())


@pytest.mark.parametrize("amplitude", [1.0, 0.01])
def test_a_sine_has_its_amplitude_rms_and_level(amplitude):
    x = sine(amplitude, 40)
    peak = sg.compute_linear_magnitude_spectrogram(x, measured(scaling="magnitude")).data[40]
    rms = sg.compute_linear_magnitude_spectrogram(x, measured(scaling="spectrum")).data[40]
    level = sg.compute_linear_db_spectrogram(x, measured(scaling="dBFS"), sg.LogParams(-200.0)).data[40]
    np.testing.assert_allclose(peak, amplitude, rtol=1e-12)
    np.testing.assert_allclose(rms, amplitude / np.sqrt(2), rtol=1e-12)
    np.testing.assert_allclose(level, 20 * np.log10(amplitude), rtol=0, atol=1e-11)


@pytest.mark.parametrize("scaling", ["spectrum", "magnitude", "dBFS"])
@pytest.mark.parametrize("n_fft", [64, 63])
def test_constants_and_nyquist_are_not_doubled(scaling, n_fft):
    x, params = np.full(1000, 0.5), measured(framing(n_fft, 16), scaling=scaling)
    np.testing.assert_allclose(sg.compute_linear_power_spectrogram(x, params).data[0], 0.25, rtol=1e-12)
    if n_fft % 2 == 0:
        alternating = 0.5 * (-1.0) ** np.arange(1000)
        last = sg.compute_linear_power_spectrogram(alternating, params).data[-1]
        np.testing.assert_allclose(last, 0.25, rtol=1e-12)


def test_density_integrates_to_the_variance():
    x = noise(200_000)
    params = measured(framing(1024, 512), scaling="density")
    ours = sg.compute_linear_power_spectrogram(x, params).data.mean(axis=1)
    assert ours.sum() * RATE / 1024 == pytest.approx(x.var(), rel=2e-2)


@pytest.mark.parametrize("scaling", SCALED)
@pytest.mark.parametrize(
    "scale",
    [sg.MelParams(20, 0.0, 8000.0), sg.ErbParams(20, 50.0, 8000.0), sg.LogHzParams(20, 100.0, 8000.0)],
)
def test_bands_weigh_the_scaled_power(scaling, scale):
    x = noise(80_000)  # more frames than bins, from which the weights follow
    plain = sg.SpectrogramPlan(measured()).compute(x).data
    scaled = sg.SpectrogramPlan(measured(scaling=scaling)).compute(x).data
    bands = sg.SpectrogramPlan(measured(), scale).compute(x).data
    weights = np.linalg.lstsq(plain.T, bands.T, rcond=None)[0]
    ours = sg.SpectrogramPlan(measured(scaling=scaling), scale).compute(x).data
    wanted = weights.T @ scaled
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=1e-9 * wanted.max())


def test_calibration_multiplies_samples():
    x = noise(3000)
    for scaling in ["none", "density", "magnitude"]:
        unit = None if scaling == "none" else "Pa"
        ours = sg.compute_linear_power_spectrogram(x, measured(scaling=scaling, calibration=2.5, unit=unit))
        wanted = sg.compute_linear_power_spectrogram(2.5 * x, measured(scaling=scaling))
        np.testing.assert_allclose(ours.data, wanted.data, rtol=1e-12)


def test_sound_pressure_level():
    """94 dB is 1 Pa RMS re 20 uPa, which every calibrator makes."""
    params = measured(scaling="spectrum", calibration=10.0, unit="Pa")
    reference = sg.LogParams(0.0, reference=20e-6)
    level = sg.compute_linear_db_spectrogram(sine(np.sqrt(2) / 10, 32), params, reference)
    np.testing.assert_allclose(level.data[32], 20 * np.log10(1 / 20e-6), rtol=0, atol=1e-10)
    assert level.unit == "dB re 20 uPa"
    # The floor is re the same.
    np.testing.assert_allclose(level.data.min(), 0.0, atol=1e-12)


def test_a_reference_without_units_shifts_decibels():
    x = noise(3000)
    plain = sg.compute_mel_db_spectrogram(x, measured(), sg.MelParams(20, 0.0, 8000.0), sg.LogParams(-60.0))
    shifted = sg.compute_mel_db_spectrogram(
        x, measured(), sg.MelParams(20, 0.0, 8000.0), sg.LogParams(-80.0, reference=10.0)
    )
    np.testing.assert_allclose(shifted.data, plain.data - 20, rtol=0, atol=1e-11)
    assert (plain.unit, shifted.unit) == ("dB", "dB re 10")


@pytest.mark.parametrize(
    ("units", "amplitude", "reference", "words"),
    [
        ({}, "power", 1.0, "power"),
        ({}, "magnitude", 1.0, "amplitude"),
        ({}, "db", 1.0, "dB"),
        ({"scaling": "density"}, "power", 1.0, "V**2/Hz"),
        ({"scaling": "density", "unit": "Pa"}, "magnitude", 1.0, "Pa/sqrt(Hz)"),
        ({"scaling": "density", "unit": "Pa"}, "db", 1e-6, "dB re (1 uPa)**2/Hz"),
        ({"scaling": "spectrum", "unit": "g"}, "power", 1.0, "g**2"),
        ({"scaling": "spectrum", "unit": "g"}, "db", 1.0, "dB re 1 g"),
        ({"scaling": "magnitude", "unit": "m/s"}, "db", 1e-9, "dB re 1e-09 m/s"),
        ({"scaling": "magnitude"}, "magnitude", 1.0, "V"),
        ({"scaling": "dBFS"}, "db", 1.0, "dBFS"),
        ({"scaling": "dBFS"}, "magnitude", 1.0, "FS"),
    ],
)
def test_the_unit_in_words(units, amplitude, reference, words):
    db = sg.LogParams(-80.0, reference=reference) if amplitude == "db" else None
    plan = sg.SpectrogramPlan(measured(**units), amplitude=amplitude, db=db)
    result = plan.compute(noise(2000))
    assert result.unit == words
    assert pickle.loads(pickle.dumps(result)).unit == words


@pytest.mark.slow
def test_the_unit_goes_into_files_and_pictures(tmp_path):
    figures = pytest.importorskip("matplotlib.figure")
    params = measured(scaling="density", calibration=0.5, unit="Pa")
    result = sg.compute_linear_db_spectrogram(noise(4000), params, sg.LogParams(-20.0, reference=20e-6))
    result.save(tmp_path / "a.npz")
    again = sg.Spectrogram.load(tmp_path / "a.npz")
    assert again.unit == "dB re (20 uPa)**2/Hz"
    assert again.params == params
    figure = figures.Figure()
    result.plot(ax=figure.subplots())
    assert figure.axes[-1].get_ylabel() == "Level (dB re (20 uPa)**2/Hz)"


@pytest.mark.parametrize("scaling", ["none", *SCALED])
def test_the_inverse_takes_units_back(scaling):
    units = {} if scaling == "dBFS" else {"calibration": 3.0}
    params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), RATE, scaling=scaling, **units)
    x = noise(4096)
    plan = sg.IstftPlan(params)
    np.testing.assert_allclose(plan.compute(sg.StftPlan(params).compute(x)), x, rtol=0, atol=1e-12)
    assert sg.IstftPlan.from_dict(plan.to_dict()) == plan == pickle.loads(pickle.dumps(plan))
    assert plan != sg.IstftPlan(params.stft) or (scaling == "none" and not units)


@pytest.mark.parametrize("scaling", SCALED)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_batches_streams_frames_and_sets_have_the_same_bytes(scaling, dtype):
    x = noise(9000).astype(dtype)
    params = measured(scaling=scaling)
    mel = sg.MelParams(20, 0.0, 8000.0)
    plans = {
        "linear": sg.SpectrogramPlan(params, dtype=dtype),
        "mel": sg.SpectrogramPlan(params, mel, "db", dtype=dtype),
    }
    specs = {"linear": "power", "mel": (mel, "db")}
    together = sg.FeatureSet(framing(), RATE, specs, dtype, scaling=scaling).compute(x)
    for name, plan in plans.items():
        alone = plan.compute(x).data
        assert np.array_equal(plan.compute_batch(np.stack([x, x]), num_threads=2)[1], alone)
        stream = plan.stream()
        pushed = [stream.push(part) for part in np.array_split(x, 13)]
        assert np.array_equal(np.hstack([*pushed, stream.flush()]), alone)
        assert np.array_equal(plan.compute_frame(x, 7), alone[:, 7])
        assert np.array_equal(together[name].data, alone)


def test_features_without_units_do_not_share_a_scaled_transform():
    specs = {"power": "power", "mfcc": sg.MfccParams(13)}
    words = r"features\['mfcc'\] must have frames, sample rate, units"
    with pytest.raises(sg.InvalidInputError, match=words):
        sg.FeatureSet(framing(), RATE, specs, scaling="density")


def test_float32_is_as_exact_as_without_units():
    x = noise(8000)
    exact = sg.SpectrogramPlan(measured(scaling="density")).compute(x).data
    single = sg.SpectrogramPlan(measured(scaling="density"), dtype="float32").compute(x).data
    np.testing.assert_allclose(single, exact, rtol=0, atol=1e-5 * exact.max())


def test_nothing_changes_without_units():
    """Plain data, and what fingerprints are made of, is that of earlier versions."""
    assert measured().to_dict() == {
        "type": "SpectrogramParams",
        "stft": framing().to_dict(),
        "sample_rate": 16000.0,
    }
    assert sg.LogParams(-80.0).to_dict() == {"type": "LogParams", "floor_db": -80.0}
    assert repr(measured()) == "SpectrogramParams(sample_rate=16000, n_fft=512, hop_size=160)"
    assert repr(measured(scaling="density", unit="Pa")).endswith(
        "hop_size=160, scaling='density', unit='Pa')"
    )
    assert sg.SpectrogramParams.from_dict(measured().to_dict()) == measured()
    told = sg.SpectrogramPlan(measured(scaling="density", unit="Pa")).conventions
    assert told["scaling"] == "density: one-sided power spectral density"
    assert told["calibration"] == "a sample of 1.0 is 1 Pa"
    assert not {"scaling", "calibration"} & set(sg.SpectrogramPlan(measured()).conventions)


@pytest.mark.parametrize("window", ["hann", "hamming", "blackman", ("kaiser", 8.0)])
def test_gain_and_noise_bandwidth_of_windows(window):
    values = scipy.signal.get_window(window, 400)
    name = "kaiser=8.0" if isinstance(window, tuple) else window
    stft = sg.StftParams(512, 128, name, win_length=400, periodic=True)
    assert stft.coherent_gain == pytest.approx(values.mean(), rel=1e-12)
    assert stft.enbw == pytest.approx(400 * (values**2).sum() / values.sum() ** 2, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"scaling": "psd"}, sg.InvalidInputError, "scaling must be one of"),
        ({"scaling": 1}, TypeError, "scaling"),
        ({"calibration": 0.0}, sg.InvalidInputError, "calibration must be in"),
        ({"calibration": float("nan")}, sg.InvalidInputError, "calibration must be in"),
        ({"calibration": 1e40}, sg.InvalidInputError, "calibration must be in"),
        ({"unit": "two words"}, sg.InvalidInputError, "unit must be 1 to 16 characters"),
        ({"unit": ""}, sg.InvalidInputError, "unit must be 1 to 16 characters"),
        ({"unit": "Pa", "scaling": "none"}, sg.InvalidInputError, "needs a scaling"),
        ({"unit": 5}, sg.InvalidInputError, "unit must be 1 to 16 characters"),
        ({"scaling": "dBFS", "calibration": 2.0}, sg.InvalidInputError, "takes no calibration"),
        ({"scaling": "dBFS", "unit": "Pa"}, sg.InvalidInputError, "takes no unit"),
    ],
)
def test_errors(arguments, error, words):
    with pytest.raises(error, match=words):
        measured(**arguments)


def test_what_has_no_window_takes_no_units():
    params = measured(framing(2048, 512), scaling="density")
    with pytest.raises(sg.InvalidInputError, match="scaling and detrend must be 'none' and calibration 1"):
        sg.SpectrogramPlan(params, sg.CqtParams(12, 3, 550.0))


def test_a_window_without_gain_has_no_spectrum():
    window = sg.WindowType.custom(np.array([1.0, -1.0, 1.0, -1.0]))
    with pytest.raises(
        sg.InvalidInputError, match="scaling='spectrum' must be 'none' with a window that sums"
    ):
        sg.SpectrogramPlan(measured(sg.StftParams(4, 2, window), scaling="spectrum"))
    assert sg.SpectrogramPlan(measured(sg.StftParams(4, 2, window), scaling="density")).compute(noise(16))


@pytest.mark.parametrize("reference", [0.0, -1.0, np.inf, "1"])
def test_references_are_amplitudes(reference):
    with pytest.raises((sg.InvalidInputError, TypeError), match="reference"):
        sg.LogParams(-80.0, reference=reference)
