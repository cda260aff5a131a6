"""Lines of progress for logs, in place of a bar where there is no terminal."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

#: Seconds from one line to the next.
INTERVAL = 30.0


class Lines:
    """Reports every half minute how far a run has come, even if it makes no progress.

    Parameters
    ----------
    total : int
        Things to do.
    unit : str
        What they are.
    say : callable
        Takes a line.
    clock : callable
        Seconds, of :func:`time.monotonic` or a test.
    """

    def __init__(
        self, total: int, unit: str, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._unit, self._say, self._clock = total, unit, say, clock
        self._state = 0, "", 0
        self._started = clock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spectrograms-progress", daemon=True)

    def __enter__(self) -> Lines:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def show(self, done: int, words: str = "", before: int = 0, total: int | None = None) -> None:
        """Record how many are done, a few words, how many were done before this run, and the total number."""
        if total is not None:
            self._total = total
        self._state = done, words, before

    def line(self) -> str:
        """How far the run has come, how fast it is, and how long the rest takes at that speed."""
        done, words, before = self._state
        seconds = self._clock() - self._started
        speed = (done - before) / seconds if seconds > 0 else 0.0
        percent = f" ({100 * done // self._total} %)" if self._total else ""
        parts = [f"{done} of {self._total} {self._unit}s{percent}", words, f"{speed:.3g} {self._unit}s/s"]
        if speed > 0:
            parts.append(f"{span((self._total - done) / speed)} left")
        return ", ".join(part for part in parts if part)

    def _run(self):
        while not self._ended.wait(INTERVAL):
            self._say(self.line())


def span(seconds: float) -> str:
    """A time in one or two units, for people."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
