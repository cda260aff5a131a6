"""Runs that end badly: killed, interrupted, out of space, not allowed. Going on completes them all."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
pytest.importorskip("resource", reason="this system has no limits of processes")

import resource

from spectrograms.corpus import FeatureStore, extract, verify
from spectrograms.corpus.stores.writing import StoreError

from ..support.chance import times
from ..support.corpora import digests, noise, plan, recordings, shard_bytes

pytestmark = pytest.mark.slow

KILLS = times(10, 20)


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    """Three hundred files, one of which is none."""
    folder = recordings(tmp_path_factory.mktemp("crash") / "audio", 300, 1.0)
    (folder / "bad.wav").write_bytes(b"no audio")
    return folder


@pytest.fixture(scope="module")
def wanted(audio):
    """What an uninterrupted run gives: digests, shards."""
    out = audio.with_name("whole")
    extract(audio, plan(), out, shard_files=10)
    return digests(FeatureStore(out)), shard_bytes(out)


def start(audio, config, out, *more, **options):
    """Start the command line in a process of its own."""
    command = [sys.executable, "-P", "-m", "spectrograms", "extract", audio, "--config", config, "-o", out]
    return subprocess.Popen(
        [*map(os.fspath, command), "--shard-files", "10", *more],
        cwd=config.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_for(process, out, pattern):
    """Wait until a file of this name is there, or the process has ended."""
    deadline = time.monotonic() + 60
    while process.poll() is None and not list(out.glob(pattern)):
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_killed_at_random_moments(audio, wanted, tmp_path, monkeypatch):
    """The child is forked from a process that has everything loaded, so that kills fall into the work."""
    moments = random.Random(20261122)
    # A process that is killed loses nothing of what it has written, whether that is on the disk or not.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    began = time.monotonic()
    extract(audio, plan(), tmp_path / "timed", shard_files=10, num_threads=2)
    span = (time.monotonic() - began) / 3
    out, rounds, interrupted = tmp_path / "store", 0, 0
    for kill in range(KILLS):
        child = os.fork()
        if child == 0:
            try:
                extract(audio, plan(), out, shard_files=10, num_threads=2)
            finally:
                os._exit(0)
        # Each of the five runs of a round goes on where the last was killed: a third of a whole run at most.
        time.sleep(moments.uniform(0.0, span))
        os.kill(child, signal.SIGKILL)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
            interrupted += 1
        else:
            span *= 0.6  # the machine was busier when it was measured
        if kill % 5 == 4:
            check_resumed(audio, out, wanted)
            rounds += 1
    assert rounds == KILLS // 5
    assert interrupted >= KILLS // 2


def check_resumed(audio, out, wanted):
    """Go on to the end, compare, and clear the place."""
    left = set(shard_bytes(out))
    report = extract(audio, plan(), out, shard_files=10)
    assert report.n_skipped + report.n_done == 300
    assert report.n_failed == 1
    assert left <= set(wanted[1])
    assert digests(FeatureStore(out)) == wanted[0]
    assert shard_bytes(out) == wanted[1]
    assert [failure["id"] for failure in FeatureStore(out).errors] == ["bad"]
    assert verify(out) == []
    assert not list(out.glob(".*.tmp"))
    shutil.rmtree(out)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_runs_close_their_shard(audio, wanted, tmp_path, config, number):
    out = tmp_path / "store"
    process = start(audio, config, out, "--num-threads", "1")
    wait_for(process, out, "part-*.arrow")
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "run the same command again to go on" in errors
    assert not list(out.glob(".*.tmp"))
    assert verify(out) == []
    store = FeatureStore(out)
    assert 0 < len(store) < 300
    assert digests(store).items() <= wanted[0].items()
    process = start(audio, config, out)
    assert process.wait(timeout=60) == 3  # the file that is none
    process.communicate()
    assert digests(FeatureStore(out)) == wanted[0]
    assert verify(out) == []


def test_interrupted_within_a_long_file(tmp_path, config):
    """A file of segments that is under way is left for the next run."""
    folder = tmp_path / "in"
    folder.mkdir()
    with soundfile.SoundFile(folder / "long.flac", "w", 8000, 1) as file:
        block = noise(0, 60.0)
        for _ in range(60):
            file.write(block)
    out = tmp_path / "store"
    process = start(folder, config, out, "--segment", "10", "--num-threads", "1")
    wait_for(process, out, "manifest.json")
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert len(FeatureStore(out)) == 0
    assert sorted(path.name for path in out.iterdir()) == [".lock", "manifest.json", "stats.json"]


def limit(size):
    """Files may not grow beyond this: writing fails as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("more", [[], ["--segment", "0.3"]], ids=["rows", "segments"])
@pytest.mark.parametrize("hands", [["--num-threads", "1"], ["--num-threads", "2"], ["--workers", "2"]])
def test_no_room(audio, wanted, tmp_path, config, hands, more):
    out = tmp_path / "store"
    process = start(audio, config, out, *hands, *more, preexec_fn=limit(60_000))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert f"cannot write to {out}: File too large; finished shards are kept" in errors
    assert "Traceback" not in errors
    assert not list(out.glob(".*.tmp"))
    assert verify(out) == []
    process = start(audio, config, out, *more)
    process.communicate(timeout=60)
    assert process.returncode == 3
    assert verify(out) == []
    if not more:
        assert digests(FeatureStore(out)) == wanted[0]


def test_no_room_for_the_frames_of_a_long_file(audio, tmp_path, config):
    out = tmp_path / "store"
    process = start(audio, config, out, "--segment", "0.3", preexec_fn=limit(4000))
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert f"cannot write to {out}: File too large" in errors


def test_no_folder_to_write_to(audio, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot write to .*file/store: Not a directory"):
        extract(audio, plan(), tmp_path / "file" / "store")


def as_nobody(code, *arguments):
    """Run code as a user without rights, where this one may do everything."""
    # Everything is loaded first: Python itself may be in a folder that is closed to other users.
    prelude = (
        "import os, sys\n"
        "from spectrograms.corpus import extract\n"
        "extract(sys.argv[1], open(sys.argv[2]).read(), sys.argv[3] + '-before', overwrite=True)\n"
        "if os.geteuid() == 0: os.setegid(65534); os.seteuid(65534)\n"
    )
    command = [sys.executable, "-P", "-c", prelude + code, *map(os.fspath, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def public():
    """A folder that other users can reach: pytest's own are for its user alone."""
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o777)
    yield Path(folder)
    shutil.rmtree(folder)


EXTRACT = (
    "report = extract(sys.argv[1], open(sys.argv[2]).read(), sys.argv[3])\n"
    "print(report.n_done, [(f['id'], f['error']) for f in report.failures])\n"
)


def test_not_allowed_to_write(public):
    recordings(public / "in", 2)
    (public / "plan.json").write_text(plan().to_json())
    out = public / "store"
    out.mkdir()
    os.chmod(out, 0o555)
    result = as_nobody(EXTRACT, public / "in", public / "plan.json", out)
    assert f"cannot write to {out}: Permission denied" in result.stderr
    os.chmod(out, 0o777)
    result = as_nobody(EXTRACT, public / "in", public / "plan.json", out)
    assert result.stdout == "2 []\n", result.stderr


def test_not_allowed_to_read(public):
    recordings(public / "in", 3)
    (public / "plan.json").write_text(plan().to_json())
    os.chmod(public / "in" / "speaker1" / "001.wav", 0)
    result = as_nobody(EXTRACT, public / "in", public / "plan.json", public / "store")
    assert result.stdout == "2 [('speaker1/001', 'PermissionError')]\n", result.stderr
