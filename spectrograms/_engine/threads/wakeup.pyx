"""Bells for waiting threads, rung and heard without the GIL.

To wake a sleeping thread takes 20 to 100 us, part of it on the side of who wakes it. A waiting thread
therefore listens a little before it goes to sleep, so that jobs that follow each other find it awake.
Whoever rings should be computing, not holding the GIL, when the other thread asks for it: otherwise that one
goes to sleep once more.
"""
from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_release_lock, WAIT_LOCK,
)
from libc.stdint cimport int64_t
from libc.stdlib cimport calloc, free

cdef extern from "atomics.h":
    # Returns the value before, as sg_put does.
    int64_t sg_add(int64_t *p) nogil
    int64_t sg_look(int64_t *p) nogil
    int64_t sg_put(int64_t *p, int64_t value) nogil
    bint sg_put_if(int64_t *p, int64_t expected, int64_t value) nogil
    bint sg_wait_for(int64_t *p, int64_t n, double patience) nogil

# States of a bell.
cdef int64_t ASLEEP = -1
cdef int64_t QUIET = 0
cdef int64_t RUNG = 1

# How long a thread listens before it sleeps, in nanoseconds: about what it takes to wake it.
cdef double PATIENCE = 1e5


cdef void _ring(Clapper *bell) noexcept nogil:
    if sg_put(&bell.state, RUNG) == ASLEEP:
        PyThread_release_lock(bell.lock)


cdef class Bell:
    """What one thread waits for; rung at most once for each time it waits."""

    def __cinit__(self):
        # Held by the waiting thread but while it is woken. Never freed: neither does the thread end, and in
        # a forked child, which has no such thread, the state of the lock is anybody's guess.
        self.clapper.lock = PyThread_allocate_lock()
        if self.clapper.lock == NULL:
            raise MemoryError("cannot allocate a lock")
        PyThread_acquire_lock(self.clapper.lock, WAIT_LOCK)

    def wait(self):
        """Return once the bell is rung, or was before."""
        with nogil:
            if not sg_wait_for(&self.clapper.state, RUNG, PATIENCE):
                if sg_put_if(&self.clapper.state, QUIET, ASLEEP):
                    PyThread_acquire_lock(self.clapper.lock, WAIT_LOCK)
            sg_put(&self.clapper.state, QUIET)


cdef class Bells:
    """Bells of idle threads, for one job, which rings them as it goes on.

    Parameters
    ----------
    idle : list of Bell
        Bells are taken from its end. Those that nobody rang are put back when this object goes.
    most : int
        How many at most.
    """

    def __cinit__(self, list idle, int64_t most):
        # No Python code runs in here, hence no signal handler: a bell in neither list would never be heard.
        # But a new list may start the garbage collector, and finalisers or other threads then take bells.
        self._idle = idle
        self._taken = []
        most = min(most, len(idle))
        self.clappers = <Clapper **>calloc(max(1, most), sizeof(Clapper *))
        if self.clappers == NULL:
            raise MemoryError("cannot allocate a list of bells")
        while self.n < most:
            self._taken.append(idle.pop())
            self.clappers[self.n] = &(<Bell>self._taken[self.n]).clapper
            self.n += 1

    def __del__(self):
        self._idle.extend(self._taken[min(sg_look(&self.next), self.n):])

    def __dealloc__(self):
        free(self.clappers)

    cdef void ring(self, int64_t most) noexcept nogil:
        """Ring the next `most` bells, if there are so many."""
        cdef int64_t i
        while most > 0 and sg_look(&self.next) < self.n:
            i = sg_add(&self.next)
            if i < self.n:
                _ring(self.clappers[i])
            most -= 1

    def ring_all(self):
        """Ring every bell that was not rung."""
        with nogil:
            self.ring(self.n)
