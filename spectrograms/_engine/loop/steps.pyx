"""What is done to a frame before its window: gain, noise, mean and trend, pre-emphasis."""

from spectrograms._engine.arrays.noise cimport counter_noise
from spectrograms._engine.memory.numbers cimport get, put

cdef dict _ENERGIES = {None: NO_ENERGY, "raw": RAW_ENERGY, "windowed": WINDOWED_ENERGY}


cdef set_steps(FrameSteps *s, dict steps):
    steps = steps or {}
    s.any = bool(steps)
    s.gain = steps.get("gain", 1.0)
    s.dither = steps.get("dither", 0.0)
    s.remove_trend = steps.get("remove_trend", False)
    # The kernel that removes the trend expects a frame of mean zero.
    s.remove_mean = steps.get("remove_mean", False) or s.remove_trend
    s.energy = _ENERGIES[steps.get("energy")]
    s.preemphasis = steps.get("preemphasis", 0.0)
    # What `kernels.emphasize` does in one pass. An energy before the pre-emphasis needs that value in
    # between, and noise and trend have no such kernel.
    s.short = s.preemphasis != 0 and s.dither == 0 and not s.remove_trend and s.energy != RAW_ENERGY


cdef void _add_noise(char *x, int64_t n, ptrdiff_t size, double scale, int64_t first) noexcept nogil:
    cdef int64_t i
    for i in range(n):
        put(x, i, size, get(x, i, size) + scale * counter_noise(first + i))


cdef void _remove_trend(char *x, int64_t n, ptrdiff_t size) noexcept nogil:
    """Subtract the least-squares line through n values of mean zero."""
    cdef double middle = (n - 1) * 0.5
    cdef double slope = 0
    cdef int64_t i
    if n < 2:
        return
    # slope = sum((i - m) x[i]) / sum((i - m)^2) with the middle m; the divisor is n (n^2 - 1) / 12.
    for i in range(n):
        slope += (i - middle) * get(x, i, size)
    slope *= 12.0 / (<double>n * (<double>n * n - 1))
    for i in range(n):
        put(x, i, size, get(x, i, size) - slope * (i - middle))


cdef const char *frame_steps(const sg_kernels *k, const FrameSteps *steps, const char *x, int64_t n,
                             int64_t frame_index, double *energy, char *frame, char *other) noexcept nogil:
    """Apply the steps before the window to the n samples at x; return where the result stands."""
    cdef double gain = steps.gain
    cdef double mean = 0
    # The order is fixed and documented at `Engine`; the steps that scale or shift share one pass.
    if steps.dither != 0:
        k.affine(x, frame, n, gain, 0)
        # Numbered by frame, so that overlapping frames get independent noise.
        _add_noise(frame, n, k.itemsize, steps.dither, frame_index * n)
        x = frame
        gain = 1
    if steps.remove_mean:
        mean = k.sum(x, n) / n
    k.affine(x, frame, n, gain, -mean * gain)
    if steps.remove_trend:
        _remove_trend(frame, n, k.itemsize)
    if steps.energy == RAW_ENERGY:
        energy[0] = k.sum_squares(frame, n)
    if steps.preemphasis == 0:
        return frame
    # The kernel reads the number before the one it writes, so it needs a second buffer. The first number
    # counts as its own predecessor.
    k.preemphasis(frame, other, n, steps.preemphasis, get(frame, 0, k.itemsize))
    return other
