"""Windows: named shapes that can be made at any length, and custom coefficients of one length.

With ``D = n - 1`` (symmetric) or ``D = n`` (periodic), ``j = 0..n-1`` and ``m = D / 2``::

    rectangular   1
    hanning       0.5 - 0.5 cos(2 pi j / D)
    hamming       0.54 - 0.46 cos(2 pi j / D)
    blackman      0.42 - 0.5 cos(2 pi j / D) + 0.08 cos(4 pi j / D)
    kaiser        I0(beta sqrt(1 - ((j - m) / m)^2)) / I0(beta)
    gaussian      exp(-0.5 ((j - m) / std)^2)

`shapes` has more, by SciPy's names. Every window of length 1 is ``[1.0]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array, narrowed, real
from spectrograms._common.limits import MAX_LENGTH, fits
from spectrograms._common.plain import as_dict, check_type
from spectrograms.errors import InvalidInputError, number, shown
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count, as_float, as_instance, format_number
from spectrograms.params.dtype import parse_dtype
from spectrograms.params.shapes import SHAPES, SPELLINGS, kaiser, parameters_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.params.dtype import DType

_SHAPES = ("rectangular", "hanning", "hamming", "blackman")
_ALIASES = {"hann": "hanning", "boxcar": "rectangular"}


# What the docstrings here have in common.
_documented = documented(
    length="""Parameters
----------
n : int
    Length, at least 1.""",
    returned="Returns\n-------\nWindowType",
    symmetric="""%(length)s
%(rounded_dtype)s

