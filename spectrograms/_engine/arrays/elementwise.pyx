"""Logarithms of whole arrays with the kernels of the block loop, without the GIL."""
import numpy as np

from libc.math cimport log

cimport numpy as cnp

from spectrograms._engine.kernels.kernels cimport SG_F32, SG_F64, kernels_for, sg_kernels

cnp.import_array()

# Elements at a time: stays in the first-level cache from one kernel to the next.
cdef Py_ssize_t CHUNK = 1024


cdef double _logarithm(
    const sg_kernels *k, bint single, double value, double factor, double floor
) noexcept nogil:
    """Compute ``factor * ln(max(value, floor))``, as of an element where the precision has the value."""
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

    Where the reference stands among the values, the result is 0.

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
            n = min(CHUNK, total - done)
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
