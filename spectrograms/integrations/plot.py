"""Draw results with matplotlib: seconds across; true band centres in Hz, or what else rows are, upwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError, shown
from spectrograms.integrations.pictures.subjects import edges_of, evenly_spaced, subject_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_MAPS = {"signed": "coolwarm", "phase": "twilight"}  # of phases, -pi and pi are the same
# Room for a waveform over the axes, in their own heights.
_ABOVE = (0.0, 1.03, 1.0, 0.22)


def plot(
    result: Any,
    ax: Any = None,
    *,
    title: str | None = None,
    cmap: Any = None,
    dynamic_range: float = 80.0,
    limits: tuple[float, float] | None = None,
    colorbar: bool = True,
    samples: ArrayLike | None = None,
    sample_rate: float | None = None,
    start: float | datetime | None = None,
    notes: bool | None = None,
    source: Any = None,
    times: ArrayLike | None = None,
    frequencies: ArrayLike | None = None,
    unit: str | None = None,
    signed: bool | None = None,
) -> Any:
    """Draw a result over time, an average over frequency, or an array with its axes.

    Parameters
    ----------
    result : a result, LongTermSpectrum or array_like, shape (n_rows, n_frames) or (n_frames,)
        What to draw: the magnitude of complex numbers, a curve of a descriptor, of an average or of a 1-D
        array, an image of everything else.
    ax : matplotlib.axes.Axes, optional
        Where to draw. By default the current axes of pyplot.
    title : str, optional
        Title over the axes.
    cmap : str or matplotlib.colors.Colormap, optional
        Colour map. By default "magma"; for what has a sign, such as cepstra and interaural differences, the
        diverging "coolwarm" with zero in its middle; for phases "twilight".
    dynamic_range : float, default 80.0
        Range of the colours in dB, down from the largest value, but not below the smallest. Power and
        magnitude are drawn in logarithmic colours over the same range, with their own values on the colour
        bar. Coefficients, pitch classes and interaural differences have linear colours, and ignore it.
    limits : tuple of two floats, optional
        First and last value of the colours, instead of `dynamic_range`: the same for several pictures.
    colorbar : bool, default True
        Whether to add a colour bar.
    samples : array_like, shape (n_samples,), optional
        The signal, to draw as a waveform above.
    sample_rate : float, optional
        Of the samples in Hz; by default that of the result.
    start : float or datetime, optional
        Where the signal begins in its recording: seconds, or the date and time, which makes the axis that of
        a clock. Data coordinates are seconds either way, of a clock since `start`.
    notes : bool, optional
        Whether to name notes beside the frequencies; by default of constant-Q transforms.
    source : Frontend, plan, str, path or dict, optional
        What made an array, as :func:`compare` takes it: says where frames and bands are, and whether frames
        are the first axis.
    times, frequencies : array_like, shape (n_frames,) and (n_rows,), optional
        Axes of an array, in seconds and Hz, ascending.
    unit : str, optional
        What the values are, beside the colour bar. Arrays in "dB", "power" or "magnitude" have the colours of
        such results.
    signed : bool, optional
        Whether values have a sign that matters, as deltas have; then zero is in the middle of the colours.

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
        If `dynamic_range` is not positive, `limits` do not ascend, an axis is given for what has its own, or
        `samples` without a sample rate.
    DimensionMismatchError
        If an axis has another length than the array.

    See Also
    --------
    spectrograms.integrations.figures.contact_sheet : Many pictures on one page.

    Notes
    -----
    Every band is drawn equally high, from halfway to the band below to halfway to the band above. NaN is left
    blank. Pictures are made when the figure is drawn, at its resolution: of several values in one pixel the
    largest is shown, of interaural differences and cepstra the one farthest from zero. So an hour is drawn in
    a second, and zooming shows all that the view holds.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> from matplotlib.figure import Figure
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> ax = sg.compute_linear_db_spectrogram(tone, params).plot(Figure().add_subplot(), samples=tone)
    >>> ax.get_ylabel()
    'Frequency (kHz)'
    """
    if not dynamic_range > 0:
        raise InvalidInputError(f"dynamic_range must be > 0 dB, got {dynamic_range}")
    if limits is not None and not limits[0] < limits[1]:
        raise InvalidInputError(f"limits must ascend, got {shown(limits)}")
    mpl = require("matplotlib", "drawing spectrograms")
    subject = subject_of(
        result, source=source, times=times, frequencies=frequencies, unit=unit, signed=signed
    )
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.gca()
    # Times of a result that knows where it begins in seconds have that in them.
    known = getattr(result, "start", 0.0)
    start = known if start is None else start
    clock = start if isinstance(start, datetime) else None
    begins = 0.0 if clock is not None else float(start)  # type: ignore[arg-type]
    moved = begins - (0.0 if isinstance(known, datetime) else float(known))
    edges = edges_of(subject.columns + (moved if subject.along == "time" else 0.0))
    if subject.rows is None:
        _curves(subject, ax, edges)
    else:
        norm, ends = _colours(mpl, subject, dynamic_range, limits)
        drawn = _cells(subject, ax, edges, norm=norm, cmap=cmap or _MAPS.get(subject.kind, "magma"))
        if notes is not None and subject.upwards == "frequency":
            subject = replace(subject, notes=notes)
        _upwards(subject, ax)
        _fit(ax)
        if colorbar:
            bar = ax.figure.colorbar(drawn, ax=ax, label=subject.label, pad=0.02, extend=ends)
            bar.ax.tick_params(labelsize="small")
            _fit(bar.ax)
    ax.set_xlim(edges[0], edges[-1])
    _across(subject, ax, clock)
    above = ax
    if samples is not None:
        rate = sample_rate or getattr(result, "sample_rate", None)
        if rate is None or np.isnan(rate):
            raise InvalidInputError("samples need a sample_rate, which this result does not have")
        above = _waveform(ax, samples, rate, begins)
    if title is not None:
        (above or ax).set_title(title)
    (above or ax).set_title(subject.caption, loc="right", fontsize="small")
    return ax


def _fit(ax):
    from spectrograms.integrations.pictures.axes import fit_label

    fit_label(ax)


def _across(subject, ax, clock):
    from spectrograms.integrations.pictures import axes

    if subject.along == "time":
        axes.time_axis(ax, clock)
    else:
        ax.set_xlabel(subject.along)
        if subject.along == "Frame":
            axes.whole_numbers(ax.xaxis)
    # Of rows that share their axis, the lowest alone has numbers.
    ax.xaxis.label.set_visible(ax.xaxis.get_tick_params()["labelbottom"])


def _upwards(subject, ax):
    from spectrograms.integrations.pictures import axes

    edges = edges_of(subject.rows)
    if subject.upwards == "frequency":
        even = evenly_spaced(subject.rows)
        axes.frequency_axis(ax, edges, subject.scale, even=even, notes=subject.notes)
        return
    ax.set_ylim(edges[0], edges[-1])
    ax.set_ylabel(subject.upwards)
    if subject.names:
        axes.named_rows(ax, subject.names)
    elif subject.rows[-1] - subject.rows[0] == len(subject.rows) - 1:
        axes.whole_numbers(ax.yaxis)


def _curves(subject, ax, edges):
    """One curve over time, or several over frequency with a legend."""
    from spectrograms.integrations.pictures.cells import Curve

    columns = (edges[1:] + edges[:-1]) / 2
    logarithmic = subject.kind in ("power", "magnitude")
    for number, values in enumerate(subject.values):
        name = subject.names[number] if subject.names else None
        curve = Curve(columns, values, label=name, color=f"C{number}", linewidth=1.2)
        ax.add_line(curve)
    finite = subject.values[np.isfinite(subject.values)]
    finite = finite[finite > 0] if logarithmic else finite
    if finite.size:
        ax.update_datalim([(columns[0], finite.min()), (columns[-1], finite.max())])
    if logarithmic:
        ax.set_yscale("log")
    ax.autoscale_view(scalex=False)
    ax.set_ylabel(subject.label)
    if len(subject.names) > 1:
        ax.legend()


def _cells(subject, ax, edges, **colours):
    from spectrograms.integrations.pictures.cells import Cells

    keep = {"phase": "middle", "signed": "farthest"}.get(subject.kind, "highest")
    drawn = Cells(ax, subject.values, edges, edges_of(subject.rows), keep, **colours)
    ax.add_image(drawn)
    drawn.set_clip_path(ax.patch)
    return drawn


def _waveform(ax, samples, rate, begins):
    """The signal above the axes, over the same time."""
    from spectrograms.integrations.pictures.cells import Curve

    samples = np.asarray(samples)
    if samples.ndim != 1 or samples.dtype.kind not in "fiu" or not samples.size:
        raise InvalidInputError(f"samples must be 1-D real numbers, got {samples.dtype} {samples.shape}")
    above = ax.inset_axes(_ABOVE, sharex=ax)
    above.add_line(Curve((begins, 1 / rate), samples, color="C0", linewidth=0.6))
    most = float(np.abs(samples[[samples.argmin(), samples.argmax()]].astype(float)).max())
    above.set_ylim(-1.05 * most or -1.0, 1.05 * most or 1.0)
    above.tick_params(labelbottom=False, labelsize="x-small")
    above.yaxis.get_major_locator().set_params(nbins=3)
    return above


def _colours(mpl, subject, dynamic_range, limits):
    """How values become colours, and at which ends of the colour bar there are more."""
    lowest, top = _extremes(subject.values)
    if limits is not None:
        made = mpl.colors.LogNorm if subject.kind in ("power", "magnitude") else mpl.colors.Normalize
        return made(*limits, clip=True), "neither"
    if subject.limits is not None:
        return mpl.colors.Normalize(*subject.limits), "neither"
    if subject.kind == "signed":
        # The first coefficient of a cepstrum is its level: it would leave no colours to the others.
        rest = subject.values[1:] if subject.upwards == "Coefficient" and len(subject.values) > 2 else None
        low, high = (lowest, top) if rest is None else _extremes(rest)
        most = max(-low, high) or 1.0
        ends = ("neither", "min", "max", "both")[(lowest < -most) + 2 * (top > most)]
        return mpl.colors.Normalize(-most, most), ends
    if subject.kind in ("linear", "positive"):
        low = 0.0 if subject.kind == "positive" else lowest
        return mpl.colors.Normalize(low, top if top > low else low + 1.0), "neither"
    if subject.kind == "db":
        low = max(top - dynamic_range, lowest)
        return mpl.colors.Normalize(low, top), "min" if lowest < low else "neither"
    if not top > 0:  # digital silence: nothing to take a logarithm of
        return mpl.colors.Normalize(0.0, 1.0), "neither"
    low = top * 10 ** (-dynamic_range / (20 if subject.kind == "magnitude" else 10))
    low = max(low, lowest)
    return mpl.colors.LogNorm(low if low < top else top / 10, top, clip=True), "neither"


def _extremes(values):
    """The lowest and the highest value that are finite; 0 and 1 if none is."""
    lowest, top = float(values.min()), float(values.max())
    if not (np.isfinite(lowest) and np.isfinite(top)):
        values = values[np.isfinite(values)]
        lowest, top = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    return lowest, top
