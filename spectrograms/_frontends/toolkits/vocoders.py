"""Vocoders: the mel spectrograms of HiFi-GAN, BigVGAN and Vocos.

Sources: hifi-gan and BigVGAN ``meldataset.py``; vocos ``feature_extractors.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import centred, framed
from spectrograms._frontends.recipes.parameters import Choice, Count, Number, at_most, band_count, below
from spectrograms._frontends.recipes.stages import Log, Mel


def reflected(n_fft: int, win: int, hop: int) -> dict[str, Any]:
    """Fields of a recipe: whole frames of a signal that is reflected by (n_fft - hop) // 2 on both sides."""
    pad, at = (n_fft - hop) // 2, (n_fft - win) // 2
    return {
        **framed(
            n_fft, windows.make("hann", win), hop,
            window_at=at, left=pad - at, first=n_fft - 2 * pad, padding="reflect", reach=pad,
        ),
        "window_words": "hann, periodic",
    }  # fmt: skip


def hifigan(
    rate: float, n_fft: int, win: int, hop: int, bands: int, low: float, high: float
) -> dict[str, Any]:
    """Fields of a recipe: HiFi-GAN's mel spectrogram."""
    return {
        **reflected(n_fft, win, hop),
        "power": 1.0,
        "root_add": 1e-9,
        "mel": Mel(count=bands, low=low, high=high, scale="slaney", norm="slaney"),
        "log": Log("ln", floor=1e-5),
    }


def _hifigan(rate, p):
    at_most("win", p.win, "n_fft", p.n_fft)
    at_most("hop", p.hop, "n_fft", p.n_fft)
    high = rate / 2.0 if p.fmax is None else p.fmax
    below("fmin", p.fmin, "fmax", high)
    pad = (p.n_fft - p.hop) // 2
    return {
        **hifigan(rate, p.n_fft, p.win, p.hop, p.num_mels, p.fmin, high),
        "min_samples": max(pad + 1, p.n_fft - 2 * pad),
        "min_samples_reason": f"reflection by {pad} samples and one frame",
    }


def _vocos(rate, p):
    if p.padding == "same":
        at_most("hop_length", p.hop_length, "n_fft", p.n_fft)
        pad = (p.n_fft - p.hop_length) // 2
        frames, least = reflected(p.n_fft, p.n_fft, p.hop_length), max(pad + 1, p.n_fft - 2 * pad)
    else:
        pad = p.n_fft // 2
        frames, least = centred(p.n_fft, windows.make("hann", p.n_fft), p.hop_length, "reflect"), pad + 1
    half = rate // 2  # the last bin of torchaudio's filters
    return {
        **frames,
        "window_words": "hann, periodic",
        "min_samples": least,
        "min_samples_reason": f"reflection by {pad} samples",
        "power": 1.0,
        "mel": Mel(
            count=p.n_mels,
            low=0.0,
            high=float(half),
            scale="htk",
            grid=np.linspace(0, half, p.n_fft // 2 + 1),
        ),
        "log": Log("ln", floor=1e-7),
    }


_HIFIGAN_MEL = {
    "n_fft": Count(1024),
    "num_mels": band_count(80),
    "hop": Count(256),
    "win": Count(1024),
    "fmin": Number(0.0, low=0.0),
    "fmax": Number(8000.0, above=0.0, optional=True),
}
_VOCOS_MEL = {
    "padding": Choice("center", options=("center", "same")),
    "n_fft": Count(1024),
    "hop_length": Count(256),
    "n_mels": band_count(100),
}

_row = table(layout="bins")
DEFINITIONS = (
    _row("hifigan_mel", "mel spectrogram of HiFi-GAN and BigVGAN", _hifigan, _HIFIGAN_MEL, rate=22050),
    _row("vocos_mel", "mel spectrogram of Vocos", _vocos, _VOCOS_MEL, rate=24000),
)
