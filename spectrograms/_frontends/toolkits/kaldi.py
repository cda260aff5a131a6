"""Kaldi's fbank and MFCC, as kaldi-native-fbank and torchaudio.compliance.kaldi compute them.

Sources: kaldi-native-fbank ``feature-window.cc``, ``mel-computations.cc``, ``feature-fbank.cc``,
``feature-mfcc.cc``; torchaudio ``compliance/kaldi.py``.
"""

from __future__ import annotations

import math
from typing import Any

from spectrograms._common.conventions import INT16_RANGE, window_words
from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import Normalize
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import framed, power_of_two
from spectrograms._frontends.recipes.parameters import Choice, Count, Flag, Number, at_most, band_count, below
from spectrograms._frontends.recipes.stages import EPS32, Dct, Energy, Log, Mel
from spectrograms.errors import InvalidInputError

_WINDOWS = ("povey", "hamming", "hanning", "blackman", "rectangular")


def frames(
    rate: float,
    *,
    frame_length: float = 25.0,
    frame_shift: float = 10.0,
    snip_edges: bool = True,
    window_type: str = "povey",
    blackman_coeff: float = 0.42,
    round_pow2: bool = True,
    even: bool = False,
) -> dict[str, Any]:
    """Fields of a recipe: Kaldi's frames, either whole ones only or with mirrored edges."""
    width, hop = int(rate * 0.001 * frame_length), int(rate * 0.001 * frame_shift)
    if width < 2:
        raise InvalidInputError(
            f"frame_length must give at least 2 samples at {rate:g} Hz, got {frame_length} ms"
        )
    if hop < 1:
        raise InvalidInputError(
            f"frame_shift must give at least 1 sample at {rate:g} Hz, got {frame_shift} ms"
        )
    n_fft = power_of_two(width) if round_pow2 else width
    if even and n_fft % 2:
        raise InvalidInputError(
            f"frame_length must give an even number of samples without round_pow2, got {width}"
        )
    mirrored = {
        "left": width // 2 - hop // 2, "first": max(0, hop - hop // 2), "padding": "symmetric",
        "reach": 2 * width,
    }  # fmt: skip
    shape = () if window_type != "blackman" or blackman_coeff == 0.42 else (blackman_coeff,)
    return {
        **framed(
            n_fft, windows.kaldi(window_type, width, blackman_coeff), hop, **({} if snip_edges else mirrored)
        ),
        "window_words": window_words(window_type, periodic=window_type == "hann", parameters=shape),
    }


