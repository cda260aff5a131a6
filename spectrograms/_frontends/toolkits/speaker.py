"""Speaker embeddings: the fbank of WeSpeaker and of pyannote.audio's WeSpeakerResNet34."""

from __future__ import annotations

from typing import Any

from spectrograms._common.conventions import INT16_RANGE, UNIT_RANGE
from spectrograms._frontends.recipes import after as post
from spectrograms._frontends.recipes import parameters as checks
from spectrograms._frontends.recipes.definition import Definition
from spectrograms._frontends.recipes.recipe import EPS32, Log
from spectrograms._frontends.toolkits import kaldi


def fbank(
    rate: float, bands: int, *, window: str = "povey", gain: float = 32768.0, dither: float = 0.0
) -> dict[str, Any]:
    """Fields of a recipe: Kaldi's fbank with the defaults that models use."""
    return {
        **kaldi.frames(rate, window_type=window),
        "sample_range": UNIT_RANGE if gain == 1.0 else INT16_RANGE,
        "gain": gain,
        "frame_dither": dither,
        "detrend": "constant",
        "frame_preemphasis": 0.97,
        "mel": kaldi.bank(rate, bands, n_fft=kaldi.frames(rate)["n_fft"]),
        "log": Log("ln", floor=EPS32),
    }


def _wespeaker(rate, p):
    fields = fbank(rate, p.num_mel_bins, window="hamming", dither=p.dither)
    return {
        **fields,
        "post": (post.Normalize(divide=False),),
        "least": len(fields["window"]),
        "least_words": "one frame",
    }


DEFINITIONS = (
    Definition(
        name="wespeaker_fbank",
        summary="fbank of WeSpeaker and pyannote speaker embeddings, without its mean",
        rate=16000,
        parameters={
            "num_mel_bins": checks.Count(80, high=10000),
            "dither": checks.Number(0.0, low=0.0),
        },
        layout="time",
        build=_wespeaker,
    ),
)
