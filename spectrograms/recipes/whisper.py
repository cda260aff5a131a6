"""Whisper, as openai-whisper (``whisper/audio.py``) and Hugging Face's extractor compute it."""

from spectrograms.recipes import checks, post, signals, windows
from spectrograms.recipes.definition import Definition
from spectrograms.recipes.recipe import Log, Mel, centred

_SECOND = 16000


def _log_mel(n_mels, **more):
    frames = centred(400, windows.make("hann", 400), 160, "reflect")
    return {
        **frames,
        "first": 160,  # the last frame is dropped
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
        least_words="reflection by 200 samples needs more than that" if not padded else "tail_pad included",
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
        least_words="reflection by 200 samples needs more than that",
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
            "dither": checks.Number(0.0, low=0.0),
        },
        layout="bins",
        build=_hf,
    ),
)
