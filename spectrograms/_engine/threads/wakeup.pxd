"""Bells for waiting threads, rung and heard without the GIL."""
from cpython.pythread cimport PyThread_type_lock
from libc.stdint cimport int64_t

ctypedef struct Clapper:
    int64_t state
    PyThread_type_lock lock


cdef class Bell:
    cdef Clapper clapper


cdef class Bells:
    # Where the bells came from, which hold those that are not rung in the end.
    cdef list _idle
    cdef list _taken
    cdef Clapper **clappers
    cdef int64_t n
    # The next to ring.
    cdef int64_t next

    cdef void ring(self, int64_t most) noexcept nogil
