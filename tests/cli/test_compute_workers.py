"""``compute`` of many files by several processes: the same files, in the same order."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spectrograms.cli import computing

from ..support import faults
from ..support.command import run
from ..support.corpora import noise, put

pytestmark = pytest.mark.slow


@pytest.fixture
def files(tmp_path):
    """Forty files, one of which is none."""
    paths = [put(tmp_path / "in", f"{k:02d}.wav", noise(k, 0.2)) for k in range(40)]
    paths[17].write_bytes(b"no audio")
    return paths


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def document(capsys):
    found = json.loads(capsys.readouterr().out)
    del found["seconds"]
    return json.loads(json.dumps(found).replace("/two/", "/one/"))


@pytest.mark.parametrize("options", [["--format", "npy"], ["--channels", "each", "--scale", "mel"]])
def test_the_same_as_one_process(files, tmp_path, capsys, options):
    assert run("compute", *files, "-o", tmp_path / "one", "--workers", "1", "--json", *options) == 3
    one = document(capsys)
    assert run("compute", *files, "-o", tmp_path / "two", "--workers", "2", "--json", *options) == 3
    assert document(capsys) == one
    assert [Path(entry["path"]) for entry in one["files"]] == files[:17] + files[18:]
    assert [entry["path"] for entry in one["failed"]] == [str(files[17])]
    assert content(tmp_path / "two") == content(tmp_path / "one")
    assert len(content(tmp_path / "one")) == 39


def test_where_an_error_came_from(files, tmp_path, capsys):
    assert run("compute", *files[16:19], "-o", tmp_path / "out", "--workers", "2", "-v") == 3
    printed = capsys.readouterr().err
    assert "Traceback" in printed
    assert "read_channels" in printed


@pytest.mark.parametrize("count", ["0", "1025", "-3"])
def test_numbers_of_workers_that_cannot_be(files, tmp_path, capsys, count):
    assert run("compute", *files, "-o", tmp_path / "out", "--workers", count) == 2
    assert f"--workers must be in 1..1024, got {count}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_ends_two_workers_is_a_failure(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, os.fspath(Path(__file__).parents[2])])
    monkeypatch.setattr(computing, "task", faults.compute_task)
    deadly = put(tmp_path / "in", "kill.wav", noise(3))
    inputs = [*files[:9], deadly, *files[9:17]]
    assert run("compute", *inputs, "-o", tmp_path / "out", "--workers", "2", "--format", "npy") == 3
    printed = capsys.readouterr().err
    assert f"{deadly}: 2 worker processes ended while they were at it, the last by SIGKILL" in printed
    assert sorted(content(tmp_path / "out")) == [f"{k:02d}.npy" for k in range(17)]


def test_interrupted(tmp_path):
    paths = [put(tmp_path / "in", f"{k:03d}.wav", noise(k, 30.0)) for k in range(200)]
    out = tmp_path / "out"
    command = [sys.executable, "-P", "-m", "spectrograms", "compute", "-o", out, "--workers", "2", *paths]
    process = subprocess.Popen(
        [*map(os.fspath, command), "--scale", "mel", "--format", "npy"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and not (out.exists() and list(out.glob("*.npy"))):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert list(out.glob("*.npy"))
    assert not list(out.glob(".*"))
