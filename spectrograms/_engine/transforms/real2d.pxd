"""Transforms of images, for the compiled modules that go on from them."""
cimport numpy as cnp

from libc.stdint cimport int64_t

from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.fourier.fft cimport FftPlan
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.transforms.real cimport Rfft

# An image in memory, and what its elements are.
ctypedef struct Image:
    const char *data
    int64_t rows
    int64_t cols
    int64_t row_stride
    int64_t column_stride
    int type


# Point `image` at a 2-D array; return the one that must stay alive meanwhile.
cdef object attach_image(object array, Image *image)


cdef class Fft2:
    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t rows
    cdef readonly int64_t cols
    cdef readonly int64_t bins
    cdef Rfft _across
    cdef FftPlan _down
    cdef int64_t _width       # columns of a block
    cdef int64_t _distance    # complex numbers from one column of a block to the next
    cdef int64_t _at_first    # into the scratch, in bytes
    cdef int64_t _at_second
    cdef int64_t _at_third
    cdef ScratchPool _pool
    cdef ScratchPool _spectrum_pool

    cdef void _rows_forth(self, const Image *image, char *spectrum, int64_t row,
                          char *scratch) noexcept nogil
    cdef void _gather(self, const char *spectrum, int64_t rows, int64_t column, int64_t count,
                      char *block) noexcept nogil
    cdef void _scatter(self, const char *block, char *spectrum, int64_t column, int64_t count) noexcept nogil
    cdef void _scatter_real(self, const char *block, char *out, int64_t column, int64_t count) noexcept nogil
    cdef void _run(self, FftPlan plan, const char *source, char *target, int64_t count) noexcept nogil
    cdef void _columns_forth(self, const char *source, char *target, bint power,
                             char *scratch) noexcept nogil
    cdef void _require(self, const Image *image) except *
    cdef void _forth(self, const Image *image, char *out, bint power) except *
    cdef cnp.ndarray _new_image(self)
