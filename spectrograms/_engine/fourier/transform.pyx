"""The real FFT of one frame: the form a length takes, its plan and tables, the kernels that finish it."""
from libc.string cimport memcpy

from spectrograms._engine.fourier.fft cimport get_plan
from spectrograms._engine.kernels.kernels cimport kernels_for
from spectrograms._engine.memory.blocks cimport new_block

cdef dict _FORMS = {"packed": PACKED, "quarter": QUARTER, "combined": COMBINED, "real": REAL}

# How many short transforms -> of which lengths: single codelets of the library, where they and the passes
# that finish them take less time than the packed form. Measured for both dtypes; the first that fits counts.
cdef dict _SHORT = {
    4: (32, 64),
    20: (10, 11, 12, 13, 14, 15, 16, 20, 25, 32, 64),
    16: (11, 12, 13, 14, 32, 64),
    32: (11, 12, 13, 14, 15, 25, 64),
}


cdef int64_t _rows(int64_t n) except -1:
    for rows, lengths in _SHORT.items():
        if n % (2 * rows) == 0 and n // (2 * rows) in lengths:
            return rows
    return 0


def transform_for(Py_ssize_t n):
    """Choose the form of the real FFT by a static rule, so that bytes never depend on timing."""
    if n % 2:
        return "real"
    return {0: "packed", 4: "quarter"}.get(_rows(n), "combined")


cdef inline int64_t _up(int64_t n, int64_t step) noexcept nogil:
    return (n + step - 1) // step * step


cdef class RealFft:
    """Plan and tables of the forward transform of `n` real numbers.

    All that it holds is only read: it serves any number of threads.

    Parameters
    ----------
    single : bool
        Arithmetic in float32, else in float64.
    n : int
        Length, at least 1.
    effort : str
        How hard FFTW plans: one of ``fft.EFFORTS``.
    """

    def __cinit__(self, bint single, Py_ssize_t n, str effort="estimate"):
        cdef const sg_kernels *k = kernels_for(single)
        cdef Transform *t = &self.transform
        t.kernels = k
        t.n = n
        t.form = _FORMS[transform_for(n)]
        t.scratch = _up((n + 2) * k.itemsize, 64)
        self.gain = 0.5
        if t.form == REAL:
            self._fft = get_plan("r2c", n, single, effort)
            self.gain = 1.0
        elif t.form == PACKED:
            self._fft = get_plan("c2c", n // 2, single, effort)
            self._table = new_block(k.split_table_len(n) * k.itemsize)
            k.split_table(n, self._table.ptr)
        else:
            t.rows = _rows(n)
            self._fft = get_plan(f"rows{t.rows}", n // 2, single, effort)
            self._table = new_block(k.split4_table_len(n) * k.itemsize)
            k.split4_table(n, self._table.ptr)
        if self._table is not None:
            t.table = self._table.ptr
        if t.form == COMBINED:
            self._combine_table = new_block(k.combine_table_len(n, t.rows) * k.itemsize)
            k.combine_table(n, t.rows, self._combine_table.ptr)
            t.combine_table = self._combine_table.ptr
            t.at_planar = t.rows * _up(n // 2 // t.rows, k.width) * 2 * k.itemsize
            t.scratch = t.at_planar + _up((n + k.width) * k.itemsize, 64)
        t.fft = self._fft.run
        t.plan = self._fft.plan


cdef void transform_frame(const Transform *t, char *frame, char *out, char *scratch, bint power,
                          bint keep) noexcept nogil:
    cdef const sg_kernels *k = t.kernels
    cdef char *planar
    # Forward plans do not write to their source.
    t.fft(t.plan, frame, scratch)
    if t.form == PACKED:
        if power:
            k.split_power(scratch, t.table, out, t.n)
        else:
            k.split_complex(scratch, t.table, out, t.n)
    elif t.form == QUARTER:
        if power:
            k.split4_power(scratch, t.table, out, t.n)
        else:
            k.split4_complex(scratch, t.table, out, t.n)
    elif t.form == COMBINED:
        # The frame is in the first-level cache.
        planar = scratch + t.at_planar if keep else frame
        k.combine(scratch, t.combine_table, planar, t.n, t.rows)
        if power:
            k.planar_power(planar, t.table, out, t.n)
        else:
            k.planar_complex(planar, t.table, out, t.n)
    elif power:
        k.norm(scratch, out, t.n // 2 + 1)
    else:
        memcpy(out, scratch, (t.n // 2 + 1) * 2 * k.itemsize)
