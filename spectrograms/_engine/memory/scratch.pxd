"""Scratch memory between calls."""
from spectrograms._engine.memory.blocks cimport AlignedBlock


cdef class Arenas:
    cdef size_t nbytes
    cdef list _idle

    # A block for the caller alone, uninitialised.
    cdef AlignedBlock borrow(self)
    cdef give_back(self, AlignedBlock block)
