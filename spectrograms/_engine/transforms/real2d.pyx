"""Fourier transforms of real images.

An image of (rows, cols) has the half spectrum (rows, cols // 2 + 1). Rows go first, one at a time, as real
transforms. Then the columns go, a few at a time: they are transposed into contiguous vectors that stay in the
second-level cache, transformed, and transposed back. The inverse is in `filter2d`.
"""
from functools import lru_cache

from libc.stdint cimport int64_t
from libc.string cimport memset

cimport numpy as cnp

from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.fourier.fft cimport FftPlan, get_plan
from spectrograms._engine.kernels.kernels cimport kernels_for, sg_kernels
from spectrograms._engine.loop.frames cimport is_native
from spectrograms._engine.memory.blocks cimport AlignedBlock
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.results.result cimport C64, C128, OwnedArray, allocate
from spectrograms._engine.loop.signals cimport readable, sample_type

from spectrograms._engine.transforms import real
from spectrograms._engine.fourier.fft import on_clear

cnp.import_array()

# The columns of a block should stay well inside the second-level cache together, and fill whole cache lines.
cdef int64_t BLOCK_BYTES = 1 << 17
cdef int64_t MOST_COLUMNS = 16
cdef enum:
    # Rows transposed at a time: their lines of the spectrum stay in the first-level cache.
    STRIP = 64


cdef object attach_image(object array, Image *image):
    cdef cnp.ndarray a = readable(array, array)
    image.data = <const char *>cnp.PyArray_DATA(a)
    image.rows = cnp.PyArray_DIM(a, 0)
    image.cols = cnp.PyArray_DIM(a, 1)
    image.row_stride = cnp.PyArray_STRIDE(a, 0)
    image.column_stride = cnp.PyArray_STRIDE(a, 1)
    image.type = sample_type(a)
    return a


