"""Views of the caller's arrays, for the compiled modules that read and write through them."""
from numpy cimport ndarray


# Raises for an array whose memory the engine would read beyond. The shape is (rows,) or (rows, cols); -1
# stands for any number of columns.
cdef int require(ndarray array, int type_number, int ndim, Py_ssize_t rows, Py_ssize_t cols) except -1

cpdef ndarray private(ndarray array)

# Whether two elements of an array share a byte.
cdef bint overlaps_itself(ndarray array) except -1
