"""Like `frontend_oracles`, for the newer speech models of Hugging Face transformers."""

import numpy as np

from .frontend_oracles_kaldi import _FBANK, kaldi_fbank, seamless_m4t
from .frontend_oracles_parts import bins, centred_stft, cosine_window, cut, mel_matrix


def _whisper(x, bands, n_fft=400, hop=160, highest=None):
    spectrum = centred_stft(x, n_fft, hop, cosine_window("hann", n_fft, True))[:, :-1]
    weights = mel_matrix(bands, 0, 8000, bins(16000, n_fft), "slaney", "slaney")
    logs = np.log10(np.maximum(weights @ np.abs(spectrum) ** 2, 1e-10))
    return (np.maximum(logs, (logs.max() if highest is None else highest) - 8) + 4) / 4


def _at_least(x, n):
    return np.pad(x, (0, max(0, n - len(x))))


def qwen3_asr_mel(x, rate, p):
    x = _at_least(x, p["min_length"])
    out = _whisper(_at_least(x, 16000 * p["chunk_length"]) if p["pad30"] else x, p["feature_size"])
    return np.pad(out, ((0, 0), (0, -out.shape[1] % (2 * p["n_window"] or 1))))


def voxtral_realtime_mel(x, rate, p):
    return _whisper(x, p["feature_size"], p["n_fft"], p["hop_length"], p["global_log_mel_max"])


def moss_mel(x, rate, p):
    return _whisper(_at_least(x, 16000 * p["chunk_length"]), p["feature_size"])


def dots3_note_mel(x, rate, p):
    return moss_mel(x, rate, p)[:, : 8 * int(np.ceil(len(x) / 1280))]


def _nemo_logs(x, p, rounded=lambda values: values):
    c = p["preemphasis"] or 0.0
    x = np.concatenate((x[:1], x[1:] - c * x[:-1]))
    window = rounded(cosine_window("hann", p["win_length"], False))
    power = np.abs(centred_stft(x, p["n_fft"], p["hop_length"], window, mode="constant")) ** 2
    weights = mel_matrix(p["feature_size"], 0, 8000, bins(16000, p["n_fft"]), "slaney", "slaney")
    return np.log(rounded(weights) @ power + 2.0**-24).T


def cohere_asr_mel(x, rate, p):
    out = _nemo_logs(x, p)
    n = len(x) // p["hop_length"]
    valid = out[:n]
    out[:n] = (valid - valid.mean(axis=0)) / (valid.std(axis=0, ddof=1) + 1e-5)
    out[n:] = 0
    return out


def _bfloat16(values):
    """A float32 from its eight digits."""
    fraction, exponent = np.frexp(values.astype(np.float32))
    return np.ldexp(np.rint(np.ldexp(fraction.astype(float), 8)), exponent - 8)


