"""From the logarithms of spectra to cepstra: the inverse transform of each frame."""
from libc.stdint cimport int64_t

from spectrograms._engine.fourier.rfft cimport FrameRfft, RfftPlan
from spectrograms._engine.kernels.kernels cimport sg_kernels

ctypedef struct Cepstra:
    const sg_kernels *kernels
    const RfftPlan *rfft
    double scale
    bint squared
    int64_t at_spectrum      # bytes in the work memory: the frame stands first,
    int64_t at_scratch       # the scratch of the transform last
    int64_t size             # of the work memory


cdef class CepstrumTables:
    cdef Cepstra plan
    cdef FrameRfft _rfft


# Puts cepstra in place of logarithms: `count` rows, `pitch` numbers apart. `work` is 64-byte aligned.
cdef void run_cepstra(const Cepstra *c, char *rows, int64_t pitch, int64_t count, char *work) noexcept nogil
