"""Statistics of the columns of whole arrays, without the GIL."""
import numpy as np

cimport numpy as cnp

from spectrograms._engine.kernels.kernels cimport kernels_for, sg_kernels

cnp.import_array()


def moments(cnp.ndarray values):
    """Mean, sum of squared differences from it, least and largest value of each column.

    Parameters
    ----------
    values : ndarray of float32 or float64, C-contiguous, shape (n, columns), n > 0

    Returns
    -------
    ndarray of float64, shape (4, columns)
        Of a column with a NaN, the mean is NaN.
    """
    cdef cnp.ndarray out = np.empty((4, values.shape[1]))
    cdef const sg_kernels *k = kernels_for(cnp.PyArray_ITEMSIZE(values) == 4)
    cdef const void *x = cnp.PyArray_DATA(values)
    cdef double *found = <double *>cnp.PyArray_DATA(out)
    cdef ptrdiff_t rows = values.shape[0]
    cdef ptrdiff_t columns = values.shape[1]
    with nogil:
        k.moments(x, rows, columns, found)
    return out
