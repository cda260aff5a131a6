"""Processes that share work: begun without the caller's program, ended with it, and replaced if they die.

They are workers of the standard library's pool. What it does not do is here: the program that calls is not
imported again, so that it needs no guard; Ctrl-C and SIGTERM are the parent's to handle; whoever loses its
parent ends; and when a worker dies its inputs are dealt again, until it is known which of them kills.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import struct
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from multiprocessing import connection, resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.util import Finalize
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from spectrograms._common.sharing import without_blas_threads

# Jobs dealt out for each worker, the one it is at among them.
_AHEAD = 2
# Seconds until the parent looks whether it shall stop, and until a worker looks whether its parent is there.
_SLICE, _WATCH = 0.1, 1.0
# Seconds that a worker waits which is asked for the ends of its tasks and has none.
_PAUSE = 0.02
# An input that so many workers have died of is given up; as many deaths outside any input end the run.
_DEATHS = 2
_DEATHS_OUTSIDE = 3
# What is begun and done by a worker: its process, the job, the first input, how many; four counts.
_NOTE = struct.Struct("<8q")
_MARK, _END = b"mark", b"end"
_HANDLED = {signal.SIGINT, signal.SIGTERM}


@dataclass
class Job:
    """Some inputs that one worker takes."""

    #: Distinct among the jobs of a crew.
    number: int
    #: Whatever the task needs, of types that can be pickled without the caller's program.
    payload: Any
    #: Whether the task shall announce its inputs one by one, because a worker has died of one of them.
    careful: bool = False
    #: Inputs, by their position, that the task shall not touch, and why.
    refused: dict[int, str] = field(default_factory=dict)
    _deaths: Counter[int] = field(default_factory=Counter)

    def blame(self, first: int, count: int, how: str) -> None:
        """Record that a worker died while it was at these inputs."""
        self.careful = True
        for position in range(first, first + count):
            self._deaths[position] += 1
            if self._deaths[position] >= _DEATHS:
                self.refused[position] = (
                    f"{_DEATHS} worker processes ended while they were at it, the last {how}"
                )


class Later:
    """What a task returns whose end takes no processor: a disk, say, has to take something.

    Its worker goes on with the next job meanwhile, and calls `end` when that is done or there is none.

    Parameters
    ----------
    end : callable
        Waits, and returns the result of the task or raises its error.
    """

    def __init__(self, end: Callable[[], Any]) -> None:
        self.end = end


class Notes:
    """What a task tells the parent while it is at work. Without a pipe, nobody listens."""

    def __init__(self, pipe: Any, lock: Any, number: int) -> None:
        self._pipe, self._lock, self._number = pipe, lock, number

    def begun(self, first: int, count: int = 1) -> None:
        """Inputs that are looked at from now on, until they are `done`."""
        self._send(first, count, -1, 0, 0, 0)

    def done(self, first: int, count: int = 1, *counts: int) -> None:
        """The same inputs, finished; up to four counts of what came of them."""
        self._send(first, count, *counts, *(4 - len(counts)) * (0,))

    def _send(self, *numbers):
        # So few bytes are written at once or not at all, even if the process is killed.
        with self._lock:
            self._pipe.send_bytes(_NOTE.pack(os.getpid(), self._number, *numbers))


class _Process(SpawnProcess):
    """A worker that does not import the program of its parent."""

    #: Whether it was ended by its parent.
    dismissed = False

    def start(self):
        with _unknown_main(), _signals_held():
            super().start()

    def terminate(self):
        # How the pool ends the others when one has died. Workers ignore SIGTERM. One that is dying by itself
        # may not have an exit code yet, but its files are closed.
        if not connection.wait([self.sentinel], 0):
            self.dismissed = True
            self.kill()


class _Context(SpawnContext):
    """Starts workers, and remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[_Process] = []

    def Process(self, *arguments: Any, **options: Any) -> _Process:  # type: ignore[override]
        process = _Process(*arguments, **options)
        self.started.append(process)
        return process


_main_lock = threading.Lock()


@contextmanager
def _unknown_main():
    """Let a worker that is started meanwhile believe that there is nothing to import as its main module.

    Only the name in the specification is looked at then: whatever else there is of the module stays.
    """
    main = sys.modules["__main__"]
    with _main_lock:
        before = main.__spec__
        main.__spec__ = ModuleSpec("__main__", None)
        try:
            yield
        finally:
            main.__spec__ = before


