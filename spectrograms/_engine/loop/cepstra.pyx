"""From the logarithms of spectra to cepstra: the inverse transform of each frame.

The logarithms are real and even, as are their inverse transforms: the forward transform of the even frame has
them for its real part, but for the scale.
"""
from libc.string cimport memcpy

from spectrograms._engine.fourier.rfft cimport rfft_frame
from spectrograms._engine.kernels.kernels cimport kernels_for
from spectrograms._engine.memory.sizes cimport round_up

ctypedef fused real:
    float
    double


cdef class CepstrumTables:
    """The transform of one stage.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    n_fft : int
    effort : str
        How hard FFTW plans.
    scale : float
        Factor of the results,
    squared : bool
        which are squared afterwards, or not.
    """

    def __cinit__(self, bint single, Py_ssize_t n_fft, str effort, double scale, bint squared):
        cdef Cepstra *c = &self.plan
        cdef int64_t size
        self._rfft = FrameRfft(single, n_fft, effort)
        c.kernels = kernels_for(single)
        c.rfft = &self._rfft.plan
        # Of the window, too, this transform would want its gain.
        c.scale = scale * self._rfft.gain / n_fft
        c.squared = squared
        size = c.kernels.itemsize
        c.at_spectrum = round_up((n_fft + c.kernels.width) * size, 64)
        c.at_scratch = c.at_spectrum + round_up(2 * (n_fft // 2 + 1) * size, 64)
        c.size = c.at_scratch + c.rfft.scratch


cdef inline void _unfold(real *frame, int64_t bins, int64_t n) noexcept nogil:
    """The half of an even frame that its first bins leave over."""
    cdef int64_t i
    for i in range(1, n - bins + 1):
        frame[n - i] = frame[i]


cdef inline void _take(const real *spectrum, real *row, int64_t bins, double scale,
                       bint squared) noexcept nogil:
    """Real parts, scaled."""
    cdef real factor = <real>scale
    cdef int64_t i
    for i in range(bins):
        row[i] = spectrum[2 * i] * factor
    if squared:
        for i in range(bins):
            row[i] = row[i] * row[i]


cdef void run_cepstra(const Cepstra *c, char *rows, int64_t pitch, int64_t count, char *work) noexcept nogil:
    cdef int64_t n = c.rfft.n
    cdef int64_t bins = n // 2 + 1
    cdef int64_t size = c.kernels.itemsize
    cdef char *spectrum = work + c.at_spectrum
    cdef char *row
    cdef int64_t i
    for i in range(count):
        row = rows + i * pitch * size
        memcpy(work, row, bins * size)
        if size == 4:
            _unfold(<float *>work, bins, n)
        else:
            _unfold(<double *>work, bins, n)
        rfft_frame(c.rfft, work, spectrum, work + c.at_scratch, False, False)
        if size == 4:
            _take(<const float *>spectrum, <float *>row, bins, c.scale, c.squared)
        else:
            _take(<const double *>spectrum, <double *>row, bins, c.scale, c.squared)
