"""Kernels of a filterbank at several sample rates, each half the one before.

A stage of the loop: it takes the samples around a block of frames, halves their rate again and again, and
lets each octave of kernels see them at its own. What is read, kept and computed depends on the block alone,
so that a frame is the same bytes whatever comes with it.

The filter is symmetric, and every second one of its coefficients is zero. It reads samples on both sides of
the one it makes and delays nothing: sample m at one rate is at the time of sample 2m at the rate above.
"""
import numpy as np

cimport numpy as cnp

from libc.string cimport memcpy

from spectrograms._engine.kernels.kernels cimport SG_F64, kernels_for
from spectrograms._engine.loop.frames cimport gather, is_native
from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block
from spectrograms._engine.memory.sizes cimport round_up

cnp.import_array()


cdef class OctaveTables:
    """The tables of one stage.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    taps : ndarray of float64, shape (half,)
        Coefficients of the half-band filter at the distances ``2 * half - 1, ..., 3, 1`` from its middle,
        which is one half.
    levels : sequence of (left, length, first_row, starts, lengths, offsets, weights)
        One for each rate, that of the signal first. `left` samples before the time of a frame begin the
        `length` samples that the kernels of this rate see; rows as of a ``"pair_bank"``, `first_row` being
        the first of them in the result. No rows where a rate only leads to the next.
    """

    def __cinit__(self, bint single, taps, levels):
        cdef Octaves *o = &self.plan
        cdef const sg_kernels *k = kernels_for(single)
        cdef AlignedBlock memory = new_block(len(levels) * sizeof(Level))
        cdef AlignedBlock bands
        cdef Level *level = <Level *>memory.ptr
        cdef Level *below
        cdef sg_band *band
        cdef int64_t reach, i
        self._kept = [memory]
        o.levels = level
        o.n_levels = len(levels)
        o.half = len(taps)
        o.taps = self._keep(k, taps)
        o.rows = o.widest = 0
        for left, length, first_row, starts, lengths, offsets, weights in levels:
            level.left, level.length, level.right = left, length, length - left
            level.first_row, level.rows = first_row, len(starts)
            bands = new_block(max(1, level.rows) * sizeof(sg_band))
            self._kept.append(bands)
            band = <sg_band *>bands.ptr
            for i in range(level.rows):
                band[i].start, band[i].length, band[i].offset = starts[i], lengths[i], offsets[i]
            level.bands = band
            level.weights = self._keep(k, weights)
            o.rows += level.rows
            o.widest = max(o.widest, level.length)
            level += 1
        o.widest = max(o.widest, o.rows)
        # From the lowest rate up: a level holds what its own kernels read, and what the filter makes the next
        # of.
        reach = 2 * o.half - 1
        for i in range(o.n_levels - 1, -1, -1):
            level = &(<Level *>memory.ptr)[i]
            level.offset = level.left
            if i + 1 < o.n_levels:
                below = level + 1
                level.left = max(level.left, 2 * below.left + reach)
                level.right = max(level.right, 2 * (below.right - 1) + reach + 1)
            level.offset = level.left - level.offset
        o.left = level.left
        o.span = level.left + level.right
        o.room = 2 * o.half + 2 * k.width

    cdef const void *_keep(self, const sg_kernels *k, values):
        cdef cnp.ndarray array = np.ascontiguousarray(values, np.float64)
        cdef Py_ssize_t count = cnp.PyArray_SIZE(array)
        cdef AlignedBlock block = new_block(max(1, count) * k.itemsize)
        k.convert[SG_F64](cnp.PyArray_BYTES(array), 8, block.ptr, count)
        self._kept.append(block)
        return block.ptr


cdef inline int64_t _samples(const Octaves *o, int64_t hop, int64_t count) noexcept nogil:
    """Samples that are taken at once: those of all frames, or of one where frames are far apart."""
    return o.span + ((count - 1) * hop if hop <= o.span else 0)


cdef void octave_buffers(const Octaves *o, int64_t hop, int64_t count, int64_t *sizes) noexcept nogil:
    cdef int64_t samples = _samples(o, hop, count) + o.room
    cdef int64_t half = round_up(samples // 2 + o.room, 16)
    sizes[0] = samples
    sizes[1] = 2 * half + o.rows * round_up(count, 16)
    sizes[2] = max(samples, 2 * half)


cdef void _levels(const sg_kernels *k, const Octaves *o, int64_t hop, const char *x, int64_t count,
                  char *lower, int64_t half, char *spare, char *work, char *tile,
                  int64_t lanes) noexcept nogil:
    """The rows of `count` frames, from the samples around them."""
    cdef ptrdiff_t size = k.itemsize
    cdef const Level *level
    cdef const Level *below
    cdef char *halved
    cdef int64_t n, b, together
    cdef int i
    for i in range(o.n_levels):
        level = &o.levels[i]
        if level.rows > 0:
            # A few vectors of frames at a time, whose samples fit in the first-level cache. Row t of the
            # matrix to transpose is the same memory, a hop further on.
            b = 0
            while b < count:
                together = min(2 * k.width, lanes - b)
                k.transpose(x + (level.offset + b * hop) * size, hop, work, together,
                            min(together, count - b), level.length)
                k.pair_bank(work, together, level.bands, level.rows, level.weights,
                            tile + (level.first_row * lanes + b) * size, lanes, together)
                b += together
        if i + 1 == o.n_levels:
            break
        below = level + 1
        hop //= 2
        n = (count - 1) * hop + below.left + below.right
        halved = lower + (i % 2) * half * size
        k.halve(x + (level.left - 2 * below.left - (2 * o.half - 1)) * size, o.taps, o.half, halved, n,
                spare)
        x = halved


cdef void run_octaves(const sg_kernels *k, const Geometry *g, const Octaves *o, int64_t at,
                      const Signal *signal, int64_t first, int64_t count, char *samples, char *lower,
                      char *spare, char *work, char *tile, int64_t lanes) noexcept nogil:
    cdef ptrdiff_t size = k.itemsize
    cdef int64_t low = g.lead + signal.origin
    cdef int64_t run = count if g.hop <= o.span else 1
    cdef int64_t half = round_up((_samples(o, g.hop, count) + o.room) // 2 + o.room, 16)
    cdef int64_t span = o.span + (run - 1) * g.hop
    cdef int64_t start, b, row
    cdef const char *x
    # Frames far apart go one by one, each with idle lanes beside it, into rows of their own.
    cdef char *rows = tile if run == count else lower + 2 * half * size
    cdef int64_t pitch = lanes if run == count else k.width
    b = 0
    while b < count:
        start = (first + b) * g.hop + at - o.left
        x = samples
        if (is_native(signal.type, signal.stride, size) and g.preemphasis == 0
                and start >= low and start + span <= low + signal.available):
            x = signal.data + (start - low) * size
        else:
            gather(k, g, signal, start, span, samples, spare)
        _levels(k, o, g.hop, x, run, lower, half, spare, work, rows, pitch)
        if run < count:
            for row in range(o.rows):
                memcpy(tile + (row * lanes + b) * size, rows + row * pitch * size, size)
        b += run
