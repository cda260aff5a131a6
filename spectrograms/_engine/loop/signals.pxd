from numpy cimport ndarray

from spectrograms._engine.loop.frames cimport Signal


# The number that the kernels have for the element type, or -1 if they cannot read it.
cdef int sample_type(ndarray array) noexcept

cpdef ndarray readable(ndarray array, object given, str name=*)

cpdef ndarray of_dimension(value, str name, int ndim)

cdef void point(Signal *signal, ndarray array) noexcept

cdef object attach(object samples, Signal *signal, str empty)
