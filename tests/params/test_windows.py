"""Windows against SciPy, NumPy and the definition of I0."""

import copy
import pickle
from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.signal

from spectrograms.errors import InvalidInputError
from spectrograms.params import WindowType, as_window
from spectrograms.params.shapes import _scaled_i0

from ..support.together import together

LENGTHS = [1, 2, 3, 8, 255, 512]
NAMED = {
    "rectangular": "boxcar",
    "hanning": "hann",
    "hamming": "hamming",
    "blackman": "blackman",
}


@together("n", LENGTHS)
@together("periodic", [False, True])
@pytest.mark.parametrize("name", NAMED)
def test_named_windows(name, periodic, n):
    expected = scipy.signal.get_window(NAMED[name], n, fftbins=periodic)
    values = getattr(WindowType, name).make(n, periodic=periodic)
    assert values.dtype == np.float64
    # Half the rounding of an angle of up to 2 pi.
    np.testing.assert_allclose(values, expected, rtol=0, atol=1.4e-15)


@together("n", LENGTHS)
@together("periodic", [False, True])
@pytest.mark.parametrize("std", [0.7, 10.0, -10.0])
def test_gaussian(std, periodic, n):
    expected = scipy.signal.get_window(("gaussian", std), n, fftbins=periodic)
    # The exponent goes down to -745, with as many half ulps of the result for each of its own.
    np.testing.assert_allclose(WindowType.gaussian(std).make(n, periodic), expected, rtol=3.4e-13, atol=0)


@together("n", LENGTHS)
@pytest.mark.parametrize("beta", [0.0, 0.5, 3.75, 3.76, 8.6, 14.0, 100.0, -8.6])
def test_kaiser(beta, n):
    # An ulp of the argument of exp is worth beta ulps of the result.
    tolerance = 1e-15 * max(4.0, abs(beta))
    np.testing.assert_allclose(WindowType.kaiser(beta).make(n), np.kaiser(n, beta), rtol=0, atol=tolerance)
    periodic = scipy.signal.get_window(("kaiser", beta), n, fftbins=True)
    np.testing.assert_allclose(WindowType.kaiser(beta).make(n, True), periodic, rtol=0, atol=tolerance)


def test_kaiser_does_not_overflow():
    values = WindowType.kaiser(5000.0).make(257)
    assert values[128] == 1.0
    assert np.all(np.diff(values[:129]) >= 0.0)
    # Near the centre a Kaiser window is the Gaussian of the same curvature.
    j = np.arange(-3, 4) / 128
    np.testing.assert_allclose(values[125:132], np.exp(-2500 * j**2), rtol=2e-4)


def test_i0_from_its_power_series():
    x = np.concatenate([np.linspace(0.0, 60.0, 121), [39.999, 40.0, 40.001, 100.0, 700.0, 1500.0]])
    with localcontext() as context:
        context.prec = 50
        expected = [_exact_scaled_i0(Decimal(value)) for value in x.tolist()]
    np.testing.assert_allclose(_scaled_i0(x), expected, rtol=1e-15, atol=0)


def _exact_scaled_i0(x):
    quarter, total, term, k = x * x / 4, Decimal(1), Decimal(1), 1
    while term > total * Decimal("1e-40"):
        term *= quarter / (k * k)
        total += term
        k += 1
    return float(total * (-x).exp())


def test_gaussian_without_width():
    values = WindowType.gaussian(0.0).make(5)
    assert np.isnan(values[2])
    assert np.all(np.delete(values, 2) == 0.0)


@pytest.mark.parametrize(
    ("make", "window"),
    [
        (WindowType.make_hanning, WindowType.hanning),
        (WindowType.make_hamming, WindowType.hamming),
        (WindowType.make_blackman, WindowType.blackman),
        (lambda **kw: WindowType.make_kaiser(beta=8.6, **kw), WindowType.kaiser(8.6)),
        (lambda **kw: WindowType.make_gaussian(std=3.0, **kw), WindowType.gaussian(3.0)),
    ],
)
def test_static_makers(make, window):
    assert np.array_equal(make(n=33), window.make(33))
    single = make(n=33, dtype="f32")
    assert single.dtype == np.float32
    assert np.array_equal(single, window.make(33).astype(np.float32))
    assert single.flags.writeable
    assert make(n=1).tolist() == [1.0]
    with pytest.raises(ValueError, match="n must be >= 1, got 0"):
        make(n=0)
    with pytest.raises(OverflowError, match="n must be >= 0, got -1"):
        make(n=-1)
    with pytest.raises(ValueError, match="unsupported dtype"):
        make(n=3, dtype="float16")


