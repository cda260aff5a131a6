"""Results along time: frames, their frequencies, the spectrogram and the short-time Fourier transform.

Each class adds to `OwnedArray` only what its axes mean; the numbers of the axes come from the info.
"""
cimport cython
from cpython.object cimport PyTypeObject
from libc.math cimport INFINITY, log10
from libc.string cimport memcpy

from spectrograms._engine.results.result cimport MAX_NDIM, OwnedArray, is_readonly, new_result

from spectrograms._common.hooks import hook
from spectrograms._engine.results.passages import as_seconds, passage

import numpy as np


# Of arrays, what people look for in a result.
cdef frozenset ARRAY_METHODS = frozenset((
    "all", "any", "argmax", "argmin", "clip", "copyto", "cumsum", "dot", "fill", "flatten", "max",
    "mean", "min", "prod", "ptp", "ravel", "reshape", "round", "sort", "squeeze", "std", "sum", "swapaxes",
    "transpose", "var", "view",
))


cdef str in_data(object result):
    return f"a result of class {type(result).__name__} is no number: compute with its array, .data"


cdef OwnedArray part_of(
    OwnedArray whole, Py_ssize_t row, Py_ssize_t rows, Py_ssize_t column, Py_ssize_t columns, object info
):
    """The last two axes of a result from `row` and `column` on, over the same memory."""
    cdef Py_ssize_t[MAX_NDIM] shape
    cdef int last = whole.ndim - 1
    cdef char *first = <char *>whole.ptr + row * whole._strides[last - 1] + column * whole._strides[last]
    memcpy(shape, whole._shape, sizeof(whole._shape))
    shape[last - 1], shape[last] = rows, columns
    cdef OwnedArray part = new_result(
        type(whole), whole.block, first - <char *>whole.block.ptr, whole.typecode, whole.ndim, shape, info
    )
    memcpy(part._strides, whole._strides, sizeof(whole._strides))
    if whole._extras is not None:
        inside = (..., slice(row, row + rows), slice(column, column + columns))
        part._extras = {name: array[inside] for name, array in whole._extras.items()}
    if is_readonly(whole):
        part.data.flags.writeable = False
    return part


