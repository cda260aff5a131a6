"""Labels of axes: seconds, minutes and hours, the time of day, round frequencies, notes."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from matplotlib.textpath import TextToPath
from matplotlib.ticker import Formatter, FuncFormatter, Locator, MaxNLocator, NullLocator

# Steps between labels of time, in seconds; below a second, decimal ones.
_SIXTIETHS = (1, 2, 5, 10, 15, 30)
_HOURLY = tuple(3600 * hours for hours in (1, 2, 3, 6, 12, 24))
_STEPS = (*_SIXTIETHS, *(60 * minutes for minutes in _SIXTIETHS), *_HOURLY)
_MINUTES, _HOURS = 120.0, 3600.0
# Labels of an axis that may be replaced by another when the view changes.
_TIMES = {"Time (s)", "Time (min:s)", "Time (h:min)", "Time (h:min:s)", ""}

# Frequencies worth a label, in each decade, and if these are too few.
_ROUND = ((1, 2, 5), tuple(range(1, 10)), tuple(np.arange(10, 100) / 10))
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
# Which notes of an octave are named: the most that have room.
_NOTES = (range(12), (0, 2, 4, 5, 7, 9, 11), (0, 4, 7), (0,))

# How long a label may be, as a share of its axis, of which layouts take some for titles and times; and the
# least size of one that is longer.
_SHARE, _SMALLEST = 0.9, 0.6


class TimeLocator(Locator):
    """Round times: seconds, minutes, hours; of a clock if `midnight`, the seconds since then, is given."""

    axis: Any

    def __init__(self, midnight: float = 0.0) -> None:
        self._midnight = midnight

    def __call__(self) -> Any:
        """Where labels stand in the present view."""
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Round times from `vmin` to `vmax` seconds."""
        low, high = sorted((vmin, vmax))
        most = min(9, max(2, self.axis.get_tick_space())) if self.axis is not None else 9
        if high - low < 2 * most:
            usual = MaxNLocator(most, steps=[1, 2, 5, 10])
            return np.asarray(usual.tick_values(low + self._midnight, high + self._midnight)) - self._midnight
        days = 86400 * -(-(high - low) // (86400 * most))
        step: float = next((step for step in _STEPS if (high - low) / step <= most), days)
        first = np.ceil((low + self._midnight) / step)
        return np.arange(first, (high + self._midnight) / step + 1e-9) * step - self._midnight


class TimeFormatter(Formatter):
    """Seconds as people write them: ``12``, ``3:20``, ``1:05`` hours, ``14:05:30`` of a clock.

    Parameters
    ----------
    start : datetime, optional
        When second 0 was; without it, times are counted.
    """

    axis: Any

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start
        self._step, self._longest = 1.0, 0.0

    def format_ticks(self, values: Any) -> list[str]:
        """Labels in the way of writing that suits all of them, which is said beside the axis."""
        self._step = float(np.diff(values).min()) if len(values) > 1 else 1.0
        self._longest = float(np.abs(self.axis.get_view_interval()).max())
        if self._start is None and self.axis.get_label_text() in _TIMES:
            self.axis.set_label_text(f"Time ({self._unit()})")
        return [self(value) for value in values]

    def _unit(self):
        if self._longest <= _MINUTES:
            return "s"
        if self._longest < _HOURS:
            return "min:s"
        return "h:min" if self._step >= 60 else "h:min:s"

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The label of a time."""
        digits = max(0, -int(np.floor(np.log10(self._step) + 1e-9))) if self._step < 1 else 0
        if self._start is not None:
            return self._of_day(x, digits)
        unit = self._unit()
        if unit == "s":
            return f"{round(x, 9) + 0.0:g}"
        sign, x = "-" if x < 0 else "", abs(round(x, digits))
        hours, minutes = divmod(int(x // 60), 60)
        seconds = f"{x % 60:0{3 + digits if digits else 2}.{digits}f}"
        if unit == "min:s":
            return f"{sign}{minutes}:{seconds}"
        return f"{sign}{hours}:{minutes:02d}" + (f":{seconds}" if unit == "h:min:s" else "")

    def _of_day(self, x, digits):
        at = self._start + timedelta(seconds=float(np.round(x, digits)))
        if self._step >= 86400:
            return at.strftime("%d %b").lstrip("0")
        if self._step >= 60:
            return at.strftime("%H:%M")
        text = at.strftime("%H:%M:%S.%f")
        return text[: 8 + (1 + digits if digits else 0)]

    def format_data_short(self, value: float) -> str:
        """What is shown beside the pointer."""
        return f"{value:.4f} s" if self._start is None else self._of_day(value, 3)


def time_axis(ax: Any, start: datetime | None = None) -> None:
    """Make the horizontal axis one of time, in data coordinates of seconds."""
    since = 0.0
    if start is not None:
        since = (start - start.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        ax.set_xlabel(f"Time on {start.day} {start:%B %Y}" + (f" ({start:%Z})" if start.tzinfo else ""))
    else:
        ax.set_xlabel("Time (s)")
    ax.xaxis.set_major_locator(TimeLocator(since))
    ax.xaxis.set_major_formatter(TimeFormatter(start))


class RoundLocator(Locator):
    """Round frequencies, on an axis of any scale: more of them the fewer are in view."""

    axis: Any
    # The nearest that two labels may come, as a share of the axis.
    gap: float = 0.06

    def __call__(self) -> Any:
        """Where labels stand in the present view."""
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Round frequencies from `vmin` to `vmax` Hz."""
        low, high = sorted((vmin, vmax))
        chosen: list[float] = []
        for steps in _ROUND:
            decades = np.arange(np.floor(np.log10(max(high, 1e-9))) + 1) if high > 1 else [0.0]
            candidates = np.unique(np.outer(10.0 ** np.asarray(decades), steps).ravel())
            chosen = self._apart(candidates[(candidates >= low) & (candidates <= high)])
            if len(chosen) >= 3:
                return chosen
        return MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)

    def _apart(self, candidates):
        """From the top, where bands are narrow on every scale and the labels matter most."""
        at = self.axis.get_transform().transform
        bottom, top = at(np.asarray(self.axis.get_view_interval(), float))
        room = 0.55 if self.axis.axis_name == "y" else 0.9  # labels are wider than high
        gap = max(self.gap, room / max(1, self.axis.get_tick_space()))  # more where pictures are small
        chosen, above = [], np.inf
        for place, height in zip(candidates[::-1], at(candidates[::-1]), strict=True):
            height = (height - bottom) / ((top - bottom) or 1.0)
            if abs(above - height) >= gap:
                chosen.append(float(place))
                above = height
        return chosen[::-1]


