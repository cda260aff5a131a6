"""Aligned memory blocks.

64 bytes are one cache line and one AVX-512 register: kernels store without crossing lines, and array
libraries that share memory only when it is aligned (JAX) share it. Blocks are not zeroed, because every byte
of a result is written by the engine and clearing first would cost a second pass over memory.
"""
cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.pyport cimport PY_SSIZE_T_MAX
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc

cdef extern from *:
    """
    #if defined(__linux__)
    #include <sys/mman.h>
    #define sg_large_pages(p, n) madvise(p, n, MADV_HUGEPAGE)
    #else
    #define sg_large_pages(p, n) (0)
    #endif
    """
    int sg_large_pages(void *p, size_t n) nogil

cdef extern from "Python.h":
    void *PyInterpreterState_Get()
    void *PyInterpreterState_Main()

# Checked here, because no other module of the engine is imported before this one.
if PyInterpreterState_Get() != PyInterpreterState_Main():
    raise ImportError("spectrograms needs the main interpreter: importing pyfftw in another one never ends")

cdef size_t ALIGNMENT = 64
# The system supplies memory page by page, as each is first written. For large results that costs up to a
# third of the work, and threads wait for each other. Pages of 2 MiB, which NumPy asks for too, save most of
# it. Blocks of LARGE_BLOCK bytes or more start on such a page.
#
# We align within what malloc returns. glibc reuses freed memory, whose pages are there already, for a plain
# request of the same size, but not for one with an alignment as large as this. When transforms of ten seconds
# were computed over and over, clearing fresh pages took a third of the time.
cdef size_t LARGE_PAGE = 1 << 21
cdef size_t LARGE_BLOCK = 1 << 22


@cython.final
@cython.freelist(16)
cdef class AlignedBlock:
    """A 64-byte-aligned piece of memory, exported as writable unsigned bytes.

    Made by `aligned_block` or, from Cython, by ``new_block``. The memory lives until the last view of it is
    gone.

    Attributes
    ----------
    nbytes : int
        Size in bytes.
    """

    def __init__(self, *args, **kwargs):  # type: (*args: object, **kwargs: object) -> NoReturn
        raise TypeError("cannot create 'AlignedBlock' instances directly; call aligned_block(nbytes)")

    def __dealloc__(self):
        free(self.allocated)

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.ptr, self.nbytes, 0, flags)

    def __len__(self):  # type: () -> int
        return self.nbytes

    def __repr__(self):
        return f"AlignedBlock(nbytes={self.nbytes})"


cdef AlignedBlock new_block(size_t nbytes):
    cdef AlignedBlock block = AlignedBlock.__new__(AlignedBlock)
    # Whole lines, so that a kernel may write the last vector of a row in full; one line at least, since a
    # request for no bytes may be answered with NULL.
    cdef size_t rounded = (max(nbytes, <size_t>1) + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
    cdef size_t boundary = LARGE_PAGE if nbytes >= LARGE_BLOCK else ALIGNMENT
    if nbytes <= <size_t>PY_SSIZE_T_MAX - 2 * LARGE_PAGE:
        block.allocated = malloc(rounded + boundary)
    if block.allocated == NULL:
        raise MemoryError(f"cannot allocate {nbytes} bytes")
    block.ptr = <void *>((<uintptr_t>block.allocated + boundary - 1) & ~<uintptr_t>(boundary - 1))
    if boundary == LARGE_PAGE:
        # Advice: a system without such pages does without.
        sg_large_pages(block.ptr, rounded)
    block.nbytes = nbytes
    return block


def aligned_block(size_t nbytes):  # type: () -> AlignedBlock
    """Allocate a block of uninitialised memory on a 64-byte boundary.

    Parameters
    ----------
    nbytes : int
        Size in bytes; 0 is allowed.

    Returns
    -------
    AlignedBlock

    Raises
    ------
    MemoryError
        If the system refuses.
    OverflowError
        If `nbytes` is negative.
    """
    return new_block(nbytes)
