"""What is compiled for other systems is what the build compiles, with the same options."""

import re

import cross_compile as tool
import pytest


def test_every_module_is_compiled():
    assert set(tool.sources()) == set(tool.ENGINE.rglob("*.pyx"))
    assert set(tool.sources().values()) <= {"1", "2", "3"}


@pytest.mark.parametrize(
    ("target", "names"),
    [("x86_64-macos", {"plain", "baseline", "v3", "v4"}), ("aarch64-macos", {"plain", "baseline"})],
)
def test_levels_are_those_that_a_processor_may_have(tmp_path, target, names):
    assert set(tool.levels(target)) == names
    tool.write_levels(tmp_path, target)
    rows = dict(re.findall(r"L\((\w+), ([^)]*)\)", (tmp_path / "levels.h").read_text()))
    assert set(rows) == names
    assert rows["plain"] == "1"
    # Whatever is asked of the processor is known to the file that asks.
    asked = set(re.findall(r"SG_HAS_\w+", " ".join(rows.values())))
    assert asked <= set(re.findall(r"#define (SG_HAS_\w+)", (tool.KERNELS / "dispatch.c").read_text()))


def test_options_are_those_of_the_build():
    assert "-ffp-contract=fast" in tool._strings("kernel_args", tool.KERNELS / "meson.build")
    assert "-3" in tool._strings("cython_args")
    assert "-DNPY_NO_DEPRECATED_API=NPY_1_20_API_VERSION" in tool._strings("generated_args")
    found = list(tool.units({}, "x86_64-windows-gnu", [], tool.ENGINE))
    assert [name for name, _, _ in found] == [
        *(f"kernels_{name}" for name in tool.levels("x86_64")),
        "dispatch",
    ]
    assert all({"-Wall", "-Wextra"} <= set(options) for _, _, options in found)


def test_headers_have_the_sizes_of_the_target(tmp_path):
    _, numpy = tool.copy_headers(tmp_path, tool.Target("x86_64-windows-gnu"))
    text = (numpy / "numpy" / "_numpyconfig.h").read_text()
    for name, size in {"LONG": 4, "LONGDOUBLE": 8, "COMPLEX_LONGDOUBLE": 16, "DOUBLE": 8}.items():
        assert re.search(rf"#define NPY_SIZEOF_{name} {size}\b", text)
    assert "MS_WINDOWS" in (tmp_path / "python" / "pyconfig.h").read_text()
