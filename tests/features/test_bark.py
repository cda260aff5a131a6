"""Bark bands: the scale of the literature, and the filterbank of torchaudio."""

import math

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.filterbanks.bark import bark_bands, bark_to_hz, hz_to_bark

FORMULAS = ("traunmuller", "schroeder", "wang")
# Edges of the critical bands 1..24 after Zwicker, JASA 33, 1961: whole Bark.
ZWICKER = [
    100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400,
    5300, 6400, 7700, 9500, 12000, 15500,
]  # fmt: skip


def test_zwickers_critical_bands():
    # Traunmüller states 0.05 Bark from 270 Hz to 5.8 kHz; his corrections serve the ends.
    found = hz_to_bark(ZWICKER)
    wanted = np.arange(1, 25)
    middle = slice(2, 19)
    np.testing.assert_allclose(found[middle], wanted[middle], atol=0.05)
    np.testing.assert_allclose(found, wanted, atol=0.2)


def test_one_kilohertz():
    def arsinh(u):
        return math.log(u + math.sqrt(u**2 + 1))

    assert hz_to_bark(1000.0) == pytest.approx(26.81 / 2.96 - 0.53, rel=1e-12)
    assert hz_to_bark(1000.0, "schroeder") == pytest.approx(7 * arsinh(1000 / 650), rel=1e-12)
    assert hz_to_bark(1000.0, "wang") == pytest.approx(6 * arsinh(1000 / 600), rel=1e-12)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_inverse(formula):
    f = np.array([0.0, 1.0, 50.0, 195.0, 210.0, 1000.0, 5000.0, 6600.0, 6800.0, 20000.0])
    np.testing.assert_allclose(bark_to_hz(hz_to_bark(f, formula), formula), f, rtol=1e-12, atol=1e-11)


# Row sums of torchaudio.prototype.functional.barkscale_fbanks of torchaudio 2.8.0, which later versions have
# no more: 16 bands from 0 to 6 kHz of 512 samples at 16 kHz; every third of 30 bands from 300 Hz to 20 kHz of
# 2048 at 44.1 kHz. Of Traunmüller's corrections it applies one only where a range needs both.
TORCHAUDIO = {
    "traunmuller": (
        [3.47026, 3.66292, 3.71525, 4.13165, 4.66427, 5.21215, 5.8972, 6.73257, 7.77299, 9.04964, 10.6936,
         12.7922, 15.6156, 19.4876, 24.9952, 33.2536],
        [3.35764, 4.09424, 5.08753, 6.4742, 8.54017, 11.782, 17.3136, 27.8748, 42.9969, 84.3557],
    ),
    "schroeder": (
        [3.60255, 3.80147, 4.09181, 4.44385, 5.0204, 5.65497, 6.50672, 7.54035, 8.78367, 10.3276, 12.1284,
         14.3056, 16.9098, 20.0148, 23.7042, 28.0904],
        [4.19919, 5.22434, 6.92751, 9.51522, 13.3325, 18.8249, 26.7427, 38.0718, 54.258, 77.3745],
    ),
    "wang": (
        [3.39845, 3.66121, 3.86872, 4.28403, 4.82531, 5.48393, 6.3389, 7.40302, 8.68281, 10.2094, 12.0875,
         14.3273, 17.0341, 20.2428, 24.0998, 28.7057],
        [3.95203, 5.04668, 6.71193, 9.30574, 13.1011, 18.622, 26.5867, 38.029, 54.4424, 77.9852],
    ),
}  # fmt: skip
RANGES = [(16, 0.0, 6000.0, 16000, 512), (30, 300.0, 20000.0, 44100, 2048)]


@pytest.mark.parametrize("formula", FORMULAS)
def test_row_sums_of_torchaudio(formula):
    low, high = (bark_bands(*given, formula=formula).dense().sum(axis=1) for given in RANGES)
    np.testing.assert_allclose(low, TORCHAUDIO[formula][0], rtol=1e-5)
    np.testing.assert_allclose(high[::3], TORCHAUDIO[formula][1], rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.*barkscale_fbanks:UserWarning")
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(("bands", "low", "high", "rate", "n_fft"), RANGES)
def test_the_filterbank_of_torchaudio(formula, bands, low, high, rate, n_fft):
    functional = pytest.importorskip("torchaudio.prototype.functional", reason="torchaudio before 2.9")
    theirs = functional.barkscale_fbanks(n_fft // 2 + 1, low, high, bands, rate, bark_scale=formula)
    ours = bark_bands(bands, low, high, rate, n_fft, formula=formula)
    # Theirs are points in float32.
    np.testing.assert_allclose(ours.dense(), theirs.numpy().T, atol=1e-5)


def test_bands_of_a_plan():
    params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 16000)
    bands = sg.BarkParams(24, 0.0, 8000.0)
    plan = sg.SpectrogramPlan(params, bands, "db")
    steps = np.diff(hz_to_bark(plan.frequencies))
    np.testing.assert_allclose(steps, hz_to_bark(8000.0) / 25 - hz_to_bark(0.0) / 25, rtol=1e-10)
    assert "formula traunmuller" in plan.conventions["mel scale"]


@pytest.mark.parametrize(("arguments", "more", "words"), [
    ((0, 0.0, 100.0), {}, "n_bands must be >= 1"),
    ((3, -1.0, 100.0), {}, "f_min must be >= 0"),
    ((3, float("nan"), 100.0), {}, "f_min must be >= 0"),
    ((3, 100.0, 25.0), {}, "f_max must be > f_min"),
    ((3, 0.0, 100.0), {"formula": "zwicker"}, "formula must be one of 'traunmuller', 'schroeder', 'wang'"),
])  # fmt: skip
def test_errors(arguments, more, words):
    with pytest.raises((sg.InvalidInputError, ValueError), match=words):
        sg.BarkParams(*arguments, **more)


def test_bands_beyond_nyquist_are_refused():
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    with pytest.raises(sg.InvalidInputError, match="f_max=8001 exceeds Nyquist=8000"):
        sg.SpectrogramPlan(params, sg.BarkParams(24, 0.0, 8001.0))


def test_empty_bands_are_said():
    params = sg.SpectrogramParams(sg.StftParams(128, 64, "hann"), 16000)
    with pytest.warns(sg.SpectrogramWarning, match="hold no bin of the transform"):
        sg.SpectrogramPlan(params, sg.BarkParams(60, 0.0, 8000.0))
