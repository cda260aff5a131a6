"""Inputs that failed: one line of ``errors.jsonl`` each."""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections.abc import Iterable, Sequence

from spectrograms._common.files import as_text
from spectrograms.corpus.inputs.finding import Item
from spectrograms.corpus.stores.writing import write_text, writing
from spectrograms.errors import InvalidInputError
from spectrograms.places.paths import joined, names_in, read_bytes, remove
from spectrograms.places.urls import Url

#: File with the failures of a run over all inputs; jobs of an array and parts have their own.
ERRORS = "errors.jsonl"
#: ``id``, ``path``, ``error`` and ``message`` of an input.
Failure = dict[str, str]
# Seconds from one version of an object with failures to the next.
_OFTEN = 2.0
_FIELDS = ("id", "path", "error", "message")
_ERRORS = re.compile(r"errors(-.+)?\.jsonl")


def job_name(shard_index: int | None, num_shards: int | None) -> str:
    """The name of a job of an array, for its files; empty for a run over all inputs."""
    return "" if num_shards is None else f"{shard_index}of{num_shards}"


def log_name(job: str) -> str:
    """Name of the file of failures of a job."""
    return f"errors-{job}.jsonl" if job else ERRORS


def describe(item: Item, error: Exception) -> Failure:
    """A failure as plain data.

    Parameters
    ----------
    item : Item
    error : Exception
    """
    return {"id": item.id, "path": as_text(item.path), "error": type(error).__name__, "message": str(error)}


def to_lines(failures: Iterable[Failure]) -> str:
    """Failures as the text of a file."""
    # JSON escapes the surrogates of undecodable file names in messages.
    return "".join(json.dumps(failure) + "\n" for failure in failures)


class FailureLog:
    """Appends failures as they happen."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self.path: str = joined(folder, name)
        # An object is written anew each time.
        self._all: list[Failure] | None = None
        self._written, self._is_written = time.monotonic(), True

    def add(self, failure: Failure) -> None:
        """Append one failure."""
        if isinstance(self._folder, Url):
            if self._all is None:
                self._all = read_failures(self.path)
            self._all.append(failure)
            self._is_written = False
            if time.monotonic() - self._written >= _OFTEN:
                self.flush()
            return
        with writing(self._folder):
            _end_torn_line(self.path)
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(to_lines([failure]))
                file.flush()
                os.fsync(file.fileno())

    def flush(self) -> None:
        """Write what has not been written yet."""
        if not self._is_written:
            write_text(self.path, to_lines(self._all or ()))
            self._written, self._is_written = time.monotonic(), True

    def rewrite(self, failures: Sequence[Failure]) -> None:
        """Replace all failures."""
        if failures:
            write_text(self.path, to_lines(failures))
        else:
            remove(self.path)


def _end_torn_line(path):
    """End the last line, of which a killed run may have left only half."""
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return
    with open(path, "rb+") as file:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")


def read_failures(path: str) -> list[Failure]:
    """The failures in one file; half lines of a killed run are skipped.

    Raises
    ------
    InvalidInputError
        If a complete line holds something else.
    """
    failures = []
    try:
        content = read_bytes(path)
    except FileNotFoundError:
        return []  # none, or another job has just removed the last of them
    with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                failure = json.loads(line)
            except ValueError:
                continue
            except RecursionError:
                failure = None
            if not (
                isinstance(failure, dict) and all(isinstance(failure.get(name), str) for name in _FIELDS)
            ):
                raise InvalidInputError(
                    f"{path}, line {number}: must be an object with {', '.join(_FIELDS)} as texts: remove it"
                )
            failures.append(failure)
    return failures


def failure_files(folder: str) -> list[str]:
    """Paths of all files of failures in a store."""
    return sorted((joined(folder, name) for name in names_in(folder) if _ERRORS.fullmatch(name)), key=str)


def all_failures(folder: str) -> dict[str, Failure]:
    """Failures of every run over a store, the latest of each id."""
    latest = {}
    for path in failure_files(folder):
        for failure in read_failures(path):
            latest[failure["id"]] = failure
    return latest
