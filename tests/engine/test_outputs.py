"""Arrays to write to: one check for all calls, and memory that nothing can pull away meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectrograms._engine.memory.views import writable

from ..support.hostile_worker import INVERSE, PLAN, SCENARIOS, X, Z, calls
from ..support.together import together

WORKER = Path(__file__).parents[1] / "support" / "hostile_worker.py"


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [each.__name__ for each in SCENARIOS])
def test_case_1_2_arrays_that_change(scenario):
    environment = {**os.environ, "MALLOC_PERTURB_": "165"}
    command = [sys.executable, "-X", "faulthandler", "-P", str(WORKER), scenario]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert (ran.returncode, ran.stdout) == (0, "well\n"), ran.stdout + ran.stderr


def _is_a_list(shape, dtype):
    return [0.0] * shape[0]


def _of_integers(shape, dtype):
    return np.full(shape, 7, "int16")


def _swapped(shape, dtype):
    return np.full(shape, 7, np.dtype(dtype).newbyteorder())


def _one_axis_more(shape, dtype):
    return np.full((1, *shape), 7, dtype)


def _longer(shape, dtype):
    return np.full((*shape[:-1], shape[-1] + 1), 7, dtype)


def _read_only(shape, dtype):
    out = np.full(shape, 7, dtype)
    out.flags.writeable = False
    return out


def _misaligned(shape, dtype):
    memory = np.zeros(int(np.prod(shape)) * np.dtype(dtype).itemsize + 1, "uint8")
    out = memory[1:].view(dtype).reshape(shape)
    out[...] = 7
    return out


def _on_itself(shape, dtype):
    return np.lib.stride_tricks.as_strided(np.full(shape[-1], 7, dtype), shape, (0,) * len(shape))


def _lapped(shape, dtype):
    size = np.dtype(dtype).itemsize
    steps = (size,) * len(shape)
    return np.lib.stride_tricks.as_strided(np.full(sum(shape), 7, dtype), shape, steps)


BAD = [
    (_is_a_list, TypeError, "must be a writable array, got list"),
    (_of_integers, TypeError, "must have dtype float.., got int16"),
    (_swapped, TypeError, "must have dtype float.., got >f"),
    (_one_axis_more, TypeError, r"must be .-D of shape \(.*\), got shape \(1, "),
    (_longer, ValueError, r"must have shape \(.*\), axis . differs|expects input and output of length"),
    (_read_only, ValueError, "must be writable, got a read-only array"),
    (_misaligned, ValueError, "must be aligned to its dtype, got a misaligned array"),
    (_on_itself, ValueError, r"must not overlap itself, got shape .* and strides \(0"),
]


@pytest.mark.parametrize("name", calls())
@together(("make", "error", "words"), BAD, ids=[make.__name__ for make, *_ in BAD])
def test_case_1_2_one_check_in_one_wording(name, make, error, words):
    shape, dtype, samples, call = calls()[name]
    bad = make(shape, dtype)
    before = np.array(bad)
    with pytest.raises(error, match=words):
        call(samples, bad)
    assert np.array_equal(np.asarray(bad), before)


@pytest.mark.parametrize(
    "name", [name for name, (shape, *_) in calls().items() if len(shape) > 1 and shape[-2] > 1]
)
def test_case_1_2_an_output_whose_rows_lap_over(name):
    shape, dtype, samples, call = calls()[name]
    with pytest.raises(ValueError, match="must not overlap itself"):
        call(samples, _lapped(shape, dtype))


class Subclass(np.ndarray):
    """What other packages make of arrays."""


def _transposed(shape, dtype):
    return np.empty(shape[::-1], dtype).T


def _backwards(shape, dtype):
    return np.empty(shape, dtype)[..., ::-1]


def _every_other(shape, dtype):
    return np.empty((*shape[:-1], 2 * shape[-1]), dtype)[..., ::2]


def _subclass(shape, dtype):
    return np.empty(shape, dtype).view(Subclass)


def _memoryview(shape, dtype):
    return memoryview(np.empty(shape, dtype))


def _tensor(shape, dtype):
    torch = pytest.importorskip("torch")
    return torch.from_numpy(np.empty(shape, dtype))


class OldTensor:
    """A tensor whose capsules cannot say whether its memory may be written to."""

    def __init__(self, array):
        self._array = array

    def __dlpack__(self, *, stream=None):
        return self._array.__dlpack__()

    def __dlpack_device__(self):
        return 1, 0

    def __array__(self, dtype=None, copy=None):
        return self._array


def _old_tensor(shape, dtype):
    return OldTensor(np.empty(shape, dtype))


KINDS = [_transposed, _backwards, _every_other, _subclass, _memoryview, _tensor, _old_tensor]


@pytest.mark.parametrize("name", calls())
@pytest.mark.parametrize("make", KINDS)
def test_outputs_of_any_kind(name, make):
    shape, dtype, samples, call = calls()[name]
    expected = np.empty(shape, dtype)
    call(samples, expected)
    out = make(shape, dtype)
    call(samples, out)
    assert np.array_equal(np.asarray(out), expected)


def test_an_output_over_the_input():
    memory = np.zeros(2 * len(X), "float32")
    shape = PLAN.output_shape(len(X))
    for start in (0, 1000, len(X) - 1):
        memory[start : start + len(X)] = X
        out = memory[: shape[0] * shape[1]].reshape(shape)
        expected = PLAN.compute(memory[start : start + len(X)].copy()).data
        assert np.array_equal(PLAN.compute(memory[start : start + len(X)], out=out), expected)
    expected = INVERSE.compute(Z.copy())
    z = Z.copy()
    out = z.reshape(-1).view("float64")[: len(expected)]
    assert np.array_equal(INVERSE.compute(z, out), expected)


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(-24, 24)), min_size=1, max_size=3),
    st.integers(0, 3),
)
def test_which_arrays_overlap_themselves(axes, spare):
    shape, strides = tuple(n for n, _ in axes), tuple(8 * step for _, step in axes)
    memory = np.zeros(600)
    array = np.lib.stride_tricks.as_strided(memory[300 + spare :], shape, strides)
    places = [sum(i * s for i, s in zip(index, strides, strict=True)) for index in np.ndindex(*shape)]
    if len(set(places)) == len(places):
        view = writable(array, shape, np.dtype("float64"))
        assert view is not array
        assert np.shares_memory(view, array)
    else:
        with pytest.raises(ValueError, match="must not overlap itself"):
            writable(array, shape, np.dtype("float64"))
