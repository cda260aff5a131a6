"""Samples of recordings as numbers, and the mean of their channels, against NumPy."""

import numpy as np
import pytest

from spectrograms._engine.arrays.arrays import mean_of_channels, unpack

from ..support.naming import naming
from ..support.together import together


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def expected_of(raw, kind):
    """The numbers that the bytes of samples stand for."""
    if kind.startswith("float"):
        with np.errstate(over="ignore", invalid="ignore"):
            return np.frombuffer(raw, np.dtype(kind).newbyteorder("<")).astype(np.float32)
    bits = int(kind.removeprefix("u").removeprefix("int"))
    whole = np.frombuffer(raw, np.uint8).reshape(-1, bits // 8).astype(np.int64)
    values = (whole << 8 * np.arange(bits // 8)).sum(axis=1)
    if kind == "uint8":
        values -= 128
    else:
        values -= (values >> bits - 1) << bits
    return values.astype(np.float32) / np.float32(2.0 ** (bits - 1))


@pytest.mark.parametrize("kind", ["uint8", "int16", "int24", "int32", "float32", "float64"])
@together("channels", [1, 2, 3, 8, 17, 1024, 2050])
def test_unpack(kind, channels, rng):
    width = int(kind.removeprefix("u").lstrip("intfloa")) // 8
    for n in (0, 1, 2, 17, 1023, 1024, 1025, 5000) if channels < 1000 else (0, 1, 3):
        raw = rng.integers(0, 256, n * channels * width, np.uint8).tobytes()
        expected = expected_of(raw, kind).reshape(n, channels)
        # Right before and after the samples stand others, and at any address.
        for start in (0, 1, 3):
            held = bytes(start) + raw + b"\xff" * 8
            source = memoryview(held)[start : start + len(raw)]
            for layout in ("frames", "channels", "part"):
                whole = np.full((n, channels), -7, np.float32)
                if layout != "frames":
                    whole = np.full((channels, n + 9 * (layout == "part")), -7, np.float32).T
                unpack(source, kind, whole[:n])
                with naming("case", (n, start, layout)):
                    np.testing.assert_array_equal(whole[:n], expected)
                    assert (whole[n:] == -7).all()


@pytest.mark.parametrize("n_bytes", [0, 9, 11, 20])
def test_unpack_wants_all_bytes(n_bytes):
    with pytest.raises(ValueError, match=f"source must have 10 bytes, got {n_bytes}"):
        unpack(bytes(n_bytes), "int16", np.empty((5, 1), np.float32))


@pytest.mark.parametrize("channels", range(1, 8))
def test_mean_of_channels(channels, rng):
    wide = rng.standard_normal((3000, channels)) * 10.0 ** rng.uniform(-30, 37, (3000, channels))
    frames = wide.astype(np.float32)
    frames[0], frames[1], frames[2] = -0.0, 3e38, np.nan
    total = np.zeros(len(frames))
    for c in range(channels):
        total += frames[:, c]
    expected = (total / channels).astype(np.float32)
    np.testing.assert_array_equal(mean_of_channels(frames).view(np.uint32), expected.view(np.uint32))
    assert mean_of_channels(frames[:0]).shape == (0,)