@pytest.mark.parametrize("n", [2**45, 2**62])
def test_absurd_lengths(n):
    with pytest.raises(MemoryError):
        WindowType.make_hanning(n)


@pytest.mark.parametrize("name", NAMED)
def test_named_windows_are_single(name):
    window = getattr(WindowType, name)
    assert window is getattr(WindowType, name)
    assert pickle.loads(pickle.dumps(window)) is window
    assert copy.copy(window) is window
    assert copy.deepcopy(window) is window
    assert WindowType.from_dict(window.to_dict()) is window
    assert (window.name, window.beta, window.std, window.coefficients) == (name, None, None, None)


def test_parameters_of_windows():
    assert (WindowType.kaiser(8).name, WindowType.kaiser(beta=8).beta) == ("kaiser", 8.0)
    assert (WindowType.gaussian(3).name, WindowType.gaussian(std=3).std) == ("gaussian", 3.0)
    assert WindowType.kaiser(8) == WindowType.kaiser(8.0) != WindowType.gaussian(8)
    with pytest.raises(TypeError, match="must be real number, not str: beta"):
        WindowType.kaiser("8")


@pytest.mark.parametrize("arguments", [(), ("hanning",)])
def test_no_constructor(arguments):
    with pytest.raises(TypeError, match=r"cannot create 'WindowType' instances: use WindowType\.hanning"):
        WindowType(*arguments)


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("hann", WindowType.hanning),
        ("hanning", WindowType.hanning),
        ("Hamming", WindowType.hamming),
        ("blackman", WindowType.blackman),
        ("rectangular", WindowType.rectangular),
        ("boxcar", WindowType.rectangular),
        ("kaiser=8.0", WindowType.kaiser(8.0)),
        ("kaiser = 1e1", WindowType.kaiser(10.0)),
        ("gaussian=10", WindowType.gaussian(10.0)),
    ],
)
def test_names(text, window):
    assert as_window(text) == window


def test_custom_copies_its_input():
    source = np.arange(1.0, 5.0)
    window = WindowType.custom(source)
    source[:] = 0.0
    assert window.coefficients.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert not window.coefficients.flags.writeable
    made = window.make(4, periodic=True)
    made[:] = 0.0
    assert window.make(4).tolist() == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(InvalidInputError, match=r"Custom window size \(4\) must match n_fft \(5\)"):
        window.make(5)


@pytest.mark.parametrize(
    "coefficients",
    [[1, 2, 3], (1.0, 2.0, 3.0), np.array([1, 2, 3], dtype=np.int8), np.arange(1.0, 6.0)[::2] / 2 + 0.5],
)
def test_custom_takes_any_array_like(coefficients):
    assert WindowType.custom(coefficients) == as_window(coefficients)
    assert WindowType.custom(coefficients).coefficients.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [
        (None, [-2.0, -1.0]),
        ("sum", [2 / 3, 1 / 3]),
        ("peak", [2.0, 1.0]),
        ("max", [2.0, 1.0]),
        ("energy", [-2 / 5**0.5, -1 / 5**0.5]),
        ("rms", [-2 / 5**0.5, -1 / 5**0.5]),
    ],
)
def test_custom_normalisation(normalize, expected):
    window = WindowType.custom(np.array([-2.0, -1.0]), normalize=normalize)
    np.testing.assert_allclose(window.coefficients, expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("coefficients", "normalize", "message"),
    [
        ([], None, "Custom window coefficients cannot be empty"),
        ([1, np.nan, np.inf], None, "Window coefficient at index 1 is not finite: NaN"),
        ([-np.inf], "foo", "Window coefficient at index 0 is not finite: -inf"),
        ([0, 0], "sum", "Cannot normalize window by sum: sum is zero"),
        ([0, 0], "max", "Cannot normalize window by peak: maximum is zero"),
        ([0, 0], "rms", "Cannot normalize window by energy: energy is zero"),
        ([1, 1], "Sum", "Unknown normalization mode 'Sum'. Valid modes: 'sum', 'peak', 'energy'"),
    ],
)
def test_custom_refuses(coefficients, normalize, message):
    with pytest.raises(InvalidInputError) as caught:
        WindowType.custom(coefficients, normalize)
    assert str(caught.value) == message


def test_custom_type_errors():
    with pytest.raises(TypeError, match="'int' object is not an instance of 'str': normalize"):
        WindowType.custom([1.0], 3)
    with pytest.raises(TypeError, match="one-dimensional, got 0"):
        WindowType.custom(1.0)
