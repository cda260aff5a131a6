"""Sizes of buffers."""
from libc.stdint cimport int64_t


# The least multiple of `step` that is not below n. Buffers that share one block each take a multiple of 64
# bytes, so that all of them start on a cache line.
cdef inline int64_t round_up(int64_t n, int64_t step) noexcept nogil:
    return (n + step - 1) // step * step
