"""Counter-based noise: it depends on an index alone, so it is the same for any batch, thread, block or chunk.

SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014) turns the
index into two uniform numbers, and the transform of Box and Muller turns these into a normal one.
"""
from libc.math cimport cos, log, pi, sqrt
from libc.stdint cimport int64_t, uint64_t


cdef inline uint64_t _mix(uint64_t z) noexcept nogil:
    z = z * <uint64_t>0x9E3779B97F4A7C15 + <uint64_t>0x9E3779B97F4A7C15
    z = (z ^ (z >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    z = (z ^ (z >> 27)) * <uint64_t>0x94D049BB133111EB
    return z ^ (z >> 31)


# A number in the open interval 0..1.
cdef inline double _uniform(uint64_t index) noexcept nogil:
    return (<double>(_mix(index) >> 11) + 0.5) * (1.0 / 9007199254740992.0)


# The number of that index in a sequence of normal numbers of mean 0 and variance 1.
cdef inline double counter_noise(int64_t index) noexcept nogil:
    cdef uint64_t i = 2 * <uint64_t>index
    return sqrt(-2.0 * log(_uniform(i))) * cos(2.0 * pi * _uniform(i + 1))
