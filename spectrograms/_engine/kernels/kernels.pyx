"""Chooses the instruction set once, at import."""
import os

# What `describe` is called by.
DESCRIPTORS = {
    "centroid": SG_CENTROID, "bandwidth": SG_BANDWIDTH, "rolloff": SG_ROLLOFF, "flatness": SG_FLATNESS,
    "rms": SG_RMS, "crossings": SG_CROSSINGS, "crest": SG_CREST, "entropy": SG_ENTROPY, "slope": SG_SLOPE,
    "peaks": SG_PEAKS, "valleys": SG_VALLEYS,
}


def available_levels():
    """Names of the instruction-set levels that this build and this CPU have, the fastest last."""
    cdef int count = 0
    names = []
    while sg_kernels_get(count, 1) != NULL:
        names.append(sg_kernels_get(count, 1).level.decode())
        count += 1
    return tuple(names)


def tables():
    """Addresses of all kernel tables of this build and CPU, by level and size of a number; for tests."""
    cdef int i, single
    found = {}
    for i, name in enumerate(available_levels()):
        for single in range(2):
            found[name, sg_kernels_get(i, single).itemsize] = <size_t>sg_kernels_get(i, single)
    return found


def _chosen():
    levels = available_levels()
    if not levels:
        raise ImportError("this build of spectrograms has no kernels for this CPU")
    name = os.environ.get("SPECTROGRAMS_ISA") or levels[len(levels) - 1]  # negative indices are off
    if name not in levels:
        raise ImportError(
            f"SPECTROGRAMS_ISA must be one of {', '.join(levels)} on this machine, got {name!r}"
        )
    return levels.index(name)


cdef int _level = _chosen()
cdef const sg_kernels *_f32 = sg_kernels_get(_level, 1)
cdef const sg_kernels *_f64 = sg_kernels_get(_level, 0)


cdef const sg_kernels *kernels_for(bint single) noexcept nogil:
    return _f32 if single else _f64


def level():
    """Name of the instruction-set level in use, one of `available_levels`."""
    return _f32.level.decode()
