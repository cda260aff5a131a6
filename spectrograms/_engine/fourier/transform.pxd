"""The real FFT of one frame, for the compiled modules that need it inside a loop."""
from libc.stdint cimport int64_t

from spectrograms._engine.fourier.fft cimport FftPlan, fft_run
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock

cdef enum Form:
    PACKED            # even n: complex transform of n/2, finished by the split
    QUARTER           # four transforms of n/8, finished by the radix-4 split
    COMBINED          # sixteen, twenty or 32 still shorter transforms, combined to four
    REAL              # odd n: real-to-complex

ctypedef struct Transform:
    const sg_kernels *kernels
    int form
    int64_t n
    fft_run fft
    void *plan
    const void *table
    # Of the combined form: how many transforms, the table and where in the scratch the four rows stand.
    int64_t rows
    const void *combine_table
    int64_t at_planar
    # Bytes of the scratch buffer that `transform_frame` needs.
    int64_t scratch


cdef class RealFft:
    cdef Transform transform
    # What frames must have been multiplied by: the split adds a bin and its mirror.
    cdef readonly double gain
    # Hold what `transform` points into.
    cdef FftPlan _fft
    cdef AlignedBlock _table
    cdef AlignedBlock _combine_table


# Half spectrum of the n numbers at `frame`, divided by the gain, or its squared absolute values. `frame` and
# `scratch` are 64-byte aligned; `out` need not be. None of them overlap. Without `keep` the frame may be
# overwritten, and up to `kernels.width` numbers behind it.
cdef void transform_frame(const Transform *t, char *frame, char *out, char *scratch, bint power,
                          bint keep) noexcept nogil
