"""What a configuration does, in words: plans and frontends share them, so that they can be compared."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

#: Stands in place of a mel scale for filters other than mel triangles.
_NO_MEL = "none: {}"

#: Samples are floats up to 1, however they were recorded.
UNIT_RANGE = "[-1, 1]"
#: Samples have the range of 16-bit integers once multiplied by the input scale.
INT16_RANGE = "[-32768, 32767], once scaled"
#: Any real numbers, taken as they are.
ANY_RANGE = "any"


def agree(a: str, b: str) -> bool:
    """Whether two configurations agree on a convention."""
    return a == b or ANY_RANGE in (a, b)


def number(value: float) -> str:
    """A number in six digits, or in as many as it takes to distinguish it."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def digest(values: Any) -> str:
    """Eight characters that stand for an array of numbers."""
    return f"{zlib.crc32(values.tobytes()):08x}"


def words(
    *,
    rate: float,
    hop: int,
    window: str,
    window_length: int,
    n_fft: int,
    window_at: int,
    left: int,
    edges: str,
    spectrum: str,
    bands: dict[str, str],
    samples: str = "nothing",
    length: str = "as it is",
    frames: str = "all",
    sample_range: str = ANY_RANGE,
    gain: float = 1.0,
    dither: float = 0.0,
    detrend: str = "none",
    preemphasis: str = "none",
    root: str = "none",
    log: str = "none",
    cepstrum: str = "none",
    energy: str = "none",
    affine: str = "none",
    clip: str = "nothing",
    joined: int = 1,
    layout: str = "(rows, frames)",
    dtype: str,
) -> dict[str, str]:
    """Every convention of a configuration and what it chooses, in the order in which samples meet them.

    Parameters
    ----------
    rate : float
        In Hz.
    hop, window_length, n_fft, window_at, left : int
        In samples; frame t starts at ``t * hop - left``, its window `window_at` samples into the transform.
    window, edges, spectrum, detrend, preemphasis, root, log, cepstrum, energy, affine, layout, dtype : str
        In words.
    sample_range : str
        What samples are taken for: `UNIT_RANGE`, `INT16_RANGE` or `ANY_RANGE`.
    samples, clip : str
        What is done to the whole clip, before framing and after.
    length, frames : str
        How much of a clip, and which of its frames, a result covers.
    bands : dict of str to str
        Of :func:`fft_bins`, :func:`mel_bands` or :func:`other_bands`.
    gain, dither : float
    joined : int
        Frames that are put side by side.

    Returns
    -------
    dict of str to str
    """
    place = "left" if window_at == 0 else "centred"
    from_unit = f", from {UNIT_RANGE}" if sample_range == INT16_RANGE and gain == 32768.0 else ""
    return {
        "sample rate": f"{number(rate)} Hz",
        "over the samples": samples,
        "clip length": length,
        "sample range": sample_range,
        "input scale": f"times {number(gain)}{from_unit}",
        "hop": f"{hop} samples",
        "window": window,
        "window length": f"{window_length} samples",
        "FFT length": f"{n_fft}, window {place}" if window_length < n_fft else str(n_fft),
        "frame start": f"{-left} samples from t * hop",
        "edges": edges,
        "dither": number(dither),
        "DC removal": detrend,
        "pre-emphasis": preemphasis,
        "spectrum": spectrum,
        **bands,
        "root of the bands": root,
        "log": log,
        "cepstrum": cepstrum,
        "energy": energy,
        "affine": affine,
        "over the clip": clip,
        "frames of a clip": frames,
        "frames joined": str(joined),
        "layout": layout,
        "dtype": dtype,
    }


def window_words(name: str, *, periodic: bool, parameters: Sequence[float] = ()) -> str:
    """A window by name, with what shapes it."""
    name = {"hanning": "hann", "boxcar": "rectangular"}.get(name, name)
    if name == "rectangular":
        return name
    shape = "".join(f" {number(value)}" for value in parameters)
    return f"{name}{shape}, {'periodic' if periodic else 'symmetric'}"


def fft_bins(count: int) -> dict[str, str]:
    """No bands."""
    return {"bands": f"{count} FFT bins"}


def mel_bands(
    count: int, low: float, high: float, *, scale: str | None, norm: str | float, domain: str = "hz"
) -> dict[str, str]:
    """Triangles at equal steps of a mel scale; with ``scale=None`` at equal steps in Hz."""
    return {
        "bands": str(count),
        "range": f"{number(low)} to {number(high)} Hz",
        "mel scale": scale or _NO_MEL.format("linear in Hz"),
        "filter norm": str(norm),
        "triangles": f"straight in {'mel' if domain == 'mel' else 'Hz'}",
    }


def other_bands(count: int, low: float, high: float, kind: str) -> dict[str, str]:
    """Bands of another kind."""
    return {
        "bands": str(count), "range": f"{number(low)} to {number(high)} Hz",
        "mel scale": _NO_MEL.format(kind),
        "filter norm": "none", "triangles": "none",
    }  # fmt: skip


def log_words(base: str, *, floor: float = 0.0, add: float = 0.0) -> str:
    """``base`` is "ln", "log10", "dB" or "dB of magnitude"."""
    return f"{base}, {number(add)} added" if add else f"{base}, floor {number(floor)}"


def cepstrum_words(count: int, *, norm: str, lifter: float = 0.0, first: int = 0, more: str = "") -> str:
    """A cosine transform of the bands."""
    lift = f", lifter {number(lifter)} from {first}" if lifter else ""
    return f"{count} coefficients, norm {norm}{lift}{more}"