Returns
-------
ndarray of float64 or float32, shape (n,)""",
)


@_documented
class WindowType(Params):
    """A window function; windows are chosen, not constructed.

    Named windows are class attributes (``WindowType.hanning``); `kaiser`, `gaussian`, `named` and `custom`
    make the others. Wherever a window is asked for, a name (``"hann"``, ``"flattop"``, ``"kaiser=8.0"``), a
    tuple as SciPy takes it (``("tukey", 0.25)``) or an array of coefficients will do as well.

    Attributes
    ----------
    rectangular, hanning, hamming, blackman : WindowType
        The windows without a parameter.
    name : str
        ``"rectangular"``, ``"hanning"``, ``"hamming"``, ``"blackman"``, ``"kaiser"``, ``"gaussian"``,
        ``"custom"``, or a name that `named` takes.
    beta : float or None
        Shape of a Kaiser window.
    std : float or None
        Standard deviation of a Gaussian window, in samples.
    parameters : tuple of float
        Those of a window that `named` has made.
    coefficients : ndarray or None, shape (n,)
        Values of a custom window, float64, read-only.

    See Also
    --------
    StftParams : Takes a window, its name, or an array.

    %(plain_examples)s
    >>> sg.WindowType.kaiser(8.6)
    Kaiser(beta=8.6)
    >>> sg.WindowType.hanning.make(4)
    array([0.  , 0.75, 0.75, 0.  ])
    >>> sg.StftParams(512, 160, "kaiser=8.6").window == sg.WindowType.kaiser(8.6)
    True
    """

    name: str
    beta: float | None
    std: float | None
    _bytes: bytes | None
    parameters: tuple[float, ...]
    rectangular: ClassVar[WindowType]
    hanning: ClassVar[WindowType]
    hamming: ClassVar[WindowType]
    blackman: ClassVar[WindowType]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        raise TypeError(
            "cannot create 'WindowType' instances: use WindowType.hanning, .hamming, .blackman, "
            ".rectangular, .kaiser(beta), .gaussian(std), .named(name) or .custom(coefficients)"
        )

    @classmethod
    def kaiser(cls, beta: float) -> WindowType:
        """Choose a Kaiser window.

        Parameters
        ----------
        beta : float
            0 is rectangular; the larger, the lower the side lobes and the wider the main lobe. The sign is
            without effect.

        Returns
        -------
        WindowType

        References
        ----------
        J. F. Kaiser, R. W. Schafer, "On the use of the I0-sinh window for spectrum analysis", IEEE Trans.
        ASSP 28, 1980.

        %(plain_examples)s
        >>> sg.WindowType.kaiser(8.6).make(5).round(3)
        array([0.001, 0.34 , 1.   , 0.34 , 0.001])
        """
        return cls._create("kaiser", as_float("beta", beta), None, None, ())

    @classmethod
    def gaussian(cls, std: float) -> WindowType:
        """Choose a Gaussian window.

        Parameters
        ----------
        std : float
            Standard deviation in samples.

        Returns
        -------
        WindowType

        %(plain_examples)s
        >>> sg.WindowType.gaussian(1.0).make(3).round(3)
        array([0.607, 1.   , 0.607])
        """
        return cls._create("gaussian", None, as_float("std", std), None, ())

    @classmethod
    def named(cls, name: str, *parameters: float) -> WindowType:
        """Choose a window by the name that SciPy has for it.

        Parameters
        ----------
        name : str
            One of barthann, bartlett, blackmanharris, bohman, cosine, exponential, flattop, general_gaussian,
            general_hamming, lanczos, nuttall, parzen, triang, tukey, and those with a method of their own.
        *parameters : float
            These are tau of exponential (1 by default), power and width of general_gaussian, alpha of
            general_hamming and of tukey (0.5 by default), beta of kaiser, std of gaussian.

        %(returned)s

        Raises
        ------
        InvalidInputError
            If the name is unknown, or there are too few or too many parameters.

        %(plain_examples)s
        >>> sg.WindowType.named("tukey", 0.5).make(5)
        array([0., 1., 1., 1., 0.])
        >>> sg.StftParams(512, 160, ("tukey", 0.5)).window
        Tukey(0.5)
        """
        word = as_instance("name", name, str).lower().strip()
        word = SPELLINGS.get(word, _ALIASES.get(word, word))
        given = tuple(as_float(f"parameter of {word!r}", value) for value in parameters)
        if word in _SHAPES and not given:
            return getattr(cls, word)
        if word in ("kaiser", "gaussian") and len(given) == 1:
            return getattr(cls, word)(*given)
        return cls._create(word, None, None, None, parameters_of(word, given))

    @classmethod
    def custom(cls, coefficients: ArrayLike, normalize: str | None = None) -> WindowType:
        """Choose a window by its coefficients.

        Parameters
        ----------
        coefficients : array_like, shape (n,)
            Finite values; copied.
        normalize : {None, "sum", "peak", "max", "energy", "rms"}
            Divide by the sum, by the largest (signed) value, or by the square root of the sum of squares.

        %(returned)s

        Raises
        ------
        InvalidInputError
            If there are no coefficients, one is not finite, the divisor is zero or not finite, or `normalize`
            is unknown.
        TypeError
            If `coefficients` is not one-dimensional, or no numbers.

        %(plain_examples)s
        >>> window = sg.WindowType.custom([1.0, 2.0, 1.0], normalize="sum")
        >>> window.coefficients
        array([0.25, 0.5 , 0.25])
        """
        try:
            given = real(as_array(coefficients, "coefficients"), "coefficients", coefficients)
        except ValueError as error:
            raise InvalidInputError(str(error)) from None
        values = narrowed(given, np.float64)
        if values.ndim != 1:
            raise TypeError(f"coefficients must be one-dimensional, got {values.ndim} dimensions")
        if values.size == 0:
            raise InvalidInputError("Custom window coefficients cannot be empty")
        finite = np.isfinite(values)
        if not finite.all():
            index = int(np.argmin(finite))
            raise InvalidInputError(
                f"Window coefficient at index {index} is not finite: {number(values[index])}"
            )
        if normalize is not None:
            values /= _divisor(values, as_instance("normalize", normalize, str))
        return cls._create("custom", None, None, values.tobytes(), ())

    @property
    def coefficients(self) -> NDArray[np.float64] | None:
        """Those of a custom window, read-only; None for the others."""
        return None if self._bytes is None else np.frombuffer(self._bytes)

    @property
    def size(self) -> int | None:
        """The only length that a custom window has; None for windows that can be made at any length."""
        return None if self._bytes is None else len(self._bytes) // 8

    def make(self, n: int, periodic: bool = False) -> NDArray[np.float64]:
        """Compute the window.

        %(length)s
        periodic : bool, default False
            Leave out the last point of the symmetric window of length ``n + 1``. Without effect on a custom
            window.

        Returns
        -------
        ndarray, shape (n,), float64

        Raises
        ------
        InvalidInputError
            If a custom window has another length.
        MemoryError
            If `n` exceeds 2**28.

        %(plain_examples)s
        >>> sg.WindowType.hanning.make(4, periodic=True)
        array([0. , 0.5, 1. , 0.5])
        """
        n = as_count("n", n)
        fits("n", n, MAX_LENGTH)
        coefficients = self.coefficients
        if coefficients is not None:
            if self.size != n:
                raise InvalidInputError(f"Custom window size ({self.size}) must match n_fft ({n})")
            return coefficients.copy()
        if n == 1 or self.name == "rectangular":
            return np.ones(n)
        if self.name in SHAPES:
            # SciPy's periodic windows are symmetric ones of one more point, without the last.
            return SHAPES[self.name].formula(n + bool(periodic), *self.parameters)[:n]
        span = n if periodic else n - 1
        j = np.arange(n, dtype=np.float64)
        if self.beta is not None:
            return kaiser(j, span, abs(self.beta))
        if self.std is not None:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                return np.exp(-0.5 * ((j - 0.5 * span) / self.std) ** 2)
        angle = 2.0 * np.pi * j / span
        if self.name == "hanning":
            return 0.5 - 0.5 * np.cos(angle)
        if self.name == "hamming":
            return 0.54 - 0.46 * np.cos(angle)
        return 0.42 - 0.5 * np.cos(angle) + 0.08 * np.cos(2.0 * angle)

    @staticmethod
    def make_hanning(n: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
        """Compute a symmetric Hann window.

        %(symmetric)s
            ``0.5 - 0.5 cos(2 pi j / (n - 1))``, ``j = 0..n-1``; 1 for a single one.

        %(plain_examples)s
        >>> sg.WindowType.make_hanning(5)
        array([0. , 0.5, 1. , 0.5, 0. ])
        """
        return _make(WindowType.hanning, n, dtype)

    @staticmethod
    def make_hamming(n: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
        """Compute a symmetric Hamming window.

        %(symmetric)s
            ``0.54 - 0.46 cos(2 pi j / (n - 1))``, ``j = 0..n-1``; 1 for a single one.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.WindowType.make_hamming(5).round(2)
        array([0.08, 0.54, 1.  , 0.54, 0.08])
        """
        return _make(WindowType.hamming, n, dtype)

    @staticmethod
    def make_blackman(n: int, dtype: DType = None) -> NDArray[np.floating[Any]]:
        """Compute a symmetric Blackman window.

        %(symmetric)s
            ``0.42 - 0.5 cos(2 pi j / (n - 1)) + 0.08 cos(4 pi j / (n - 1))``,
            ``j = 0..n-1``; 1 for a single one.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.WindowType.make_blackman(5).round(2) + 0.0
        array([0.  , 0.34, 1.  , 0.34, 0.  ])
        """
        return _make(WindowType.blackman, n, dtype)

    @staticmethod
    def make_kaiser(n: int, beta: float, dtype: DType = None) -> NDArray[np.floating[Any]]:
        """Compute a symmetric Kaiser window.

        %(length)s
        beta : float
            Shape: larger is wider in frequency, with lower side lobes. Its sign does not matter.
        %(rounded_dtype)s

        Returns
        -------
        ndarray of float64 or float32, shape (n,)
            ``I0(beta sqrt(1 - r**2)) / I0(beta)``, ``r = 2 j / (n - 1) - 1``,
            ``j = 0..n-1``; 1 for a single one.

        %(plain_examples)s
        >>> sg.WindowType.make_kaiser(5, 8.6, "float32").round(3)
        array([0.001, 0.34 , 1.   , 0.34 , 0.001], dtype=float32)
        """
        return _make(WindowType.kaiser(beta), n, dtype)

    @staticmethod
    def make_gaussian(n: int, std: float, dtype: DType = None) -> NDArray[np.floating[Any]]:
        """Compute a symmetric Gaussian window.

        %(length)s
        std : float
            Standard deviation in samples.
        %(rounded_dtype)s

        Returns
        -------
        ndarray of float64 or float32, shape (n,)
            ``exp(-(j - (n - 1) / 2)**2 / (2 std**2))``,
            ``j = 0..n-1``; 1 for a single one.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.WindowType.make_gaussian(5, 1.0).round(3)
        array([0.135, 0.607, 1.   , 0.607, 0.135])
        """
        return _make(WindowType.gaussian(std), n, dtype)

    def __repr__(self) -> str:
        if self.name == "kaiser":
            return f"Kaiser(beta={format_number(self.beta)})"
        if self.name == "gaussian":
            return f"Gaussian(std={format_number(self.std)})"
        if self.parameters:
            return f"{self.name.capitalize()}({', '.join(map(format_number, self.parameters))})"
        return f"Custom(n={self.size})" if self.name == "custom" else self.name.capitalize()

    def __reduce__(self) -> tuple[Any, ...]:
        return WindowType.from_dict, (self.to_dict(),)

    def to_dict(self) -> dict[str, Any]:
        """Return the window as plain data: ``"type"``, ``"name"`` and the parameter that goes with the name.

        Returns
        -------
        dict

        %(plain_examples)s
        >>> sg.WindowType.gaussian(10.0).to_dict()
        {'type': 'WindowType', 'name': 'gaussian', 'std': 10.0}
        """
        data: dict[str, Any] = {"type": "WindowType", "name": self.name, "beta": self.beta, "std": self.std}
        coefficients = self.coefficients
        data["coefficients"] = None if coefficients is None else coefficients.tolist()
        data["parameters"] = list(self.parameters) if self.name in SHAPES else None
        return {key: value for key, value in data.items() if value is not None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the window that `data`, a dict of `to_dict`, describes.

        A window without a parameter is the class attribute.

        %(plain_examples)s
        >>> sg.WindowType.from_dict(sg.WindowType.hamming.to_dict()) is sg.WindowType.hamming
        True
        """
        fields = as_dict("data", data)
        check_type(fields, "WindowType")
        del fields["type"]
        name = fields.pop("name", None)
        name = name if isinstance(name, str) else None
        if name in _SHAPES and not fields:
            return getattr(cls, name)
        if name in SHAPES:
            made: Any = cls.named(name, *_numbers(fields))
            return made
        if name not in ("kaiser", "gaussian", "custom"):
            raise InvalidInputError(f"unknown window {shown(name)} with {shown(fields)}")
        return getattr(cls, name)(**fields)


