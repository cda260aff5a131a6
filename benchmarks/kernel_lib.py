"""Builds the kernels of the engine as shared libraries and reaches their tables by ctypes.

For the tests and the kernel benchmark only: the package itself links the kernels into its extension.
Needs a C compiler that takes GCC's options (``CC``, else ``cc``).
"""

import ctypes
import os
import platform
import re
import shlex
import shutil
import subprocess
from ctypes import c_char_p, c_double, c_int, c_ssize_t, c_void_p
from pathlib import Path

import numpy as np

ENGINE = Path(__file__).resolve().parents[1] / "spectrograms" / "_engine" / "kernels"
# As in _engine/kernels/meson.build.
FLAGS = ["-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-Wno-psabi"]
# Level -> words behind its name: its -march and the features it needs, if any.
LEVELS = {name: words for name, *words in map(str.split, (ENGINE / "levels.txt").read_text().splitlines())}


def _source(name):
    """A header without its comments."""
    return re.sub(r"/\*.*?\*/", "", (ENGINE / name).read_text(encoding="utf-8"), flags=re.DOTALL)


def _enum(name):
    """Enumerator -> value of an enum of ``kernels.h``, whose only expressions are sums."""
    values = {}
    for word in re.search(rf"enum {name} {{([^}}]*)}}", _source("kernels.h"))[1].split(","):
        key, _, terms = word.partition("=")
        values[key.strip()] = (
            sum(values[term] if term in values else int(term) for term in terms.split() if term != "+")
            if terms
            else len(values)
        )
    return values


_SAMPLES, _DESCRIPTORS = _enum("sg_sample"), _enum("sg_descriptor")
COUNTS = {name: {**_SAMPLES, **_DESCRIPTORS}[name] for name in ("SG_SAMPLE_TYPES", "SG_DESCRIPTORS")}
# By their names in NumPy, in the order of the enum.
SAMPLE_TYPES = tuple(
    {"BOOL": "bool", "LONG_DOUBLE": "longdouble"}.get(word)
    or {"F": "float", "I": "int", "U": "uint"}[word[0]] + word[1:]
    for word in (name.removeprefix("SG_") for name in _SAMPLES)
    if "LOOSE" not in word and word not in ("SWAPPED", "SAMPLE_TYPES")
)
DESCRIPTORS = tuple(name.removeprefix("SG_").lower() for name in _DESCRIPTORS if name not in COUNTS)


def signatures():
    """The kernels of ``list.inc`` in their order: (result, name, count or None, types of the arguments)."""
    pattern = r"SG_KERNELS?\((\w+), (\w+), (?:(\w+), )?\(([^)]*)\)\)"
    for result, name, count, arguments in re.findall(pattern, _source("list.inc")):
        types = [re.sub(r"\w+$", "", argument).strip() for argument in arguments.split(",")]
        yield result, name, COUNTS[count] if count else None, types


class Band(ctypes.Structure):
    """``sg_band``."""

    _fields_ = [("start", ctypes.c_int64), ("length", ctypes.c_int64), ("offset", ctypes.c_int64)]


def _fields():
    kinds = {"void": None, "int": c_int, "double": c_double, "ptrdiff_t": c_ssize_t}
    yield from [("level", c_char_p), ("itemsize", c_ssize_t), ("width", c_ssize_t), ("group", c_ssize_t)]
    for result, name, count, types in signatures():
        function = ctypes.CFUNCTYPE(kinds[result], *(c_void_p if "*" in t else kinds[t] for t in types))
        yield name, function * count if count else function


class Kernels(ctypes.Structure):
    """``sg_kernels``."""

    _fields_ = list(_fields())


def compiler():
    """The C compiler as a list of words, or None."""
    words = shlex.split(os.environ.get("CC", "cc"))
    return words if shutil.which(words[0]) else None


def cpu_levels():
    """Levels that this machine runs."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return ["plain", "baseline"]
    features = np._core._multiarray_umath.__cpu_features__
    # NumPy's names for those of GCC. NumPy 2.0 has none for BMI2, which came with FMA.
    names = {"fma": "FMA3", "bmi2": "BMI2" if "BMI2" in features else "FMA3"}
    return [
        level for level, words in LEVELS.items() if all(features[names.get(w, w.upper())] for w in words[1:])
    ]


def build(level, folder, *, extra_source=None, warnings=False, optimization=3):
    """Compiles the kernels of one level into ``folder`` and loads the library."""
    path = Path(folder) / f"kernels_{level}.so"
    command = [*compiler(), "-std=gnu11", "-shared", "-fPIC", *FLAGS, f"-O{optimization}"]
    if warnings:
        command += ["-Wall", "-Wextra", "-Werror"]
    command += [f"-march={march}" for march in LEVELS[level][:1]]
    command += [f"-DSG_NAME={level}", f"-DSG_VECTORS={int(level != 'plain')}", str(ENGINE / "kernels.c")]
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
