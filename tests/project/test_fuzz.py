"""The driver in tests/fuzz: it reaches every public name, repeats its calls, and sees what goes wrong."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import spectrograms as sg

DRIVER = Path(__file__).parents[1] / "fuzz"


def drive(*arguments, text=None):
    """Run the driver; return its exit code and what it prints."""
    command = [sys.executable, str(DRIVER), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, input=text)
    assert not run.stderr, run.stderr
    return run.returncode, run.stdout


@pytest.mark.slow
def test_calls_follow_from_seed_and_index():
    _, several = drive("--show", "--calls", "40", "--seed", "5")
    _, few = drive("--show", "--calls", "10", "--first", "30", "--seed", "5")
    _, others = drive("--show", "--calls", "40", "--seed", "6")
    assert several.endswith(few)
    assert few
    assert several != others


@pytest.mark.slow
def test_every_public_name_is_called():
    _, text = drive("--show", "--calls", "6000")
    called = set(re.findall(r"\bsg\.(\w+)\(", text)) | set(re.findall(r"\.(\w+_plan|stream)\(", text))
    # Of the user's cache folder, and slow.
    left_out = {"load_wisdom", "save_wisdom", "wisdom_file", "warmup"}
    functions = {name for name in sg.__all__ if name[0].islower() and callable(getattr(sg, name))}
    assert functions - left_out - called == set()
    assert {name for name in sg.__all__ if name.endswith("Params")} <= called
    assert set(sg.frontends()) <= set(re.findall(r"sg\.frontend\('(\w+)'", text))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import ctypes; ctypes.string_at(0)", "crash: SIGSEGV"),
        ("import os; os.abort()", "crash: SIGABRT"),
        ("while True: pass", "hang: "),
        ("{}['key']", "undocumented: KeyError"),
        ("raise RecursionError", "undocumented: RecursionError"),
        ("raise sg.InternalError('text')", "undocumented: InternalError"),
        ("raise ValueError('x' * 2001)", "long text: ValueError"),
        ("np.int8(100) * np.int8(100)", "warning: RuntimeWarning"),
        ("np.asarray(np.array([nan]), int)", "warning: RuntimeWarning"),
        ("agree(np.zeros(3), -np.zeros(3))", "differs: "),
        (
            "import spectrograms.audio.wave as w; w._KINDS = dict.fromkeys(w._KINDS, ('uint8', 'PCM_U8')); "
            "[heard(plain_wave(i), 'file', 'audio_info') for i in range(20)]",
            "differs: ",
        ),
    ],
)
def test_what_is_wrong_is_found(line, found):
    code, text = drive("--replay", "-", "--seconds", "3", text=line)
    assert f"\n{found}" in text
    assert code == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "r = sg.fftfreq(8)",
        "sg.fftfreq(-1)",
        "raise Boom('mine')",
        "raise MemoryError",
        "r = np.array([nan, 1e30]).astype(int)",
    ],
)
def test_what_is_right_is_no_finding(line):
    code, text = drive("--replay", "-", text=line)
    assert text.endswith("nothing found\n")
    assert code == 0


@pytest.mark.slow
def test_a_few_hundred_calls_find_nothing():
    code, text = drive("--calls", "600", "--seed", "7", "--every", "100", "--seconds", "240")
    assert re.search(r"^600 calls of seed 7 .*; 0 findings$", text, re.MULTILINE), text
    assert code == 0
