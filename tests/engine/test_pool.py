"""The pool: every step taken once, threads used again and let go, parked and woken without one being lost."""

import gc
import sys
import threading
import time
import weakref
from functools import partial

import pytest

from spectrograms._engine.threads import pool
from spectrograms._engine.threads.wakeup import Parker, WakeList

from ..support.spectrogram_cases import noise, parameters, plan


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


def test_threads_on_their_way_out_are_not_waited_for_once_all_is_settled():
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
    monkeypatch.setattr(pool._pool, "submit", lambda share, helpers: WakeList([], asked.append(helpers) or 0))
    pool.share(counting(5)[0], 10**9)
    assert asked == [1023]


def test_a_finished_job_is_let_go():
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


@pytest.mark.slow
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
        # Nobody is woken.
        pool.share(counting(2)[0], 4, take_wake_list=lambda wake_list: None)
        p.compute_batch([x[: 30_000 * i] for i in range(1, 9)], num_threads=4)
    until = time.monotonic() + 30
    while len(pool._pool.idle) < 3:
        assert time.monotonic() < until
        time.sleep(1e-3)
    assert len(set(pool._pool.idle)) == len(pool._pool.idle) == pool._pool.threads == 3
    # And each comes when it is woken.
    here = threading.Barrier(4)
    pool.share(counting(4, lambda i: here.wait(30))[0], 4)


# --- parking and waking ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0, 0.05], ids=["spinning", "asleep"])
def test_a_parker_is_woken_once_for_each_wake(pause):
    parker, woken = Parker(), []

    def work():
        for _ in range(200 if not pause else 5):
            idle.append(parker)
            parker.park()
            woken.append(1)

    idle = []
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    for i in range(200 if not pause else 5):
        while not idle:
            time.sleep(0)
        time.sleep(pause)
        assert len(woken) == i
        WakeList(idle, 1).wake_all()
        until = time.monotonic() + 30
        while len(woken) == i:
            assert time.monotonic() < until
            time.sleep(0)
    thread.join(30)
    assert not thread.is_alive()


def test_a_parker_woken_before_it_parks_does_not_sleep():
    parker = Parker()
    WakeList([parker], 1).wake_all()
    thread = threading.Thread(target=parker.park, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def test_parkers_that_nobody_woke_go_back():
    idle = [Parker() for _ in range(5)]
    before = set(idle)
    wake_list = WakeList(idle, 3)
    assert len(idle) == 2
    del wake_list
    assert set(idle) == before
    assert len(idle) == 5
    WakeList(idle, 9).wake_all()
    assert idle == []


def test_a_collection_while_parkers_are_taken(monkeypatch):
    # Python 3.11 collects garbage wherever it makes a list, and a finaliser may run a job of its own.
    class Garbage:
        def __init__(self):
            self.itself = self

        def __del__(self):
            WakeList(idle, 9).wake_all()

    thresholds, lists = gc.get_threshold(), [[] for _ in range(1000)]
    try:
        for k in range(1, 30):
            idle, kept = [Parker() for _ in range(3)], []
            gc.disable()
            gc.collect(0)
            Garbage()
            gc.set_threshold(gc.get_count()[0] + k, 1000, 1000)
            gc.enable()
            for _ in range(20):
                kept.append(WakeList(idle, 3))
    finally:
        gc.set_threshold(*thresholds)
        gc.enable()
    assert len(lists) == 1000
