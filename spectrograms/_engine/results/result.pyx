"""Result objects: memory of their own, seen by every array library without a copy.

`OwnedArray` is written once and does everything that has to do with memory: the ndarray in ``data``, the
buffer protocol, DLPack, ``__array__``, pickles, copies, dictionaries and ``.npz`` files. The classes on top
of it, in `frame_results` and `feature_results`, add only what their axes mean. All exports start from the
stored pointer, shape and strides, so that changing the ndarray in ``data`` (by a reshape in place, say)
affects nothing but that ndarray.

What the numbers mean travels as one immutable object, the info, made by the plan and shared by all its
results:

=================  ==========================================================================================
``params``         the parameter object the user gave
``scale``          str, such as ``"mel"``
``amplitude``      str: ``"power"``, ``"magnitude"``, ``"db"``, ``"complex"``, ...
``unit``           str
``sample_rate``    float, in Hz
``hop_size``       int, in samples
``frequencies``    float64 ndarray, in Hz, one per bin
``times(n)``       float64 ndarray, in seconds, one per frame
``to_dict()``      plain types fit for JSON, with the key ``"type"``, a kind of `registry.INFOS`
``check_result()`` takes kind, shape and dtype of an array, and refuses what it cannot describe
=================  ==========================================================================================

It must be picklable if results are to be pickled. What comes from outside, a dict, a file or a pickle, is
checked against it.
"""
cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.object cimport PyObject, PyTypeObject
from cpython.pyport cimport PY_SSIZE_T_MAX
from libc.string cimport memcpy

from spectrograms._engine.results.buffers cimport has_gaps, lend
from spectrograms._engine.results.dlpack cimport export_dlpack
from spectrograms._engine.memory.blocks cimport new_block

import pickle

import numpy as np

cimport numpy as cnp

from spectrograms._common.hooks import hook
from spectrograms._common.intake import numpy_type
from spectrograms._engine.results import storage

cnp.import_array()

cdef struct Element:
    Py_ssize_t itemsize
    int npy_type
    int dl_code
    # As in the struct module, with NumPy's Z for complex. Not const, because the field of Py_buffer is not.
    char *format

# Indexed by typecode.
cdef Element[4] ELEMENTS = [
    Element(4, cnp.NPY_FLOAT32, 2, b"f"),
    Element(8, cnp.NPY_FLOAT64, 2, b"d"),
    Element(8, cnp.NPY_COMPLEX64, 5, b"Zf"),
    Element(16, cnp.NPY_COMPLEX128, 5, b"Zd"),
]
DTYPES = ("float32", "float64", "complex64", "complex128")

# Passed to __new__ by the functions below. No other module can reach it, so no other code can make results.
cdef object KEY = object()
cdef tuple KEY_ARGUMENTS = (KEY,)


cdef OwnedArray new_result(
    type cls, AlignedBlock block, size_t offset, int typecode, int ndim,
    const Py_ssize_t *shape, object info,
):
    cdef OwnedArray result = <OwnedArray?>(<PyTypeObject *>cls).tp_new(cls, <PyObject *>KEY_ARGUMENTS, NULL)
    cdef Py_ssize_t step = ELEMENTS[typecode].itemsize
    result.block = block
    result.ptr = <char *>block.ptr + offset
    result.typecode = typecode
    result.ndim = ndim
    for axis in range(ndim - 1, -1, -1):
        result._shape[axis] = shape[axis]
        result._strides[axis] = step
        step *= shape[axis]
    result._info = info
    return result


cdef size_t size_in_bytes(int typecode, int ndim, const Py_ssize_t *shape) except? 0:
    cdef size_t nbytes = ELEMENTS[typecode].itemsize
    for axis in range(ndim):
        if shape[axis] < 0:
            raise ValueError(f"shape must not be negative, got {shape[axis]} for axis {axis}")
        if shape[axis] > 0 and nbytes > <size_t>PY_SSIZE_T_MAX // <size_t>shape[axis]:
            raise MemoryError(f"a result of shape {tuple([shape[i] for i in range(ndim)])} is too large")
        nbytes *= <size_t>shape[axis]
    return nbytes


cdef OwnedArray allocate_nd(type cls, int typecode, int ndim, const Py_ssize_t *shape, object info):
    cdef AlignedBlock block = new_block(size_in_bytes(typecode, ndim, shape))
    return new_result(cls, block, 0, typecode, ndim, shape, info)


cdef OwnedArray allocate(type cls, int typecode, Py_ssize_t rows, Py_ssize_t cols, object info):
    cdef Py_ssize_t[2] shape = [rows, cols]
    return allocate_nd(cls, typecode, 2, shape, info)


