"""One aligned allocation per block; results, batches and copies stand on it."""


cdef class AlignedBlock:
    # Allocated by `new_block`, freed when the last reference to the block goes. It is never moved or resized,
    # so a pointer into it is valid for as long as the block is alive.
    cdef void *ptr
    cdef void *allocated
    cdef readonly size_t nbytes


# A block of at least `nbytes` bytes that starts on a 64-byte boundary and holds whatever was there before.
cdef AlignedBlock new_block(size_t nbytes)
