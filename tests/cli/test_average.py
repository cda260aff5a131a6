"""`spectrograms average`: the averages of the library, in files."""

import csv
import json

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.cli import main

from ..support.corpora import put
from ..support.spectrogram_cases import noise

OPTIONS = [
    "--n-fft",
    "512",
    "--hop-size",
    "256",
    "--scaling",
    "density",
    "--unit",
    "Pa",
    "--dtype",
    "float64",
]


@pytest.fixture
def recording(tmp_path):
    put(tmp_path, "a.wav", 0.1 * noise(40000), 16000)
    return str(tmp_path / "a.wav")


def wanted(path, every, percentiles=()):
    samples, rate = sg.read_audio(path)
    params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), rate, scaling="density", unit="Pa")
    average = sg.LongTermAverage(sg.SpectrogramPlan(params), every, percentiles)
    average.push(samples)
    return average.finish()


def test_npz(recording, tmp_path, capsys):
    out = str(tmp_path / "a.npz")
    command = ["average", recording, "-o", out, "--every", "0.5", "--percentiles", "5", "50", "--json"]
    assert main([*command, *OPTIONS, "--reference", "20e-6"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["shape"], told["unit"]) == ([257, 5], "dB re (20 uPa)**2/Hz")
    found, expected = np.load(out), wanted(recording, 0.5, (5, 50))
    levels = expected.to_db(sg.LogParams(-80.0, reference=20e-6))
    assert np.array_equal(found["mean"], levels.mean)
    assert np.array_equal(found["p5"], levels.percentiles[5])
    assert np.array_equal(found["frequencies"], levels.frequencies)
    assert found["unit"] == levels.unit


def test_csv(recording, tmp_path):
    out = tmp_path / "a.csv"
    assert main(["average", recording, "-o", str(out), "--amplitude", "power", "-q", *OPTIONS]) == 0
    with open(out, newline="", encoding="utf-8") as file:
        header, line = csv.reader(file)
    expected = wanted(recording, None)
    assert header[:2] == ["time in s", "statistic in Pa**2/Hz"]
    assert line[:2] == ["0", "mean"]
    np.testing.assert_allclose(np.array(header[2:], float), expected.frequencies, rtol=1e-8)
    np.testing.assert_allclose(np.array(line[2:], float), expected.mean[:, 0], rtol=1e-8)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["-o", "a.txt"], "-o must end in .npz or .csv"),
        (["-o", "a.npz", "--amplitude", "magnitude"], "--amplitude power or db"),
        (["-o", "a.npz", "--channels", "each"], "one channel or their mix"),
        (["-o", "a.npz", "--channels", "3"], "--channels must be in 0..0"),
    ],
)
def test_usage(recording, tmp_path, monkeypatch, capsys, more, words):
    monkeypatch.chdir(tmp_path)
    assert main(["average", recording, *more]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "a.npz").exists()
