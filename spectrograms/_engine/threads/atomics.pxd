"""The atomic operations of ``atomics.h``, declared once."""
from libc.stdint cimport int64_t

cdef extern from "atomics.h" nogil:
    # Both return the value before.
    int64_t fetch_add "sg_fetch_add" (int64_t *p, int64_t n)
    int64_t exchange "sg_exchange" (int64_t *p, int64_t value)
    int64_t load "sg_load" (int64_t *p)
    bint compare_exchange "sg_compare_exchange" (int64_t *p, int64_t expected, int64_t value)
    bint spin_until "sg_spin_until" (int64_t *p, int64_t n, int64_t patience)
