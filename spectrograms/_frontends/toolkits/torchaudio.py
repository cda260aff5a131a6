"""torchaudio.transforms: Spectrogram, MelSpectrogram, AmplitudeToDB of it, MFCC and LFCC."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import DynamicRange, Linear
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import centred
from spectrograms._frontends.recipes.lengths import ZerosAfter
from spectrograms._frontends.recipes.parameters import Choice, Count, Flag, Number, at_most, band_count, below
from spectrograms._frontends.recipes.stages import Dct, Log, Mel

_PADDING = {"reflect": "reflect", "constant": "zeros", "replicate": "edge", "circular": "circular"}


def frames(p: Any) -> dict[str, Any]:
    """Fields of a recipe: the frames of torch.stft."""
    length = p.n_fft if p.win_length is None else p.win_length
    at_most("win_length", length, "n_fft", p.n_fft)
    hop = length // 2 if p.hop_length is None else p.hop_length
    hop = Count(1).read("hop_length", hop)
    window = windows.make(p.window, length)
    words = f"{p.window}, periodic"
    if p.normalized in (True, "window"):
        window = window / math.sqrt(np.square(window).sum())
        words += ", divided by the root of its energy"
    elif p.normalized == "frame_length":
        window = window / math.sqrt(p.n_fft)
        words += ", divided by the root of n_fft"
    padding = _PADDING[p.pad_mode]
    least = p.n_fft
    if p.center:
        # torch reflects less than the signal, wraps no more than all of it, and repeats its ends.
        half = p.n_fft // 2
        least = {"reflect": half + 1, "circular": half, "edge": 1, "zeros": p.n_fft % 2}[padding]
    fields = centred(p.n_fft, window, hop, padding, center=p.center)
    return {
        **fields,
        "frames": replace(fields["frames"], lead=p.pad),
        "window_words": words,
        "zeros_after": ZerosAfter(more=p.pad),
        "min_samples": max(least - 2 * p.pad, 0 if p.pad else 1),
        "min_samples_reason": f"{padding} padding of {p.n_fft // 2} samples" if p.center else "n_fft",
    }


def bank(rate: float, p: Any, n_fft: int) -> Mel:
    """The mel filters of torchaudio, for which the last bin is at half the rate rounded down."""
    high = float(rate // 2) if p.f_max is None else p.f_max
    below("f_min", p.f_min, "f_max", high)
    return Mel(
        count=p.n_mels, low=p.f_min, high=high, scale=p.mel_scale, norm=p.norm or "none",
        grid=np.linspace(0, rate // 2, n_fft // 2 + 1),
    )  # fmt: skip


def _spectrogram(rate, p):
    more = {"power": None, "dtype": "complex64"} if p.power is None else {"power": p.power}
    return {**frames(p), **more}


def _mel(rate, p):
    return {**frames(p), "power": p.power, "mel": bank(rate, p, p.n_fft)}


def _logmel(rate, p):
    return {
        **_mel(rate, p),
        "log": Log("dB" if p.stype == "power" else "dB of magnitude", floor=1e-10),
        "after": () if p.top_db is None else (DynamicRange(p.top_db),),
    }


def _cepstrum(fields, count, bands, norm, natural):
    dct = Dct(count, norm or "scipy")
    if natural:
        return {**fields, "log": Log("ln", add=1e-6), "dct": dct}
    steps = (DynamicRange(80.0), Linear(dct.matrix(bands), dct.words()))
    return {**fields, "log": Log("dB", floor=1e-10), "after": steps}


def _mfcc(rate, p):
    at_most("n_mfcc", p.n_mfcc, "n_mels", p.n_mels)
    return _cepstrum(_mel(rate, p), p.n_mfcc, p.n_mels, p.dct_norm, p.log_mels)


def _lfcc(rate, p):
    at_most("n_lfcc", p.n_lfcc, "n_filter", p.n_filter)
    high = float(rate // 2) if p.f_max is None else p.f_max
    below("f_min", p.f_min, "f_max", high)
    grid = np.linspace(0, rate // 2, p.n_fft // 2 + 1)
    filters = Mel(count=p.n_filter, low=p.f_min, high=high, scale=None, grid=grid)
    fields = {**frames(p), "power": p.power, "mel": filters}
    return _cepstrum(fields, p.n_lfcc, p.n_filter, p.dct_norm, p.log_lf)


def _frames(power):
    return {
        "n_fft": Count(400),
        "win_length": Count(None),
        "hop_length": Count(None),
        "pad": Count(0, low=0),
        "window": Choice("hann", options=("hann", "hamming", "blackman")),
        "power": power,
        "normalized": Choice(False, options=(False, True, "window", "frame_length")),
        "center": Flag(True),
        "pad_mode": Choice("reflect", options=tuple(_PADDING)),
    }


_POWER = Number(2.0, above=0.0)
_MEL = {
    "n_mels": band_count(128),
    "f_min": Number(0.0, low=0.0),
    "f_max": Number(None, above=0.0),
    "norm": Choice(None, options=("slaney",)),
    "mel_scale": Choice("htk", options=("htk", "slaney")),
    **_frames(_POWER),
}

_TORCHAUDIO_LOGMEL_DB = {
    **_MEL,
    "top_db": Number(None, low=0.0),
    "stype": Choice("power", options=("power", "magnitude")),
}
_TORCHAUDIO_MFCC = {
    "n_mfcc": Count(40),
    "log_mels": Flag(False),
    "dct_norm": Choice("ortho", options=("ortho",), optional=True),
    **_MEL,
}
_TORCHAUDIO_LFCC = {
    "n_lfcc": Count(40),
    "n_filter": band_count(128),
    "f_min": Number(0.0, low=0.0),
    "f_max": Number(None, above=0.0),
    "log_lf": Flag(False),
    "dct_norm": Choice("ortho", options=("ortho",), optional=True),
    **_frames(_POWER),
}

_row = table(rate=16000, layout="bins")
DEFINITIONS = (
    _row(
        "torchaudio_spectrogram",
        "torchaudio.transforms.Spectrogram",
        _spectrogram,
        _frames(Number(2.0, above=0.0, optional=True)),
    ),
    _row("torchaudio_melspectrogram", "torchaudio.transforms.MelSpectrogram", _mel, _MEL),
    _row(
        "torchaudio_logmel_db",
        "torchaudio.transforms.AmplitudeToDB of MelSpectrogram",
        _logmel,
        _TORCHAUDIO_LOGMEL_DB,
    ),
    _row("torchaudio_mfcc", "torchaudio.transforms.MFCC", _mfcc, _TORCHAUDIO_MFCC),
    _row("torchaudio_lfcc", "torchaudio.transforms.LFCC", _lfcc, _TORCHAUDIO_LFCC),
)
