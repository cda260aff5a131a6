"""pyfftw comes without its interfaces, builders and configuration, which stay what they are for others."""

import pytest

from ..support.forked import forking, run_alone
from ..support.slow import slow_but

LATER = ("builders", "config", "interfaces")
# What a script needs: `there` are those of the three that have been imported.
HEAD = """
import sys

def there():
    return [name for name in ("builders", "config", "interfaces") if f"pyfftw.{name}" in sys.modules]

def features():
    import numpy as np
    import spectrograms as sg
    assert sg.compute_power_spectrum(np.ones(4), 4)[0] == 16.0

def ours():
    return [finder for finder in sys.meta_path if "spectrograms._engine" in type(finder).__module__]
"""


# With pyfftw.interfaces come these, which take longer than everything else in most of these scripts, and make
# all that import them slow.
SLOW = ["numpy", "scipy.fft", "scipy.fftpack", "dask.array.fft"]
OPTIONS = ("-W", "error::ImportWarning")


@pytest.fixture(scope="module")
def forked():
    with forking(*OPTIONS, modules=SLOW) as run:
        yield run


@pytest.fixture
def run_script(forked, tmp_path):
    """What a script prints in a fresh process, with warnings as errors; `alone` without what is slow."""

    def run(body, *, alone=False, **environment):
        if alone:
            code, printed, errors = run_alone(HEAD + body, tmp_path, *OPTIONS, **environment)
        else:
            code, printed, errors = forked(HEAD + body, tmp_path, **environment)
        assert code == 0, errors
        return printed.strip()

    return run


@pytest.mark.slow
def test_features_need_none_of_them(run_script):
    assert run_script("features()\nprint(there(), ours())", alone=True) == "[] []"


@pytest.mark.slow
@pytest.mark.parametrize(
    "use",
    [
        "import pyfftw.interfaces.scipy_fft as used",
        "import pyfftw.interfaces.cache as used",
        "from pyfftw import interfaces as used",
        "from pyfftw.interfaces import numpy_fft as used",
        "import pyfftw; used = pyfftw.interfaces.numpy_fft",
        "import pyfftw; pyfftw.interfaces.cache.enable(); used = pyfftw.interfaces",
        "from pyfftw.interfaces.numpy_fft import fft as used",
        "import pyfftw; used = pyfftw.builders.rfft",
        "import pyfftw; pyfftw.config.NUM_THREADS = 2; used = pyfftw.config",
        "from pyfftw.builders import rfft as used",
        "from pyfftw import builders as used",
        "from pyfftw import *\nused = FFTW",
        "import importlib, pyfftw; used = importlib.reload(pyfftw)",
        "import importlib, pyfftw; used = importlib.reload(pyfftw.interfaces)",
        "import pickle; used = pickle.loads(pickle.dumps(__import__('pyfftw').interfaces.numpy_fft.fft))",
        "import inspect, pyfftw; used = dict(inspect.getmembers(pyfftw))['interfaces']",
        "from unittest.mock import patch\nwith patch('pyfftw.interfaces.cache.enable') as used: pass",
    ],
)
def test_every_way_to_them_works_afterwards(use, run_script):
    if "scipy" in use:
        pytest.importorskip("scipy")
    check = """
import pyfftw
import numpy as np
assert used is not None
# These are the modules themselves, and nothing of ours.
for name in ("builders", "config", "interfaces"):
    module = getattr(pyfftw, name)
    assert module is sys.modules[f"pyfftw.{name}"] and type(module) is type(sys), name
    assert "spectrograms" not in type(module.__spec__.loader).__module__
assert np.allclose(pyfftw.interfaces.numpy_fft.fft(np.ones(4)), [4, 0, 0, 0])
assert np.allclose(pyfftw.builders.fft(np.ones(4))(), [4, 0, 0, 0])
assert "spectrograms" not in type(pyfftw.__spec__.loader).__module__
assert pyfftw.__loader__ is pyfftw.__spec__.loader
features()
print("worked")
"""
    assert run_script(f"features()\n{use}\n{check}") == "worked"


@pytest.mark.slow
def test_looking_at_pyfftw_imports_nothing(run_script):
    body = """
import inspect, pickle, warnings
features()
import pyfftw
assert {"FFTW", "builders", "config", "interfaces"} <= set(dir(pyfftw))
assert not hasattr(pyfftw, "__wrapped__") and not hasattr(pyfftw, "__warningregistry__")
inspect.getmodule(features), inspect.getsource(pyfftw), repr(pyfftw)
try:
    pyfftw.interface
except AttributeError as error:
    assert "module 'pyfftw' has no attribute 'interface'" in str(error)
print(there())
"""
    assert run_script(body) == "[]"


