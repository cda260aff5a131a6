"""``info --stats``: levels of recordings, and what the bands of a store hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.files import as_text
from spectrograms.audio import audio_blocks
from spectrograms.corpus.stores.extractor import extractor_from
from spectrograms.errors import SpectrogramError

if TYPE_CHECKING:
    from spectrograms.corpus.stores.store import FeatureStore

LEVELS = ("file", "peak dB", "mean dB", "offset", "full scale", "zeros")
BANDS = ("band", "Hz", "mean", "std", "min", "max")
# What 16-bit samples reach at most, but for the last step.
_FULL = 1 - 2.0**-14


def levels(path: str) -> dict[str, Any]:
    """Peak, mean power and offset of a recording of any length, over all channels, and odd samples in it."""
    count = full = zeros = 0
    total = power = peak = 0.0
    for block in audio_blocks(path, mono=False):
        values = block.astype(np.float64)
        count += values.size
        total += float(values.sum())
        power += float(np.square(values).sum())
        sizes = np.abs(values)
        peak = max(peak, float(sizes.max(initial=0.0)))
        full += int(np.count_nonzero(sizes >= _FULL))
        zeros += int(np.count_nonzero(sizes == 0))
    some = max(count, 1)
    return {
        "path": as_text(path),
        "peak_db": _db(peak),
        "mean_db": _db(math.sqrt(power / some)),
        "offset": total / some,
        "n_full_scale": full,
        "n_zeros": zeros,
        "n_values": count,
    }


def _db(amplitude):
    """An amplitude in dB of full scale; None for silence, which JSON cannot say otherwise."""
    return 20 * math.log10(amplitude) if amplitude > 0 else None


def level_row(found: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table of :data:`LEVELS`."""
    peak, mean = ("-inf" if found[key] is None else f"{found[key]:.1f}" for key in ("peak_db", "mean_db"))
    zeros = f"{100 * found['n_zeros'] / max(found['n_values'], 1):.1f} %"
    return found["path"], peak, mean, f"{found['offset']:.2g}", str(found["n_full_scale"]), zeros


def bands(store: FeatureStore) -> list[dict[str, Any]]:
    """What each band of a store holds, over all frames; its frequency where it has one."""
    stats = store.stats
    try:
        frequencies = extractor_from(store.config).frequencies
    except (SpectrogramError, TypeError, ValueError):  # a class of the user's
        frequencies = None
    return [
        {
            "band": k,
            "hz": None if frequencies is None else float(frequencies[k]),
            "mean": float(stats.mean[k]),
            "std": float(stats.std[k]),
            "min": float(stats.min[k]),
            "max": float(stats.max[k]),
        }
        for k in range(store.n_features)
    ]


def band_row(band: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table of :data:`BANDS`."""
    hz = "" if band["hz"] is None else f"{band['hz']:.0f}"
    return str(band["band"]), hz, *(f"{band[key]:.4g}" for key in ("mean", "std", "min", "max"))


def lengths(store: FeatureStore) -> dict[str, float]:
    """Seconds of the shortest, the middle and the longest record."""
    durations = np.sort(store.durations)
    if not len(durations):
        return {}
    return {
        "shortest": float(durations[0]),
        "median": float(np.median(durations)),
        "longest": float(durations[-1]),
    }
