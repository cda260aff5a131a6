"""Threads: how many, and the few of our own that share a job.

Python threads that run loops without the GIL. They start at the first job that wants them, wait for the
next one, and are forgotten in a forked child, which starts its own.
"""

from __future__ import annotations

import math
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from operator import index

from spectrograms._engine.threads.wakeup import Bell, Bells
from spectrograms.errors import InvalidInputError, shown

_VARIABLE = "SPECTROGRAMS_NUM_THREADS"
# A waiting caller wakes this often, so that Ctrl-C is noticed.
_SLICE = 0.05
# More threads than this bring nothing on any machine, and each costs its stack.
_MOST = 1024


def _control_groups():
    """Folders of the control groups of this process, of both versions, with those around them."""
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
    """CPUs that the control groups grant, or infinity."""
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
    # No figures of other scripts; and nobody means as many threads as have nine digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1):
        raise ValueError(f"{_VARIABLE} must be an integer >= 1, got {text!r}")
    return int(text)


def _in_loader_worker():
    """Whether this is a worker process of a PyTorch DataLoader, which has one core to itself."""
    torch_data = sys.modules.get("torch.utils.data")
    return torch_data is not None and torch_data.get_worker_info() is not None


class _Share:
    """One job in the hands of several threads.

    The owner does not wait for helpers that are still busy elsewhere: who comes late finds it closed.
    """

    def __init__(self, step):
        self.step = step
        self.error = None
        self.stopped = False
        self.closed = False
        self.working = 0
        self.lock = threading.Lock()
        # A lock, released when nobody is at work; made by who waits for it, which is rarely needed. No Event:
        # a second Ctrl-C in its wait may leave it such that set() raises or never returns.
        self.gone = None

    def steps(self):
        while not self.stopped and self.step():
            pass

    def help(self):
        """Run on a pool thread: steps until there is nothing left."""
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
            self.step = None  # A thread that comes late must not keep the job's memory.
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
        """The same after an exception; a step takes some milliseconds. Memory is in use until then."""
        self.stopped = True
        while self.step is not None:
            # Another Ctrl-C finds us on the way out already.
            with suppress(KeyboardInterrupt):
                self.finish()


class _Pool:
    """Waiting threads, as many as were ever wanted at once."""

    def __init__(self):
        # A signal handler or a finaliser may want threads while its thread starts some.
        self.lock = threading.RLock()
        self.tasks = deque()
        self.idle = []
        self.threads = 0

    def submit(self, share, helpers):
        """Put a job where `helpers` threads find it; return the bells of those that wait for one."""
        if self.threads < helpers:
            self.start(helpers)
        self.tasks.extend([share] * helpers)
        return Bells(self.idle, helpers)

    def start(self, helpers):
        with self.lock:
            try:
                while self.threads < helpers:
                    name = f"spectrograms-{self.threads + 1}"
                    threading.Thread(target=self._wait, name=name, daemon=True).start()
                    self.threads += 1
            except RuntimeError:
                pass  # The system has no more; fewer threads do the same work.

    def _wait(self):
        bell = Bell()
        while True:
            while self.tasks:
                self._help()
            self.idle.append(bell)
            # Who brought a task just before did not find the bell. If it is gone, somebody rings it.
            with suppress(ValueError):
                if self.tasks:
                    self.idle.remove(bell)
                    continue
            bell.wait()

    def _help(self):
        # No name for the share: a waiting thread must not keep the last job's memory.
        with suppress(IndexError):
            self.tasks.popleft().help()


_pool = _Pool()
_setting = None


def _after_fork():
    # The threads stayed in the parent; so may have a lock one of them held.
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


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
    """
    global _setting
    _setting = None if n is None else _checked(n)


def get_num_threads() -> int:
    """Return how many threads a call may use.

    In this order: what :func:`set_num_threads` set; 1 inside a PyTorch DataLoader worker; the environment
    variable ``SPECTROGRAMS_NUM_THREADS``; the CPUs this process may run on, within its control group.

    Returns
    -------
    int
    """
    if _setting is not None:
        return _setting
    if _in_loader_worker():
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
    take_bells: Callable[[Bells], object] = Bells.ring_all,
) -> None:
    """Call `step` on several threads, this one among them, until it returns False on each.

    Idle threads come when their bell rings: by default before this one begins. With `take_bells`, which gets
    the bells, it is up to `step`, which can do it without the GIL.

    An exception of `step`, or of a signal handler while waiting, stops all threads and is raised once
    none of them is at work any more. When this thread finds no more to do and `settled` says that all is
    done, other threads on their way out are not waited for.
    """
    num_threads = min(num_threads, _MOST)
    if num_threads <= 1:
        while step():
            pass
        return
    job = _Share(step)
    try:
        take_bells(_pool.submit(job, num_threads - 1))
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
