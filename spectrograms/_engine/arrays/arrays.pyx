"""Whole arrays at once, with the kernels of the block loop and without the GIL.

The `ndarray` arguments are trusted: a caller hands over the dtype and layout that a docstring asks for.
"""
import sys

import numpy as np

cimport numpy as cnp

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.math cimport log, sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memcpy

from spectrograms._engine.arrays.noise cimport counter_noise
from spectrograms._engine.kernels.kernels cimport (
    SG_F32, SG_F64, SG_I16, SG_I32, SG_LOOSE_F32, SG_LOOSE_F64, SG_SWAPPED, SG_U8, kernels_for, sg_kernels,
)
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.numbers cimport get, put

cnp.import_array()

cdef enum:
    # Frames that are transposed or multiplied at a time: their rows should stay in the first-level cache.
    PIECE = 64
    # Elements at a time: they stay in the first-level cache from one kernel to the next.
    CHUNK = 1024

# Little-endian samples: their type for the kernels, their bytes, and the factor and the number to add that
# make full scale 1. All of it is exact, except that integers of 32 bits are rounded when they are converted.
cdef dict PACKED = {
    "uint8": (SG_U8, 1, 2.0**-7, -1.0),
    "int16": (SG_I16, 2, 2.0**-15, 0.0),
    "int24": (SG_I32, 3, 2.0**-31, 0.0),
    "int32": (SG_I32, 4, 2.0**-31, 0.0),
    "float32": (SG_LOOSE_F32, 4, 1.0, 0.0),
    "float64": (SG_LOOSE_F64, 8, 1.0, 0.0),
}
cdef bint BIG_ENDIAN = sys.byteorder == "big"

# The reciprocal of a smaller deviation may overflow.
cdef double SMALLEST = 1e-300


# --- recordings ---------------------------------------------------------------------------------------


cdef void _widen(const unsigned char *source, ptrdiff_t width, int32_t *target, ptrdiff_t n) noexcept nogil:
    """Make little-endian integers of 24 bits the upper ones of 32."""
    cdef ptrdiff_t i
    cdef uint32_t bits
    # One load of four bytes each, of which the last is another sample's: but for the last sample.
    cdef ptrdiff_t loads = 0 if BIG_ENDIAN else n - 1
    for i in range(loads):
        memcpy(&bits, source, sizeof(bits))
        target[i] = <int32_t>(bits << 8)
        source += width
    for i in range(loads, n):
        bits = source[0] << 8 | source[1] << 16 | <uint32_t>source[2] << 24
        target[i] = <int32_t>bits
        source += width


cdef struct Packed:
    # What `unpack` converts from: see PACKED.
    int type
    ptrdiff_t width
    double factor
    double offset


cdef void _unpack(const sg_kernels *k, const Packed *p, const char *source, float *target,
                  ptrdiff_t n) noexcept nogil:
    """Convert n samples one after the other."""
    cdef int32_t wide[CHUNK]
    cdef ptrdiff_t count
    while n > 0:
        count = min(<ptrdiff_t>CHUNK, n)
        if p.width == 3:
            _widen(<const unsigned char *>source, p.width, wide, count)
            k.convert[SG_I32](<const char *>wide, sizeof(int32_t), target, count)
        else:
            k.convert[p.type](source, p.width, target, count)
        if p.factor != 1:
            k.affine(target, target, count, p.factor, p.offset)
        source += count * p.width
        target += count
        n -= count


cdef void _unpack_rows(const sg_kernels *k, const Packed *p, const char *source, float *target,
                       ptrdiff_t step, ptrdiff_t n, ptrdiff_t channels) noexcept nogil:
    """Convert n frames to rows of channels, `step` elements apart."""
    cdef float frames[CHUNK]
    # With more channels than fit in, one frame is converted in groups of them.
    cdef ptrdiff_t group = min(channels, <ptrdiff_t>CHUNK)
    cdef ptrdiff_t most = CHUNK // group
    cdef ptrdiff_t count, beside, c, i
    while n > 0:
        count = min(most, n)
        c = 0
        while c < channels:
            beside = min(group, channels - c)
            _unpack(k, p, source + c * p.width, frames, count * beside)
            if beside == 2:
                for i in range(count):
                    target[c * step + i] = frames[2 * i]
                    target[(c + 1) * step + i] = frames[2 * i + 1]
            else:
                k.transpose(frames, beside, target + c * step, step, count, beside)
            c += beside
        source += count * channels * p.width
        target += count
        n -= count


