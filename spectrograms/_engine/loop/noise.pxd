"""Noise that depends on nothing but an index."""
from libc.stdint cimport int64_t

cdef double gaussian(int64_t index) noexcept nogil
