"""Like `frontend_oracles`, for single models."""

import numpy as np

from .frontend_oracles_parts import bins, centred_stft, cosine_window, cut, db, mel_matrix, power_of_two


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


def granite_speech_mel(x, rate, p):
    window = cosine_window("hann", p["win_length"], True)
    power = np.abs(centred_stft(x, p["n_fft"], p["hop_length"], window)) ** 2
    logs = np.log10(
        np.maximum(mel_matrix(p["n_mels"], 0, 8000, bins(16000, p["n_fft"]), "htk") @ power, 1e-10)
    )
    out = (np.maximum(logs, logs.max() - 8) / 4 + 1).T
    return out[: len(out) // 2 * 2].reshape(-1, 2 * p["n_mels"])


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
