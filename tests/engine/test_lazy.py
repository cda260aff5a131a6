"""What threads share is there before they share it, and stays: nothing of the engine is made on first use."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..support.together import together

# Sources are not installed.
ENGINE = Path(__file__).resolve().parents[2] / "spectrograms" / "_engine"
WORKER = Path(__file__).parents[1] / "support" / "lazy_worker.py"

# Objects that change while they live, and what guards that; docs/decisions/free-threading.md has all that is
# shared.
CHANGING = {
    "Job": "of one call: complete before a second thread sees it, but for the wake list: a critical section",
    "OwnedArray": "the ndarray in `data`: a critical section, and the engine starts from the pointer",
    "Spectrogram": "the range in decibels: a critical section",
}


@pytest.mark.slow
def test_case_1_1_nothing_is_made_on_first_use():
    # Freed memory, of objects too, is overwritten at once.
    environment = {**os.environ, "MALLOC_PERTURB_": "165", "PYTHONMALLOC": "malloc"}
    ran = subprocess.run(
        [sys.executable, "-P", str(WORKER)], capture_output=True, text=True, env=environment, timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = dict(line.split(": ") for line in ran.stdout.splitlines())
    planted = {name for name, found in lines.items() if not found.startswith("0 calls")}
    made_late = ("fourier.fft._make", "transforms.real.forward", "transforms.real.inverse")
    assert {f"spectrograms._engine.{name}" for name in made_late} <= planted
    assert len(planted) > 14
    assert {name: found for name, found in lines.items() if not found.endswith(", all well")} == {}


def _classes(text):
    """The compiled classes of a source: name -> {method: body}."""
    found = {}
    for part in re.split(r"^(?:@.*\n)*(?=cdef class |cdef |cpdef |def |class )", text, flags=re.M):
        head = re.match(r"cdef class (\w+)", part)
        if head:
            methods = re.split(r"^    (?=cdef .*\(self|cpdef .*\(self|def )", part, flags=re.M)
            named = ((re.match(r"(?:cdef|cpdef|def)\b[^(]*?(\w+)\(self", each), each) for each in methods)
            found[head[1]] = {name[1]: body for name, body in named if name}
    return found


def _set_later(methods):
    """Attributes that a class sets outside its constructor and what nothing but that calls."""
    calls = {name: set(re.findall(r"self\.(\w+)\(", body)) & methods.keys() for name, body in methods.items()}
    of_the_constructor = {
        name for name in methods if name.startswith("_") and name in set().union(*calls.values())
    }
    # At the end of an object nobody else has it.
    reached = methods.keys() - of_the_constructor - {"__cinit__", "__dealloc__"}
    while more := set().union(*(calls[name] for name in reached)) - reached:
        reached |= more
    assignment = re.compile(r"^\s+self\.([\w.]+)(?:\[[^\]]*\])? [-+*/|&]?= ", flags=re.M)
    return {attribute for name in reached for attribute in assignment.findall(methods[name])}


CLASSES = {
    f"{path.stem}.{name}": methods
    for path in sorted(ENGINE.rglob("*.pyx"))
    for name, methods in _classes(path.read_text()).items()
}


@together("name", CLASSES)
def test_case_1_1_attributes_are_set_by_the_constructor(name):
    later = _set_later(CLASSES[name])
    if name.split(".")[1] in CHANGING:
        assert later, "no longer an exception"
    else:
        assert later == set()


def test_there_are_classes_to_look_at():
    assert len(CLASSES) > 15


def test_the_search_finds_what_is_set_later():
    text = '''cdef class A:
    """Words."""

    def __cinit__(self, n):
        self.n = n
        self._set_up()

    cdef _set_up(self):
        self.m = 2

    cdef _prepare(self):
        if self._up is None:
            self._up = 3

    def backward(self):
        self._prepare()
        self.count += 1
'''
    assert _set_later(_classes(text)["A"]) == {"_up", "count"}
