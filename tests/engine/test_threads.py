"""Threads: how many, one result whatever their number, and a way out with Ctrl-C."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.threads import pool
from spectrograms._engine.threads.wakeup import Bell, Bells

from ..support.spectrogram_cases import DTYPES, KINDS, noise, parameters, plan


@pytest.fixture(autouse=True)
def default_threads():
    yield
    sg.set_num_threads(None)


# --- how many --------------------------------------------------------------------------------------------


def test_setting_environment_and_cpus(monkeypatch):
    monkeypatch.delenv("SPECTROGRAMS_NUM_THREADS", raising=False)
    monkeypatch.setattr(pool, "_cgroup_limit", lambda: np.inf)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5})
    assert sg.get_num_threads() == 3
    monkeypatch.setattr(pool, "_cgroup_limit", lambda: 2)
    assert sg.get_num_threads() == 2
    monkeypatch.setenv("SPECTROGRAMS_NUM_THREADS", " 7 ")
    assert sg.get_num_threads() == 7
    assert sg.set_num_threads(4) is None
    assert sg.get_num_threads() == 4
    assert pool.resolve(2) == 2
    assert pool.resolve(None) == 4
    sg.set_num_threads(None)
    assert sg.get_num_threads() == 7
    monkeypatch.setenv("SPECTROGRAMS_NUM_THREADS", "")
    assert sg.get_num_threads() == 2


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "1_0", "0x2", "²", "٣", "4294967296", "1" * 5000])
def test_an_environment_that_is_no_number(monkeypatch, text):
    monkeypatch.setenv("SPECTROGRAMS_NUM_THREADS", text)
    with pytest.raises(ValueError, match=f"SPECTROGRAMS_NUM_THREADS must be an integer >= 1, got '{text}'"):
        sg.get_num_threads()


@pytest.mark.parametrize(
    ("n", "error"), [(0, ValueError), (-3, ValueError), (2.0, TypeError), ("2", TypeError)]
)
def test_set_num_threads_out_of_range(n, error):
    sg.set_num_threads(3)
    with pytest.raises(error):
        sg.set_num_threads(n)
    assert sg.get_num_threads() == 3


SELF, MAX = "/proc/self/cgroup", "/sys/fs/cgroup/cpu.max"
QUOTA, PERIOD = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"
UNIT = {SELF: "0::/user.slice/job 7.scope"}
MIXED = {SELF: "9:name=systemd:/a\n4:cpu,cpuacct:/batch/job:1\n3:cpuset:/other\n0::/"}


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({MAX: "150000 100000"}, 2),
        ({MAX: "50000 100000"}, 1),
        ({MAX: "max 100000"}, np.inf),
        ({QUOTA: "300000", PERIOD: "100000"}, 3),
        ({QUOTA: "-1", PERIOD: "100000"}, np.inf),
        ({MAX: "nonsense"}, np.inf),
        ({QUOTA: "300000", PERIOD: "0"}, np.inf),
        ({}, np.inf),
        # Groups within groups: the least counts.
        (UNIT | {"/sys/fs/cgroup/user.slice/job 7.scope/cpu.max": "200000 100000"}, 2),
        (UNIT | {"/sys/fs/cgroup/user.slice/cpu.max": "300000 100000"}, 3),
        (
            UNIT
            | {"/sys/fs/cgroup/user.slice/cpu.max": "300000 100000"}
            | {"/sys/fs/cgroup/user.slice/job 7.scope/cpu.max": "max 100000"},
            3,
        ),
        (
            UNIT
            | {"/sys/fs/cgroup/user.slice/cpu.max": "300000 100000"}
            | {"/sys/fs/cgroup/user.slice/job 7.scope/cpu.max": "500000 100000", MAX: "900000 100000"},
            3,
        ),
        ({SELF: "0::/not/in/this/namespace", MAX: "150000 100000"}, 2),
        ({SELF: "0::/../..", MAX: "150000 100000"}, 2),
        ({SELF: "nonsense", MAX: "150000 100000"}, 2),
        (
            MIXED
            | {"/sys/fs/cgroup/cpu/batch/job:1/cpu.cfs_quota_us": "100000"}
            | {"/sys/fs/cgroup/cpu/batch/job:1/cpu.cfs_period_us": "50000"},
            2,
        ),
        (MIXED | {"/sys/fs/cgroup/a/cpu.max": "1 1", "/sys/fs/cgroup/other/cpu.max": "1 1"}, np.inf),
    ],
)
def test_control_groups(tmp_path, monkeypatch, files, limit):
    for name, text in files.items():
        (tmp_path / name.replace("/", "_")).write_text(text + "\n")
    # A global of the module hides the builtin.
    look_up = lambda name: open(tmp_path / name.replace("/", "_"))  # noqa: E731, SIM115
    monkeypatch.setattr(pool, "open", look_up, raising=False)
    assert pool._cgroup_limit.__wrapped__() == limit


# --- the pool --------------------------------------------------------------------------------------------


def counting(n, on=lambda i: None):
    """Return a step that may be taken n times, and the list of what was taken."""
    left, taken = iter(range(n)), []
    lock = threading.Lock()

    def step():
        with lock:
            i = next(left, None)
        if i is None:
            return False
        on(i)
        taken.append(i)
        return True

    return step, taken


@pytest.mark.parametrize("num_threads", [1, 2, 7])
def test_share_does_everything_once(num_threads):
    step, taken = counting(500, lambda i: time.sleep(1e-5))
    pool.share(step, num_threads)
    assert sorted(taken) == list(range(500))


def test_share_uses_other_threads():
    names = set()
    step, _ = counting(50, lambda i: (names.add(threading.current_thread().name), time.sleep(1e-3)))
    pool.share(step, 3)
    assert threading.current_thread().name in names
    assert any(name.startswith("spectrograms-") for name in names)


def test_threads_are_used_again():
    for _ in range(20):
        pool.share(counting(20, lambda i: time.sleep(1e-4))[0], 4)
    names = [t.name for t in threading.enumerate() if t.name.startswith("spectrograms-")]
    assert len(names) == len(set(names)) <= max(8, pool._pool.threads)
    assert all(t.daemon for t in threading.enumerate() if t.name in names)


def test_who_is_on_the_way_out_is_not_waited_for_once_all_is_settled():
    me, helper_is_here, leave, gone = threading.current_thread(), *(threading.Event() for _ in range(3))

    def step():
        if threading.current_thread() is me:
            assert helper_is_here.wait(30)
        else:
            helper_is_here.set()
            assert leave.wait(30)
            gone.set()
        return False

    pool.share(step, 2, lambda: True)
    assert not gone.is_set()
    leave.set()
    assert gone.wait(30)


@pytest.mark.parametrize("where", ["owner", "helper"])
def test_an_exception_of_any_thread_comes_out_once_all_have_stopped(where):
    me, working = threading.current_thread(), []
    helper_is_here = threading.Event()

    def step():
        working.append(1)
        mine = threading.current_thread() is me
        if not mine:
            helper_is_here.set()
        else:
            assert helper_is_here.wait(30)
        if mine == (where == "owner"):
            working.pop()
            raise ZeroDivisionError("of the step")
        time.sleep(0.01)
        working.pop()
        return True

    with pytest.raises(ZeroDivisionError, match="of the step"):
        pool.share(step, 2)
    assert not working


def test_another_ctrl_c_on_the_way_out_costs_no_thread(monkeypatch):
    # Every function that runs while the owner waits is interrupted in turn as it begins, as handlers do.
    monkeypatch.setattr(pool, "_pool", pool._Pool())
    died = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    me, files = threading.current_thread(), (pool.__file__, threading.__file__)

    def interrupt(number):
        seen, working = [], []
        helper_is_here = threading.Event()

        def step():
            if threading.current_thread() is not me:
                working.append(1)
                helper_is_here.set()
                time.sleep(2e-3)
                working.pop()
                return True
            assert helper_is_here.wait(30)
            sys.settrace(trace)
            raise ZeroDivisionError

        def trace(frame, event, argument):
            if frame.f_code.co_filename in files and frame.f_code.co_name not in ("step", "abort"):
                seen.append(1)
                if len(seen) == number:
                    raise KeyboardInterrupt

        try:
            with pytest.raises(ZeroDivisionError):
                pool.share(step, 2)
        finally:
            sys.settrace(None)
        assert not working
        return len(seen) == number

    number = 1
    while interrupt(number):
        number += 1
    assert number > 2
    assert not died


def test_nobody_waits_for_a_busy_pool():
    # All pool threads are held by one job; another is done by its own thread alone.
    hold, held = threading.Event(), threading.Barrier(3)
    entered = threading.local()

    def slow():
        if not hasattr(entered, "once"):
            entered.once = True
            held.wait(30)
        hold.wait(30)
        return False

    old, pool._pool = pool._pool, pool._Pool()
    try:
        first = threading.Thread(target=pool.share, args=(slow, 3))
        first.start()
        while held.n_waiting and held.n_waiting < 3:
            time.sleep(1e-3)
        step, taken = counting(10)
        pool.share(step, 3)
        assert len(taken) == 10
        assert first.is_alive()
    finally:
        hold.set()
        first.join()
        pool._pool = old


def test_no_more_threads(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(pool, "_pool", pool._Pool())
    monkeypatch.setattr(threading.Thread, "start", refuse)
    step, taken = counting(10)
    pool.share(step, 4)
    assert len(taken) == 10
    assert pool._pool.threads == 0


def test_a_signal_handler_may_run_a_job_while_threads_start(monkeypatch):
    monkeypatch.setattr(pool, "_pool", pool._Pool())
    start, taken = threading.Thread.start, []

    def interrupted(thread):
        start(thread)
        if not taken:
            taken.append("begun")
            pool.share(counting(10, taken.append)[0], 3)

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    owner = threading.Thread(target=pool.share, args=(counting(10)[0], 3), daemon=True)
    start(owner)
    owner.join(30)
    assert not owner.is_alive()
    assert len(taken) == 11


def test_there_is_a_most(monkeypatch):
    asked = []
    monkeypatch.setattr(pool._pool, "submit", lambda share, helpers: Bells([], asked.append(helpers) or 0))
    pool.share(counting(5)[0], 10**9)
    assert asked == [1023]


def test_a_finished_job_is_let_go():
    import weakref

    class Memory:
        pass

    memory = Memory()
    gone = weakref.ref(memory)
    step, _ = counting(20, partial(lambda m, i: time.sleep(1e-4), memory))
    pool.share(step, 3)
    del memory, step
    # A helper may still be on its way back to the queue.
    for _ in range(100):
        gc.collect()
        if gone() is None:
            break
        time.sleep(0.01)
    assert gone() is None


def test_every_thread_is_idle_again_whatever_became_of_the_job(monkeypatch):
    monkeypatch.setattr(pool, "_pool", pool._Pool())

    def fail(i):
        raise ZeroDivisionError

    p = plan("mel", "db", "float32", parameters(512, 160))
    x = noise(1_000_000).astype("float32")
    for _ in range(50):
        pool.share(counting(20, lambda i: time.sleep(1e-5))[0], 4)
        with pytest.raises(ZeroDivisionError):
            pool.share(counting(20, fail)[0], 4)
        # Nobody rings these bells.
        pool.share(counting(2)[0], 4, take_bells=lambda bells: None)
        p.compute_batch([x[: 30_000 * i] for i in range(1, 9)], num_threads=4)
    until = time.monotonic() + 30
    while len(pool._pool.idle) < 3:
        assert time.monotonic() < until
        time.sleep(1e-3)
    assert len(set(pool._pool.idle)) == len(pool._pool.idle) == pool._pool.threads == 3
    # And comes when it is called.
    here = threading.Barrier(4)
    pool.share(counting(4, lambda i: here.wait(30))[0], 4)


# --- bells -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [0, 0.05], ids=["listening", "asleep"])
def test_a_bell_wakes_once_for_each_ring(pause):
    bell, heard = Bell(), []

    def listen():
        for _ in range(200 if not pause else 5):
            idle.append(bell)
            bell.wait()
            heard.append(1)

    idle = []
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    for i in range(200 if not pause else 5):
        while not idle:
            time.sleep(0)
        time.sleep(pause)
        assert len(heard) == i
        Bells(idle, 1).ring_all()
        until = time.monotonic() + 30
        while len(heard) == i:
            assert time.monotonic() < until
            time.sleep(0)
    thread.join(30)
    assert not thread.is_alive()


def test_a_bell_rung_before_is_heard():
    bell = Bell()
    Bells([bell], 1).ring_all()
    thread = threading.Thread(target=bell.wait, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_bells_that_nobody_rang_go_back():
    idle = [Bell() for _ in range(5)]
    before = set(idle)
    bells = Bells(idle, 3)
    assert len(idle) == 2
    del bells
    assert set(idle) == before
    assert len(idle) == 5
    Bells(idle, 9).ring_all()
    assert idle == []


def test_a_collection_while_bells_are_taken(monkeypatch):
    # Python 3.11 collects garbage wherever it makes a list, and a finaliser may run a job of its own.
    class Garbage:
        def __init__(self):
            self.itself = self

        def __del__(self):
            Bells(idle, 9).ring_all()

    thresholds, lists = gc.get_threshold(), [[] for _ in range(1000)]
    try:
        for k in range(1, 30):
            idle, kept = [Bell() for _ in range(3)], []
            gc.disable()
            gc.collect(0)
            Garbage()
            gc.set_threshold(gc.get_count()[0] + k, 1000, 1000)
            gc.enable()
            for _ in range(20):
                kept.append(Bells(idle, 3))
    finally:
        gc.set_threshold(*thresholds)
        gc.enable()
    assert len(lists) == 1000


# --- same bytes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_long_signal_is_the_same_on_any_number_of_threads(dtype):
    x = noise(400_000)
    for kind in KINDS[::2]:
        p = plan(*kind, dtype, parameters(64, 16))
        expected = None
        for n in (1, 2, 3, 7):
            sg.set_num_threads(n)
            found = p.compute(x).data.tobytes()
            into = np.empty(p.output_shape(x.size), dtype)
            assert p.compute(x, out=into).tobytes() == found
            expected = expected or found
            assert found == expected


@pytest.mark.parametrize("block", [1, 2, 16, 48, 64, 1000])
def test_block_size_does_not_matter(block):
    from spectrograms._engine.run import calls
    from spectrograms.plans.base import frame_geometry

    x = noise(30_000).astype("float32")
    p = plan("linear", "db", "float32", parameters(512, 100))
    engine = Engine(
        True,
        heads=[("power", [("log", 10 / np.log(10), 0.0, 1e-8)])],
        block=block,
        **frame_geometry(p.params.stft),
    )
    out = np.empty(p.output_shape(x.size), np.float32)
    calls.compute_into(engine, x, out, "empty", 3)
    assert np.array_equal(out, p.compute(x).data)


def test_eight_threads_compute_batches_on_one_plan():
    p = plan("mel", "db", "float32", parameters(512, 160))
    clips = [noise(n, seed=n).astype("float32") for n in range(1000, 100_000, 9000)]
    expected = [p.compute(clip).data.tobytes() for clip in clips]
    found, start = [], threading.Barrier(8)

    def work():
        start.wait()
        for _ in range(3):
            found.append([r.data.tobytes() for r in p.compute_batch(clips, num_threads=2)] == expected)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 24


# --- Ctrl-C ----------------------------------------------------------------------------------------------

LONG_BATCH = """
import sys, time
import numpy as np
import spectrograms as sg
params = sg.SpectrogramParams(sg.StftParams(512, 16, "hann"), 16000)
plan = sg.SpectrogramPlan(params, {scale}, "db", dtype="float64")
clip = np.random.default_rng(0).standard_normal(160_000)
# Little is written of it: few rows.
signals = np.lib.stride_tricks.as_strided(clip, (2000, clip.size), (0, 8))
where = np.empty((2000, *plan.output_shape(clip.size)))
long = np.lib.stride_tricks.as_strided(clip, (2**28,), (0,))
whole = np.empty(plan.output_shape(long.size))
features = sg.FeatureSet(params.stft, 16000, {{"a": "db", "b": "rms"}})
matrix = np.lib.stride_tricks.as_strided(np.zeros((257, 2), complex), (257, 2**24), (16, 0))
inverse = sg.IstftPlan(params)
samples = np.empty(inverse.output_length(2**24))
many = (clip for _ in iter(int, 1))
plan.compute_batch(signals[:4], num_threads=2)
print("ready", flush=True)
try:
    {call}
