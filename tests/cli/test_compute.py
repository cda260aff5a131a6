"""The verb ``compute``: what is computed, where it goes, and what happens to bad inputs."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.audio import read_audio

from ..support.command import run, spawn

RATE = 16000


def expected(samples, scale=None, amplitude="db", rate=RATE, dtype="float32", n_fft=1024, hop_size=256):
    params = sg.SpectrogramParams(sg.StftParams(n_fft, hop_size, "hanning"), rate)
    return sg.SpectrogramPlan(params, scale, amplitude=amplitude, dtype=dtype).compute(samples)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "scale"),
    [
        ([], None),
        (["--scale", "mel", "--n-mels", "20"], sg.MelParams(20, 0.0, 8000.0)),
        (
            ["--scale", "mel", "--norm", "slaney", "--formula", "htk", "--f-min", "100", "--f-max", "4000"],
            sg.MelParams(80, 100.0, 4000.0, "slaney", formula="htk"),
        ),
        (["--scale", "erb", "--n-filters", "12"], sg.ErbParams(12, 50.0, 8000.0)),
        (["--scale", "bark", "--n-bands", "12"], sg.BarkParams(12, 0.0, 8000.0)),
        (["--scale", "bark", "--formula", "wang"], sg.BarkParams(24, 0.0, 8000.0, formula="wang")),
        (["--scale", "loghz", "--n-bins", "30"], sg.LogHzParams(30, 32.7, 8000.0)),
        (["--f-min", "1000", "--f-max", "4000"], sg.LinearParams(1000.0, 4000.0)),
        (["--scale", "octave", "--fraction", "1", "--f-max", "4000"], sg.OctaveParams(1, 25.0, 4000.0)),
        (
            ["--scale", "cqt", "--bins-per-octave", "6", "--n-octaves", "3", "--f-min", "200"],
            sg.CqtParams(6, 3, 200.0),
        ),
        (
            ["--scale", "cqt", "--cqt-method", "multirate", "--gamma", "5", "--n-octaves", "7"],
            sg.CqtParams(12, 7, 32.7, method="multirate", gamma=5.0),
        ),
    ],
    ids=["linear", "mel", "mel-htk", "erb", "bark", "bark-wang", "loghz", "range", "octave", "cqt", "vqt"],
)
@pytest.mark.parametrize("amplitude", ["power", "magnitude", "db"])
def test_compute_is_the_plan(tone, tmp_path, flags, scale, amplitude):
    out = tmp_path / "out.npz"
    assert run("compute", tone, "-o", out, "--amplitude", amplitude, *flags) == 0
    written = sg.Spectrogram.load(out)
    wanted = expected(read_audio(tone)[0], scale, amplitude)
    assert written.data.dtype == np.float32
    np.testing.assert_array_equal(written.data, wanted.data)
    assert list(written.frequencies) == list(wanted.frequencies)
    assert list(written.times) == list(wanted.times)


def test_stft_options_arrive(tone, tmp_path):
    out = tmp_path / "out.npy"
    flags = "--n-fft 512 --hop-size 100 --win-length 400 --no-centre --window blackman --periodic"
    flags += " --pad-mode reflect --dtype float64 --floor-db -40"
    assert run("compute", tone, "-o", out, *flags.split()) == 0
    stft = sg.StftParams(512, 100, "blackman", False, win_length=400, pad_mode="reflect", periodic=True)
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(stft, RATE), amplitude="db", db=sg.LogParams(-40.0))
    wanted = plan.compute(read_audio(tone)[0]).data
    written = np.load(out)
    assert written.dtype == np.float64
    assert written.min() == -40.0
    np.testing.assert_array_equal(written, wanted)


def test_sample_rate_resamples(tone, tmp_path):
    out = tmp_path / "out.npy"
    assert run("compute", tone, "-o", out, "--sample-rate", "8000") == 0
    wanted = expected(read_audio(tone, sample_rate=8000)[0], rate=8000)
    np.testing.assert_array_equal(np.load(out), wanted.data)


def test_resampling_quality(tone, tmp_path):
    out = tmp_path / "out.npy"
    assert run("compute", tone, "-o", out, "--sample-rate", "8000", "--resampling-quality", "LQ") == 0
    wanted = expected(read_audio(tone, 8000, quality="LQ")[0], rate=8000)
    np.testing.assert_array_equal(np.load(out), wanted.data)


def test_cqt_takes_the_octaves_that_fit(tone, tmp_path):
    out = tmp_path / "out.npz"
    assert run("compute", tone, "-o", out, "--scale", "cqt", "--f-min", "500") == 0
    # Three octaves end at 3775 Hz; four would end at 500 * 2**(4 - 1/12) = 7551 Hz, below 8000 Hz.
    assert len(sg.Spectrogram.load(out).frequencies) == 48


@pytest.mark.parametrize(("channel", "hz"), [("0", 1000), ("1", 2000)])
def test_one_channel(tone, tmp_path, channel, hz):
    out = tmp_path / "out.npz"
    assert run("compute", tone, "-o", out, "--channels", channel) == 0
    spectrogram = sg.Spectrogram.load(out)
    assert spectrogram.frequencies[int(spectrogram.data[:, 10].argmax())] == hz


def test_each_channel_gets_its_file(tone, tmp_path):
    out = tmp_path / "out"
    assert run("compute", tone, "-o", out, "--channels", "each", "--format", "npy") == 0
    assert sorted(path.name for path in out.iterdir()) == ["tone.ch0.npy", "tone.ch1.npy"]
    left, right = read_audio(tone, mono=False)[0]
    np.testing.assert_array_equal(np.load(out / "tone.ch0.npy"), expected(left).data)
    np.testing.assert_array_equal(np.load(out / "tone.ch1.npy"), expected(right).data)


@pytest.mark.slow
def test_several_formats_into_a_new_folder(tone, tmp_path):
    out = tmp_path / "deep" / "folder"
    formats = ["--format", "npz", "--format", "npy", "--format", "png"]
    assert run("compute", tone, "-o", out, *formats) == 0
    assert sorted(path.name for path in out.iterdir()) == ["tone.npy", "tone.npz", "tone.png"]
    assert (out / "tone.png").read_bytes().startswith(b"\x89PNG")
    np.testing.assert_array_equal(np.load(out / "tone.npy"), sg.Spectrogram.load(out / "tone.npz").data)


@pytest.mark.slow
def test_standard_output_is_an_npy_file(tone, tmp_path):
    ran = spawn("compute", tone, "-o", "-", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    np.testing.assert_array_equal(np.load(io.BytesIO(ran.stdout)), expected(read_audio(tone)[0]).data)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tone, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out" / "tone.npy"
    out.parent.mkdir()
    out.write_bytes(b"old")

    def full_disk(file, array):
        file.write(b"half")
        raise OSError(28, "No space left on device", file.name)

    monkeypatch.setattr(np, "save", full_disk)
    assert run("compute", tone, "-o", out) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert [path.name for path in out.parent.iterdir()] == ["tone.npy"]
    assert out.read_bytes() == b"old"


def test_a_second_run_replaces_the_first(tone, tmp_path):
    out = tmp_path / "out.npy"
    for n_fft in ("256", "512"):
        assert run("compute", tone, "-o", out, "--n-fft", n_fft) == 0
    assert np.load(out).shape[0] == 257


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".png"])
def test_an_output_that_cannot_be_written_is_named(tone, tmp_path, capsys, suffix):
    path = tmp_path / ("x" * 252 + suffix)
    assert run("compute", tone, "-o", path) == 1
    assert capsys.readouterr().err == f"spectrograms: error: {path}: File name too long\n"


def test_bad_files_do_not_stop_the_others(tone, text_file, tmp_path, capsys):
    out = tmp_path / "out"
    missing = tmp_path / "missing.wav"
    assert run("compute", missing, text_file, tone, "-o", out, "--json") == 3
    printed = capsys.readouterr()
    assert [path.name for path in out.iterdir()] == ["tone.npz"]
    assert "2 of 3 inputs failed" in printed.err
    assert "missing.wav: No such file or directory" in printed.err
    assert "notes.wav: cannot read audio file" in printed.err
    document = json.loads(printed.out)
    assert [entry["error"] for entry in document["failed"]] == ["FileNotFoundError", "InvalidInputError"]
    assert [entry["path"] for entry in document["files"]] == [str(tone)]


def test_a_band_above_nyquist_fails_that_file_only(tone, tmp_path, capsys):
    slow = tmp_path / "slow.wav"
    soundfile.write(slow, np.zeros(4000), 8000)
    flags = ["--scale", "mel", "--f-max", "6000"]
    assert run("compute", slow, tone, "-o", tmp_path / "out", *flags) == 3
    assert "slow.wav: mel f_max must be <= Nyquist" in capsys.readouterr().err
    assert (tmp_path / "out" / "tone.npz").exists()


def test_a_channel_the_file_does_not_have(tone, tmp_path, capsys):
    assert run("compute", tone, "-o", tmp_path / "out.npz", "--channels", "2") == 3
    assert "channel must be in 0..1, got 2" in capsys.readouterr().err


def test_verbose_shows_the_traceback_and_the_outputs(tone, text_file, tmp_path, capsys):
    assert run("compute", tone, text_file, "-o", tmp_path / "out", "-v") == 3
    error = capsys.readouterr().err
    assert "Traceback" in error
    assert f"{tone} -> {tmp_path / 'out' / 'tone.npz'}" in error


def test_quiet_says_nothing_about_success(tone, tmp_path, capsys):
    other = tmp_path / "other.wav"
    other.write_bytes(tone.read_bytes())
    assert run("compute", tone, other, "-o", tmp_path / "out", "-q") == 0
    assert capsys.readouterr() == ("", "")
    assert run("compute", tone, other, "-o", tmp_path / "out") == 0
    assert "2 files, 1.0 s of audio" in capsys.readouterr().err


@pytest.mark.slow
def test_file_names_that_are_no_text(tone, tmp_path):
    odd = os.fsencode(tmp_path) + b"/odd\xff.wav"
    os.rename(tone, odd)
    command = [os.fsencode(sys.executable), b"-m", b"spectrograms", b"info", odd]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert rb"odd\udcff.wav" in ran.stdout
    command[3:] = [b"compute", odd, b"-o", os.fsencode(tmp_path / "out")]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert os.listdir(os.fsencode(tmp_path / "out")) == [b"odd\xff.npz"]


@pytest.mark.slow
def test_names_that_are_no_formulas(tone, tmp_path):
    path = tmp_path / "$\\frac$ a_$b$ \n.wav"
    os.rename(tone, path)
    assert run("compute", path, "-o", tmp_path / "x.png") == 0
