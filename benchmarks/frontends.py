"""Frontends against the toolkits that define them: milliseconds for ten seconds of audio, one thread.

    python benchmarks/frontends.py [--rounds 15] [--json FILE]

Calls alternate between ours and theirs, so that what slows the machine slows both; times are medians. A row
is left out where its toolkit is not installed. Where a toolkit is too heavy to install, its published formula
stands in, in the library it is written for: Whisper's log-mel and torchaudio's Kaldi fbank in PyTorch,
SeamlessM4T's extractor in NumPy, frame by frame as transformers computes it.
"""

import argparse
import importlib.util
import json
import os
import statistics
import time
from functools import partial

# Before anything that starts threads is imported.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_variable] = "1"

import numpy as np  # noqa: E402

import spectrograms as sg  # noqa: E402
from spectrograms._frontends.making import frontend  # noqa: E402

RATE = 16000
SECONDS = 10


def _have(*modules):
    return all(importlib.util.find_spec(module) for module in modules)


def _bank(rate, n_fft, count, **more):
    from spectrograms.filterbanks import mel_bands

    return mel_bands(count, more.pop("low", 0.0), rate / 2, rate, n_fft, drop=0.0, **more).dense()


def whisper_formula(samples, padded):
    """openai-whisper's log_mel_spectrogram."""
    import torch

    torch.set_num_threads(1)
    window = torch.hann_window(400)
    filters = torch.from_numpy(_bank(RATE, 400, 80, norm="slaney").astype(np.float32))
    audio = torch.from_numpy(samples)

    def run():
        x = torch.nn.functional.pad(audio, (0, 480000 - len(audio))) if padded else audio
        power = torch.stft(x, 400, 160, window=window, return_complex=True)[..., :-1].abs() ** 2
        logs = torch.clamp(filters @ power, min=1e-10).log10()
        return (torch.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0

    return run


def torchaudio_kaldi_formula(samples):
    """torchaudio.compliance.kaldi.fbank with 80 bins, the bank computed at every call as it does."""
    import torch

    torch.set_num_threads(1)
    audio = torch.from_numpy(samples)

    def bank():
        points = torch.linspace(0, 1, 82)
        low, high = 1127 * np.log(1 + 20 / 700), 1127 * np.log(1 + 8000 / 700)
        mels = low + points * (high - low)
        grid = 1127 * torch.log(1 + torch.arange(256) * (RATE / 512) / 700)
        up = (grid - mels[:-2, None]) / (mels[1:-1] - mels[:-2])[:, None]
        down = (mels[2:, None] - grid) / (mels[2:] - mels[1:-1])[:, None]
        return torch.nn.functional.pad(torch.clamp(torch.minimum(up, down), min=0), (0, 1))

    def run():
        frames = (audio * 32768).unfold(0, 400, 160)
        frames = frames - frames.mean(dim=1, keepdim=True)
        (frames**2).sum(1).clamp(min=1.2e-7).log()
        shifted = torch.nn.functional.pad(frames.unsqueeze(0), (1, 0), mode="replicate").squeeze(0)
        frames = frames - 0.97 * shifted[:, :-1]
        frames = frames * torch.hann_window(400, periodic=False).pow(0.85)
        spectrum = torch.fft.rfft(torch.nn.functional.pad(frames, (0, 112))).abs() ** 2
        return torch.clamp(spectrum @ bank().T, min=1.1920929e-07).log()

    return run


def kaldi_native(samples):
    """kaldi-native-fbank, its frames collected into an array."""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80

    def run():
        computer = knf.OnlineFbank(options)
        computer.accept_waveform(RATE, samples * 32768)
        computer.input_finished()
        return np.array([computer.get_frame(i) for i in range(computer.num_frames_ready)])

    return run


def librosa_mel(samples):
    """librosa.feature.melspectrogram with its defaults."""
    import librosa

    return lambda: librosa.feature.melspectrogram(y=samples, sr=22050)


def seamless_formula(samples):
    """The NumPy path of SeamlessM4TFeatureExtractor: one frame after the other."""
    weights = _bank(RATE, 512, 80, low=20.0, formula="kaldi", domain="mel")
    window = np.hanning(400) ** 0.85

    def run():
        waveform = samples.astype(np.float64) * 32768
        count = 1 + (len(waveform) - 400) // 160
        spectrum = np.empty((count, 257), np.complex64)
        buffer = np.zeros(512)
        for i in range(count):
            buffer[:400] = waveform[i * 160 : i * 160 + 400]
            buffer[:400] -= buffer[:400].mean()
            buffer[1:400] -= 0.97 * buffer[:399]
            buffer[0] *= 1 - 0.97
            buffer[:400] *= window
            spectrum[i] = np.fft.rfft(buffer)
        power = np.abs(spectrum, dtype=np.float64) ** 2
        logs = np.log(np.maximum(1.192092955078125e-07, weights @ power.T)).T.astype(np.float32)
        logs = (logs - logs.mean(0)) / np.sqrt(logs.var(0, ddof=1) + 1e-7)
        return logs[: count // 2 * 2].reshape(-1, 160)

    return run


def rows():
    """(label, frontend, parameters, samples, theirs or None, least times faster in float64, in float32)."""
    rng = np.random.default_rng(0)
    x = (0.1 * rng.standard_normal(SECONDS * RATE)).astype(np.float32)
    y = (0.1 * rng.standard_normal(SECONDS * 22050)).astype(np.float32)
    short = x[:RATE]
    torch, knf, librosa = _have("torch"), _have("kaldi_native_fbank"), _have("librosa")
    bins = {"num_mel_bins": 80, "scale": 32768.0}
    return [
        ("whisper, torch", "whisper_openai", {}, x, whisper_formula(x, False) if torch else None, 3, 4.5),
        ("whisper, 1 s padded to 30 s, torch", "whisper_openai", {"pad30": True}, short,
         whisper_formula(short, True) if torch else None, 10, 10),
        ("kaldi_fbank, kaldi-native-fbank", "kaldi_fbank", bins, x, kaldi_native(x) if knf else None, 12, 12),
        ("kaldi_fbank, torchaudio's code", "torchaudio_kaldi_fbank", bins, x,
         torchaudio_kaldi_formula(x) if torch else None, 4, 4),
        ("librosa_melspectrogram, librosa", "librosa_melspectrogram", {}, y,
         librosa_mel(y) if librosa else None, 6, 12),
        ("seamless_m4t, transformers' NumPy", "seamless_m4t", {}, x, seamless_formula(x), 15, 15),
    ]  # fmt: skip


def _timed(call):
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def measure(label, name, params, samples, theirs, rounds):
    """Median milliseconds of ours in float64 and float32, and of theirs."""
    made = {precision: frontend(name, precision=precision, **params) for precision in ("float64", "float32")}
    calls = {precision: partial(one.compute, samples) for precision, one in made.items()}
    calls["theirs"] = theirs
    times = {key: [] for key in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for key, call in calls.items():
            times[key].append(_timed(call))
    return {"row": label, **{key: statistics.median(values) for key, values in times.items()}}


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", metavar="FILE", help="also write the figures there")
    arguments = parser.parse_args()
    sg.set_num_threads(1)
    results = []
    print("| row | theirs ms | float64 ms | times faster (least) | float32 ms | times faster (least) |")
    print("|---|---|---|---|---|---|")
    for label, name, params, samples, theirs, least64, least32 in rows():
        if theirs is None:
            continue
        result = measure(label, name, params, samples, theirs, arguments.rounds)
        results.append(result)
        ratios = [result["theirs"] / result[precision] for precision in ("float64", "float32")]
        print(
            f"| {label} | {result['theirs']:.2f} | {result['float64']:.2f} | {ratios[0]:.1f} ({least64}) "
            f"| {result['float32']:.2f} | {ratios[1]:.1f} ({least32}) |",
            flush=True,
        )
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)


if __name__ == "__main__":
    main()
