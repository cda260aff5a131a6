from spectrograms.engine.frames cimport Signal


cdef object attach(object samples, Signal *signal, str empty)
