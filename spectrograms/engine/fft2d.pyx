"""Fourier transforms of real images, and what is done between forth and back: masks and products.

An image of (rows, cols) has the half spectrum (rows, cols // 2 + 1). Rows go first, one at a time, as real
transforms; then columns, a few at a time: they are turned into contiguous vectors, which stay in the
second-level cache, transformed, and turned back. Going back, columns go first. A filter does all of its work
on the columns while they are there, so that the spectrum is read and written once.
"""
from functools import lru_cache

from libc.math cimport isfinite, sqrt
from libc.stdint cimport int64_t
from libc.string cimport memset

import numpy as np

cimport numpy as cnp

from spectrograms.engine.arenas cimport Arenas
from spectrograms.engine.fft cimport FftPlan, get_plan
from spectrograms.engine.kernels cimport SG_F32, SG_F64, kernels_for, sg_kernels
from spectrograms.engine.memory cimport AlignedBlock
from spectrograms.engine.real cimport RealInverse, RealTransform
from spectrograms.engine.result cimport C64, C128, OwnedArray, allocate
from spectrograms.engine.signals cimport readable, sample_type

from spectrograms.engine import real
from spectrograms.engine.fft import on_clear

cnp.import_array()

# Columns of a block together should stay well inside the second-level cache, and fill whole cache lines.
cdef int64_t BLOCK_BYTES = 1 << 17
cdef int64_t MOST_COLUMNS = 16
cdef enum:
    # Rows turned at a time: their lines of the spectrum stay in the first-level cache.
    STRIP = 64

cdef enum Work:
    FORTH
    BACK
    FILTER
    CONVOLVE

# An image in memory, and what its elements are.
ctypedef struct Image:
    const char *data
    int64_t row_stride
    int64_t column_stride
    int type

# Gains by the square of the distance from frequency zero: up to `inner`, up to `outer`, beyond.
ctypedef struct Rings:
    double inner
    double outer
    double[3] gains

# A pass over columns: from `source` to `target`, either of which may be the other.
ctypedef struct Pass:
    int work
    const char *source       # half spectrum
    char *target             # half spectrum, or with `power` real numbers
    bint power
    const Rings *rings
    const char *kernel       # row transforms of a convolution kernel
    int64_t kernel_rows


cdef inline int64_t _up(int64_t n, int64_t step) noexcept nogil:
    return (n + step - 1) // step * step


cdef object _attach(array, Image *image):
    """Point `image` at a 2-D array; return the one that must stay alive meanwhile."""
    cdef cnp.ndarray a = readable(array, array)
    image.data = <const char *>cnp.PyArray_DATA(a)
    image.row_stride = cnp.PyArray_STRIDE(a, 0)
    image.column_stride = cnp.PyArray_STRIDE(a, 1)
    image.type = sample_type(a)
    return a


