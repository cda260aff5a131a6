"""What the bridges to frameworks share, and what they say where the framework is missing."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.results.result import OwnedArray
from spectrograms.errors import InvalidInputError
from spectrograms.integrations.exchange import batch_shape, labels, place

from ..support import every_result


@pytest.mark.parametrize(("module", "name"), [("torch", "PyTorch"), ("jax", "JAX")])
def test_a_missing_framework_has_a_name_and_a_cure(monkeypatch, module, name):
    monkeypatch.setitem(sys.modules, module, None)
    for home in (f"spectrograms.{module}", f"spectrograms.integrations.{module}"):
        monkeypatch.delitem(sys.modules, home, raising=False)
    with pytest.raises(ImportError, match=rf"^{name} is not installed\. .*pip install {module}$") as raised:
        importlib.import_module(f"spectrograms.{module}")
    assert raised.value.name == module
    with pytest.raises(ImportError, match=f"{name} is not installed"):
        getattr(every_result.spectrogram(), f"to_{module}")()


@pytest.mark.slow
def test_the_package_imports_no_framework():
    """Neither by itself nor with all its features."""
    code = (
        "import spectrograms as sg, sys\n"
        "for name in sg.__all__: getattr(sg, name)\n"
        "assert not {'torch', 'jax', 'tensorflow'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-P", "-c", code], check=False).returncode == 0


def test_every_result_class_is_covered():
    classes = [getattr(sg, name) for name in sg.__all__]
    results = [cls for cls in classes if isinstance(cls, type) and issubclass(cls, OwnedArray)]
    assert {cls.__name__ for cls in results} == set(every_result.NAMES)
    # What all of them can do stands once, in their common base.
    for cls in results:
        for name in (
            "__array__",
            "__dlpack__",
            "__dlpack_device__",
            "__reduce__",
            "save",
            "load",
            "to_dict",
            "to_json",
        ):
            assert next(base for base in cls.__mro__ if name in vars(base)) is OwnedArray


@pytest.mark.parametrize("name", every_result.NAMES)
def test_labels(name):
    result = every_result.result(name)
    known = labels(result)
    assert known["shape"] == result.shape
    for axis in ("frequencies", "times"):
        if known[axis] is None:
            assert not hasattr(result, axis)
        else:
            assert known[axis].dtype == np.float64
            assert known[axis].tolist() == getattr(result, axis)
    assert known["params"] == getattr(result, "params", None)
    assert ("db_range" in known) == (name == "Spectrogram")


def test_labels_of_an_array():
    assert labels(np.ones((3, 4))) == {"shape": (3, 4), "frequencies": None, "times": None, "params": None}


def test_batch_shape():
    assert batch_shape([(3, 4)], False) == (1, 3, 4)
    assert batch_shape([(3, 4), (3, 4)], False) == (2, 3, 4)
    assert batch_shape([(3, 9), (5, 4)], True) == (2, 5, 9)
    with pytest.raises(InvalidInputError, match="Cannot batch empty list of spectrograms"):
        batch_shape([], True)
    with pytest.raises(InvalidInputError, match=r"\[\(3, 4\), \(3, 5\)\]"):
        batch_shape([(3, 4), (3, 5)], False)
    with pytest.raises(InvalidInputError, match="same number of axes"):
        batch_shape([(3, 4), (3,)], True)


def test_place():
    stacked = np.zeros((2, 3, 4))
    stacked[place(1, (2, 3))] = 1
    assert stacked.sum() == stacked[1, :2, :3].sum() == 6


def test_case_8_batches_of_unequal_shapes_are_refused_in_the_words_of_the_reference():
    with pytest.raises(InvalidInputError, match=r"^All spectrograms must have the same shape"):
        batch_shape([(3, 4), (3, 5)], pad=False)
    assert batch_shape([(3, 4), (3, 5)], pad=True) == (2, 3, 5)
