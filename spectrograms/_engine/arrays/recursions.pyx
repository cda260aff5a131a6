"""Recursions over the frames of whole arrays, each row by itself and without the GIL.

The `ndarray` arguments are trusted: a caller hands over the dtype and layout that a docstring asks for.
"""
from libc.math cimport sqrt
from libc.stdint cimport int64_t
from libc.string cimport memset

cimport numpy as cnp

from spectrograms._engine.kernels.kernels cimport kernels_for, sg_kernels
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.numbers cimport get, put
from spectrograms._engine.memory.sizes cimport round_up

cnp.import_array()


# Bins of a piece that is turned round, with its frames side by side.
cdef int64_t PIECE = 16


cdef void _begin_phases(const char *phase, const char *here, int64_t n, const sg_kernels *k, bint begun,
                        char *turned) noexcept nogil:
    """Phases as the kernel wants them, of a row of complex numbers; or those of the first frame."""
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t width = k.width
    cdef int64_t j, at
    cdef double re, im, length
    for j in range(round_up(n, width)):
        re, im = 1, 0
        if j < n and begun:
            re, im = get(phase, 2 * j, size), get(phase, 2 * j + 1, size)
        elif j < n:
            re, im = get(here, 2 * j, size), get(here, 2 * j + 1, size)
            length = sqrt(re * re + im * im)
            re, im = (re / length, im / length) if length > 0 else (1.0, 0.0)
        at = j // width * 2 * width + j % width
        put(turned, at, size, re)
        put(turned, at + width, size, im)


cdef void _end_phases(const char *turned, int64_t n, const sg_kernels *k, char *phase) noexcept nogil:
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t width = k.width
    cdef int64_t j, at
    for j in range(n):
        at = j // width * 2 * width + j % width
        put(phase, 2 * j, size, get(turned, at, size))
        put(phase, 2 * j + 1, size, get(turned, at + width, size))


def stretch(cnp.ndarray x, cnp.ndarray out, int64_t first, int64_t end, cnp.ndarray frames,
            cnp.ndarray shares, cnp.ndarray phase, bint begun):
    """Write rows first .. end of spectra at other times, with phases that go on.

    Parameters
    ----------
    x : ndarray of complex64 or complex128, shape (n_bins, n_frames)
        Contiguous, bin after bin or frame after frame; no bin depends on another.
    out : ndarray of the same dtype and kind of layout, shape (n_bins, n_out)
    frames : ndarray of int64, shape (n_out,)
        The frame before each time, below `n_frames`; after the last one comes silence.
    shares : ndarray of float64, shape (n_out,)
        How far each time is on the way to the next frame, 0..1.
    phase : ndarray of the same dtype, shape (n_bins,)
        The phases of the next frame to be written, numbers of magnitude 1; they are updated.
    begun : bool
        False where the phases are those of the first frame of `x` instead.
    """
    cdef const sg_kernels *k = kernels_for(cnp.PyArray_ITEMSIZE(x) == 8)
    cdef int64_t element = cnp.PyArray_ITEMSIZE(x)
    cdef int64_t n_frames = cnp.PyArray_DIM(x, 1), n = cnp.PyArray_DIM(out, 1)
    cdef bint turn = cnp.PyArray_IS_C_CONTIGUOUS(x) and cnp.PyArray_IS_C_CONTIGUOUS(out)
    cdef const char *source = <const char *>cnp.PyArray_DATA(x)
    cdef char *target = <char *>cnp.PyArray_DATA(out)
    cdef char *state = <char *>cnp.PyArray_DATA(phase)
    cdef const int64_t *places = <const int64_t *>cnp.PyArray_DATA(frames)
    cdef const double *parts = <const double *>cnp.PyArray_DATA(shares)
    cdef int64_t most = min(PIECE, end - first) if turn else end - first
    cdef int64_t row = round_up(most, k.width) * element
    # A frame of silence, phases, and where bins have to be turned round the frames of a piece.
    cdef AlignedBlock memory = new_block((2 + (n_frames + n if turn else 0)) * row)
    cdef char *silence = <char *>memory.ptr
    cdef char *turned = silence + row
    cdef char *tile = turned + row
    cdef char *made = tile + n_frames * row
    cdef const char *here = tile
    cdef const char *following
    cdef int64_t pitch = row, out_pitch = row
    cdef int64_t at = first, t, bins
    if not turn:
        pitch, out_pitch = cnp.PyArray_STRIDE(x, 1), cnp.PyArray_STRIDE(out, 1)
    with nogil:
        memset(silence, 0, row)
        while at < end:
            bins = min(most, end - at)
            if turn:
                k.transpose_complex(source + at * n_frames * element, n_frames, tile, row // element, bins,
                                    n_frames)
            else:
                here, made = source + at * element, target + at * element
            _begin_phases(state + at * element, here, bins, k, begun, turned)
            for t in range(n):
                following = here + (places[t] + 1) * pitch if places[t] + 1 < n_frames else silence
                k.stretch(here + places[t] * pitch, following, parts[t], bins, turned, made + t * out_pitch)
            _end_phases(turned, bins, k, state + at * element)
            if turn:
                k.transpose_complex(made, row // element, target + at * n * element, n, n, bins)
            at += bins


def running_mean(cnp.ndarray x, cnp.ndarray out, cnp.ndarray state, double smoothing):
    """Write ``M[t] = (1 - smoothing) * M[t - 1] + smoothing * x[t]`` of each row.

    Parameters
    ----------
    x, out : ndarray of float64, C-contiguous, shape (rows, frames)
    state : ndarray of float64, shape (rows,)
        ``(1 - smoothing) * M[-1]``; that of the last frame afterwards.
    smoothing : float
    """
    cdef int64_t rows = cnp.PyArray_DIM(x, 0), frames = cnp.PyArray_DIM(x, 1), r, t
    cdef const double *source = <const double *>cnp.PyArray_DATA(x)
    cdef double *target = <double *>cnp.PyArray_DATA(out)
    cdef double *states = <double *>cnp.PyArray_DATA(state)
    cdef double kept = 1.0 - smoothing, before
    with nogil:
        for r in range(rows):
            before = states[r]
            for t in range(frames):
                target[t] = before + smoothing * source[t]
                before = kept * target[t]
            states[r] = before
            source += frames
            target += frames
