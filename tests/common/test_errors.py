"""The exception tree: bases, texts, pickling."""

import copy
import pickle

import pytest

import spectrograms as sg
from spectrograms import errors

CHILDREN = ("DimensionMismatchError", "FFTBackendError", "InternalError", "InvalidInputError")


@pytest.mark.parametrize("name", CHILDREN)
def test_children_of_the_base(name):
    kind = getattr(errors, name)
    assert issubclass(kind, errors.SpectrogramError)
    assert kind.__name__ == name
    assert kind.__module__ == "spectrograms.errors"


def test_value_errors():
    assert issubclass(errors.InvalidInputError, ValueError)
    assert issubclass(errors.DimensionMismatchError, ValueError)
    assert not issubclass(errors.FFTBackendError, ValueError)
    assert errors.SpectrogramError.__bases__ == (Exception,)
    assert sorted(errors.__all__) == sorted((*CHILDREN, "SpectrogramError", "SpectrogramWarning"))


def test_dimension_mismatch_text():
    assert str(errors.DimensionMismatchError(257, 256)) == "Dimension mismatch: expected 257, got 256"
    assert str(errors.DimensionMismatchError("two rows too few")) == "two rows too few"
    detailed = errors.DimensionMismatchError(257, 256, "rows of stft_matrix")
    assert str(detailed) == "Dimension mismatch: expected 257, got 256 (rows of stft_matrix)"
    assert (detailed.expected, detailed.got) == (257, 256)


@pytest.mark.parametrize("clone", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_dimension_mismatch_survives_copying(clone):
    error = clone(errors.DimensionMismatchError(3, 4, "frames"))
    assert type(error) is errors.DimensionMismatchError
    assert str(error) == "Dimension mismatch: expected 3, got 4 (frames)"
    assert (error.expected, error.got, error.detail) == (3, 4, "frames")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: sg.Stream(3, "float32"), "engine of Stream must be Engine, got int"),
        (lambda: sg.FeatureStream({}, "float32", ()), "engine of FeatureStream must be Engine, got dict"),
        (lambda: sg.FrontendStream("whisper_openai"), "frontend of FrontendStream must be Frontend, got str"),
        (lambda: sg.IstftStream(None), "plan of IstftStream must be IstftPlan, got NoneType"),
        (lambda: sg.Frontend("ast", None, {}, "float64"), "definition of Frontend must be Definition"),
        (lambda: sg.Batch(None, [], [], "f4", result="Mfcc"), "result of Batch must be type, got str"),
        (
            lambda: sg.Comparison({}, {}, (3,), None, None),
            "each of differences of Comparison must be Difference",
        ),
    ],
)
def test_case_6_what_is_made_by_methods_says_so(make, text):
    with pytest.raises(TypeError, match=f"^{text}.* makes one$"):
        make()