cdef OwnedArray wrap_nd(
    type cls, AlignedBlock block, size_t offset, int typecode, int ndim,
    const Py_ssize_t *shape, object info,
):
    cdef size_t nbytes = size_in_bytes(typecode, ndim, shape)
    cdef size_t available = block.nbytes
    if offset > available or nbytes > available - offset:
        raise ValueError(f"offset must leave {nbytes} of the block's {available} bytes, got {offset}")
    if (<size_t>block.ptr + offset) % <size_t>ELEMENTS[typecode].itemsize:
        raise ValueError(f"offset must keep elements of type {DTYPES[typecode]} aligned, got {offset}")
    return new_result(cls, block, offset, typecode, ndim, shape, info)


cdef inline bint is_broken(OwnedArray result) noexcept:
    return has_gaps(result.ndim, result._shape, result._strides, ELEMENTS[result.typecode].itemsize)


cdef int typecode_of(object dtype) except -1:
    name = np.dtype(dtype).name
    if name not in DTYPES:
        raise TypeError(f"dtype must be one of {', '.join(DTYPES)}, got {name}")
    return DTYPES.index(name)


cdef int read_shape(object shape, Py_ssize_t *extents) except -1:
    if not 1 <= len(shape) <= MAX_NDIM:
        raise ValueError(f"shape must have 1 to {MAX_NDIM} axes, got {len(shape)}")
    for axis, extent in enumerate(shape):
        extents[axis] = extent
    return len(shape)


cdef bint is_readonly(OwnedArray result):
    # `data` is the one place where a user can freeze a result.
    with cython.critical_section(result):
        return result.array is not None and not cnp.PyArray_ISWRITEABLE(result.array)


cdef OwnedArray duplicate(OwnedArray source):
    cdef OwnedArray own = allocate_nd(type(source), source.typecode, source.ndim, source._shape, source._info)
    np.copyto(own.data, np.asarray(source))
    if source._extras is not None:
        own._extras = {name: array.copy() for name, array in source._extras.items()}
    return own


def _rebuild(type cls, dtype, shape, source, info, extras):
    """Make the result that was pickled; `source` is any contiguous buffer with its bytes."""
    cdef Py_ssize_t[MAX_NDIM] extents
    cdef int ndim = read_shape(shape, extents)
    cdef OwnedArray result = allocate_nd(cls, typecode_of(dtype), ndim, extents, info)
    cdef Py_ssize_t nbytes = size_in_bytes(result.typecode, ndim, extents)
    cdef Py_buffer view
    PyObject_GetBuffer(source, &view, PyBUF_SIMPLE)
    try:
        if view.len != nbytes:
            raise ValueError(f"the data of shape {shape} must have {nbytes} bytes, got {view.len}")
        memcpy(result.ptr, view.buf, nbytes)
    finally:
        PyBuffer_Release(&view)
    storage.check(cls, result.shape, DTYPES[result.typecode], info, extras)
    result._extras = extras
    return result


