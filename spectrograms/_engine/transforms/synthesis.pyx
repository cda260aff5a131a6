"""Inverse short-time transform by weighted overlap-add, in blocks of frames.

    out[i] = sum_t w[i - tH] y_t[i - tH] / sum_t w[i - tH]^2

over the frames t that reach sample i. Where the divisor is at most 1e-10, the sum is left as it is. The
divisor repeats with every hop as soon as all overlapping frames are there, so one table serves everything but
the two ends.

The unit of work is a slot, one hop of samples. A frame begins in its own slot and reaches into `overlap`
further ones; when a frame has been added, its slot is complete, because all later frames begin after it. So
after a block of frames as many slots are written out, the sums move up by as many, and zeros follow.
"""
from libc.string cimport memcpy, memmove, memset

import numpy as np

cimport numpy as cnp

from spectrograms._engine.fourier.rfft cimport FrameIrfft, irfft_frame
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for
from spectrograms._engine.memory.blocks cimport new_block
from spectrograms._engine.memory.sizes cimport round_up

cnp.import_array()

# The sum is divided by sums of squares above this only.
LEAST_NORM = 1e-10
cdef double _LEAST_NORM = LEAST_NORM


cdef class Synthesis:
    """One configuration of the inverse transform.

    The arguments are those of the `Engine` whose transform it inverts, ``hop <= n_fft``, and the window.

    Parameters
    ----------
    window : ndarray of float64, shape (n_fft,)
        Synthesis window; the divisor is that of the same window in the analysis.
    """

    def __cinit__(self, bint single, int64_t n_fft, int64_t hop, window, str effort="estimate"):
        cdef const sg_kernels *k = kernels_for(single)
        cdef cnp.ndarray weights = np.ascontiguousarray(window, np.float64)
        cdef cnp.ndarray scaled = np.ascontiguousarray(np.asarray(window) / n_fft, np.float64)
        cdef const double *w = <const double *>cnp.PyArray_DATA(weights)
        cdef int64_t i
        cdef int64_t positive = 0
        cdef int64_t first = n_fft
        cdef int64_t last = 0
        self.kernels = k
        self.single = single
        self.n = n_fft
        self.hop = hop
        self.overlap = (n_fft + hop - 1) // hop - 1
        # Frames that are transposed at once, out of a matrix with one row for each bin.
        self.block = 16
        self.reach = n_fft + (self.block - 1) * hop
        # Rows are aligned, and not a power of two apart.
        self.spectrum_row = round_up(n_fft + 2, 16) + 16
        self.irfft = FrameIrfft(single, n_fft, effort)
        # The inverse transform is unnormalised; its 1/n costs nothing inside the window.
        self.window = new_block(n_fft * k.itemsize)
        k.convert[SG_F64](cnp.PyArray_BYTES(scaled), 8, self.window.ptr, n_fft)
        self.squares = new_block(n_fft * 8)
        for i in range(n_fft):
            (<double *>self.squares.ptr)[i] = w[i] * w[i]
            if w[i] * w[i] > _LEAST_NORM:
                first = min(first, i)
                positive += 1
                last = i
        # Whether the nonzero part of the window has no gap and is at least as long as the hop: then each
        # frame begins to count before the previous one has ended.
        self.unbroken = positive >= hop and last - first + 1 == positive
        self.steady = new_block(hop * k.itemsize)
        self._inverse_norm(self.overlap, self.overlap + 1, <char *>self.steady.ptr)

    cdef void _inverse_norm(self, int64_t slot, int64_t frames, char *out) noexcept nogil:
        """Write 1 / sum of squares for the samples of a slot, if there are `frames` frames in all; or 1."""
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
            total = 1 / total if total > _LEAST_NORM else 1
            if self.single:
                (<float *>out)[i] = <float>total
            else:
                (<double *>out)[i] = total

    cdef void _frame(self, char *spectrum, char *scratch, char *frame, char *sums) noexcept nogil:
        """Transform one spectrum back and add it to the sums."""
        irfft_frame(&self.irfft.plan, spectrum, frame, scratch, False)
        self.kernels.overlap_add(frame, self.window.ptr, sums, self.n)

    cdef void _add(self, Overlap *state, const char *matrix, int64_t row_stride, int64_t frame_stride,
                   int64_t frames, const Samples *out) noexcept nogil:
        """Take the next `frames` columns of a matrix; write what they complete.

        Strides count complex numbers; one of them is 1.
        """
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef int64_t done = 0
        cdef int64_t b, count
        while done < frames:
            count = min(self.block, frames - done)
            if frame_stride == 1:
                k.transpose_complex(matrix + done * 2 * size, row_stride, state.spectra,
                                    self.spectrum_row // 2, self.n // 2 + 1, count)
            for b in range(count):
                if frame_stride != 1:
                    # The transform back overwrites what it reads.
                    memcpy(state.spectra + b * self.spectrum_row * size,
                           matrix + (done + b) * frame_stride * 2 * size, (self.n // 2 + 1) * 2 * size)
                self._frame(state.spectra + b * self.spectrum_row * size, state.scratch, state.frame,
                            state.sums + b * self.hop * size)
            self._put(state, count, state.taken + count, out)
            state.taken += count
            done += count

    cdef void _put(self, Overlap *state, int64_t count, int64_t frames, const Samples *out) noexcept nogil:
        """Write out the first `count` slots of the sums, which come from `frames` frames; move on."""
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef int64_t hop = self.hop
        cdef int64_t b, slot, low, high
        cdef const char *inverse
        for b in range(count):
            slot = state.slot + b
            low = max(slot * hop, out.first)
            high = min((slot + 1) * hop, out.first + out.count)
            if low >= high:
                continue
            # Complete overlap on both sides of the slot: the table. Otherwise near one of the ends.
            if self.overlap <= slot < frames:
                inverse = <const char *>self.steady.ptr
            else:
                self._inverse_norm(slot, frames, state.norm)
                inverse = state.norm
            # `window` multiplies two arrays; there is nothing to prefetch here. Through a buffer, since the
            # slot may be wanted in part only.
            k.window(state.sums + b * hop * size, inverse, state.chunk, hop, inverse, 0)
            memcpy(out.data + (low - out.first) * size, state.chunk + (low - slot * hop) * size,
                   (high - low) * size)
        state.slot += count
        memmove(state.sums, state.sums + count * hop * size, (self.reach - count * hop) * size)
        memset(state.sums + (self.reach - count * hop) * size, 0, count * hop * size)


cdef class OverlapAdd:
    """One inverse transform in progress: takes frames, writes the samples that no later frame reaches.

    Parameters
    ----------
    synthesis : Synthesis
    """

    def __cinit__(self, Synthesis synthesis):
        cdef int64_t size = synthesis.kernels.itemsize
        cdef int64_t at = 0
        cdef int64_t i
        cdef int64_t[6] sizes = [
            synthesis.block * synthesis.spectrum_row, synthesis.n, synthesis.n + 2, synthesis.hop,
            synthesis.hop, synthesis.reach,
        ]
        cdef char *places[6]
        # The buffers of `state` share one block of memory, each on a cache line of its own.
        for i in range(6):
            at += round_up(sizes[i] * size, 64)
        self.synthesis = synthesis
        self.memory = new_block(at)
        at = 0
        for i in range(6):
            places[i] = <char *>self.memory.ptr + at
            at += round_up(sizes[i] * size, 64)
        self.state.spectra, self.state.scratch, self.state.frame = places[0], places[1], places[2]
        self.state.norm, self.state.chunk, self.state.sums = places[3], places[4], places[5]
        memset(self.state.sums, 0, synthesis.reach * size)

    @property
    def taken(self):
        """Frames taken so far."""
        return self.state.taken

    def add(self, cnp.ndarray matrix, cnp.ndarray out, int64_t first):
        """Take the next frames; write the samples that they complete.

        Parameters
        ----------
        matrix : ndarray, shape (n_fft // 2 + 1, m)
            Complex of the working precision; frames of one bin stand side by side, bins any whole number
            of complex numbers apart, or the other way round.
        out : ndarray, shape (n,), contiguous
            Where samples first .. first + n of the whole go; those not complete yet are left alone.
        first : int
        """
        cdef Samples samples = _samples(out, first)
        cdef int64_t frames = matrix.shape[1]
        cdef int64_t row_stride = cnp.PyArray_STRIDE(matrix, 0) // cnp.PyArray_ITEMSIZE(matrix)
        cdef int64_t frame_stride = cnp.PyArray_STRIDE(matrix, 1) // cnp.PyArray_ITEMSIZE(matrix)
        cdef const char *source = <const char *>cnp.PyArray_DATA(matrix)
        with nogil:
            self.synthesis._add(&self.state, source, row_stride, frame_stride, frames, &samples)

    def end(self, cnp.ndarray out, int64_t first):
        """Write what is left, up to the end of the last frame; see :meth:`add`."""
        cdef Samples samples = _samples(out, first)
        cdef int64_t frames = self.state.taken
        cdef int64_t left = self.synthesis.overlap
        cdef int64_t count
        # No more frames come, so the slots that the last frames reach into are complete as they are.
        with nogil:
            while left > 0:
                count = min(left, self.synthesis.block)
                self.synthesis._put(&self.state, count, frames, &samples)
                left -= count


cdef Samples _samples(cnp.ndarray out, int64_t first) noexcept:
    cdef Samples samples
    samples.data = <char *>cnp.PyArray_DATA(out)
    samples.first = first
    samples.count = out.shape[0]
    return samples
