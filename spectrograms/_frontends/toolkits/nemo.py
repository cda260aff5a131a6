"""NVIDIA NeMo's AudioToMelSpectrogramPreprocessor, and Hugging Face's extractors with the same definition.

Sources: NeMo ``asr/parts/preprocessing/features.py``; transformers
``models/{parakeet, cohere_asr, nemotron_asr_streaming}/feature_extraction_*.py``.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import Normalize
from spectrograms._frontends.recipes.before import AtMost
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import centred, power_of_two
from spectrograms._frontends.recipes.lengths import FilledFrames, FramesWithSample
from spectrograms._frontends.recipes.parameters import Choice, Count, Flag, Number, at_most, band_count, below
from spectrograms._frontends.recipes.stages import Log, Mel

_GUARD = 2.0**-24
_NORMALIZE = {
    "per_feature": (Normalize(outside=1e-5),),
    "all_features": (Normalize(per_row=False, outside=1e-5),),
    None: (),
}


def _nemo(rate, p):
    n_fft = power_of_two(p.win) if p.n_fft is None else p.n_fft
    at_most("win", p.win, "n_fft", n_fft)
    high = rate / 2.0 if p.highfreq is None else p.highfreq
    below("lowfreq", p.lowfreq, "highfreq", high)
    guard = {"eps": 2.0**-23, "tiny": 2.0**-126}.get(p.guard_value, p.guard_value)
    add = p.guard_type == "add"
    more = 1 if p.legacy_len else 0  # frames beyond those of whole hops
    return {
        **centred(n_fft, windows.make(p.window, p.win, periodic=False), p.hop, "zeros"),
        "window_words": f"{p.window}, symmetric",
        "min_samples": 1,
        "dither": p.dither,
        "preemphasis": p.preemph or 0.0,
        "power": p.mag_power,
        "mel": Mel(
            count=p.n_mels, low=p.lowfreq, high=high, scale="slaney",
            norm={None: "none"}.get(p.mel_norm, p.mel_norm),
        ),
        "log": Log("ln", floor=0.0 if add else guard, add=guard if add else 0.0) if p.log else None,
        "after": _NORMALIZE[p.normalize],
        "valid": FramesWithSample(p.hop - 1 - more * p.hop, p.hop),
        "capacity": FilledFrames(max(1, p.pad_to), p.pad_value),
    }  # fmt: skip


def _parakeet(rate, p, **more):
    given = {name: kind.default for name, kind in DEFINITIONS[0].parameters.items()}
    given |= {_OURS.get(name, name): value for name, value in vars(p).items()} | more
    # An empty signal gives one frame, which is 0/0 there.
    return {**_nemo(rate, SimpleNamespace(**given)), "min_samples": 0}


def _cohere(rate, p):
    longest = round(p.max_audio_clip_s * rate)
    why = "the extractor cuts longer ones where they are quiet, each part by itself"
    return {**_parakeet(rate, p), "before": (AtMost(longest, why),)}


def _nemotron(rate, p):
    fields = _parakeet(rate, p, normalize=None)
    if p.mel_filters_dtype == "bfloat16":
        fields |= {
            "window": _bfloat16(fields["window"]),
            "window_words": f"{fields['window_words']}; it and the filters rounded to bfloat16",
            "mel": replace(fields["mel"], rounded=_bfloat16),
        }
    return fields


def _bfloat16(values):
    """Values rounded to 16 bits by way of float32, as PyTorch does."""
    bits = values.astype(np.float32).view(np.uint32)
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)
    return bits.view(np.float32).astype(np.float64)


# Fields of the extractors -> the parameters of nemo_mel.
_OURS = {"feature_size": "n_mels", "win_length": "win", "hop_length": "hop", "preemphasis": "preemph"}


def _extractor(bands, **more):
    return {
        "feature_size": band_count(bands),
        "n_fft": Count(512),
        "win_length": Count(400),
        "hop_length": Count(160),
        "preemphasis": Number(0.97, low=0.0, optional=True),
        **more,
    }


_NEMO_MEL = {
    "n_mels": band_count(80),
    "n_fft": Count(512, optional=True),
    "win": Count(400),
    "hop": Count(160),
    "window": Choice("hann", options=("hann", "hamming", "blackman", "bartlett")),
    "preemph": Number(0.97, low=0.0, optional=True),
    "lowfreq": Number(0.0, low=0.0),
    "highfreq": Number(None, above=0.0),
    "mel_norm": Choice("slaney", options=("slaney",), optional=True),
    "mag_power": Number(2.0, above=0.0),
    "log": Flag(True),
    "guard_type": Choice("add", options=("add", "clamp")),
    "guard_value": Number(_GUARD, above=0.0, words=("eps", "tiny")),
    "normalize": Choice("per_feature", options=("per_feature", "all_features"), optional=True),
    "pad_to": Count(0, low=0),
    "pad_value": Number(0.0),
    "legacy_len": Flag(False),
    "dither": Number(0.0, low=0.0),
}
_PARAKEET_HF = {
    "n_mels": band_count(80),
    "n_fft": Count(512),
    "win": Count(400),
    "hop": Count(160),
    "preemph": Number(0.97, low=0.0, optional=True),
}

_row = table(rate=16000, layout="time")
DEFINITIONS = (
    _row(
        "nemo_mel",
        "NeMo's AudioToMelSpectrogramPreprocessor (Parakeet, Canary, FastConformer)",
        _nemo,
        _NEMO_MEL,
        layout="bins",
    ),
    _row("parakeet_hf", "Hugging Face's ParakeetFeatureExtractor", _parakeet, _PARAKEET_HF, fixed=True),
    _row(
        "cohere_asr_mel",
        "Hugging Face's CohereAsrFeatureExtractor",
        _cohere,
        _extractor(128, max_audio_clip_s=Number(35.0, above=0.0), dither=Number(0.0, low=0.0)),
        fixed=True,
    ),
    _row(
        "nemotron_asr_mel",
        "Hugging Face's NemotronAsrStreamingFeatureExtractor",
        _nemotron,
        _extractor(80, mel_filters_dtype=Choice("float32", options=("float32", "bfloat16"))),
        fixed=True,
    ),
)
