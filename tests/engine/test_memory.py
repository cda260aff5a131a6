"""Blocks of aligned memory: who keeps them alive, and that nothing leaks."""

import gc
import os
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.memory.blocks import AlignedBlock, aligned_block
from spectrograms._engine.results.result import OwnedArray

from ..support.together import together


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def result(rows=3, cols=5):
    return OwnedArray._from_array(np.arange(rows * cols, dtype=float).reshape(rows, cols), None)


@pytest.mark.parametrize("nbytes", [0, 1, 63, 64, 65, 1000, 1 << 20])
def test_block_is_aligned_and_writable_bytes(nbytes):
    block = aligned_block(nbytes)
    view = memoryview(block)
    assert (view.format, view.ndim, view.nbytes, view.readonly) == ("B", 1, nbytes, False)
    assert len(block) == block.nbytes == nbytes
    assert np.frombuffer(block, np.uint8).ctypes.data % 64 == 0 if nbytes else not view.tobytes()
    if nbytes:
        view[nbytes - 1] = 7
        assert memoryview(block)[nbytes - 1] == 7


def test_block_outlives_its_name():
    array = np.frombuffer(aligned_block(800), float)
    array[:] = 1.5
    gc.collect()
    assert array.sum() == 150.0


@pytest.mark.parametrize("nbytes", [2**62, 2**63 - 1, 2**64 - 1])
def test_absurd_sizes_are_refused(nbytes):
    with pytest.raises(MemoryError, match=str(nbytes)):
        aligned_block(nbytes)


def test_negative_size():
    with pytest.raises(OverflowError):
        aligned_block(-1)


def test_block_is_not_constructible():
    with pytest.raises(TypeError, match="aligned_block"):
        AlignedBlock()
    assert memoryview(AlignedBlock.__new__(AlignedBlock)).nbytes == 0


@together("dtype", ["f4", "f8", "c8", "c16"])
@together("shape", [(1,), (7, 3), (2, 3, 5), (80, 100)])
def test_results_are_aligned(dtype, shape):
    owned = OwnedArray._from_array(np.ones(shape, dtype), None)
    assert owned.data.ctypes.data % 64 == 0
    assert owned.data.flags.c_contiguous


def test_data_is_based_on_the_block_and_outlives_the_result():
    owned = result()
    data = owned.data
    assert isinstance(data.base, AlignedBlock)
    del owned
    gc.collect()
    assert data.tolist() == np.arange(15.0).reshape(3, 5).tolist()


def test_results_die_without_the_collector():
    block = aligned_block(8 * 15)
    before = sys.getrefcount(block)
    gc.disable()
    try:
        owned = OwnedArray._from_block(block, 0, (3, 5), "float64", None)
        owned.data[:] = 1
        during = sys.getrefcount(block)
        del owned
        after = sys.getrefcount(block)
    finally:
        gc.enable()
    assert during > before
    assert after == before


def test_many_results_over_one_block():
    block = aligned_block(64 + 3 * 4 * 4)
    before = sys.getrefcount(block)
    memoryview(block)[:] = bytes(len(block))
    results = [OwnedArray._from_block(block, offset, (3, 4), "float32", None) for offset in (0, 64)]
    results[0].data[:] = 1
    results[1].data[:] = 2
    values = np.frombuffer(block, np.float32)
    assert values[:12].tolist() == [1] * 12
    assert values[16:28].tolist() == [2] * 12
    del values, results
    assert sys.getrefcount(block) == before


@pytest.mark.parametrize(
    ("offset", "shape", "match"),
    [
        (0, (3, 5), "offset must leave 120 of the block's 112 bytes, got 0"),
        (64, (3, 3), "got 64"),
        (200, (0, 3), "got 200"),
        (4, (2, 2), "aligned, got 4"),
        (0, (-1, 2), "negative, got -1 for axis 0"),
        (0, (), "1 to 3 axes, got 0"),
        (0, (1, 1, 1, 1), "1 to 3 axes, got 4"),
    ],
)
def test_parts_must_lie_inside_the_block(offset, shape, match):
    with pytest.raises(ValueError, match=match):
        OwnedArray._from_block(aligned_block(112), offset, shape, "float64", None)


def test_absurd_shapes_are_refused():
    with pytest.raises(MemoryError, match="too large"):
        OwnedArray._from_block(aligned_block(8), 0, (2**40, 2**40), "float64", None)


@pytest.mark.slow
def test_thousands_of_calls_leave_no_memory_behind():
    params = sg.SpectrogramParams(sg.StftParams(256, 64, "hann"), 16000.0)
    plan, forth, back = sg.SpectrogramPlan(params), sg.StftPlan(params), sg.IstftPlan(params)
    features = sg.FeatureSet(params.stft, 16000.0, {"a": "db", "b": "rms"})
    x = np.sin(np.arange(4000.0))
    whole, spectra = x.astype(np.int16), forth.compute(x).data

    def use():
        plan.compute(whole)
        plan.compute_batch([x, whole, x.astype(">f8")], num_threads=2)
        plan.compute_batch([x] * 40, num_threads=2)  # on two threads
        features.compute_batch([x])
        back.compute_batch([spectra])
        for stream, chunk in ((plan.stream(), x), (features.stream(), x), (back.stream(), spectra)):
            stream.push(chunk)
            stream.flush()
        np.from_dlpack(plan.compute(x))
        with pytest.raises(ValueError, match="must not be empty"):
            plan.compute_batch([x, []])

    for _ in range(50):
        use()
    gc.collect()
    before = resident_bytes()
    for _ in range(500):
        use()
    gc.collect()
    # The least of the results is 30 kB: to leak it would take 16 MB.
    assert resident_bytes() - before < 4 << 20


@pytest.mark.slow
def test_ten_thousand_results_leave_no_memory_behind():
    values = np.ones((64, 250))
    sink = 0.0

    def use():
        owned = OwnedArray._from_array(values, None)
        shared = np.from_dlpack(owned)
        owned.__dlpack__(max_version=(1, 0), copy=True)
        return owned.data[0, 0] + shared[0, 0] + memoryview(owned)[1, 1]

    for _ in range(100):
        sink += use()
    before = resident_bytes()
    for _ in range(10_000):
        sink += use()
    assert sink == 3 * 10_100
    # One result is 128 kB; ten thousand leaked ones would be 1.3 GB.
    assert resident_bytes() - before < 8 << 20
