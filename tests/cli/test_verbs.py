"""The verbs ``info``, ``demo`` and ``version``."""

import json

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.kernels.kernels import level
from spectrograms.cli import run_demo
from spectrograms.corpus import FeatureStore

from ..support.checkout import DATA, needs
from ..support.command import run, spawn

RECORDINGS = DATA / "audio"
RATE = 16000


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
@needs("audio")
def test_demo_on_the_recordings(tmp_path):
    # Quiet: on a busy machine there is time to say how far it is.
    ran = spawn("demo", RECORDINGS, "-q", cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, b"")
    recordings = [path for path in RECORDINGS.iterdir() if path.suffix in {".wav", ".flac", ".ogg"}]
    written = {path.name for path in (tmp_path / "demo-output").iterdir()}
    assert written == {f"{path.stem}.{kind}" for path in recordings for kind in ("npz", "png")} | {"features"}
    assert len(FeatureStore(tmp_path / "demo-output" / "features")) == len(recordings)
    text = ran.stdout.decode()
    assert all(path.name in text for path in recordings)
    assert text.count("s of audio per second") == 3
    assert f"{len(recordings)} records read back" in text


def test_info_goes_on_after_a_file_that_asks_for_too_much(tone, tmp_path, monkeypatch, capsys):
    from spectrograms.cli import run_info

    def audio_info(path):
        if path.endswith("large.wav"):
            raise MemoryError("more than there is")
        return sg.audio_info(path)

    monkeypatch.setattr(run_info, "audio_info", audio_info)
    assert run("info", tmp_path / "large.wav", tone) == 3
    printed = capsys.readouterr()
    assert "tone.wav" in printed.out
    assert "large.wav: more than there is" in printed.err


@pytest.mark.slow
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


@pytest.fixture
def without_a_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sg, "__file__", str(tmp_path / "installed" / "spectrograms" / "__init__.py"))


def loudest(samples, sample_rate, start, stop):
    """The frequency in Hz of the strongest bin between two times in s."""
    part = samples[int(start * sample_rate) : int(stop * sample_rate)]
    return np.abs(np.fft.rfft(part)).argmax() * sample_rate / len(part)


@pytest.mark.slow
@pytest.mark.usefixtures("without_a_checkout")
def test_demo_makes_sounds_where_there_are_no_recordings(tmp_path, capsys):
    assert run("demo", "--json") == 0
    printed = capsys.readouterr()
    assert "made 3 sounds in" in printed.err
    document = json.loads(printed.out)
    assert document["audio_seconds"] == 6
    assert [entry["shape"] for entry in document["files"]] == [[64, 126]] * 3
    names = ["bird", "chords", "voice"]
    written = {path.name for path in (tmp_path / "demo-output").iterdir()}
    assert written == {f"{name}.{kind}" for name in names for kind in ("npz", "png")} | {"features", "sounds"}
    paths = [tmp_path / "demo-output" / "sounds" / f"{name}.wav" for name in names]
    first = [path.read_bytes() for path in paths]
    assert run("demo", "-q") == 0
    assert [path.read_bytes() for path in paths] == first
    # What they are called they are: whistles, C major, a voice of about 120 Hz.
    bird, chords, voice = (sg.read_audio(path)[0] for path in paths)
    assert loudest(bird, 16000, 0, 0.05) > 5000
    assert loudest(bird, 16000, 0.2, 0.24) < 4500
    assert (
        min(abs(loudest(chords, 16000, 0, 0.5) / (261.63 * 2 ** (n / 12)) - 1) for n in (0, 4, 7, 12)) < 0.01
    )
    harmonic = loudest(voice, 16000, 0.2, 0.3) / 126
    assert abs(harmonic - round(harmonic)) < 0.25


@pytest.mark.usefixtures("without_a_checkout")
def test_demo_without_matplotlib(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run_demo, "find_spec", lambda name: None)
    assert run("demo") == 0
    assert "no pictures: drawing them needs matplotlib" in capsys.readouterr().err
    assert not [*(tmp_path / "demo-output").glob("*.png")]
    assert len([*(tmp_path / "demo-output").glob("*.npz")]) == 3


def test_demo_of_no_recordings(tmp_path, capsys):
    assert run("demo", tmp_path / "nowhere") == 2
    assert "is not a folder" in capsys.readouterr().err
    assert run("demo", tmp_path) == 2
    assert "no recordings in the folder" in capsys.readouterr().err


def test_version(capsys):
    assert run("version") == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"spectrograms {sg.__version__}\n")
    assert printed.endswith(f"instructions {level()}\n")
    assert run("--version") == 0
    assert capsys.readouterr().out == f"spectrograms {sg.__version__}\n"
    assert run("version", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["versions"]["numpy"] == np.__version__
    assert document["instructions"] == level()
    assert document["others"] == []


@pytest.mark.parametrize("ours", [False, True])
def test_version_names_another_package_of_this_name(ours, tmp_path, monkeypatch, capsys):
    metadata = tmp_path / "spectrograms-2.1.3.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: spectrograms\nVersion: 2.1.3\n")
    if ours:
        (metadata / "entry_points.txt").write_text(
            "[console_scripts]\nspectrograms = spectrograms.cli:main\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    assert run("version") == 0
    printed = capsys.readouterr()
    assert printed.out.startswith(f"spectrograms {sg.__version__}\n")
    assert ("another package" in printed.err) is not ours
    assert (f"version 2.1.3 in {tmp_path}" in printed.err) is not ours
    assert run("version", "--json") == 0
    others = [] if ours else [{"version": "2.1.3", "path": str(tmp_path)}]
    assert json.loads(capsys.readouterr().out)["others"] == others