# OwnedArray pickles them all.
@cython.auto_pickle(False)
cdef class FrameArray(OwnedArray):
    """An array of shape (n_bins, n_frames): every column belongs to one instant."""

    @property
    def n_bins(self):  # type: () -> int
        """int: number of values per frame."""
        return self._shape[self.ndim - 2]

    @property
    def n_frames(self):  # type: () -> int
        """int: number of frames."""
        return self._shape[self.ndim - 1]

    @property
    def params(self):  # type: () -> Any
        """The parameters that the result was computed with."""
        return self._info.params

    @property
    def sample_rate(self):  # type: () -> float
        """float: sample rate of the signal in Hz."""
        return self._info.sample_rate

    @property
    def hop_size(self):  # type: () -> int
        """int: samples from one frame to the next."""
        return self._info.hop_size

    @property
    def times(self):  # type: () -> list[float]
        """list of float: time of every frame in seconds; its centre if frames are centred, else its start."""
        return self._info.times(self.n_frames).tolist()

    @property
    def t(self):  # type: () -> NDArray[np.float64]
        """ndarray of float64, read-only: the same times, to compute with."""
        cdef object times = self._info.times(self.n_frames)
        times.flags.writeable = False
        return times

    @property
    def start(self):  # type: () -> float | datetime
        """float or datetime: when the first sample is; 0.0 unless `starting_at` or `read_audio` has said it.

        Where it is a datetime, `times` count seconds from there.
        """
        clock = getattr(self._info, "clock", None)
        return getattr(self._info, "start", 0.0) if clock is None else clock

    def starting_at(self, start):  # type: (start: float | datetime) -> Self
        """The same result with other times: those of a signal whose first sample is at `start`.

        Parameters
        ----------
        start : float or datetime
            Seconds, which `times` begin from; or a time of day, which plots have on their axis and xarray as
            its coordinate. `times` count seconds from it.

        Returns
        -------
        The class of the result
            Over the same memory.

        Raises
        ------
        InvalidInputError, TypeError
            If `start` is not finite, or neither of both.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> sg.compute_linear_db_spectrogram(np.ones(16000), params).starting_at(60.0).times[:2]
        [60.0, 60.01]
        """
        return part_of(self, 0, self.n_bins, 0, self.n_frames, self._info.starting(start))

    def crop(self, t0=None, t1=None):
        # type: (t0: float | datetime | None, t1: float | datetime | None) -> Self
        """A passage of the result, without a copy.

        Parameters
        ----------
        t0, t1 : float or datetime, optional
            Frames from `t0` to `t1` remain, both included; by default from the first, to the last. Seconds as
            in `times`; a datetime where `start` is one.

        Returns
        -------
        The class of the result
            Over the same memory, which it keeps alive, with times of its own.

        Raises
        ------
        InvalidInputError
            If no frame lies between them.
        TypeError
            If a bound is no number, or a datetime and `start` is none.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.StftParams(512, 160, "hann")
        >>> sg.compute_mfcc(np.ones(16000), params, 16000, 40, sg.MfccParams(13)).crop(0.2, 0.5)
        Mfcc(shape=(13, 31), dtype=float64, 0.2 to 0.5 s)
        """
        first, count = self._frames_between(t0, t1)
        return part_of(self, 0, self.n_bins, first, count, self._info.excerpt(first_frame=first))

    def _frames_between(self, t0, t1):
        t0, t1 = as_seconds("t0", t0, self.start), as_seconds("t1", t1, self.start)
        return passage("t", "s", self.t, t0, t1, 1e-6 * self.time_resolution)

    @property
    def time_resolution(self):  # type: () -> float
        """float: seconds from one frame to the next."""
        return self._info.hop_size / self._info.sample_rate

    def duration(self):  # type: () -> float
        """Time of the last frame in seconds.

        Returns
        -------
        float

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> sg.compute_stft(np.ones(16000), params).duration()
        1.0
        """
        return self._info.times(self.n_frames).item(-1)

    def plot(self, *args, **options):  # type: (*args: Any, **options: Any) -> Any
        """Draw the result with matplotlib; see `spectrograms.integrations.plot.plot`."""
        return hook("plot")(self, *args, **options)

    def _repr_html_(self):  # type: () -> str
        """The view of a notebook; see `spectrograms.integrations.notebook.html`."""
        return hook("html")(self)

    def __len__(self):
        """Number of frames. Indexing, as in `data`, starts with the bins."""
        return self.n_frames

    def __getitem__(self, index):
        try:
            return self.data[index]
        except IndexError as error:
            raise IndexError(
                f"{error}; len() counts frames, but indices begin with the rows, as in shape: "
                "result[:, t] is frame t"
            ) from None

    # Operators and methods of arrays say where the array is. NumPy's functions work on the result itself.
    def __getattr__(self, str name):
        if name in ARRAY_METHODS:
            raise AttributeError(
                f"a result of class {type(self).__name__} has no {name}: its values are an array in .data"
            )
        return object.__getattribute__(self, name)  # raises again, perhaps in the words of a property

    def __add__(self, other): raise TypeError(in_data(self))
    def __radd__(self, other): raise TypeError(in_data(self))
    def __sub__(self, other): raise TypeError(in_data(self))
    def __rsub__(self, other): raise TypeError(in_data(self))
    def __mul__(self, other): raise TypeError(in_data(self))
    def __rmul__(self, other): raise TypeError(in_data(self))
    def __truediv__(self, other): raise TypeError(in_data(self))
    def __rtruediv__(self, other): raise TypeError(in_data(self))
    def __matmul__(self, other): raise TypeError(in_data(self))
    def __rmatmul__(self, other): raise TypeError(in_data(self))
    def __pow__(self, other, modulo): raise TypeError(in_data(self))
    def __floordiv__(self, other): raise TypeError(in_data(self))
    def __mod__(self, other): raise TypeError(in_data(self))
    # Classes that compare lose their hash.
    def __hash__(self): return object.__hash__(self)
    def __lt__(self, other): raise TypeError(in_data(self))
    def __le__(self, other): raise TypeError(in_data(self))
    def __gt__(self, other): raise TypeError(in_data(self))
    def __ge__(self, other): raise TypeError(in_data(self))
    def __neg__(self): raise TypeError(in_data(self))
    def __abs__(self): raise TypeError(in_data(self))

    def __repr__(self):
        said = getattr(self._info, "said", None)
        return f"{type(self).__name__}({self._summary()}{'' if said is None else said(self.n_frames)})"

    def _axes(self):
        return {"times": self._info.times(self.n_frames)}


