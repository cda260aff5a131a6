"""Passes over finished spectra: peaks of each frame, and rises from frame to frame."""
from libc.math cimport fabs
from libc.stdint cimport int64_t

import numpy as np

cimport numpy as cnp

cnp.import_array()

# Frames whose peaks are kept in a piece of memory of their own.
cdef int64_t PIECE = 1024


cdef inline double _get(const char *x, int64_t i, bint single) noexcept nogil:
    return (<const float *>x)[i] if single else (<const double *>x)[i]


ctypedef fused number:
    float
    double


cdef bint _largest(const number *x, int64_t n, double *largest) noexcept nogil:
    """The largest of n numbers >= 0, and whether one is NaN: four at a time, not one after the other."""
    cdef number a = 0, b = 0, c = 0, d = 0
    cdef number p = 0, q = 0, r = 0, s = 0
    cdef int64_t k
    for k in range(0, n - 3, 4):
        a = x[k] if x[k] > a else a
        b = x[k + 1] if x[k + 1] > b else b
        c = x[k + 2] if x[k + 2] > c else c
        d = x[k + 3] if x[k + 3] > d else d
        p += x[k]
        q += x[k + 1]
        r += x[k + 2]
        s += x[k + 3]
    for k in range(n // 4 * 4, n):
        a = x[k] if x[k] > a else a
        p += x[k]
    largest[0] = max(max(a, b), max(c, d))
    p += q + r + s
    return p != p


cdef int64_t _peaks(const char *x, int64_t n, bint single, int64_t first, int64_t stop, double threshold,
                    int64_t frame, int64_t *frames, int64_t *bins, double *shifts,
                    double *heights) noexcept nogil:
    """Write the peaks of a frame of n bins; return their number."""
    cdef double largest = 0
    cdef double v, before, after, bend, lean
    cdef int64_t count = 0
    cdef int64_t k
    cdef bint bad
    if single:
        bad = _largest(<const float *>x, n, &largest)
    else:
        bad = _largest(<const double *>x, n, &largest)
    if bad:
        return 0
    for k in range(max(first, 1), min(stop, n)):
        v = _get(x, k, single)
        before = _get(x, k - 1, single)
        # Beyond the last bin nothing is interpolated.
        after = _get(x, k + 1, single) if k < n - 1 else before
        if not (v > threshold * largest and v > before and v >= after):
            continue
        bend = after + before - 2 * v
        lean = (after - before) / 2
        frames[count] = frame
        bins[count] = k
        shifts[count] = -lean / bend if fabs(lean) < fabs(bend) and k < n - 1 else 0
        heights[count] = v + 0.5 * lean * shifts[count]
        count += 1
    return count


def peaks(cnp.ndarray x, int64_t first, int64_t stop, double threshold):
    # type: (x: NDArray[Any]) -> list[NDArray[Any]]
    """Find the peaks of each frame, by the parabola through three bins.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (frames, bins)
        Contiguous, frame after frame.
    first, stop : int
        Bins that count.
    threshold : float
        A peak is above this share of the largest value of its frame.

    Returns
    -------
    frames, bins : ndarray of int64
    shifts, heights : ndarray of float64
        Where the parabola has its top, from the bin on, and how high it is there. A frame with a NaN has no
        peaks.
    """
    cdef bint single = cnp.PyArray_ITEMSIZE(x) == 4
    cdef int64_t count = cnp.PyArray_DIM(x, 0)
    cdef int64_t n = cnp.PyArray_DIM(x, 1)
    cdef int64_t most = (max(0, min(stop, n) - first) + 1) // 2 + 1
    cdef int64_t stride = n * cnp.PyArray_ITEMSIZE(x)
    cdef const char *data = cnp.PyArray_BYTES(x)
    cdef int64_t frame, start, found
    cdef cnp.ndarray frames, bins, shifts, heights
    cdef int64_t *at_frames
    cdef int64_t *at_bins
    cdef double *at_shifts
    cdef double *at_heights
    pieces = []
    for start in range(0, max(count, 1), PIECE):
        room = most * min(PIECE, count - start)
        frames, bins = np.empty(room, np.int64), np.empty(room, np.int64)
        shifts, heights = np.empty(room), np.empty(room)
        at_frames, at_bins = <int64_t *>cnp.PyArray_DATA(frames), <int64_t *>cnp.PyArray_DATA(bins)
        at_shifts, at_heights = <double *>cnp.PyArray_DATA(shifts), <double *>cnp.PyArray_DATA(heights)
        found = 0
        with nogil:
            for frame in range(start, min(start + PIECE, count)):
                found += _peaks(data + frame * stride, n, single, first, stop, threshold, frame,
                                at_frames + found, at_bins + found, at_shifts + found, at_heights + found)
        pieces.append((frames[:found], bins[:found], shifts[:found], heights[:found]))
    return [np.concatenate(each) for each in zip(*pieces)]


def row_maxima(number[:, ::1] x, int64_t size, number[:, ::1] out):
    """Of each frame the largest of `size` rows, ``size // 2`` of them before each; NaN is the largest."""
    cdef int64_t rows = x.shape[0]
    cdef int64_t r, s, t
    cdef number v
    with nogil:
        for r in range(rows):
            out[r, :] = x[r, :]
            for s in range(max(r - size // 2, 0), min(r - size // 2 + size, rows)):
                for t in range(x.shape[1]):
                    v = x[s, t]
                    out[r, t] = v if v > out[r, t] or v != v else out[r, t]


def rises(number[:, ::1] x, number[:, ::1] before, int64_t lag, int64_t[::1] edges, number[:, ::1] out):
    """Mean rise of bands of rows from each frame of `before` to the one `lag` frames later in `x`.

    Parameters
    ----------
    x, before : ndarray of float32 or float64, shape (rows, frames)
    lag : int
    edges : ndarray of int64, shape (bands + 1,)
        Band b has the rows edges[b] .. edges[b + 1].
    out : ndarray, shape (bands, frames - lag)
        Sums run in float64, row after row, so that a value depends on its two frames alone.
    """
    cdef int64_t count = out.shape[1]
    cdef double[::1] sums = np.empty(count)
    cdef int64_t b, r, t
    cdef double v
    with nogil:
        for b in range(out.shape[0]):
            sums[:] = 0
            for r in range(edges[b], edges[b + 1]):
                for t in range(count):
                    v = <double>x[r, t + lag] - <double>before[r, t]
                    sums[t] += 0.0 if v < 0 else v
            for t in range(count):
                out[b, t] = <number>(sums[t] / (edges[b + 1] - edges[b]))
