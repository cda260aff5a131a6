"""The inverse transform of images, and what is done between forward and inverse: masks and products.

In the inverse, columns go first. A filter transforms a few columns, multiplies them and transforms them back
while they stand in the cache as contiguous vectors, so the spectrum is read and written only once in between.
"""
from functools import lru_cache

from libc.math cimport isfinite, sqrt
from libc.stdint cimport int64_t
from libc.string cimport memset

import numpy as np

cimport numpy as cnp

from spectrograms._engine.memory.views cimport require
from spectrograms._engine.fourier.fft cimport FftPlan, get_plan
from spectrograms._engine.transforms.real2d cimport Image, Fft2, attach_image
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock
from spectrograms._engine.transforms.real cimport Irfft

from spectrograms._engine.transforms import real
from spectrograms._engine.fourier.fft import on_clear

cnp.import_array()

cdef enum Work:
    BACK
    FILTER
    CONVOLVE

# Gains by the squared distance from frequency zero: up to `inner`, from there to `outer`, and beyond.
ctypedef struct Rings:
    double inner
    double outer
    double[3] gains

# A pass over columns: from `source` to `target`, either of which may be the other.
ctypedef struct Pass:
    int work
    const char *source       # half spectrum
    char *target             # half spectrum
    const Rings *rings
    const char *kernel       # row transforms of a convolution kernel
    int64_t kernel_rows


