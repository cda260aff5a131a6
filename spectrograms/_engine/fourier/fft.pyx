"""FFT plans: made under one lock, kept in a bounded cache, executed by any thread.

This is the only module that knows pyfftw. A plan is keyed by kind, length, precision and effort, and serves
every configuration and thread that needs it: executing passes the caller's own buffers, which must be aligned
to 64 bytes like those it was planned on.
"""
import atexit
import os
import re
import threading
from collections import OrderedDict

import numpy as np
import pyfftw

cimport cython
from pyfftw cimport FFTW, fftw_exe

from spectrograms._common.limits import MAX_LENGTH

# A plan costs a few kilobytes. Beyond this many, the least recently used one is dropped from the cache; if it
# is in use, the objects that hold it keep it alive.
CACHE_SIZE = 256
# Wisdom as FFTW writes it: a solver, flags of 20, 20 and 9 bits, a hash. Text from a file is compared with
# this before FFTW sees it, because FFTW aborts the process over a flag with more bits.
_WISDOM = re.compile(
    r"\(fftw-\S+ fftwf?_wisdom(?: #x[0-9a-f]{1,8}){4}\n"
    r"(?:  \(\w+ \d{1,9}(?: #x[0-9a-f]{1,5}){2} #x[01]?[0-9a-f]{1,2}(?: #x[0-9a-f]{1,8}){4}\)\n)*"
    r"\)\n",
    re.ASCII,
)
EFFORTS = {"estimate": "FFTW_ESTIMATE", "measure": "FFTW_MEASURE", "patient": "FFTW_PATIENT"}

_plans = OrderedDict()
_on_clear = []
# Guards the cache and FFTW's planner, which is not thread-safe. Held across fork, so that a child never
# inherits a planner stopped half-way. Re-entrant, because a signal handler or finaliser may need a plan, or
# fork, while its own thread is making one.
_lock = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
# Plans that nobody needs any more, waiting to be destroyed. pyfftw does that under a lock of its own. Only
# the thread that holds our lock may take it: a child forked while another thread has it would wait for ever.
cdef list _gone = []
cdef object _guard = _lock


cdef int _destroy_gone() except -1:
    """Destroy the plans in `_gone`, unless another thread has the lock.

    That thread then does it: whoever releases the lock calls this afterwards.
    """
    if _gone and _guard.acquire(False):
        try:
            _gone.clear()
        finally:
            _guard.release()
    return 0


def _c2c(n, real, cplx):
    return _aligned(n, cplx), _aligned(n, cplx), (0,), "FFTW_FORWARD"


def _c2c_backward(n, real, cplx):
    return _aligned(n, cplx), _aligned(n, cplx), (0,), "FFTW_BACKWARD"


def _rows(count):
    # `count` transforms, each of every count-th element: (n/count, count) in, row r of (count, n/count) out.
    # Each output row is padded to a multiple of the kernels' width, so that the kernels read whole vectors.
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


# kind -> (function of length and dtypes that gives arrays, axes and direction; whether it counts as inverse)
_KINDS = {
    "c2c": (_c2c, False),
    "c2c_backward": (_c2c_backward, True),
    "rows4": (_rows(4), False),
    "rows16": (_rows(16), False),
    "rows20": (_rows(20), False),
    "rows32": (_rows(32), False),
    "r2c": (_r2c, False),
    "c2r": (_c2r, True),
}


def _aligned(n, dtype):
    return pyfftw.empty_aligned(n, dtype, n=64)


@cython.no_gc_clear
cdef class FftPlan:
    """One FFTW plan, made by :func:`get_plan`."""

    def __cinit__(self, owner, key):  # type: (owner: object, key: tuple[str, int, bool, str]) -> Self
        cdef FFTW fftw = owner
        cdef fftw_exe exe = fftw.get_fftw_exe()
        self.run = exe._fftw_execute
        self.plan = exe._plan
        self._owner = owner
        self.key = key

    def __dealloc__(self):
        _gone.append(self._owner)
        # The list must hold the last reference, or the plan would be destroyed here, without our lock.
        self._owner = None
        _destroy_gone()

    def __repr__(self):
        kind, n, single, effort = self.key
        return f"FftPlan({kind!r}, n={n}, dtype={'float32' if single else 'float64'}, effort={effort!r})"


def _make(kind, n, single, effort):
    arrays = _KINDS[kind][0]
    source, target, axes, direction = arrays(
        n, np.float32 if single else np.float64, np.complex64 if single else np.complex128
    )
    options = {"axes": axes, "direction": direction, "flags": (EFFORTS[effort],), "threads": 1}
    if effort == "estimate":
        fftw = pyfftw.FFTW(source, target, **options)
    else:
        with _WisdomLent():
            fftw = pyfftw.FFTW(source, target, **options)
    return FftPlan(fftw, (kind, n, single, effort))


def _stop_planning():
    """At exit: allow no other thread to make plans from here on.

    A daemon thread that is stopped by the interpreter in the middle of planning would leave pyfftw's lock
    taken, and the interpreter would hang when it destroys the other plans; or the thread would find the
    planner gone, and crash.
    """
    # Never released.
    _lock.acquire()
    # Making a plan takes pyfftw's lock: when this returns, every thread that waited for it has had it.
    _make("c2c", 2, True, "estimate")


