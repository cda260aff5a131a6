"""The frontends written a second time, in plain NumPy and float64, with dense matrices and whole signals.

The package is not used. Each function takes samples, the sample rate and all parameters, and returns
the array in the toolkit's layout.
"""

import math

import numpy as np
from scipy import signal as scipy_signal

EPS32 = 2.0**-23


# --- building blocks ------------------------------------------------------------------------------


def hz_to_mel(f, scale):
    f = np.asarray(f, float)
    if scale == "htk":
        return 2595 * np.log10(1 + f / 700)
    if scale == "kaldi":
        return 1127 * np.log(1 + f / 700)
    return np.where(f < 1000, 3 * f / 200, 15 + 27 * np.log(np.maximum(f, 1) / 1000) / np.log(6.4))


def mel_to_hz(m, scale):
    m = np.asarray(m, float)
    if scale == "htk":
        return 700 * (10 ** (m / 2595) - 1)
    if scale == "kaldi":
        return 700 * (np.exp(m / 1127) - 1)
    return np.where(m < 15, 200 * m / 3, 1000 * np.exp(np.log(6.4) * (m - 15) / 27))


def triangles(points, grid):
    weights = np.zeros((len(points) - 2, len(grid)))
    for i, (a, b, c) in enumerate(zip(points, points[1:], points[2:], strict=False)):
        weights[i] = np.maximum(0, np.minimum((grid - a) / (b - a), (c - grid) / (c - b)))
    return weights


def mel_matrix(count, low, high, grid, scale, norm=None, domain="hz"):
    points = np.linspace(hz_to_mel(low, scale), hz_to_mel(high, scale), count + 2)
    hz = mel_to_hz(points, scale)
    weights = triangles(hz, grid) if domain == "hz" else triangles(points, hz_to_mel(grid, scale))
    if norm == "slaney":
        weights *= (2 / (hz[2:] - hz[:-2]))[:, None]
    elif norm is not None:
        sizes = np.linalg.norm(weights, ord=math.inf if norm == "inf" else norm, axis=1, keepdims=True)
        weights = np.divide(weights, sizes, out=np.zeros_like(weights), where=sizes > 0)
    return weights


def cosine_window(name, n, periodic):
    angle = 2 * np.pi * np.arange(n) / max(1, n if periodic else n - 1)
    if n == 1:
        return np.ones(1)
    return {
        "hann": lambda: 0.5 - 0.5 * np.cos(angle),
        "hamming": lambda: 0.54 - 0.46 * np.cos(angle),
        "blackman": lambda: 0.42 - 0.5 * np.cos(angle) + 0.08 * np.cos(2 * angle),
        "bartlett": lambda: np.bartlett(n + 1)[:n] if periodic else np.bartlett(n),
        "rectangular": lambda: np.ones(n),
    }[name]()


def cut(x, width, hop, count=None):
    """Frames as rows."""
    if count is None:
        count = 1 + (len(x) - width) // hop if len(x) >= width else 0
    return np.array([x[t * hop : t * hop + width] for t in range(count)]).reshape(count, width)


