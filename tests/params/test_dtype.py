"""What a dtype argument may be."""

import numpy as np
import pytest

from spectrograms.params import parse_dtype


@pytest.mark.parametrize(
    "dtype", ["float64", "f64", "double", None, np.float64, np.dtype("f8"), np.dtype("=f8")]
)
def test_double_precision(dtype):
    assert parse_dtype(dtype) == "float64"


@pytest.mark.parametrize("dtype", ["float32", "f32", "single", np.float32, np.dtype("f4")])
def test_single_precision(dtype):
    assert parse_dtype(dtype) == "float32"


@pytest.mark.parametrize("dtype", ["float16", "Float32", "", "complex64"])
def test_unknown_dtype_names(dtype):
    with pytest.raises(ValueError, match=f"unsupported dtype \"{dtype}\"; expected 'float32' or 'float64'"):
        parse_dtype(dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.dtype("i4"), np.dtype(">f4"), 32, [], float])
def test_unknown_dtype_objects(dtype):
    with pytest.raises(TypeError, match="dtype must be 'float32' or 'float64'"):
        parse_dtype(dtype)