atexit.register(_stop_planning)


class _WisdomLent:
    """Lends our wisdom to FFTW's planner, and takes it back with what was added. Used under the lock only.

    FFTW has one store of wisdom for the whole process, and even an estimated plan follows what is there.
    Estimated plans must not depend on what was measured before them, so our wisdom is in the store only while
    a measured plan is being made, and the wisdom of others is out of it meanwhile.
    """

    # Texts for float64, float32 and long double, or None.
    wisdom = None

    def __enter__(self):
        self.foreign = pyfftw.export_wisdom()
        pyfftw.forget_wisdom()
        if _WisdomLent.wisdom is not None:
            pyfftw.import_wisdom(_WisdomLent.wisdom)

    def __exit__(self, *exception):
        _WisdomLent.wisdom = pyfftw.export_wisdom()
        pyfftw.forget_wisdom()
        pyfftw.import_wisdom(self.foreign)


def export_wisdom():  # type: () -> tuple[str, str]
    """Return what measuring has found so far, as (float64, float32) texts of FFTW; empty if nothing."""
    with _lock:
        wide, narrow, _ = _WisdomLent.wisdom or (b"", b"", b"")
    return wide.decode("ascii"), narrow.decode("ascii")


def import_wisdom(wide, narrow):  # type: (wide: str, narrow: str) -> bool
    """Add wisdom for measured plans made from now on.

    Parameters
    ----------
    wide, narrow : str
        What :func:`export_wisdom` gave.

    Returns
    -------
    bool
        Whether this FFTW accepted all of it; if not, nothing has changed.
    """
    if not wide and not narrow:
        return True
    if not all(_WISDOM.fullmatch(text) for text in (wide, narrow) if text):
        return False
    with _lock:
        before = _WisdomLent.wisdom
        taken = True
        with _WisdomLent():
            for text, place in ((wide, 0), (narrow, 1)):
                if text:
                    texts = [b"", b"", b""]
                    texts[place] = text.encode("ascii", "replace")
                    taken = pyfftw.import_wisdom(tuple(texts))[place] and taken
        if not taken:
            _WisdomLent.wisdom = before
    return bool(taken)


def forget_wisdom():  # type: () -> None
    """Forget what measuring has found. Existing plans are not affected."""
    with _lock:
        _WisdomLent.wisdom = None


cpdef FftPlan get_plan(str kind, Py_ssize_t n, bint single, str effort="estimate"):
    # type: (kind: Literal["c2c", "c2c_backward", "rows4", "rows16", "r2c", "c2r"],
    # effort: Literal["estimate", "measure", "patient"]) -> FftPlan
    """Return the plan of that kind and length, from the cache if it is there.

    Raises
    ------
    MemoryError
        If `n` exceeds ``limits.MAX_LENGTH``.
    """
    if n > MAX_LENGTH:
        raise MemoryError(f"n_fft must be at most 2**28={MAX_LENGTH}, got a transform of length {n}")
    key = (kind, n, single, effort)
    # Planning happens under the lock as well: threads that want the same plan wait, and find it in the cache.
    with _lock:
        plan = _plans.get(key)
        if plan is None:
            plan = _plans[key] = _make(kind, n, single, effort)
            if len(_plans) > CACHE_SIZE:
                _plans.popitem(last=False)
        else:
            _plans.move_to_end(key)
    # Plans may have been let go while this thread had the lock: by the cache above, or by another thread.
    _destroy_gone()
    return plan


def fft_plan_cache_info():  # type: () -> tuple[int, int]
    """Count the cached FFT plans.

    Returns
    -------
    tuple of (int, int)
        Number of forward and of inverse plans, over both precisions. At most ``CACHE_SIZE`` plans
        are kept in all; the least recently used goes first.

    See Also
    --------
    clear_fft_plan_cache : Drops them.
    FftPlanner.cache_info : Those of a planner.

    Examples
    --------
    >>> import spectrograms as sg
    >>> sg.clear_fft_plan_cache()
    >>> spectrum = sg.compute_fft([1.0, 2.0, 3.0, 4.0])
    >>> sg.fft_plan_cache_info()
    (1, 0)
    """
    with _lock:
        inverse = sum(_KINDS[kind][1] for kind, *_ in _plans)
        return len(_plans) - inverse, inverse


def clear_fft_plan_cache():  # type: () -> None
    """Drop every cached FFT plan. Plan objects in use keep theirs and go on working.

    See Also
    --------
    fft_plan_cache_info : Counts them.
    FftPlanner : Keeps plans of its own.

    Examples
    --------
    >>> import spectrograms as sg
    >>> sg.clear_fft_plan_cache()
    >>> sg.fft_plan_cache_info()
    (0, 0)
    """
    with _lock:
        _plans.clear()
    for forget in _on_clear:
        forget()
    _destroy_gone()


def on_clear(forget):  # type: (forget: Callable[[], object]) -> None
    """Have `forget` called when the cache is cleared: for caches of what holds plans."""
    _on_clear.append(forget)
