"""A matrix applied to whole results, for steps that come after one which needs the whole clip."""
from libc.stdint cimport int64_t

import numpy as np

from spectrograms._engine.kernels.kernels cimport kernels_for, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block

# Columns of a piece: its rows should stay in the first-level cache.
cdef enum:
    PIECE = 64


def apply_dense(weights, double[:, :] x):
    """Return ``weights @ x``, each column by the same instructions whatever stands beside it.

    Parameters
    ----------
    weights : ndarray, shape (n_out, n_in)
    x : ndarray of float64, shape (n_in, n_frames)

    Returns
    -------
    ndarray of float64, shape (n_out, n_frames)
    """
    cdef const sg_kernels *k = kernels_for(False)
    cdef const double[:, ::1] w = np.ascontiguousarray(weights, np.float64)
    cdef int64_t rows_in = w.shape[1], rows_out = w.shape[0], frames = x.shape[1]
    out = np.empty((rows_out, frames))
    cdef double[:, ::1] y = out
    cdef int64_t cells = (rows_in * rows_out + 7) // 8 * 8
    cdef AlignedBlock memory = new_block((cells + (rows_in + rows_out) * PIECE) * sizeof(double))
    cdef double *matrix = <double *>memory.ptr
    cdef double *tile = matrix + cells
    cdef double *result = tile + rows_in * PIECE
    cdef int64_t pieces = (frames + PIECE - 1) // PIECE
    cdef int64_t piece, first, count, r, i
    with nogil:
        for r in range(rows_out):
            for i in range(rows_in):
                matrix[r * rows_in + i] = w[r, i]
        for piece in range(pieces):
            first = piece * PIECE
            count = min(PIECE, frames - first)
            for r in range(rows_in):
                for i in range(count):
                    tile[r * PIECE + i] = x[r, first + i]
                for i in range(count, PIECE):
                    tile[r * PIECE + i] = 0
            k.dense(tile, PIECE, matrix, rows_out, rows_in, result, PIECE, PIECE)
            for r in range(rows_out):
                for i in range(count):
                    y[r, first + i] = result[r * PIECE + i]
    return out
