"""DLPack capsules (https://dmlc.github.io/dlpack, ABI of version 1.0)."""

# The body of `__dlpack__`: checks the arguments as the protocol says, copies if asked, and makes the capsule.
# The data must be C-contiguous; `owner` keeps them alive. `strides` are in bytes. `type_code` is 2 (float) or
# 5 (complex), `bits` those of a whole element.
cdef object export_dlpack(
    object owner, void *data, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides,
    int type_code, int bits, bint readonly,
    object stream, object max_version, object dl_device, object copy,
)
