"""Many signals, or one long one, as units of work for several threads.

A job is cut by frames, not by signals, into units of about thirty microseconds, and the units are divided
into one range for each thread. A thread takes the units of its own range in order, then helps with the range
that has most left, so that nobody waits for the longest clip. Ranges keep the threads apart: two of them
writing side by side into fresh memory would both have the system clear the same page of 2 MiB, one of them in
vain. What a unit computes does not depend on how the work was cut.

The life of a job: signals are added, targets set, and `run` is called once, all by one thread under the GIL.
`run` makes the ranges and hands `step` to the pool. From then on several threads are in `step` at once,
without the GIL; they read the job and share counters, `next` and `owners` of a range and `n_done`, which are
atomic. A unit belongs to the thread that got its number from `next`, so no two threads write the same place.
"""
cimport cython
from libc.string cimport memset

from spectrograms._engine.loop.block cimport MAX_OUTPUTS, run_frames
from spectrograms._engine.memory.blocks cimport new_block
from spectrograms._engine.loop.signals cimport attach
from spectrograms._engine.threads.atomics cimport compare_exchange, fetch_add, load, spin_until
from spectrograms._engine.threads.wakeup cimport WakeList

from spectrograms._engine.threads import pool

# Nanoseconds of work in a unit, and in a step, after which a thread returns to Python: there Ctrl-C is
# noticed.
cdef double UNIT = 3e4
cdef double STEP = 1e7
# Signals that are looked through before all that follow.
cdef int64_t NEAR = 2
# Nanoseconds of work below which waking a thread is not worth it.
cdef double WORTH_SPLITTING = 1e6
# How long the caller spins for the last units of other threads before it sleeps, in nanoseconds: about as
# long as it takes to wake it.
cdef int64_t PATIENCE = 100_000


cdef extern from *:
    """
    /* The first lines of what will be read next; more than these would have to wait for each other. */
    #define SG_FETCHED 4096
    static inline void sg_fetch(const char *p, ptrdiff_t nbytes) {
    #if defined(__GNUC__) || defined(__clang__)
        for (ptrdiff_t i = 0; i < nbytes && i < SG_FETCHED; i += 64) __builtin_prefetch(p + i, 0, 2);
    #endif
    }
    """
    void sg_fetch(const char *p, ptrdiff_t nbytes) nogil