def nemotron_asr_mel(x, rate, p):
    out = _nemo_logs(x, p, *((_bfloat16,) if p["mel_filters_dtype"] == "bfloat16" else ()))
    out[len(x) // p["hop_length"] :] = 0
    return out


def gemma4_mel(x, rate, p):
    x = x[: p["max_length"]] * p["input_scale_factor"]
    own = np.concatenate((np.zeros(160), np.ones(len(x)), np.zeros(-len(x) % 128)))
    frames = cut(np.pad(x, (160, -len(x) % 128)), 321, 160)
    real = cut(own, 321, 160)[:, -1:]
    c = p["preemphasis"]
    if p["preemphasis_htk_flavor"]:
        frames = np.concatenate((frames[:, :1] * (1 - c), frames[:, 1:-1] - c * frames[:, :-2]), axis=1)
    else:
        frames = frames[:, 1:] - c * frames[:, :-1] if c else frames[:, :-1]
    n_fft = 1024 if p["fft_overdrive"] else 512
    mag = np.abs(np.fft.rfft(frames * cosine_window("hann", 320, True), n_fft, axis=1))
    weights = mel_matrix(p["feature_size"], p["min_frequency"], p["max_frequency"], bins(16000, n_fft), "htk")
    out = np.log(mag @ weights.T + p["mel_floor"])
    if p["per_bin_mean"] is not None:
        out = out - np.array(p["per_bin_mean"])
    if p["per_bin_stddev"] is not None:
        out = out / np.array(p["per_bin_stddev"])
    return out * real


def granite_speech5_mel(x, rate, p):
    hop = p["hop_length"]
    pairs = int(np.ceil(len(x) // hop / 2))
    x = _at_least(x, (2 * pairs - 1) * hop + 1)
    window = cosine_window("hann", p["win_length"], True)
    power = np.abs(centred_stft(x, p["n_fft"], hop, window))[:, : 2 * pairs] ** 2
    weights = mel_matrix(p["num_mel_bins"], 0, 8000, bins(16000, p["n_fft"]), "htk")
    logs = np.log10(np.maximum(weights @ power, 1e-10))
    out = np.maximum(logs, logs.max() - p["logmel_floor_db"]) / 4 + 1
    reach = (p["delta_win_length"] - 1) // 2
    kernel = np.arange(-reach, reach + 1.0)
    around = np.lib.stride_tricks.sliding_window_view(
        np.pad(out, ((0, 0), (reach, reach)), "edge"), 2 * reach + 1, axis=1
    )
    return np.concatenate((out, around @ kernel / (kernel**2).sum())).T.reshape(pairs, -1)


def fun_asr_nano_fbank(x, rate, p):
    out = kaldi_fbank(
        x, rate, {**_FBANK, "num_mel_bins": p["feature_size"], "scale": 1.0, "window_type": "hamming"}
    )
    n, step = p["num_frames_lfr"], p["stride_lfr"]
    groups = -(-len(out) // step)
    before = (n - 1) // 2
    out = np.pad(out, ((before, n + step * groups), (0, 0)), "edge")
    return np.array([out[i * step : i * step + n].ravel() for i in range(groups)])


def _semantic(x, rate, p):
    more = {"norm": True, "num_mel_bins": 80, "pad_to_multiple_of": 2, "stride": 2}
    return seamless_m4t(x, rate, {**p, **more})


def neucodec_fbank(x, rate, p):
    return _semantic(np.pad(x, (0, 1 + -(len(x) + 1) % p["hop_length"])), rate, p)


def xcodec2_fbank(x, rate, p):
    hop = p["hop_length"]
    return _semantic(np.pad(x, (hop // 2, 1 + -(len(x) + 1) % hop + hop // 2)), rate, p)


def lasr_mel(x, rate, p):
    frames = cut(x, p["win_length"], p["hop_length"]) * cosine_window("hann", p["win_length"], False)
    power = np.abs(np.fft.rfft(frames, p["n_fft"], axis=1)) ** 2
    weights = mel_matrix(p["feature_size"], 125, 7500, bins(16000, p["n_fft"])[1:], "kaldi", domain="mel")
    return np.log(np.maximum(power[:, 1:] @ weights.T, 1e-5))


def inkling_mel(x, rate, p):
    hop, n_fft = p["hop_length"], p["n_fft"]
    x = np.pad(x, (max(0, n_fft - hop), -len(x) % hop))
    spectrum = centred_stft(x, n_fft, hop, cosine_window("hann", p["window_size"], True), center=False)
    weights = mel_matrix(p["feature_size"], 0, 8000, bins(16000, n_fft), "slaney", "slaney")
    return np.log10(np.maximum(weights @ np.maximum(np.abs(spectrum), 1e-5), 1e-10)).T


def clvp_mel(x, rate, p):
    size = 22050 * p["default_audio_length"]
    x = _at_least(x, size)[:size]
    spectrum = centred_stft(x, p["n_fft"], p["hop_length"], cosine_window("hann", p["n_fft"], True))
    weights = mel_matrix(p["feature_size"], 0, 8000, bins(22050, p["n_fft"]), "htk", "slaney")
    out = np.log(np.maximum(weights @ np.abs(spectrum) ** 2, 1e-5))
    return out if p["mel_norms"] is None else out / np.array(p["mel_norms"])[:, None]
