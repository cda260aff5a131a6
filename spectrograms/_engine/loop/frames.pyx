"""Gathers samples by padded index: conversion, padding and signal-wide pre-emphasis in one place.

Only two kinds of frames pass through here: those that reach outside the signal, and all frames of a signal
that is not a contiguous array of the working dtype. The others are read where they are.

A run is the longest stretch of indices that can be handled in one way: samples forward, samples backward, one
value repeated, zeros. `gather` goes from run to run, so nothing is decided sample by sample.
"""
from libc.string cimport memcpy, memset


PADDINGS = {
    "zeros": PAD_ZEROS,
    "reflect": PAD_REFLECT,
    "symmetric": PAD_SYMMETRIC,
    "edge": PAD_EDGE,
    "circular": PAD_CIRCULAR,
    "odd": PAD_ODD,
}


cpdef int64_t count_frames(int64_t n_samples, int64_t frame, int64_t hop, int64_t pad=0,
                           int64_t short_frames=1) noexcept nogil:
    """Count the frames of a signal. No other place in the package does this.

    Parameters
    ----------
    n_samples, frame, hop : int
        Length of the signal, of a frame, and the step between frames.
    pad : int
        Samples that padding adds, both sides together.
    short_frames : int
        Number of frames of a signal that is shorter than one frame even when padded.
    """
    cdef int64_t padded = n_samples + pad
    return short_frames if padded < frame else (padded - frame) // hop + 1


cdef inline int64_t _modulo(int64_t a, int64_t period) noexcept nogil:
    # C rounds towards zero.
    cdef int64_t r = a % period
    return r + period if r < 0 else r


cdef void _read(const sg_kernels *k, const Geometry *g, const Signal *s, int64_t first, int64_t count,
                char *target, char *scratch) noexcept nogil:
    """Read samples first .. first + count of the signal itself, which are at hand, with pre-emphasis."""
    cdef const char *source = s.data + (first - s.origin) * s.stride
    cdef double before
    if g.preemphasis == 0:
        k.convert[s.type](source, s.stride, target, count)
        return
    # The filter runs over the whole signal, so a frame needs the sample before its first.
    if first == 0:
        before = 0
    else:
        k.convert[s.type](source - s.stride, s.stride, scratch, 1)
        before = (<float *>scratch)[0] if k.itemsize == 4 else (<double *>scratch)[0]
    k.convert[s.type](source, s.stride, scratch, count)
    k.preemphasis(scratch, target, count, g.preemphasis, before)


cdef void _read_virtual(const sg_kernels *k, const Geometry *g, const Signal *s, int64_t first,
                        int64_t count, char *target, char *scratch) noexcept nogil:
    """The same over what padding regards as the signal: the zeros of `lead`, its samples, those of `tail`."""
    cdef int64_t run
    cdef ptrdiff_t size = k.itemsize
    first -= g.lead
    while count > 0:
        if first < 0:
            run = min(count, -first)
            memset(target, 0, run * size)
        elif first < s.length:
            run = min(count, s.length - first)
            _read(k, g, s, first, run, target, scratch)
        else:
            run = count
            memset(target, 0, run * size)
        target += run * size
        first += run
        count -= run


cdef void _reverse(char *a, int64_t count, ptrdiff_t size) noexcept nogil:
    cdef int64_t i
    cdef float f
    cdef double d
    if size == 4:
        for i in range(count // 2):
            f = (<float *>a)[i]
            (<float *>a)[i] = (<float *>a)[count - 1 - i]
            (<float *>a)[count - 1 - i] = f
    else:
        for i in range(count // 2):
            d = (<double *>a)[i]
            (<double *>a)[i] = (<double *>a)[count - 1 - i]
            (<double *>a)[count - 1 - i] = d


cdef void _repeat_first(char *a, int64_t count, ptrdiff_t size) noexcept nogil:
    cdef int64_t i
    for i in range(1, count):
        memcpy(a + i * size, a, size)


cdef void _reflect_about(char *a, int64_t count, double edge, ptrdiff_t size) noexcept nogil:
    cdef int64_t i
    if size == 4:
        for i in range(count):
            (<float *>a)[i] = <float>(2 * edge) - (<float *>a)[i]
    else:
        for i in range(count):
            (<double *>a)[i] = 2 * edge - (<double *>a)[i]


cdef double _value(const sg_kernels *k, const Geometry *g, const Signal *s, int64_t i,
                   char *scratch) noexcept nogil:
    cdef float narrow
    cdef double wide
    if k.itemsize == 4:
        _read_virtual(k, g, s, i, 1, <char *>&narrow, scratch)
        return narrow
    _read_virtual(k, g, s, i, 1, <char *>&wide, scratch)
    return wide


cdef int64_t _outside(const sg_kernels *k, const Geometry *g, const Signal *s, int64_t n, int64_t i,
                      int64_t count, char *target, char *scratch) noexcept nogil:
    """Fill the longest run that starts at index i, which is outside 0..n; return its length."""
    cdef int64_t run = min(count, -i) if i < 0 else count
    cdef int64_t period, m
    cdef ptrdiff_t size = k.itemsize
    cdef int padding = g.padding
    # Zeros beyond the reach of the padding, and everywhere if there is none or no signal to copy.
    if n == 0 or padding == PAD_ZEROS or i < -g.reach or i >= n + g.reach:
        if n > 0 and i < -g.reach and padding != PAD_ZEROS:
            run = min(run, -g.reach - i)
        memset(target, 0, run * size)
        return run
    if i >= n:
        run = min(run, n + g.reach - i)
    # A single sample cannot be reflected: repeat it, as NumPy does.
    if padding == PAD_EDGE or (n == 1 and padding != PAD_CIRCULAR):
        _read_virtual(k, g, s, 0 if i < 0 else n - 1, 1, target, scratch)
        _repeat_first(target, run, size)
        return run
    if padding == PAD_CIRCULAR:
        m = _modulo(i, n)
        run = min(run, n - m)
        _read_virtual(k, g, s, m, run, target, scratch)
        return run
    # A reflected signal is periodic: forward for the first n places of a period, backward for the rest. The
    # period is shorter by two if the edge samples are not repeated.
    period = 2 * n if padding == PAD_SYMMETRIC else 2 * n - 2
    m = _modulo(i, period)
    if m < n:
        run = min(run, n - m)
        _read_virtual(k, g, s, m, run, target, scratch)
    else:
        run = min(run, period - m)
        m = (period - 1 if padding == PAD_SYMMETRIC else period) - m
        _read_virtual(k, g, s, m - run + 1, run, target, scratch)
        _reverse(target, run, size)
    # Point reflection about the edge value: 2 * edge - x.
    if padding == PAD_ODD:
        _reflect_about(target, run, _value(k, g, s, 0 if i < 0 else n - 1, scratch), size)
    return run


cdef void gather(const sg_kernels *kernels, const Geometry *geometry, const Signal *signal,
                 int64_t first, int64_t count, char *target, char *scratch) noexcept nogil:
    """Write the samples of padded indices first .. first + count; `scratch` holds as many."""
    cdef int64_t n = geometry.lead + signal.length + signal.tail
    cdef int64_t run
    while count > 0:
        if 0 <= first < n:
            run = min(count, n - first)
            _read_virtual(kernels, geometry, signal, first, run, target, scratch)
        else:
            run = _outside(kernels, geometry, signal, n, first, count, target, scratch)
        target += run * kernels.itemsize
        first += run
        count -= run
