"""Mean 0 and deviation 1 over whole results, for steps that need the whole clip.

A row stays in the first-level cache from its sum to its last pass; the result is turned and cast into the
wanted layout.
"""
cimport numpy as cnp

from libc.math cimport sqrt
from libc.stdint cimport int64_t

from spectrograms._engine.kernels.kernels cimport SG_F32, SG_F64, kernels_for, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block

cnp.import_array()

# Frames that are turned at a time.
cdef enum:
    PIECE = 64

# The reciprocal of a smaller deviation may overflow.
cdef double SMALLEST = 1e-300


cdef inline double _get(const char *x, int64_t i, bint single) noexcept nogil:
    return (<const float *>x)[i] if single else (<const double *>x)[i]


cdef void _scale(const sg_kernels *k, char *row, int64_t n, bint single, double add,
                 double deviation) noexcept nogil:
    """row = (row + add) / deviation, where 0/0 is 0."""
    cdef int64_t i
    cdef double value
    if deviation >= SMALLEST:
        k.affine(row, row, n, 1 / deviation, add / deviation)
        return
    for i in range(n):
        value = _get(row, i, single) + add
        if value != 0 or deviation != 0:
            value /= deviation
        if single:
            (<float *>row)[i] = <float>value
        else:
            (<double *>row)[i] = value


cdef void _put(const sg_kernels *k, const char *x, int64_t stride, int64_t rows, int64_t n, bint single,
               cnp.ndarray out, char *turned, int64_t turned_stride) noexcept:
    """Copy rows x n elements, rows `stride` bytes apart, into `out`, contiguous along rows or frames."""
    cdef const sg_kernels *cast = kernels_for(cnp.PyArray_ITEMSIZE(out) == 4)
    cdef int own = SG_F32 if single else SG_F64
    cdef ptrdiff_t size = k.itemsize
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef int64_t row_stride = cnp.PyArray_STRIDE(out, 0)
    cdef int64_t frame_stride = cnp.PyArray_STRIDE(out, 1)
    cdef bint by_rows = frame_stride == cast.itemsize
    cdef int64_t pieces = (n + PIECE - 1) // PIECE
    cdef int64_t piece, first, count, i
    with nogil:
        if by_rows:
            for i in range(rows):
                cast.convert[own](x + i * stride, size, target + i * row_stride, n)
        else:
            for piece in range(pieces):
                first = piece * PIECE
                count = min(PIECE, n - first)
                k.transpose(x + first * size, stride // size, turned, turned_stride, rows, count)
                for i in range(count):
                    cast.convert[own](turned + i * turned_stride * size, size,
                                      target + (first + i) * frame_stride, rows)


def normalize(cnp.ndarray x, cnp.ndarray out, *, bint per_row, int ddof, double inside, double outside,
              bint subtract, bint divide):
    """Write ``(x - mean) / (sqrt(variance + inside) + outside)`` into `out`, where 0/0 is 0.

    Parameters
    ----------
    x : ndarray of float32 or float64, shape (rows, frames)
        Contiguous along the frames. Overwritten.
    out : ndarray of float32 or float64, shape (rows, count)
        Contiguous along rows or frames; the first `count` frames are written.
    per_row : bool
        Mean and variance of each row, else of all values.
    ddof : int
        The variance divides by the number of values less this; of too few values it is 0.
    inside, outside : float
        Guards.
    subtract, divide : bool
        Which of the two is done.

    Notes
    -----
    Sums are of differences from the first value, so that equal values give exact zeros.
    """
    cdef bint single = cnp.PyArray_ITEMSIZE(x) == 4
    cdef const sg_kernels *k = kernels_for(single)
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t rows = cnp.PyArray_DIM(x, 0)
    cdef int64_t n = cnp.PyArray_DIM(x, 1)
    cdef int64_t stride = cnp.PyArray_STRIDE(x, 0)
    cdef char *data = <char *>cnp.PyArray_DATA(x)
    cdef int64_t turned_stride = (rows + 15) // 16 * 16
    cdef AlignedBlock turned = new_block(PIECE * turned_stride * size)
    cdef double shift, mean, squares
    cdef double deviation = 1
    # Values that share a mean, as so many rows at a time.
    cdef int64_t group = 1 if per_row else rows
    cdef int64_t values = n * group
    cdef int64_t first, r
    cdef char *row
    if rows == 0 or n == 0:
        return
    with nogil:
        for first in range(0, rows if per_row else 1):
            shift = _get(data + first * stride, 0, single)
            mean = 0
            for r in range(first, first + group):
                row = data + r * stride
                k.affine(row, row, n, 1, -shift)
                mean += k.sum(row, n)
            mean /= values
            squares = 0
            for r in range(first, first + group):
                row = data + r * stride
                k.affine(row, row, n, 1, -mean)
                squares += k.sum_squares(row, n)
            if divide:
                deviation = sqrt((squares / (values - ddof) if values > ddof else 0.0) + inside) + outside
            for r in range(first, first + group):
                if divide or not subtract:
                    _scale(k, data + r * stride, n, single, 0.0 if subtract else shift + mean, deviation)
    _put(k, data, stride, rows, cnp.PyArray_DIM(out, 1), single, out, <char *>turned.ptr, turned_stride)
