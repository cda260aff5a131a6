"""Scratch memory between calls."""
from spectrograms._engine.memory.blocks cimport AlignedBlock


cdef class ScratchPool:
    cdef size_t _nbytes
    cdef bint _zeroed
    cdef list _idle

    # A block for the caller alone, of the size of the pool or of at least a given one. It holds whatever its
    # last user left there.
    cdef AlignedBlock borrow(self)
    cpdef AlignedBlock borrow_at_least(self, size_t nbytes)
    cpdef object give_back(self, AlignedBlock block)
