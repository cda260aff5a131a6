"""Hugging Face transformers: speech models whose extractors share neither Whisper's nor NeMo's definition.

Sources: transformers ``models/{gemma4, granite_speech5, fun_asr_nano, neucodec, xcodec2, lasr, inkling,
clvp}/feature_extraction_*.py`` and ``audio_utils.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spectrograms._frontends.recipes import after as post
from spectrograms._frontends.recipes import before as signals
from spectrograms._frontends.recipes import parameters as checks
from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.definition import Definition
from spectrograms._frontends.recipes.recipe import Log, Mel, centred, filled_up, left
from spectrograms._frontends.toolkits.huggingface import gemma, log_mel_of_torchaudio
from spectrograms._frontends.toolkits.speaker import fbank
from spectrograms.errors import InvalidInputError

_HANN = {"window_words": "hann, periodic"}


def _gemma4(rate, p):
    width, hop = 320, 160
    after = width - width // 2
    return {
        **gemma(rate, p, width, before=width // 2),
        "log": Log("ln", add=p.mel_floor),
        # A frame counts if the sample after it is one of the signal's own.
        "valid": lambda n, frames: min(frames, max(0, -(-(n - after) // hop))),
    }


def _granite5(rate, p):
    half, hop = p.n_fft // 2, p.hop_length

    def tail(n):
        """Zeros that complete the last pair of frames, none of which is the one beyond the last hop."""
        return max(0, (-(-(n // hop) // 2) * 2 - 1) * hop + 1 - n)

    # Of a signal that fills an odd number of hops, the zeros count where it is reflected.
    reflected = half if half % hop == 0 and half // hop % 2 else half + 1
    return {
        **log_mel_of_torchaudio(rate, p.n_fft, p.win_length, hop, p.num_mel_bins),
        "least": max(hop, reflected),
        "least_words": f"one hop, and reflection by {half} samples",
        "tail": tail,
        "valid": lambda n, frames: frames // 2 * 2,
        "room": lambda n, frames: frames // 2 * 2,
        "post": (post.Range(p.logmel_floor_db), post.Affine(0.25, 1.0), post.Deltas(p.delta_win_length)),
        "stack": 2,
    }


def _fun_asr(rate, p):
    return {
        **fbank(rate, p.feature_size, window="hamming", gain=1.0),
        "least": 400,
        "least_words": "one frame",
        "post": (post.Joined(p.num_frames_lfr, p.stride_lfr),),
        "room": lambda n, frames: -(-frames // p.stride_lfr),
    }


def _codec(around):
    """The fbank beside a codec's samples: one zero, zeros to whole hops, and more before and after those."""

    def build(rate, p):
        hop, more = p.hop_length, around(p.hop_length)
        hops = max(1, -(-(400 - 2 * more) // hop))
        return {
            **fbank(rate, 80),
            "least": (hops - 1) * hop,
            "least_words": "one frame",
            "lead": more,
            "tail": lambda n: 1 + -(n + 1) % hop + more,
            "post": (post.Normalize(inside=1e-7),),
            **filled_up(2, p.padding_value),
            "stack": 2,
        }

    return build


def _lasr(rate, p):
    checks.at_most("win_length", p.win_length, "n_fft", p.n_fft)
    return {
        **left(p.n_fft, windows.make("hann", p.win_length, periodic=False), p.hop_length),
        "window_words": "hann, symmetric",
        "least": p.win_length,
        "least_words": "one frame",
        "mel": Mel(
            count=p.feature_size, low=125.0, high=7500.0, scale="kaldi", domain="mel", bins=slice(1, None)
        ),
        "log": Log("ln", floor=1e-5),
    }


def _inkling(rate, p):
    checks.at_most("window_size", p.window_size, "n_fft", p.n_fft)
    before = max(0, p.n_fft - p.hop_length)
    frames = centred(p.n_fft, windows.make("hann", p.window_size), p.hop_length, "zeros", center=False)
    return {
        **frames,
        **_HANN,
        "left": before - frames["window_at"],
        "first": p.n_fft - before,
        "least": 1,
        "tail": signals.to_multiple(p.hop_length),
        "power": 1.0,
        "root_floor": 1e-10,
        "mel": Mel(count=p.feature_size, low=0.0, high=rate / 2.0, scale="slaney", norm="slaney"),
        "log": Log("log10", floor=1e-10),
    }


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
        "tail": signals.up_to(size),
        "mel": Mel(count=p.feature_size, low=0.0, high=8000.0, scale="htk", norm="slaney"),
        "log": Log("ln", floor=1e-5),
        "post": () if p.mel_norms is None else (post.PerRow(divide=np.array(p.mel_norms)),),
    }


_BANDS: dict[str, Any] = {"high": 10000}


def _definition(name, summary, parameters, build, *, rate=16000, layout="time"):
    return Definition(
        name=name, summary=summary, rate=rate, fixed=True, parameters=parameters, layout=layout, build=build
    )


_CODEC = {"hop_length": checks.Count(320), "padding_value": checks.Number(1.0)}

DEFINITIONS = (
    _definition(
        "gemma4_mel",
        "Hugging Face's Gemma4AudioFeatureExtractor",
        {
            "feature_size": checks.Count(128, **_BANDS),
            "min_frequency": checks.Number(0.0, low=0.0),
            "max_frequency": checks.Number(8000.0, above=0.0),
            "preemphasis": checks.Number(0.0, low=0.0),
            "preemphasis_htk_flavor": checks.Flag(True),
            "fft_overdrive": checks.Flag(False),
            "mel_floor": checks.Number(1e-3, above=0.0),
            "input_scale_factor": checks.Number(1.0),
            "per_bin_mean": checks.Numbers(None),
            "per_bin_stddev": checks.Numbers(None),
            "max_length": checks.Count(480000, high=2**62),
            "dither": checks.Number(0.0, low=0.0),
        },
        _gemma4,
    ),
    _definition(
        "granite_speech5_mel",
        "Hugging Face's GraniteSpeech5FeatureExtractor",
        {
            "num_mel_bins": checks.Count(80, **_BANDS),
            "n_fft": checks.Count(512),
            "win_length": checks.Count(400),
            "hop_length": checks.Count(160),
            "delta_win_length": checks.Count(3, low=3),
            "logmel_floor_db": checks.Number(8.0, low=0.0),
        },
        _granite5,
    ),
    _definition(
        "fun_asr_nano_fbank",
        "Hugging Face's FunAsrNanoFeatureExtractor",
        {
            "feature_size": checks.Count(80, **_BANDS),
            "num_frames_lfr": checks.Count(7),
            "stride_lfr": checks.Count(6),
        },
        _fun_asr,
    ),
    _definition(
        "neucodec_fbank",
        "Hugging Face's NeuCodecFeatureExtractor, what its semantic encoder takes",
        _CODEC,
        _codec(lambda hop: 0),
    ),
    _definition(
        "xcodec2_fbank",
        "Hugging Face's Xcodec2FeatureExtractor, what its semantic encoder takes",
        _CODEC,
        _codec(lambda hop: hop // 2),
    ),
    _definition(
        "lasr_mel",
        "Hugging Face's LasrFeatureExtractor",
        {
            "feature_size": checks.Count(128, **_BANDS),
            "n_fft": checks.Count(512),
            "win_length": checks.Count(400),
            "hop_length": checks.Count(160),
        },
        _lasr,
    ),
    _definition(
        "inkling_mel",
        "Hugging Face's InklingFeatureExtractor",
        {
            "feature_size": checks.Count(80, **_BANDS),
            "n_fft": checks.Count(1600),
            "window_size": checks.Count(1600),
            "hop_length": checks.Count(800),
        },
        _inkling,
    ),
    _definition(
        "clvp_mel",
        "Hugging Face's ClvpFeatureExtractor",
        {
            "feature_size": checks.Count(80, **_BANDS),
            "default_audio_length": checks.Count(6, high=86400),
            "n_fft": checks.Count(1024),
            "hop_length": checks.Count(256),
            "mel_norms": checks.Numbers(None),
        },
        _clvp,
        rate=22050,
        layout="bins",
    ),
)
