"""How many threads a call may use, and the pool of threads that share a job.

The pool holds ordinary Python threads, which run loops without the GIL. They start with the first job that
wants them, then wait for the next one. A forked child has none of them and starts its own.
"""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from operator import index
from typing import Any

from spectrograms._common.documenting import documented
from spectrograms._common.hooks import hook
from spectrograms._engine.threads.wakeup import Parker, WakeList
from spectrograms.errors import InvalidInputError, shown

_VARIABLE = "SPECTROGRAMS_NUM_THREADS"
# A waiting caller wakes this often, so that Ctrl-C is noticed.
_SLICE = 0.05
# More threads than this help on no machine, and each costs its stack.
_MOST = 1024


def _control_groups():
    """Folders of this process's control groups, versions 1 and 2, each followed by its parents."""
    places = {("/sys/fs/cgroup", "/"), ("/sys/fs/cgroup/cpu", "/")}
    with suppress(OSError, ValueError), open("/proc/self/cgroup") as file:
        for line in file.read().splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                places.add(("/sys/fs/cgroup", path))
            elif "cpu" in controllers.split(","):
                places.add(("/sys/fs/cgroup/cpu", path))
    for root, path in places:
        while len(path) > 1:
            yield root + path
            path = os.path.dirname(path)
        yield root


@cache
def _cgroup_limit():
    """How many CPUs the control groups grant, or infinity."""
    limit = math.inf
    for folder in _control_groups():
        for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
            try:
                fields = []
                for name in names:
                    with open(f"{folder}/{name}") as file:
                        fields += file.read().split()
                quota, period = fields[:2]
                if quota != "max" and int(quota) > 0:
                    limit = min(limit, max(1, math.ceil(int(quota) / int(period))))
            except (OSError, ValueError, ZeroDivisionError):
                continue
    return limit


def _available():
    try:
        cpus = len(os.sched_getaffinity(0))
    except AttributeError:
        cpus = os.cpu_count() or 1
    return int(min(cpus, _cgroup_limit()))


def _from_environment():
    text = os.environ.get(_VARIABLE, "").strip()
    if not text:
        return None
    # ASCII, because isdigit() and int() also accept the digits of other scripts. Nine digits are plenty.
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise ValueError(f"{_VARIABLE} must be an integer >= 1, got {text!r}")
    return int(text)


class _Share:
    """One job in the hands of several threads.

    The owner does not wait for helpers that are still busy elsewhere: a latecomer finds the job closed.
    """

    def __init__(self, step):
        self.step = step
        self.error = None
        self.stopped = False
        self.closed = False
        self.working = 0
        self.lock = threading.Lock()
        # A lock that is released when nobody is at work any more; made only by an owner that has to wait. Not
        # an Event: a second Ctrl-C during its wait() can leave it in a state where set() raises or hangs.
        self.gone = None

    def steps(self):
        while not self.stopped and self.step():
            pass

    def help(self):
        """Run on a pool thread: take steps until there are none left."""
        with self.lock:
            if self.closed:
                return
            self.working += 1
        try:
            self.steps()
        except BaseException as error:
            self.error = error
            self.stopped = True
        with self.lock:
            self.working -= 1
            self._settle()

    def close(self):
        """Let nobody in any more."""
        with self.lock:
            self.closed = True
            self._settle()

    def _settle(self):
        if self.closed and self.working == 0:
            self.step = None  # A latecomer must not keep the job's memory alive.
            if self.gone is not None:
                self.gone.release()

    def finish(self):
        """Close, and wait until nobody is at work."""
        gone = threading.Lock()
        gone.acquire()
        with self.lock:
            self.closed = True
            self.gone = gone
            self._settle()
        while self.step is not None:
            gone.acquire(timeout=_SLICE)

    def abort(self):
        """Stop early, after an exception, and wait: until then, threads still use the job's memory."""
        self.stopped = True
        while self.step is not None:
            # After another Ctrl-C there is nothing more to stop: go on waiting.
            with suppress(KeyboardInterrupt):
                self.finish()