@pytest.mark.slow
def test_what_was_imported_before_stays(run_script):
    body = """
import pyfftw
names = dict(vars(pyfftw))
before = there()
features()
assert all(vars(pyfftw)[name] is value for name, value in names.items())
print(before, sorted(set(vars(pyfftw)) - set(names)))
"""
    assert run_script(body) == f"{list(LATER)} []"


@pytest.mark.slow
@pytest.mark.parametrize(("value", "found"), [("1", list(LATER)), ("0", []), ("", [])])
def test_a_variable_turns_it_off(value, found, run_script):
    body = "features()\nimport pyfftw\nprint(there(), '__getattr__' in vars(pyfftw))"
    expected = f"{found} {not found}"
    assert run_script(body, alone=True, SPECTROGRAMS_WHOLE_PYFFTW=value) == expected


# Runs `meanwhile` in a second thread when the first is in the middle of importing pyfftw.
IN_THE_MIDDLE = """
import threading, time

class Pause:
    def find_spec(self, name, path=None, target=None):
        if name == "pyfftw.pyfftw" and threading.current_thread() is threading.main_thread():
            sys.meta_path.remove(self)
            thread.start()
            time.sleep(0.3)

def run():
    try:
        meanwhile()
        found.append("worked")
    except BaseException as error:
        found.append(repr(error))

found = []
thread = threading.Thread(target=run)
sys.meta_path.insert(0, Pause())
"""


_FIRST = ["import pyfftw; pyfftw.interfaces.cache.enable()"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "use",
    slow_but(
        _FIRST,
        [
            "import pyfftw; pyfftw.interfaces.cache.enable()",
            "from pyfftw import interfaces; interfaces.numpy_fft.fft([1.0])",
            "from pyfftw import builders; builders.fft",
            "import pyfftw; pyfftw.config.NUM_THREADS",
            "import pyfftw.interfaces.numpy_fft as f; f.fft([1.0])",
            "import spectrograms as sg; sg.SpectrogramPlan",
        ],
    ),
)
def test_another_thread_imports_pyfftw_meanwhile(use, run_script):
    body = f"""{IN_THE_MIDDLE}
def meanwhile():
    {use}

features()
thread.join()
import pyfftw
pyfftw.interfaces.numpy_fft.fft([1.0])
pyfftw.builders.fft
pyfftw.config.NUM_THREADS
print(found[0], ours(), there(), type(pyfftw.interfaces) is type(pyfftw.builders) is type(sys))
"""
    assert run_script(body) == f"worked [] {list(LATER)} True"


@pytest.mark.slow
def test_nothing_is_replaced_if_another_thread_was_first(run_script):
    # NumPy is there: Python refuses threads that import that from different ends, whatever else they import.
    body = f"""import numpy
{IN_THE_MIDDLE}
def meanwhile():
    features()

import pyfftw
thread.join()
print(found[0], there(), "__getattr__" in vars(pyfftw), ours())
"""
    assert run_script(body) == f"worked {list(LATER)} False []"


@pytest.mark.slow
def test_both_threads_may_ask_first(run_script):
    body = """
import threading
features()
import pyfftw
found, barrier = [], threading.Barrier(8)

def ask():
    barrier.wait()
    found.append((pyfftw.interfaces.cache.enable, pyfftw.interfaces.numpy_fft.fft, pyfftw.builders.fft))

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), len(set(found)))
"""
    assert run_script(body) == "8 1"


@pytest.mark.slow
@pytest.mark.parametrize("module", ["pyfftw", "pyfftw.pyfftw", "pyfftw._version"])
def test_nothing_stays_of_an_import_that_fails(module, run_script):
    body = f"""
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise ModuleNotFoundError(f"planted: {{name}}", name=name)

missing, before = Missing(), list(sys.meta_path)
sys.meta_path.insert(0, missing)
for _ in range(2):
    try:
        features()
    except ModuleNotFoundError as error:
        assert "planted" in str(error)
    else:
        print("did not fail")
    assert "pyfftw" not in sys.modules and not ours() and not there()
sys.meta_path.remove(missing)
import pyfftw
assert "__getattr__" not in vars(pyfftw)
features()
print(there())
"""
    assert run_script(body) == str(list(LATER))


@pytest.mark.slow
def test_a_loader_of_others_is_asked_too(run_script):
    # As import hooks do that run something once a module is there.
    body = """
from importlib.util import find_spec

class Watched:
    def find_spec(self, name, path=None, target=None):
        if name == "pyfftw":
            sys.meta_path.remove(self)
            spec = find_spec(name)
            run = spec.loader.exec_module
            def watched(module):
                run(module)
                seen.append(complex(module.interfaces.numpy_fft.fft([1.0])[0]))
            spec.loader.exec_module = watched
            return spec

seen = []
sys.meta_path.insert(0, Watched())
features()
print(seen)
import pyfftw
assert type(pyfftw.interfaces) is type(sys) and pyfftw.interfaces is sys.modules["pyfftw.interfaces"]
"""
    assert run_script(body) == "[(1+0j)]"
