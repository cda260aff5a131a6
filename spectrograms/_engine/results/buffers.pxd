"""Memory with strides: whether it has gaps, and how the buffer protocol lends it."""
from cpython.buffer cimport (
    PyBUF_ANY_CONTIGUOUS, PyBUF_C_CONTIGUOUS, PyBUF_F_CONTIGUOUS, PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES,
    PyBUF_WRITABLE,
)

# Bits by which a consumer asks for memory without gaps; each comes together with those of STRIDES.
cdef enum:
    WITHOUT_GAPS = (PyBUF_C_CONTIGUOUS | PyBUF_ANY_CONTIGUOUS) & ~PyBUF_STRIDES
    IN_FORTRAN_ORDER = PyBUF_F_CONTIGUOUS & ~PyBUF_STRIDES


cdef inline bint has_gaps(
    int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides, Py_ssize_t itemsize
) noexcept:
    cdef Py_ssize_t step = itemsize
    cdef int axis
    for axis in range(ndim - 1, -1, -1):
        if shape[axis] > 1 and strides[axis] != step:
            return True
        step *= shape[axis]
    return False


# Fill all of `view` but the owner; BufferError if the memory is not what `flags` ask for.
cdef inline int lend(
    Py_buffer *view, int flags, bint readonly, void *data, int ndim, Py_ssize_t *shape, Py_ssize_t *strides,
    Py_ssize_t itemsize, char *format
) except -1:
    cdef int axis
    if flags & PyBUF_WRITABLE and readonly:
        raise BufferError("the data are read-only")
    if flags & IN_FORTRAN_ORDER and ndim > 1:
        raise BufferError("the data are C-contiguous and cannot be seen in Fortran order")
    if (flags & PyBUF_STRIDES != PyBUF_STRIDES or flags & WITHOUT_GAPS) and (
        has_gaps(ndim, shape, strides, itemsize)
    ):
        raise BufferError("the data are a part of a larger array and have gaps: make a copy")
    view.buf = data
    view.len = view.itemsize = itemsize
    for axis in range(ndim):
        view.len *= shape[axis]
    view.readonly = readonly
    view.format = format if flags & PyBUF_FORMAT else NULL
    view.ndim = ndim
    view.shape = shape if flags & PyBUF_ND else NULL
    view.strides = strides if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
    view.suboffsets = NULL
    view.internal = NULL
    return 0
