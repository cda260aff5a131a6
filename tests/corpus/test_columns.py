"""Columns of shards: what pyarrow makes of the same values, byte for byte, and without pandas."""

import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus.stores.columns import numbers, texts, view_of, whole_numbers  # noqa: E402


def written(array):
    """The array as bytes of a file."""
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_arrays([array], names=["x"])
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "float16", "float32", "float64"])
def test_numbers(dtype):
    values = np.arange(24, dtype=dtype).reshape(12, 2)[:, 0]
    made = numbers(values)
    assert written(made) == written(pa.array(values.copy()))
    for part in (made, made[3:], made[2:7], made[:0]):
        seen = view_of(part)
        assert seen.dtype == dtype
        np.testing.assert_array_equal(seen, part.to_numpy())


@pytest.mark.parametrize(
    "values", [[1, 2, -(2**62)], [None, 5, None], [None] * 17, [*range(8), None, 0], [0]], ids=str
)
def test_whole_numbers(values):
    made = whole_numbers(values)
    made.validate(full=True)
    assert made.to_pylist() == values
    assert written(made) == written(pa.array(values, pa.int64()))


@pytest.mark.parametrize(
    "values",
    [["a", "", "\u00fc\u20ac\U0001f600"], [None, "x", None], [None] * 9, [""], ["b" * 1000] * 64],
    ids=len,
)
def test_texts(values):
    made = texts(values)
    made.validate(full=True)
    assert made.to_pylist() == values
    assert written(made) == written(pa.array(values, pa.string()))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("pandas") is None, reason="needs pandas: pip install pandas")
def test_a_run_does_not_import_pandas(audio, config, tmp_path):
    code = """
import sys
from spectrograms.corpus import FeatureStore, extract
extract(sys.argv[1], open(sys.argv[2]).read(), "store", num_threads=1)
print(extract(sys.argv[1], open(sys.argv[2]).read(), "store", refresh=True, num_threads=1).n_skipped)
print([name for name in ("dask", "pandas", "scipy") if name in sys.modules])
"""
    command = [sys.executable, "-P", "-c", code, str(audio), str(config)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False)
    assert result.stdout == "12\n[]\n", result.stderr
