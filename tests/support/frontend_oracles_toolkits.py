"""Like `frontend_oracles`, for librosa, torchaudio, TensorFlow and SciPy."""

import numpy as np
from scipy import signal as scipy_signal

from .frontend_oracles_parts import (
    bins,
    centred_stft,
    cosine_window,
    cut,
    db,
    dct,
    mel_matrix,
    power_of_two,
    triangles,
)


def librosa_melspectrogram(x, rate, p, norm="norm"):
    name = tuple(p["window"]) if isinstance(p["window"], list) else p["window"]
    window = scipy_signal.get_window(name, p["win_length"] or p["n_fft"])
    spectrum = centred_stft(x, p["n_fft"], p["hop_length"], window, p["center"], p["pad_mode"])
    scale = "htk" if p["htk"] else "slaney"
    high = p["fmax"] or rate / 2
    weights = mel_matrix(p["n_mels"], p["fmin"], high, bins(rate, p["n_fft"]), scale, p[norm])
    return weights @ np.abs(spectrum) ** p["power"]


def librosa_logmel(x, rate, p):
    mel = librosa_melspectrogram(x, rate, p)
    ref = mel.max() if p["ref"] == "max" else abs(p["ref"])
    values = db(mel, p["amin"]) - 10 * np.log10(max(p["amin"], ref))
    return values if p["top_db"] is None else np.maximum(values, values.max() - p["top_db"])


def librosa_mfcc(x, rate, p):
    out = dct(p["n_mfcc"], p["n_mels"], p["norm"]) @ db(
        librosa_melspectrogram(x, rate, p, "mel_norm"), top=80
    )
    if p["lifter"]:
        out *= (1 + p["lifter"] / 2 * np.sin(np.pi * np.arange(1, p["n_mfcc"] + 1) / p["lifter"]))[:, None]
    return out


def torchaudio_spectrum(x, p):
    length = p["win_length"] or p["n_fft"]
    window = cosine_window(p["window"], length, True)
    mode = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}[
        p["pad_mode"]
    ]
    hop = p["hop_length"] or length // 2
    z = centred_stft(np.pad(x, p["pad"]), p["n_fft"], hop, window, p["center"], mode)
    if p["normalized"] in (True, "window"):
        z = z / np.sqrt((window**2).sum())
    elif p["normalized"] == "frame_length":
        z = z / np.sqrt(p["n_fft"])
    return z


def torchaudio_spectrogram(x, rate, p):
    z = torchaudio_spectrum(x, p)
    return z if p["power"] is None else np.abs(z) ** p["power"]


