"""DLPack export: capsules, versioned and legacy.

A consumer renames the capsule, takes over the managed tensor in it, and calls the tensor's deleter when it
has finished with the memory. A capsule that was never consumed deletes its tensor itself. Either way, the one
reference to the owner that the tensor holds is released exactly once.
"""
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from spectrograms._engine.memory.blocks cimport AlignedBlock, new_block

from operator import index

import numpy as np

DLPACK_FLAG_BITMASK_READ_ONLY = 1
DLPACK_FLAG_BITMASK_IS_COPIED = 2

KDLCPU = 1
KDLCUDA = 2
KDLCUDA_HOST = 3
KDLOPENCL = 4
KDLVULKAN = 7
KDLMETAL = 8
KDLVPI = 9
KDLROCM = 10
KDLROCM_HOST = 11
KDLEXT_DEV = 12
KDLCUDA_MANAGED = 13
KDLONE_API = 14
KDLWEB_GPU = 15
KDLHEXAGON = 16

cdef extern from "Python.h":
    bint Py_IsInitialized() noexcept nogil

cdef enum:
    READ_ONLY = 1
    IS_COPIED = 2
    CPU = 1


# The structures of dlpack.h, field by field.
cdef struct DLVersion:
    uint32_t major
    uint32_t minor

cdef struct DLTensor:
    void *data
    int32_t device_type
    int32_t device_id
    int32_t ndim
    uint8_t type_code
    uint8_t bits
    uint16_t lanes
    int64_t *shape
    int64_t *strides
    uint64_t byte_offset

cdef struct DLManagedTensor:
    DLTensor tensor
    void *owner
    void (*deleter)(DLManagedTensor *) noexcept nogil

cdef struct DLManagedTensorVersioned:
    DLVersion version
    void *owner
    void (*deleter)(DLManagedTensorVersioned *) noexcept nogil
    uint64_t flags
    DLTensor tensor


cdef void drop_owner(void *owner) noexcept with gil:
    Py_DECREF(<object>owner)


# Consumers may delete from any thread, with or without the GIL, even after the interpreter is finalised.
# Then no Python object may be touched, and the memory goes with the process.
cdef void delete_legacy(DLManagedTensor *managed) noexcept nogil:
    if Py_IsInitialized():
        drop_owner(managed.owner)
    free(managed)


cdef void delete_versioned(DLManagedTensorVersioned *managed) noexcept nogil:
    if Py_IsInitialized():
        drop_owner(managed.owner)
    free(managed)


cdef void destroy_legacy(object capsule) noexcept:
    cdef DLManagedTensor *managed
    if PyCapsule_IsValid(capsule, b"dltensor"):
        managed = <DLManagedTensor *>PyCapsule_GetPointer(capsule, b"dltensor")
        managed.deleter(managed)


cdef void destroy_versioned(object capsule) noexcept:
    cdef DLManagedTensorVersioned *managed
    if PyCapsule_IsValid(capsule, b"dltensor_versioned"):
        managed = <DLManagedTensorVersioned *>PyCapsule_GetPointer(capsule, b"dltensor_versioned")
        managed.deleter(managed)


cdef void fill_tensor(
    DLTensor *tensor, int64_t *extents, void *data, int ndim, const Py_ssize_t *shape,
    const Py_ssize_t *strides, int type_code, int bits,
) noexcept:
    tensor.data = data
    tensor.device_type = CPU
    tensor.device_id = 0
    tensor.ndim = ndim
    tensor.type_code = type_code
    tensor.bits = bits
    tensor.lanes = 1
    tensor.shape = extents
    # Always filled: NULL for C order is forbidden from DLPack 1.2 on.
    tensor.strides = extents + ndim
    tensor.byte_offset = 0
    for axis in range(ndim):
        tensor.shape[axis] = shape[axis]
        tensor.strides[axis] = strides[axis] // (bits // 8)


cdef object make_capsule(
    object owner, void *data, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides,
    int type_code, int bits, uint64_t flags, bint versioned,
):
    # Shape and strides follow the structure in the same allocation, so the deleter has one thing to free.
    cdef size_t extents_size = 2 * ndim * sizeof(int64_t)
    cdef DLManagedTensor *legacy
    cdef DLManagedTensorVersioned *managed
    if versioned:
        managed = <DLManagedTensorVersioned *>malloc(sizeof(DLManagedTensorVersioned) + extents_size)
        if managed == NULL:
            raise MemoryError
        managed.version.major = 1
        managed.version.minor = 0
        managed.owner = <void *>owner
        managed.deleter = delete_versioned
        managed.flags = flags
        fill_tensor(
            &managed.tensor, <int64_t *>(managed + 1), data, ndim, shape, strides, type_code, bits
        )
        try:
            capsule = PyCapsule_New(managed, b"dltensor_versioned", destroy_versioned)
        except BaseException:
            free(managed)
            raise
    else:
        legacy = <DLManagedTensor *>malloc(sizeof(DLManagedTensor) + extents_size)
        if legacy == NULL:
            raise MemoryError
        legacy.owner = <void *>owner
        legacy.deleter = delete_legacy
        fill_tensor(&legacy.tensor, <int64_t *>(legacy + 1), data, ndim, shape, strides, type_code, bits)
        try:
            capsule = PyCapsule_New(legacy, b"dltensor", destroy_legacy)
        except BaseException:
            free(legacy)
            raise
    # The tensor's own reference to the owner. Nothing can fail between here and the return.
    Py_INCREF(owner)
    return capsule


cdef tuple pair(str name, object value):
    if not isinstance(value, tuple):
        raise TypeError(f"{name} must be a tuple of two ints, got {type(value).__name__}")
    if len(value) != 2:
        raise ValueError(f"{name} must be a tuple of two ints, got a tuple of length {len(value)}")
    # index() refuses floats, which the assignment to a C integer would truncate.
    return index(value[0]), index(value[1])


cdef object export_dlpack(
    object owner, void *data, int ndim, const Py_ssize_t *shape, const Py_ssize_t *strides,
    int type_code, int bits, bint readonly,
    object stream, object max_version, object dl_device, object copy,
):
    cdef uint32_t major = 0, minor = 0
    cdef int32_t device_type = CPU, device_id = 0
    cdef uint64_t flags = READ_ONLY if readonly else 0
    cdef AlignedBlock block
    cdef Py_ssize_t nbytes
    # Types of all arguments first, then their values, each in the order of the signature.
    if max_version is not None:
        major, minor = pair("max_version", max_version)
    if dl_device is not None:
        device_type, device_id = pair("dl_device", dl_device)
    if not (copy is None or isinstance(copy, (bool, np.bool_))):
        raise TypeError(f"copy must be a bool or None, got {type(copy).__name__}")
    if stream is not None:
        raise BufferError("stream must be None for CPU tensors")
    if max_version is not None and major < 1:
        raise BufferError(f"Unsupported DLPack version: {major}.{minor}")
    if device_type != CPU or device_id != 0:
        raise BufferError("Only CPU device (1, 0) is supported")

    if copy:
        nbytes = bits // 8
        for axis in range(ndim):
            nbytes *= shape[axis]
        block = new_block(nbytes)
        memcpy(block.ptr, data, nbytes)
        owner, data, flags = block, block.ptr, IS_COPIED
    elif readonly and max_version is None:
        raise BufferError(
            "a legacy DLPack capsule cannot say that its data are read-only: "
            "ask for max_version=(1, 0) or copy=True"
        )
    return make_capsule(
        owner, data, ndim, shape, strides, type_code, bits, flags, max_version is not None
    )
