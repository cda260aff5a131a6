"""The tables as such: what they say of themselves, and what is written down twice."""

import ctypes
import re

import numpy as np
import pytest

from spectrograms._engine.kernels.kernels import available_levels, level

from ...support.kernels import (
    COMPLEX,
    ROOT,
    aligned,
    at,
    lib,
    load,
    put,
    split4_table,
    split_table,
    table,
    transforms,
)


@pytest.mark.slow
@pytest.mark.parametrize("level", lib.LEVELS)
def test_sources_give_no_warning(level, tmp_path):
    if lib.compiler() is None:
        pytest.skip("needs a C compiler that takes GCC's options")
    if level not in lib.cpu_levels():
        pytest.skip("is for other processors")
    lib.build(level, tmp_path, warnings=True, optimization=0)


def test_table_describes_itself(level, k, dtype):
    assert k.level.decode() == level
    assert k.itemsize == np.dtype(dtype).itemsize
    assert k.width * k.itemsize == 64


def test_levels_agree(k, dtype, rng):
    """Each level against the plain loops: the same operations, but for fused rounding."""
    n = 1000
    plain = table("plain", dtype)
    _, _, packed, quarters = transforms(n, dtype, rng)
    z, z4 = put(packed, COMPLEX[dtype]), put(quarters, COMPLEX[dtype])
    results = []
    for kernels in (k, plain):
        a, b = aligned(n // 2 + 1, COMPLEX[dtype]), aligned(n // 2 + 1, COMPLEX[dtype])
        twiddles, twiddles4 = split_table(kernels, n, dtype), split4_table(kernels, n, dtype)
        kernels.split_complex(at(z), at(twiddles), at(a), n)
        kernels.split4_complex(at(z4), at(twiddles4), at(b), n)
        results.append(np.stack([a, b]))
    difference = np.abs(results[0] - results[1]).max()
    assert difference <= 2 * np.finfo(dtype).eps * np.abs(results[1]).max()


@pytest.mark.slow
def test_coefficients_are_those_of_the_script():
    assert (
        load("fit_log").header() == (ROOT / "spectrograms" / "_engine" / "kernels" / "logcoef.h").read_text()
    )


def test_declarations_for_cython_are_those_of_the_list():
    text = (lib.ENGINE / "kernels.pxd").read_text(encoding="utf-8")
    pattern = r"(\w+) \(\*(\w+)(?:\[(\d+)\])?\)\(([^)]*)\) noexcept nogil"
    declared = [
        (
            result,
            name,
            int(count) if count else None,
            [" ".join(word.split()) for word in arguments.split(",")],
        )
        for result, name, count, arguments in re.findall(pattern, text)
    ]
    assert declared == list(lib.signatures())
    assert len(declared) > 40


def test_no_table_has_a_gap(k):
    single_bytes = {lib.SAMPLE_TYPES.index(name) for name in ("int8", "uint8", "bool")}
    swapped = len(lib.SAMPLE_TYPES) + 2
    for _, name, count, _ in lib.signatures():
        member = getattr(k, name)
        gaps = {
            i
            for i, each in enumerate(member if count else [member])
            if not ctypes.cast(each, ctypes.c_void_p)
        }
        assert gaps == ({i + swapped for i in single_bytes} if name == "convert" else set()), name


def test_levels_of_the_build_are_those_of_the_list():
    built = [name for name in lib.LEVELS if name in available_levels()]
    assert list(available_levels()) == built
    assert built == [name for name in lib.cpu_levels() if name in built]
    assert level() in built
