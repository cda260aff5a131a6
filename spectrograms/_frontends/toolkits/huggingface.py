"""Hugging Face transformers: feature extractors of models that follow no other toolkit.

Sources: transformers ``models/{seamless_m4t, audio_spectrogram_transformer, clap, univnet, speecht5,
speech_to_text, phi4_multimodal, gemma3n, granite_speech}/feature_extraction_*.py`` and ``audio_utils.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spectrograms._common.conventions import INT16_RANGE
from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import Affine, DynamicRange, FrameRange, Normalize, PerRow
from spectrograms._frontends.recipes.before import Excerpt, FillMultiple, FrameRangeOf, Repeat
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import centred, framed, power_of_two
from spectrograms._frontends.recipes.lengths import FilledFrames, FirstFrames, FixedFrames, ZerosAfter
from spectrograms._frontends.recipes.parameters import (
    ANY_LENGTH,
    Choice,
    Count,
    Flag,
    Number,
    Numbers,
    at_most,
    band_count,
    below,
)
from spectrograms._frontends.recipes.stages import Log, Mel
from spectrograms._frontends.toolkits.speaker import fbank
from spectrograms._frontends.toolkits.vocoders import hifigan
from spectrograms.errors import InvalidInputError

_FRAME = {"min_samples": 400, "min_samples_reason": "one frame"}


def _seamless(rate, p):
    return {
        **fbank(rate, p.num_mel_bins),
        "min_samples": 240,
        "min_samples_reason": "one frame less one hop",
        "after": (Normalize(inside=1e-7),) if p.norm else (),
        "capacity": FilledFrames(p.pad_to_multiple_of or 1, p.padding_value),
        "stack": p.stride,
    }


def _ast(rate, p):
    if p.do_normalize and p.std == 0.0:
        raise InvalidInputError("std must not be 0")
    factor, add = (0.5 / p.std, -p.mean * 0.5 / p.std) if p.do_normalize else (1.0, 0.0)
    return {
        **fbank(rate, p.num_mel_bins, window="hanning", gain=1.0),
        **_FRAME,
        "affine": (factor, add) if p.do_normalize else None,
        "valid": FirstFrames(p.max_length),
        "capacity": FixedFrames(p.max_length, add),
    }


def _clap(rate, p):
    below("frequency_min", p.frequency_min, "frequency_max", p.frequency_max)
    slaney = p.truncation == "rand_trunc"
    fields = {
        **centred(p.fft_window_size, windows.make("hann", p.fft_window_size), p.hop_length, "reflect"),
        "window_words": "hann, periodic",
        "min_samples": 1,
        "mel": Mel(
            count=p.feature_size, low=p.frequency_min, high=p.frequency_max,
            scale="slaney" if slaney else "htk", norm="slaney" if slaney else "none",
        ),
        "log": Log("dB", floor=1e-10),
    }  # fmt: skip
    if p.max_length_s is None:
        if p.offset is not None:
            raise InvalidInputError("offset must be None where max_length_s is None")
        return fields
    size = int(p.max_length_s * rate)
    Count(1).read("max_length_s * sample_rate", size)
    count = size // p.hop_length + 1
    steps = [Excerpt(size, p.offset) if slaney else FrameRangeOf(size, p.offset, p.hop_length)]
    if p.padding != "pad":
        steps.append(Repeat(size, whole=p.padding == "repeatpad"))
    if not slaney and p.offset is not None:
        fields |= {"after": (FrameRange(p.offset, count),), "capacity": FirstFrames(count)}
    return {**fields, "before": tuple(steps), "zeros_after": ZerosAfter(up_to=size)}


def _univnet(rate, p):
    low, high = -11.512925148010254, 2.3143386840820312
    return {
        **hifigan(rate, 1024, 1024, 256, 100, 0.0, 12000.0),
        "min_samples": 1,
        "max_samples": None if p.max_length_s is None else int(p.max_length_s * rate),
        "affine": (2.0 / (high - low), -2.0 * low / (high - low) - 1.0) if p.do_normalize else None,
    }


def _speecht5(rate, p):
    below("fmin", p.fmin, "fmax", p.fmax)
    width, hop = int(p.win_length * rate / 1000), int(p.hop_length * rate / 1000)
    if width < 1 or hop < 1:
        name = "win_length" if width < 1 else "hop_length"
        raise InvalidInputError(f"{name} must give at least 1 sample at {rate} Hz, got {getattr(p, name)} ms")
    half = width // 2
    return {
        **framed(
            power_of_two(width), windows.make("hann", width), hop,
            left=half, first=width - 2 * half, padding="reflect", reach=half,
        ),
        "window_words": "hann, periodic",
        "min_samples": 1,
        "power": 1.0,
        "mel": Mel(count=p.num_mel_bins, low=p.fmin, high=p.fmax, scale="slaney", norm="slaney"),
        "log": Log("log10", floor=p.mel_floor),
    }  # fmt: skip


def _speech_to_text(rate, p):
    normalized = p.do_ceptral_normalize and (p.normalize_means or p.normalize_vars)
    step = Normalize(ddof=0, subtract=p.normalize_means, divide=p.normalize_vars)
    return {
        **fbank(rate, p.num_mel_bins, dither=p.dither),
        **_FRAME,
        "after": (step,) if normalized else (),
    }


def _phi4(rate, p):
    below("mel_min_frequency", p.mel_min_frequency, "mel_max_frequency", p.mel_max_frequency)
    at_most("mel_max_frequency", p.mel_max_frequency, "sample_rate / 2", rate / 2)
    return {
        **framed(512, windows.make("hamming", 400, periodic=False), 160),
        **_FRAME,
        "window_words": "hamming, symmetric",
        "sample_range": INT16_RANGE,
        "gain": 32768.0,
        "frame_preemphasis": p.preemphasis,
        "mel": Mel(
            count=p.feature_size,
            low=p.mel_min_frequency,
            high=p.mel_max_frequency,
            scale="kaldi",
            domain="mel",
        ),
        "log": Log("ln", floor=1.0),
    }


def gemma_parameters(
    low: float, high: float, *, preemphasis: float, overdrive: bool, mel_floor: float
) -> dict[str, Any]:
    """The parameters that Gemma's extractors have, with their defaults in one model."""
    return {
        "feature_size": band_count(128),
        "min_frequency": Number(low, low=0.0),
        "max_frequency": Number(high, above=0.0),
        "preemphasis": Number(preemphasis, low=0.0),
        "preemphasis_htk_flavor": Flag(True),
        "fft_overdrive": Flag(overdrive),
        "mel_floor": Number(mel_floor, above=0.0),
        "input_scale_factor": Number(1.0),
        "per_bin_mean": Numbers(None),
        "per_bin_stddev": Numbers(None),
        "max_length": Count(480000, high=ANY_LENGTH),
        "dither": Number(0.0, low=0.0),
    }


