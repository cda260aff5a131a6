"""The program around the verbs: signals, pipes, terminals, errors of the system."""

import io
import os
import signal
import subprocess
import sys
import time

import pytest

from ..support.command import run

RATE = 16000


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_130(tmp_path, number):
    # The first file is a pipe nobody writes to, so that the run waits until the signal comes.
    waiting = tmp_path / "pipe.wav"
    os.mkfifo(waiting)
    command = [sys.executable, "-m", "spectrograms", "compute", waiting, "-o", tmp_path / "out"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 60
        while not (tmp_path / "out").is_dir() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)  # from making the folder to opening the pipe
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert error == b"spectrograms: error: interrupted\n"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_package_ends_the_run(tone, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    damaged = tmp_path / "damaged.wav"
    damaged.write_bytes(tone.read_bytes()[:-1])
    assert run("compute", damaged, "-o", tmp_path / "out.npz") == 1
    assert "needs soundfile: pip install soundfile soxr" in capsys.readouterr().err


@pytest.mark.slow
def test_a_reader_that_leaves_is_no_traceback(tone, tmp_path):
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "spectrograms", "info", tone]
    ran = subprocess.run(command, cwd=tmp_path, stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (ran.returncode, ran.stderr) == (1, b"")


def test_progress_goes_to_a_terminal_only(monkeypatch):
    from spectrograms.cli.console import Console

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert list(Console().progress(["a", "b"])) == ["a", "b"]
    assert "0/2" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", silent := Terminal())
    assert list(Console(quiet=True).progress(["a", "b"])) == ["a", "b"]
    monkeypatch.setattr(silent, "isatty", lambda: False)
    assert list(Console().progress(["a", "b"])) == ["a", "b"]
    assert silent.getvalue() == ""


@pytest.mark.slow
def test_a_pipe_that_closes_early_is_no_error(tone, tmp_path):
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "spectrograms", "compute", tone, "-o", "-"]
    ran = subprocess.run(command, cwd=tmp_path, stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (ran.returncode, ran.stderr) == (1, b"")


def test_errors_of_the_system_are_words(tone, tmp_path, capsys):
    missing = tmp_path / "missing.wav"
    assert run("compute", missing, "-o", tmp_path / "x.npz") == 3
    assert f"  {missing}: No such file or directory\n" in capsys.readouterr().err
    assert run("compute", tone, "-o", tone / "x.npz") == 1
    assert capsys.readouterr().err == f"spectrograms: error: {tone}: File exists\n"