def torchaudio_melspectrogram(x, rate, p):
    grid = np.linspace(0, rate // 2, p["n_fft"] // 2 + 1)
    high = p["f_max"] or float(rate // 2)
    weights = mel_matrix(p["n_mels"], p["f_min"], high, grid, p["mel_scale"], p["norm"])
    return weights @ np.abs(torchaudio_spectrum(x, p)) ** p["power"]


def torchaudio_logmel_db(x, rate, p):
    return db(torchaudio_melspectrogram(x, rate, p), 1e-10, p["top_db"], 10 if p["stype"] == "power" else 20)


def torchaudio_mfcc(x, rate, p):
    mel = torchaudio_melspectrogram(x, rate, p)
    logs = np.log(mel + 1e-6) if p["log_mels"] else db(mel, top=80)
    return dct(p["n_mfcc"], p["n_mels"], p["dct_norm"]) @ logs


def torchaudio_lfcc(x, rate, p):
    grid = np.linspace(0, rate // 2, p["n_fft"] // 2 + 1)
    points = np.linspace(p["f_min"], p["f_max"] or float(rate // 2), p["n_filter"] + 2)
    power = triangles(points, grid) @ np.abs(torchaudio_spectrum(x, p)) ** p["power"]
    logs = np.log(power + 1e-6) if p["log_lf"] else db(power, top=80)
    return dct(p["n_lfcc"], p["n_filter"], p["dct_norm"]) @ logs


def _audioset(x, width, hop, count, low, high, offset):
    n_fft = power_of_two(width)
    frames = cut(x, width, hop) * cosine_window("hann", width, True)
    weights = mel_matrix(count, low, high, bins(16000, n_fft), "kaldi", domain="mel")
    weights[:, 0] = 0
    return np.log(np.abs(np.fft.rfft(frames, n_fft, axis=1)) @ weights.T + offset)


def vggish_logmel(x, rate, p):
    width, hop = round(16000 * p["window_length_secs"]), round(16000 * p["hop_length_secs"])
    low, high = p["lower_edge_hertz"], p["upper_edge_hertz"]
    return _audioset(x, width, hop, p["num_mel_bins"], low, high, p["log_offset"])


def yamnet_logmel(x, rate, p):
    return _audioset(x, 400, 160, 64, 125, 7500, 0.001)


def tf_stft_magnitude(x, rate, p):
    width, hop = p["frame_length"], p["frame_step"]
    window = cosine_window(p["window"] or "rectangular", width, width % 2 == 0)
    count = None
    if p["pad_end"]:
        count = -(-len(x) // hop)
        x = np.pad(x, (0, count * hop + width))
    return np.abs(
        np.fft.rfft(cut(x, width, hop, count) * window, p["fft_length"] or power_of_two(width), axis=1)
    )


def tf_logmel(x, rate, p):
    mag = tf_stft_magnitude(x, rate, p)
    grid = bins(rate, p["fft_length"] or power_of_two(p["frame_length"]))
    weights = mel_matrix(p["n_mels"], p["fmin"], p["fmax"], grid, "kaldi", domain="mel")
    weights[:, 0] = 0
    return np.log(mag @ weights.T + p["offset"])


def tf_mfcc(x, rate, p):
    return tf_logmel(x, rate, p) @ dct(p["n_mfcc"] or p["n_mels"], p["n_mels"], "htk").T


def tf_audio_spectrogram(x, rate, p):
    width = p["window_size"]
    frames = cut(x, width, p["stride"]) * cosine_window("hann", width, True)
    return np.abs(np.fft.rfft(frames, power_of_two(width), axis=1)) ** (2 if p["magnitude_squared"] else 1)


def tf_speech_commands_mfcc(x, rate, p):
    mag = tf_audio_spectrogram(x, rate, {**p, "magnitude_squared": False})
    n_fft = power_of_two(p["window_size"])
    low, high = p["lower_frequency_limit"], p["upper_frequency_limit"]
    count = p["filterbank_channel_count"]
    weights = mel_matrix(count, low, high, bins(rate, n_fft), "kaldi", domain="mel")
    k = np.arange(n_fft // 2 + 1)
    weights[:, (k < int(1.5 + low * n_fft / rate)) | (k > int(high * n_fft / rate))] = 0
    return np.log(np.maximum(mag @ weights.T, 1e-12)) @ dct(p["n_coeff"], count, "htk").T


def _scipy_window(p):
    return tuple(p["window"]) if isinstance(p["window"], list) else p["window"]


def _levels(p, values, factor):
    """In dB, if they are wanted."""
    if p["db_floor"] is None:
        return values
    with np.errstate(divide="ignore"):
        return np.maximum(factor * np.log10(np.abs(values)), p["db_floor"])


def scipy_stft(x, rate, p):
    arguments = {k: v for k, v in p.items() if k not in ("window", "db_floor")}
    return _levels(p, scipy_signal.stft(x, rate, window=_scipy_window(p), **arguments)[2], 20)


def scipy_spectrogram(x, rate, p):
    arguments = {k: v for k, v in p.items() if k not in ("window", "db_floor")}
    return _levels(p, scipy_signal.spectrogram(x, rate, window=_scipy_window(p), **arguments)[2], 10)


def scipy_shorttimefft(x, rate, p):
    window = scipy_signal.get_window(_scipy_window(p), p["nperseg"], fftbins=not p["sym"])
    transform = scipy_signal.ShortTimeFFT(
        window, p["hop"], rate, mfft=p["mfft"], scale_to=p["scale_to"], phase_shift=p["phase_shift"]
    )
    return _levels(p, transform.stft(x), 20)
