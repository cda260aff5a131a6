"""Results too large for memory: the same files, made block by block, in memory that does not grow."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.cli import streaming

from ..support.command import run

RATE = 16000


@pytest.fixture
def noise(tmp_path):
    path = tmp_path / "noise.wav"
    samples = 0.1 * np.random.default_rng(0).standard_normal((5 * RATE + 77, 2))
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path


@pytest.fixture
def large(monkeypatch):
    """Everything is too large."""
    monkeypatch.setattr(streaming, "_SMALL_FILE", 0)
    monkeypatch.setattr(streaming, "_SMALL_RESULT", 0)
    monkeypatch.setattr(streaming, "_GATHERED", 10000)


FLAGS = {
    "linear": [],
    "mel": ["--scale", "mel", "--amplitude", "power"],
    "range": ["--f-min", "1000", "--f-max", "3000"],
    "octaves": ["--scale", "cqt", "--cqt-method", "multirate", "--gamma", "3"],
    "each": ["--channels", "each", "--hop-size", "100"],
    "second": ["--channels", "1", "--dtype", "float64"],
    "resampled": ["--sample-rate", "12000"],
    "coefficients": ["--feature", "mfcc", "--n-mfcc", "20"],
    "classes": ["--feature", "chroma", "--n-fft", "2048", "--tuning", "0.2"],
    "onsets": ["--feature", "onsets", "--n-mels", "40", "--lag", "3"],
    "part": ["--start", "1.25", "--duration", "2.5"],
}


@pytest.mark.slow
@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
def test_files_are_those_of_whole_results(noise, tmp_path, monkeypatch, flags, capfd):
    kinds = ("npz", "npy", "png")
    given = [noise, *(f"--format={kind}" for kind in kinds), "--json", *flags]
    assert run("compute", "-o", tmp_path / "whole", *given) == 0
    whole = json.loads(capfd.readouterr().out)
    for name, value in (("_SMALL_FILE", 0), ("_SMALL_RESULT", 0), ("_GATHERED", 10000)):
        monkeypatch.setattr(streaming, name, value)
    assert run("compute", "-o", tmp_path / "blocks", *given) == 0
    blocks = json.loads(capfd.readouterr().out)
    names = sorted(os.listdir(tmp_path / "whole"))
    assert len(names) == len(kinds) * (2 if "each" in flags else 1)
    assert sorted(os.listdir(tmp_path / "blocks")) == names
    for name in names:
        expected, found = ((tmp_path / folder / name).read_bytes() for folder in ("whole", "blocks"))
        if not (name.endswith("png") and "--start" in flags):  # whose times are rounded elsewhere
            assert found == expected, name
    for key in ("sample_rate", "n_samples", "duration", "shape", "unit"):
        assert blocks["files"][0][key] == whole["files"][0][key], key
    if "--start" in flags:
        result = sg.Spectrogram.load(tmp_path / "blocks/noise.npz")
        assert (result.start, result.times[0]) == (1.25, 1.25)


def test_stdout(noise, large, capfdbinary):
    assert run("compute", noise, "-o", "-") == 0
    found = np.load(io.BytesIO(capfdbinary.readouterr().out))
    samples, rate = sg.read_audio(noise)
    params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hanning"), rate)
    assert np.array_equal(
        found, sg.SpectrogramPlan(params, None, "db", dtype="float32").compute(samples).data
    )


@pytest.mark.parametrize(
    "flags", [["--channels", "7"], ["--start", "100"], ["--scale", "mel", "--f-max", "9000"]]
)
def test_errors_are_those_of_whole_results(noise, tmp_path, large, flags, capfd):
    assert run("compute", noise, "-o", tmp_path / "out.npy", *flags) in (1, 2, 3)
    assert capfd.readouterr().err.count("\n") <= 2
    assert not (tmp_path / "out.npy").exists()


def test_a_recording_that_breaks_off_leaves_nothing(noise, tmp_path, large, capfd):
    flac = tmp_path / "noise.flac"
    soundfile.write(flac, soundfile.read(noise)[0], RATE)
    content = flac.read_bytes()
    flac.write_bytes(content[: len(content) // 2])
    assert run("compute", flac, "-o", tmp_path / "out", "--format", "npy", "--format", "png") in (1, 3)
    assert os.listdir(tmp_path / "out") == []


@pytest.mark.parametrize("expected", [1, 7, 500, 1000, 1001, 5000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tables_hold_whatever_comes(expected, dtype, monkeypatch):
    monkeypatch.setattr(streaming, "_GATHERED", 700)
    values = np.random.default_rng(0).standard_normal((5, 1000)).astype(dtype)
    file = io.BytesIO()
    table = streaming.Table(file, 5, dtype, expected)
    for part in np.split(values, [3, 3, 100, 101, 640], axis=1):
        table.append(part)
    table.finish()
    saved = io.BytesIO()
    np.save(saved, values)
    assert file.getvalue() == saved.getvalue()


@pytest.mark.parametrize("expected", [1, 100, 10000, 100000])
def test_columns_are_the_largest_of_their_frames(expected, monkeypatch):
    monkeypatch.setattr(streaming, "_COLUMNS", 64)
    values = np.random.default_rng(0).standard_normal((3, 10007))
    columns = streaming.Columns(expected)
    for part in np.array_split(values, 40, axis=1):
        columns.append(part)
    found, step = columns.finish(), columns.step
    assert step >= -(-expected // 64)
    assert found.shape[1] == -(-10007 // step) <= 129
    for k in range(found.shape[1]):
        assert np.array_equal(found[:, k], values[:, k * step : (k + 1) * step].max(axis=1))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the high-water mark of Linux")
@pytest.mark.parametrize("kind", ["npy", "npz", "png"])
def test_memory_does_not_grow(tmp_path, kind):
    path = tmp_path / "long.wav"
    noise = (3000 * np.random.default_rng(0).standard_normal(96000)).astype("int16")
    peaks = []
    script = (
        "import sys; from spectrograms.cli import main; code = main(sys.argv[1:]);"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')));"
        "sys.exit(code)"
    )
    for seconds in (120, 600):
        with soundfile.SoundFile(path, "w", 96000, 1, "PCM_16") as file:
            for _ in range(seconds):
                file.write(noise)
        argv = [sys.executable, "-c", script, "compute", path, "-o", tmp_path / f"out.{kind}", "-q"]
        ran = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, check=True)
        peaks.append(int(ran.stdout.split()[-1]) / 1024)
    # A megabyte of times for each ten minutes is part of an .npz file.
    assert peaks[1] < peaks[0] + 30, peaks