cdef class Fft2:
    """Fourier transforms of images of `rows` by `cols` numbers, at least one; serves any number of threads.

    Arithmetic is in float32 if `single`, else in float64.
    """

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
        # Not a power of two: the same element of all columns would fall into one set of the cache.
        self._distance = round_up(rows, least) + least
        self._width = MOST_COLUMNS
        while self._width > least and self._width * self._distance * element > BLOCK_BYTES:
            self._width //= 2
        # Scratch: one row of the image, then three blocks of columns. The first of these also serves the
        # transform of a row; the third is for convolutions alone.
        block = round_up(self._width * self._distance * element, 64)
        self._at_first = round_up((cols + 2) * k.itemsize, 64)
        self._at_second = self._at_first + max(block, self._across.scratch)
        self._at_third = self._at_second + block
        self._pool = ScratchPool(self._at_third + block)
        self._spectrum_pool = ScratchPool(rows * self.bins * element)

    # --- rows -------------------------------------------------------------------------------------

    cdef void _rows_forth(self, const Image *image, char *spectrum, int64_t row,
                          char *scratch) noexcept nogil:
        """Transform the rows of an image, with zeros after its columns; spectra are `row` bytes apart."""
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef char *spare = scratch + self._at_first
        cdef bint direct = is_native(image.type, image.column_stride, size)
        cdef int64_t cols = image.cols
        cdef const char *x
        cdef int64_t r
        memset(scratch + cols * size, 0, (self.cols - cols) * size)
        for r in range(image.rows):
            x = image.data + r * image.row_stride
            if not direct:
                k.convert[image.type](x, image.column_stride, spare, cols)
                x = spare
            k.affine(x, scratch, cols, self._across.gain, 0)
            self._across.run(scratch, spectrum + r * row, spare, False)

    # --- columns ----------------------------------------------------------------------------------

    cdef void _gather(self, const char *spectrum, int64_t rows, int64_t column, int64_t count,
                      char *block) noexcept nogil:
        """Copy `count` columns of a spectrum of `rows` rows into contiguous vectors, zeros after them."""
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
        """Write contiguous vectors back as `count` columns of a spectrum."""
        cdef ptrdiff_t element = 2 * self.kernels.itemsize
        cdef int64_t r = 0
        while r < self.rows:
            self.kernels.transpose_complex(block + r * element, self._distance,
                                           spectrum + (r * self.bins + column) * element, self.bins,
                                           count, min(STRIP, self.rows - r))
            r += STRIP

    cdef void _scatter_real(self, const char *block, char *out, int64_t column, int64_t count) noexcept nogil:
        """The same for real numbers, which stand in the first half of the room of each vector."""
        cdef ptrdiff_t size = self.kernels.itemsize
        cdef int64_t r = 0
        while r < self.rows:
            self.kernels.transpose(block + r * size, 2 * self._distance,
                                   out + (r * self.bins + column) * size, self.bins,
                                   count, min(STRIP, self.rows - r))
            r += STRIP

    cdef void _run(self, FftPlan plan, const char *source, char *target, int64_t count) noexcept nogil:
        """Transform `count` contiguous vectors."""
        cdef int64_t step = self._distance * 2 * self.kernels.itemsize
        cdef int64_t c
        for c in range(count):
            plan.run(plan.plan, <char *>source + c * step, target + c * step)

    cdef void _columns_forth(self, const char *source, char *target, bint power,
                             char *scratch) noexcept nogil:
        """Transform all columns; with `power`, write squared absolute values. `target` may be `source`."""
        cdef const sg_kernels *k = self.kernels
        cdef int64_t step = self._distance * 2 * k.itemsize
        cdef char *first = scratch + self._at_first
        cdef char *second = scratch + self._at_second
        cdef int64_t c, count
        cdef int64_t j = 0
        while j < self.bins:
            count = min(self._width, self.bins - j)
            self._gather(source, self.rows, j, count, first)
            self._run(self._down, first, second, count)
            if power:
                for c in range(count):
                    k.norm(second + c * step, first + c * step, self.rows)
                self._scatter_real(first, target, j, count)
            else:
                self._scatter(second, target, j, count)
            j += count

    # --- for Python -------------------------------------------------------------------------------

    cdef void _require(self, const Image *image) except *:
        """Refuse an image of another shape: its memory may end before what would be read."""
        if image.rows != self.rows or image.cols != self.cols:
            raise ValueError(f"image must have shape {self.rows, self.cols}, got {image.rows, image.cols}")

    cdef void _forth(self, const Image *image, char *out, bint power) except *:
        """Write the half spectrum, or its squared absolute values, to `out`."""
        cdef AlignedBlock memory = self._pool.borrow()
        cdef AlignedBlock between = None
        cdef int64_t row = self.bins * 2 * self.kernels.itemsize
        cdef char *scratch = <char *>memory.ptr
        cdef char *spectrum = out
        if power:
            between = self._spectrum_pool.borrow()
            spectrum = <char *>between.ptr
        with nogil:
            # The spectrum of the rows is complex, so it fits into `out` unless that takes powers. A column of
            # one element is its own transform.
            self._rows_forth(image, spectrum, row, scratch)
            if power or self.rows > 1:
                self._columns_forth(spectrum, out, power, scratch)
        if power:
            self._spectrum_pool.give_back(between)
        self._pool.give_back(memory)

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
        cdef object _alive = attach_image(image, &source)
        cdef cnp.npy_intp[2] shape = [self.rows, self.bins]
        cdef int kind
        self._require(&source)
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
        cdef object _alive = attach_image(image, &source)
        cdef OwnedArray out
        self._require(&source)
        out = allocate(cls, C64 if self.single else C128, self.rows, self.bins, info)
        self._forth(&source, <char *>out.ptr, False)
        return out

    cdef cnp.ndarray _new_image(self):
        cdef cnp.npy_intp[2] shape = [self.rows, self.cols]
        return cnp.PyArray_EMPTY(2, shape, cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64, 0)


@lru_cache(maxsize=32)
def fft2(single, rows, cols):
    """Return the shared `Fft2` of that precision and shape."""
    return Fft2(single, rows, cols)


on_clear(fft2.cache_clear)
