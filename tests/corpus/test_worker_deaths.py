"""Workers that die, parents that die, signals: nothing is lost, and nobody is left behind."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, verify
from spectrograms.corpus.run import workers

from ..support import faults
from ..support.chance import times
from ..support.corpora import content, digests, noise, plan, put, recordings, shard_bytes

pytestmark = pytest.mark.slow

KILLS = times(5, 20)


@pytest.fixture
def reachable(monkeypatch):
    """Workers find the modules of these tests, after all others."""
    monkeypatch.setattr(sys, "path", [*sys.path, os.fspath(Path(__file__).parents[2])])


@pytest.fixture
def deadly(monkeypatch, reachable):
    """Workers that do as the names of their files say."""
    monkeypatch.setattr(workers, "_task", faults.task)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_input_that_ends_two_workers_is_a_failure(mixed, alone, tmp_path, deadly, threads):
    folder, out = tmp_path / "in", tmp_path / "store"
    shutil.copytree(mixed, folder)
    for name in ("speaker0/kill", "speaker2/abort"):
        put(folder, f"{name}.wav", noise(3))
    seen = []
    progress = lambda report: seen.append(report.n_done)  # noqa: E731
    report = extract(folder, plan(), out, workers=2, shard_files=8, num_threads=threads, progress=progress)
    failures = {failure["id"]: failure for failure in FeatureStore(out).errors}
    assert list(failures) == ["a", "speaker0/kill", "speaker1/m", "speaker2/abort", "z"]
    assert [failure["id"] for failure in report.failures] == list(failures)
    for name, number in [("speaker0/kill", "SIGKILL"), ("speaker2/abort", "SIGABRT")]:
        assert failures[name]["error"] == "ChildProcessError"
        assert (
            f"2 worker processes ended while they were at it, the last by {number}"
            in failures[name]["message"]
        )
    there = {name: row[:2] for name, row in digests(FeatureStore(out)).items()}
    assert there == {name: row[:2] for name, row in digests(FeatureStore(alone)).items()}
    assert report.n_done == 120
    assert seen[-1] == 120
    assert verify(out) == []
    assert not list(out.glob(".*.tmp"))
    again = extract(folder, plan(), out, workers=2, shard_files=8)
    assert (again.n_done, again.n_failed_before) == (0, 5)


def test_a_worker_that_dies_once_takes_nothing_along(mixed, alone, tmp_path, deadly):
    folder, out = mixed, tmp_path / "store"
    (tmp_path / "once").touch()
    with faults.dying_once(folder / "speaker1" / "061.wav", tmp_path / "once"):
        report = extract(folder, plan(), out, workers=2, shard_files=8)
    assert not (tmp_path / "once").exists()
    assert report.n_done == 120
    assert content(out) == content(alone)


def test_a_worker_out_of_memory(mixed, alone, tmp_path, deadly):
    """An input that asks for too much is a failure of its own, as in one process; the worker lives on."""
    folder, out = tmp_path / "in", tmp_path / "store"
    shutil.copytree(mixed, folder)
    put(folder, "hungry.wav", noise(3))
    report = extract(folder, plan(), out, workers=2, shard_files=8)
    assert {f["id"]: f["error"] for f in report.failures}["hungry"] == "MemoryError"
    assert report.n_done == 120


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not keep to the limit")
def test_a_worker_that_the_system_gives_no_memory(mixed, alone, tmp_path, monkeypatch, reachable):
    """A recording whose samples do not fit in what the process may have, by a limit of the system."""
    folder, out = tmp_path / "in", tmp_path / "store"
    shutil.copytree(mixed, folder)
    vast = put(folder, "speaker1/vast.wav", noise(3))
    size = 300 << 20  # nothing on the disk: a hole
    content_of = bytearray(vast.read_bytes()[:44])
    content_of[4:8], content_of[40:44] = (n.to_bytes(4, "little") for n in (size + 36, size))
    vast.write_bytes(content_of)
    os.truncate(vast, size + 44)
    monkeypatch.setattr(workers, "_task", faults.narrow_task)
    report = extract(folder, plan(), out, workers=2, shard_files=8)
    failures = {failure["id"]: failure["error"] for failure in FeatureStore(out).errors}
    assert list(failures) == ["a", "speaker1/m", "speaker1/vast", "z"]
    assert failures["speaker1/vast"] in ("MemoryError", "ChildProcessError")
    assert report.n_done == 120
    there = {name: row[:2] for name, row in digests(FeatureStore(out)).items()}
    assert there == {name: row[:2] for name, row in digests(FeatureStore(alone)).items()}
    assert verify(out) == []


def test_workers_that_cannot_begin_end_the_run(mixed, tmp_path, monkeypatch, reachable):
    monkeypatch.setattr(workers, "_setup", faults.no_setup)
    with pytest.raises(ChildProcessError, match="end before they begin, the last with exit code 3"):
        extract(mixed, plan(), tmp_path / "store", workers=2, shard_files=8)
    assert extract(mixed, plan(), tmp_path / "store", shard_files=8).n_done == 120


def test_an_error_of_the_caller_ends_the_run_in_order(mixed, alone, tmp_path):
    def progress(report):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        extract(mixed, plan(), tmp_path / "store", workers=2, shard_files=8, progress=progress)
    assert not list((tmp_path / "store").glob(".*.tmp"))
    assert extract(mixed, plan(), tmp_path / "store", shard_files=8).n_done > 0
    assert digests(FeatureStore(tmp_path / "store")) == digests(FeatureStore(alone))


def test_strict(mixed, tmp_path):
    with pytest.raises(sg.InvalidInputError, match=r"\.wav' failed"):
        extract(mixed, plan(), tmp_path / "store", workers=2, shard_files=8, strict=True)
    assert verify(tmp_path / "store") == []
    assert len(FeatureStore(tmp_path / "store")) < 120


def children(pid):
    """The processes that a process has started, and theirs."""
    found = [int(name) for name in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [other for child in found for other in children(child)]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def wait_for_more(process, out, count):
    """Wait until there are so many shards, or the process has ended."""
    wait_until(lambda: len(list(out.glob("part-*.arrow"))) >= count or process.poll() is not None)


def start(mixed, config, out, *more):
    """The command line, in a group of processes of its own."""
    command = [sys.executable, "-P", "-m", "spectrograms", "extract", mixed, "--config", config, "-o", out]
    return subprocess.Popen(
        [*map(os.fspath, command), "--shard-files", "8", "--workers", "2", *more],
        cwd=config.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Files for a second or two."""
    folder = recordings(tmp_path_factory.mktemp("many") / "audio", 200, 20.0)
    (folder / "bad.wav").write_bytes(b"no audio")
    return folder


