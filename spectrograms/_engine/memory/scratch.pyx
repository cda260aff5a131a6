"""Scratch memory between calls.

A call borrows a block and gives it back, so that threads share nothing they write and the next call finds
its scratch in the cache instead of asking the system for fresh pages.
"""
from spectrograms._engine.memory.blocks cimport new_block

# Of one pool. A larger block is not worth holding on to: filling it takes longer than its page faults.
cdef Py_ssize_t IDLE = 4
cdef size_t LARGEST_IDLE = 1 << 23


cdef class Arenas:
    """Blocks of one size.

    Parameters
    ----------
    nbytes : int
        Size of a block.
    """

    def __cinit__(self, size_t nbytes):
        self.nbytes = nbytes
        self._idle = []

    cdef AlignedBlock borrow(self):
        try:
            return self._idle.pop()
        except IndexError:
            return new_block(self.nbytes)

    cdef give_back(self, AlignedBlock block):
        if len(self._idle) < IDLE and self.nbytes <= LARGEST_IDLE:
            self._idle.append(block)
