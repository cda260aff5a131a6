"""Matrices of frames by features, column by column: statistics, and values made of levels.

The `ndarray` arguments are trusted, as those of :mod:`spectrograms._engine.arrays.arrays`.
"""
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
        The mean of a column that holds a NaN is NaN.
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


def values_of_levels(cnp.ndarray levels, cnp.ndarray scale, cnp.ndarray offset):
    """The float32 numbers ``levels * scale + offset``, a new array.

    Parameters
    ----------
    levels : ndarray of int8, C-contiguous, shape (n, columns)
    scale, offset : ndarray of float32, contiguous, shape (columns,)
    """
    cdef ptrdiff_t rows = levels.shape[0]
    cdef ptrdiff_t columns = levels.shape[1]
    cdef cnp.ndarray out = cnp.PyArray_EMPTY(2, levels.shape, cnp.NPY_FLOAT32, 0)
    cdef const sg_kernels *k = kernels_for(True)
    cdef const signed char *q = <const signed char *>cnp.PyArray_DATA(levels)
    cdef const void *s = cnp.PyArray_DATA(scale)
    cdef const void *o = cnp.PyArray_DATA(offset)
    cdef void *y = cnp.PyArray_DATA(out)
    with nogil:
        k.levels(q, s, o, y, rows, columns)
    return out


def merge_moments(double count, cnp.ndarray ours, double more, cnp.ndarray others):
    """Merge the moments of `more` rows into those of `count`, in place; Chan, Golub and LeVeque's formulae.

    Parameters
    ----------
    count, more : float
        Numbers of rows, > 0.
    ours, others : ndarray of float64, C-contiguous, shape (4, columns)
        As :func:`moments` gives them.
    """
    cdef Py_ssize_t columns = ours.shape[1]
    cdef double *a = <double *>cnp.PyArray_DATA(ours)
    cdef const double *b = <const double *>cnp.PyArray_DATA(others)
    cdef double share = more / (count + more)
    cdef double weight = count * share
    cdef double delta, low, high
    cdef Py_ssize_t i
    if cnp.PyArray_SIZE(others) != 4 * columns:
        raise ValueError(f"moments must be of {columns} columns, got {others.shape[1]}")
    for i in range(columns):
        delta = b[i] - a[i]
        a[i] += delta * share
        a[columns + i] = a[columns + i] + b[columns + i] + delta * delta * weight
        low = b[2 * columns + i]
        high = b[3 * columns + i]
        # A NaN stays, as with numpy.minimum.
        if low < a[2 * columns + i] or low != low:
            a[2 * columns + i] = low
        if high > a[3 * columns + i] or high != high:
            a[3 * columns + i] = high