def unpack(source, str kind, cnp.ndarray out):
    """Convert the samples of a recording, the channels interleaved, to numbers from -1 to 1.

    Parameters
    ----------
    source : buffer of bytes, contiguous
        Little-endian samples of as many frames as `out` has, at any address.
    kind : {"uint8", "int16", "int24", "int32", "float32", "float64"}
        Integers are divided by half the range of their type, "uint8" after 128 is subtracted; floating-point
        numbers stay as they are.
    out : ndarray of float32, shape (n, channels)
        C-contiguous, or each channel contiguous.
    """
    cdef Packed p
    p.type, p.width, p.factor, p.offset = PACKED[kind]
    if BIG_ENDIAN and p.width > 1:
        if p.type >= SG_LOOSE_F32:
            p.type += SG_F32 - SG_LOOSE_F32
        p.type += SG_SWAPPED
    cdef const sg_kernels *k = kernels_for(True)
    cdef ptrdiff_t n = out.shape[0], channels = out.shape[1]
    cdef ptrdiff_t step = cnp.PyArray_STRIDE(out, 1) // sizeof(float)
    cdef float *target = <float *>cnp.PyArray_DATA(out)
    cdef bint interleaved = cnp.PyArray_IS_C_CONTIGUOUS(out)
    cdef Py_buffer view
    PyObject_GetBuffer(source, &view, PyBUF_SIMPLE)
    try:
        if view.len != n * channels * p.width:
            raise ValueError(f"source must have {n * channels * p.width} bytes, got {view.len}")
        with nogil:
            if interleaved:
                _unpack(k, &p, <const char *>view.buf, target, n * channels)
            else:
                _unpack_rows(k, &p, <const char *>view.buf, target, step, n, channels)
    finally:
        PyBuffer_Release(&view)


def mean_of_channels(cnp.ndarray frames):
    """The mean of all channels, rounded once: their sum, from 0.0 on and in order, has double precision.

    Parameters
    ----------
    frames : ndarray of float32, C-contiguous, shape (n, channels)

    Returns
    -------
    ndarray of float32, shape (n,)
    """
    cdef cnp.ndarray out = np.empty(frames.shape[0], np.float32)
    cdef const float *x = <const float *>cnp.PyArray_DATA(frames)
    cdef float *mean = <float *>cnp.PyArray_DATA(out)
    cdef ptrdiff_t n = frames.shape[0], channels = frames.shape[1], i, c
    cdef double total
    with nogil:
        if channels == 2:
            for i in range(n):
                mean[i] = <float>((0.0 + <double>x[2 * i] + <double>x[2 * i + 1]) / 2)
        else:
            for i in range(n):
                total = 0.0
                for c in range(channels):
                    total += x[i * channels + c]
                mean[i] = <float>(total / channels)
    return out


# --- element by element -------------------------------------------------------------------------------


cdef double _logarithm(
    const sg_kernels *k, bint single, double value, double factor, double floor
) noexcept nogil:
    """Compute ``factor * ln(max(value, floor))`` as for an element, if the precision can hold the value."""
    cdef float narrow = <float>value
    cdef double wide = value
    if single:
        if narrow != value and not value <= floor:
            return factor * log(value)
        k.log(<char *>&narrow, 1, factor, 0, floor)
        return narrow
    k.log(<char *>&wide, 1, factor, 0, floor)
    return wide


def scaled_log(cnp.ndarray values, double factor, double floor, double reference):
    """Compute ``factor * ln(max(values, floor) / max(reference, floor))`` in the precision of the values.

    Elements equal to the reference become exactly 0.

    Parameters
    ----------
    values : ndarray of float32 or float64, C-contiguous
    factor : float
    floor : float
        Raised to the smallest normal number of the precision. NaN stays NaN.
    reference : float
        Not below 0; NaN makes everything NaN.

    Returns
    -------
    ndarray, of the shape and dtype of `values`
    """
    cdef cnp.ndarray out = np.empty_like(values, subok=False)
    cdef bint single = cnp.PyArray_ITEMSIZE(values) == 4
    cdef const sg_kernels *k = kernels_for(single)
    cdef const char *source = <const char *>cnp.PyArray_DATA(values)
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef Py_ssize_t total = cnp.PyArray_SIZE(values)
    cdef Py_ssize_t done = 0
    cdef Py_ssize_t n
    cdef ptrdiff_t size = k.itemsize
    cdef double offset
    with nogil:
        offset = 0 if reference == 1 and floor <= 1 else -_logarithm(k, single, reference, factor, floor)
        while done < total:
            n = min(<Py_ssize_t>CHUNK, total - done)
            k.convert[SG_F32 if single else SG_F64](source + done * size, size, target + done * size, n)
            k.log(target + done * size, n, factor, 0, floor)
            if offset != 0:
                k.affine(target + done * size, target + done * size, n, 1, offset)
            done += n
    return out


