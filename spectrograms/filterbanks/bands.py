"""The band form of a filterbank: of each row only the span from its first to its last weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Bands:
    """A matrix of shape ``(n_bands, n_inputs)`` that is zero outside one span per row.

    Row b is zero except for ``values[offsets[b] : offsets[b] + lengths[b]]``, which stand in the columns from
    ``starts[b]`` on. A row may be empty; spans may overlap.

    Attributes
    ----------
    starts, lengths, offsets : ndarray, shape (n_bands,), int64
    values : ndarray, shape (sum of lengths,), float64
    n_inputs : int
        Number of columns.
    """

    starts: np.ndarray
    lengths: np.ndarray
    offsets: np.ndarray
    values: np.ndarray
    n_inputs: int

    @classmethod
    def from_rows(cls, rows: Any, n_inputs: int) -> Self:
        """Build from a sequence of pairs ``(start, weights)``, one per row."""
        starts = np.array([start for start, _ in rows], dtype=np.int64)
        lengths = np.array([len(weights) for _, weights in rows], dtype=np.int64)
        values = np.concatenate([weights for _, weights in rows]).astype(np.float64, copy=False)
        return cls(starts, lengths, _offsets(lengths), values, n_inputs)

    @classmethod
    def from_entries(
        cls, rows: NDArray[Any], columns: NDArray[Any], weights: NDArray[Any], shape: tuple[int, int]
    ) -> Self:
        """Build from single weights, ordered by row and by column within a row; zeros are left out."""
        kept = weights != 0.0
        rows, columns, weights = rows[kept], columns[kept], weights[kept]
        n_bands, n_inputs = shape
        counts = np.bincount(rows, minlength=n_bands)
        filled = counts > 0
        stop = np.cumsum(counts)
        starts = np.zeros(n_bands, dtype=np.int64)
        lengths = np.zeros(n_bands, dtype=np.int64)
        starts[filled] = columns[(stop - counts)[filled]]
        lengths[filled] = columns[stop[filled] - 1] - starts[filled] + 1
        offsets = _offsets(lengths)
        values = np.zeros(lengths.sum())
        values[offsets[rows] + columns - starts[rows]] = weights
        return cls(starts, lengths, offsets, values, n_inputs)

    @classmethod
    def from_dense(cls, matrix: ArrayLike) -> Self:
        """Build from a matrix of shape ``(n_bands, n_inputs)``."""
        matrix = np.asarray(matrix, dtype=np.float64)
        rows, columns = np.nonzero(matrix)
        return cls.from_entries(rows, columns, matrix[rows, columns], matrix.shape)

    def dense(self) -> NDArray[np.float64]:
        """Return the matrix, a float64 ndarray of shape ``(n_bands, n_inputs)``."""
        matrix = np.zeros((self.n_bands, self.n_inputs))
        cells = Spans(self.starts, self.lengths)
        matrix[cells.rows, cells.columns] = self.values
        return matrix

    @property
    def n_bands(self) -> int:
        """Number of rows."""
        return len(self.starts)

    @property
    def density(self) -> float:
        """Stored part of the matrix, 0..1."""
        cells = self.n_bands * self.n_inputs
        return len(self.values) / cells if cells else 0.0


class Spans:
    """Runs of columns, one in each row, with the row and the column of every cell in them, row by row.

    Parameters
    ----------
    starts, lengths : ndarray of int64, shape (n_rows,)
    """

    __slots__ = ("_lengths", "_offsets", "_starts", "columns", "rows")

    def __init__(self, starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> None:
        self._starts, self._lengths, self._offsets = starts, lengths, _offsets(lengths)
        self.rows: NDArray[np.intp] = np.arange(len(starts)).repeat(lengths)
        self.columns: NDArray[np.intp] = np.arange(len(self.rows))
        self.columns -= (self._offsets - starts).repeat(lengths)

    def bands(self, weights: NDArray[np.float64], n_inputs: int) -> Bands:
        """The weights of these cells as a bank."""
        if not weights.all():
            # Those that are 0 may be left out at the ends.
            return Bands.from_entries(self.rows, self.columns, weights, (len(self._starts), n_inputs))
        starts = np.where(self._lengths > 0, self._starts, 0)
        return Bands(starts, self._lengths, self._offsets, weights, n_inputs)


def _offsets(lengths):
    return lengths.cumsum() - lengths