cdef class OwnedArray:
    """A C-contiguous array that owns 64-byte-aligned memory, or a part of a block shared with others.

    Base of all results. It is a labelled result, not another kind of array: ``data``, ``numpy.asarray``,
    ``memoryview`` and DLPack all lead to the same memory without a copy.
    """

    # Names of the arrays besides the data that instances of a class carry.
    _extra_names = ()  # type: ClassVar[tuple[str, ...]]

    def __cinit__(self, key=None, *args, **kwargs):
        if key is not KEY:
            raise TypeError(
                f"cannot create '{type(self).__name__}' instances directly; "
                "the compute functions and the plans return them"
            )

    @classmethod
    def _from_array(cls, array, info, extras=None):
        # type: (array: ArrayLike, info: Any, extras: dict[str, NDArray[Any]] | None) -> Self
        """Copy `array` into a new result of this class.

        It has 1 to 3 axes and one of the four types; `extras` are further arrays, by name.
        """
        cdef Py_ssize_t[MAX_NDIM] extents
        array = np.asarray(array)
        cdef int ndim = read_shape(array.shape, extents)
        cdef OwnedArray result = allocate_nd(cls, typecode_of(array.dtype), ndim, extents, info)
        np.copyto(result.data, array)
        result._extras = extras
        return result

    @classmethod
    def _empty(cls, shape, dtype, info, extras=None):
        # type: (shape: tuple[int, ...], dtype: DTypeLike, info: Any,
        # extras: dict[str, NDArray[Any]] | None) -> Self
        """Make a result whose data are uninitialised; the caller writes every element."""
        cdef Py_ssize_t[MAX_NDIM] extents
        cdef int ndim = read_shape(shape, extents)
        cdef OwnedArray result = allocate_nd(cls, typecode_of(dtype), ndim, extents, info)
        result._extras = extras
        return result

    @classmethod
    def _from_block(cls, AlignedBlock block not None, size_t offset, shape, dtype, info):
        # type: (shape: tuple[int, ...], dtype: DTypeLike, info: Any) -> Self
        """Make a result over a part of a block, from byte `offset` on, without a copy."""
        cdef Py_ssize_t[MAX_NDIM] extents
        cdef int ndim = read_shape(shape, extents)
        return wrap_nd(cls, block, offset, typecode_of(dtype), ndim, extents, info)

    # --- memory -----------------------------------------------------------------------------------

    @property
    def data(self):  # type: () -> NDArray[Any]
        """ndarray: the values. The same writable array at every access; it shares the result's memory."""
        # The section matters without the interpreter lock; it alone is what other threads see of `array`.
        with cython.critical_section(self):
            if self.array is None:
                array = cnp.PyArray_New(
                    cnp.ndarray, self.ndim, <cnp.npy_intp *>self._shape, ELEMENTS[self.typecode].npy_type,
                    <cnp.npy_intp *>self._strides, self.ptr, 0, cnp.NPY_ARRAY_BEHAVED, None,
                )
                # Based on the block, not on the result, which holds the array: that would be a cycle.
                cnp.set_array_base(array, self.block)
                # Another thread may have been faster: building an object can start the garbage collector,
                # and that may switch threads.
                if self.array is None:
                    self.array = array
            return self.array

    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef Element element = ELEMENTS[self.typecode]
        lend(view, flags, is_readonly(self), self.ptr, self.ndim, self._shape, self._strides,
             element.itemsize, element.format)
        view.obj = self

    def __array__(self, dtype=None, copy=None):
        # type: (dtype: DTypeLike | None, copy: bool | None) -> NDArray[Any]
        """Give `data` as it is, or an array made from it, by the rules of NumPy 2.

        ValueError if `copy` is False and `dtype` needs a copy, TypeError if `dtype` is not a NumPy type.
        """
        return np.array(self.data, dtype=None if dtype is None else numpy_type(dtype), copy=copy)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        # type: (stream: None, max_version: tuple[int, int] | None, dl_device: tuple[int, int] | None,
        # copy: bool | None) -> Any
        """Export the data as a DLPack capsule.

        Parameters
        ----------
        stream : None
            CPU memory has no streams.
        max_version : tuple of two ints, optional
            The newest version the consumer understands. With a major version of 1 or more the capsule is
            versioned; without `max_version` it is the legacy one.
        dl_device : tuple of two ints, optional
            Only ``(1, 0)``, the CPU.
        copy : bool, optional
            True exports a copy, and says so in the flags. Otherwise the memory is shared.

        Raises
        ------
        BufferError
            If `stream`, `max_version` or `dl_device` asks for something else, or if the data are read-only
            and a legacy capsule, which cannot say so, is wanted.
        """
        cdef Element element = ELEMENTS[self.typecode]
        if copy and is_broken(self):
            self = duplicate(self)
        return export_dlpack(
            self, self.ptr, self.ndim, self._shape, self._strides, element.dl_code, 8 * element.itemsize,
            is_readonly(self), stream, max_version, dl_device, copy,
        )

    @staticmethod
    def __dlpack_device__():  # type: () -> tuple[int, int]
        """The DLPack device of the data: ``(1, 0)``, the CPU."""
        return 1, 0

    # --- values -----------------------------------------------------------------------------------

    @property
    def shape(self):  # type: () -> tuple[int, ...]
        """tuple of int: shape of the data."""
        return tuple([self._shape[axis] for axis in range(self.ndim)])

    @property
    def dtype(self):  # type: () -> Literal["float32", "float64"]
        """str: ``"float32"`` or ``"float64"``, the precision of the real numbers, also of complex data."""
        return "float32" if self.typecode in (F32, C64) else "float64"

    @property
    def T(self):  # type: () -> NDArray[Any]
        """ndarray: `data` transposed, a view."""
        return self.data.T

    def astype(self, dtype):  # type: (dtype: DTypeLike) -> NDArray[Any]
        """Copy the data into a new ndarray of another type.

        Parameters
        ----------
        dtype : dtype_like
            Any type of NumPy's that the values can be cast to.

        Returns
        -------
        ndarray

        Raises
        ------
        TypeError
            If `dtype` is not a NumPy type.

        Notes
        -----
        Values that the type does not hold, such as NaN for integers, bring NumPy's RuntimeWarning at the line
        of the call.
        """
        return self.data.astype(numpy_type(dtype))

    def __len__(self):  # type: () -> int
        return self._shape[0]

    def __getitem__(self, index):  # type: (index: Any) -> Any
        return self.data[index]

    def __repr__(self):
        return f"{type(self).__name__}({self._summary()})"

    def _summary(self):  # type: () -> str
        return f"shape={self.shape}, dtype={self.dtype}"

    # --- copies, files, other libraries -----------------------------------------------------------

    def __copy__(self):  # type: () -> Self
        return duplicate(self)

    def __deepcopy__(self, memo):  # type: (memo: Any) -> Self
        # The info is immutable: twins share it.
        return duplicate(self)

    def __reduce_ex__(self, protocol):  # type: (protocol: SupportsIndex) -> tuple[Any, ...]
        # Protocol 5 pickles the memory itself, or, out of band, not at all.
        source = np.asarray(self).tobytes() if protocol < 5 else pickle.PickleBuffer(
            np.ascontiguousarray(self) if is_broken(self) else self
        )
        return _rebuild, (type(self), DTYPES[self.typecode], self.shape, source, self._info, self._extras)

    def __reduce__(self):  # type: () -> tuple[Any, ...]
        return self.__reduce_ex__(2)

    def to_torch(self, *args, **options):  # type: (*args: Any, **options: Any) -> Any
        """Share the data with PyTorch; see `spectrograms.integrations.torch.to_torch`."""
        return hook("to_torch")(self, *args, **options)

    def to_jax(self, *args, **options):  # type: (*args: Any, **options: Any) -> Any
        """Share the data with JAX; see `spectrograms.integrations.jax.to_jax`."""
        return hook("to_jax")(self, *args, **options)

    def to_xarray(self, *args, **options):  # type: (*args: Any, **options: Any) -> Any
        """Share the data with xarray; see `spectrograms.integrations.xarray.to_xarray`."""
        return hook("to_xarray")(self, *args, **options)

    def _axes(self):  # type: () -> dict[str, NDArray[Any]]
        """The axes as a dict of ndarrays, for `to_dict` and `save`."""
        return {}

    def to_dict(self):  # type: () -> dict[str, Any]
        """Describe the result in plain types and ndarrays.

        Returns
        -------
        dict
            ``type``, ``version``, ``dtype``, ``data`` (a copy), the axes the class has, and ``info``, a dict
            of what the numbers mean.
        """
        return storage.to_dict(self)

    @classmethod
    def from_dict(cls, content):  # type: (content: dict[str, Any]) -> Self
        """Make the result that `to_dict` described, equal to the last bit.

        Parameters
        ----------
        content : dict
            What `to_dict` returned.

        Raises
        ------
        InvalidInputError
            If it describes a result of another class, comes from a newer version, or has a value out of
            range.
        DimensionMismatchError
            If the data have another shape than the info describes.
        TypeError
            If it is not a dict, or an entry is of another type.
        """
        return storage.from_dict(cls, content)

    def to_json(self):  # type: () -> str
        """Describe the result as a JSON text: large, slow and readable by anything.

        Returns
        -------
        str
            What `to_dict` gives, with arrays as objects of ``dtype``, ``shape`` and flat ``values``. Complex
            numbers are pairs, NaN is null, infinity ``"Infinity"``.
        """
        return storage.to_json(self)

    @classmethod
    def from_json(cls, text):  # type: (text: str) -> Self
        """Make the result that `to_json` described, equal to the last bit but for the sign of NaN.

        Parameters
        ----------
        text : str
            What `to_json` returned.

        Raises
        ------
        InvalidInputError, DimensionMismatchError, TypeError
            If it is no JSON, and as of `from_dict`.
        """
        return storage.from_json(cls, text)

    def save(self, file):  # type: (file: str | PathLike[str] | BinaryIO) -> None
        """Write the result to an uncompressed ``.npz`` file, without pickle.

        Parameters
        ----------
        file : path_like or binary file
            As for `numpy.savez`, which adds ``.npz`` to a name that lacks it. A file of that name is replaced
            when all has been written, and stays as it was if it cannot be.

        Raises
        ------
        InvalidInputError
            If no file can have that name.
        OSError
            If it cannot be written.
        TypeError
            If `file` is neither a path nor a binary file.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams.speech_default(16000)
        >>> spectrogram = sg.compute_linear_db_spectrogram(np.ones(16000), params)
        >>> path = tempfile.mkdtemp() + "/spectrogram.npz"
        >>> spectrogram.save(path)
        >>> sg.Spectrogram.load(path).params == params
        True
        """
        storage.save(self, file)

    @classmethod
    def load(cls, file):  # type: (file: str | PathLike[str] | BinaryIO) -> Self
        """Read a result that `save` wrote, equal to the last bit.

        Parameters
        ----------
        file : path_like or binary file
            A path in full, or a file opened for reading bytes.

        Raises
        ------
        InvalidInputError
            If the file is not one of ours or is damaged, holds a result of another class, or comes from a
            newer version. The message names the file.
        OSError
            If it cannot be read.
        MemoryError
            If there is no room for what it holds.
        """
        return storage.load(cls, file)
