"""Logarithms of whole arrays with the kernels of the block loop, without the GIL."""
import numpy as np

cimport numpy as cnp

from spectrograms.engine.kernels cimport SG_F32, SG_F64, kernels_for, sg_kernels

cnp.import_array()

# Elements at a time: stays in the first-level cache from one kernel to the next.
cdef Py_ssize_t CHUNK = 1024


def scaled_log(cnp.ndarray values, double factor, double floor, double offset):
    """Compute ``factor * ln(max(values, floor)) + offset`` in the precision of the values.

    Parameters
    ----------
    values : ndarray of float32 or float64, C-contiguous
    factor : float
    floor : float
        Raised to the smallest normal number of the precision. NaN stays NaN.
    offset : float

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
    with nogil:
        while done < total:
            n = min(CHUNK, total - done)
            k.convert[SG_F32 if single else SG_F64](source + done * size, size, target + done * size, n)
            k.log(target + done * size, n, factor, 0, floor)
            if offset != 0:
                k.affine(target + done * size, target + done * size, n, 1, offset)
            done += n
    return out
