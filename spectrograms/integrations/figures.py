"""Figures of several pictures: contact sheets, comparisons, and how figures become files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError
from spectrograms.integrations.plot import plot

# Inches of one picture of a sheet.
_CELL = (3.2, 1.9)
_THEMES = {"light": "default", "dark": "dark_background"}


@contextmanager
def themed(name: str = "light") -> Iterator[None]:
    """Draw in a style: ``"light"``, ``"dark"`` or one of Matplotlib's, such as ``"ggplot"``.

    Parameters
    ----------
    name : str, default "light"
        Figures must be made and saved within.

    Raises
    ------
    InvalidInputError
        If there is no such style.
    """
    require("matplotlib", "drawing spectrograms")
    from matplotlib import style

    try:
        context = style.context(_THEMES.get(name, name))
        context.__enter__()
    except OSError:
        raise InvalidInputError(
            f"theme must be light, dark or a style of Matplotlib ({', '.join(style.available[:5])}, ...), "
            f"got {name!r}"
        ) from None
    try:
        yield
    finally:
        context.__exit__(None, None, None)


def new_figure(size: tuple[float, float] = (10.0, 4.5)) -> Any:
    """An empty figure of a size in inches, made without pyplot.

    Pyplot would choose a window system, and keep every figure alive.
    """
    require("matplotlib", "drawing spectrograms")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def contact_sheet(
    items: Iterable[tuple[str, Any]],
    *,
    columns: int | None = None,
    title: str | None = None,
    frequencies: tuple[float, float] | None = None,
    figure: Any = None,
    **options: Any,
) -> Any:
    """Draw many results on one page, each with its name.

    Parameters
    ----------
    items : iterable of (str, result)
        Names and what :func:`spectrograms.integrations.plot.plot` takes.
    columns : int, optional
        Pictures side by side; by default as many as down.
    title : str, optional
        Over all.
    frequencies : tuple of two floats, optional
        Lowest and highest frequency to show, in Hz.
    figure : matplotlib.figure.Figure, optional
        Where to draw; by default a new one, of a size that fits.
    **options
        Of :func:`spectrograms.integrations.plot.plot`. With `limits`, colours mean the same in all.

    Returns
    -------
    matplotlib.figure.Figure
        With one axes for each item.

    Raises
    ------
    InvalidInputError
        If there are no items.

    See Also
    --------
    spectrograms.integrations.plot.plot : One picture.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> from spectrograms.integrations.figures import contact_sheet
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> noise = np.random.default_rng(0).standard_normal((5, 16000))
    >>> items = [(f"clip {i}", sg.compute_linear_db_spectrogram(x, params)) for i, x in enumerate(noise)]
    >>> len(contact_sheet(items, limits=(-60, 40)).axes)
    5
    """
    items = list(items)
    if not items:
        raise InvalidInputError("items must not be empty")
    across = columns or max(1, min(6, math.ceil(math.sqrt(len(items)))))
    down = -(-len(items) // across)
    if figure is None:
        figure = new_figure((_CELL[0] * across, _CELL[1] * down))
    for number, (name, item) in enumerate(items, 1):
        ax = figure.add_subplot(down, across, number)
        plot(item, ax, **{"colorbar": False, **options})
        ax.set_title(plain(name), fontsize="small")
        ax.tick_params(labelsize="x-small")
        ax.xaxis.label.set_fontsize("x-small")
        ax.yaxis.label.set_fontsize("x-small")
        if (number - 1) % across:
            ax.set_ylabel("")
        if frequencies is not None:
            ax.set_ylim(*frequencies)
    if title is not None:
        figure.suptitle(title)
    return figure


def plot_comparison(
    panels: Sequence[tuple[str, Any, Any, Any]], words: str, figure: Any = None, **options: Any
) -> Any:
    """Draw two features above each other, and their difference where they have the same rows.

    Parameters
    ----------
    panels : sequence of (str, ndarray, times, frequencies or None)
        The two, their rows first.
    words : str
        What stands over them.
    figure : matplotlib.figure.Figure or None
        By default a new one.
    **options
        Of :func:`spectrograms.integrations.plot.plot`, for the two.

    Returns
    -------
    matplotlib.figure.Figure
    """
    (_, a, times, frequencies), (_, b, *_) = panels
    same = len(a) == len(b)
    if figure is None:
        figure = new_figure((9.0, 2.4 * (2 + same)))
    axes = figure.subplots(2 + same, 1, squeeze=False)[:, 0]
    for ax, (name, values, seconds, hertz) in zip(axes, panels, strict=False):
        plot(values, ax, times=seconds, frequencies=hertz, title=plain(name), **options)
    if same:
        frames = min(a.shape[1], b.shape[1])
        sizes = [np.abs(each) if np.iscomplexobj(each) else each.astype(float) for each in (a, b)]
        apart = sizes[1][:, :frames] - sizes[0][:, :frames]
        plot(apart, axes[2], times=times[:frames], frequencies=frequencies, signed=True, title="b - a")
    figure.suptitle(plain(words), fontsize="medium")
    return figure


def plain(text: str) -> str:
    """Text that Matplotlib does not typeset as a formula, as it would between dollar signs."""
    return text.replace("$", r"\$")
