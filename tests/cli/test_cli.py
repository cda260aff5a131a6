"""The command line: what each verb writes and prints, its exit codes, and what happens to bad inputs."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.audio import read_audio
from spectrograms.cli import main
from spectrograms.cli.options import OPTIONS
from spectrograms.corpus import FeatureStore

RECORDINGS = Path(__file__).parents[1] / "data" / "audio"
RATE = 16000


@pytest.fixture
def tone(tmp_path):
    """A stereo file: 1 kHz to the left, 2 kHz to the right."""
    path = tmp_path / "tone.wav"
    seconds = np.arange(RATE // 2) / RATE
    channels = [0.5 * np.sin(2 * np.pi * hz * seconds) for hz in (1000, 2000)]
    soundfile.write(path, np.stack(channels, axis=1), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def text_file(tmp_path):
    path = tmp_path / "notes.wav"
    path.write_text("no audio")
    return path


def run(*argv):
    """The exit code of the command line, run in this process."""
    try:
        return main([os.fspath(part) for part in argv])
    except SystemExit as error:
        return error.code


def spawn(*argv, cwd, **options):
    """Run the command line in a process of its own, away from the checkout."""
    command = [sys.executable, "-m", "spectrograms", *map(os.fspath, argv)]
    return subprocess.run(command, cwd=cwd, capture_output=True, timeout=120, check=False, **options)


def expected(samples, scale=None, amplitude="db", rate=RATE, dtype="float32", n_fft=1024, hop_size=256):
    params = sg.SpectrogramParams(sg.StftParams(n_fft, hop_size, "hanning"), rate)
    return sg.SpectrogramPlan(params, scale, amplitude=amplitude, dtype=dtype).compute(samples)


# compute: what is computed


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
        (["--scale", "loghz", "--n-bins", "30"], sg.LogHzParams(30, 32.7, 8000.0)),
        (
            ["--scale", "cqt", "--bins-per-octave", "6", "--n-octaves", "3", "--f-min", "200"],
            sg.CqtParams(6, 3, 200.0),
        ),
    ],
    ids=["linear", "mel", "mel-htk", "erb", "loghz", "cqt"],
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


# compute: where it goes


def test_several_formats_into_a_new_folder(tone, tmp_path):
    out = tmp_path / "deep" / "folder"
    formats = ["--format", "npz", "--format", "npy", "--format", "png"]
    assert run("compute", tone, "-o", out, *formats) == 0
    assert sorted(path.name for path in out.iterdir()) == ["tone.npy", "tone.npz", "tone.png"]
    assert (out / "tone.png").read_bytes().startswith(b"\x89PNG")
    np.testing.assert_array_equal(np.load(out / "tone.npy"), sg.Spectrogram.load(out / "tone.npz").data)


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


# compute: failures


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


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "no -o OUT given"),
        (["-o", "out.npx"], "expected .npz, .npy, .png"),
        (["-o", "out.npz", "--format", "png"], "disagrees"),
        (["-o", "-", "--json"], "both want stdout"),
        (["-o", "-", "--format", "png"], "writes .npy only"),
        (["-o", "-", "--channels", "each"], "use --channels mix"),
        (["-o", "x.npz", "--n-mels", "40"], "--n-mels needs --scale mel"),
        (["-o", "x.npz", "--amplitude", "power", "--floor-db", "-60"], "--floor-db needs --amplitude db"),
        (["-o", "x.npz", "--hop-size", "2000"], "hop_size must be <= n_fft"),
        (["-o", "x.npz", "--window", "no-such-window"], "no-such-window"),
        (["-o", "x.npz", "--scale", "mel", "--f-min", "300", "--f-max", "200"], "f_max must be > f_min"),
        (["-o", "x.npz", "--scale", "loghz", "--f-min", "0"], "f_min"),
        (["-o", "x.npz", "--scale", "cqt", "--f-min", "0"], "f_min"),
        (["-o", "x.npz", "--scale", "mel", "--f-max", "6000", "--sample-rate", "8000"], "Nyquist"),
        (["-o", "x.npz", "--n-fft", "many"], "expected a whole number, got 'many'"),
        (["-o", "x.npz", "--channels", "-1"], "expected"),
        (["-o", "x.npz", "--scale", "bark"], "invalid choice"),
        (["-o", "x.npz", "--config", "nowhere.json"], "nowhere.json: No such file"),
    ],
)
def test_wrong_usage(tone, tmp_path, monkeypatch, capsys, flags, message):
    monkeypatch.chdir(tmp_path)
    assert run("compute", tone, *flags) == 2
    error = capsys.readouterr().err
    assert error.startswith("spectrograms: error: ")
    assert error.endswith(" (see spectrograms compute --help)\n")
    assert error.count("\n") == 1
    assert message in error
    assert [path.name for path in tmp_path.iterdir()] == ["tone.wav"]


def test_wrong_usage_with_several_files(tone, tmp_path, capsys):
    (tmp_path / "sub").mkdir()
    twin = tmp_path / "sub" / "tone.flac"
    assert run("compute", tone, twin, "-o", tmp_path / "out.npz") == 2
    assert "is one file, but there are 2 inputs" in capsys.readouterr().err
    assert run("compute", tone, twin, "-o", tmp_path / "out") == 2
    assert "would have the same output name" in capsys.readouterr().err
    assert run("compute", tone, twin, "-o", "-") == 2
    assert "several inputs" in capsys.readouterr().err
    assert run("compute", "-o", tmp_path / "out") == 2
    assert "no FILE given" in capsys.readouterr().err


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


# configuration


def printed_config(capsys, *argv):
    assert run("compute", "--print-config", *argv) == 0
    return json.loads(capsys.readouterr().out)


def test_defaults(capsys):
    assert printed_config(capsys) == {
        "schema": 1,
        "scale": "linear",
        "amplitude": "db",
        "n_fft": 1024,
        "hop_size": 256,
        "window": "hanning",
        "win_length": None,
        "centre": True,
        "pad_mode": "zeros",
        "periodic": False,
        "floor_db": -80.0,
        "dtype": "float32",
        "sample_rate": None,
        "channels": "mix",
    }


def test_flags_rank_above_the_config_file(tmp_path, capsys):
    path = tmp_path / "config.toml"
    path.write_text('scale = "mel"\nn_mels = 40\nn_fft = 2048\nn_filters = 9\n')
    config = printed_config(capsys, "--config", path, "--n-mels", "64")
    assert (config["scale"], config["n_mels"], config["n_fft"]) == ("mel", 64, 2048)
    assert "n_filters" not in config
    assert printed_config(capsys, "--config", path, "--scale", "erb")["n_filters"] == 9


@pytest.mark.parametrize("scale", ["linear", "mel", "erb", "loghz", "cqt"])
def test_a_printed_config_is_a_config_file(tmp_path, capsys, scale):
    config = printed_config(capsys, "--scale", scale, "--no-center", "--channels", "1", "--n-fft", "2048")
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    assert printed_config(capsys, "--config", path) == config
    assert config["centre"] is False
    assert config["channels"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"n_ffft": 512}', "unknown option 'n_ffft'"),
        ('{"n_fft": 512.5}', "n_fft must be a whole number, got 512.5"),
        ('{"n_fft": null}', "n_fft must be a whole number, got None"),
        ('{"centre": 1}', "centre must be true or false, got 1"),
        ('{"scale": "bark"}', "scale must be one of linear, mel"),
        ('{"floor_db": NaN}', "is not JSON: it has no number NaN"),
        ('{"schema": 2}', "schema must be 1"),
        ("[]", "must be a JSON object"),
        ("{", "Expecting property name"),
    ],
)
def test_wrong_config_file(tmp_path, capsys, content, message):
    path = tmp_path / "config.json"
    path.write_text(content)
    assert run("compute", "--print-config", "--config", path) == 2
    error = capsys.readouterr().err
    assert str(path) in error
    assert message in error


def test_every_option_is_a_flag_with_help(capsys):
    assert run("compute", "--help") == 0
    text = capsys.readouterr().out
    for option in OPTIONS:
        assert f"--{option.name.replace('_', '-')}" in text


# info, demo, version


def test_info(tone, text_file, capsys):
    assert run("info", tone) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["file", "seconds", "rate"]
    assert row.split() == [str(tone), "0.500", "16000", "2", "8000", "WAV", "FLOAT"]
    assert run("info", tone, text_file, "--json") == 3
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["schema"] == 1
    assert document["files"][0]["n_samples"] == 8000
    assert document["failed"][0]["path"] == str(text_file)
    assert "1 of 2 inputs failed" in printed.err


@pytest.mark.slow
@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are in the repository only")
def test_demo_on_the_recordings(tmp_path):
    ran = spawn("demo", RECORDINGS, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    recordings = [path for path in RECORDINGS.iterdir() if path.suffix in {".wav", ".flac", ".ogg"}]
    written = {path.name for path in (tmp_path / "demo-output").iterdir()}
    assert written == {f"{path.stem}.{kind}" for path in recordings for kind in ("npz", "png")} | {"features"}
    assert len(FeatureStore(tmp_path / "demo-output" / "features")) == len(recordings)
    text = ran.stdout.decode()
    assert all(path.name in text for path in recordings)
    assert text.count("s of audio per second") == 3
    assert f"{len(recordings)} records read back" in text


def test_demo_as_json(tone, text_file, tmp_path, capsys):
    assert run("demo", tmp_path, "-o", tmp_path / "out", "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert document["audio_seconds"] == 0.5
    assert 0 < document["features_seconds"] < document["whole_run_seconds"]
    assert [entry["path"] for entry in document["failed"]] == [str(text_file)]
    (entry,) = document["files"]
    mel = sg.Spectrogram.load(entry["outputs"][0])
    assert list(mel.shape) == entry["shape"]
    assert mel.scale == "mel"


def test_demo_without_recordings(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sg, "__file__", str(tmp_path / "installed" / "spectrograms" / "__init__.py"))
    assert run("demo") == 2
    assert "give a FOLDER of recordings" in capsys.readouterr().err
    assert run("demo", tmp_path / "nowhere") == 2
    assert "is not a folder" in capsys.readouterr().err
    assert run("demo", tmp_path) == 2
    assert "no audio files in" in capsys.readouterr().err


def test_version(capsys):
    assert run("version") == 0
    assert capsys.readouterr().out.startswith(f"spectrograms {sg.__version__}\n")
    assert run("--version") == 0
    assert capsys.readouterr().out == f"spectrograms {sg.__version__}\n"
    assert run("version", "--json") == 0
    assert json.loads(capsys.readouterr().out)["versions"]["numpy"] == np.__version__


# the program around the verbs


def test_help_and_configuration_load_nothing_heavy(tmp_path):
    code = (
        "import sys\n"
        "from spectrograms.cli import main\n"
        "try:\n"
        "    main({argv})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print([m for m in ('numpy', 'pyfftw', 'soundfile', 'matplotlib') if m in sys.modules])\n"
    )
    for argv in (["--help"], ["compute", "--help"], ["compute", "--print-config"], ["compute", "x.wav"]):
        program = [sys.executable, "-c", code.format(argv=argv)]
        ran = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("argv", "word"), [([], "VERB"), (["draw"], "'draw'"), (["info", "a\nb", "--x"], "--x")]
)
def test_what_cannot_be_parsed_is_one_line(capsys, argv, word):
    assert run(*argv) == 2
    error = capsys.readouterr().err
    assert error.startswith("spectrograms: error: ")
    assert error.endswith(" --help)\n")
    assert error.count("\n") == 1
    assert word in error


def test_a_missing_package_ends_the_run(tone, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "soundfile", None)
    assert run("compute", tone, "-o", tmp_path / "out.npz") == 1
    assert "needs soundfile: pip install soundfile soxr" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_traceback(tone, tmp_path):
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [sys.executable, "-m", "spectrograms", "info", tone]
    ran = subprocess.run(command, cwd=tmp_path, stdout=write_end, stderr=subprocess.PIPE, check=False)
    os.close(write_end)
    assert (ran.returncode, ran.stderr) == (1, b"")


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


def test_names_that_are_no_formulas(tone, tmp_path):
    path = tmp_path / "$\\frac$ a_$b$ \n.wav"
    os.rename(tone, path)
    assert main(["compute", os.fspath(path), "-o", os.fspath(tmp_path / "x.png")]) == 0


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


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".png"])
def test_an_output_that_cannot_be_written_is_named(tone, tmp_path, capsys, suffix):
    path = tmp_path / ("x" * 252 + suffix)
    assert run("compute", tone, "-o", path) == 1
    assert capsys.readouterr().err == f"spectrograms: error: {path}: File name too long\n"
