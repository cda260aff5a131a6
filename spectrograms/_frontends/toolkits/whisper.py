"""Whisper, as openai-whisper (``whisper/audio.py``) and Hugging Face's extractor compute it, and its kin.

The kin are transformers ``models/{qwen3_asr, voxtral_realtime, moss_transcribe_diarize,
dots3_note}/feature_extraction_*.py``.
"""

from typing import Any

from spectrograms._frontends.recipes import after as post
from spectrograms._frontends.recipes import before as signals
from spectrograms._frontends.recipes import parameters as checks
from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.definition import Definition
from spectrograms._frontends.recipes.recipe import Log, Mel, centred, filled_up

_SECOND = 16000
_REFLECTION = "reflection by 200 samples needs more than that"


def _log_mel(n_mels, *, n_fft=400, hop=160, **more):
    frames = centred(n_fft, windows.make("hann", n_fft), hop, "reflect")
    return {
        **frames,
        "first": frames["first"] + hop,  # the last frame is dropped
        "window_words": "hann, periodic",
        "mel": Mel(count=n_mels, low=0.0, high=8000.0, scale="slaney", norm="slaney"),
        "log": Log("log10", floor=1e-10),
        "post": (post.Range(8.0), post.Affine(0.25, 1.0)),
        **more,
    }


def _openai(rate, p):
    size = 30 * _SECOND
    padded = p.pad30 or p.tail_pad > 0
    return _log_mel(
        p.n_mels,
        max_samples=size if p.pad30 else None,
        tail=lambda n: (max(0, size - n) if p.pad30 else 0) + p.tail_pad,
        least=0 if p.pad30 or p.tail_pad > 200 else 201 - p.tail_pad,
        least_words=_REFLECTION if not padded else "tail_pad included",
    )


def _hf(rate, p):
    size = p.chunk_length * _SECOND
    return _log_mel(
        p.n_mels,
        max_samples=size,
        prepare=(signals.Standardize(),) if p.do_normalize else (),
        dither=p.dither,
        tail=signals.up_to(size) if p.pad30 else lambda n: 0,
        least=0 if p.pad30 else 201,
        least_words=_REFLECTION,
    )


def _qwen3(rate, p):
    size = max(p.min_length, p.chunk_length * _SECOND if p.pad30 else 0)
    return _log_mel(
        p.feature_size,
        dither=p.dither,
        tail=signals.up_to(size),
        least=0 if size > 200 else 201,
        least_words=_REFLECTION,
        **filled_up(max(1, 2 * p.n_window), 0.0),
    )


def _voxtral(rate, p):
    fields = _log_mel(p.feature_size, n_fft=p.n_fft, hop=p.hop_length)
    fields |= {"least": p.n_fft // 2 + 1, "least_words": f"reflection by {p.n_fft // 2} samples"}
    if p.global_log_mel_max is None:
        return fields
    floor = max(1e-10, 10.0 ** (p.global_log_mel_max - 8.0))
    return {**fields, "log": Log("log10", floor=floor), "affine": (0.25, 1.0), "post": ()}


def _chunk(rate, p, **more):
    size = p.chunk_length * _SECOND
    parts = "the extractor cuts longer ones into parts of that length, each by itself"
    return _log_mel(
        p.feature_size,
        prepare=(signals.AtMost(size, parts),),
        dither=p.dither,
        tail=signals.up_to(size),
        **more,
    )


def _dots3(rate, p):
    # Frames that become one token of the model, eight at a time.
    return _chunk(rate, p, room=lambda n, frames: min(frames, 8 * -(-n // 1280)))


_BANDS: dict[str, Any] = {"high": 10000}
_DITHER = checks.Number(0.0, low=0.0)


def _definition(name, extractor, parameters, build):
    return Definition(
        name=name,
        summary=f"log-mel spectrogram of Hugging Face's {extractor}FeatureExtractor",
        rate=_SECOND,
        fixed=True,
        parameters=parameters,
        layout="bins",
        build=build,
    )


DEFINITIONS = (
    Definition(
        name="whisper_openai",
        summary="log-mel spectrogram of openai-whisper",
        rate=_SECOND,
        fixed=True,
        parameters={
            "n_mels": checks.Choice(80, options=(80, 128)),
            "pad30": checks.Flag(False),
            "tail_pad": checks.Count(0, low=0),
        },
        layout="bins",
        build=_openai,
    ),
    Definition(
        name="whisper_hf",
        summary="log-mel spectrogram of Hugging Face's WhisperFeatureExtractor",
        rate=_SECOND,
        fixed=True,
        parameters={
            "n_mels": checks.Count(80, high=10000),
            "pad30": checks.Flag(True),
            "chunk_length": checks.Count(30, high=86400),
            "do_normalize": checks.Flag(False),
            "path": checks.Choice(None, options=("torch", "numpy")),
            "dither": _DITHER,
        },
        layout="bins",
        build=_hf,
    ),
    _definition(
        "qwen3_asr_mel",
        "Qwen3ASR",
        {
            "feature_size": checks.Count(128, **_BANDS),
            "pad30": checks.Flag(True),
            "chunk_length": checks.Count(30, high=86400),
            "min_length": checks.Count(8000, low=0),
            "n_window": checks.Count(50, low=0),
            "dither": _DITHER,
        },
        _qwen3,
    ),
    _definition(
        "voxtral_realtime_mel",
        "VoxtralRealtime",
        {
            "feature_size": checks.Count(128, **_BANDS),
            "n_fft": checks.Count(400),
            "hop_length": checks.Count(160),
            "global_log_mel_max": checks.Number(1.5, optional=True),
        },
        _voxtral,
    ),
    _definition(
        "moss_mel",
        "MossTranscribeDiarize",
        {
            "feature_size": checks.Count(80, **_BANDS),
            "chunk_length": checks.Count(30, high=86400),
            "dither": _DITHER,
        },
        _chunk,
    ),
    _definition(
        "dots3_note_mel",
        "Dots3Note",
        {
            "feature_size": checks.Count(128, **_BANDS),
            "chunk_length": checks.Count(60, high=86400),
            "dither": _DITHER,
        },
        _dots3,
    ),
)
