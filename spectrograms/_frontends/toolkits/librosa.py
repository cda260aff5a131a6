"""librosa: ``feature.melspectrogram``, ``power_to_db`` of it, and ``feature.mfcc``."""

import math

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import DynamicRange, Linear, RelativeToMax
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import centred
from spectrograms._frontends.recipes.parameters import (
    AnyWindow,
    Choice,
    Count,
    Flag,
    Number,
    at_most,
    band_count,
    below,
)
from spectrograms._frontends.recipes.stages import Dct, Log, Mel

_PADDING = {"constant": "zeros", "reflect": "reflect", "edge": "edge", "symmetric": "symmetric"}


def _mel(rate, p, norm):
    high = rate / 2.0 if p.fmax is None else p.fmax
    below("fmin", p.fmin, "fmax", high)
    length = p.n_fft if p.win_length is None else p.win_length
    at_most("win_length", length, "n_fft", p.n_fft)
    padding = _PADDING[p.pad_mode]
    window = windows.scipy(p.window, length)
    # NumPy pads an empty signal with zeros only.
    least = p.n_fft if not p.center else 0 if padding == "zeros" else 1
    return {
        **centred(p.n_fft, window, p.hop_length, padding, center=p.center),
        "window_words": windows.words(p.window),
        "min_samples": least,
        "min_samples_reason": "n_fft" if not p.center else "",
        "power": p.power,
        "mel": Mel(
            count=p.n_mels, low=p.fmin, high=high, scale="htk" if p.htk else "slaney",
            norm={None: "none", "inf": math.inf}.get(norm, norm),
        ),
    }  # fmt: skip


def _melspectrogram(rate, p):
    return _mel(rate, p, p.norm)


def _logmel(rate, p):
    reference = None if p.ref == "max" else 10.0 * math.log10(max(p.amin, abs(p.ref)))
    steps = [RelativeToMax()] if reference is None else []
    if p.top_db is not None:
        steps.append(DynamicRange(p.top_db))
    return {
        **_mel(rate, p, p.norm),
        "log": Log("dB", floor=p.amin),
        "affine": (1.0, -reference) if reference else None,
        "after": tuple(steps),
    }


def _mfcc(rate, p):
    at_most("n_mfcc", p.n_mfcc, "n_mels", p.n_mels)
    dct = Dct(p.n_mfcc, p.norm or "scipy", p.lifter, 1)
    return {
        **_mel(rate, p, p.mel_norm),
        "log": Log("dB", floor=1e-10),
        "after": (DynamicRange(80.0), Linear(dct.matrix(p.n_mels), dct.words())),
    }


_FRAMES = {
    "n_fft": Count(2048),
    "hop_length": Count(512),
    "win_length": Count(None),
    "window": AnyWindow("hann"),
    "center": Flag(True),
    "pad_mode": Choice("constant", options=tuple(_PADDING)),
    "power": Number(2.0, above=0.0),
    "n_mels": band_count(128),
    "fmin": Number(0.0, low=0.0),
    "fmax": Number(None, above=0.0),
    "htk": Flag(False),
}
_NORM = Number("slaney", low=1.0, optional=True, words=("slaney", "inf"))
_LIBROSA_LOGMEL = {
    **_FRAMES,
    "norm": _NORM,
    "ref": Number(1.0, words=("max",)),
    "amin": Number(1e-10, above=0.0),
    "top_db": Number(80.0, low=0.0, optional=True),
}
_LIBROSA_MFCC = {
    "n_mfcc": Count(20),
    "lifter": Number(0.0, low=0.0),
    "norm": Choice("ortho", options=("ortho",), optional=True),
    "mel_norm": _NORM,
    **_FRAMES,
}

_row = table(rate=22050, layout="bins")
DEFINITIONS = (
    _row(
        "librosa_melspectrogram",
        "librosa.feature.melspectrogram",
        _melspectrogram,
        {**_FRAMES, "norm": _NORM},
    ),
    _row("librosa_logmel", "librosa.power_to_db of librosa.feature.melspectrogram", _logmel, _LIBROSA_LOGMEL),
    _row("librosa_mfcc", "librosa.feature.mfcc", _mfcc, _LIBROSA_MFCC),
)