except KeyboardInterrupt:
    print(time.process_time(), flush=True)
# Still usable.
assert np.array_equal(plan.compute_batch([clip], num_threads=2)[0].data, plan.compute(clip).data)
print("done", flush=True)
"""


def time_used_by(process):
    """Seconds that a process has run so far, on all cores."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how long a process has run")
@pytest.mark.parametrize(
    ("num_threads", "scale", "call"),
    [
        (1, "sg.MelParams(1, 0.0, 8000.0)", "plan.compute_batch(signals, out=where)"),
        (2, "sg.MelParams(1, 0.0, 8000.0)", "plan.compute_batch(signals, out=where)"),
        (1, "sg.ErbParams(2, 50.0, 8000.0)", "plan.compute_batch(signals, out=where)"),
        (2, "sg.ErbParams(2, 50.0, 8000.0)", "plan.compute_batch(signals, out=where)"),
        (1, "sg.MelParams(1, 0.0, 8000.0)", "plan.compute(long, out=whole)"),
        (2, "sg.MelParams(1, 0.0, 8000.0)", "plan.compute(long, out=whole)"),
        (2, "sg.MelParams(1, 0.0, 8000.0)", "plan.compute_batch(many)"),
        (2, "sg.MelParams(1, 0.0, 8000.0)", "features.compute_batch([clip] * 100)"),
        (1, "sg.MelParams(1, 0.0, 8000.0)", "inverse.compute(matrix, out=samples)"),
        (2, "sg.MelParams(1, 0.0, 8000.0)", "inverse.compute_batch([matrix[:, :65536]] * 200)"),
    ],
)
def test_control_c_stops_long_work(num_threads, scale, call):
    call = f"sg.set_num_threads({num_threads}); {call}"
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", LONG_BATCH.format(call=call, scale=scale)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        assert process.poll() is None
        sent = time_used_by(process)
        process.send_signal(signal.SIGINT)
        stopped = float(process.stdout.readline())
        # 0.1 s is the promise. The clock would say more where a busy machine keeps the process waiting.
        assert stopped - sent < 0.5 * num_threads
        assert process.stdout.readline() == "done\n"
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
