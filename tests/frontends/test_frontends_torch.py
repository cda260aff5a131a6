"""Frontends against the formulas of their authors in PyTorch, where that is installed."""

import numpy as np
import pytest

from spectrograms._frontends.making import frontend

torch = pytest.importorskip("torch")
librosa = pytest.importorskip("librosa")


def clip(n, seed=0):
    t = np.arange(n)
    return (0.1 * np.random.default_rng(seed).standard_normal(n) + 0.3 * np.sin(0.2 * t)).astype(np.float32)


def stft(x, n_fft, hop, window, **more):
    return torch.stft(torch.from_numpy(x), n_fft, hop, window=window, return_complex=True, **more)


@pytest.mark.parametrize("n", [201, 560, 4000, 16001])
@pytest.mark.parametrize("n_mels", [80, 128])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_whisper(n, n_mels, precision):
    x = clip(n)
    power = stft(x, 400, 160, torch.hann_window(400))[..., :-1].abs() ** 2
    filters = torch.from_numpy(librosa.filters.mel(sr=16000, n_fft=400, n_mels=n_mels))
    logs = torch.clamp(filters @ power, min=1e-10).log10()
    expected = (torch.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
    out = frontend("whisper_openai", n_mels=n_mels, precision=precision).compute(x)
    np.testing.assert_allclose(out, expected.numpy(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("pad_mode", ["reflect", "constant", "replicate", "circular"])
@pytest.mark.parametrize("normalized", [False, True, "window", "frame_length"])
@pytest.mark.parametrize("center", [True, False])
def test_torchaudio_spectrogram(pad_mode, normalized, center):
    x = clip(3000)
    window = torch.hamming_window(300)
    padded = np.pad(x, 21)
    z = stft(
        padded, 512, 130, window, win_length=300, center=center, pad_mode=pad_mode,
        normalized=normalized == "frame_length",
    )  # fmt: skip
    if normalized in (True, "window"):
        z = z / window.pow(2.0).sum().sqrt()
    made = frontend(
        "torchaudio_spectrogram", n_fft=512, win_length=300, hop_length=130, pad=21, window="hamming",
        power=None, normalized=normalized, center=center, pad_mode=pad_mode,
    )  # fmt: skip
    out = made.compute(x)
    assert out.dtype == np.complex64
    np.testing.assert_allclose(out, z.numpy(), rtol=0, atol=2e-6 * float(z.abs().max()))


def test_hifigan():
    x = clip(9000)
    padded = torch.nn.functional.pad(torch.from_numpy(x)[None], (384, 384), mode="reflect")[0].numpy()
    z = stft(padded, 1024, 256, torch.hann_window(1024), center=False)
    magnitude = torch.sqrt(z.real**2 + z.imag**2 + 1e-9)
    filters = torch.from_numpy(librosa.filters.mel(sr=22050, n_fft=1024, n_mels=80, fmin=0, fmax=8000))
    expected = torch.log(torch.clamp(filters @ magnitude, min=1e-5))
    np.testing.assert_allclose(frontend("hifigan_mel").compute(x), expected.numpy(), rtol=0, atol=1e-4)


def test_nemo():
    x = clip(16000)
    emphasised = np.concatenate((x[:1], x[1:] - np.float32(0.97) * x[:-1]))
    window = torch.hann_window(400, periodic=False)
    z = stft(emphasised, 512, 160, window, win_length=400, center=True, pad_mode="constant")
    filters = torch.from_numpy(librosa.filters.mel(sr=16000, n_fft=512, n_mels=80))
    logs = torch.log(filters @ z.abs() ** 2 + 2**-24)[:, :100]
    mean, std = logs.mean(dim=1, keepdim=True), logs.std(dim=1, keepdim=True)
    expected = torch.nn.functional.pad((logs - mean) / (std + 1e-5), (0, 1))
    np.testing.assert_allclose(frontend("nemo_mel").compute(x), expected.numpy(), rtol=0, atol=1e-4)
