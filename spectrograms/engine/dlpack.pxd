"""DLPack capsules (https://dmlc.github.io/dlpack, ABI of version 1.0)."""
from libc.stdint cimport uint64_t


# A capsule over `data`, which `owner` keeps alive: the capsule, and then its consumer, hold one reference to
# `owner`. `strides` are in bytes. `type_code` is 2 (float) or 5 (complex), `bits` those of a whole element.
cdef object make_capsule(
    object owner, void *data, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides,
    int type_code, int bits, uint64_t flags, bint versioned,
)

# What `__dlpack__` does: check the arguments as the protocol says, copy when asked to, and make the capsule.
# The data must be C-contiguous.
cdef object export_dlpack(
    object owner, void *data, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides,
    int type_code, int bits, bint readonly,
    object stream, object max_version, object dl_device, object copy,
)
