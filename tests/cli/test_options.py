"""The options of ``compute``: defaults, configuration files, flags, and what makes no sense."""

import json
import subprocess
import sys

import pytest

from spectrograms.cli.options import OPTIONS

from ..support.command import run


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
        (["-o", "x.npz", "--n-chroma", "24"], "--n-chroma needs --feature chroma"),
        (["-o", "x.npz", "--feature", "rms", "--scale", "mel"], "--scale needs --feature spectrogram"),
        (["-o", "x.npz", "--feature", "mfcc", "--n-mfcc", "50"], "n_mfcc must be <= n_mels=40, got 50"),
        (["-o", "x.npz", "--feature", "contrast", "--f-min", "0"], "f_min must be finite and > 0, got 0"),
        (["-o", "x.png", "--feature", "rms", "--frequencies", "0", "9"], "--frequencies needs --feature"),
        (["-o", "x.npz", "--amplitude", "power", "--floor-db", "-60"], "--floor-db needs --amplitude db"),
        (["-o", "x.npz", "--hop-size", "2000"], "hop_size must be <= n_fft"),
        (["-o", "x.npz", "--window", "no-such-window"], "no-such-window"),
        (["-o", "x.npz", "--scale", "mel", "--f-min", "300", "--f-max", "200"], "f_max must be > f_min"),
        (["-o", "x.npz", "--scale", "loghz", "--f-min", "0"], "f_min"),
        (["-o", "x.npz", "--scale", "cqt", "--f-min", "0"], "f_min"),
        (["-o", "x.npz", "--scale", "mel", "--f-max", "6000", "--sample-rate", "8000"], "Nyquist"),
        (["-o", "x.npz", "--n-fft", "many"], "expected a whole number, got 'many'"),
        (["-o", "x.npz", "--channels", "-1"], "expected"),
        (["-o", "x.npz", "--scale", "bart"], "invalid choice"),
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


def printed_config(capsys, *argv):
    assert run("compute", "--print-config", *argv) == 0
    return json.loads(capsys.readouterr().out)


def test_defaults(capsys):
    assert printed_config(capsys) == {
        "schema": 1,
        "feature": "spectrogram",
        "scale": "linear",
        "amplitude": "db",
        "n_fft": 1024,
        "hop_size": 256,
        "window": "hanning",
        "win_length": None,
        "centre": True,
        "pad_mode": "zeros",
        "periodic": False,
        "f_min": 0.0,
        "f_max": None,
        "floor_db": -80.0,
        "reference": 1.0,
        "weighting": "none",
        "scaling": "none",
        "calibration": 1.0,
        "unit": None,
        "dtype": "float32",
        "sample_rate": None,
        "resampling_quality": "VHQ",
        "channels": "mix",
    }


def test_flags_rank_above_the_config_file(tmp_path, capsys):
    path = tmp_path / "config.toml"
    path.write_text('scale = "mel"\nn_mels = 40\nn_fft = 2048\nn_filters = 9\n')
    config = printed_config(capsys, "--config", path, "--n-mels", "64")
    assert (config["scale"], config["n_mels"], config["n_fft"]) == ("mel", 64, 2048)
    assert "n_filters" not in config
    assert printed_config(capsys, "--config", path, "--scale", "erb")["n_filters"] == 9


@pytest.mark.parametrize("scale", ["linear", "mel", "erb", "loghz", "octave", "cqt"])
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
        ('{"scale": "bart"}', "scale must be one of linear, mel"),
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


@pytest.mark.slow
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


def test_units_from_the_command_line(tmp_path, capsys):
    from spectrograms.cli.planning import Planner

    config = printed_config(
        capsys, "--scaling", "spectrum", "--calibration", "2", "--unit", "Pa", "--reference", "2e-5"
    )
    plan = Planner({name: value for name, value in config.items() if name != "schema"}).plan(16000.0)
    assert (plan.params.scaling, plan.params.calibration, plan.params.unit) == ("spectrum", 2.0, "Pa")
    assert plan.db_params.reference == 2e-5
    assert plan._info.unit == "dB re 20 uPa"
