"""Results along time: frames, their frequencies, the spectrogram and the short-time Fourier transform.

Each class adds to `OwnedArray` only what its axes mean; the numbers of the axes come from the info.
"""
cimport cython
from cpython.object cimport PyTypeObject
from libc.math cimport INFINITY, log10

from spectrograms._engine.results.result cimport OwnedArray

from spectrograms._common.hooks import hook

import numpy as np


# Of arrays, what people look for in a result.
cdef frozenset ARRAY_METHODS = frozenset((
    "all", "any", "argmax", "argmin", "clip", "copyto", "cumsum", "dot", "fill", "flatten", "max",
    "mean", "min", "prod", "ptp", "ravel", "reshape", "round", "sort", "squeeze", "std", "sum", "swapaxes",
    "transpose", "var", "view",
))


cdef str in_data(object result):
    return f"a result of class {type(result).__name__} is no number: compute with its array, .data"


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
    def __neg__(self): raise TypeError(in_data(self))
    def __abs__(self): raise TypeError(in_data(self))

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
