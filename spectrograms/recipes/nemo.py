"""NVIDIA NeMo's AudioToMelSpectrogramPreprocessor, and Hugging Face's extractor for Parakeet.

Sources: NeMo ``asr/parts/preprocessing/features.py``; transformers
``models/parakeet/feature_extraction_parakeet.py``.
"""

from types import SimpleNamespace

from spectrograms.recipes import checks, post, windows
from spectrograms.recipes.definition import Definition
from spectrograms.recipes.recipe import Log, Mel, centred, power_of_two

_GUARD = 2.0**-24
_NORMALIZE = {
    "per_feature": (post.Normalize(outside=1e-5),),
    "all_features": (post.Normalize(per_row=False, outside=1e-5),),
    None: (),
}


def _nemo(rate, p):
    n_fft = power_of_two(p.win) if p.n_fft is None else p.n_fft
    checks.at_most("win", p.win, "n_fft", n_fft)
    high = rate / 2.0 if p.highfreq is None else p.highfreq
    checks.below("lowfreq", p.lowfreq, "highfreq", high)
    guard = {"eps": 2.0**-23, "tiny": 2.0**-126}.get(p.guard_value, p.guard_value)
    add = p.guard_type == "add"
    more = 1 if p.legacy_len else 0
    step = max(1, p.pad_to)
    return {
        **centred(n_fft, windows.make(p.window, p.win, periodic=False), p.hop, "zeros"),
        "window_words": f"{p.window}, symmetric",
        "least": 1,
        "dither": p.dither,
        "preemphasis": p.preemph or 0.0,
        "power": p.mag_power,
        "mel": Mel(
            count=p.n_mels, low=p.lowfreq, high=high, scale="slaney",
            norm={None: "none"}.get(p.mel_norm, p.mel_norm),
        ),
        "log": Log("ln", floor=0.0 if add else guard, add=guard if add else 0.0) if p.log else None,
        "post": _NORMALIZE[p.normalize],
        "valid": lambda n, frames: min(frames, n // p.hop + more),
        "room": lambda frames: -(-frames // step) * step,
        "fill": p.pad_value,
    }  # fmt: skip


def _parakeet(rate, p):
    defaults = {
        name: kind.default for name, kind in DEFINITIONS[0].parameters.items() if not hasattr(p, name)
    }
    # Of no samples it gives a frame, which is 0/0 there.
    return {**_nemo(rate, SimpleNamespace(**vars(p), **defaults)), "least": 0}


DEFINITIONS = (
    Definition(
        name="nemo_mel",
        summary="NeMo's AudioToMelSpectrogramPreprocessor (Parakeet, Canary, FastConformer)",
        rate=16000,
        parameters={
            "n_mels": checks.Count(80, high=10000),
            "n_fft": checks.Count(512, optional=True),
            "win": checks.Count(400),
            "hop": checks.Count(160),
            "window": checks.Choice("hann", options=("hann", "hamming", "blackman", "bartlett")),
            "preemph": checks.Number(0.97, low=0.0, optional=True),
            "lowfreq": checks.Number(0.0, low=0.0),
            "highfreq": checks.Number(None, above=0.0),
            "mel_norm": checks.Choice("slaney", options=("slaney",), optional=True),
            "mag_power": checks.Number(2.0, above=0.0),
            "log": checks.Flag(True),
            "guard_type": checks.Choice("add", options=("add", "clamp")),
            "guard_value": checks.Number(_GUARD, above=0.0, words=("eps", "tiny")),
            "normalize": checks.Choice("per_feature", options=("per_feature", "all_features"), optional=True),
            "pad_to": checks.Count(0, low=0),
            "pad_value": checks.Number(0.0),
            "legacy_len": checks.Flag(False),
            "dither": checks.Number(0.0, low=0.0),
        },
        layout="bins",
        build=_nemo,
    ),
    Definition(
        name="parakeet_hf",
        summary="Hugging Face's ParakeetFeatureExtractor",
        rate=16000,
        fixed=True,
        parameters={
            "n_mels": checks.Count(80, high=10000),
            "n_fft": checks.Count(512),
            "win": checks.Count(400),
            "hop": checks.Count(160),
            "preemph": checks.Number(0.97, low=0.0, optional=True),
        },
        layout="time",
        build=_parakeet,
    ),
)
