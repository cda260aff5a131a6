"""Scratch memory between calls.

A call borrows a block and gives it back. Threads therefore share nothing they write, and the next call finds
its scratch in the cache instead of asking the system for fresh pages.
"""
cimport cython
from libc.string cimport memset

from spectrograms._engine.memory.blocks cimport new_block

# Blocks that one pool keeps: as many as there are threads on most machines.
cdef Py_ssize_t MOST_IDLE = 8
# A larger block is not worth keeping: filling it takes longer than its page faults.
cdef size_t LARGEST_IDLE = 1 << 23


@cython.final
cdef class ScratchPool:
    """Blocks that no call is using at the moment.

    Parameters
    ----------
    nbytes : int
        Size of the blocks that `borrow` gives.
    zeroed : bool
        Fill new blocks with zeros. Those given back keep what their last user left.
    """

    def __cinit__(self, size_t nbytes=0, bint zeroed=False):
        self._nbytes = nbytes
        self._zeroed = zeroed
        self._idle = []

    cdef AlignedBlock borrow(self):
        return self.borrow_at_least(self._nbytes)

    cpdef AlignedBlock borrow_at_least(self, size_t nbytes):
        """Return a block of at least `nbytes` bytes that nobody else uses."""
        cdef AlignedBlock block = None
        # Not `if self._idle`: another thread may take the last block between the look and the pop.
        try:
            block = self._idle.pop()
        except IndexError:
            pass
        # A block that is too small is dropped. Sizes vary only where a pool serves signals of any length.
        if block is None or block.nbytes < nbytes:
            block = new_block(nbytes)
            if self._zeroed:
                memset(block.ptr, 0, nbytes)
        return block

    cpdef object give_back(self, AlignedBlock block):
        """Keep a block for the next call, unless there are enough or it is too large."""
        if len(self._idle) < MOST_IDLE and block.nbytes <= LARGEST_IDLE:
            self._idle.append(block)