cdef class Transform2d:
    """Fourier transforms of images of one shape; serves any number of threads.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    rows, cols : int
        Shape of the image, both at least 1.
    """

    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t rows
    cdef readonly int64_t cols
    cdef readonly int64_t bins
    cdef RealTransform _across
    cdef RealInverse _back_across
    cdef FftPlan _down
    cdef FftPlan _up
    cdef int64_t _width       # columns of a block
    cdef int64_t _distance    # complex numbers from one column of a block to the next
    cdef int64_t _at_first    # scratch, in bytes
    cdef int64_t _at_second
    cdef int64_t _at_third
    cdef Arenas _arenas
    cdef Arenas _spectra

    def __cinit__(self, bint single, int64_t rows, int64_t cols):
        cdef const sg_kernels *k = kernels_for(single)
        cdef int64_t element = 2 * k.itemsize
        cdef int64_t least = 64 // element
        cdef int64_t block
        self.kernels = k
        self.single = single
        self.rows = rows
        self.cols = cols
        self.bins = cols // 2 + 1
        self._across = real.forward(bool(single), cols)
        self._down = get_plan("c2c", rows, single)
        # Off powers of two, so that the same element of all columns does not fall into one cache set.
        self._distance = _up(rows, least) + least
        self._width = MOST_COLUMNS
        while self._width > least and self._width * self._distance * element > BLOCK_BYTES:
            self._width //= 2
        block = _up(self._width * self._distance * element, 64)
        self._at_first = _up((cols + 2) * k.itemsize, 64)
        self._at_second = self._at_first + max(block, self._across.scratch)
        self._at_third = self._at_second + block
        self._arenas = Arenas(self._at_third + block)
        self._spectra = Arenas(rows * self.bins * element)

    cdef _prepare_inverse(self):
        if self._up is None:
            self._back_across = real.inverse(bool(self.single), self.cols)
            self._up = get_plan("c2c_backward", self.rows, self.single)

    # --- rows -------------------------------------------------------------------------------------

    cdef void _rows_forth(self, const Image *image, int64_t rows, int64_t cols, char *spectrum, int64_t row,
                          char *arena) noexcept nogil:
        """Transform `rows` rows of an image of `cols` columns, with zeros beyond; `row` counts bytes."""
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef char *scratch = arena + self._at_first
        cdef bint direct = image.column_stride == size and image.type == (SG_F32 if size == 4 else SG_F64)
        cdef const char *x
        cdef int64_t r
        memset(arena + cols * size, 0, (self.cols - cols) * size)
        for r in range(rows):
            x = image.data + r * image.row_stride
            if not direct:
                k.convert[image.type](x, image.column_stride, scratch, cols)
                x = scratch
            k.affine(x, arena, cols, self._across.gain, 0)
            self._across.run(arena, spectrum + r * row, scratch, False)

    cdef void _rows_back(self, const char *spectrum, char *out, char *arena) noexcept nogil:
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef double gain = self._back_across.gain / self.rows
        cdef int64_t r
        for r in range(self.rows):
            self._back_across.run(spectrum + r * self.bins * 2 * size, arena, arena + self._at_first)
            k.affine(arena, out + r * self.cols * size, self.cols, gain, 0)

    # --- columns ----------------------------------------------------------------------------------

    cdef void _gather(self, const char *spectrum, int64_t rows, int64_t column, int64_t count,
                      char *block) noexcept nogil:
        """Turn `count` columns of a spectrum of `rows` rows into contiguous ones, zeros after them."""
        cdef ptrdiff_t element = 2 * self.kernels.itemsize
        cdef int64_t c
        cdef int64_t r = 0
        while r < rows:
            self.kernels.transpose_complex(spectrum + (r * self.bins + column) * element, self.bins,
                                           block + r * element, self._distance, min(STRIP, rows - r), count)
            r += STRIP
        if rows < self.rows:
            for c in range(count):
                memset(block + (c * self._distance + rows) * element, 0, (self.rows - rows) * element)

    cdef void _scatter(self, const char *block, char *spectrum, int64_t column, int64_t count) noexcept nogil:
        cdef ptrdiff_t element = 2 * self.kernels.itemsize
        cdef int64_t r = 0
        while r < self.rows:
            self.kernels.transpose_complex(block + r * element, self._distance,
                                           spectrum + (r * self.bins + column) * element, self.bins,
                                           count, min(STRIP, self.rows - r))
            r += STRIP

    cdef void _scatter_real(self, const char *block, char *out, int64_t column, int64_t count) noexcept nogil:
        cdef ptrdiff_t size = self.kernels.itemsize
        cdef int64_t r = 0
        while r < self.rows:
            self.kernels.transpose(block + r * size, 2 * self._distance,
                                   out + (r * self.bins + column) * size, self.bins,
                                   count, min(STRIP, self.rows - r))
            r += STRIP

    cdef void _run(self, FftPlan plan, const char *source, char *target, int64_t count) noexcept nogil:
        cdef int64_t step = self._distance * 2 * self.kernels.itemsize
        cdef int64_t c
        for c in range(count):
            plan.run(plan.plan, <char *>source + c * step, target + c * step)

    cdef void _columns(self, const Pass *p, int64_t n_columns, char *arena) noexcept nogil:
        """Do the work of the pass on the first `n_columns` columns."""
        cdef const sg_kernels *k = self.kernels
        cdef int64_t step = self._distance * 2 * k.itemsize
        cdef char *first = arena + self._at_first
        cdef char *second = arena + self._at_second
        cdef char *third = arena + self._at_third
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
                if p.work == FORTH:
                    if p.power:
                        for c in range(count):
                            k.norm(second + c * step, first + c * step, self.rows)
                        self._scatter_real(first, p.target, j, count)
                    else:
                        self._scatter(second, p.target, j, count)
                else:
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
        # Rows 0 .. half hold the frequencies 0 .. half, those from the last on up the frequencies -1, -2, ...
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
        if gain == 0:
            memset(column + start * element, 0, max(0, stop - start) * element)
        elif gain != 1:
            self.kernels.affine(column + start * element, column + start * element,
                                2 * (stop - start), gain, 0)

    # --- for Python -------------------------------------------------------------------------------

    cdef void _forth(self, const Image *image, char *out, bint power) except *:
        """Write the half spectrum, or its squared absolute values, to `out`."""
        cdef AlignedBlock arena = self._arenas.borrow()
        cdef AlignedBlock rows = None
        cdef int64_t row = self.bins * 2 * self.kernels.itemsize
        cdef Pass p
        memset(&p, 0, sizeof(Pass))
        p.work = FORTH
        p.power = power
        p.target = out
        if power:
            rows = self._spectra.borrow()
            p.source = <const char *>rows.ptr
        else:
            p.source = out
        with nogil:
            self._rows_forth(image, self.rows, self.cols, <char *>p.source, row, <char *>arena.ptr)
            if power or self.rows > 1:
                self._columns(&p, self.bins, <char *>arena.ptr)
        if power:
            self._spectra.give_back(rows)
        self._arenas.give_back(arena)

    def forward(self, image, bint power=False):
        """Transform an image.

        Parameters
        ----------
        image : ndarray, shape (rows, cols)
            Any real dtype and strides.
        power : bool
            Return squared absolute values.

        Returns
        -------
        ndarray, shape (rows, cols // 2 + 1)
        """
        cdef Image source
        cdef object _alive = _attach(image, &source)
        cdef cnp.npy_intp[2] shape = [self.rows, self.bins]
        cdef int kind
        if power:
            kind = cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64
        else:
            kind = cnp.NPY_COMPLEX64 if self.single else cnp.NPY_COMPLEX128
        cdef cnp.ndarray out = cnp.PyArray_EMPTY(2, shape, kind, 0)
        self._forth(&source, <char *>cnp.PyArray_DATA(out), power)
        return out

    def forward_result(self, type cls, image, info):
        """Transform an image into a new result of class `cls`."""
        cdef Image source
        cdef object _alive = _attach(image, &source)
        cdef OwnedArray out = allocate(cls, C64 if self.single else C128, self.rows, self.bins, info)
        self._forth(&source, <char *>out.ptr, False)
        return out

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
        cdef AlignedBlock arena = self._arenas.borrow()
        cdef AlignedBlock columns = self._spectra.borrow()
        cdef cnp.ndarray out = self._new_image()
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef Pass p
        self._prepare_inverse()
        memset(&p, 0, sizeof(Pass))
        p.work = BACK
        p.source = <const char *>cnp.PyArray_DATA(spectrum)
        p.target = <char *>columns.ptr
        with nogil:
            self._columns(&p, self.bins, <char *>arena.ptr)
            self._rows_back(p.target, target, <char *>arena.ptr)
        self._spectra.give_back(columns)
        self._arenas.give_back(arena)
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
        cdef object _alive = _attach(image, &source)
        cdef AlignedBlock arena = self._arenas.borrow()
        cdef AlignedBlock spectrum = self._spectra.borrow()
        cdef cnp.ndarray out = self._new_image()
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef Rings rings
        cdef Pass p
        cdef int64_t n_columns
        cdef double total
        self._prepare_inverse()
        rings.inner = inner * inner
        rings.outer = outer * outer
        rings.gains = gains
        memset(&p, 0, sizeof(Pass))
        p.work = FILTER
        p.source = <const char *>spectrum.ptr
        p.target = <char *>spectrum.ptr
        p.rings = &rings
        # The circles end at this column: the others have one gain from top to bottom.
        n_columns = _reach(rings.outer, 0, self.bins - 1) + 1
        with nogil:
            self._rows_forth(&source, self.rows, self.cols, p.target, self.bins * 2 * self.kernels.itemsize,
                             <char *>arena.ptr)
            total = self._sum_of_means(p.target)
            if isfinite(total):
                self._columns(&p, n_columns, <char *>arena.ptr)
                # Forth and back along a column multiplies it by its length.
                self._scale_columns(p.target, n_columns, self.rows * rings.gains[2])
                self._rows_back(p.target, target, <char *>arena.ptr)
        self._spectra.give_back(spectrum)
        self._arenas.give_back(arena)
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
        cdef object _alive = _attach(image, &source)
        cdef object _kernel_alive = _attach(kernel, &small)
        cdef int64_t kernel_rows = kernel.shape[0]
        cdef int64_t kernel_cols = kernel.shape[1]
        cdef int64_t row = self.bins * 2 * self.kernels.itemsize
        cdef AlignedBlock arena = self._arenas.borrow()
        cdef AlignedBlock spectrum = self._spectra.borrow()
        cdef AlignedBlock other = self._spectra.borrow()
        cdef cnp.ndarray out = self._new_image()
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef Pass p
        self._prepare_inverse()
        memset(&p, 0, sizeof(Pass))
        p.work = CONVOLVE
        p.source = <const char *>spectrum.ptr
        p.target = <char *>spectrum.ptr
        p.kernel = <const char *>other.ptr
        p.kernel_rows = kernel_rows
        with nogil:
            self._rows_forth(&small, kernel_rows, kernel_cols, <char *>other.ptr, row, <char *>arena.ptr)
            self._rows_forth(&source, self.rows, self.cols, p.target, row, <char *>arena.ptr)
            self._columns(&p, self.bins, <char *>arena.ptr)
            # The kernel stood in the corner: its centre belongs there, so the result is turned back.
            self._rows_back_turned(p.target, target, kernel_rows // 2, kernel_cols // 2, <char *>arena.ptr)
        self._spectra.give_back(other)
        self._spectra.give_back(spectrum)
        self._arenas.give_back(arena)
        return out

    cdef void _rows_back_turned(self, const char *spectrum, char *out, int64_t down, int64_t right,
                                char *arena) noexcept nogil:
        """As `_rows_back`, with element (down, right) of the result at (0, 0), periodically."""
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef double gain = self._back_across.gain / self.rows
        cdef char *row
        cdef int64_t r
        for r in range(self.rows):
            self._back_across.run(spectrum + r * self.bins * 2 * size, arena, arena + self._at_first)
            row = out + ((r - down + self.rows) % self.rows) * self.cols * size
            k.affine(arena + right * size, row, self.cols - right, gain, 0)
            k.affine(arena, row + (self.cols - right) * size, right, gain, 0)

    cdef cnp.ndarray _new_image(self):
        cdef cnp.npy_intp[2] shape = [self.rows, self.cols]
        return cnp.PyArray_EMPTY(2, shape, cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64, 0)


cdef int64_t _reach(double square, int64_t j, int64_t most) noexcept nogil:
    """The largest i <= most with ``i * i + j * j <= square``, -1 if there is none."""
    cdef double rest = square - <double>j * j
    cdef int64_t i
    if not rest >= 0:
        return -1
    i = most if rest >= <double>most * most else <int64_t>sqrt(rest)
    while i < most and <double>(i + 1) * (i + 1) + <double>j * j <= square:
        i += 1
    while i >= 0 and <double>i * i + <double>j * j > square:
        i -= 1
    return i


@lru_cache(maxsize=32)
def transform_2d(single, rows, cols):
    """Return the shared `Transform2d` of that precision and shape."""
    return Transform2d(single, rows, cols)


on_clear(transform_2d.cache_clear)