def bank(rate: float, count: int, low: float = 20.0, high: float = 0.0, n_fft: int = 512) -> Mel:
    """Kaldi's triangles: straight in mel, without weight at the Nyquist bin."""
    nyquist = rate / 2.0
    top = high if high > 0.0 else nyquist + high
    below("low_freq", low, "high_freq", top)
    at_most("high_freq", top, "sample_rate / 2", nyquist)
    return Mel(count=count, low=low, high=top, scale="kaldi", domain="mel", bins=slice(0, n_fft // 2))


def _common(rate, p, even):
    fields = frames(
        rate, frame_length=p.frame_length, frame_shift=p.frame_shift, snip_edges=p.snip_edges,
        window_type=p.window_type, blackman_coeff=p.blackman_coeff, round_pow2=p.round_pow2, even=even,
    )  # fmt: skip
    return {
        **fields,
        "sample_range": INT16_RANGE,
        "gain": p.scale,
        "frame_dither": p.dither,
        "detrend": "constant" if p.remove_dc else None,
        "frame_preemphasis": p.preemph,
        "mel": bank(rate, p.num_mel_bins, p.low_freq, p.high_freq, fields["frames"].n_fft),
    }


def _energy(p, row, own):
    if not p.use_energy:
        return None
    floor = max(EPS32, p.energy_floor)
    return Energy("raw" if p.raw_energy else "windowed", floor, row, own)


def _fbank(even):
    def build(rate, p):
        return {
            **_common(rate, p, even),
            **_torchaudio_only(p),
            "power": 2.0 if p.use_power else 1.0,
            "log": Log("ln", floor=EPS32) if p.use_log else None,
            "energy": _energy(p, -1 if p.htk_compat else 0, True),
        }

    return build


def _mfcc(even):
    def build(rate, p):
        at_most("num_ceps", p.num_ceps, "num_mel_bins", p.num_mel_bins)
        last = (0, 1.0 if p.use_energy else math.sqrt(2.0)) if p.htk_compat else ()
        return {
            **_common(rate, p, even),
            **_torchaudio_only(p),
            "log": Log("ln", floor=EPS32),
            "dct": Dct(p.num_ceps, "ortho", p.cepstral_lifter, 0, last),
            "energy": _energy(p, -1 if p.htk_compat else 0, False),
        }

    return build


def _torchaudio_only(p):
    if not hasattr(p, "subtract_mean"):
        return {}
    return {"after": (Normalize(divide=False),) if p.subtract_mean else ()}


def _with_a_frame(build):
    """Torchaudio refuses a signal that is shorter than a frame, even where edges are mirrored."""

    def wrapped(rate, p):
        fields = build(rate, p)
        return {**fields, "min_samples": len(fields["window"]), "min_samples_reason": "one frame"}

    return wrapped


def _parameters(window_names, *, mfcc, use_energy, energy_floor, subtract_mean):
    table = {
        "scale": Number(1.0),
        "num_mel_bins": band_count(23),
        "low_freq": Number(20.0, low=0.0),
        "high_freq": Number(0.0),
        "frame_length": Number(25.0, above=0.0),
        "frame_shift": Number(10.0, above=0.0),
        "snip_edges": Flag(True),
        "window_type": Choice("povey", options=window_names),
        "blackman_coeff": Number(0.42),
        "preemph": Number(0.97, low=0.0),
        "remove_dc": Flag(True),
        "round_pow2": Flag(True),
    }
    if mfcc:
        table |= {"num_ceps": Count(13), "cepstral_lifter": Number(22.0, low=0.0)}
    else:
        table |= {"use_power": Flag(True), "use_log": Flag(True)}
    table |= {
        "use_energy": Flag(use_energy),
        "raw_energy": Flag(True),
        "energy_floor": Number(energy_floor, low=0.0),
        "htk_compat": Flag(False),
        "dither": Number(0.0, low=0.0),
    }
    if subtract_mean:
        table["subtract_mean"] = Flag(False)
    return table


_NATIVE = (*_WINDOWS, "sine", "hann")

_row = table(rate=16000, layout="time")
DEFINITIONS = (
    _row(
        "kaldi_fbank",
        "Kaldi's log-mel filterbank, as in kaldi-native-fbank",
        _fbank(even=False),
        _parameters(_NATIVE, mfcc=False, use_energy=False, energy_floor=0.0, subtract_mean=False),
    ),
    _row(
        "kaldi_mfcc",
        "Kaldi's MFCC, as in kaldi-native-fbank",
        _mfcc(even=False),
        _parameters(_NATIVE, mfcc=True, use_energy=True, energy_floor=0.0, subtract_mean=False),
    ),
    _row(
        "torchaudio_kaldi_fbank",
        "Kaldi's log-mel filterbank, as in torchaudio.compliance.kaldi.fbank",
        _with_a_frame(_fbank(even=True)),
        _parameters(_WINDOWS, mfcc=False, use_energy=False, energy_floor=1.0, subtract_mean=True),
    ),
    _row(
        "torchaudio_kaldi_mfcc",
        "Kaldi's MFCC, as in torchaudio.compliance.kaldi.mfcc",
        _with_a_frame(_mfcc(even=True)),
        _parameters(_WINDOWS, mfcc=True, use_energy=False, energy_floor=1.0, subtract_mean=True),
    ),
)
