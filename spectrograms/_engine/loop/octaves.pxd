"""Kernels of a filterbank at several sample rates, each half the one before."""
from libc.stdint cimport int64_t

from spectrograms._engine.kernels.kernels cimport sg_band, sg_kernels
from spectrograms._engine.loop.frames cimport Geometry, Signal

# The samples at one rate, around the time of each frame, and the kernels that read them.
ctypedef struct Level:
    int64_t left             # samples before the time of a frame that are wanted here or at lower rates
    int64_t right            # and from that time on
    int64_t offset           # where the first kernels begin, counted from the first of these samples
    int64_t length           # what all kernels of this rate span
    int64_t first_row        # where their rows stand in the tile
    int64_t rows             # two for each kernel; 0 where this rate only leads to the next
    const sg_band *bands
    const void *weights

ctypedef struct Octaves:
    int n_levels
    const Level *levels
    const void *taps         # of the half-band filter: one half of those at odd distances from its middle
    int64_t half             # how many
    int64_t rows             # of all levels
    int64_t widest           # rows that a tile must have room for
    int64_t span             # samples that one frame reaches over, at the rate of the signal
    int64_t left             # how many of them are before its time
    int64_t room             # numbers that one buffer must hold beyond the samples of its level


# The tables of one stage, and the memory they stand in.
cdef class OctaveTables:
    cdef Octaves plan
    cdef list _kept
    cdef const void *_keep(self, const sg_kernels *k, values)


# Numbers in the three buffers that `run_octaves` wants for `count` frames: samples, lower rates, spare.
cdef void octave_buffers(const Octaves *o, int64_t hop, int64_t count, int64_t *sizes) noexcept nogil

# Writes the rows of frames first .. first + count to `tile`, `lanes` numbers each. Frame t is at the padded
# index t * hop + at. `work` is another tile.
cdef void run_octaves(const sg_kernels *k, const Geometry *g, const Octaves *o, int64_t at,
                      const Signal *signal, int64_t first, int64_t count, char *samples, char *lower,
                      char *spare, char *work, char *tile, int64_t lanes) noexcept nogil
