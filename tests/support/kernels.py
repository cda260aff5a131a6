"""The kernels of the engine as they were built, and what their tests have in common."""

import importlib.util
from pathlib import Path

import numpy as np

from spectrograms._engine.kernels.kernels import tables

ROOT = Path(__file__).resolve().parents[2]


def load(name):
    """Import a module of ``benchmarks/``, which is not a package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lib = load("kernel_lib")
aligned = lib.aligned

SIZES = (2, 4, 6, 8, 10, 16, 24, 62, 64, 72, 100, 104, 130, 256, 400, 512, 1000, 1024, 2048, 4096, 4098)
COMPLEX = {np.float32: np.complex64, np.float64: np.complex128}
# Beyond float64 where the platform has it, so that the oracle is better than what it judges.
WIDE = np.longdouble


def table(level, dtype):
    """The table of a level and a dtype, as the package has it."""
    return lib.Kernels.from_address(tables()[level, np.dtype(dtype).itemsize])


def put(values, dtype, offset=0):
    """A copy of ``values`` at a known distance from a 64-byte boundary."""
    a = aligned(np.shape(values), dtype, offset)
    a[...] = values
    return a


def at(a):
    """Address of an array."""
    return a.ctypes.data


def transforms(n, dtype, rng):
    """A frame's half spectrum, and the packed transforms that stand for FFTW's, as the engine makes them."""
    # A loud low tone over weak noise, as in speech: errors of strong bins must not reach weak ones.
    frame = (np.cos(0.3 * np.arange(n)) + 1e-3 * rng.standard_normal(n)).astype(dtype)
    z = frame.astype(WIDE).view(np.clongdouble) / 2
    # NumPy's FFT computes in the precision of its input.
    spectrum, packed = np.fft.rfft(frame.astype(WIDE)), np.fft.fft(z)
    quarters = np.fft.fft(z.reshape(-1, 4).T, axis=1) if n % 8 == 0 else None
    return frame, spectrum, packed, quarters


def split_table(k, n, dtype):
    table = aligned(k.split_table_len(n), dtype)
    k.split_table(n, at(table))
    return table


def split4_table(k, n, dtype):
    table = aligned(k.split4_table_len(n), dtype)
    k.split4_table(n, at(table))
    return table
