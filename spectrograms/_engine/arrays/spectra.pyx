"""Passes over finished spectra: peaks of each frame, and rises from frame to frame."""
from libc.math cimport fabs, sqrt
from libc.stdint cimport int64_t

import numpy as np

cimport numpy as cnp

cnp.import_array()

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


cdef int64_t _peaks(const number *x, int64_t n, bint roots, int64_t first, int64_t stop, double threshold,
                    int64_t frame, int64_t *frames, int64_t *bins, double *shifts,
                    double *heights) noexcept nogil:
    """Write the peaks of a frame of n bins; return their number."""
    cdef double largest = 0
    cdef double v, before, after, bend, lean, level, low
    # Of numbers that differ by less than this the roots may be equal.
    cdef double near = 1.00001 if roots else 1
    cdef int64_t count = 0
    cdef int64_t k
    if _largest(x, n, &largest):
        return 0
    level = threshold * (<double><number>sqrt(largest) if roots else largest)
    low = level * level / near if roots else level
    for k in range(max(first, 1), min(stop, n)):
        # Most bins are none: roots are taken of those that may be.
        if not (x[k] > low and x[k] > x[k - 1]):
            continue
        # Beyond the last bin nothing is interpolated.
        v, before, after = x[k], x[k - 1], x[k + 1] if k < n - 1 else x[k - 1]
        if v * near < after:
            continue
        if roots:
            v, before, after = <number>sqrt(v), <number>sqrt(before), <number>sqrt(after)
        if not (v > level and v > before and v >= after):
            continue
        bend = after + before - 2 * v
        lean = (after - before) / 2
        frames[count] = frame
        bins[count] = k
        shifts[count] = -lean / bend if fabs(lean) < fabs(bend) and k < n - 1 else 0
        heights[count] = v + 0.5 * lean * shifts[count]
        count += 1
    return count


def peaks(number[:, ::1] x, int64_t frame, int64_t first, int64_t stop, double threshold, bint roots):
    # type: (x: NDArray[Any]) -> tuple[NDArray[Any], ...]
    """Find the peaks of each frame, by the parabola through three bins.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (frames, bins)
        Numbers >= 0, frame after frame.
    frame : int
        Number of the first frame.
    first, stop : int
        Bins that count.
    threshold : float
        A peak is above this share of the largest value of its frame.
    roots : bool
        Whether the values are the square roots of `x`.

    Returns
    -------
    frames, bins : ndarray of int64
    shifts, heights : ndarray of float64
        Where the parabola has its top, from the bin on, and how high it is there. A frame with a NaN has no
        peaks.
    """
    cdef int64_t count = x.shape[0], n = x.shape[1]
    cdef int64_t room = count * ((max(0, min(stop, n) - first) + 1) // 2 + 1)
    cdef cnp.ndarray frames = np.empty(room, np.int64), bins = np.empty(room, np.int64)
    cdef cnp.ndarray shifts = np.empty(room), heights = np.empty(room)
    cdef int64_t *at_frames = <int64_t *>cnp.PyArray_DATA(frames)
    cdef int64_t *at_bins = <int64_t *>cnp.PyArray_DATA(bins)
    cdef double *at_shifts = <double *>cnp.PyArray_DATA(shifts)
    cdef double *at_heights = <double *>cnp.PyArray_DATA(heights)
    cdef int64_t found = 0, t
    with nogil:
        for t in range(count):
            found += _peaks(&x[t, 0], n, roots, first, stop, threshold, frame + t, at_frames + found,
                            at_bins + found, at_shifts + found, at_heights + found)
    # Copies: the room for all that there could be is given back.
    return frames[:found].copy(), bins[:found].copy(), shifts[:found].copy(), heights[:found].copy()


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