def within(cnp.ndarray values, double limit):
    """Whether the absolute values of all numbers are at most `limit`; NaN is not.

    Parameters
    ----------
    values : ndarray of float32 or float64, C-contiguous
    limit : float
    """
    cdef bint single = cnp.PyArray_ITEMSIZE(values) == 4
    cdef const float *narrow = <const float *>cnp.PyArray_DATA(values)
    cdef const double *wide = <const double *>cnp.PyArray_DATA(values)
    cdef Py_ssize_t total = cnp.PyArray_SIZE(values)
    cdef Py_ssize_t outside = 0
    cdef Py_ssize_t i
    with nogil:
        if single:
            for i in range(total):
                outside += not (-limit <= narrow[i] <= limit)
        else:
            for i in range(total):
                outside += not (-limit <= wide[i] <= limit)
    return outside == 0


# --- a matrix -----------------------------------------------------------------------------------------


def apply_dense(weights, cnp.ndarray x):
    """Return ``weights @ x``, each column by the same instructions whatever stands beside it.

    Parameters
    ----------
    weights : ndarray, shape (n_out, n_in)
    x : ndarray of float64, shape (n_in, n_frames)
        Any strides.

    Returns
    -------
    ndarray of float64, shape (n_out, n_frames)
    """
    cdef const sg_kernels *k = kernels_for(False)
    cdef cnp.ndarray w = np.ascontiguousarray(weights, np.float64)
    cdef int64_t rows_in = w.shape[1], rows_out = w.shape[0], frames = x.shape[1]
    cdef cnp.ndarray out = np.empty((rows_out, frames))
    cdef const double *factors = <const double *>cnp.PyArray_DATA(w)
    cdef const char *source = <const char *>cnp.PyArray_DATA(x)
    cdef double *target = <double *>cnp.PyArray_DATA(out)
    cdef int64_t row_stride = cnp.PyArray_STRIDE(x, 0), frame_stride = cnp.PyArray_STRIDE(x, 1)
    # The kernel wants the matrix, too, to start on a 64-byte boundary.
    cdef int64_t cells = (rows_in * rows_out + 7) // 8 * 8
    cdef AlignedBlock memory = new_block((cells + (rows_in + rows_out) * PIECE) * sizeof(double))
    cdef double *matrix = <double *>memory.ptr
    cdef double *tile = matrix + cells
    cdef double *result = tile + rows_in * PIECE
    cdef int64_t pieces = (frames + PIECE - 1) // PIECE
    cdef int64_t piece, first, count, r, i
    with nogil:
        memcpy(matrix, factors, rows_in * rows_out * sizeof(double))
        for piece in range(pieces):
            first = piece * PIECE
            count = min(<int64_t>PIECE, frames - first)
            for r in range(rows_in):
                for i in range(count):
                    tile[r * PIECE + i] = (
                        <const double *>(source + r * row_stride + (first + i) * frame_stride)
                    )[0]
                for i in range(count, PIECE):
                    tile[r * PIECE + i] = 0
            k.dense(tile, PIECE, matrix, rows_out, rows_in, result, PIECE, PIECE)
            for r in range(rows_out):
                memcpy(target + r * frames + first, result + r * PIECE, count * sizeof(double))
    return out


# --- mean 0 and deviation 1, made or drawn ------------------------------------------------------------


cdef void _scale(const sg_kernels *k, char *row, int64_t n, double add, double deviation) noexcept nogil:
    """row = (row + add) / deviation, where 0/0 is 0."""
    cdef int64_t i
    cdef double value
    if deviation >= SMALLEST:
        k.affine(row, row, n, 1 / deviation, add / deviation)
        return
    for i in range(n):
        value = get(row, i, k.itemsize) + add
        if value != 0 or deviation != 0:
            value /= deviation
        put(row, i, k.itemsize, value)


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
                count = min(<int64_t>PIECE, n - first)
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
        The variance divides by the number of values less this; it is 0 if nothing is left to divide by.
    inside, outside : float
        Guards against division by small numbers.
    subtract, divide : bool
        Which of the two is done.

    Notes
    -----
    Sums are of differences from the first value, so that equal values give exact zeros. A row stays in the
    first-level cache from its sum to its last pass.
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
    # How many rows share a mean.
    cdef int64_t group = 1 if per_row else rows
    cdef int64_t values = n * group
    cdef int64_t first, r
    cdef char *row
    if rows == 0 or n == 0:
        return
    with nogil:
        for first in range(0, rows if per_row else 1):
            shift = get(data + first * stride, 0, k.itemsize)
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
                    _scale(k, data + r * stride, n, 0.0 if subtract else shift + mean, deviation)
    _put(k, data, stride, rows, cnp.PyArray_DIM(out, 1), single, out, <char *>turned.ptr, turned_stride)


def gaussians(int64_t first, int64_t count):
    """Normal numbers, mean 0 and variance 1, of the indices first .. first + count: ndarray of float64."""
    cdef cnp.ndarray values = np.empty(count)
    cdef double *numbers = <double *>cnp.PyArray_DATA(values)
    cdef int64_t i
    with nogil:
        for i in range(count):
            numbers[i] = counter_noise(first + i)
    return values