@contextmanager
def _signals_held():
    """Start workers that are deaf to Ctrl-C and SIGTERM until they can say so themselves."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let the signals in again when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Crew:
    """Workers that do one kind of task.

    Parameters
    ----------
    count : int
        How many. Each is started when there is a job for it.
    task : callable
        A function of a module: called as ``task(state, payload, careful, refused, notes, stop)``, where
        `notes` are :class:`Notes` and `stop` is an Event that is set when the task shall come to an end. It
        returns its result, or :class:`Later`.
    setup : callable
        A function of a module that makes `state`, once in each worker.
    arguments : tuple
        Of `setup`.
    """

    def __init__(
        self, count: int, task: Callable[..., Any], setup: Callable[..., Any], arguments: tuple[Any, ...] = ()
    ) -> None:
        # Packed, because to unpack it imports NumPy: a worker has something to say before, see `_begin`.
        self._count, self._work = count, pickle.dumps((task, setup, arguments))
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._at: dict[int | None, dict[tuple[int, int], int]] = {}
        self._dealt: dict[Future[Any], Job] = {}
        self._asked: set[Future[Any]] = set()
        self._late: dict[int, Job] = {}
        self._jobs: dict[int, Job] = {}
        self._again: deque[Job] = deque()
        self._deaths_outside = 0

    def __enter__(self) -> Crew:
        context = multiprocessing.get_context("spawn")
        self._stopped, self._stop = context.Pipe(duplex=False)
        self._heard, self._notes = context.Pipe(duplex=False)
        self._told = False
        self._listener = threading.Thread(target=self._listen, name="spectrograms-notes", daemon=True)
        self._listener.start()
        self._hire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is not None and not issubclass(kind, Exception):
                # A second Ctrl-C: at once.
                for process in self._context.started:
                    process.terminate()
            elif kind is not None:
                self._tell()
            self._pool.shutdown(wait=True, cancel_futures=True)
        finally:
            self._notes.send_bytes(_END)
            self._listener.join()
            for pipe in (self._stopped, self._stop, self._heard, self._notes):
                pipe.close()

    def run(
        self,
        jobs: Iterable[Job],
        stop: threading.Event,
        done: Callable[[Job, Any], None],
        noted: Callable[[Job, tuple[int, ...]], None] = lambda job, counts: None,
        mended: Callable[[set[int | None]], None] = lambda pids: None,
    ) -> None:
        """Have the jobs done.

        Parameters
        ----------
        jobs : iterable of Job
            Taken as workers become free.
        stop : threading.Event
            Once it is set, no job is begun, and tasks at work are told.
        done : callable
            Called with a job and what its task returned, in any order.
        noted : callable
            Called with a job and the counts in a note.
        mended : callable
            Called with the numbers of the processes that have ended after one of them has died, while none
            is at work.

        Raises
        ------
        ChildProcessError
            If workers die before they are at any input.
        Exception
            What a task raises.
        """
        jobs = iter(jobs)
        while True:
            for job in self._next(jobs, stop):
                self._deal(job)
            if len(self._dealt) < self._count:
                self._ask()
            if stop.is_set():
                self._tell()
            elif self._again:
                self._mend(done, noted, mended)
            if not self._dealt and not self._late:
                return
            with suppress(Empty):
                self._handle(self._events.get(timeout=_SLICE), done, noted)

    def _next(self, jobs, stop):
        while len(self._dealt) < _AHEAD * self._count and not self._again and not stop.is_set():
            job = next(jobs, None)
            if job is None:
                return
            yield job

    def _deal(self, job):
        try:
            future = self._pool.submit(_run, job.number, job.payload, job.careful, job.refused)
        except BrokenProcessPool:
            self._again.append(job)
            return
        self._dealt[future] = self._jobs[job.number] = job
        future.add_done_callback(self._events.put)

    def _ask(self):
        """Ask workers for the ends of tasks, when there is no next job that would bring them."""
        while len(self._asked) < min(self._count, len(self._late)):
            try:
                future = self._pool.submit(_rest)
            except BrokenProcessPool:
                self._give_up_late()
                return
            self._asked.add(future)
            future.add_done_callback(self._events.put)

    def _give_up_late(self):
        """Have the jobs done again whose ends have died with their workers."""
        self._again.extend(self._late.values())
        self._late.clear()

    def _handle(self, event, done, noted):
        """Pass on what a worker has noted or finished."""
        if isinstance(event, bytes):
            pid, number, first, count, *counts = _NOTE.unpack(event)
            at = self._at.setdefault(pid, {})
            if counts[0] < 0:
                at[number, first] = count
                return
            at.pop((number, first), None)
            if number in self._jobs:
                noted(self._jobs[number], tuple(counts))
            return
        job = self._dealt.pop(event, None)
        self._asked.discard(event)
        try:
            results = event.result()
        except (BrokenProcessPool, CancelledError):
            self._again.extend([job] if job else [])
            self._give_up_late()
            return
        if job:
            self._late[job.number] = job
        for number, result in results:
            self._deaths_outside = 0
            done(self._late.pop(number), result)
            del self._jobs[number]

    def _mend(self, done, noted, mended):
        """Replace the workers after one has died, and deal out again what they had."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        # All that the dead have written stands before the mark.
        self._notes.send_bytes(_MARK)
        while (event := self._events.get()) != _MARK:
            self._handle(event, done, noted)
        again = sorted(self._again, key=lambda job: job.number)
        self._again.clear()
        died = [process for process in self._context.started if not process.dismissed]
        by_number, blamed = {job.number: job for job in again}, False
        for process in died:
            for (number, first), count in self._at.get(process.pid, {}).items():
                if number in by_number:
                    by_number[number].blame(first, count, _ended(process.exitcode))
                    blamed = True
        if not blamed:
            self._deaths_outside += 1
        if self._deaths_outside >= _DEATHS_OUTSIDE:
            how = _ended(died[0].exitcode) if died else "for a reason unknown"
            raise ChildProcessError(f"worker processes end before they begin, the last {how}: try workers=1")
        self._at.clear()
        mended({process.pid for process in self._context.started})
        self._hire()
        for job in again:
            self._deal(job)

    def _hire(self):
        self._context = _Context()
        self._pool = ProcessPoolExecutor(
            self._count, self._context, _begin, (self._stopped, self._notes, self._work)
        )

    def _tell(self):
        """Tell all workers to come to an end: they see that there is something to read, and leave it."""
        if not self._told:
            self._told = True
            self._stop.send_bytes(b"stop")

    def _listen(self):
        while (note := self._heard.recv_bytes()) != _END:
            self._events.put(note)


