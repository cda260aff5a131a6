"""Real transforms of one length, for the compiled modules that need them inside a loop."""
from libc.stdint cimport int64_t

from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.fourier.rfft cimport FrameIrfft, FrameRfft


cdef class Rfft:
    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t n
    cdef readonly int64_t bins
    # The frame must have been multiplied by this before `run`.
    cdef readonly double gain
    # Bytes of scratch that `run` needs.
    cdef int64_t scratch
    cdef FrameRfft _frame
    cdef ScratchPool _pool

    # Half spectrum of the n numbers at `frame`, times 1 / gain, or its squared absolute values. `frame` and
    # `scratch` are 64-byte aligned; `out` need not be.
    cdef void run(self, const char *frame, char *out, char *scratch, bint power) noexcept nogil


cdef class Irfft:
    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t n
    cdef readonly int64_t bins
    # The result of `run` has yet to be multiplied by this.
    cdef readonly double gain
    cdef int64_t scratch
    cdef FrameIrfft _frame
    cdef ScratchPool _pool

    # The n real numbers whose half spectrum is given, times 1 / gain. Imaginary parts of bins 0 and n / 2 are
    # ignored. `frame` and `scratch` are 64-byte aligned; `spectrum` need not be.
    cdef void run(self, const char *spectrum, char *frame, char *scratch) noexcept nogil
