"""Parked threads, and waking them without the GIL."""
from cpython.pythread cimport PyThread_type_lock
from libc.stdint cimport int64_t

# What the parked thread and the one that wakes it share.
ctypedef struct ParkState:
    int64_t token            # EMPTY, PARKED or NOTIFIED
    PyThread_type_lock lock  # the thread sleeps in it


cdef class Parker:
    cdef ParkState state


cdef class WakeList:
    # The list the parkers were taken from, and those taken. What was not woken goes back in the end.
    cdef list _idle
    cdef list _taken
    # The states of those taken, where they can be reached without the GIL.
    cdef ParkState **waiters
    cdef int64_t n
    # The next to be woken.
    cdef int64_t next

    cdef void wake(self, int64_t most) noexcept nogil
