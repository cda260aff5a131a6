"""The FFT seam: what the engine knows of an FFT is ``run(plan, src, dst)``."""

ctypedef void (*fft_run)(void *plan, void *src, void *dst) noexcept nogil


cdef class FftPlan:
    # May be executed by several threads at once, each with its own buffers, aligned to 64 bytes.
    cdef fft_run run
    cdef void *plan
    # The pyfftw object that owns `plan`. Dropping it would free the plan under a running loop.
    cdef object _owner
    cdef readonly tuple key  # type: tuple[str, int, bool, str]


cpdef FftPlan get_plan(str kind, Py_ssize_t n, bint single, str effort=*)
