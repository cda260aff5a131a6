"""The inverse of the block loop: spectra in, overlapping frames added, samples out."""
from libc.stdint cimport int64_t

from spectrograms._engine.fourier.rfft cimport FrameIrfft
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock

# The state of one inverse transform between two frames. A slot is one hop of samples.
ctypedef struct Overlap:
    int64_t taken            # frames
    int64_t slot             # slots that are complete
    char *sums               # of windowed frames, from sample slot * hop on, `reach` samples
    # Scratch.
    char *spectra
    char *scratch            # of the transform
    char *frame
    char *norm
    char *chunk

# Where samples first .. first + count of the whole signal go.
ctypedef struct Samples:
    char *data
    int64_t first
    int64_t count


cdef class Synthesis:
    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t n
    cdef readonly int64_t hop
    # Whether the window alone guarantees that every sample between the two ends is covered by some frame.
    cdef readonly bint unbroken
    cdef int64_t overlap          # further hops that a frame reaches into
    cdef int64_t block
    cdef int64_t reach            # samples from the first of a block of frames to the last
    cdef int64_t spectrum_row     # elements of one frame's spectrum in scratch
    cdef FrameIrfft irfft
    cdef AlignedBlock window      # carries the 1/n of the inverse transform
    cdef AlignedBlock squares     # of the window, float64
    cdef AlignedBlock steady      # 1 / sum of squares where every overlapping frame is there, one hop

    cdef void _frame(self, char *spectrum, char *scratch, char *frame, char *sums) noexcept nogil
    cdef void _inverse_norm(self, int64_t slot, int64_t frames, char *out) noexcept nogil
    cdef void _add(self, Overlap *state, const char *matrix, int64_t row_stride, int64_t frame_stride,
                   int64_t frames, const Samples *out) noexcept nogil
    cdef void _put(self, Overlap *state, int64_t count, int64_t frames, const Samples *out) noexcept nogil


cdef class OverlapAdd:
    cdef Synthesis synthesis
    cdef AlignedBlock memory      # what `state` points into
    cdef Overlap state