class _Pool:
    """Waiting threads, as many as any job has wanted so far."""

    def __init__(self):
        # Re-entrant: a signal handler or finaliser may need threads while its own thread is starting some.
        self.lock = threading.RLock()
        self.tasks = deque()
        self.idle = []
        self.threads = 0

    def submit(self, share, helpers):
        """Queue a job for `helpers` threads; return the wake list of those that are parked."""
        if self.threads < helpers:
            self.start(helpers)
        self.tasks.extend([share] * helpers)
        return WakeList(self.idle, helpers)

    def start(self, helpers):
        with self.lock:
            try:
                while self.threads < helpers:
                    name = f"spectrograms-{self.threads + 1}"
                    threading.Thread(target=self._wait, name=name, daemon=True).start()
                    self.threads += 1
            except RuntimeError:
                pass  # The system allows no more; fewer threads do the same work.

    def _wait(self):
        parker = Parker()
        while True:
            while self.tasks:
                self._help()
            self.idle.append(parker)
            # A task submitted just before that line did not find this parker, so look once more. If the
            # parker is gone from the list, somebody has reserved it and will wake it, or put it back.
            with suppress(ValueError):
                if self.tasks:
                    self.idle.remove(parker)
                    continue
            parker.park()

    def _help(self):
        # The share gets no name here: a waiting thread must not keep the last job's memory alive.
        with suppress(IndexError):
            self.tasks.popleft().help()


_pool = _Pool()
_setting = None


def _after_fork():
    # The threads exist in the parent only, and one of them may have held the lock of the pool.
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@documented()
def set_num_threads(n: int | None) -> None:
    """Set how many threads a call may use, for the whole process.

    Parameters
    ----------
    n : int or None
        At least 1; None for the default again.

    Raises
    ------
    InvalidInputError
        If `n` is below 1.

    See Also
    --------
    get_num_threads : What holds now.

    %(plain_examples)s
    >>> sg.set_num_threads(2)
    >>> sg.get_num_threads()
    2
    >>> sg.set_num_threads(None)
    """
    global _setting
    _setting = None if n is None else _checked(n)


@documented()
def get_num_threads() -> int:
    """Return how many threads a call may use.

    In this order: what :func:`set_num_threads` set; 1 inside a PyTorch DataLoader worker; the environment
    variable ``SPECTROGRAMS_NUM_THREADS``; the CPUs this process may run on, within its control group.

    Returns
    -------
    int

    See Also
    --------
    set_num_threads : Changes it.

    %(plain_examples)s
    >>> sg.get_num_threads() >= 1
    True
    """
    if _setting is not None:
        return _setting
    if hook("in_loader_worker")():
        return 1
    return _from_environment() or _available()


def _checked(n):
    try:
        n = index(n)
    except TypeError as error:
        raise TypeError(f"{error}: num_threads must be an integer") from None
    if n < 1:
        raise InvalidInputError(f"num_threads must be >= 1, got {shown(n)}")
    return n


def resolve(num_threads: int | None) -> int:
    """The number of threads for one call that asked for `num_threads`."""
    return get_num_threads() if num_threads is None else _checked(num_threads)


def share(
    step: Callable[[], bool],
    num_threads: int,
    settled: Callable[[], bool] = lambda: False,
    take_wake_list: Callable[[WakeList], object] = WakeList.wake_all,
) -> None:
    """Call `step` on several threads, this one among them, until it returns False on each.

    By default the idle threads are woken before this one begins. A job that passes `take_wake_list` is handed
    their wake list instead, and wakes them from its steps, without the GIL.

    An exception in `step`, or in a signal handler while waiting, stops all threads and is raised once none of
    them is at work any more. When this thread runs out of work and `settled` says that everything is done, it
    does not wait for the other threads to leave.
    """
    num_threads = min(num_threads, _MOST)
    if num_threads <= 1:
        while step():
            pass
        return
    job = _Share(step)
    try:
        take_wake_list(_pool.submit(job, num_threads - 1))
        job.steps()
        if settled():
            job.close()
        else:
            job.finish()
    except BaseException:
        job.abort()
        raise
    if job.error is not None:
        raise job.error


def each_item(work: Callable[[Any, int], object], items: Sequence[Any], num_threads: int) -> None:
    """Call ``work(item, threads)`` for each item: items share the threads if there are enough of them."""
    if len(items) >= num_threads:
        each([(work, (item, 1)) for item in items], num_threads)
    else:
        for item in items:
            work(item, num_threads)


def each(calls: Sequence[tuple[Callable[..., object], tuple[Any, ...]]], num_threads: int) -> None:
    """Call every function with its arguments once, in any order, on several threads."""
    waiting = deque(calls)

    def step():
        try:
            function, arguments = waiting.popleft()
        except IndexError:
            return False
        function(*arguments)
        return True

    share(step, min(num_threads, len(waiting)))
