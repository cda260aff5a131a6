"""Parked threads, and waking them without the GIL.

It takes 20 to 100 us to wake a sleeping thread, and some of that is spent by the thread that wakes it. A
parker therefore spins for a moment before it sleeps, so that a job which follows closely on another finds it
awake.

A woken thread asks for the GIL first. Whoever wakes it should be computing without the GIL by then; otherwise
the woken thread goes straight back to sleep, this time waiting for the GIL. Hence `WakeList`: the parkers are
collected under the GIL, and woken from inside the loop that has given it up.
"""
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_release_lock, WAIT_LOCK,
)
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free

from spectrograms._engine.threads.atomics cimport compare_exchange, exchange, fetch_add, load, spin_until

# Tokens of a park state.
cdef int64_t PARKED = -1
cdef int64_t EMPTY = 0
cdef int64_t NOTIFIED = 1

# How long a thread spins before it sleeps, in nanoseconds: about as long as it takes to wake it.
cdef int64_t PATIENCE = 100_000


cdef void _unpark(ParkState *state) noexcept nogil:
    # Only a thread that said it would sleep needs its lock released; a spinning one sees the token.
    if exchange(&state.token, NOTIFIED) == PARKED:
        PyThread_release_lock(state.lock)


cdef class Parker:
    """What one thread waits on; it is woken at most once for each time it parks."""

    def __cinit__(self):
        # Held by the waiting thread at all times, except while it is being woken. It is never freed: the
        # thread does not end, and a forked child, which has no such thread, cannot know what state the
        # lock is in.
        self.state.lock = PyThread_allocate_lock()
        if self.state.lock == NULL:
            raise MemoryError("cannot allocate a lock")
        PyThread_acquire_lock(self.state.lock, WAIT_LOCK)

    def park(self):
        """Return once this parker is woken, or at once if it has been already."""
        with nogil:
            if not spin_until(&self.state.token, NOTIFIED, PATIENCE):
                # The exchange fails if the wake-up came between the last look and this line.
                if compare_exchange(&self.state.token, EMPTY, PARKED):
                    PyThread_acquire_lock(self.state.lock, WAIT_LOCK)
            exchange(&self.state.token, EMPTY)


cdef class WakeList:
    """Parkers of idle threads, reserved for one job, which wakes them as it goes on.

    Parameters
    ----------
    idle : list of Parker
        Parkers are taken from its end. Those not woken are put back when this object goes.
    most : int
        How many to take at most.
    """

    def __cinit__(self, list idle, int64_t most):
        cdef Parker parker
        # No Python code runs in here, hence no signal handler: a parker in neither list would never be
        # woken. But other threads take parkers from `idle` at any time, if there is no interpreter lock, or
        # while creating a list starts the garbage collector: it may have become shorter than it was.
        self._idle = idle
        self._taken = []
        most = min(most, len(idle))
        self.waiters = <ParkState **>calloc(max(1, most), sizeof(ParkState *))
        if self.waiters == NULL:
            raise MemoryError("cannot allocate a wake list")
        while self.n < most:
            try:
                parker = idle.pop()
            except IndexError:
                break
            self._taken.append(parker)
            self.waiters[self.n] = &parker.state
            self.n += 1

    def __del__(self):
        self._idle.extend(self._taken[min(load(&self.next), self.n):])

    def __dealloc__(self):
        free(self.waiters)

    cdef void wake(self, int64_t most) noexcept nogil:
        """Wake the next `most` threads, or as many as are left."""
        cdef int64_t i
        while most > 0 and load(&self.next) < self.n:
            # Several threads may be here: each gets a number of its own, some beyond the end.
            i = fetch_add(&self.next, 1)
            if i < self.n:
                _unpark(self.waiters[i])
            most -= 1

    def wake_all(self):
        """Wake every thread that has not been woken."""
        with nogil:
            self.wake(self.n)
