"""Roots of unity, with long double and without, beside decimal numbers of forty digits."""

import ctypes
import functools
import random
import subprocess
import sys
from decimal import Decimal, localcontext

import numpy as np
import pytest

from ...support.kernels import at, lib

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")

SOURCE = """
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include "bodies/roots.inc"
#define FILL(name, T)                                                                           \\
    void name(int64_t n, const int64_t *j, int64_t count, T *cosines, T *sines) {               \\
        for (int64_t i = 0; i < count; i++) {                                                   \\
            wide c, s;                                                                          \\
            unit_root(n, j[i], &c, &s);                                                         \\
            cosines[i] = (T)c, sines[i] = (T)s;                                                 \\
        }                                                                                       \\
    }
FILL(float32, float)
FILL(float64, double)
"""


@functools.cache
def root(j, n):
    """cos and sin of 2 pi j / n by their series."""
    with localcontext() as context:
        context.prec = 45
        angle, term, sums = 2 * PI * j / n, Decimal(1), [Decimal(0), Decimal(0)]
        for k in range(1, 90):
            sums[(k - 1) % 2] += term if (k - 1) % 4 < 2 else -term
            term *= angle / k
        return sums


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A function that compiles the roots in one of the two ways."""
    if lib.compiler() is None or sys.platform == "win32":
        pytest.skip("needs a C compiler that takes GCC's options")
    folder = tmp_path_factory.mktemp("roots")
    (folder / "roots.c").write_text(SOURCE)

    @functools.cache
    def load(*defines):
        path = folder / f"{'_'.join(['roots', *defines])}.so"
        command = [
            *lib.compiler(),
            "-std=gnu11",
            "-shared",
            "-fPIC",
            "-O3",
            *lib.FLAGS,
            "-Wall",
            "-Wextra",
            "-Werror",
        ]
        command += [f"-I{lib.ENGINE}", *(f"-D{name}" for name in defines), str(folder / "roots.c")]
        subprocess.run([*command, "-o", str(path), "-lm"], check=True)
        return ctypes.CDLL(str(path))

    return load


@pytest.fixture(params=[(), ("SG_FIXED_POINT",)], ids=["as_built", "fixed_point"])
def roots(request, loaded, dtype):
    """A function that gives cosines and sines of 2 pi j / n in the dtype."""
    library = loaded(*request.param)
    return functools.partial(compute, getattr(library, np.dtype(dtype).name), dtype)


def compute(function, dtype, places, n):
    j, found = np.asarray(places, np.int64), np.empty((2, len(places)), dtype)
    size = ctypes.c_int64
    function(size(n), ctypes.c_void_p(at(j)), size(len(j)), *(ctypes.c_void_p(at(row)) for row in found))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 8, 12, 1000, 4098, 1 << 22, 1 << 32])
def test_roots_are_rounded_rightly(roots, n):
    places = sorted({*range(min(n, 9)), n // 8, n // 4, n // 2, *random.Random(7).choices(range(n), k=300)})
    with localcontext() as context:
        context.prec = 45
        for row, found in enumerate(roots(places, n)):
            for j, value in zip(places, found, strict=True):
                # The cosine of a right angle has no ulp that is of use.
                ulp = Decimal(float(np.spacing(max(abs(value), value.dtype.type(1e-10)))))
                # Half an ulp, and what the text of roots.inc allows for.
                assert abs(Decimal(float(value)) - root(j, n)[row]) <= ulp * Decimal("0.502"), (j, n)


@pytest.mark.parametrize("n", [8, 24, 1000, 1 << 20])
def test_points_that_mirror_each_other_agree_to_the_bit(roots, n):
    j = np.unique(np.linspace(0, n, 500).astype(np.int64))
    cosines, sines = roots(j, n)
    np.testing.assert_array_equal(roots(n - j, n), [cosines, -sines])
    np.testing.assert_array_equal(roots(n // 2 - j, n), [-cosines, sines])
    np.testing.assert_array_equal(roots(n // 4 - j, n), [sines, cosines])


def test_fixed_point_agrees_with_long_double_but_for_ties(loaded):
    if np.finfo(np.longdouble).nmant != 63:
        pytest.skip("long double is not the one of x86 here")
    n = 1 << 15
    for dtype, most in ((np.float32, 0), (np.float64, n / 200)):
        usual, other = (
            compute(getattr(loaded(*how), np.dtype(dtype).name), dtype, range(n), n)
            for how in ((), ("SG_FIXED_POINT",))
        )
        assert np.count_nonzero(usual != other) <= most
        assert np.abs(usual - other).max() <= np.finfo(dtype).eps / 2
