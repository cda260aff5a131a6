"""Draw results with matplotlib: seconds across; true band centres in Hz, or what else rows are, upwards."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError
from spectrograms.features.chroma import Chromagram
from spectrograms.features.descriptors import Descriptor
from spectrograms.features.mfcc import Mfcc
from spectrograms.features.spatial.results import BinauralCue, IpdSpectrogram

if TYPE_CHECKING:
    from spectrograms._engine.results.frame_results import FrameArray

# More columns than any screen has: beyond this they are merged, which bounds the time of drawing.
_MAX_COLUMNS = 4096

# Frequencies worth a label on a warped axis, in each decade.
_ROUND_STEPS = (1.0, 2.0, 5.0)

_AMPLITUDE_LABELS = {"power": "Power", "magnitude": "Magnitude", "db": "Level"}
_SCALE_LABELS = {
    "mel": "mel scale",
    "erb": "ERB",
    "loghz": "log scale",
    "octave": "octave bands",
    "cqt": "constant Q",
}


def plot(
    result: FrameArray,
    ax: Any = None,
    *,
    title: str | None = None,
    cmap: Any = None,
    dynamic_range: float = 80.0,
    colorbar: bool = True,
) -> Any:
    """Draw a result over time.

    Parameters
    ----------
    result : Spectrogram, StftResult, CqtResult, Mfcc, Chromagram, Descriptor or a binaural cue
        What to draw: the magnitude of complex numbers, a curve of a descriptor, an image of everything else.
    ax : matplotlib.axes.Axes, optional
        Where to draw. By default the current axes of pyplot.
    title : str, optional
        Title over the axes.
    cmap : str or matplotlib.colors.Colormap, optional
        Colour map. By default "magma", for interaural differences "coolwarm", for phases "twilight".
    dynamic_range : float, default 80.0
        Range of the colours in dB, down from the largest value. Power and magnitude are drawn in
        logarithmic colours over the same range, with their own values on the colour bar. Coefficients,
        pitch classes and interaural differences have linear colours, and ignore it.
    colorbar : bool, default True
        Whether to add a colour bar.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, in data coordinates of seconds and Hz (of coefficients, of pitch classes), so that a pitch
        curve can be drawn over it.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    InvalidInputError
        If `dynamic_range` is not positive.

    Notes
    -----
    Every band is drawn equally high, from halfway to the band below to halfway to the band above.
    NaN is left blank. Above 4096 frames, neighbouring frames are merged by their maximum, in interaural
    differences and cepstra by the value farthest from zero.
    """
    if not dynamic_range > 0:
        raise InvalidInputError(f"dynamic_range must be > 0 dB, got {dynamic_range}")
    mpl = require("matplotlib", "drawing spectrograms")
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.gca()

    values, times = np.asarray(result.data), np.asarray(result.times)
    unit_of_time = "Time (s)"
    if np.isnan(times).any():  # made from a spectrogram without a sample rate
        times, unit_of_time = np.arange(len(times)), "Frame"
        ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
    if np.iscomplexobj(values):
        values = np.abs(values)
    if isinstance(result, IpdSpectrogram):
        values = values - 2 * np.pi * np.round(values / (2 * np.pi))  # wrapped, for the colours
    if isinstance(result, Descriptor):
        _curve(result, ax, times, values[0])
    else:
        values, time_edges = _merged(values, _edges(times), isinstance(result, Mfcc | BinauralCue))
        norm, label = _colours(mpl, result, values, dynamic_range)
        drawn = _cells(mpl, result, ax, time_edges, values, norm=norm, cmap=cmap or _colour_map(result))
        if colorbar:
            ax.figure.colorbar(drawn, ax=ax, label=label, pad=0.02)
    ax.set_xlabel(unit_of_time)
    if title is not None:
        ax.set_title(title)
    return ax


def _curve(result, ax, times, values):
    ax.plot(times, values)
    edges = _edges(times)
    ax.set_xlim(edges[0], edges[-1])
    name = "RMS" if result.name == "rms" else result.name.replace("zcr", "zero crossings").capitalize()
    ax.set_ylabel(f"{name} ({result.unit})" if result.unit else name)


def _cells(mpl, result, ax, time_edges, values, **colours):
    """The values as coloured cells, and the vertical axis that belongs to them."""
    by_frequency = not isinstance(result, Mfcc | Chromagram)
    rows = np.asarray(result.frequencies if by_frequency else range(len(values)), dtype=float)
    row_edges = _edges(rows)
    if _evenly_spaced(rows):
        # Bands are equally high already, and an image is drawn faster than cells and smoothed when shrunk.
        extent = (time_edges[0], time_edges[-1], row_edges[0], row_edges[-1])
        # Except where the mean of neighbours makes no sense: of coefficients, or of phases of -3 and 3.
        smooth = "nearest" if isinstance(result, Mfcc | Chromagram | BinauralCue) else "auto"
        drawn = ax.imshow(
            values, extent=extent, origin="lower", aspect="auto", interpolation=smooth, **colours
        )
    else:
        drawn = ax.pcolormesh(time_edges, row_edges, values, rasterized=True, **colours)
        _warp(mpl, ax, row_edges)
    ax.set_xlim(time_edges[0], time_edges[-1])
    if by_frequency:
        _frequency_axis(mpl, result, ax, row_edges)
        return drawn
    ax.set_ylim(row_edges[0], row_edges[-1])
    if isinstance(result, Chromagram):
        ax.set_yticks(rows, result.labels)
        ax.set_ylabel("Pitch class")
    else:
        ax.yaxis.set_major_locator(mpl.ticker.MaxNLocator(integer=True))
        ax.set_ylabel("Coefficient")
    return drawn


def _frequency_axis(mpl, result, ax, band_edges):
    per_unit, unit = (1000, "kHz") if band_edges[-1] >= 1000 else (1, "Hz")
    ax.yaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda hz, _: f"{hz / per_unit:g}"))
    ax.set_ylim(max(band_edges[0], 0.0), band_edges[-1])
    scale = _SCALE_LABELS.get(getattr(result, "scale", "cqt" if hasattr(result, "to_magnitude") else None))
    ax.set_ylabel(f"Frequency ({unit}, {scale})" if scale else f"Frequency ({unit})")


def _colour_map(result):
    if isinstance(result, IpdSpectrogram):
        return "twilight"  # -pi and pi are the same
    return "coolwarm" if isinstance(result, BinauralCue) else "magma"


def _colours(mpl, result, values, dynamic_range):
    """How values become colours, and what to write beside the colour bar."""
    if isinstance(result, BinauralCue):
        return mpl.colors.Normalize(*result.default_range), result.unit_label
    if isinstance(result, Mfcc):
        return mpl.colors.Normalize(), "Cepstrum"
    if isinstance(result, Chromagram):
        return mpl.colors.Normalize(vmin=0.0), "Energy"
    amplitude = getattr(result, "amplitude", "magnitude")
    label, unit = _AMPLITUDE_LABELS[amplitude], getattr(result, "unit", "amplitude")
    if unit not in ("power", "amplitude"):  # which the label says
        label = f"{label} ({unit})"
    return _norm(mpl, values, amplitude, dynamic_range), label


def _edges(centres):
    """Boundaries halfway between centres, the outer ones as far out as their neighbours are in."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _merged(values, time_edges, signed):
    """At most `_MAX_COLUMNS` columns: the extremes of groups of neighbours, so that no onset is lost."""
    step = -(-values.shape[1] // _MAX_COLUMNS)
    if step == 1:
        return values, time_edges
    starts = np.arange(0, values.shape[1], step)
    merged = np.maximum.reduceat(values, starts, axis=1)
    if signed:
        lowest = np.minimum.reduceat(values, starts, axis=1)
        merged = np.where(merged < -lowest, lowest, merged)
    return merged, np.append(time_edges[starts], time_edges[-1])


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