def centred_stft(x, n_fft, hop, window, center=True, mode="reflect", **more):
    """Bins as rows; the window in the middle of n_fft."""
    at = (n_fft - len(window)) // 2
    padded = np.zeros(n_fft)
    padded[at : at + len(window)] = window
    if center:
        x = np.pad(x, n_fft // 2, mode=mode, **more)
    return np.fft.rfft(cut(x, n_fft, hop) * padded, axis=1).T


def dct(count, n, norm):
    matrix = np.cos(np.pi * np.outer(np.arange(count), np.arange(n) + 0.5) / n)
    if norm is None:
        return 2 * matrix
    matrix *= math.sqrt(2 / n)
    if norm == "ortho":
        matrix[0] /= math.sqrt(2)
    return matrix


def db(power, amin=1e-10, top=None, factor=10):
    values = factor * np.log10(np.maximum(power, amin))
    return values if top is None else np.maximum(values, values.max() - top)


def bins(rate, n_fft):
    return np.arange(n_fft // 2 + 1) * rate / n_fft


def power_of_two(n):
    return 2 ** math.ceil(math.log2(n))


# --- Whisper, NeMo --------------------------------------------------------------------------------


def _whisper(x, n_mels):
    window = cosine_window("hann", 400, True)
    power = np.abs(centred_stft(x, 400, 160, window)[:, :-1]) ** 2
    mel = mel_matrix(n_mels, 0, 8000, bins(16000, 400), "slaney", "slaney") @ power
    logs = np.log10(np.maximum(mel, 1e-10))
    return (np.maximum(logs, logs.max() - 8) + 4) / 4


def whisper_openai(x, rate, p):
    if p["pad30"]:
        x = np.pad(x[:480000], (0, max(0, 480000 - len(x))))
    return _whisper(np.pad(x, (0, p["tail_pad"])), p["n_mels"])


def whisper_hf(x, rate, p):
    size = p["chunk_length"] * 16000
    x = x[:size]
    if p["do_normalize"]:
        x = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    if p["pad30"]:
        x = np.pad(x, (0, size - len(x)))
    return _whisper(x, p["n_mels"])


def nemo_mel(x, rate, p):
    n_samples = len(x)
    n_fft = p["n_fft"] or power_of_two(p["win"])
    if p["preemph"]:
        x = np.concatenate((x[:1], x[1:] - p["preemph"] * x[:-1]))
    window = cosine_window(p["window"], p["win"], False)
    mag = np.abs(centred_stft(x, n_fft, p["hop"], window, mode="constant")) ** p["mag_power"]
    high = p["highfreq"] or rate / 2
    out = mel_matrix(p["n_mels"], p["lowfreq"], high, bins(rate, n_fft), "slaney", p["mel_norm"]) @ mag
    if p["log"]:
        guard = {"eps": 2.0**-23, "tiny": 2.0**-126}.get(p["guard_value"], p["guard_value"])
        out = np.log(out + guard) if p["guard_type"] == "add" else np.log(np.maximum(out, guard))
    n = n_samples // p["hop"] + int(p["legacy_len"])
    n = min(n, out.shape[1])
    if p["normalize"] and n:
        axis = 1 if p["normalize"] == "per_feature" else None
        valid = out[:, :n]
        count = n if axis else valid.size
        std = valid.std(axis=axis, ddof=1, keepdims=True) if count > 1 else np.zeros((1, 1))
        out[:, :n] = (valid - valid.mean(axis=axis, keepdims=True)) / (std + 1e-5)
    out[:, n:] = p["pad_value"]
    if p["pad_to"]:
        out = np.pad(out, ((0, 0), (0, -out.shape[1] % p["pad_to"])), constant_values=p["pad_value"])
    return out


def parakeet_hf(x, rate, p):
    more = {
        "window": "hann",
        "lowfreq": 0,
        "highfreq": None,
        "mel_norm": "slaney",
        "mag_power": 2.0,
        "log": True,
    }
    more |= {
        "guard_type": "add",
        "guard_value": 2.0**-24,
        "normalize": "per_feature",
        "pad_to": 0,
        "pad_value": 0.0,
    }
    return nemo_mel(x, rate, {**p, **more, "legacy_len": False}).T


# --- Kaldi ----------------------------------------------------------------------------------------


def kaldi_window(name, n, coeff):
    j = np.arange(n)
    angle = 2 * np.pi * j / (n - 1)
    return {
        "povey": lambda: (0.5 - 0.5 * np.cos(angle)) ** 0.85,
        "hamming": lambda: 0.54 - 0.46 * np.cos(angle),
        "hanning": lambda: 0.5 - 0.5 * np.cos(angle),
        "blackman": lambda: coeff - 0.5 * np.cos(angle) + (0.5 - coeff) * np.cos(2 * angle),
        "rectangular": lambda: np.ones(n),
        "sine": lambda: np.sin(np.pi * j / (n - 1)),
        "hann": lambda: 0.5 - 0.5 * np.cos(2 * np.pi * j / n),
    }[name]()


def kaldi_frames(x, rate, p):
    width, hop = int(rate * 0.001 * p["frame_length"]), int(rate * 0.001 * p["frame_shift"])
    if p["snip_edges"]:
        return cut(x, width, hop)
    count = (len(x) + hop // 2) // hop
    period = 2 * len(x)
    index = np.arange(count)[:, None] * hop + hop // 2 - width // 2 + np.arange(width)
    index %= period
    return x[np.where(index < len(x), index, period - 1 - index)]


def kaldi_mel(x, rate, p):
    """Mel energies and the log energy of each frame."""
    frames = kaldi_frames(x * p["scale"], rate, p)
    width = frames.shape[1]
    if p["remove_dc"]:
        frames = frames - frames.mean(axis=1, keepdims=True)
    floor = max(EPS32, p["energy_floor"])
    energy = np.log(np.maximum((frames**2).sum(axis=1), floor))
    before = np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    frames = (frames - p["preemph"] * before) * kaldi_window(p["window_type"], width, p["blackman_coeff"])
    if not p["raw_energy"]:
        energy = np.log(np.maximum((frames**2).sum(axis=1), floor))
    n_fft = power_of_two(width) if p["round_pow2"] else width
    spectrum = np.abs(np.fft.rfft(frames, n_fft, axis=1)) ** (2 if p.get("use_power", True) else 1)
    high = p["high_freq"] if p["high_freq"] > 0 else rate / 2 + p["high_freq"]
    weights = mel_matrix(p["num_mel_bins"], p["low_freq"], high, bins(rate, n_fft), "kaldi", domain="mel")
    weights[:, n_fft // 2 :] = 0
    return spectrum @ weights.T, energy


def kaldi_fbank(x, rate, p):
    out, energy = kaldi_mel(x, rate, p)
    if p["use_log"]:
        out = np.log(np.maximum(out, EPS32))
    if p["use_energy"]:
        columns = (out, energy[:, None]) if p["htk_compat"] else (energy[:, None], out)
        out = np.concatenate(columns, axis=1)
    return out - out.mean(axis=0) if p.get("subtract_mean") else out


def kaldi_mfcc(x, rate, p):
    mel, energy = kaldi_mel(x, rate, p)
    out = np.log(np.maximum(mel, EPS32)) @ dct(p["num_ceps"], p["num_mel_bins"], "ortho").T
    if p["cepstral_lifter"]:
        lifter = p["cepstral_lifter"]
        out = out * (1 + lifter / 2 * np.sin(np.pi * np.arange(p["num_ceps"]) / lifter))
    if p["use_energy"]:
        out[:, 0] = energy
    if p["htk_compat"]:
        out[:, 0] *= 1 if p["use_energy"] else math.sqrt(2)
        out = np.roll(out, -1, axis=1)
    return out - out.mean(axis=0) if p.get("subtract_mean") else out


torchaudio_kaldi_fbank = kaldi_fbank
torchaudio_kaldi_mfcc = kaldi_mfcc
_FBANK = {
    "scale": 32768.0, "low_freq": 20.0, "high_freq": 0.0, "frame_length": 25.0, "frame_shift": 10.0,
    "snip_edges": True,
    "window_type": "povey", "blackman_coeff": 0.42, "preemph": 0.97, "remove_dc": True, "round_pow2": True,
    "use_power": True,
    "use_log": True, "use_energy": False, "raw_energy": True, "energy_floor": 0.0, "htk_compat": False,
}  # fmt: skip


def wespeaker_fbank(x, rate, p):
    return kaldi_fbank(x, rate, {**_FBANK, **p, "window_type": "hamming", "subtract_mean": True})


def seamless_m4t(x, rate, p):
    out = kaldi_fbank(x, rate, {**_FBANK, **p})
    if p["norm"]:
        out = (out - out.mean(axis=0)) / np.sqrt(out.var(axis=0, ddof=1) + 1e-7)
    out = np.pad(
        out, ((0, -len(out) % (p["pad_to_multiple_of"] or 1)), (0, 0)), constant_values=p["padding_value"]
    )
    whole = len(out) // p["stride"]
    return out[: whole * p["stride"]].reshape(whole, -1)


def ast(x, rate, p):
    out = kaldi_fbank(
        x, rate, {**_FBANK, "num_mel_bins": p["num_mel_bins"], "scale": 1.0, "window_type": "hanning"}
    )
    out = np.pad(out[: p["max_length"]], ((0, max(0, p["max_length"] - len(out))), (0, 0)))
    return (out - p["mean"]) / (2 * p["std"]) if p["do_normalize"] else out


def speech_to_text_fbank(x, rate, p):
    out = kaldi_fbank(x, rate, {**_FBANK, **p})
    if p["do_ceptral_normalize"]:
        std = out.std(axis=0)
        if p["normalize_means"]:
            out = out - out.mean(axis=0)
        if p["normalize_vars"]:
            out = out / std
    return out


def phi4mm_mel(x, rate, p):
    frames = cut(x, 400, 160)
    before = np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    frames = (frames - p["preemphasis"] * before) * 32768 * cosine_window("hamming", 400, False)
    power = np.abs(np.fft.rfft(frames, 512, axis=1)) ** 2
    low, high = p["mel_min_frequency"], p["mel_max_frequency"]
    weights = mel_matrix(p["feature_size"], low, high, bins(16000, 512), "kaldi", domain="mel")
    return np.log(np.maximum(power @ weights.T, 1))


# --- librosa, torchaudio --------------------------------------------------------------------------


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


def granite_speech_mel(x, rate, p):
    window = cosine_window("hann", p["win_length"], True)
    power = np.abs(centred_stft(x, p["n_fft"], p["hop_length"], window)) ** 2
    logs = np.log10(
        np.maximum(mel_matrix(p["n_mels"], 0, 8000, bins(16000, p["n_fft"]), "htk") @ power, 1e-10)
    )
    out = (np.maximum(logs, logs.max() - 8) / 4 + 1).T
    return out[: len(out) // 2 * 2].reshape(-1, 2 * p["n_mels"])


# --- vocoders, CLAP, SpeechT5, Gemma --------------------------------------------------------------


def hifigan_mel(x, rate, p):
    pad = (p["n_fft"] - p["hop"]) // 2
    window = cosine_window("hann", p["win"], True)
    z = centred_stft(np.pad(x, pad, mode="reflect"), p["n_fft"], p["hop"], window, center=False)
    high = p["fmax"] or rate / 2
    weights = mel_matrix(p["num_mels"], p["fmin"], high, bins(rate, p["n_fft"]), "slaney", "slaney")
    return np.log(np.maximum(weights @ np.sqrt(np.abs(z) ** 2 + 1e-9), 1e-5))


def univnet_mel(x, rate, p):
    if p["max_length_s"] is not None:
        x = x[: int(p["max_length_s"] * 24000)]
    out = hifigan_mel(
        x, rate, {"n_fft": 1024, "hop": 256, "win": 1024, "num_mels": 100, "fmin": 0, "fmax": 12000}
    ).T
    low, high = -11.512925148010254, 2.3143386840820312
    return 2 * (out - low) / (high - low) - 1 if p["do_normalize"] else out


def vocos_mel(x, rate, p):
    window = cosine_window("hann", p["n_fft"], True)
    if p["padding"] == "same":
        x = np.pad(x, (p["n_fft"] - p["hop_length"]) // 2, mode="reflect")
    z = centred_stft(x, p["n_fft"], p["hop_length"], window, center=p["padding"] == "center")
    grid = np.linspace(0, rate // 2, p["n_fft"] // 2 + 1)
    return np.log(np.maximum(mel_matrix(p["n_mels"], 0, rate // 2, grid, "htk") @ np.abs(z), 1e-7))


def clap(x, rate, p):
    size = None if p["max_length_s"] is None else int(p["max_length_s"] * 48000)
    fused = p["truncation"] == "fusion"
    long = size is not None and len(x) > size
    if long and not fused:
        x = x[p["offset"] : p["offset"] + size]
    elif size is not None and not long:
        if p["padding"] == "repeat":
            x = np.tile(x, size // len(x) + 1)[:size]
        elif p["padding"] == "repeatpad":
            x = np.tile(x, size // len(x))
        x = np.pad(x, (0, size - len(x)))
    n_fft = p["fft_window_size"]
    power = np.abs(centred_stft(x, n_fft, p["hop_length"], cosine_window("hann", n_fft, True))) ** 2
    low, high = p["frequency_min"], p["frequency_max"]
    scale = ("htk", None) if fused else ("slaney", "slaney")
    out = db(mel_matrix(p["feature_size"], low, high, bins(48000, n_fft), *scale) @ power).T
    return out[p["offset"] : p["offset"] + size // p["hop_length"] + 1] if long and fused else out


def speecht5_mel(x, rate, p):
    width, hop = int(p["win_length"] * 16), int(p["hop_length"] * 16)
    n_fft = power_of_two(width)
    frames = cut(np.pad(x, width // 2, mode="reflect"), width, hop) * cosine_window("hann", width, True)
    weights = mel_matrix(p["num_mel_bins"], p["fmin"], p["fmax"], bins(16000, n_fft), "slaney", "slaney")
    return np.log10(np.maximum(np.abs(np.fft.rfft(frames, n_fft, axis=1)) @ weights.T, p["mel_floor"]))


def gemma3n_mel(x, rate, p):
    x = x[: p["max_length"]] * p["input_scale_factor"]
    x = np.pad(x, (0, -len(x) % 128))
    frames = cut(x, 513, 160)
    c = p["preemphasis"]
    if c == 0:
        frames = frames[:, :512]
    elif p["preemphasis_htk_flavor"]:
        frames = np.concatenate((frames[:, :1] * (1 - c), frames[:, 1:-1] - c * frames[:, :-2]), axis=1)
    else:
        frames = frames[:, 1:] - c * frames[:, :-1]
    n_fft = 1024 if p["fft_overdrive"] else 512
    mag = np.abs(np.fft.rfft(frames * cosine_window("hann", 512, True), n_fft, axis=1))
    low, high = p["min_frequency"], p["max_frequency"]
    out = np.log(
        np.maximum(
            mag @ mel_matrix(p["feature_size"], low, high, bins(16000, n_fft), "htk").T, p["mel_floor"]
        )
    )
    if p["per_bin_mean"] is not None:
        out = out - np.array(p["per_bin_mean"])
    return out if p["per_bin_stddev"] is None else out / np.array(p["per_bin_stddev"])


# --- Google ---------------------------------------------------------------------------------------


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


# --- SciPy: the toolkit itself --------------------------------------------------------------------


def _scipy_window(p):
    return tuple(p["window"]) if isinstance(p["window"], list) else p["window"]


def scipy_stft(x, rate, p):
    arguments = {k: v for k, v in p.items() if k != "window"}
    return scipy_signal.stft(x, rate, window=_scipy_window(p), **arguments)[2]


def scipy_spectrogram(x, rate, p):
    arguments = {k: v for k, v in p.items() if k != "window"}
    return scipy_signal.spectrogram(x, rate, window=_scipy_window(p), **arguments)[2]


def scipy_shorttimefft(x, rate, p):
    window = scipy_signal.get_window(_scipy_window(p), p["nperseg"], fftbins=not p["sym"])
    transform = scipy_signal.ShortTimeFFT(
        window, p["hop"], rate, mfft=p["mfft"], scale_to=p["scale_to"], phase_shift=p["phase_shift"]
    )
    return transform.stft(x)