@cython.auto_pickle(False)
cdef class TimeFrequency(FrameArray):
    """A frame array whose bins are frequencies."""

    @property
    def frequencies(self):  # type: () -> list[float]
        """list of float: centre frequency of every bin in Hz."""
        return self._info.frequencies.tolist()

    @property
    def f(self):  # type: () -> NDArray[np.float64]
        """ndarray of float64, read-only: the same frequencies, to compute with."""
        return self._info.frequencies

    def crop(self, t0=None, t1=None, f0=None, f1=None):
        # type: (t0: float | datetime | None, t1: float | datetime | None,
        # f0: float | None, f1: float | None) -> Self
        """A passage of the result, some of its rows, or both, without a copy.

        Parameters
        ----------
        t0, t1 : float or datetime, optional
            Frames from `t0` to `t1` remain, both included; by default from the first, to the last. Seconds as
            in `times`; a datetime where `start` is one.
        f0, f1 : float, optional
            Rows from `f0` to `f1` remain, both included, in Hz.

        Returns
        -------
        The class of the result
            Over the same memory, which it keeps alive, with axes of its own; everything else is that of the
            whole.

        Raises
        ------
        InvalidInputError
            If no frame, or no row, lies between them.
        TypeError
            If a bound is no number, or a datetime and `start` is none.

        See Also
        --------
        LinearParams : Has only such rows computed.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> call = sg.compute_linear_db_spectrogram(np.ones(16000), params).crop(0.2, 0.5, 1000, 4000)
        >>> call
        Spectrogram(shape=(97, 31), dtype=float64, 0.2 to 0.5 s, 1000 to 4000 Hz)
        >>> call.times[0], call.frequencies[-1], call.unit
        (0.2, 4000.0, 'dB')
        """
        row, rows = passage("f", "Hz", self.f, f0, f1, 0.0)
        first, count = self._frames_between(t0, t1)
        cut = {} if rows == self.n_bins else {"first_row": row, "n_rows": rows}
        return part_of(self, row, rows, first, count, self._info.excerpt(first_frame=first, **cut))

    def frequency_range(self):  # type: () -> tuple[float, float]
        """First and last frequency in Hz.

        Returns
        -------
        tuple of two floats

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> sg.compute_stft(np.ones(16000), params).frequency_range()
        (0.0, 8000.0)
        """
        frequencies = self._info.frequencies
        return frequencies.item(0), frequencies.item(-1)

    def _axes(self):
        return {"frequencies": self._info.frequencies, "times": self._info.times(self.n_frames)}


cdef double decibels(str amplitude, double value) noexcept:
    if amplitude == "power":
        return 10.0 * log10(value + 1e-12)
    if amplitude == "magnitude":
        return 10.0 * log10(value * value + 1e-12)
    return value


