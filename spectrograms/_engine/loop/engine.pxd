"""The configured engine, for the compiled modules that drive it."""
from libc.stdint cimport int64_t

from spectrograms._engine.loop.block cimport Config, Output, Target
from spectrograms._engine.loop.frames cimport Signal
from spectrograms._engine.kernels.kernels cimport sg_band
from spectrograms._engine.memory.blocks cimport AlignedBlock
from spectrograms._engine.memory.scratch cimport ScratchPool
from spectrograms._engine.fourier.rfft cimport FrameRfft


cdef class Engine:
    cdef Config config
    cdef readonly bint single
    cdef FrameRfft _rfft
    # Hold the memory that `config` points into.
    cdef list _kept
    # Scratch memory. Each call or thread at work has a block of its own.
    cdef ScratchPool _pool
    # See `frames.count_frames`.
    cdef int64_t _pad
    cdef int64_t _short_frames
    cdef double _frame_cost
    # Bytes that stages and reassignment need between blocks.
    cdef int64_t _work
    # Samples that a frame wants before t * hop, and from there on.
    cdef int64_t _back
    cdef int64_t _ahead

    cpdef int64_t frame_count(self, int64_t n_samples)
    cdef double frame_cost(self) noexcept
    cdef bint _is_complex(self) noexcept
    cdef int type_code(self) noexcept
    cdef int64_t element(self) noexcept
    cdef void aim(self, Target *target, char *data, int64_t count) noexcept
    cdef _prepare_outputs(self, outputs, str effort)
    cdef _choose_rows(self, Output *output, stages)
    cdef _prepare_stages(self, Output *output, stages, str effort)
    cdef _lay_out(self, int64_t block)
    cdef const void *_keep(self, values)
    cdef const sg_band *_keep_bands(self, starts, lengths, offsets)
    cdef const double *_keep_positions(self, axis, int64_t rows)
    cdef AlignedBlock borrow(self)
    cdef give_back(self, AlignedBlock memory)
    cdef void run(self, const Signal *signal, int64_t first, int64_t count, const Target *target) except *