def gemma(rate: float, p: Any, width: int, *, before: int = 0) -> dict[str, Any]:
    """Fields of a recipe: Gemma's frames of `width` samples after `before` zeros, and its filters."""
    below("min_frequency", p.min_frequency, "max_frequency", p.max_frequency)
    for name in ("per_bin_mean", "per_bin_stddev"):
        values = getattr(p, name)
        if values is not None and len(values) != p.feature_size:
            raise InvalidInputError(
                f"{name} must have feature_size={p.feature_size} values, got {len(values)}"
            )
    # Frames are one sample longer than the window where pre-emphasis needs the sample before it.
    late = p.preemphasis > 0.0 and not p.preemphasis_htk_flavor
    given = p.per_bin_mean is not None or p.per_bin_stddev is not None
    scaled = PerRow(
        None if p.per_bin_mean is None else np.array(p.per_bin_mean),
        None if p.per_bin_stddev is None else np.array(p.per_bin_stddev),
    )
    n_fft = power_of_two(width)
    return {
        **framed(
            2 * n_fft if p.fft_overdrive else n_fft, windows.make("hann", width), 160,
            left=before - 1 if late else before, first=width + 1 - before,
        ),
        "window_words": "hann, periodic",
        "max_samples": p.max_length,
        "before": (FillMultiple(128),) if late else (),
        "zeros_after": ZerosAfter(multiple=128),
        "dither": p.dither,
        "gain": p.input_scale_factor,
        "preemphasis": p.preemphasis if late else 0.0,
        "frame_preemphasis": 0.0 if late else p.preemphasis,
        "power": 1.0,
        "mel": Mel(count=p.feature_size, low=p.min_frequency, high=p.max_frequency, scale="htk"),
        "after": (scaled,) if given else (),
    }  # fmt: skip


def _gemma3n(rate, p):
    return {**gemma(rate, p, 512), "log": Log("ln", floor=p.mel_floor)}


