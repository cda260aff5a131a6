"""What a frame costs, roughly."""
from spectrograms._engine.loop.block cimport Config

# Nanoseconds per frame, from measurements on a current machine: right within a factor of two.
cdef double estimated_cost(const Config *c, bint single) noexcept
