"""What frontends say of their results, and pictures of them; levels of SciPy's."""

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

RATE = 16000


def noise(n=RATE):
    return (0.1 * np.random.default_rng(0).standard_normal(n)).astype("float32")


def tone(hz, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(rate) / rate)).astype("float32")


@pytest.mark.parametrize("name", sg.frontends())
def test_a_tone_is_loudest_where_its_row_is(name):
    required = {"scipy_shorttimefft": {"nperseg": 512, "hop": 160}}.get(name, {})
    rate = {"sample_rate": RATE} if name.startswith(("scipy", "librosa", "torchaudio", "hf_")) else {}
    try:
        made = sg.frontend(name, **rate, **required)
    except (TypeError, sg.InvalidInputError):
        pytest.skip("needs parameters of its own")
    axis = made.frequencies
    if axis is None:
        assert made.n_bins
        return
    assert axis.shape == (made.n_bins,)
    assert not axis.flags.writeable
    assert (np.diff(axis) > 0).all()
    result = made.compute(np.tile(tone(1000.0, int(made.sample_rate)), 2))
    frames = np.abs(result if made.layout == "(frames, rows)" else result.T)
    if (result.min() >= 0) if not np.iscomplexobj(result) else True:
        row = frames[len(frames) // 4].argmax()
        assert abs(axis[row] - 1000.0) <= max(1.5 * np.diff(axis)[max(0, row - 1)], 40.0)


def test_frequencies_are_those_of_librosa():
    librosa = pytest.importorskip("librosa")
    whisper = sg.frontend("whisper_openai")
    expected = librosa.mel_frequencies(82, fmin=0.0, fmax=8000.0)[1:-1]
    np.testing.assert_allclose(whisper.frequencies, expected, rtol=1e-12)
    stft = sg.frontend("scipy_stft", sample_rate=RATE)
    np.testing.assert_allclose(stft.frequencies, np.fft.rfftfreq(256, 1 / RATE), rtol=1e-12)
    assert sg.frontend("kaldi_mfcc", num_ceps=13).frequencies is None


def test_axes_and_info():
    fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
    assert np.array_equal(fbank.t(RATE), fbank.times(RATE))
    info = fbank.info
    assert (info["name"], info["n_bins"], info["hop_size"], info["frame_length"]) == (
        "kaldi_fbank",
        80,
        160,
        400,
    )
    assert info["layout"] == fbank.layout
    assert info["rows"] == "80"
    info["name"] = "other"
    assert fbank.info["name"] == "kaldi_fbank"


def test_plots_have_the_axes_of_the_frontend():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    for name in ("whisper_openai", "kaldi_fbank"):
        made = sg.frontend(name, **({"num_mel_bins": 80} if name == "kaldi_fbank" else {}))
        ax = made.plot(made.compute(noise()), Figure().add_subplot())
        assert "kHz" in ax.get_ylabel()
        low, high = ax.get_xlim()
        assert -0.02 < low < 0.02
        assert 0.97 < high < 1.02


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_levels_of_scipy(precision):
    x = noise().astype("f8")
    close = {"rtol": 0, "atol": 1e-9 if precision == "float64" else 2e-3}

    def levels(power):
        return 10 * np.log10(np.maximum(power, 1e-9))

    made = sg.frontend("scipy_spectrogram", sample_rate=RATE, db_floor=-90.0, precision=precision)
    np.testing.assert_allclose(made.compute(x), levels(scipy.signal.spectrogram(x, RATE)[2]), **close)
    made = sg.frontend("scipy_stft", sample_rate=RATE, db_floor=-90.0, precision=precision)
    assert made.dtype == "float64"
    np.testing.assert_allclose(made.compute(x), levels(np.abs(scipy.signal.stft(x, RATE)[2]) ** 2), **close)
    made = sg.frontend(
        "scipy_shorttimefft", sample_rate=RATE, nperseg=400, hop=160, db_floor=-90.0, precision=precision
    )
    fft = scipy.signal.ShortTimeFFT(scipy.signal.get_window("hann", 400), 160, RATE, mfft=400)
    np.testing.assert_allclose(made.compute(x), levels(np.abs(fft.stft(x)) ** 2), **close)
    assert (made.compute(np.zeros(4000)) == -90.0).all()


def test_levels_are_a_parameter_of_their_own():
    plain = sg.frontend("scipy_stft", sample_rate=RATE)
    assert "db_floor" not in plain.config["params"]
    made = sg.frontend("scipy_stft", sample_rate=RATE, db_floor=-90.0)
    assert made != plain
    assert made.fingerprint != plain.fingerprint
    assert sg.Frontend.from_json(made.to_json()) == made
    assert "db_floor=-90.0" in repr(made)
    x, stream = noise(), made.stream()
    frames = np.hstack([stream.push(x[:5000]), stream.push(x[5000:]), stream.flush()])
    assert frames.tobytes() == np.ascontiguousarray(made.compute(x)).tobytes()
    assert np.array_equal(made.compute_batch([x, x[:3000]])[0], made.compute(x))
