"""The base of all result objects, and how compiled code makes them.

Usage from the block loop::

    cdef OwnedArray out = allocate(Spectrogram, F32, n_bins, n_frames, info)
    with nogil:
        run(..., <float *>out.ptr)
    return out
"""
from spectrograms._engine.memory.blocks cimport AlignedBlock

# Element types. StftResult and its kin hold complex numbers, everything else real ones.
cdef enum:
    F32
    F64
    C64
    C128

cdef enum:
    MAX_NDIM = 3


cdef class OwnedArray:
    # Owns the memory. Several results (a batch) may share one block; `ptr` and `_shape` say which part this
    # one is.
    cdef AlignedBlock block
    # First element, inside `block`; valid for as long as the block lives.
    cdef void *ptr
    cdef int typecode
    cdef int ndim
    # Strides in bytes. Both live here because exported buffers point to them.
    cdef Py_ssize_t[MAX_NDIM] _shape
    cdef Py_ssize_t[MAX_NDIM] _strides
    # Says what the numbers mean. Made by the plan, shared by all its results, never inspected here.
    cdef readonly object _info
    # Further arrays of the result by name, or None; they follow it into copies, pickles and files.
    cdef readonly dict _extras  # type: dict[str, NDArray[Any]] | None
    # `.data`, built at the first access. It is based on the block and not on this object: no cycle.
    cdef object array


# An uninitialised result of shape (rows, cols) of class `cls`; the caller writes every element through `ptr`.
cdef OwnedArray allocate(type cls, int typecode, Py_ssize_t rows, Py_ssize_t cols, object info)

# A result over `block` from byte `offset` on, which the caller has checked; C-contiguous.
cdef OwnedArray new_result(
    type cls, AlignedBlock block, size_t offset, int typecode, int ndim, const Py_ssize_t *shape, object info
)

cdef bint is_readonly(OwnedArray result)
