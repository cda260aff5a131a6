"""Artists that look at their data when they are drawn: as many values as the view has pixels, never more.

An image of an hour is drawn like one of a second, and zooming shows what is there, not the pixels of the
first view magnified. Matplotlib is imported here, so this module is imported when something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.transforms import IdentityTransform

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Values to a pixel of a curve: lowest and highest. And pixels of a view that is not known yet.
_PER_PIXEL, _WIDTH = 2, 2048


class Cells(AxesImage):
    """Coloured cells between any edges, on any scale of the axes.

    Where a pixel covers several cells, it shows the one farthest up (or, of signed values, farthest from
    zero), so that no onset is lost; of phases, whose order means nothing, the one in its middle.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    values : ndarray of real numbers, shape (n_rows, n_columns)
    column_edges, row_edges : ndarray of float64
        Ascending, one more than columns and rows.
    keep : {"highest", "farthest", "middle"}
        Which value of several.
    **colours
        `cmap` and `norm` of Matplotlib.
    """

    axes: Any

    def __init__(
        self,
        ax: Any,
        values: NDArray[Any],
        column_edges: NDArray[np.float64],
        row_edges: NDArray[np.float64],
        keep: str = "highest",
        **colours: Any,
    ) -> None:
        extent: Any = [float(edge) for edges in (column_edges, row_edges) for edge in (edges[0], edges[-1])]
        super().__init__(ax, extent=extent, origin="lower", interpolation="nearest", **colours)
        self._columns, self._rows, self._keep = column_edges, row_edges, keep
        self.set_data(values)
        self.sticky_edges.x[:] = extent[:2]
        self.sticky_edges.y[:] = extent[2:]

    def set_data(self, A: Any) -> None:
        """Take an array as it is: Matplotlib would copy it, and look at every value."""
        self._A = A
        self.stale = True

    def can_composite(self) -> bool:
        """Whether it may be joined with other images: never, its pixels are those of its own view."""
        return False

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """The pixels of the present view."""
        bounds = self.axes.bbox.extents * magnification
        left, right, columns = self._pixels(0, bounds[[0, 2]], magnification, self._columns)
        bottom, top, rows = self._pixels(1, bounds[[1, 3]], magnification, self._rows)
        if right <= left or top <= bottom:
            return None, 0, 0, IdentityTransform()
        shown = reduced(reduced(self._A, columns, 1, self._keep), rows, 0, self._keep)
        image = self.to_rgba(np.ma.masked_invalid(shown), bytes=True, norm=True)
        return image, left / magnification, bottom / magnification, IdentityTransform()

    def _pixels(self, axis, bounds, magnification, edges):
        """First and last pixel with data, and for each between them the first and last cell beneath it."""
        to_pixels = self.axes.transData
        ends = np.zeros((2, 2)) + self.axes.transAxes.transform((0.5, 0.5))
        inside = self.axes.transData.inverted().transform(ends)
        inside[:, axis] = edges[[0, -1]]
        ends = to_pixels.transform(inside)[:, axis] * magnification
        first = round(max(bounds[0], ends.min()))
        last = round(min(bounds[1], ends.max()))
        if last <= first:  # a sliver, or nothing at all
            last = first + (bounds[0] <= first < bounds[1] and ends.max() > bounds[0])
        at = np.zeros((last - first + 1, 2)) + self.axes.transAxes.transform((0.5, 0.5))
        at[:, axis] = np.arange(first, last + 1) / magnification
        places = to_pixels.inverted().transform(at)[:, axis]
        if len(places) < 2:
            return first, last, None
        reverse = places[0] > places[-1]
        places = places[::-1] if reverse else places
        middles = (places[1:] + places[:-1]) / 2
        n = len(edges) - 1
        starts = np.clip(np.searchsorted(edges, places, "right") - 1, 0, n - 1)
        starts, stop = starts[:-1], max(starts[-1], starts[-2] + 1)
        nearest = np.clip(np.searchsorted(edges, middles, "right") - 1, 0, n - 1)
        return first, last, (starts, stop, nearest, reverse)

    def get_cursor_data(self, event: Any) -> Any:
        """The value beneath the pointer, or None."""
        x, y = self.axes.transData.inverted().transform((event.x, event.y))
        column = np.searchsorted(self._columns, x, "right") - 1
        row = np.searchsorted(self._rows, y, "right") - 1
        if not (0 <= row < self._A.shape[0] and 0 <= column < self._A.shape[1]):
            return None
        return self._A[row, column]


def reduced(values: NDArray[Any], places: Any, axis: int, keep: str) -> NDArray[Any]:
    """One value for each pixel along an axis.

    Parameters
    ----------
    values : ndarray
    places : tuple
        For each pixel the first cell that it covers, then the first cell after the last pixel, the cell in
        the middle of each pixel, and whether pixels run against the cells.
    axis : int
    keep : {"highest", "farthest", "middle"}
    """
    starts, stop, nearest, reverse = places
    if keep == "middle" or stop - starts[0] <= len(starts):
        shown = values.take(nearest, axis=axis)
    else:
        part = values[:, starts[0] : stop] if axis else values[starts[0] : stop]
        shown = _over(part, starts - starts[0], axis, keep == "farthest")
    return np.flip(shown, axis) if reverse else shown


def _over(part, starts, axis, signed):
    highest = np.maximum.reduceat(part, starts, axis=axis)
    if not signed:
        return highest
    lowest = np.minimum.reduceat(part, starts, axis=axis)
    return np.where(highest < -lowest, lowest, highest)


class Curve(Line2D):
    """A curve of many values: of each pixel the lowest and the highest, when it is drawn.

    Parameters
    ----------
    times : ndarray of float64, shape (n,), or tuple of two floats
        Ascending; or the first, and the step from each to the next, which takes no memory.
    values : ndarray, shape (n,)
    **options
        Of `matplotlib.lines.Line2D`.
    """

    axes: Any

    def __init__(
        self, times: NDArray[np.float64] | tuple[float, float], values: NDArray[Any], **options: Any
    ) -> None:
        super().__init__([], [], **options)
        self._times, self._values = times, values
        self._look(-np.inf, np.inf, _WIDTH)

    def draw(self, renderer: Any) -> None:
        """Look at what is in view, then draw it."""
        if len(self._values) > _PER_PIXEL * _WIDTH:
            low, high = sorted(self.axes.get_xlim())
            self._look(low, high, max(1, int(self.axes.bbox.width * renderer.get_image_magnification())))
        super().draw(renderer)

    def _look(self, low, high, width):
        first, last = self._within(low, high)
        values = self._values[first:last]
        step = -(-len(values) // width) if len(values) > _PER_PIXEL * width else 1
        if step == 1:
            self.set_data(self._at(np.arange(first, last)), values)
            return
        starts = np.arange(0, len(values), step)
        ends = [each.reduceat(values, starts) for each in (np.minimum, np.maximum)]
        self.set_data(self._at(first + np.repeat(starts, 2)), np.stack(ends, 1).ravel())

    def _within(self, low, high):
        """First and last value in view, and one more on each side."""
        n = len(self._values)
        if isinstance(self._times, tuple):
            begin, step = self._times
            places = np.clip((np.array([low, high]) - begin) / step, -1.0, n + 1.0)
            return max(0, int(places[0]) - 1), min(n, int(places[1]) + 2)
        inside = np.searchsorted(self._times, [low, high])
        return max(0, int(inside[0]) - 1), min(n, int(inside[1]) + 1)

    def _at(self, places):
        if isinstance(self._times, tuple):
            return self._times[0] + self._times[1] * places
        return self._times[places]
