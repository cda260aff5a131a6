"""Many signals, or one long one, as units of work for several threads.

A job is cut by frames, not by signals, into units of about 0.1 ms. Threads take them from one counter
until none is left, so that nobody waits for the longest clip. What a unit computes does not depend on how
the work was cut.
"""
from libc.string cimport memset

from spectrograms.engine.block cimport MAX_HEADS, run_frames
from spectrograms.engine.memory cimport new_block
from spectrograms.engine.signals cimport attach

from spectrograms.engine import pool

cdef extern from *:
    """
    #if defined(_MSC_VER)
    #include <intrin.h>
    #define sg_take(p) _InlineTake(p)
    static __inline int64_t _InlineTake(int64_t *p) { return _InterlockedExchangeAdd64(p, 1); }
    #else
    #define sg_take(p) __atomic_fetch_add(p, 1, __ATOMIC_RELAXED)
    #endif
    """
    int64_t sg_take(int64_t *p) nogil

# Nanoseconds of work in a unit, and between two returns to Python, where Ctrl-C is noticed.
cdef double UNIT = 1e5
cdef double STEP = 1e7
# Less work than this is not worth waking a thread for.
cdef double WORTH_SPLITTING = 1e6


cdef class Job:
    """Signals to compute with one engine.

    Attach all signals, bind their targets, then :meth:`run`.
    """

    def __cinit__(self, Engine engine, int64_t n_signals):
        cdef AlignedBlock memory
        cdef int64_t heads = engine.config.n_heads
        self.engine = engine
        self.n_signals = n_signals
        self._alive = []
        self._memory = []
        memory = new_block(max(1, n_signals) * sizeof(Signal))
        self._memory.append(memory)
        self.signals = <Signal *>memory.ptr
        memory = new_block(max(1, n_signals) * sizeof(int64_t))
        self._memory.append(memory)
        self.counts = <int64_t *>memory.ptr
        memory = new_block(max(1, n_signals * heads) * sizeof(Target))
        self._memory.append(memory)
        self.targets = <Target *>memory.ptr
        memset(self.targets, 0, n_signals * heads * sizeof(Target))

    cdef int64_t add(self, int64_t i, object samples, str empty) except -1:
        """Point signal i at its samples; return its number of frames."""
        self._alive.append(attach(samples, &self.signals[i], empty))
        self.counts[i] = self.engine.frame_count(self.signals[i].length)
        return self.counts[i]

    cdef void hold(self, object memory):
        """Keep alive what a target points into."""
        self._alive.append(memory)

    cdef Target *target(self, int64_t i, int64_t head) noexcept:
        return &self.targets[i * self.engine.config.n_heads + head]

    cdef void _divide(self) except *:
        """Cut the signals into units, by number only: a table of them would grow with the batch."""
        cdef double cost = self.engine.frame_cost()
        cdef int64_t block = self.engine.config.block
        cdef int64_t i
        cdef AlignedBlock memory = new_block((self.n_signals + 1) * sizeof(int64_t))
        self._memory.append(memory)
        self.first_units = <int64_t *>memory.ptr
        self.unit_size = max(1, <int64_t>(UNIT / (cost * block))) * block
        self.n_units = 0
        for i in range(self.n_signals):
            self.first_units[i] = self.n_units
            self.n_units += (self.counts[i] + self.unit_size - 1) // self.unit_size
        self.first_units[self.n_signals] = self.n_units

    cdef Unit unit(self, int64_t number) noexcept nogil:
        """Which frames the unit of that number stands for."""
        cdef Unit unit
        cdef int64_t low = 0
        cdef int64_t high = self.n_signals
        cdef int64_t middle
        # The last signal whose first unit is not beyond; signals without frames have no unit.
        while high - low > 1:
            middle = (low + high) // 2
            if self.first_units[middle] <= number:
                low = middle
            else:
                high = middle
        unit.signal = low
        unit.first = (number - self.first_units[low]) * self.unit_size
        unit.count = min(self.unit_size, self.counts[low] - unit.first)
        return unit

    def run(self, num_threads):
        """Compute everything; the calling thread works too.

        Parameters
        ----------
        num_threads : int or None
            At most this many threads; None for the setting of the process.
        """
        cdef double work = 0
        cdef int64_t i
        for i in range(self.n_signals):
            work += self.counts[i]
        work *= self.engine.frame_cost()
        self._divide()
        threads = pool.resolve(num_threads) if work > WORTH_SPLITTING else 1
        pool.share(self.step, min(threads, self.n_units))

    def step(self):
        """Take units for some milliseconds; return whether there may be more."""
        cdef Engine engine = self.engine
        cdef AlignedBlock arena = engine.borrow()
        cdef char *scratch = <char *>arena.ptr
        cdef double budget = STEP
        cdef double cost = engine.frame_cost()
        cdef int64_t heads = engine.config.n_heads
        cdef int64_t taken, h
        cdef bint more = True
        cdef Unit unit
        cdef Target targets[MAX_HEADS]
        with nogil:
            while budget > 0:
                taken = sg_take(&self.next)
                if taken >= self.n_units:
                    more = False
                    break
                unit = self.unit(taken)
                for h in range(heads):
                    targets[h] = self.targets[unit.signal * heads + h]
                    targets[h].data += unit.first * targets[h].frame_stride
                run_frames(&engine.config, &self.signals[unit.signal], unit.first, unit.count, targets,
                           scratch)
                budget -= cost * unit.count
        engine.give_back(arena)
        return more