class NoteLocator(RoundLocator):
    """The notes in view: every C, and more of each octave where there is room."""

    gap: float = 0.045

    def __init__(self, tuning: float = 440.0) -> None:
        self._tuning = tuning

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Frequencies of notes from `vmin` to `vmax` Hz."""
        low, high = sorted((max(vmin, 1e-3), max(vmax, 1e-3)))
        numbers = np.arange(*(np.ceil(69 + 12 * np.log2(np.array([low, high]) / self._tuning) + (0, 1e-9))))
        for kept in _NOTES:
            notes = numbers[np.isin(numbers % 12, list(kept))]
            places = self._tuning * 2 ** ((notes - 69) / 12)
            if len(self._apart(places)) == len(places):
                break
        return places if len(places) else super().tick_values(vmin, vmax)


def note_of(hz: float, tuning: float = 440.0) -> str:
    """The nearest note by its name: ``C4`` is the middle one."""
    number = round(69 + 12 * float(np.log2(hz / tuning)))
    return f"{_NAMES[number % 12]}{number // 12 - 1}"


def frequency_axis(
    ax: Any, edges: Any, scale: str | None = None, *, even: bool, notes: bool = False, upwards: bool = True
) -> None:
    """Make an axis one of Hz, on which all rows are equally high.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    edges : ndarray of float64
        Of the rows, ascending.
    scale : str or None
        What to call the scale.
    even : bool
        Whether the rows are equally high in Hz already.
    notes : bool
        Whether to name notes, with the Hz beside.
    upwards : bool
        Whether it is the vertical axis.
    """
    axis = ax.yaxis if upwards else ax.xaxis
    if not even:
        rows = np.arange(len(edges), dtype=float)
        ways = partial(np.interp, xp=edges, fp=rows), partial(np.interp, xp=rows, fp=edges)
        (ax.set_yscale if upwards else ax.set_xscale)("function", functions=ways)
        axis.set_major_locator(RoundLocator())
        axis.set_minor_locator(NullLocator())
    per_unit, unit = (1000, "kHz") if edges[-1] >= 1000 else (1, "Hz")
    axis.set_major_formatter(FuncFormatter(lambda hz, _: f"{hz / per_unit:g}"))
    (ax.set_ylim if upwards else ax.set_xlim)(max(edges[0], 0.0), edges[-1])
    name = "Frequency"
    if notes:
        name, unit = "Note", "Hz"
        axis.set_major_locator(NoteLocator())
        axis.set_major_formatter(FuncFormatter(lambda hz, _: f"{note_of(hz)}  {_short(hz)}"))
    axis.set_label_text(f"{name} ({unit}, {scale})" if scale else f"{name} ({unit})")


def _short(hz):
    return f"{hz:.0f}" if hz >= 100 else f"{hz:.1f}"


def whole_numbers(axis: Any) -> None:
    """Label an axis at whole numbers alone."""
    axis.set_major_locator(MaxNLocator(integer=True))


class RowLocator(Locator):
    """Rows that have names: all of them, or every second, third, ... where there is no room."""

    axis: Any

    def __init__(self, n_rows: int) -> None:
        self._n_rows = n_rows

    def __call__(self) -> Any:
        """Where labels stand in the present view."""
        return self.tick_values(*self.axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Any:
        """Rows from `vmin` to `vmax`."""
        low, high = sorted((vmin, vmax))
        rows = np.arange(max(0, np.ceil(low)), min(self._n_rows - 1, high) + 1e-9)
        # Matplotlib leaves a line between two labels; names of notes do with less.
        most = max(2, int(1.6 * self.axis.get_tick_space()))
        return rows[:: max(1, -(-len(rows) // most))]


def named_rows(ax: Any, names: Any, *, upwards: bool = True) -> None:
    """Label rows with names, no more than there is room for."""
    axis = ax.yaxis if upwards else ax.xaxis
    axis.set_major_locator(RowLocator(len(names)))
    axis.set_major_formatter(FuncFormatter(lambda row, _: names[min(max(round(row), 0), len(names) - 1)]))


def fit_label(ax: Any) -> None:
    """Break the label of the vertical axis, and make it smaller, where it is longer than the axis is high."""
    label = ax.yaxis.label
    text, room = label.get_text(), _SHARE * ax.bbox.height / ax.figure.dpi * 72
    if _length(text, label) <= room:
        return
    start, comma, end = text.partition(", ")
    if comma:
        text = f"{start},\n{end}"
        label.set_text(text)
    longest = max(_length(line, label) for line in text.split("\n"))
    label.set_fontsize(label.get_fontsize() * min(1.0, max(room / longest, _SMALLEST)))


def _length(text, label):
    """Of a line of text, in points."""
    return TextToPath().get_text_width_height_descent(text, label.get_fontproperties(), ismath=False)[0]
