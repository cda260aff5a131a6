"""Fourier transforms of real signals of one length, in both directions.

Both are those of single frames in `fourier.rfft`, the forward one being that of the block loop, so results
agree with spectrograms to the last bit. An object holds plan and tables, which are read-only, and serves any
number of threads; each call borrows scratch memory of its own.
"""
from functools import lru_cache

from libc.string cimport memset

cimport numpy as cnp

from spectrograms._engine.memory.views cimport require
from spectrograms._engine.loop.frames cimport Signal, is_native
from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up
from spectrograms._engine.loop.signals cimport attach
from spectrograms._engine.fourier.rfft cimport FrameIrfft, FrameRfft, irfft_frame, rfft_frame

from spectrograms._common.limits import MAX_LENGTH
from spectrograms._engine.fourier.fft import on_clear
from spectrograms.errors import InvalidInputError

cnp.import_array()

cdef str _EMPTY = "input array must not be empty: samples must hold at least one number"


cdef int64_t _checked(n) except -1:
    if n > MAX_LENGTH:
        raise MemoryError(f"n_fft must be at most 2**28={MAX_LENGTH}, got {n}")
    return n


cdef class RealTransform:
    """What both directions have: `n` real numbers, at least 1, and the ``n // 2 + 1`` complex ones of them.

    Arithmetic is in float32 if `single`, else in float64.

    Raises
    ------
    MemoryError
        If `n` exceeds ``limits.MAX_LENGTH``.
    """

    def __cinit__(self, bint single, n):
        self.kernels = kernels_for(single)
        self.single = single
        self.n = _checked(n)
        self.bins = self.n // 2 + 1

    cdef ScratchPool _blocks(self):
        """Scratch of `compute`: the frame, then what the transform needs."""
        return ScratchPool(round_up(self.n * self.kernels.itemsize, 64) + self.scratch)


cdef class Rfft(RealTransform):
    """Forward transform of the `n` real numbers, unnormalised."""

    def __cinit__(self, bint single, n):
        self._frame = FrameRfft(single, n)
        self.gain = self._frame.gain
        self.scratch = self._frame.plan.scratch
        self._pool = self._blocks()

    cdef void run(self, const char *frame, char *out, char *scratch, bint power) noexcept nogil:
        rfft_frame(&self._frame.plan, <char *>frame, out, scratch, power, True)

    def prepare_window(self, window):
        """Turn weights into the table that :meth:`compute` takes.

        Parameters
        ----------
        window : ndarray of float64, shape (n,), C-contiguous

        Returns
        -------
        AlignedBlock
        """
        cdef cnp.ndarray weights = window * self.gain
        cdef AlignedBlock table = new_block(self.n * self.kernels.itemsize)
        self.kernels.convert[SG_F64](cnp.PyArray_BYTES(weights), 8, table.ptr, self.n)
        return table

    def compute(self, samples, AlignedBlock window=None, bint power=False):
        """Transform a signal of at most `n` samples, zeros beyond its end.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            Real numbers, ``1 <= n_samples <= n``.
        window : AlignedBlock, optional
            Made by :meth:`prepare_window`.
        power : bool
            Return squared absolute values.

        Returns
        -------
        ndarray, shape (n // 2 + 1,)
            Complex, or real with `power`.

        Raises
        ------
        ValueError
            If there are no samples.
        InvalidInputError
            If there are more than `n`.
        TypeError
            If it is no 1-D array of real numbers.
        """
        cdef Signal signal
        cdef object _alive = attach(samples, &signal, _EMPTY)
        cdef const sg_kernels *k = self.kernels
        cdef ptrdiff_t size = k.itemsize
        cdef cnp.npy_intp shape = self.bins
        cdef int kind
        if signal.length > self.n:
            raise InvalidInputError(
                f"Input length ({signal.length}) exceeds FFT size ({self.n}): samples must hold at most "
                "n_fft numbers"
            )
        if power:
            kind = cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64
        else:
            kind = cnp.NPY_COMPLEX64 if self.single else cnp.NPY_COMPLEX128
        cdef cnp.ndarray out = cnp.PyArray_EMPTY(1, &shape, kind, 0)
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef AlignedBlock memory = self._pool.borrow()
        cdef char *frame = <char *>memory.ptr
        cdef char *scratch = frame + round_up(self.n * size, 64)
        cdef const void *weights = NULL if window is None else window.ptr
        cdef const char *x = signal.data
        with nogil:
            # Converted samples may stand where the transform works later: they are used up before.
            if not is_native(signal.type, signal.stride, size):
                k.convert[signal.type](signal.data, signal.stride, scratch, signal.length)
                x = scratch
            # The gain of the transform is applied here, or is in the window already.
            if weights == NULL:
                k.affine(x, frame, signal.length, self.gain, 0)
            else:
                k.window(x, weights, frame, signal.length, x, 0)
            memset(frame + signal.length * size, 0, (self.n - signal.length) * size)
            self.run(frame, target, scratch, power)
        self._pool.give_back(memory)
        return out


cdef class Irfft(RealTransform):
    """Inverse transform, back to the `n` real numbers."""

    def __cinit__(self, bint single, n):
        self._frame = FrameIrfft(single, n)
        self.gain = 1.0 / n
        self.scratch = self._frame.plan.scratch
        self._pool = self._blocks()

    cdef void run(self, const char *spectrum, char *frame, char *scratch) noexcept nogil:
        irfft_frame(&self._frame.plan, <char *>spectrum, frame, scratch, True)

    def compute(self, cnp.ndarray spectrum):
        """Transform back, with the factor ``1 / n``.

        Parameters
        ----------
        spectrum : ndarray, shape (n // 2 + 1,), C-contiguous
            Complex of the working precision.

        Returns
        -------
        ndarray, shape (n,)
        """
        require(spectrum, cnp.NPY_COMPLEX64 if self.single else cnp.NPY_COMPLEX128, 1, self.bins, 0)
        cdef const sg_kernels *k = self.kernels
        cdef cnp.npy_intp shape = self.n
        cdef cnp.ndarray out = cnp.PyArray_EMPTY(
            1, &shape, cnp.NPY_FLOAT32 if self.single else cnp.NPY_FLOAT64, 0
        )
        cdef const char *source = <const char *>cnp.PyArray_DATA(spectrum)
        cdef char *target = <char *>cnp.PyArray_DATA(out)
        cdef AlignedBlock memory = self._pool.borrow()
        cdef char *frame = <char *>memory.ptr
        cdef char *scratch = frame + round_up(self.n * k.itemsize, 64)
        with nogil:
            # Not straight into `out`: FFTW was planned for buffers aligned to 64 bytes.
            self.run(source, frame, scratch)
            k.affine(frame, target, self.n, self.gain, 0)
        self._pool.give_back(memory)
        return out


@lru_cache(maxsize=64)
def forward(single, n):
    """Return the shared `Rfft` of that precision and length."""
    return Rfft(single, n)


@lru_cache(maxsize=64)
def inverse(single, n):
    """Return the shared `Irfft` of that precision and length."""
    return Irfft(single, n)


# These caches hold plans. They are cleared with the plan cache, to free the memory, and so that plans are
# counted when they are made again.
on_clear(forward.cache_clear)
on_clear(inverse.cache_clear)
