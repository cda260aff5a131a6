"""Real transforms of one length, for the compiled modules that need them inside a loop."""
from libc.stdint cimport int64_t

from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.fourier.rfft cimport FrameIrfft, FrameRfft


cdef class RealTransform:
    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t n
    cdef readonly int64_t bins
    # What `run` leaves to its caller: the n real numbers are to be multiplied by this, before or after it.
    cdef readonly double gain
    # Bytes of scratch that `run` needs.
    cdef int64_t scratch
    cdef ScratchPool _pool

    cdef ScratchPool _blocks(self)


cdef class Rfft(RealTransform):
    cdef FrameRfft _frame

    # Half spectrum of the n numbers at `frame`, times 1 / gain, or its squared absolute values. `frame` and
    # `scratch` are 64-byte aligned; `out` need not be.
    cdef void run(self, const char *frame, char *out, char *scratch, bint power) noexcept nogil


cdef class Irfft(RealTransform):
    cdef FrameIrfft _frame

    # The n real numbers whose half spectrum is given, times 1 / gain. Imaginary parts of bins 0 and n / 2 are
    # ignored. `frame` and `scratch` are 64-byte aligned; `spectrum` need not be.
    cdef void run(self, const char *spectrum, char *frame, char *scratch) noexcept nogil
