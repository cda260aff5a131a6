"""Builds the kernels of the engine as shared libraries and reaches their tables by ctypes.

For the tests and the kernel benchmark only: the package itself links the kernels into its extension.
Needs a C compiler that takes GCC's options (``CC``, else ``cc``).
"""

import ctypes
import os
import platform
import shlex
import shutil
import subprocess
from ctypes import c_char_p, c_double, c_int, c_ssize_t, c_void_p
from pathlib import Path

import numpy as np

ENGINE = Path(__file__).resolve().parents[1] / "spectrograms" / "_engine" / "kernels"
# As in _engine/kernels/meson.build.
FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-Wno-psabi"]
LEVELS = {"plain": None, "baseline": None, "v3": "x86-64-v3", "v4": "x86-64-v4"}
NEEDS = {
    "v3": {"AVX2", "FMA3", "BMI2"},
    "v4": {"AVX2", "FMA3", "BMI2", "AVX512F", "AVX512CD", "AVX512BW", "AVX512DQ", "AVX512VL"},
}
# enum sg_sample
SAMPLE_TYPES = (
    "float32",
    "float64",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
)
SAMPLE_TYPES += ("bool", "float16", "longdouble")
# Loose float32 and float64, and the types above in the other byte order.
N_SAMPLE_TYPES = 2 * len(SAMPLE_TYPES) + 2
# enum sg_descriptor
DESCRIPTORS = ("centroid", "bandwidth", "rolloff", "flatness", "rms", "crossings")


def _function(result, *arguments):
    return ctypes.CFUNCTYPE(result, *arguments)


class Band(ctypes.Structure):
    """``sg_band``."""

    _fields_ = [("start", ctypes.c_int64), ("length", ctypes.c_int64), ("offset", ctypes.c_int64)]


