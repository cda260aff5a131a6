"""Inverse short-time transform by weighted overlap-add, in blocks of frames.

    out[i] = sum_t w[i - tH] y_t[i - tH] / sum_t w[i - tH]^2

over the frames t that reach sample i; where the divisor is at most 1e-10 the sum is left as it is.
The divisor repeats with every hop once all overlapping frames are there, so one table serves all but the
two ends.
"""
from libc.string cimport memcpy, memmove, memset

import numpy as np

cimport numpy as cnp

from spectrograms.engine.fft cimport get_plan
from spectrograms.engine.kernels cimport SG_F64, kernels_for
from spectrograms.engine.memory cimport new_block

cnp.import_array()

# Sums of squares up to here do not divide.
cdef double LEAST_NORM = 1e-10


cdef inline int64_t _up(int64_t n, int64_t step) noexcept nogil:
    return (n + step - 1) // step * step


cdef class Synthesis:
    """One configuration of the inverse transform.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    n_fft, hop : int
        Length of the transform and step between frames, ``hop <= n_fft``.
    window : ndarray of float64, shape (n_fft,)
        Synthesis window; the divisor is that of the same window in the analysis.
    """

    def __cinit__(self, bint single, int64_t n_fft, int64_t hop, window, str effort="estimate"):
        cdef const sg_kernels *k = kernels_for(single)
        cdef const double[::1] w = np.ascontiguousarray(window, np.float64)
        cdef const double[::1] scaled = np.ascontiguousarray(np.asarray(window) / n_fft, np.float64)
        cdef int64_t i
        self.kernels = k
        self.single = single
        self.n = n_fft
        self.hop = hop
        self.overlap = (n_fft + hop - 1) // hop - 1
        self.block = 16
        self.spectrum_row = _up(n_fft + 2, 16) + 16
        if n_fft % 2:
            self.fft = get_plan("c2r", n_fft, single, effort)
        else:
            self.fft = get_plan("c2c_backward", n_fft // 2, single, effort)
            self.table = new_block(k.split_table_len(n_fft) * k.itemsize)
            k.split_table(n_fft, self.table.ptr)
        self.window = new_block(n_fft * k.itemsize)
        k.convert[SG_F64](<const char *>&scaled[0], 8, self.window.ptr, n_fft)
        self.squares = new_block(n_fft * 8)
        for i in range(n_fft):
            (<double *>self.squares.ptr)[i] = w[i] * w[i]
        self.steady = new_block(hop * k.itemsize)
        self._inverse_norm(self.overlap, self.overlap + 1, <char *>self.steady.ptr)

    cdef void _inverse_norm(self, int64_t slot, int64_t frames, char *out) noexcept nogil:
        """1 / sum of squares for the samples slot * hop .. (slot + 1) * hop of `frames` frames."""
        cdef const double *squares = <const double *>self.squares.ptr
        cdef int64_t first = max(0, slot - frames + 1)
        cdef int64_t last = min(slot, self.overlap)
        cdef int64_t i, j
        cdef double total
        for i in range(self.hop):
            total = 0
            for j in range(first, last + 1):
                if i + j * self.hop < self.n:
                    total += squares[i + j * self.hop]
            total = 1 / total if total > LEAST_NORM else 1
            if self.single:
                (<float *>out)[i] = <float>total
            else:
                (<double *>out)[i] = total

    cdef void _frame(self, char *spectrum, char *merged, char *frame, char *sums) noexcept nogil:
        """Transform one spectrum back and add it to the sums."""
        cdef const sg_kernels *k = self.kernels
        if self.n % 2:
            # DC is real; the library reads its imaginary part.
            memset(spectrum + k.itemsize, 0, k.itemsize)
            self.fft.run(self.fft.plan, spectrum, frame)
        else:
            k.merge(spectrum, self.table.ptr, merged, self.n)
            self.fft.run(self.fft.plan, merged, frame)
        k.overlap_add(frame, self.window.ptr, sums, self.n)

    cdef void _run(self, const char *matrix, int64_t row_stride, int64_t frames, char *out, int64_t skip,
                   int64_t length, char *scratch) noexcept nogil:
        """Write samples skip .. skip + length of the inverse of a (bins, frames) matrix.

        `row_stride` counts complex numbers; frames of one bin stand side by side.
        """
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef int64_t hop = self.hop
        cdef int64_t reach = self.n + (self.block - 1) * hop
        cdef char *spectra = scratch
        cdef char *merged = spectra + self.block * self.spectrum_row * size
        cdef char *frame = merged + _up(self.n * size, 64)
        cdef char *norm = frame + _up((self.n + 2) * size, 64)
        cdef char *chunk = norm + _up(hop * size, 64)
        cdef char *sums = chunk + _up(hop * size, 64)
        cdef const char *inverse
        cdef int64_t slots = frames + self.overlap
        cdef int64_t slot = 0
        cdef int64_t b, count, low, high
        memset(sums, 0, reach * size)
        while slot < slots:
            count = min(self.block, slots - slot)
            if slot < frames:
                k.transpose_complex(matrix + slot * 2 * size, row_stride, spectra, self.spectrum_row // 2,
                                    self.n // 2 + 1, min(count, frames - slot))
            for b in range(count):
                if slot + b < frames:
                    self._frame(spectra + b * self.spectrum_row * size, merged, frame, sums + b * hop * size)
            for b in range(count):
                # Samples of this slot are complete: later frames start behind them.
                low = max((slot + b) * hop, skip)
                high = min((slot + b + 1) * hop, skip + length)
                if low >= high:
                    continue
                if self.overlap <= slot + b < frames:
                    inverse = <const char *>self.steady.ptr
                else:
                    self._inverse_norm(slot + b, frames, norm)
                    inverse = norm
                k.window(sums + b * hop * size, inverse, chunk, hop, inverse, 0)
                memcpy(out + (low - skip) * size, chunk + (low - (slot + b) * hop) * size,
                       (high - low) * size)
            slot += count
            memmove(sums, sums + count * hop * size, (reach - count * hop) * size)
            memset(sums + (reach - count * hop) * size, 0, count * hop * size)

    def compute_into(self, cnp.ndarray matrix, cnp.ndarray out, int64_t skip):
        """Write the samples from `skip` on of the inverse of `matrix` into `out`.

        Parameters
        ----------
        matrix : ndarray, shape (n_fft // 2 + 1, n_frames)
            Complex of the working precision, C-contiguous, at least one frame.
        out : ndarray, shape (n,), contiguous
            ``skip + n`` is at most ``(n_frames - 1) * hop + n_fft``.
        """
        cdef int64_t frames = matrix.shape[1]
        cdef int64_t size = self.kernels.itemsize
        cdef int64_t room = (
            self.block * self.spectrum_row + 2 * self.n + 2 + 2 * self.hop + self.n + self.block * self.hop
        )
        cdef object arena = new_block(room * size + 6 * 64)
        cdef char *scratch = <char *>(<AlignedBlock>arena).ptr
        cdef const char *source = <const char *>cnp.PyArray_DATA(matrix)
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef int64_t length = out.shape[0]
        with nogil:
            self._run(source, frames, frames, target, skip, length, scratch)
