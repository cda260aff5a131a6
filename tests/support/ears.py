"""Signals of two ears, and the cues that tests compute from them."""

import numpy as np
import scipy.signal

import spectrograms as sg

RATE = 16000.0
PARAMS = {
    "itd": sg.ITDSpectrogramParams,
    "ipd": sg.IPDSpectrogramParams,
    "ild": sg.ILDSpectrogramParams,
    "ilr": sg.ILRSpectrogramParams,
}
COMPUTE = {
    "itd": sg.compute_itd_spectrogram,
    "ipd": sg.compute_ipd_spectrogram,
    "ild": sg.compute_ild_spectrogram,
    "ilr": sg.compute_ilr_spectrogram,
}
RESULTS = {
    "itd": sg.ItdSpectrogram,
    "ipd": sg.IpdSpectrogram,
    "ild": sg.IldSpectrogram,
    "ilr": sg.IlrSpectrogram,
}
CUES = list(PARAMS)


def transform(n_fft=256, hop=64, centre=True, rate=RATE):
    return sg.SpectrogramParams(sg.StftParams(n_fft, hop, sg.WindowType.hanning, centre), rate)


def cue_params(cue, band=(300.0, 3000.0), params=None, **options):
    return PARAMS[cue](params or transform(), *band, **options)


def compute(cue, audio, band=(300.0, 3000.0), params=None, dtype=None, **options):
    return COMPUTE[cue](audio, cue_params(cue, band, params, **options), dtype)


def noise(n=4000, seed=0):
    return np.random.default_rng(seed).standard_normal(n)


def stereo(n=4000, delay=3, gain=0.7, seed=0):
    """Two ears: the right one hears the left one's signal later and softer, and noise of its own."""
    left = noise(n, seed)
    return [left, gain * np.roll(left, delay) + 0.1 * noise(n, seed + 1)]


def stft(x, n_fft, hop, centre):
    if centre:
        x = np.pad(x, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(x, n_fft)[::hop]
    window = scipy.signal.get_window("hann", n_fft, fftbins=False)
    return np.fft.rfft(frames * window, axis=1).T
