"""Hugging Face transformers: speech models whose extractors share neither Whisper's nor NeMo's definition.

Sources: transformers ``models/{gemma4, granite_speech5, fun_asr_nano, neucodec, xcodec2, lasr, inkling,
clvp}/feature_extraction_*.py`` and ``audio_utils.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import Affine, Deltas, DynamicRange, Normalize, PerRow, Spliced
from spectrograms._frontends.recipes.framing import centred, framed
from spectrograms._frontends.recipes.lengths import (
    EveryNth,
    FilledFrames,
    FramesWithSample,
    WholeGroups,
    ZerosAfter,
    ZerosToPairs,
)
from spectrograms._frontends.recipes.parameters import (
    DAY,
    Count,
    Number,
    Numbers,
    at_most,
    band_count,
)
from spectrograms._frontends.recipes.stages import Log, Mel
from spectrograms._frontends.toolkits.huggingface import (
    FRAMES,
    extractor,
    gemma,
    gemma_parameters,
    log_mel_of_torchaudio,
)
from spectrograms._frontends.toolkits.speaker import fbank
from spectrograms.errors import InvalidInputError

_HANN = {"window_words": "hann, periodic"}


def _gemma4(rate, p):
    width, hop = 320, 160
    return {
        **gemma(rate, p, width, before=width // 2),
        "log": Log("ln", add=p.mel_floor),
        # A frame is valid if the sample after it belongs to the signal.
        "valid": FramesWithSample(width - width // 2, hop),
    }


def _granite5(rate, p):
    half, hop = p.n_fft // 2, p.hop_length
    # Where a signal fills an odd number of hops, the zeros after it are reflected, too.
    reflected = half if half % hop == 0 and half // hop % 2 else half + 1
    return {
        **log_mel_of_torchaudio(rate, p.n_fft, p.win_length, hop, p.num_mel_bins),
        "min_samples": max(hop, reflected),
        "min_samples_reason": f"one hop, and reflection by {half} samples",
        "zeros_after": ZerosToPairs(hop),
        "valid": WholeGroups(2),
        "capacity": WholeGroups(2),
        "after": (DynamicRange(p.logmel_floor_db), Affine(0.25, 1.0), Deltas(p.delta_win_length)),
        "stack": 2,
    }


def _fun_asr(rate, p):
    return {
        **fbank(rate, p.feature_size, window="hamming", gain=1.0),
        "min_samples": 400,
        "min_samples_reason": "one frame",
        "after": (Spliced(p.num_frames_lfr, p.stride_lfr),),
        "capacity": EveryNth(p.stride_lfr),
    }


def _codec(around):
    """The fbank of a codec's samples: zeros to whole hops, at least one; `around` them half a hop more."""

    def build(rate, p):
        hop, more = p.hop_length, p.hop_length // 2 if around else 0
        hops = max(1, -(-(400 - 2 * more) // hop))
        fields = fbank(rate, 80)
        return {
            **fields,
            "frames": replace(fields["frames"], lead=more),
            "min_samples": (hops - 1) * hop,
            "min_samples_reason": "one frame",
            "zeros_after": ZerosAfter(at_least=1, multiple=hop, more=more),
            "after": (Normalize(inside=1e-7),),
            "capacity": FilledFrames(2, p.padding_value),
            "stack": 2,
        }

    return build


def _lasr(rate, p):
    at_most("win_length", p.win_length, "n_fft", p.n_fft)
    return {
        **framed(p.n_fft, windows.make("hann", p.win_length, periodic=False), p.hop_length),
        "window_words": "hann, symmetric",
        "min_samples": p.win_length,
        "min_samples_reason": "one frame",
        "mel": Mel(
            count=p.feature_size, low=125.0, high=7500.0, scale="kaldi", domain="mel", bins=slice(1, None)
        ),
        "log": Log("ln", floor=1e-5),
    }


def _inkling(rate, p):
    at_most("window_size", p.window_size, "n_fft", p.n_fft)
    before = max(0, p.n_fft - p.hop_length)
    at = (p.n_fft - p.window_size) // 2
    return {
        **framed(
            p.n_fft, windows.make("hann", p.window_size), p.hop_length,
            window_at=at, left=before - at, first=p.n_fft - before,
        ),
        **_HANN,
        "min_samples": 1,
        "zeros_after": ZerosAfter(multiple=p.hop_length),
        "power": 1.0,
        "root_floor": 1e-10,
        "mel": Mel(count=p.feature_size, low=0.0, high=rate / 2.0, scale="slaney", norm="slaney"),
        "log": Log("log10", floor=1e-10),
    }  # fmt: skip


def _clvp(rate, p):
    if p.mel_norms is not None and len(p.mel_norms) != p.feature_size:
        raise InvalidInputError(
            f"mel_norms must have feature_size={p.feature_size} values, got {len(p.mel_norms)}"
        )
    size = p.default_audio_length * rate
    return {
        **centred(p.n_fft, windows.make("hann", p.n_fft), p.hop_length, "reflect"),
        **_HANN,
        "max_samples": size,
        "zeros_after": ZerosAfter(up_to=size),
        "mel": Mel(count=p.feature_size, low=0.0, high=8000.0, scale="htk", norm="slaney"),
        "log": Log("ln", floor=1e-5),
        "after": () if p.mel_norms is None else (PerRow(divide=np.array(p.mel_norms)),),
    }


_CODEC = {"hop_length": Count(320), "padding_value": Number(1.0)}

_GRANITE_SPEECH5_MEL = {
    "num_mel_bins": band_count(80),
    **FRAMES,
    "delta_win_length": Count(3, low=3),
    "logmel_floor_db": Number(8.0, low=0.0),
}
_FUN_ASR_NANO_FBANK = {
    "feature_size": band_count(80),
    "num_frames_lfr": Count(7),
    "stride_lfr": Count(6),
}
_LASR_MEL = {
    "feature_size": band_count(128),
    **FRAMES,
}
_INKLING_MEL = {
    "feature_size": band_count(80),
    "n_fft": Count(1600),
    "window_size": Count(1600),
    "hop_length": Count(800),
}
_CLVP_MEL = {
    "feature_size": band_count(80),
    "default_audio_length": Count(6, high=DAY),
    "n_fft": Count(1024),
    "hop_length": Count(256),
    "mel_norms": Numbers(None),
}

DEFINITIONS = (
    extractor(
        "gemma4_mel",
        "Hugging Face's Gemma4AudioFeatureExtractor",
        _gemma4,
        gemma_parameters(0.0, 8000.0, preemphasis=0.0, overdrive=False, mel_floor=1e-3),
    ),
    extractor(
        "granite_speech5_mel",
        "Hugging Face's GraniteSpeech5FeatureExtractor",
        _granite5,
        _GRANITE_SPEECH5_MEL,
    ),
    extractor(
        "fun_asr_nano_fbank", "Hugging Face's FunAsrNanoFeatureExtractor", _fun_asr, _FUN_ASR_NANO_FBANK
    ),
    extractor(
        "neucodec_fbank",
        "Hugging Face's NeuCodecFeatureExtractor, what its semantic encoder takes",
        _codec(around=False),
        _CODEC,
    ),
    extractor(
        "xcodec2_fbank",
        "Hugging Face's Xcodec2FeatureExtractor, what its semantic encoder takes",
        _codec(around=True),
        _CODEC,
    ),
    extractor("lasr_mel", "Hugging Face's LasrFeatureExtractor", _lasr, _LASR_MEL),
    extractor("inkling_mel", "Hugging Face's InklingFeatureExtractor", _inkling, _INKLING_MEL),
    extractor("clvp_mel", "Hugging Face's ClvpFeatureExtractor", _clvp, _CLVP_MEL, rate=22050, layout="bins"),
)
