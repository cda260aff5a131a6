"""Draw a spectrogram with matplotlib: seconds along, the true band centres in Hz upwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import InvalidInputError
from spectrograms.extras import require

if TYPE_CHECKING:
    from spectrograms.engine.result import Spectrogram

# Columns beyond this are merged before drawing: more than any screen has, and the drawing time stays bounded.
_MAX_COLUMNS = 4096

# Frequencies worth a label on a warped axis, in each decade.
_ROUND_STEPS = (1.0, 2.0, 5.0)

_AMPLITUDE_LABELS = {"power": "Power", "magnitude": "Magnitude", "db": "Level"}
_SCALE_LABELS = {"mel": "mel scale", "erb": "ERB", "loghz": "log scale", "cqt": "constant Q"}


def plot(
    spectrogram: Spectrogram,
    ax: Any = None,
    *,
    title: str | None = None,
    cmap: Any = "magma",
    dynamic_range: float = 80.0,
    colorbar: bool = True,
) -> Any:
    """Draw a spectrogram.

    Parameters
    ----------
    spectrogram : Spectrogram
        What to draw: `data`, `frequencies`, `times`, `scale`, `amplitude` and `unit` are used.
    ax : matplotlib.axes.Axes, optional
        Where to draw. By default the current axes of pyplot.
    title : str, optional
        Title over the axes.
    cmap : str or matplotlib.colors.Colormap, default "magma"
        Colour map.
    dynamic_range : float, default 80.0
        Decibels below the largest value at which colours end. Power and magnitude are drawn in
        logarithmic colours over the same range, with their own values on the colour bar.
    colorbar : bool, default True
        Whether to add a colour bar.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, in data coordinates of seconds and Hz, so that a pitch curve can be drawn over it.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    InvalidInputError
        If `dynamic_range` is not positive.

    Notes
    -----
    Every band is drawn equally high, from halfway to the band below to halfway to the band above.
    NaN is left blank. Above 4096 frames, neighbouring frames are merged by their maximum.
    """
    if not dynamic_range > 0:
        raise InvalidInputError(f"dynamic_range must be > 0 dB, got {dynamic_range}")
    mpl = require("matplotlib", "drawing spectrograms")
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.gca()

    values, time_edges = _merged(np.asarray(spectrogram.data), _edges(np.asarray(spectrogram.times)))
    frequencies = np.asarray(spectrogram.frequencies)
    band_edges = _edges(frequencies)
    norm = _norm(mpl, values, spectrogram.amplitude, dynamic_range)
    if _evenly_spaced(frequencies):
        # Bands are equally high already, and an image is drawn faster than cells and smoothed when shrunk.
        extent = (time_edges[0], time_edges[-1], band_edges[0], band_edges[-1])
        drawn = ax.imshow(values, norm=norm, cmap=cmap, extent=extent, origin="lower", aspect="auto")
    else:
        drawn = ax.pcolormesh(time_edges, band_edges, values, norm=norm, cmap=cmap, rasterized=True)
        _warp(mpl, ax, band_edges)
    per_unit, unit = (1000, "kHz") if band_edges[-1] >= 1000 else (1, "Hz")
    ax.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda hz, _: f"{hz / per_unit:g}"))
    ax.set_ylim(max(band_edges[0], 0.0), band_edges[-1])
    scale = _SCALE_LABELS.get(spectrogram.scale)
    ax.set_ylabel(f"Frequency ({unit}, {scale})" if scale else f"Frequency ({unit})")
    ax.set_xlim(time_edges[0], time_edges[-1])
    ax.set_xlabel("Time (s)")
    if title is not None:
        ax.set_title(title)
    if colorbar:
        label = _AMPLITUDE_LABELS.get(spectrogram.amplitude, "Value")
        if spectrogram.amplitude == "db":
            label = f"{label} ({spectrogram.unit})"
        ax.figure.colorbar(drawn, ax=ax, label=label, pad=0.02)
    return ax


def _edges(centres):
    """Boundaries halfway between centres, the outer ones as far out as their neighbours are in."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _merged(values, time_edges):
    """At most `_MAX_COLUMNS` columns: neighbours merged by their maximum, so that no onset gets lost."""
    step = -(-values.shape[1] // _MAX_COLUMNS)
    if step == 1:
        return values, time_edges
    starts = np.arange(0, values.shape[1], step)
    return np.maximum.reduceat(values, starts, axis=1), np.append(time_edges[starts], time_edges[-1])


def _norm(mpl, values, amplitude, dynamic_range):
    """Colours from the largest finite value down to `dynamic_range` dB below it."""
    finite = values[np.isfinite(values)]
    top = float(finite.max()) if finite.size else 1.0
    if amplitude == "db":
        return mpl.colors.Normalize(max(top - dynamic_range, float(finite.min(initial=top))), top)
    if top <= 0:  # digital silence: nothing to take a logarithm of
        return mpl.colors.Normalize(0.0, 1.0)
    decibels_per_decade = 20 if amplitude == "magnitude" else 10
    return mpl.colors.LogNorm(top * 10 ** (-dynamic_range / decibels_per_decade), top, clip=True)


def _evenly_spaced(frequencies):
    steps = np.diff(frequencies)
    return len(steps) == 0 or np.allclose(steps, steps[0])


def _warp(mpl, ax, band_edges):
    """Make every band equally high on an axis that stays in Hz, and label round frequencies."""
    rows = np.arange(len(band_edges), dtype=float)
    ax.set_yscale(
        "function",
        functions=(partial(np.interp, xp=band_edges, fp=rows), partial(np.interp, xp=rows, fp=band_edges)),
    )
    ax.yaxis.set_major_locator(mpl.ticker.FixedLocator(_round_frequencies(band_edges)))
    ax.yaxis.set_minor_locator(mpl.ticker.NullLocator())


def _round_frequencies(band_edges, min_gap=0.06):
    """Frequencies 1, 2, 5 times a power of ten, none nearer to the next than `min_gap` of the axis."""
    heights = np.linspace(0.0, 1.0, len(band_edges))
    decades = np.arange(np.floor(np.log10(band_edges[-1])) + 1)
    candidates = np.outer(10.0**decades, _ROUND_STEPS).ravel()
    chosen, above = [], np.inf
    # From the top, where bands are narrow on every scale and the labels matter most.
    for hz in candidates[(candidates >= band_edges[0]) & (candidates <= band_edges[-1])][::-1]:
        height = np.interp(hz, band_edges, heights)
        if above - height >= min_gap:
            chosen.append(hz)
            above = height
    return chosen[::-1]