cdef class Filter2d(Fft2):
    """Forward and inverse transforms of images of one shape; arguments as for `Fft2`."""

    cdef Irfft _back_across
    cdef FftPlan _up

    def __cinit__(self, bint single, int64_t rows, int64_t cols):
        self._back_across = real.inverse(bool(single), cols)
        self._up = get_plan("c2c_backward", rows, single)

    cdef void _rows_back(self, const char *spectrum, char *out, char *scratch) noexcept nogil:
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        # The unnormalised transforms along both axes have multiplied the image by rows * cols.
        cdef double gain = self._back_across.gain / self.rows
        cdef int64_t r
        for r in range(self.rows):
            self._back_across.run(spectrum + r * self.bins * 2 * size, scratch, scratch + self._at_first)
            k.affine(scratch, out + r * self.cols * size, self.cols, gain, 0)

    cdef void _columns(self, const Pass *p, int64_t n_columns, char *scratch) noexcept nogil:
        """Do the work of the pass on the first `n_columns` columns."""
        cdef const sg_kernels *k = self.kernels
        cdef int64_t step = self._distance * 2 * k.itemsize
        cdef char *first = scratch + self._at_first
        cdef char *second = scratch + self._at_second
        cdef char *third = scratch + self._at_third
        cdef int64_t c
        cdef int64_t count = 0
        cdef int64_t j = 0
        while j < n_columns:
            count = min(self._width, n_columns - j)
            self._gather(p.source, self.rows, j, count, first)
            if p.work == BACK:
                self._run(self._up, first, second, count)
                self._scatter(second, p.target, j, count)
            else:
                self._run(self._down, first, second, count)
                if p.work == CONVOLVE:
                    self._gather(p.kernel, p.kernel_rows, j, count, first)
                    self._run(self._down, first, third, count)
                    for c in range(count):
                        k.multiply(second + c * step, third + c * step, second + c * step, self.rows)
                else:
                    for c in range(count):
                        self._weigh(p.rings, j + c, second + c * step)
                self._run(self._up, second, first, count)
                self._scatter(first, p.target, j, count)
            j += count

    cdef void _weigh(self, const Rings *rings, int64_t j, char *column) noexcept nogil:
        """Multiply column j of the spectrum by the gains of the rings."""
        cdef int64_t half = self.rows // 2
        cdef int64_t inner = _reach(rings.inner, j, half)
        cdef int64_t outer = _reach(rings.outer, j, half)
        cdef int64_t mirrored = self.rows - half - 1
        # Rows 0 .. half hold the frequencies 0 .. half; the rows from the last one upwards hold -1, -2, ...
        self._scale(column, 0, inner + 1, rings.gains[0])
        self._scale(column, inner + 1, outer + 1, rings.gains[1])
        self._scale(column, outer + 1, half + 1, rings.gains[2])
        inner = min(max(inner, 0), mirrored)
        outer = min(max(outer, 0), mirrored)
        self._scale(column, half + 1, self.rows - outer, rings.gains[2])
        self._scale(column, self.rows - outer, self.rows - inner, rings.gains[1])
        self._scale(column, self.rows - inner, self.rows, rings.gains[0])

    cdef void _scale(self, char *column, int64_t start, int64_t stop, double gain) noexcept nogil:
        cdef ptrdiff_t element = 2 * self.kernels.itemsize
        # Gains of 0 and 1, as of plain masks, need no multiplication.
        if gain == 0:
            memset(column + start * element, 0, max(0, stop - start) * element)
        elif gain != 1:
            self.kernels.affine(column + start * element, column + start * element,
                                2 * (stop - start), gain, 0)

    # --- for Python -------------------------------------------------------------------------------

    def backward(self, cnp.ndarray spectrum):
        """Transform back, with the factor ``1 / (rows cols)``.

        Parameters
        ----------
        spectrum : ndarray, shape (rows, cols // 2 + 1), C-contiguous
            Complex of the working precision.

        Returns
        -------
        ndarray, shape (rows, cols)
        """
        require(
            spectrum, cnp.NPY_COMPLEX64 if self.single else cnp.NPY_COMPLEX128, 2, self.rows, self.bins
        )
        cdef AlignedBlock memory = self._pool.borrow()
        cdef AlignedBlock columns = self._spectrum_pool.borrow()
        cdef cnp.ndarray out = self._new_image()
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef Pass p
        memset(&p, 0, sizeof(Pass))
        p.work = BACK
        p.source = <const char *>cnp.PyArray_DATA(spectrum)
        p.target = <char *>columns.ptr
        with nogil:
            self._columns(&p, self.bins, <char *>memory.ptr)
            self._rows_back(p.target, target, <char *>memory.ptr)
        self._spectrum_pool.give_back(columns)
        self._pool.give_back(memory)
        return out

    def weighted(self, image, double inner, double outer, gains):
        """Multiply the spectrum of an image by gains that depend on the radius, and transform back.

        Parameters
        ----------
        image : ndarray, shape (rows, cols)
            Any real dtype and strides.
        inner, outer : float
            Radii in bins, ``0 <= inner <= outer``; a frequency on a circle is inside.
        gains : tuple of three floats
            For the disc inside `inner`, the ring, and what is beyond `outer`.

        Returns
        -------
        ndarray, shape (rows, cols)
            NaN throughout if the image holds a number that is not finite.
        """
        cdef Image source
        cdef object _alive = attach_image(image, &source)
        cdef AlignedBlock memory = self._pool.borrow()
        cdef AlignedBlock spectrum = self._spectrum_pool.borrow()
        cdef cnp.ndarray out = self._new_image()
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef Rings rings
        cdef Pass p
        cdef int64_t n_columns
        cdef double total
        self._require(&source)
        rings.inner = inner * inner
        rings.outer = outer * outer
        rings.gains = gains
        memset(&p, 0, sizeof(Pass))
        p.work = FILTER
        p.source = <const char *>spectrum.ptr
        p.target = <char *>spectrum.ptr
        p.rings = &rings
        # Columns beyond this one lie outside both circles: they have one gain from top to bottom.
        n_columns = _reach(rings.outer, 0, self.bins - 1) + 1
        with nogil:
            self._rows_forth(&source, p.target, self.bins * 2 * self.kernels.itemsize, <char *>memory.ptr)
            total = self._sum_of_means(p.target)
            if isfinite(total):
                self._columns(&p, n_columns, <char *>memory.ptr)
                # They skip both transforms, which would have multiplied them by the number of rows.
                self._scale_columns(p.target, n_columns, self.rows * rings.gains[2])
                self._rows_back(p.target, target, <char *>memory.ptr)
        self._spectrum_pool.give_back(spectrum)
        self._pool.give_back(memory)
        if not isfinite(total):
            # The reference multiplies by its mask, and 0 * NaN is NaN.
            out.fill(np.nan)
        return out

    cdef double _sum_of_means(self, const char *spectrum) noexcept nogil:
        """The sum of column 0: finite only if all numbers of the image are."""
        cdef int64_t row = self.bins * 2 * self.kernels.itemsize
        cdef int64_t r
        cdef double total = 0
        for r in range(self.rows):
            if self.single:
                total += (<const float *>(spectrum + r * row))[0]
            else:
                total += (<const double *>(spectrum + r * row))[0]
        return total

    cdef void _scale_columns(self, char *spectrum, int64_t first, double gain) noexcept nogil:
        """Multiply the columns from `first` on by one gain."""
        cdef int64_t r
        for r in range(self.rows):
            self._scale(spectrum, r * self.bins + first, (r + 1) * self.bins, gain)

    def convolve(self, image, kernel):
        """Convolve with a kernel that is not larger, periodically, the kernel's centre at ``shape // 2``.

        Parameters
        ----------
        image : ndarray, shape (rows, cols)
            Any real dtype and strides.
        kernel : ndarray
            The same.

        Returns
        -------
        ndarray, shape (rows, cols)
        """
        cdef Image source, small
        cdef object _alive = attach_image(image, &source)
        cdef object _kernel_alive = attach_image(kernel, &small)
        cdef int64_t row = self.bins * 2 * self.kernels.itemsize
        cdef AlignedBlock memory = self._pool.borrow()
        cdef AlignedBlock spectrum = self._spectrum_pool.borrow()
        cdef AlignedBlock other = self._spectrum_pool.borrow()
        cdef cnp.ndarray out = self._new_image()
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef Pass p
        self._require(&source)
        if small.rows > self.rows or small.cols > self.cols:
            raise ValueError(f"kernel must not be larger than the image, got {small.rows, small.cols}")
        memset(&p, 0, sizeof(Pass))
        p.work = CONVOLVE
        p.source = <const char *>spectrum.ptr
        p.target = <char *>spectrum.ptr
        p.kernel = <const char *>other.ptr
        p.kernel_rows = small.rows
        with nogil:
            self._rows_forth(&small, <char *>other.ptr, row, <char *>memory.ptr)
            self._rows_forth(&source, p.target, row, <char *>memory.ptr)
            self._columns(&p, self.bins, <char *>memory.ptr)
            # The kernel stood in the corner with its first element, where its centre should be: shift the
            # result by the difference.
            self._rows_back_shifted(p.target, target, small.rows // 2, small.cols // 2, <char *>memory.ptr)
        self._spectrum_pool.give_back(other)
        self._spectrum_pool.give_back(spectrum)
        self._pool.give_back(memory)
        return out

    cdef void _rows_back_shifted(self, const char *spectrum, char *out, int64_t down, int64_t right,
                                 char *scratch) noexcept nogil:
        """As `_rows_back`, but shifted periodically: element (down, right) of the result goes to (0, 0)."""
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef double gain = self._back_across.gain / self.rows
        cdef char *row
        cdef int64_t r
        for r in range(self.rows):
            self._back_across.run(spectrum + r * self.bins * 2 * size, scratch, scratch + self._at_first)
            row = out + ((r - down + self.rows) % self.rows) * self.cols * size
            k.affine(scratch + right * size, row, self.cols - right, gain, 0)
            k.affine(scratch, row + (self.cols - right) * size, right, gain, 0)


cdef int64_t _reach(double square, int64_t j, int64_t most) noexcept nogil:
    """Find the largest i <= most with ``i * i + j * j <= square``; -1 if there is none."""
    cdef double rest = square - <double>j * j
    cdef int64_t i
    if not rest >= 0:
        return -1
    # The root is rounded: step to the exact answer.
    i = most if rest >= <double>most * most else <int64_t>sqrt(rest)
    while i < most and <double>(i + 1) * (i + 1) + <double>j * j <= square:
        i += 1
    while i >= 0 and <double>i * i + <double>j * j > square:
        i -= 1
    return i


@lru_cache(maxsize=32)
def filter_2d(single, rows, cols):
    """Return the shared `Filter2d` of that precision and shape."""
    return Filter2d(single, rows, cols)


on_clear(filter_2d.cache_clear)
