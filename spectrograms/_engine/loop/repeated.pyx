"""What is transformed more than once: cepstra, and spectra whose energy is moved to where it is.

The logarithms of a spectrum are real and even, as are their inverse transforms: the forward transform of the
even frame has them for its real part, but for the scale.

The spectra of a frame through its window, through the derivative of that and through the window times time
say how far the energy of each bin is from the middle of bin and frame. The frame is in the first-level cache
for all three.
"""
from libc.string cimport memcpy

cimport numpy as cnp
import numpy as np

from spectrograms._engine.fourier.rfft cimport rfft_frame
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for

cnp.import_array()

ctypedef fused real:
    float
    double


cdef class CepstrumTables:
    """The transform of one stage: results are multiplied by `scale`, and `squared` afterwards or not."""

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


cdef class ReassignTables:
    """The windows and numbers of one configuration.

    Parameters
    ----------
    windows : ndarray of float64, shape (3, n_fft)
        The window, its derivative, the window times time.
    rate : float
        Samples per second.
    middle : int
        Samples from ``t * hop`` to the time of frame t.
    least : float
        Bins of a smaller magnitude have no place.
    fill : bool
        Give these the middle of bin and frame, not NaN.
    limits : tuple of three floats
        Lowest and highest frequency, lowest time; what lies beyond is put there.
    """

    def __cinit__(self, bint single, Py_ssize_t n_fft, str effort, windows, double rate, int64_t middle,
                  double least, bint fill, limits):
        cdef Reassigned *r = &self.plan
        cdef const sg_kernels *k = kernels_for(single)
        cdef cnp.ndarray scaled
        cdef AlignedBlock memory
        cdef int i
        self._rfft = FrameRfft(single, n_fft, effort)
        r.kernels = k
        r.rfft = &self._rfft.plan
        r.pitch = round_up(n_fft * k.itemsize, 64)
        r.row = round_up(2 * (n_fft // 2 + 1), 16)
        r.rate = rate
        r.middle = middle
        r.values = [
            rate / n_fft, rate / (2 * np.pi), 0.0, 1.0 / rate, least, fill, limits[0], limits[1], limits[2]
        ]
        memory = new_block(3 * r.pitch)
        self._kept = [memory]
        r.windows = <const char *>memory.ptr
        for i in range(3):
            scaled = np.ascontiguousarray(windows[i] * self._rfft.gain, np.float64)
            k.convert[SG_F64](cnp.PyArray_BYTES(scaled), 8, <char *>memory.ptr + i * r.pitch, n_fft)


cdef void reassign_frame(const Reassigned *r, const char *x, double at, char *buffer, char *scratch,
                         char *work, char *out) noexcept nogil:
    cdef const sg_kernels *k = r.kernels
    cdef int64_t n = r.rfft.n
    cdef int64_t row = r.row * k.itemsize
    cdef double[9] values = r.values
    cdef int i
    for i in range(3):
        k.window(x, r.windows + i * r.pitch, buffer, n, x, 0)
        rfft_frame(r.rfft, buffer, work + i * row, scratch, False, False)
    values[2] = (at + r.middle) / r.rate
    k.reassign(work, work + row, work + 2 * row, n // 2 + 1, values, out)
