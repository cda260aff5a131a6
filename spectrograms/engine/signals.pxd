from numpy cimport ndarray

from spectrograms.engine.frames cimport Signal


# Element type as the kernels number them, or -1 where they cannot read it.
cdef int sample_type(ndarray array) noexcept

cdef ndarray readable(ndarray array, object samples)

cdef object attach(object samples, Signal *signal, str empty)
