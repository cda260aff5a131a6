"""The engine's choice of rows of a spectrum."""

import numpy as np
import pytest
import scipy.signal

from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.run import calls

from ..support.ears import noise


def engine(rows, n_fft=256, spectrum="complex", single=False):
    window = scipy.signal.get_window("hann", n_fft)
    stages = [] if rows is None else [("rows", *rows)]
    return Engine(single, n_fft, 64, window, outputs=[(spectrum, stages)])


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("spectrum", ["complex", "power"])
@pytest.mark.parametrize("n_fft", [256, 250, 255, 2048])
def test_rows_are_those_of_the_whole_spectrum(n_fft, spectrum, single):
    x = noise(9000)
    whole = engine(None, n_fft, spectrum, single)
    bins, frames = whole.rows, whole.frame_count(len(x))
    dtype = {"complex": ("c16", "c8"), "power": ("f8", "f4")}[spectrum][single]
    expected = np.empty((bins, frames), dtype)
    calls.compute_into(whole, x, expected, "")
    for first, end in [(0, bins), (0, 1), (bins - 1, bins), (3, 20), (1, bins - 1)]:
        part = engine((first, end), n_fft, spectrum, single)
        assert part.rows == end - first
        for out in (np.empty((end - first, frames), dtype), np.empty((frames, end - first), dtype).T,
                    np.empty((end - first, 2 * frames), dtype)[:, ::2]):  # fmt: skip
            calls.compute_into(part, x, out, "")
            np.testing.assert_array_equal(out, expected[first:end])


@pytest.mark.parametrize("rows", [(0, 0), (5, 3), (-1, 3), (0, 130)])
def test_rows_must_be_there(rows):
    with pytest.raises(ValueError, match=r"rows must be first < end of 0\.\.129 bins"):
        engine(rows)


def test_rows_stand_alone_and_are_of_a_spectrum():
    with pytest.raises(ValueError, match="unknown stage 'rows'"):
        Engine(False, 256, 64, np.ones(256), outputs=[("power", [("root", 0.0), ("rows", 0, 3)])])
    with pytest.raises(ValueError, match="rows must be"):
        Engine(False, 256, 64, None, outputs=[("samples", [("rows", 0, 3)])])


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("kind", [None, 1, 3])
def test_real_parts(single, kind):
    x = np.random.default_rng(1).standard_normal(2000).astype("float32" if single else "float64")
    window, rows = np.hanning(256), (3, 90)
    stages = [("rows", *rows), ("real",), *([("normalize", kind)] if kind else [])]
    whole = Engine(single, 256, 60, window, outputs=[("complex", [("rows", *rows)])])
    engine = Engine(single, 256, 60, window, outputs=[("complex", stages)])
    count = engine.frame_count(len(x))
    expected = np.empty((87, count), "complex64" if single else "complex128")
    calls.compute_into(whole, x, expected, "")
    found = np.empty((87, count), x.dtype)
    calls.compute_into(engine, x, found, "")
    if kind is None:
        assert np.array_equal(found, expected.real)
    else:
        sizes = np.linalg.norm(expected.real.astype(float), {1: 1, 3: np.inf}[kind], axis=0)
        assert np.abs(found - expected.real / sizes).max() < 8 * np.finfo(x.dtype).eps
    # One frame, and frames one after the other: the same bytes.
    turned = np.empty((count, 87), x.dtype)
    for frame in range(count):
        calls.compute_frames(engine, x, turned[frame : frame + 1].T, frame, "")
    assert np.array_equal(turned.T, found)
    with pytest.raises(ValueError, match="rows stand alone, or before real"):
        Engine(single, 256, 60, window, outputs=[("complex", [("rows", 0, 3), ("root", 0.0)])])
