"""Frontends against the toolkits themselves, where they are installed: random clips and parameters."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spectrograms._frontends.making import frontend

knf = pytest.importorskip("kaldi_native_fbank")
librosa = pytest.importorskip("librosa")
scipy_signal = pytest.importorskip("scipy.signal")

pytestmark = pytest.mark.slow

clips = st.builds(
    lambda seed, n: (0.2 * np.random.default_rng(seed).standard_normal(n)).astype(np.float32),
    st.integers(0, 2**32 - 1),
    st.integers(400, 6000),
)
few = settings(max_examples=40, deadline=None)


def kaldi_options(options, rate, p):
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = rate
    options.frame_opts.frame_length_ms = p["frame_length"]
    options.frame_opts.frame_shift_ms = p["frame_shift"]
    options.frame_opts.snip_edges = p["snip_edges"]
    options.frame_opts.window_type = p["window_type"]
    options.frame_opts.preemph_coeff = p["preemph"]
    options.frame_opts.remove_dc_offset = p["remove_dc"]
    options.mel_opts.num_bins = p["num_mel_bins"]
    options.mel_opts.low_freq = p["low_freq"]
    options.mel_opts.high_freq = p["high_freq"]
    options.use_energy = p["use_energy"]
    options.raw_energy = p["raw_energy"]
    options.htk_compat = p["htk_compat"]
    return options


def run_kaldi(computer, samples, rate):
    computer.accept_waveform(rate, samples.tolist())
    computer.input_finished()
    return np.array([computer.get_frame(i) for i in range(computer.num_frames_ready)], np.float32)


kaldi_parameters = st.fixed_dictionaries(
    {
        "num_mel_bins": st.integers(13, 60),
        "low_freq": st.sampled_from([0.0, 20.0, 64.0]),
        "high_freq": st.sampled_from([0.0, -400.0, 3600.0]),
        "frame_length": st.sampled_from([25.0, 32.0, 20.0]),
        "frame_shift": st.sampled_from([10.0, 8.0, 12.5]),
        "snip_edges": st.booleans(),
        "window_type": st.sampled_from(["povey", "hamming", "hanning", "rectangular", "blackman", "sine"]),
        "preemph": st.sampled_from([0.97, 0.5, 0.0]),
        "remove_dc": st.booleans(),
        "use_energy": st.booleans(),
        "raw_energy": st.booleans(),
        "htk_compat": st.booleans(),
    }
)


@few
@given(x=clips, p=kaldi_parameters, rate=st.sampled_from([8000, 16000, 22050]))
def test_kaldi_fbank(x, p, rate):
    expected = run_kaldi(knf.OnlineFbank(kaldi_options(knf.FbankOptions(), rate, p)), x * 32768, rate)
    out = frontend("kaldi_fbank", sample_rate=rate, scale=32768.0, **p).compute(x)
    assert len(out) == len(expected)
    # The error of a float32 FFT in bands that cover only one or two bins.
    np.testing.assert_allclose(out, expected.reshape(out.shape), rtol=0, atol=5e-3)
    assert np.median(np.abs(out - expected.reshape(out.shape))) < 2e-5 if len(out) else True


@few
@given(x=clips, p=kaldi_parameters, rate=st.sampled_from([8000, 16000]), lifter=st.sampled_from([22.0, 10.0]))
def test_kaldi_mfcc(x, p, rate, lifter):
    options = kaldi_options(knf.MfccOptions(), rate, p)
    options.num_ceps = 13
    options.cepstral_lifter = lifter
    expected = run_kaldi(knf.OnlineMfcc(options), x * 32768, rate)
    made = frontend("kaldi_mfcc", sample_rate=rate, scale=32768.0, cepstral_lifter=lifter, **p)
    out = made.compute(x)
    assert len(out) == len(expected)
    # The same, summed by the cosines and multiplied by a lifter of up to twelve.
    np.testing.assert_allclose(out, expected.reshape(out.shape), rtol=0, atol=2e-2)


librosa_parameters = st.fixed_dictionaries(
    {
        "n_fft": st.sampled_from([512, 1024, 2048, 1000]),
        "hop_length": st.integers(60, 600),
        "window": st.sampled_from(["hann", "hamming", ("kaiser", 6.0), "blackmanharris"]),
        "center": st.booleans(),
        "pad_mode": st.sampled_from(["constant", "reflect", "edge", "symmetric"]),
        "power": st.sampled_from([1.0, 2.0, 1.3]),
        "n_mels": st.integers(20, 60),
        "fmin": st.sampled_from([0.0, 60.0]),
        "fmax": st.sampled_from([None, 7000.0]),
        "htk": st.booleans(),
    }
)


def _mirrors_a_cut(n, p):
    """Whether librosa mirrors too short a piece of the signal beyond its end.

    It pads only the piece that the first frame beyond the end begins in; if that frame is centred on the end,
    the first sample to be mirrored is not in that piece.
    """
    tail = (n - p["n_fft"] // 2) // p["hop_length"] + 1
    return p["center"] and p["pad_mode"] == "reflect" and tail * p["hop_length"] == n


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning", "ignore:Empty filters:UserWarning")
@few
@given(x=clips, p=librosa_parameters, norm=st.sampled_from(["slaney", None, 1, 2, np.inf]))
def test_librosa_melspectrogram(x, p, norm):
    x = np.concatenate((x, x, x, x, x, x))
    assume(not _mirrors_a_cut(len(x), p))
    ours = {**p, "window": list(p["window"]) if isinstance(p["window"], tuple) else p["window"]}
    expected = librosa.feature.melspectrogram(y=x.astype(np.float64), sr=22050, norm=norm, **p)
    out = frontend("librosa_melspectrogram", norm="inf" if norm == np.inf else norm, **ours).compute(x)
    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6 * expected.max())


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning", "ignore:Empty filters:UserWarning")
@few
@given(x=clips, p=librosa_parameters, lifter=st.sampled_from([0, 22]), norm=st.sampled_from(["ortho", None]))
def test_librosa_mfcc_and_logmel(x, p, lifter, norm):
    x = np.concatenate((x, x, x, x, x, x)).astype(np.float64)
    assume(not _mirrors_a_cut(len(x), p))
    ours = {**p, "window": list(p["window"]) if isinstance(p["window"], tuple) else p["window"]}
    expected = librosa.feature.mfcc(y=x, sr=22050, n_mfcc=13, lifter=lifter, norm=norm, **p)
    out = frontend("librosa_mfcc", n_mfcc=13, lifter=lifter, norm=norm, **ours).compute(x)
    np.testing.assert_allclose(out, expected, rtol=0, atol=5e-4 * max(1.0, np.abs(expected).max() / 1000))
    mel = librosa.feature.melspectrogram(y=x, sr=22050, **p)
    expected = librosa.power_to_db(mel, ref=np.max, amin=1e-9, top_db=60)
    out = frontend("librosa_logmel", ref="max", amin=1e-9, top_db=60, **ours).compute(x)
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-4)


windows = st.sampled_from(["hann", "hamming", "boxcar", "flattop", ("tukey", 0.4), ("gaussian", 20.0)])


@few
@given(
    x=clips,
    window=windows,
    nperseg=st.integers(2, 300),
    overlap=st.floats(0, 0.99),
    more=st.integers(0, 60),
    detrend=st.sampled_from([False, "constant", "linear"]),
    boundary=st.sampled_from(["zeros", "even", "odd", "constant", None]),
    padded=st.booleans(),
    scaling=st.sampled_from(["spectrum", "psd"]),
)
def test_scipy_stft(x, window, nperseg, overlap, more, detrend, boundary, padded, scaling):
    p = {"nperseg": nperseg, "noverlap": int(overlap * nperseg), "nfft": nperseg + more, "detrend": detrend,
         "boundary": boundary, "padded": padded, "scaling": scaling}  # fmt: skip
    x = x[:1500].astype(np.float64)
    expected = scipy_signal.stft(x, 8000, window=window, **p)[2]
    ours = list(window) if isinstance(window, tuple) else window
    made = frontend("scipy_stft", sample_rate=8000, window=ours, **p)
    out = made.compute(x)
    assert out.shape == expected.shape
    np.testing.assert_allclose(out, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max() + 1e-14)
    np.testing.assert_allclose(
        made.times(len(x))[1:] - made.times(len(x))[:-1],
        np.diff(scipy_signal.stft(x, 8000, window=window, **p)[1]),
    )


@few
@given(
    x=clips,
    window=windows,
    nperseg=st.integers(2, 300),
    overlap=st.floats(0, 0.99),
    more=st.integers(0, 60),
    detrend=st.sampled_from([False, "constant", "linear"]),
    scaling=st.sampled_from(["spectrum", "density"]),
)
def test_scipy_spectrogram(x, window, nperseg, overlap, more, detrend, scaling):
    p = {"nperseg": nperseg, "noverlap": int(overlap * nperseg), "nfft": nperseg + more, "detrend": detrend,
         "scaling": scaling}  # fmt: skip
    x = x[:1500].astype(np.float64)
    expected = scipy_signal.spectrogram(x, 8000, window=window, **p)[2]
    ours = list(window) if isinstance(window, tuple) else window
    out = frontend("scipy_spectrogram", sample_rate=8000, window=ours, **p).compute(x)
    np.testing.assert_allclose(out, expected, rtol=1e-8, atol=1e-13 * np.abs(expected).max() + 1e-28)


@few
@given(
    n=st.integers(150, 900),
    window=windows,
    sym=st.booleans(),
    nperseg=st.integers(4, 300),
    hop=st.integers(1, 200),
    more=st.integers(0, 60),
    scale_to=st.sampled_from([None, "magnitude", "psd"]),
    phase_shift=st.sampled_from([0, 3, -2, None]),
)
def test_scipy_shorttimefft(n, window, sym, nperseg, hop, more, scale_to, phase_shift):
    x = np.random.default_rng(n).standard_normal(n)
    hop = min(hop, nperseg)
    values = scipy_signal.get_window(window, nperseg, fftbins=not sym)
    transform = scipy_signal.ShortTimeFFT(
        values, hop, 8000, mfft=nperseg + more, scale_to=scale_to, phase_shift=phase_shift
    )
    expected = transform.stft(x)
    ours = list(window) if isinstance(window, tuple) else window
    made = frontend(
        "scipy_shorttimefft", sample_rate=8000, window=ours, sym=sym, nperseg=nperseg, hop=hop,
        mfft=nperseg + more, scale_to=scale_to, phase_shift=phase_shift,
    )  # fmt: skip
    out = made.compute(x)
    assert out.shape == expected.shape
    np.testing.assert_allclose(out, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_allclose(made.times(n), transform.t(n), rtol=0, atol=1e-12)