@cython.auto_pickle(False)
cdef class Spectrogram(TimeFrequency):
    """A spectrogram, shape (n_bins, n_frames), with its axes and the parameters it was computed with.

    Returned by the compute functions and the plans. ``data`` is the ndarray; indexing and NumPy functions
    work on the spectrogram itself too. ``len()`` is the number of frames, while ``spectrogram[0]`` is the
    first bin.

    The memory belongs to the spectrogram, aligned to 64 bytes, and is shared without a copy through the
    buffer protocol, DLPack (``torch.from_dlpack``, ``jax.numpy.from_dlpack``) and ``data``.

    See Also
    --------
    compute_mel_db_spectrogram, SpectrogramPlan : Make it.
    StftResult : Complex values.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> spectrogram = sg.compute_linear_db_spectrogram(tone, params)
    >>> spectrogram.shape, spectrogram.scale, spectrogram.unit
    ((257, 101), 'linear', 'dB')

    Rows and columns have their values in Hz and in seconds:

    >>> bin, frame = np.unravel_index(spectrogram.data.argmax(), spectrogram.shape)
    >>> spectrogram.frequencies[bin]
    1000.0
    >>> spectrogram.times[:3]
    [0.0, 0.01, 0.02]

    It is an array wherever one is wanted, without a copy:

    >>> np.shares_memory(np.asarray(spectrogram), spectrogram.data)
    True
    >>> bool(spectrogram[32, 50] == spectrogram.data[32, 50])
    True
    """

    # The answer of db_range(), found at its first call.
    cdef object decibel_range

    @property
    def scale(self):  # type: () -> str
        """str: what the bins are: ``"linear"``, ``"mel"``, ``"erb"``, ``"loghz"`` or ``"cqt"``."""
        return self._info.scale

    @property
    def amplitude(self):  # type: () -> str
        """str: what the values are: ``"power"``, ``"magnitude"`` or ``"db"``."""
        return self._info.amplitude

    @property
    def unit(self):  # type: () -> str
        """str: unit of the values."""
        return self._info.unit

    def db_range(self):  # type: () -> tuple[float, float]
        """Smallest and largest value in decibels, NaN left out.

        Power ``v`` counts as ``10 log10(v + 1e-12)`` and magnitude as ``10 log10(v**2 + 1e-12)``. Found at
        the first call and kept, so that changing the data afterwards does not change it.

        Returns
        -------
        tuple of two floats
            ``(inf, -inf)`` if all values are NaN.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> sg.compute_linear_db_spectrogram(np.zeros(16000), params).db_range()
        (-80.0, -80.0)
        """
        cdef double low, high
        cdef str amplitude
        with cython.critical_section(self):
            found = self.decibel_range
        if found is None:
            values = np.asarray(self)
            # Both maps grow with v, so two logarithms do. fmin and fmax skip NaN.
            low = np.fmin.reduce(values, axis=None, initial=INFINITY)
            high = np.fmax.reduce(values, axis=None, initial=-INFINITY)
            if low <= high:
                amplitude = self._info.amplitude
                low, high = decibels(amplitude, low), decibels(amplitude, high)
            found = (low, high)
            # What another thread may be reading is not replaced.
            with cython.critical_section(self):
                if self.decibel_range is None:
                    self.decibel_range = found
                found = self.decibel_range
        return found


@cython.auto_pickle(False)
cdef class StftResult(TimeFrequency):
    """A short-time Fourier transform: complex numbers of shape (n_fft // 2 + 1, n_frames).

    See Also
    --------
    compute_stft, StftPlan : Make it.
    compute_istft : Inverts it.
    magphase : Splits it into magnitude and phase.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> transform = sg.compute_stft(np.ones(16000), params)
    >>> transform.shape, transform.data.dtype, transform.frequency_resolution
    ((257, 101), dtype('complex128'), 31.25)
    >>> transform.norm().dtype
    dtype('float64')
    """

    @property
    def frequency_resolution(self):  # type: () -> float
        """float: distance of the bins in Hz, ``sample_rate / n_fft``."""
        # Bin 1 is at 1 * sample_rate / n_fft. There is none only with n_fft = 1.
        return self._info.frequencies.item(1) if self.n_bins > 1 else self._info.sample_rate

    def norm(self):  # type: () -> NDArray[np.floating[Any]]
        """Absolute values of the data.

        Returns
        -------
        ndarray of float32 or float64, shape (n_bins, n_frames)

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> transform = sg.compute_stft(np.ones(16000), params)
        >>> np.allclose(transform.norm(), abs(transform.data))
        True
        """
        return np.abs(self.data)

    def _summary(self):
        return f"shape={self.shape}, dtype={self.dtype}, sample_rate={number(self.sample_rate)}"


cdef str number(double value):
    # As the other reprs of the package write floats: the shortest digits that read back, never an exponent.
    return "NaN" if value != value else np.format_float_positional(value, trim="-")


# Users meet these classes as spectrograms.Spectrogram and pickles name them so, wherever they are compiled.
# The name is the only place where a class made in C keeps its module.
(<PyTypeObject *>Spectrogram).tp_name = b"spectrograms.Spectrogram"
(<PyTypeObject *>StftResult).tp_name = b"spectrograms.StftResult"
