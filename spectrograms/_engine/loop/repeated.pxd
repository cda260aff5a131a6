"""What is transformed more than once: cepstra, and spectra whose energy is moved to where it is."""
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


ctypedef struct Reassigned:
    const sg_kernels *kernels
    const RfftPlan *rfft
    const char *windows      # as they are, their derivative, weighted by time
    int64_t pitch            # bytes from one window to the next
    int64_t row              # numbers from one spectrum to the next, in the work memory
    int64_t middle           # samples from t * hop to the time of the frame
    double rate
    double[9] values         # what `kernels.reassign` takes; the third is the time of a frame


cdef class ReassignTables:
    cdef Reassigned plan
    cdef FrameRfft _rfft
    cdef list _kept


# The frequencies, times and magnitudes of a frame, n // 2 + 1 of each, in a row at `out`. The frame stands at
# `x`, t * hop is `at`. `buffer` and `scratch` are those of a transform, `work` has room for three rows of
# spectra.
cdef void reassign_frame(const Reassigned *r, const char *x, double at, char *buffer, char *scratch,
                         char *work, char *out) noexcept nogil