@pytest.fixture(scope="module")
def wanted(many):
    """What becomes of them in one process."""
    out = many.with_name("wanted")
    extract(many, plan(), out, shard_files=8)
    return out


def check_resumed(many, wanted, out, workers=1):
    report = extract(many, plan(), out, shard_files=8, workers=workers)
    assert report.n_skipped + report.n_done == 200
    assert digests(FeatureStore(out)) == digests(FeatureStore(wanted))
    assert [failure["id"] for failure in FeatureStore(out).errors] == ["bad"]
    assert verify(out) == []
    assert not list(out.glob(".*.tmp"))


@pytest.mark.parametrize("whole_group", [False, True])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(many, wanted, tmp_path, config, number, whole_group):
    out = tmp_path / "store"
    process = start(many, config, out)
    wait_for_more(process, out, 1)
    begun = children(process.pid)
    assert len(begun) >= 2
    (os.killpg if whole_group else os.kill)(process.pid, number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "run the same command again to go on" in errors
    assert "Traceback" not in errors
    wait_until(lambda: not any(map(is_alive, begun)))
    assert not list(out.glob(".*.tmp"))
    assert verify(out) == []
    assert 0 < len(FeatureStore(out)) < 200
    check_resumed(many, wanted, out)


def test_a_second_interrupt_ends_at_once(many, wanted, tmp_path, config):
    out = tmp_path / "store"
    process = start(many, config, out)
    wait_for_more(process, out, 1)
    begun = children(process.pid)
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.01)
    process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    wait_until(lambda: not any(map(is_alive, begun)))
    check_resumed(many, wanted, out)


def test_the_parent_is_killed(many, wanted, tmp_path, config):
    """Workers end with it, whatever they are at: the next run finds nobody at work."""
    out = tmp_path / "store"
    moments = random.Random(20261130)
    for count in (1, 2, 3):
        process = start(many, config, out)
        wait_for_more(process, out, len(list(out.glob("part-*.arrow"))) + count)
        time.sleep(moments.uniform(0.0, 0.1))
        begun = children(process.pid)
        assert len(begun) >= 2
        process.kill()
        process.wait()
        wait_until(lambda begun=begun: not any(map(is_alive, begun)), 20)
        process.communicate()
    check_resumed(many, wanted, out, workers=2)


def test_workers_are_killed_at_random_moments(many, wanted, tmp_path, config):
    moments = random.Random(20261130)
    out = tmp_path / "store"
    process = start(many, config, out)
    wait_for_more(process, out, 1)
    killed = 0
    while killed < 4 and process.poll() is None:
        # The first at once: a fast machine may have little left to do.
        time.sleep(moments.uniform(0.0, 0.3) if killed else 0.0)
        workers_now = [pid for pid in children(process.pid) if is_worker(pid)]
        if workers_now:
            os.kill(moments.choice(workers_now), signal.SIGKILL)
            killed += 1
            # Until there is progress again: inputs that have ended two workers would be given up.
            wait_for_more(process, out, len(list(out.glob("part-*.arrow"))) + 2)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3, errors
    assert killed >= 1
    assert content(out) == content(wanted)


def is_worker(pid):
    try:
        return "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def test_killed_at_random_moments(many, wanted, tmp_path, monkeypatch):
    """The parent each time; before it one of its workers every other time, whom another one replaces."""
    moments, out, interrupted = random.Random(20261201), tmp_path / "store", 0
    # A process that is killed loses nothing of what it has written, whether that is on the disk or not.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    began = time.monotonic()
    extract(many, plan(), tmp_path / "timed", shard_files=8, workers=2)
    span = (time.monotonic() - began) / 2
    for kill in range(KILLS):
        child = os.fork()
        if child == 0:
            try:
                extract(many, plan(), out, shard_files=8, workers=2)
            finally:
                os._exit(0)
        if kill % 2:
            time.sleep(moments.uniform(0.0, span))
            for worker in children(child)[-1:]:
                os.kill(worker, signal.SIGKILL)
        time.sleep(moments.uniform(0.0, span))
        begun = children(child)
        os.kill(child, signal.SIGKILL)
        interrupted += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        wait_until(lambda those=begun: not any(map(is_alive, those)))
        if out.exists():
            assert shard_bytes(out).items() <= shard_bytes(wanted).items()
        if kill % 5 == 4:
            check_resumed(many, wanted, out)
            assert shard_bytes(out) == shard_bytes(wanted)
            shutil.rmtree(out)
    assert interrupted >= KILLS // 2
