"""The modified discrete cosine transform and its inverse, in blocks of frames.

N coefficients from 2N samples take a complex transform of length N / 2 between two twiddles, or of length N
if N is odd. The formulas are in ``bodies/mdct.inc``.
"""
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

import numpy as np

cimport numpy as cnp

from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.memory.views cimport require
from spectrograms._engine.fourier.fft cimport FftPlan, get_plan
from spectrograms._engine.loop.frames cimport PAD_ZEROS, Geometry, Signal, gather, is_native
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.loop.signals cimport attach

from spectrograms._common.limits import MAX_LENGTH

cnp.import_array()

# The frames of a block should stay in the second-level cache.
cdef int64_t BLOCK_BYTES = 1 << 18
cdef int64_t MOST_FRAMES = 32


def _roots(numerators, int64_t denominator):
    """exp(-1j pi a / denominator) of integers a."""
    return np.exp(-1j * np.pi * (numerators % (2 * denominator)) / denominator)


cdef class Mdct:
    """One configuration of the transform; serves any number of threads.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    hop : int
        Samples from one frame to the next.
    window : ndarray of float64, shape (2 N,)

    Raises
    ------
    MemoryError
        If the window is longer than ``limits.MAX_LENGTH``.
    """

    cdef const sg_kernels *kernels
    cdef readonly bint single
    cdef readonly int64_t n           # coefficients of a frame
    cdef int64_t hop
    cdef bint folded                  # n is even
    cdef FftPlan fft
    cdef AlignedBlock table           # of the twiddles; for odd n the factors p
    cdef AlignedBlock factors         # for odd n: the factors g
    cdef AlignedBlock window
    cdef AlignedBlock back_window     # carries the 2 / n
    cdef int64_t row                  # numbers from one frame of a block to the next
    cdef int64_t block                # frames of a block
    cdef int64_t at_row, at_spectrum, at_frames
    cdef ScratchPool _pool

    def __cinit__(self, bint single, hop, window):
        cdef const sg_kernels *k = kernels_for(single)
        cdef int64_t n = len(window) // 2
        cdef int64_t size = k.itemsize
        if 2 * n > MAX_LENGTH:
            raise MemoryError(f"window_size must be at most 2**28={MAX_LENGTH}, got {2 * n}")
        self.kernels = k
        self.single = single
        self.n = n
        # Beyond this, a longer hop changes nothing: any signal that fits in memory has a single frame.
        self.hop = min(hop, 1 << 62)
        self.folded = n % 2 == 0
        self.window = self._aligned(window)
        self.back_window = self._aligned(window * (2.0 / n))
        if self.folded:
            self.fft = get_plan("c2c", n // 2, single)
            self.table = new_block(k.mdct_table_len(n) * size)
            k.mdct_table(n, self.table.ptr)
        else:
            self.fft = get_plan("c2c", n, single)
            places = np.arange(n)
            self.table = self._aligned(_roots(places, 2 * n))
            # Even coefficients are read from the first half of the transform, in order, odd ones from the
            # conjugate of the second, backwards.
            orders = np.where(2 * places < n, 2 * places, 2 * n - 1 - 2 * places)
            factors = _roots((2 * orders + 1) * (n + 1), 4 * n)
            self.factors = self._aligned(np.where(orders % 2, factors.conj(), factors))
        # Rows stay aligned and off powers of two.
        self.row = round_up(n, 16) + 16
        self.block = MOST_FRAMES
        while self.block > k.width and self.block * self.row * size > BLOCK_BYTES:
            self.block //= 2
        # Three buffers of 2n numbers, then the block.
        self.at_row = round_up(2 * n * size, 64)
        self.at_spectrum = 2 * self.at_row
        self.at_frames = 3 * self.at_row
        self._pool = ScratchPool(self.at_frames + self.block * self.row * size)

    cdef AlignedBlock _aligned(self, values):
        """Copy float64 or complex128 values into aligned memory of the working dtype."""
        cdef cnp.ndarray flat = np.ascontiguousarray(values).view(np.float64)
        cdef Py_ssize_t count = cnp.PyArray_SIZE(flat)
        cdef AlignedBlock block = new_block(count * self.kernels.itemsize)
        self.kernels.convert[SG_F64](cnp.PyArray_BYTES(flat), 8, block.ptr, count)
        return block

    # The two directions of one frame, then of all frames of a signal. Frames are transposed block by block,
    # since results have one row for each coefficient.

    cdef void _forth(self, const char *x, char *coefficients, char *scratch) noexcept nogil:
        cdef const sg_kernels *k = self.kernels
        cdef char *frame = scratch
        cdef char *folded = scratch + self.at_row
        cdef char *spectrum = scratch + self.at_spectrum
        if self.folded:
            k.mdct_fold(x, self.window.ptr, folded, self.n)
            self._cosines(folded, coefficients, spectrum, frame)
        else:
            k.mdct_odd_twiddle(x, self.window.ptr, self.table.ptr, folded, self.n)
            self.fft.run(self.fft.plan, folded, spectrum)
            k.mdct_odd_untwiddle(spectrum, self.factors.ptr, coefficients, self.n)

    cdef void _cosines(self, const char *u, char *result, char *first, char *second) noexcept nogil:
        """Type-IV cosine transform of n numbers."""
        cdef const sg_kernels *k = self.kernels
        k.mdct_twiddle(u, self.table.ptr, first, self.n)
        self.fft.run(self.fft.plan, first, second)
        k.mdct_untwiddle(second, self.table.ptr, result, self.n)

    cdef void _back(self, const char *coefficients, char *sums, char *scratch) noexcept nogil:
        """Add the 2n samples of a frame to the sums."""
        cdef const sg_kernels *k = self.kernels
        cdef char *frame = scratch
        cdef char *folded = scratch + self.at_row
        cdef char *spectrum = scratch + self.at_spectrum
        if self.folded:
            self._cosines(coefficients, folded, spectrum, frame)
            k.mdct_unfold(folded, self.back_window.ptr, sums, self.n)
        else:
            k.mdct_odd_spread(coefficients, self.factors.ptr, folded, self.n)
            self.fft.run(self.fft.plan, folded, spectrum)
            k.mdct_odd_add(spectrum, self.back_window.ptr, self.table.ptr, sums, self.n)

    cdef void _forward(self, const Signal *signal, int64_t left, int64_t count, char *out,
                       char *scratch) noexcept nogil:
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        # As in the block loop: frames inside a native signal are read in place, others are gathered.
        cdef bint direct = is_native(signal.type, signal.stride, size)
        cdef char *frames = scratch + self.at_frames
        cdef char *gathered = scratch
        cdef const char *x
        cdef int64_t first = 0
        cdef int64_t frame, start, now
        cdef Geometry geometry
        memset(&geometry, 0, sizeof(Geometry))
        geometry.padding = PAD_ZEROS
        while first < count:
            now = min(self.block, count - first)
            for frame in range(now):
                start = (first + frame) * self.hop - left
                if direct and start >= 0 and start + 2 * self.n <= signal.length:
                    x = signal.data + start * size
                else:
                    gather(k, &geometry, signal, start, 2 * self.n, gathered, scratch + self.at_row)
                    x = gathered
                self._forth(x, frames + frame * self.row * size, scratch)
            k.transpose(frames, self.row, out + first * size, count, now, self.n)
            first += now

    cdef void _backward(self, const char *matrix, int64_t count, int64_t skip, char *out, int64_t length,
                        char *scratch, char *edge) noexcept nogil:
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef char *frames = scratch + self.at_frames
        cdef char *row
        cdef int64_t first = 0
        cdef int64_t frame, start, now, low, high
        memset(out, 0, length * size)
        while first < count:
            now = min(self.block, count - first)
            k.transpose(matrix + first * size, count, frames, self.row, self.n, now)
            for frame in range(now):
                row = frames + frame * self.row * size
                start = (first + frame) * self.hop - skip
                low = max(0, start)
                high = min(length, start + 2 * self.n)
                if low >= high:
                    continue
                if high - low == 2 * self.n:
                    self._back(row, out + start * size, scratch)
                else:
                    # A frame that the cut goes through: the same sums are formed in a buffer of full
                    # length, so that the bytes do not depend on where the cut is.
                    memset(edge, 0, 2 * self.n * size)
                    memcpy(edge + (low - start) * size, out + low * size, (high - low) * size)
                    self._back(row, edge, scratch)
                    memcpy(out + low * size, edge + (low - start) * size, (high - low) * size)
            first += now

    def forward(self, samples, int64_t left, int64_t count):
        """Transform `count` frames.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            Real numbers, not empty.
        left : int
            Zeros before the first sample; as many as needed follow the last.
        count : int

        Returns
        -------
        ndarray, shape (n, count)
        """
        cdef Signal signal
        cdef object _alive = attach(samples, &signal, "input array must not be empty")
        cdef cnp.npy_intp[2] shape = [self.n, count]
        cdef cnp.ndarray out = cnp.PyArray_EMPTY(
            2, shape, cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64, 0
        )
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef AlignedBlock memory = self._pool.borrow()
        with nogil:
            self._forward(&signal, left, count, target, <char *>memory.ptr)
        self._pool.give_back(memory)
        return out

    def backward(self, cnp.ndarray matrix, int64_t skip, int64_t length):
        """Overlap-add the inverse of all frames, and zeros after them.

        Parameters
        ----------
        matrix : ndarray, shape (n, n_frames), C-contiguous
            Of the working dtype.
        skip, length : int
            The samples ``skip .. skip + length`` are returned.

        Returns
        -------
        ndarray, shape (length,)
        """
        cdef cnp.npy_intp shape = length
        cdef cnp.ndarray out = cnp.PyArray_EMPTY(
            1, &shape, cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64, 0
        )
        require(matrix, cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64, 2, self.n, -1)
        cdef int64_t count = matrix.shape[1]
        cdef const char *source = <const char *>cnp.PyArray_DATA(matrix)
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef AlignedBlock memory = self._pool.borrow()
        cdef AlignedBlock edge = new_block(2 * self.n * self.kernels.itemsize)
        with nogil:
            self._backward(source, count, skip, target, length, <char *>memory.ptr, <char *>edge.ptr)
        self._pool.give_back(memory)
        return out
