"""Worker processes: forked at any moment, spawned, or started by PyTorch, they give the parent's bytes."""

import copy
import importlib
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.threads import pool

from ..support.fork_worker import CLIPS, make_plan, results, work

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
HERE = str(Path(__file__).parents[1] / "support")

# Forking a process with threads is what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork\\(\\) may lead to deadlocks:DeprecationWarning")


def in_forked_child(test, seconds=60):
    """Return whether `test` is true in a forked child that ends within so many seconds."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            import signal

            signal.alarm(seconds)  # a deadlock ends here
            status = 0 if test() else 2
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.slow
@forks
def test_forked_before_and_after_use():
    plan = make_plan()
    # A child before the parent has computed anything with this plan, one with pool threads alive in the
    # parent, and a child of a child.
    assert in_forked_child(lambda: results(plan) == results(make_plan()))
    expected = results(plan)
    assert in_forked_child(lambda: results(plan) == expected)
    assert in_forked_child(lambda: in_forked_child(lambda: results(plan) == expected))
    assert results(plan) == expected


@pytest.mark.slow
@forks
def test_forked_while_others_compute():
    plan = make_plan()
    expected = results(plan)
    stop, wrong = threading.Event(), []

    def work_on():
        while not stop.is_set():
            if results(plan) != expected:
                wrong.append(1)

    threads = [threading.Thread(target=work_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            assert in_forked_child(lambda: results(plan) == expected)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong


@pytest.mark.slow
@forks
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_worker_processes(method):
    plan = make_plan()
    expected = results(plan)
    # The module is looked up by name in workers that do not inherit it.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([HERE, *sys.path])}
    code = f"""
import multiprocessing, pickle, sys
import fork_worker
if __name__ == "__main__":
    plan = fork_worker.make_plan()
    before = fork_worker.results(plan)
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        found = pool.map(fork_worker.work, [plan] * 4)
    sys.stdout.buffer.write(pickle.dumps((before, found, fork_worker.results(plan))))
"""
    script = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        cwd=HERE,  # and not where the sources lie: they would hide the installed package
        capture_output=True,
        timeout=120,
    )
    assert script.returncode == 0, script.stderr.decode()
    before, found, after = pickle.loads(script.stdout)
    assert before == after == expected
    assert all(same and theirs == expected for same, theirs in found)


FORK_WHILE_PLANNING = """
import os, sys, threading, time
import numpy as np
import spectrograms as sg
def plan(n, effort="measure"):
    return sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(n, 16, "hann"), 16000.0), effort=effort)
x = np.random.default_rng(0).standard_normal(5000)
expected = plan(512, "estimate").compute(x).data
going = threading.Event()
lengths = iter(range(3000, 10**9, 10))
done = threading.Event()
def work():
    while not done.is_set():
        plan(next(lengths))
        going.set()
thread = threading.Thread(target=work)
thread.start()
going.wait()
for i in range(10):
    child = os.fork()
    if child == 0:
        import signal
        signal.alarm(60)
        plan(600 + i).compute(x)  # a new one, so that the planner is asked
        os._exit(0 if np.array_equal(plan(512, "estimate").compute(x).data, expected) else 2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert next(lengths) > 3010  # plans were made all the while
done.set()
thread.join()
"""


def run_script(code, *arguments):
    """Run code in a process of its own; return what it wrote, once it has ended well."""
    done = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@forks
def test_forked_while_others_make_plans():
    run_script(FORK_WHILE_PLANNING)


FORK_WHILE_DROPPING = """
import os, sys, threading
import numpy as np
import spectrograms as sg
sys.setswitchinterval(1e-5)
sg.compute_fft(np.ones(4))  # so that nobody imports any more
done = threading.Event()
def work(first):
    lengths = iter(range(first, 10**9, 8))
    while not done.is_set():
        sg.compute_fft(np.ones(next(lengths) % 4000 + 2))
        sg.clear_fft_plan_cache()
threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for thread in threads:
    thread.start()
codes = []
while len(codes) < 80 and not any(codes):
    child = os.fork()
    if child == 0:
        import signal
        signal.alarm(30)
        sg.compute_fft(np.ones(5000))  # a new one, so that the planner is asked
        os._exit(0)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
for thread in threads:
    thread.join()
assert not any(codes), codes
"""


@pytest.mark.slow
@forks
def test_forked_while_others_drop_plans():
    run_script(FORK_WHILE_DROPPING)


EXIT_AT_WORK = """
import sys, threading, time
import numpy as np
import spectrograms as sg
def plan(n, effort):
    return sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(n, 16, "hann"), 16000.0), effort=effort)
