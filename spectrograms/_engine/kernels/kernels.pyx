"""Chooses the instruction set once, at import."""
import os

LEVELS = ("plain", "baseline", "v3", "v4")


def available_levels():
    """Names of the instruction-set levels that this build and this CPU have."""
    return tuple(name for level, name in enumerate(LEVELS) if sg_kernels_get(level, 1) != NULL)


def _chosen():
    name = os.environ.get("SPECTROGRAMS_ISA")
    if not name:
        return sg_kernels_best()
    if name not in available_levels():
        raise ImportError(
            f"SPECTROGRAMS_ISA must be one of {', '.join(available_levels())} on this machine, got {name!r}"
        )
    return LEVELS.index(name)


cdef int _level = _chosen()
cdef const sg_kernels *_f32 = sg_kernels_get(_level, 1)
cdef const sg_kernels *_f64 = sg_kernels_get(_level, 0)


cdef const sg_kernels *kernels_for(bint single) noexcept nogil:
    return _f32 if single else _f64


def level():
    """Name of the instruction-set level in use: ``"plain"``, ``"baseline"``, ``"v3"`` or ``"v4"``."""
    return LEVELS[_level]