def log_mel_of_torchaudio(rate: float, n_fft: int, win: int, hop: int, bands: int) -> dict[str, Any]:
    """Fields of a recipe: log10 of torchaudio's MelSpectrogram at 16 kHz."""
    at_most("win_length", win, "n_fft", n_fft)
    return {
        **centred(n_fft, windows.make("hann", win), hop, "reflect"),
        "window_words": "hann, periodic",
        "min_samples": n_fft // 2 + 1,
        "min_samples_reason": f"reflection by {n_fft // 2} samples",
        "mel": Mel(count=bands, low=0.0, high=rate / 2.0, scale="htk"),
        "log": Log("log10", floor=1e-10),
    }


def _granite(rate, p):
    return {
        **log_mel_of_torchaudio(rate, p.n_fft, p.win_length, p.hop_length, p.n_mels),
        "after": (DynamicRange(8.0), Affine(0.25, 1.0)),
        "stack": 2,
    }


_SEAMLESS_M4T = {
    "norm": Flag(True),
    "num_mel_bins": band_count(80),
    "stride": Count(2),
    "pad_to_multiple_of": Count(2, optional=True),
    "padding_value": Number(0.0),
}
_AST = {
    "max_length": Count(1024),
    "num_mel_bins": band_count(128),
    "do_normalize": Flag(True),
    "mean": Number(-4.2677393),
    "std": Number(4.5689974),
    "path": Choice(None, options=("torch", "numpy")),
}
_CLAP = {
    "truncation": Choice("fusion", options=("fusion", "rand_trunc")),
    "padding": Choice("repeatpad", options=("repeatpad", "repeat", "pad")),
    "max_length_s": Number(10.0, above=0.0, optional=True),
    "offset": Count(None, low=0, high=ANY_LENGTH),
    "frequency_min": Number(0.0, low=0.0),
    "frequency_max": Number(14000.0, above=0.0),
    "feature_size": band_count(64),
    "fft_window_size": Count(1024),
    "hop_length": Count(480),
}
_UNIVNET_MEL = {
    "do_normalize": Flag(False),
    "max_length_s": Number(10.0, above=0.0, optional=True),
}
_SPEECHT5_MEL = {
    "num_mel_bins": band_count(80),
    "fmin": Number(80.0, low=0.0),
    "fmax": Number(7600.0, above=0.0),
    "mel_floor": Number(1e-10, above=0.0),
    "win_length": Number(64.0, above=0.0),
    "hop_length": Number(16.0, above=0.0),
}
_SPEECH_TO_TEXT_FBANK = {
    "num_mel_bins": band_count(80),
    "do_ceptral_normalize": Flag(True),
    "normalize_means": Flag(True),
    "normalize_vars": Flag(True),
    "dither": Number(0.0, low=0.0),
}
_PHI4MM_MEL = {
    "feature_size": band_count(80),
    "preemphasis": Number(0.97, low=0.0),
    "mel_min_frequency": Number(0.0, low=0.0),
    "mel_max_frequency": Number(7690.0, above=0.0),
}

# Windows of 25 ms every 10 ms, as several extractors have them.
FRAMES = {"n_fft": Count(512), "win_length": Count(400), "hop_length": Count(160)}

extractor = table(rate=16000, fixed=True, layout="time")
DEFINITIONS = (
    extractor(
        "seamless_m4t",
        "Hugging Face's SeamlessM4TFeatureExtractor (wav2vec2-BERT too)",
        _seamless,
        _SEAMLESS_M4T,
    ),
    extractor("ast", "Hugging Face's ASTFeatureExtractor (Audio Spectrogram Transformer)", _ast, _AST),
    extractor("clap", "Hugging Face's ClapFeatureExtractor, one plane", _clap, _CLAP, rate=48000),
    extractor("univnet_mel", "Hugging Face's UnivNetFeatureExtractor", _univnet, _UNIVNET_MEL, rate=24000),
    extractor(
        "speecht5_mel",
        "Hugging Face's SpeechT5FeatureExtractor, the target's mel spectrogram",
        _speecht5,
        _SPEECHT5_MEL,
    ),
    extractor(
        "speech_to_text_fbank",
        "Hugging Face's Speech2TextFeatureExtractor",
        _speech_to_text,
        _SPEECH_TO_TEXT_FBANK,
    ),
    extractor("phi4mm_mel", "Hugging Face's Phi4MultimodalFeatureExtractor", _phi4, _PHI4MM_MEL),
    extractor(
        "gemma3n_mel",
        "Hugging Face's Gemma3nAudioFeatureExtractor",
        _gemma3n,
        gemma_parameters(125.0, 7600.0, preemphasis=0.97, overdrive=True, mel_floor=1e-5),
    ),
    extractor(
        "granite_speech_mel",
        "Hugging Face's GraniteSpeechFeatureExtractor",
        _granite,
        {**FRAMES, "n_mels": band_count(80)},
    ),
)
