"""What a wheel promises: it runs where its tag says, and it can be made again."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import wheels

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


def test_two_builds_that_differ_are_refused(tmp_path):
    def make_one(turn, content=b"the same"):
        (path := tmp_path / str(turn)).mkdir(exist_ok=True)
        (path / "x.whl").write_bytes(content)
        return path / "x.whl"

    assert wheels.twice(make_one, once=False)[0] == tmp_path / "0" / "x.whl"
    with pytest.raises(SystemExit, match="built twice, and not the same"):
        wheels.twice(lambda turn: make_one(turn, b"%d" % turn), once=False)
    assert wheels.twice(lambda turn: make_one(turn, b"%d" % turn), once=True)[0].exists()


def test_a_build_does_not_see_the_settings_of_who_calls_it(monkeypatch):
    monkeypatch.setattr(wheels, "commit_time", lambda: "1700000000")
    for name in ("PYTHONPATH", "CFLAGS", "LDFLAGS"):
        monkeypatch.setenv(name, "-O0")
    seen = wheels.environment(PYTHONPATH="of the other machine")
    assert seen["SOURCE_DATE_EPOCH"] == "1700000000"
    assert seen["PYTHONPATH"] == "of the other machine"
    assert {"CFLAGS", "LDFLAGS"} & set(seen) == set()


def test_a_command_that_fails_ends_with_what_it_said():
    with pytest.raises(SystemExit) as ended:
        wheels.run(sys.executable, "-c", "import sys; print('no such thing'); sys.exit(3)")
    assert str(ended.value) == f"no such thing\n\n{sys.executable} ended with 3"