cdef class Job:
    """Signals to compute with one engine.

    Add all signals, set their targets, then call :meth:`run`, once.
    """

    def __cinit__(self, Engine engine, int64_t n_signals):
        cdef AlignedBlock memory
        cdef int64_t outputs = engine.config.n_outputs
        self.engine = engine
        self.n_signals = n_signals
        self._alive = []
        self._memory = []
        # Plain arrays, because threads read them without the GIL. One element at least: a block of no bytes
        # has no address.
        memory = new_block(max(1, n_signals) * sizeof(Signal))
        self._memory.append(memory)
        self.signals = <Signal *>memory.ptr
        memory = new_block(max(1, n_signals) * sizeof(int64_t))
        self._memory.append(memory)
        self.counts = <int64_t *>memory.ptr
        memory = new_block(max(1, n_signals * outputs) * sizeof(Target))
        self._memory.append(memory)
        self.targets = <Target *>memory.ptr
        memset(self.targets, 0, n_signals * outputs * sizeof(Target))

    cdef int64_t add(self, int64_t i, object samples, str empty) except -1:
        """Point signal i at its samples, and keep them alive; return its number of frames."""
        self._alive.append(attach(samples, &self.signals[i], empty))
        self.counts[i] = self.engine.frame_count(self.signals[i].length)
        return self.counts[i]

    cdef void take(self, const Signal *signal, int64_t count, object memory):
        """Take over a signal that is attached already, the only one; it points into `memory`."""
        self.hold(memory)
        self.signals[0] = signal[0]
        self.counts[0] = count

    cdef void hold(self, object memory):
        """Keep alive what a target points into."""
        self._alive.append(memory)

    cdef Target *target(self, int64_t i, int64_t output) noexcept:
        return &self.targets[i * self.engine.config.n_outputs + output]

    cdef void _divide(self) except *:
        """Number the units of all signals.

        Only the first number of each signal is stored; `unit` finds the rest by bisection. A table of units
        would grow with the length of the signals.
        """
        cdef double cost = self.engine.frame_cost()
        cdef int64_t block = self.engine.config.block
        cdef int64_t i
        cdef AlignedBlock memory = new_block((self.n_signals + 1) * sizeof(int64_t))
        self._memory.append(memory)
        self.first_units = <int64_t *>memory.ptr
        # Whole blocks, so that no block is computed in two parts.
        self.unit_size = max(1, <int64_t>(UNIT / (cost * block))) * block
        self.n_units = 0
        for i in range(self.n_signals):
            self.first_units[i] = self.n_units
            self.n_units += (self.counts[i] + self.unit_size - 1) // self.unit_size
        self.first_units[self.n_signals] = self.n_units

    cdef void _share_out(self, int64_t n) except *:
        """Divide the units into n ranges of nearly the same size."""
        cdef AlignedBlock memory = new_block(n * sizeof(Range))
        cdef int64_t i
        self._memory.append(memory)
        self.ranges = <Range *>memory.ptr
        self.n_ranges = n
        for i in range(n):
            self.ranges[i].next = self.n_units * i // n
            self.ranges[i].end = self.n_units * (i + 1) // n
            self.ranges[i].owners = 0

    cdef Range *_own(self) noexcept nogil:
        """Take a range with units left that no thread has for its own; failing that, share the first."""
        cdef Range *found = self.ranges
        cdef int64_t i
        for i in range(self.n_ranges):
            found = &self.ranges[i]
            if load(&found.next) < found.end and compare_exchange(&found.owners, 0, 1):
                return found
        fetch_add(&self.ranges.owners, 1)
        return self.ranges

    cdef Range *_fullest(self) noexcept nogil:
        """Find the range with the most units left; NULL if there is none.

        Other threads take units meanwhile, so the answer may be out of date when it is used. Taking a number
        beyond the end of a range does no harm: `step` then asks again.
        """
        cdef Range *found = NULL
        cdef int64_t most = 0
        cdef int64_t i, left
        for i in range(self.n_ranges):
            left = self.ranges[i].end - load(&self.ranges[i].next)
            if left > most:
                most = left
                found = &self.ranges[i]
        return found

    cdef Unit unit(self, int64_t number, int64_t guess) noexcept nogil:
        """Find the frames of the unit with that number, probably of signal `guess` or one soon after it."""
        cdef Unit unit
        cdef int64_t low = 0
        cdef int64_t high = self.n_signals
        cdef int64_t middle
        # A thread takes unit after unit, and short signals have one each.
        if self.first_units[guess] <= number:
            low = guess
            if number < self.first_units[min(guess + NEAR, high)]:
                high = min(guess + NEAR, high)
        # Find the last signal whose first unit is not beyond `number`. A signal without frames has the same
        # first unit as the next one, and is passed over.
        while high - low > 1:
            middle = (low + high) // 2
            if self.first_units[middle] <= number:
                low = middle
            else:
                high = middle
        # Units of a signal follow each other; the last one may be shorter.
        unit.signal = low
        unit.first = (number - self.first_units[low]) * self.unit_size
        unit.count = min(self.unit_size, self.counts[low] - unit.first)
        return unit

    def run(self, num_threads):
        """Compute everything; the calling thread takes part.

        Parameters
        ----------
        num_threads : int or None
            How many threads at most; None for the setting of the process.
        """
        cdef double work = 0
        cdef int64_t i
        for i in range(self.n_signals):
            work += self.counts[i]
        # An estimate is enough: it decides how many threads are woken, not what they compute.
        work *= self.engine.frame_cost()
        self._divide()
        threads = pool.resolve(num_threads) if work > WORTH_SPLITTING else 1
        threads = max(1, min(threads, self.n_units))
        self._share_out(threads)
        pool.share(self.step, threads, self.settled, self.take_wake_list)

    def take_wake_list(self, WakeList wake_list):
        """Take over the idle threads that were reserved for this job; the steps wake them."""
        # A thread that was awake anyway may be in `step` already.
        with cython.critical_section(self):
            self.wake_list = wake_list

    def step(self):
        """Take units for about ten milliseconds; return whether there may be more."""
        cdef Engine engine = self.engine
        cdef AlignedBlock memory = engine.borrow()
        cdef char *scratch = <char *>memory.ptr
        cdef double budget = STEP
        cdef double cost = engine.frame_cost()
        cdef int64_t outputs = engine.config.n_outputs
        cdef int64_t taken, j
        cdef Range *own = self._own()
        cdef Range *source = own
        cdef WakeList wake_list
        cdef bint more = True
        cdef Unit unit
        cdef Target targets[MAX_OUTPUTS]
        cdef int64_t signal = 0
        cdef const Signal *following
        with cython.critical_section(self):
            wake_list = self.wake_list
        with nogil:
            if wake_list is not None:
                # Each thread wakes two more, so that none has to wake many before it can work.
                wake_list.wake(2)
            while budget > 0:
                taken = fetch_add(&source.next, 1)
                if taken >= source.end:
                    # This range is used up: help where most is left.
                    source = self._fullest()
                    if source == NULL:
                        more = False
                        break
                    continue
                unit = self.unit(taken, signal)
                signal = unit.signal
                # The processor sees where samples go on within a signal, but not where the next one begins.
                if signal + 1 < self.n_signals:
                    following = &self.signals[signal + 1]
                    sg_fetch(following.data, following.available * following.stride)
                # Targets of the signal, moved on to the first frame of the unit.
                for j in range(outputs):
                    targets[j] = self.targets[unit.signal * outputs + j]
                    targets[j].data += unit.first * targets[j].frame_stride
                run_frames(&engine.config, &self.signals[unit.signal], unit.first, unit.count, targets,
                           scratch)
                # Releases what was written: whoever sees the count sees the results.
                fetch_add(&self.n_done, 1)
                budget -= cost * unit.count
        # Only reached without an exception: nothing between borrow and here raises.
        fetch_add(&own.owners, -1)
        engine.give_back(memory)
        return more

    def settled(self):
        """Whether all units are done; spins for a moment if they are not."""
        cdef bint done
        with nogil:
            done = spin_until(&self.n_done, self.n_units, PATIENCE)
        return done
