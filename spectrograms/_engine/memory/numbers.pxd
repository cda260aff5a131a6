"""Numbers in memory whose precision is known at run time."""
from libc.stdint cimport int64_t


cdef inline double get(const char *x, int64_t i, ptrdiff_t size) noexcept nogil:
    """Number i of float32 or float64, as double."""
    return (<const float *>x)[i] if size == 4 else (<const double *>x)[i]


cdef inline void put(char *x, int64_t i, ptrdiff_t size, double value) noexcept nogil:
    if size == 4:
        (<float *>x)[i] = <float>value
    else:
        (<double *>x)[i] = value
