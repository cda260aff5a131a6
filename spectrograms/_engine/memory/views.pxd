"""Views of the caller's arrays, for the compiled modules that read and write through them."""
from numpy cimport ndarray


# Refuses what the engine would read beyond: shape (rows,) or (rows, cols), any number of columns for -1.
cdef int require(ndarray array, int type_number, int ndim, Py_ssize_t rows, Py_ssize_t cols) except -1

cpdef ndarray private(ndarray array)

# Whether two elements of an array share a byte.
cdef bint overlaps_itself(ndarray array) except -1
