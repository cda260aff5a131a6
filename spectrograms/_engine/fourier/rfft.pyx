"""The real FFT of one frame and its inverse: the form a length takes, its plan and tables, and how to run it.

FFTW computes complex transforms shorter than the frame; kernels turn these into the half spectrum. Which form
is used follows from the length alone and never from timing, so that the bytes of a result are reproducible.
The inverse has two forms only: the packed one for even lengths, the library's own for odd ones.
"""
from libc.string cimport memcpy, memset

from spectrograms._engine.fourier.fft cimport get_plan
from spectrograms._engine.kernels.kernels cimport kernels_for
from spectrograms._engine.memory.blocks cimport new_block
from spectrograms._engine.memory.sizes cimport round_up

cdef dict _FORMS = {"packed": PACKED, "quarter": QUARTER, "combined": COMBINED, "real": REAL}

# How many short transforms -> their lengths: those that are single codelets of the library, where they and
# the passes that finish them take less time than the packed form. Measured for both dtypes; the first fit
# counts.
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


def short_transforms():
    """Number and length of the short transforms in use: pairs, whose frames are twice their product long."""
    return [(rows, length) for rows, lengths in _SHORT.items() for length in lengths]


def rfft_form(Py_ssize_t n):
    """Name the form of the real FFT of length n."""
    if n % 2:
        return "real"
    return {0: "packed", 4: "quarter"}.get(_rows(n), "combined")


cdef class FrameRfft:
    """Plan and tables of the forward transform of `n` real numbers.

    Everything in it is read-only: it serves any number of threads.

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
        cdef RfftPlan *p = &self.plan
        p.kernels = k
        p.n = n
        p.form = _FORMS[rfft_form(n)]
        p.scratch = round_up((n + 2) * k.itemsize, 64)
        self.gain = 0.5
        if p.form == REAL:
            self._fft = get_plan("r2c", n, single, effort)
            self.gain = 1.0
        elif p.form == PACKED:
            self._fft = get_plan("c2c", n // 2, single, effort)
            self._table = new_block(k.split_table_len(n) * k.itemsize)
            k.split_table(n, self._table.ptr)
        else:
            p.rows = _rows(n)
            self._fft = get_plan(f"rows{p.rows}", n // 2, single, effort)
            self._table = new_block(k.split4_table_len(n) * k.itemsize)
            k.split4_table(n, self._table.ptr)
        if self._table is not None:
            p.table = self._table.ptr
        if p.form == COMBINED:
            self._combine_table = new_block(k.combine_table_len(n, p.rows) * k.itemsize)
            k.combine_table(n, p.rows, self._combine_table.ptr)
            p.combine_table = self._combine_table.ptr
            p.at_planar = p.rows * round_up(n // 2 // p.rows, k.width) * 2 * k.itemsize
            p.scratch = p.at_planar + round_up((n + k.width) * k.itemsize, 64)
        p.group = k.group if p.rows > 0 else 1
        if p.group > 1:
            # Places a power of two apart would share the sets of a cache.
            p.slot = p.rows * round_up(n // 2 // p.rows, k.width) * 2 * k.itemsize + 64
            p.at_turned = max(p.scratch, p.group * p.slot)
            p.group_scratch = p.at_turned + n * p.group * k.itemsize
        p.fft = self._fft.run
        p.fft_plan = self._fft.plan

    cdef int64_t group(self, bint power) noexcept:
        """How many frames to finish together for powers or spectra: 1 where that takes no less time.

        Measured with AVX2 and AVX-512. Powers have half as many numbers to turn after the transform as there
        are before it, so that groups pay where a frame alone leaves lanes of its vectors idle. In float64
        twice as many bytes drive each other out of the first-level cache.
        """
        cdef const RfftPlan *p = &self.plan
        cdef bint single = p.kernels.itemsize == 4
        cdef bint pays
        if p.group == 1:
            return 1
        if not power:
            pays = single or p.n < 2048
        elif single:
            pays = p.n == 256 or (p.n < 1000 and p.n // 2 // p.rows % 16 != 0)
        else:
            pays = p.n == 400 or p.n == 960
        return p.group if pays else 1


cdef void rfft_frame(const RfftPlan *p, char *frame, char *out, char *scratch, bint power,
                     bint keep) noexcept nogil:
    cdef const sg_kernels *k = p.kernels
    cdef char *planar
    # Forward plans do not write to their source.
    p.fft(p.fft_plan, frame, scratch)
    if p.form == PACKED:
        if power:
            k.split_power(scratch, p.table, out, p.n)
        else:
            k.split_complex(scratch, p.table, out, p.n)
    elif p.form == QUARTER:
        if power:
            k.split4_power(scratch, p.table, out, p.n)
        else:
            k.split4_complex(scratch, p.table, out, p.n)
    elif p.form == COMBINED:
        # The frame is in the first-level cache already, which makes it the better place for the four rows.
        planar = scratch + p.at_planar if keep else frame
        k.combine(scratch, p.combine_table, planar, p.n, p.rows)
        if power:
            k.planar_power(planar, p.table, out, p.n)
        else:
            k.planar_complex(planar, p.table, out, p.n)
    elif power:
        k.norm(scratch, out, p.n // 2 + 1)
    else:
        memcpy(out, scratch, (p.n // 2 + 1) * 2 * k.itemsize)


cdef void rfft_finish(const RfftPlan *p, char *scratch, char *out, int64_t stride, bint power) noexcept nogil:
    cdef const sg_kernels *k = p.kernels
    if power:
        k.group_power(scratch, p.slot // k.itemsize, scratch + p.at_turned, p.combine_table, p.table, out,
                      stride, p.n, p.rows)
    else:
        k.group_complex(scratch, p.slot // k.itemsize, scratch + p.at_turned, p.combine_table, p.table, out,
                        stride, p.n, p.rows)


cdef class FrameIrfft:
    """Plan and table of the inverse transform to `n` real numbers; see `FrameRfft`."""

    def __cinit__(self, bint single, Py_ssize_t n, str effort="estimate"):
        cdef const sg_kernels *k = kernels_for(single)
        cdef IrfftPlan *p = &self.plan
        p.kernels = k
        p.n = n
        p.scratch = round_up((n + 2) * k.itemsize, 64)
        if n % 2:
            self._fft = get_plan("c2r", n, single, effort)
        else:
            self._fft = get_plan("c2c_backward", n // 2, single, effort)
            self._table = new_block(k.split_table_len(n) * k.itemsize)
            k.split_table(n, self._table.ptr)
            p.table = self._table.ptr
        p.fft = self._fft.run
        p.fft_plan = self._fft.plan


cdef void irfft_frame(const IrfftPlan *p, char *spectrum, char *frame, char *scratch,
                      bint keep) noexcept nogil:
    cdef const sg_kernels *k = p.kernels
    cdef char *source = scratch
    if p.n % 2 == 0:
        k.merge(spectrum, p.table, scratch, p.n)
    else:
        if keep:
            memcpy(scratch, spectrum, (p.n // 2 + 1) * 2 * k.itemsize)
        else:
            source = spectrum
        # A real signal has a real bin 0, but the library would read an imaginary part there.
        memset(source + k.itemsize, 0, k.itemsize)
    p.fft(p.fft_plan, source, frame)
