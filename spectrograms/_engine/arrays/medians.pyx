"""Running medians along both axes of an array, and masks from them, tile by tile and without the GIL.

The `ndarray` arguments are trusted: a caller hands over the dtype and layout that a docstring asks for.
"""
from libc.stdint cimport int64_t
from libc.string cimport memcpy

cimport numpy as cnp

from spectrograms._engine.kernels.kernels cimport kernels_for, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block

cnp.import_array()

cdef enum:
    # Numbers along the axis of the median that are filtered at a time: with those of one vector of columns,
    # and the window, they stay in the second-level cache.
    RUN = 1024


cdef inline int64_t _mirrored(int64_t i, int64_t n) noexcept nogil:
    """The place of number i where the n numbers are mirrored at both ends, again and again."""
    i %= 2 * n
    if i < 0:
        i += 2 * n
    return i if i < n else 2 * n - 1 - i


def running_median(cnp.ndarray x, cnp.ndarray out, int64_t first, int64_t end, int64_t length,
                   bint over_rows):
    """Write the running medians of `length` neighbours, from -(length // 2) on, into part of `out`.

    Parameters
    ----------
    x, out : ndarray of float32 or float64, C-contiguous, shape (rows, columns)
        Numbers >= 0, none a NaN. They do not overlap.
    first, end : int
        The rows or, if neighbours are in other rows, the columns that are written.
    length : int
        Mirrored at the ends. Of an even number the upper median.
    over_rows : bool
        Whether neighbours are above and below each other.
    """
    cdef const sg_kernels *k = kernels_for(cnp.PyArray_ITEMSIZE(x) == 4)
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t width = k.width
    cdef int64_t columns = cnp.PyArray_DIM(x, 1)
    cdef int64_t along = cnp.PyArray_DIM(x, 0) if over_rows else columns
    cdef const char *source = <const char *>cnp.PyArray_DATA(x)
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef int64_t run = min(along, <int64_t>RUN)
    cdef int64_t padded = run + length - 1
    # Rows of one vector each: what is filtered, the window, the result. Rows of frames are turned on the way.
    cdef AlignedBlock memory = new_block((padded + length + run) * width * size)
    cdef char *tile = <char *>memory.ptr
    cdef char *window = tile + padded * width * size
    cdef char *filtered = window + length * width * size
    cdef int64_t at, lanes, start, count, low, high, i, j, place
    with nogil:
        at = first
        while at < end:
            lanes = min(width, end - at)
            if lanes < width:
                # Idle lanes are computed, too.
                for i in range(padded * width):
                    if size == 4:
                        (<float *>tile)[i] = 0
                    else:
                        (<double *>tile)[i] = 0
            start = 0
            while start < along:
                count = min(run, along - start)
                # Row i of the tile has the numbers at start - length // 2 + i.
                low = max(<int64_t>0, length // 2 - start)
                high = min(count + length - 1, along - start + length // 2)
                if over_rows:
                    for i in range(count + length - 1):
                        place = start - length // 2 + i
                        if not low <= i < high:
                            place = _mirrored(place, along)
                        memcpy(tile + i * width * size, source + (place * columns + at) * size, lanes * size)
                else:
                    place = start - length // 2 + low
                    k.transpose(source + (at * columns + place) * size, columns, tile + low * width * size,
                                width, lanes, high - low)
                    for i in range(count + length - 1):
                        if not low <= i < high:
                            place = _mirrored(start - length // 2 + i, along)
                            for j in range(lanes):
                                memcpy(tile + (i * width + j) * size,
                                       source + ((at + j) * columns + place) * size, size)
                k.running_rank(tile, width, count, length, length // 2, window, filtered, width, width)
                if over_rows:
                    for i in range(count):
                        memcpy(target + ((start + i) * columns + at) * size, filtered + i * width * size,
                               lanes * size)
                else:
                    k.transpose(filtered, width, target + (at * columns + start) * size, columns,
                                count, lanes)
                start += run
            at += width


def soft_mask(cnp.ndarray x, cnp.ndarray other, cnp.ndarray out, double margin, double power,
              double silent):
    """Write ``x**power / (x**power + (margin * other)**power)`` into `out`, `silent` where both are 0.

    Parameters
    ----------
    x, other, out : ndarray of float32 or float64, C-contiguous, of one shape and dtype
        Numbers >= 0; `out` is neither of the others.
    """
    cdef const sg_kernels *k = kernels_for(cnp.PyArray_ITEMSIZE(x) == 4)
    cdef const void *ours = cnp.PyArray_DATA(x)
    cdef const void *theirs = cnp.PyArray_DATA(other)
    cdef void *mask = cnp.PyArray_DATA(out)
    cdef ptrdiff_t n = cnp.PyArray_SIZE(x)
    with nogil:
        k.soft_mask(ours, theirs, mask, n, margin, power, silent)
