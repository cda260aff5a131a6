"""What is done to a frame before its window."""
from libc.stdint cimport int64_t

from spectrograms._engine.kernels.kernels cimport sg_kernels

# Where in the frame steps the energy is taken.
cdef enum EnergyOf:
    NO_ENERGY
    RAW_ENERGY        # before pre-emphasis
    WINDOWED_ENERGY   # after the window

# Done to each frame before the window, in this order.
ctypedef struct FrameSteps:
    bint any
    double gain
    double dither            # factor of noise that depends on the frame's index alone
    bint remove_mean
    bint remove_trend        # the least-squares line
    int energy               # where the energy of the frame is taken
    double preemphasis
    bint short               # gain, mean and pre-emphasis at most: one kernel does these and the window


# From the argument of `Engine`.
cdef set_steps(FrameSteps *s, dict steps)


# `frame` and `other` have room for a frame each; the result stands in one of them.
cdef const char *frame_steps(const sg_kernels *k, const FrameSteps *steps, const char *x, int64_t n,
                             int64_t frame_index, double *energy, char *frame, char *other) noexcept nogil
