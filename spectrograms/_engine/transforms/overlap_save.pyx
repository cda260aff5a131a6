"""Convolution of an endless signal with a fixed response, block by block (overlap-save).

A window holds the last n samples of the signal. Each block shifts it, and the window is convolved with the
response by way of its transform, which makes the convolution circular. The last samples of the result are
free of what wraps around; they are the output.
"""
import threading

from libc.stdint cimport int64_t
from libc.string cimport memmove, memset

import numpy as np

cimport numpy as cnp

from spectrograms._engine.loop.frames cimport Signal
from spectrograms._engine.kernels.kernels cimport sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.transforms.real cimport Irfft, Rfft
from spectrograms._engine.loop.signals cimport attach

from spectrograms._engine.transforms import real

cnp.import_array()


cdef class OverlapSave:
    """A running convolution with one response. Calls from several threads take turns.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    response : ndarray of float64, shape (n_taps,)
    block : int
        How many new samples are transformed at once, at most.
    n : int
        Length of the transform, at least ``block + n_taps - 1``.
    """

    cdef Rfft _forward
    cdef Irfft _inverse
    cdef int64_t _block
    cdef int64_t _n
    cdef AlignedBlock _memory
    cdef char *_window
    cdef char *_frame
    cdef char *_scratch
    cdef char *_spectrum
    cdef char *_response
    cdef object _lock

    def __cinit__(self, bint single, response, int64_t block, int64_t n):
        cdef int64_t samples, bins
        self._forward = real.forward(bool(single), n)
        self._inverse = real.inverse(bool(single), n)
        self._block = block
        self._n = n
        self._lock = threading.Lock()
        # The window, a frame for the transforms, their scratch, and two spectra, all in one block of memory.
        samples = round_up(n * self._forward.kernels.itemsize, 64)
        bins = round_up(self._forward.bins * 2 * self._forward.kernels.itemsize, 64)
        self._memory = new_block(2 * samples + self._forward.scratch + 2 * bins)
        self._window = <char *>self._memory.ptr
        self._frame = self._window + samples
        self._scratch = self._frame + samples
        self._spectrum = self._scratch + self._forward.scratch
        self._response = self._spectrum + bins
        self._transform_response(response)
        self.reset()

    cdef _transform_response(self, response):
        cdef Signal signal
        cdef object _alive = attach(response, &signal, "response must not be empty")
        cdef const sg_kernels *k = self._forward.kernels
        k.convert[signal.type](signal.data, signal.stride, self._frame, signal.length)
        # The gain of the inverse transform goes into the response, so that the loop need not apply it.
        k.affine(self._frame, self._frame, signal.length, self._forward.gain * self._inverse.gain, 0)
        memset(self._frame + signal.length * k.itemsize, 0, (self._n - signal.length) * k.itemsize)
        self._forward.run(self._frame, self._response, self._scratch, False)

    def reset(self):
        """Forget the signal so far."""
        with self._lock:
            memset(self._window, 0, self._n * self._forward.kernels.itemsize)

    cdef void _step(self, const Signal *signal, int64_t first, int64_t count, char *out) noexcept nogil:
        """Convolve the next `count` samples."""
        cdef const sg_kernels *k = self._forward.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef int64_t kept = self._n - count
        # The window is shifted by the samples that come, be they fewer than a block: the output depends on
        # the signal alone, not on how it was cut, up to rounding.
        memmove(self._window, self._window + count * size, kept * size)
        k.convert[signal.type](signal.data + first * signal.stride, signal.stride,
                               self._window + kept * size, count)
        k.affine(self._window, self._frame, self._n, self._forward.gain, 0)
        self._forward.run(self._frame, self._spectrum, self._scratch, False)
        k.multiply(self._spectrum, self._response, self._spectrum, self._forward.bins)
        self._inverse.run(self._spectrum, self._frame, self._scratch)
        k.affine(self._frame + kept * size, out, count, 1, 0)

    def run(self, samples, cnp.ndarray out):
        """Convolve the next samples of the signal.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            Real numbers, at least one.
        out : ndarray, shape (n_samples,)
            Of the working dtype, any stride; may be `samples`.

        Raises
        ------
        ValueError
            If `out` has another length.
        """
        cdef Signal signal
        cdef object _alive = attach(samples, &signal, "input array must not be empty")
        cdef cnp.ndarray whole = out
        cdef int64_t first = 0
        cdef int64_t count
        # The kernel that writes the output wants it contiguous.
        if not cnp.PyArray_IS_C_CONTIGUOUS(out):
            whole = np.empty(out.shape[0], out.dtype)
        if cnp.PyArray_NDIM(whole) != 1 or whole.shape[0] != signal.length:
            raise ValueError(f"out must have shape {(signal.length,)}, got {np.shape(whole)}")
        if cnp.PyArray_ITEMSIZE(whole) != self._forward.kernels.itemsize:
            raise TypeError(f"out must have the working dtype, got {whole.dtype}")
        cdef char *target = <char *>cnp.PyArray_DATA(whole)
        with self._lock:
            with nogil:
                while first < signal.length:
                    count = min(self._block, signal.length - first)
                    self._step(&signal, first, count, target + first * self._forward.kernels.itemsize)
                    first += count
        if whole is not out:
            out[:] = whole
