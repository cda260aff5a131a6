"""Many signals, or one long one, as units of work for several threads."""
from libc.stdint cimport int64_t

from spectrograms._engine.loop.block cimport Target
from spectrograms._engine.loop.engine cimport Engine
from spectrograms._engine.loop.frames cimport Signal
from spectrograms._engine.memory.blocks cimport AlignedBlock
from spectrograms._engine.threads.wakeup cimport WakeList

# Frames first .. first + count of one signal.
ctypedef struct Unit:
    int64_t signal
    int64_t first
    int64_t count

# Units next .. end, and how many threads have the range for their own. It fills a cache line, so that threads
# which count in neighbouring ranges do not slow each other down.
ctypedef struct Range:
    int64_t next
    int64_t end
    int64_t owners
    int64_t[5] _line


cdef class Job:
    cdef Engine engine
    cdef readonly int64_t n_signals
    # Arrays of n_signals signals and counts, and of n_signals * n_outputs targets; `_memory` holds them.
    cdef Signal *signals
    cdef int64_t *counts
    cdef Target *targets
    # Signal i has the units first_units[i] .. first_units[i + 1], of unit_size frames; its last may have
    # fewer.
    cdef int64_t *first_units
    cdef int64_t unit_size
    cdef int64_t n_units
    # One for each thread.
    cdef Range *ranges
    cdef int64_t n_ranges
    # Number of units computed. Threads at work write nothing they share but this and the counters of ranges.
    cdef int64_t n_done
    # The threads that may come to help.
    cdef WakeList wake_list
    # What the signals and targets point into, and the memory of the arrays above. The job holds them itself,
    # because a thread may be at work a little longer than a call that was interrupted.
    cdef list _alive
    cdef list _memory

    cdef Target *target(self, int64_t i, int64_t output) noexcept
    cdef void hold(self, object memory)
    cdef void take(self, const Signal *signal, int64_t count, object memory)
    cdef int64_t add(self, int64_t i, object samples, str empty) except -1
    cdef void _divide(self) except *
    cdef void _share_out(self, int64_t n) except *
    cdef Range *_own(self) noexcept nogil
    cdef Range *_fullest(self) noexcept nogil
    cdef Unit unit(self, int64_t number, int64_t guess) noexcept nogil
