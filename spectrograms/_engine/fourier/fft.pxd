"""The FFT seam: what the engine knows of an FFT is ``run(plan, src, dst)``."""

ctypedef void (*fft_run)(void *plan, void *src, void *dst) noexcept nogil


cdef class FftPlan:
    # Executed by any thread at once, each with buffers of its own, 64-byte aligned.
    cdef fft_run run
    cdef void *plan
    # The pyfftw object that owns `plan`; dropping it would free the plan under a running loop.
    cdef object _owner
    cdef readonly tuple key


cpdef FftPlan get_plan(str kind, Py_ssize_t n, bint single, str effort=*)
