"""Speaker embeddings: the fbank of WeSpeaker and of pyannote.audio's WeSpeakerResNet34."""

from __future__ import annotations

from typing import Any

from spectrograms._common.conventions import INT16_RANGE, UNIT_RANGE
from spectrograms._frontends.recipes.after import Normalize
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.parameters import Number, band_count
from spectrograms._frontends.recipes.stages import EPS32, Log
from spectrograms._frontends.toolkits import kaldi


def fbank(
    rate: float, bands: int, *, window: str = "povey", gain: float = 32768.0, dither: float = 0.0
) -> dict[str, Any]:
    """Fields of a recipe: Kaldi's fbank with the defaults that models use."""
    fields = kaldi.frames(rate, window_type=window)
    return {
        **fields,
        "sample_range": UNIT_RANGE if gain == 1.0 else INT16_RANGE,
        "gain": gain,
        "frame_dither": dither,
        "detrend": "constant",
        "frame_preemphasis": 0.97,
        "mel": kaldi.bank(rate, bands, n_fft=fields["frames"].n_fft),
        "log": Log("ln", floor=EPS32),
    }


def _wespeaker(rate, p):
    fields = fbank(rate, p.num_mel_bins, window="hamming", dither=p.dither)
    return {
        **fields,
        "after": (Normalize(divide=False),),
        "min_samples": len(fields["window"]),
        "min_samples_reason": "one frame",
    }


_WESPEAKER_FBANK = {
    "num_mel_bins": band_count(80),
    "dither": Number(0.0, low=0.0),
}

_row = table(rate=16000, layout="time")
DEFINITIONS = (
    _row(
        "wespeaker_fbank",
        "fbank of WeSpeaker and pyannote speaker embeddings, without its mean",
        _wespeaker,
        _WESPEAKER_FBANK,
    ),
)
