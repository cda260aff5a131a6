"""Workers that go on while what they have done reaches the disk."""

import os
import sys
import threading
from pathlib import Path

import pytest

from spectrograms._common.processes import Crew, Job

from ..support import ends

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Have jobs of (name, whose beginning its end awaits, fate) done; names and results as they come."""
    monkeypatch.setattr(sys, "path", [*sys.path, os.fspath(Path(__file__).parents[2])])
    (tmp_path / "begun").touch()

    def run(jobs, workers=1):
        results = []
        dealt = [Job(k, (os.fspath(tmp_path), *job)) for k, job in enumerate(jobs)]
        with Crew(workers, ends.task, ends.nothing) as crew:
            crew.run(dealt, threading.Event(), lambda job, result: results.append((job.payload[1], result)))
        return results

    return run


@pytest.mark.parametrize("workers", [1, 2])
def test_the_end_of_a_task_has_the_time_of_the_next(run, workers):
    """Each end waits until the worker's next task has begun, which it never would if the worker waited."""
    jobs = [("a", "b", ""), ("b", "c", ""), ("c", "d", ""), ("d", None, "")]
    assert sorted(run(jobs, workers)) == [(name, f"{name} ended") for name in "abcd"]


def test_a_worker_that_dies_while_tasks_end(run, tmp_path):
    """What had not ended is done again, and each result comes once."""
    results = run([("a", "b", "die"), ("b", None, ""), ("c", None, "")])
    assert sorted(results) == [(name, f"{name} ended") for name in "abc"]
    assert (tmp_path / "begun").read_text().split().count("a") == 2


def test_a_worker_that_dies_when_no_job_is_left(run, tmp_path):
    assert run([("a", None, "die")]) == [("a", "a ended")]
    assert (tmp_path / "begun").read_text().split() == ["a", "a"]


def test_workers_that_always_die_at_the_end(run):
    with pytest.raises(ChildProcessError, match=r"try workers=1"):
        run([("a", None, "die always")])


@pytest.mark.parametrize("jobs", [[("a", None, "fail")], [("a", "b", "fail"), ("b", None, "")]])
def test_the_error_of_an_end_is_that_of_the_run(run, jobs):
    with pytest.raises(OSError, match="the disk is full"):
        run(jobs)
