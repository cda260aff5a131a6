"""The real FFT of one frame and its inverse, for the compiled modules that need them inside a loop."""
from libc.stdint cimport int64_t

from spectrograms._engine.fourier.fft cimport FftPlan, fft_run
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock

cdef enum Form:
    PACKED            # even n: complex transform of n/2, finished by the split
    QUARTER           # four transforms of n/8, finished by the radix-4 split
    COMBINED          # sixteen, twenty or 32 still shorter transforms, combined to four
    REAL              # odd n: real-to-complex

# What a loop needs, as plain pointers. All of it is read-only and owned by a `FrameRfft`.
ctypedef struct RfftPlan:
    const sg_kernels *kernels
    int form
    int64_t n
    fft_run fft
    void *fft_plan
    const void *table
    # For the combined form: how many transforms, their table, and where in the scratch the four rows stand.
    int64_t rows
    const void *combine_table
    int64_t at_planar
    # Bytes of scratch that `rfft_frame` needs.
    int64_t scratch
    # How many frames can be finished together, 1 for none; how far apart in the scratch their short
    # transforms stand, where it has room for their turned elements, and how many bytes of it that makes in
    # all.
    int64_t group
    int64_t slot
    int64_t at_turned
    int64_t group_scratch


cdef class FrameRfft:
    cdef RfftPlan plan
    # Frames must have been multiplied by this: the split adds a bin and its mirror.
    cdef readonly double gain
    # Hold what `plan` points into.
    cdef FftPlan _fft
    cdef AlignedBlock _table
    cdef AlignedBlock _combine_table

    cdef int64_t group(self, bint power) noexcept


# Half spectrum of the n numbers at `frame`, divided by the gain, or its squared absolute values. `frame` and
# `scratch` are 64-byte aligned; `out` need not be. None of them overlap. Without `keep` the frame may be
# overwritten, and up to `kernels.width` numbers behind it.
cdef void rfft_frame(const RfftPlan *p, char *frame, char *out, char *scratch, bint power,
                     bint keep) noexcept nogil


# The same bytes in two steps, for frames that are finished together: the short transforms of frame i, which
# go to place i < group of the scratch; then the half spectra of all places, side by side: bin k of the first
# frame `stride` numbers of the result behind its bin k - 1, that of the others behind it. Places that are not
# in use give numbers without meaning.
cdef inline void rfft_begin(const RfftPlan *p, char *frame, char *scratch, int64_t i) noexcept nogil:
    p.fft(p.fft_plan, frame, scratch + i * p.slot)


cdef void rfft_finish(const RfftPlan *p, char *scratch, char *out, int64_t stride, bint power) noexcept nogil


# The same for the inverse, owned by a `FrameIrfft`.
ctypedef struct IrfftPlan:
    const sg_kernels *kernels
    int64_t n
    fft_run fft
    void *fft_plan
    const void *table        # of the split; unused for odd n
    int64_t scratch


cdef class FrameIrfft:
    cdef IrfftPlan plan
    cdef FftPlan _fft
    cdef AlignedBlock _table


# The n real numbers whose half spectrum is given, times n. Imaginary parts of bins 0 and n / 2 are ignored.
# `frame` and `scratch` are 64-byte aligned. With `keep` the spectrum is left as it is and may stand anywhere;
# without, it is aligned too and may be overwritten.
cdef void irfft_frame(const IrfftPlan *p, char *spectrum, char *frame, char *scratch,
                      bint keep) noexcept nogil
