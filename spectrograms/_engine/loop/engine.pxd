"""The configured engine, for the compiled modules that drive it."""
from libc.stdint cimport int64_t

from spectrograms._engine.loop.block cimport Config, Head, Target
from spectrograms._engine.loop.frames cimport Signal
from spectrograms._engine.memory.blocks cimport AlignedBlock
from spectrograms._engine.fourier.rfft cimport FrameRfft


cdef class Engine:
    cdef Config config
    cdef readonly bint single
    cdef FrameRfft _rfft
    # Hold what `config` points into.
    cdef list _kept
    # Arenas between uses. A call takes one for itself, so that threads never share one.
    cdef list _idle
    # How frames are counted.
    cdef int64_t _pad
    cdef int64_t _short_frames
    cdef double _frame_cost

    cpdef int64_t frame_count(self, int64_t n_samples)
    cdef double frame_cost(self) noexcept
    cdef double _estimate(self)
    cdef bint _is_complex(self) noexcept
    cdef int type_code(self) noexcept
    cdef int64_t element(self) noexcept
    cdef void aim(self, Target *target, char *data, int64_t count) noexcept
    cdef _prepare_heads(self, heads)
    cdef _choose_rows(self, Head *head, int64_t first, int64_t end)
    cdef _prepare_stages(self, Head *head, stages)
    cdef _lay_out(self, int64_t block)
    cdef const void *_keep(self, values)
    cdef const double *_keep_positions(self, axis, int64_t rows)
    cdef AlignedBlock borrow(self)
    cdef give_back(self, AlignedBlock arena)
    cdef void run(self, const Signal *signal, int64_t first, int64_t count, const Target *target) except *