x = np.random.default_rng(0).standard_normal(2_000_000)
mine = plan(512, "estimate")
def push():
    stream = mine.stream()
    for start in range(0, len(x), 5000):
        stream.push(x[start : start + 5000])
lengths = iter(range(1000, 10**9, 2))
WORK = {
    "one": lambda: mine.compute(x),
    "batch": lambda: mine.compute_batch([x, x], num_threads=3),
    "stream": push,
    "planner": lambda: plan(next(lengths), "measure"),
}
def work():
    while True:
        WORK[sys.argv[1]]()
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.2)
print("bye")
"""


@pytest.mark.slow
@pytest.mark.parametrize("what", ["one", "batch", "stream", "planner"])
def test_the_interpreter_ends_while_daemon_threads_work(what):
    assert run_script(EXIT_AT_WORK, what) == "bye\n"


SUB_INTERPRETER = """
import _xxsubinterpreters as interpreters
other = interpreters.create(isolated=False)
try:
    interpreters.run_string(other, "import spectrograms as sg; sg.SpectrogramPlan")
except interpreters.RunFailedError as error:
    print(error)
interpreters.destroy(other)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    find_spec("_xxsubinterpreters") is None, reason="sub-interpreters go by another name here"
)
def test_sub_interpreters_are_refused():
    assert "spectrograms needs the main interpreter" in run_script(SUB_INTERPRETER)


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda plan: pickle.loads(pickle.dumps(plan))])
def test_twins_of_every_plan(twin):
    params, mel = sg.SpectrogramParams(sg.StftParams(256, 64, "hann"), 16000.0), sg.MelParams(20, 0.0, 8000.0)
    rate = params.sample_rate
    for dtype in ("float32", "float64"):
        for plan in (
            sg.SpectrogramPlan(params, mel, "db", dtype=dtype),
            sg.StftPlan(params, dtype),
            sg.MfccPlan(params.stft, rate, 20, sg.MfccParams(13), dtype),
            sg.ChromaPlan(params.stft, rate, sg.ChromaParams(), dtype),
            sg.DescriptorPlan(params.stft, rate, "rolloff", dtype),
        ):
            expected = plan.compute(CLIPS[1]).data
            assert twin(plan) == plan
            assert np.array_equal(twin(plan).compute(CLIPS[1]).data, expected)
        features = sg.FeatureSet(params.stft, rate, {"a": mel, "b": "rms"}, dtype)
        for name, result in twin(features).compute(CLIPS[1]).items():
            assert np.array_equal(result.data, features.compute(CLIPS[1])[name].data)
        inverse, spectra = sg.IstftPlan(params, dtype), sg.StftPlan(params, dtype).compute(CLIPS[1])
        assert np.array_equal(twin(inverse).compute(spectra), inverse.compute(spectra))


def test_unpickled_plans():
    plan = make_plan()
    assert work(pickle.loads(pickle.dumps(plan))) == (True, results(plan))


@pytest.mark.slow
@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_data_loader_of_pytorch(method, monkeypatch):
    from torch.utils.data import DataLoader

    # A spawned worker imports the class by name, and finds this folder but not the one above.
    monkeypatch.syspath_prepend(HERE)
    clips = importlib.import_module("fork_worker").Clips()
    results(clips.plan)  # pool threads are alive
    loader = DataLoader(
        clips, batch_size=None, num_workers=2, multiprocessing_context=method, timeout=60, collate_fn=list
    )
    for i, (num_threads, features) in enumerate(loader):
        assert num_threads == 1
        assert features.tobytes() == clips[i][1].tobytes()


def test_one_thread_in_a_data_loader_worker(monkeypatch):
    # As above, with the one function of PyTorch that is asked.
    monkeypatch.delenv("SPECTROGRAMS_NUM_THREADS", raising=False)
    worker = SimpleNamespace(get_worker_info=lambda: SimpleNamespace(id=0))
    monkeypatch.setitem(sys.modules, "torch.utils.data", worker)
    assert sg.get_num_threads() == 1
    monkeypatch.setitem(sys.modules, "torch.utils.data", SimpleNamespace(get_worker_info=lambda: None))
    assert sg.get_num_threads() == pool._available()
