"""Like `frontend_oracles`, for Kaldi and for the models that begin with its fbank."""

import math

import numpy as np

from .frontend_oracles_parts import EPS32, bins, cosine_window, cut, dct, mel_matrix, power_of_two


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
