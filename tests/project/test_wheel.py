"""What a wheel promises: it runs where its tag says, and it can be made again."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def compiled_modules():
    rows = re.findall(
        r"^    \['(\w+)', '(\w+)', '\d'\],$",
        (ROOT / "spectrograms" / "_engine" / "meson.build").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return [f"spectrograms._engine.{room}.{name}" for room, name in rows]


def test_all_compiled_modules_are_known():
    assert len(compiled_modules()) == len([*(ROOT / "spectrograms").rglob("*.pyx")])


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
@pytest.mark.parametrize("module", compiled_modules())
def test_modules_need_no_newer_glibc_than_the_tag_says(module):
    # Names of versions stand among the strings of a shared object as they are.
    content = Path(find_spec(module).origin).read_bytes()
    needed = [(int(major), int(minor)) for major, minor in re.findall(rb"\0GLIBC_(\d+)\.(\d+)", content)]
    assert needed or b"GLIBC" not in content
    assert max(needed, default=(2, 0)) <= (2, 28)
