"""The real FFT of one frame: the form a length takes, its plan and tables, the kernels that finish it."""
from libc.string cimport memcpy

from spectrograms.engine.fft cimport get_plan
from spectrograms.engine.kernels cimport kernels_for
from spectrograms.engine.memory cimport new_block

# Transforms that the combined form starts from.
cdef int64_t ROWS = 16


cdef dict _FORMS = {"packed": PACKED, "quarter": QUARTER, "combined": COMBINED, "real": REAL}


def transform_for(Py_ssize_t n):
    """Choose the form of the real FFT by a static rule, so that bytes never depend on timing.

    Measured for both dtypes: few rows, whose transforms are single codelets of the library, as long as that
    beats the packed form.
    """
    if n % 2:
        return "real"
    if n in (256, 512):
        return "quarter"
    if n in (1024, 2048):
        return "combined"
    return "packed"


cdef inline int64_t _spectrum_bytes(int64_t n, const sg_kernels *k) noexcept nogil:
    return ((n + 2) * k.itemsize + 63) // 64 * 64


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
        t.scratch = _spectrum_bytes(n, k)
        self.gain = 0.5
        if t.form == REAL:
            self._fft = get_plan("r2c", n, single, effort)
            self.gain = 1.0
        elif t.form == PACKED:
            self._fft = get_plan("c2c", n // 2, single, effort)
            self._table = new_block(k.split_table_len(n) * k.itemsize)
            k.split_table(n, self._table.ptr)
        else:
            self._fft = get_plan("rows4" if t.form == QUARTER else "rows16", n // 2, single, effort)
            self._table = new_block(k.split4_table_len(n) * k.itemsize)
            k.split4_table(n, self._table.ptr)
        if self._table is not None:
            t.table = self._table.ptr
        if t.form == COMBINED:
            self._combine_table = new_block(k.combine_table_len(n, ROWS) * k.itemsize)
            k.combine_table(n, ROWS, self._combine_table.ptr)
            t.combine_table = self._combine_table.ptr
            t.scratch *= 2
        t.fft = self._fft.run
        t.plan = self._fft.plan


cdef void transform_frame(const Transform *t, const char *frame, char *out, char *scratch,
                          bint power) noexcept nogil:
    cdef const sg_kernels *k = t.kernels
    cdef char *planar
    # Forward plans do not write to their source.
    t.fft(t.plan, <char *>frame, scratch)
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
        planar = scratch + t.scratch // 2
        k.combine(scratch, t.combine_table, planar, t.n, ROWS)
        if power:
            k.planar_power(planar, t.table, out, t.n)
        else:
            k.planar_complex(planar, t.table, out, t.n)
    elif power:
        k.norm(scratch, out, t.n // 2 + 1)
    else:
        memcpy(out, scratch, (t.n // 2 + 1) * 2 * k.itemsize)
