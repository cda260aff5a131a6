"""Names, parameters, plain values and errors of the public surface against those of the reference."""

import builtins
import inspect
import json

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from . import surface
from .recorded import DATA
from .surface_errors import CORRECTED_ERRORS, ERRORS

# The reference has bands without bins, cut kernels and uncovered samples, too, and says nothing of it.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")

RECORDED = json.loads((DATA / "surface.json").read_text())

# The reference has no such error: the value is accepted, or a panic follows.
CORRECTED = {expression: name for expression, _, name in ERRORS if name} | dict(CORRECTED_ERRORS)


@together("name", RECORDED["names"])
def test_name_exists(name):
    assert hasattr(sg, name)
    assert name in dir(sg)


@together(
    ("name", "attribute"),
    [(name, attribute) for name, attributes in RECORDED["attributes"].items() for attribute in attributes],
)
def test_class_has_attribute(name, attribute):
    assert hasattr(getattr(sg, name), attribute)


def plain(value):
    """What can be compared of whatever a call gives: bytes of arrays, parameters, names of the rest."""
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, np.ndarray) or (hasattr(value, "dtype") and hasattr(value, "__array__")):
        return np.asarray(value).tobytes()
    if type(value).__eq__ is not object.__eq__:
        return value
    return {
        name: plain(getattr(value, name)) for name in ("params", "kernel", "data") if hasattr(value, name)
    }


@together("function", surface.calls())
def test_call_by_position_and_by_keyword(function):
    arguments = surface.calls()[function]
    by_place = surface.evaluate(f"{function}({', '.join(arguments.values())})", sg)
    named = ", ".join(f"{key}={value}" for key, value in arguments.items())
    by_name = surface.evaluate(f"{function}({named})", sg)
    assert type(by_place) is type(by_name)
    assert plain(by_place) == plain(by_name)


@pytest.mark.correction
@together("function", surface.calls())
def test_signature_begins_with_the_parameters_of_the_reference(function):
    arguments = surface.calls()[function]
    parameters = list(inspect.signature(surface.evaluate(function, sg)).parameters)
    assert parameters[: len(arguments)] == list(arguments)


@together("expression", surface.VALUES)
def test_value(expression):
    found = json.loads(json.dumps(surface.evaluate(expression, sg)))
    assert found == RECORDED["values"][expression]


def exception(name):
    """Return the exception class `name`, ours or a builtin."""
    return getattr(sg, name, None) or getattr(builtins, name)


@together(
    ("expression", "same_text"),
    [(expression, same) for expression, same, name in ERRORS if name is None],
)
def test_error(expression, same_text):
    name, message = RECORDED["errors"][expression]
    with pytest.raises(exception(name)) as raised:
        surface.evaluate(expression, sg)
    if same_text:
        assert str(raised.value).startswith(message.rstrip("."))


@pytest.mark.correction
@together("expression", CORRECTED)
def test_corrected_error(expression):
    if CORRECTED[expression] == "no error":
        assert surface.evaluate(expression, sg) is not None
    else:
        with pytest.raises(exception(CORRECTED[expression])):
            surface.evaluate(expression, sg)


def test_exception_tree():
    for name in surface.EXCEPTIONS:
        assert issubclass(getattr(sg, name), sg.SpectrogramError)
    assert sg.SpectrogramError.__bases__ == (Exception,)


@pytest.mark.correction
def test_exceptions_have_public_names_and_are_value_errors():
    for name in ("SpectrogramError", *surface.EXCEPTIONS):
        assert getattr(sg, name).__name__ == name
    assert issubclass(sg.InvalidInputError, ValueError)
    assert issubclass(sg.DimensionMismatchError, ValueError)
