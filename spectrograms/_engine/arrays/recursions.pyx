"""Recursions over the frames of whole arrays, each row by itself and without the GIL.

The `ndarray` arguments are trusted: a caller hands over the dtype and layout that a docstring asks for.
"""
from libc.math cimport sqrt
from libc.stdint cimport int64_t
from libc.string cimport memset

cimport numpy as cnp

from spectrograms._engine.kernels.kernels cimport kernels_for, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block

cnp.import_array()


cdef inline double _get(const char *x, int64_t i, ptrdiff_t size) noexcept nogil:
    return (<const float *>x)[i] if size == 4 else (<const double *>x)[i]


cdef inline void _set(char *x, int64_t i, ptrdiff_t size, double value) noexcept nogil:
    if size == 4:
        (<float *>x)[i] = <float>value
    else:
        (<double *>x)[i] = value


def stretch(cnp.ndarray x, cnp.ndarray out, int64_t first, int64_t end, cnp.ndarray frames,
            cnp.ndarray shares, cnp.ndarray phase, int64_t begun):
    """Write rows first .. end of spectra at other times, with phases that go on.

    Parameters
    ----------
    x : ndarray of complex64 or complex128, C-contiguous, shape (n_bins, n_frames)
    out : ndarray of the same dtype, C-contiguous, shape (n_bins, n_out)
    frames : ndarray of int64, shape (n_out,)
        The frame before each time, below `n_frames`; after the last one comes silence.
    shares : ndarray of float64, shape (n_out,)
        How far each time is on the way to the next frame, 0..1.
    phase : ndarray of the same dtype, shape (n_bins,)
        The phases of the next frame to be written, numbers of magnitude 1; they are updated.
    begun : int
        0 where the phases are those of the first frame of `x` instead.
    """
    cdef const sg_kernels *k = kernels_for(cnp.PyArray_ITEMSIZE(x) == 8)
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t width = k.width
    cdef int64_t n_frames = cnp.PyArray_DIM(x, 1), n = cnp.PyArray_DIM(out, 1)
    cdef const char *source = <const char *>cnp.PyArray_DATA(x)
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef char *state = <char *>cnp.PyArray_DATA(phase)
    cdef const int64_t *places = <const int64_t *>cnp.PyArray_DATA(frames)
    cdef const double *parts = <const double *>cnp.PyArray_DATA(shares)
    cdef int64_t row = 2 * width * size
    # Columns of bins, side by side: the original with a frame of silence behind it, and the result.
    cdef AlignedBlock memory = new_block((n_frames + n + 2) * row)
    cdef char *tile = <char *>memory.ptr
    cdef char *turned = tile + (n_frames + 1) * row
    cdef char *made = turned + row
    cdef int64_t at = first, lanes, j
    cdef double re, im, size_of
    with nogil:
        memset(tile, 0, (n_frames + 1) * row)
        while at < end:
            lanes = min(width, end - at)
            if lanes < width:
                memset(tile, 0, n_frames * row)
            k.transpose_complex(source + at * n_frames * 2 * size, n_frames, tile, width, lanes, n_frames)
            for j in range(width):
                re, im = 1, 0
                if j < lanes:
                    re = _get(state, 2 * (at + j), size)
                    im = _get(state, 2 * (at + j) + 1, size)
                    if begun == 0:
                        re, im = _get(tile, 2 * j, size), _get(tile, 2 * j + 1, size)
                        size_of = sqrt(re * re + im * im)
                        re, im = (re / size_of, im / size_of) if size_of > 0 else (1.0, 0.0)
                _set(turned, j, size, re)
                _set(turned, width + j, size, im)
            k.stretch(tile, places, parts, n, turned, made)
            for j in range(lanes):
                _set(state, 2 * (at + j), size, _get(turned, j, size))
                _set(state, 2 * (at + j) + 1, size, _get(turned, width + j, size))
            k.transpose_complex(made, width, target + at * n * 2 * size, n, n, lanes)
            at += width


def running_mean(cnp.ndarray x, cnp.ndarray out, cnp.ndarray state, double smoothing):
    """Write ``M[t] = (1 - smoothing) * M[t - 1] + smoothing * x[t]`` of each row.

    Parameters
    ----------
    x, out : ndarray of float64, C-contiguous, shape (rows, frames)
    state : ndarray of float64, shape (rows,)
        ``(1 - smoothing) * M[-1]``; that of the last frame afterwards.
    smoothing : float
    """
    cdef int64_t rows = cnp.PyArray_DIM(x, 0), frames = cnp.PyArray_DIM(x, 1), r, t
    cdef const double *source = <const double *>cnp.PyArray_DATA(x)
    cdef double *target = <double *>cnp.PyArray_DATA(out)
    cdef double *states = <double *>cnp.PyArray_DATA(state)
    cdef double kept = 1.0 - smoothing, before
    with nogil:
        for r in range(rows):
            before = states[r]
            for t in range(frames):
                target[t] = before + smoothing * source[t]
                before = kept * target[t]
            states[r] = before
            source += frames
            target += frames
