"""FFT plans: made under one lock, kept in a bounded cache, executed by anybody.

The only module that knows pyfftw. A plan is keyed by kind, length, precision and effort and serves
every configuration and thread that needs it: executing passes the caller's own buffers, which must
be 64-byte aligned as the ones it was planned on.
"""
import os
import threading
from collections import OrderedDict

import numpy as np
import pyfftw

from pyfftw cimport FFTW, fftw_exe

# A plan costs a few kilobytes; beyond this many the least recently used is dropped. A plan in use
# lives on in the objects that hold it.
CACHE_SIZE = 256
# Larger transforms are refused before anything is allocated.
MAX_LENGTH = 2**28
EFFORTS = {"estimate": "FFTW_ESTIMATE", "measure": "FFTW_MEASURE", "patient": "FFTW_PATIENT"}

_plans = OrderedDict()
_on_clear = []
# Guards the cache and FFTW's planner. Held across fork, so that a child never inherits a planner
# stopped half-way.
_lock = threading.Lock()
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def _c2c(n, real, cplx):
    return _aligned(n, cplx), _aligned(n, cplx), (0,), "FFTW_FORWARD"


def _c2c_backward(n, real, cplx):
    return _aligned(n, cplx), _aligned(n, cplx), (0,), "FFTW_BACKWARD"


def _rows(count):
    # That many transforms of every count-th element: (n/count, count) in, row r of (count, n/count) out. Rows
    # are filled up to a multiple of the kernels' width.
    def arrays(n, real, cplx):
        width = 64 // np.dtype(real).itemsize
        source = _aligned(n, cplx).reshape(n // count, count)
        target = _aligned((count, -(-n // count // width) * width), cplx)[:, : n // count].T
        return source, target, (0,), "FFTW_FORWARD"

    return arrays


def _r2c(n, real, cplx):
    return _aligned(n, real), _aligned(n // 2 + 1, cplx), (0,), "FFTW_FORWARD"


def _c2r(n, real, cplx):
    return _aligned(n // 2 + 1, cplx), _aligned(n, real), (0,), "FFTW_BACKWARD"


# kind -> (arrays, axes and direction for length n; counts as inverse)
_KINDS = {
    "c2c": (_c2c, False),
    "c2c_backward": (_c2c_backward, True),
    "rows4": (_rows(4), False),
    "rows16": (_rows(16), False),
    "rows20": (_rows(20), False),
    "r2c": (_r2c, False),
    "c2r": (_c2r, True),
}


def _aligned(n, dtype):
    return pyfftw.empty_aligned(n, dtype, n=64)


cdef class FftPlan:
    """One FFTW plan, made by :func:`get_plan`."""

    def __cinit__(self, owner, key):
        cdef FFTW fftw = owner
        cdef fftw_exe exe = fftw.get_fftw_exe()
        self.run = exe._fftw_execute
        self.plan = exe._plan
        self._owner = owner
        self.key = key

    def __repr__(self):
        kind, n, single, effort = self.key
        return f"FftPlan({kind!r}, n={n}, dtype={'float32' if single else 'float64'}, effort={effort!r})"


def _make(kind, n, single, effort):
    arrays = _KINDS[kind][0]
    source, target, axes, direction = arrays(
        n, np.float32 if single else np.float64, np.complex64 if single else np.complex128
    )
    # What FFTW learns by measuring would change the plans that it estimates later, and so their bytes.
    wisdom = None if effort == "estimate" else pyfftw.export_wisdom()
    fftw = pyfftw.FFTW(
        source, target, axes=axes, direction=direction, flags=(EFFORTS[effort],), threads=1
    )
    if wisdom is not None:
        pyfftw.forget_wisdom()
        pyfftw.import_wisdom(wisdom)
    return FftPlan(fftw, (kind, n, single, effort))


cpdef FftPlan get_plan(str kind, Py_ssize_t n, bint single, str effort="estimate"):
    """Return the plan of that kind and length, from the cache where it is there.

    Raises
    ------
    MemoryError
        If `n` exceeds ``MAX_LENGTH``.
    """
    if n > MAX_LENGTH:
        raise MemoryError(f"n_fft must be at most 2**28={MAX_LENGTH}, got a transform of length {n}")
    key = (kind, n, single, effort)
    with _lock:
        plan = _plans.get(key)
        if plan is not None:
            _plans.move_to_end(key)
            return plan
        plan = _make(kind, n, single, effort)
        _plans[key] = plan
        if len(_plans) > CACHE_SIZE:
            _plans.popitem(last=False)
    return plan


def fft_plan_cache_info():
    """Count the cached FFT plans.

    Returns
    -------
    tuple of (int, int)
        Number of forward and of inverse plans, over both precisions. At most ``CACHE_SIZE`` plans
        are kept in all; the least recently used goes first.
    """
    with _lock:
        inverse = sum(_KINDS[kind][1] for kind, *_ in _plans)
        return len(_plans) - inverse, inverse


def clear_fft_plan_cache():
    """Drop every cached FFT plan. Plan objects in use keep theirs and go on working."""
    with _lock:
        _plans.clear()
    for forget in _on_clear:
        forget()


def on_clear(forget):
    """Have `forget` called when the cache is cleared: for caches of what holds plans."""
    _on_clear.append(forget)