def _ended(code):
    """How a process has ended, in words."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"by {name} (perhaps for want of memory)" if name == "SIGKILL" else f"by {name}"


class _Worker:
    """The state of a worker process."""

    def __init__(self, stopped, pipe, task, setup, arguments):
        self._pipe, self._lock = pipe, threading.Lock()
        self._task, self._setup, self._arguments = task, setup, arguments
        self._state, self._ready = None, False
        self._later = []
        self._stop = threading.Event()
        threading.Thread(target=self._watch, args=(stopped,), daemon=True).start()

    def run(self, number, payload, careful, refused):
        if not self._ready:
            # Here and not before, so that an error is that of the job.
            self._state, self._ready = self._setup(*self._arguments), True
        notes = Notes(self._pipe, self._lock, number)
        result = self._task(self._state, payload, careful, refused, notes, self._stop)
        ended = self._ended()
        if isinstance(result, Later):
            self._later.append((number, result))
        else:
            ended.append((number, result))
        return ended

    def rest(self):
        """The results of tasks that have not been returned."""
        ended = self._ended()
        if not ended:
            time.sleep(_PAUSE)  # another worker has them
        return ended

    def _ended(self):
        ended = [(number, later.end()) for number, later in self._later]
        self._later.clear()
        return ended

    def _watch(self, stopped):
        """Set the event when the parent says so, and end with the parent, however that ends."""
        parent = multiprocessing.parent_process()
        assert parent is not None
        pid, waiting = os.getppid(), [parent.sentinel, stopped]
        while True:
            ready = connection.wait(waiting, _WATCH)
            if parent.sentinel in ready or os.getppid() != pid:
                os._exit(1)
            if stopped in ready:
                waiting.remove(stopped)
                self._stop.set()


_here: _Worker


def _begin(stopped, notes, work):
    """The first thing that a worker does."""
    global _here
    without_blas_threads()
    for number in _HANDLED:
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
    _here = _Worker(stopped, notes, *pickle.loads(work))
    # The last thing: what this process has is on disks and in pipes, and to take it down would take a while.
    Finalize(None, os._exit, args=(0,), exitpriority=-100)


def _run(*job):
    return _here.run(*job)


def _rest():
    return _here.rest()


def in_order() -> Callable[[int, Any], Iterator[Any]]:
    """A function that takes results numbered from 0 in any order, and gives those whose turn it is."""
    early: dict[int, Any] = {}
    following = 0

    def given(number: int, result: Any) -> Iterator[Any]:
        nonlocal following
        early[number] = result
        while following in early:
            yield early.pop(following)
            following += 1

    return given
