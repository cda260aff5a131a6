"""Public names that several threads ask for first."""

import subprocess
import sys

import pytest

from ..support.slow import slow_but

SCRIPT = """
import importlib.util, sys, threading, time
import spectrograms as sg

class Pause:
    def find_spec(self, name, path=None, target=None):
        if name == "spectrograms.params" and threading.current_thread() is first:
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec(name)
            self._create, spec.loader.create_module = spec.loader.create_module, self.create
            return spec

    # The first thread has the lock of the package, and nobody knows the package yet.
    def create(self, spec):
        second.start()
        time.sleep(1)
        return self._create(spec)

def ask(name):
    try:
        found.append(getattr(sg, name).__name__)
    except BaseException as error:
        found.append(repr(error))

found = []
first = threading.Thread(target=ask, args=("{first}",))
second = threading.Thread(target=ask, args=("{second}",))
sys.meta_path.insert(0, Pause())
first.start()
first.join()
second.join()
print(*sorted(found))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "second", slow_but(["compute_rfft"], ["compute_rfft", "SpectrogramPlan", "StftParams"])
)
def test_two_threads_ask_for_names_at_once(second):
    """One asks for a module of a package that the other is in the middle of: Python saw a deadlock there."""
    script = SCRIPT.format(first="MelParams", second=second)
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == sorted(["MelParams", second]), done.stderr
