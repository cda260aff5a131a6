"""What results say to those who take them for arrays, and their axes as arrays."""

import operator

import numpy as np
import pytest

import spectrograms as sg

PARAMS = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
X = np.random.default_rng(0).standard_normal(400)
RESULTS = {
    "Spectrogram": lambda: sg.compute_linear_power_spectrogram(X, PARAMS),
    "StftResult": lambda: sg.compute_stft(X, PARAMS),
    "Mfcc": lambda: sg.compute_mfcc(X, PARAMS.stft, 8000, 10, sg.MfccParams(5)),
}
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.matmul]


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("operation", OPERATORS)
def test_operators_say_where_the_array_is(name, operation):
    result = RESULTS[name]()
    for pair in [(result, 2.0), (2.0, result), (result, result)]:
        if operation is operator.pow and pair[0] == 2.0:
            continue
        with pytest.raises(
            TypeError, match=f"^a result of class {name} is no number: compute with its array, .data$"
        ):
            operation(*pair)
    for unary in (operator.neg, abs):
        with pytest.raises(TypeError, match=r"compute with its array, \.data$"):
            unary(result)


@pytest.mark.parametrize("name", RESULTS)
def test_methods_of_arrays_are_those_of_data(name):
    result = RESULTS[name]()
    for method in ("mean", "max", "sum", "std", "reshape", "clip"):
        assert hasattr(result.data, method)
        assert not hasattr(result, method)
        with pytest.raises(
            AttributeError, match=f"{name} has no {method}: its values are an array in .data$"
        ):
            getattr(result, method)
    with pytest.raises(
        AttributeError, match=rf"^'(spectrograms\.)?{name}' object has no attribute 'nosuch'$"
    ):
        result.nosuch  # noqa: B018


def test_numpy_works_on_results():
    result, array = RESULTS["Spectrogram"](), RESULTS["Spectrogram"]().data
    assert np.array_equal(np.log10(result), np.log10(array))
    assert np.mean(result) == array.mean()
    assert np.array_equal(np.ones(result.shape) * result, array)
    assert np.array_equal(np.float64(2) + result, 2 + array)


def test_axes_as_arrays():
    result = RESULTS["Spectrogram"]()
    assert result.t.tolist() == result.times
    assert result.f.tolist() == result.frequencies
    for axis in (result.t, result.f):
        assert axis.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            axis[0] = 1.0
    assert RESULTS["Mfcc"]().t.tolist() == RESULTS["Mfcc"]().times