def _numbers(fields):
    """The parameters of a named window, from plain data."""
    parameters = fields.pop("parameters", [])
    if fields or not isinstance(parameters, (list, tuple)):
        raise InvalidInputError(f"a named window must have a list of parameters alone, got {shown(fields)}")
    return parameters


for _name in _SHAPES:
    setattr(WindowType, _name, WindowType._create(_name, None, None, None, ()))


def as_window(value: Any, name: str = "window") -> WindowType:
    """Convert a name such as ``"kaiser=8.0"`` or an array of coefficients to a `WindowType`."""
    if isinstance(value, WindowType):
        return value
    if isinstance(value, str):
        return _parse(name, value)
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return WindowType.named(*value)
    if isinstance(value, (list, tuple)) or hasattr(value, "__array__") or hasattr(value, "__dlpack__"):
        return WindowType.custom(value)
    return as_instance(name, value, WindowType)


def _parse(argument, text):
    word, has_parameter, parameter = text.lower().partition("=")
    try:
        return WindowType.named(word, *([float(parameter)] if has_parameter else []))
    except ValueError:
        pass
    shapes = ", ".join(map(repr, SHAPES))
    raise InvalidInputError(
        f"{argument} must be 'hann', 'hanning', 'hamming', 'blackman', 'rectangular', 'boxcar', "
        f"'kaiser=<beta>', 'gaussian=<std>' or one of {shapes}, got {shown(text)}"
    )


def _make(window, n, dtype):
    return window.make(n).astype(parse_dtype(dtype), copy=False)


@np.errstate(over="ignore")
def _divisor(values, normalize):
    if normalize == "sum":
        divisor, complaint = values.sum(), "sum: sum is zero"
    elif normalize in ("peak", "max"):
        divisor, complaint = values.max(), "peak: maximum is zero"
    elif normalize in ("energy", "rms"):
        divisor, complaint = np.sqrt(np.sum(values**2)), "energy: energy is zero"
    else:
        raise InvalidInputError(
            f"Unknown normalization mode {shown(normalize)}. Valid modes: 'sum', 'peak', 'energy'"
        )
    if divisor == 0.0:
        raise InvalidInputError(f"Cannot normalize window by {complaint}")
    if not np.isfinite(divisor):
        raise InvalidInputError(f"Cannot normalize window by {complaint.replace('zero', 'infinite')}")
    return divisor