class Kernels(ctypes.Structure):
    """``sg_kernels``."""

    _fields_ = [
        ("level", c_char_p),
        ("itemsize", c_ssize_t),
        ("width", c_ssize_t),
        ("convert", _function(None, c_void_p, c_ssize_t, c_void_p, c_ssize_t) * N_SAMPLE_TYPES),
        ("window", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t, c_void_p, c_ssize_t)),
        (
            "emphasize",
            _function(
                None,
                c_void_p,
                c_void_p,
                c_void_p,
                c_ssize_t,
                c_void_p,
                c_ssize_t,
                c_double,
                c_double,
                c_double,
            ),
        ),
        ("sum", _function(c_double, c_void_p, c_ssize_t)),
        ("sum_squares", _function(c_double, c_void_p, c_ssize_t)),
        ("affine", _function(None, c_void_p, c_void_p, c_ssize_t, c_double, c_double)),
        ("preemphasis", _function(None, c_void_p, c_void_p, c_ssize_t, c_double, c_double)),
        ("split_table_len", _function(c_ssize_t, c_ssize_t)),
        ("split_table", _function(None, c_ssize_t, c_void_p)),
        ("split_power", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("split_complex", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("split4_table_len", _function(c_ssize_t, c_ssize_t)),
        ("split4_table", _function(None, c_ssize_t, c_void_p)),
        ("split4_power", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("split4_complex", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("combine_table_len", _function(c_ssize_t, c_ssize_t, c_ssize_t)),
        ("combine_table", _function(None, c_ssize_t, c_ssize_t, c_void_p)),
        ("combine", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t, c_ssize_t)),
        ("planar_power", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("planar_complex", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("norm", _function(None, c_void_p, c_void_p, c_ssize_t)),
        ("merge", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("overlap_add", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("transpose", _function(None, c_void_p, c_ssize_t, c_void_p, c_ssize_t, c_ssize_t, c_ssize_t)),
        (
            "transpose_complex",
            _function(None, c_void_p, c_ssize_t, c_void_p, c_ssize_t, c_ssize_t, c_ssize_t),
        ),
        (
            "bank",
            _function(
                None, c_void_p, c_ssize_t, c_void_p, c_ssize_t, c_void_p, c_void_p, c_ssize_t, c_ssize_t
            ),
        ),
        (
            "dense",
            _function(
                None, c_void_p, c_ssize_t, c_void_p, c_ssize_t, c_ssize_t, c_void_p, c_ssize_t, c_ssize_t
            ),
        ),
        ("pair_power", _function(None, c_void_p, c_ssize_t, c_ssize_t, c_void_p, c_ssize_t, c_ssize_t)),
        (
            "resonators",
            _function(
                None, c_void_p, c_ssize_t, c_ssize_t, c_void_p, c_ssize_t, c_void_p, c_ssize_t, c_ssize_t
            ),
        ),
        ("normalize", _function(None, c_void_p, c_ssize_t, c_ssize_t, c_ssize_t, c_int)),
        (
            "describe",
            _function(None, c_void_p, c_ssize_t, c_ssize_t, c_void_p, c_double, c_void_p, c_ssize_t)
            * len(DESCRIPTORS),
        ),
        ("moments", _function(None, c_void_p, c_ssize_t, c_ssize_t, c_void_p)),
        ("root", _function(None, c_void_p, c_ssize_t, c_double, c_double)),
        ("power", _function(None, c_void_p, c_ssize_t, c_double)),
        ("log", _function(None, c_void_p, c_ssize_t, c_double, c_double, c_double)),
        ("multiply", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_fold", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_unfold", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_table_len", _function(c_ssize_t, c_ssize_t)),
        ("mdct_table", _function(None, c_ssize_t, c_void_p)),
        ("mdct_twiddle", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_untwiddle", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_odd_twiddle", _function(None, c_void_p, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_odd_untwiddle", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_odd_spread", _function(None, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("mdct_odd_add", _function(None, c_void_p, c_void_p, c_void_p, c_void_p, c_ssize_t)),
        ("prefetch_write", _function(None, c_void_p, c_ssize_t, c_ssize_t, c_ssize_t)),
    ]


def compiler():
    """The C compiler as a list of words, or None."""
    words = shlex.split(os.environ.get("CC", "cc"))
    return words if shutil.which(words[0]) else None


def cpu_levels():
    """Levels that this machine runs."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return ["plain", "baseline"]
    features = np._core._multiarray_umath.__cpu_features__
    return [name for name in LEVELS if all(features.get(f) for f in NEEDS.get(name, ()))]


def build(level, folder, *, extra_source=None, warnings=False):
    """Compiles the kernels of one level into ``folder`` and loads the library."""
    path = Path(folder) / f"kernels_{level}.so"
    command = [*compiler(), "-std=gnu11", "-shared", "-fPIC", *FLAGS]
    if warnings:
        command += ["-Wall", "-Wextra", "-Werror"]
    if LEVELS[level]:
        command.append(f"-march={LEVELS[level]}")
    command += [f"-DSG_LEVEL={list(LEVELS).index(level)}", f"-DSG_NAME={level}", str(ENGINE / "kernels.c")]
    if extra_source:
        command += [str(extra_source), f"-I{ENGINE}"]
    subprocess.run([*command, "-o", str(path), "-lm"], check=True)
    return ctypes.CDLL(str(path))


def table(library, level, dtype):
    """The kernel table of a dtype, as a `Kernels`."""
    return Kernels.in_dll(library, f"sg_{level}_{'f32' if np.dtype(dtype).itemsize == 4 else 'f64'}")


def aligned(shape, dtype, offset=0):
    """Zeros whose data start ``offset`` elements behind a 64-byte boundary."""
    dtype = np.dtype(dtype)
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.zeros(size + 64 + offset * dtype.itemsize, np.uint8)
    start = -raw.ctypes.data % 64 + offset * dtype.itemsize
    return raw[start : start + size].view(dtype).reshape(shape)
