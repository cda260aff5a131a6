"""Octave bands: edges of the standard, and levels that do not depend on the window."""

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg
from spectrograms.filterbanks.octave import octave_bands, octave_centres, octave_edges

from ..support.spectrogram_cases import noise

RATE = 48000
# The nominal frequencies of IEC 61260-1, table E.1: exact ones are nowhere 2 % away.
NOMINAL = [
    25, 31.5, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000,
    2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500, 16000, 20000,
]  # fmt: skip


def levels(x, scaling, scale, n_fft=8192, window="hann", **more):
    stft = sg.StftParams(n_fft, n_fft // 2, window, False, periodic=True, **more)
    params = sg.SpectrogramParams(stft, RATE, scaling=scaling)
    return sg.compute_octave_power_spectrogram(x, params, scale).data.mean(axis=1)


def test_third_octaves_of_the_standard():
    centres = octave_centres(3, 25, 20000)
    assert len(centres) == len(NOMINAL)
    np.testing.assert_allclose(centres, NOMINAL, rtol=0.02)
    edges = octave_edges(3, 1000, 1001)
    np.testing.assert_allclose(edges, [891.2509, 1122.0185], rtol=1e-7)


@pytest.mark.parametrize("nominal", NOMINAL)
def test_a_nominal_frequency_names_its_band(nominal):
    assert len(octave_centres(3, nominal, nominal * 1.0001)) == 1


def test_octaves_and_even_fractions():
    np.testing.assert_allclose(octave_edges(1, 1000, 1001), [707.9458, 1412.5375], rtol=1e-7)
    # 1 kHz is an edge of half octaves.
    np.testing.assert_allclose(octave_edges(2, 900, 1100)[1], 1000.0, rtol=1e-12)
    np.testing.assert_allclose(octave_centres(6, 1000.1, 1000.2), 1000 * 10 ** (0.3 / 12), rtol=1e-12)


@pytest.mark.parametrize("fraction", [1, 2, 3, 12, 24])
@pytest.mark.parametrize("n_fft", [1024, 1001])
def test_bands_cover_every_bin_once(fraction, n_fft):
    bank = octave_bands(fraction, 30.0, 15000.0, RATE, n_fft).dense()
    edges = octave_edges(fraction, 30.0, 15000.0) * n_fft / RATE
    inside = np.arange(int(np.ceil(edges[0] + 0.5)), int(np.floor(edges[-1] - 0.5)) + 1)
    np.testing.assert_allclose(bank.sum(axis=0)[inside], 1.0, rtol=1e-9)
    np.testing.assert_allclose(bank.sum(axis=1), np.diff(edges), rtol=1e-9)


@pytest.mark.parametrize("window", ["hann", "blackman", "flattop", "rectangular"])
@pytest.mark.parametrize("win_length", [8192, 5000])
def test_a_sine_has_its_power_whatever_the_window(window, win_length):
    x = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(8 * 8192) / RATE)
    scale = sg.OctaveParams(1, 500.0, 2000.0)
    # Side lobes of a rectangle, 1 / (pi k)**2 at bin k, add up to this beyond the edges, some 60 bins away.
    tolerance = 4e-3 if window == "rectangular" else 1e-4
    for scaling, wanted in [("spectrum", 0.125), ("magnitude", 0.25), ("dBFS", 0.25)]:
        band = levels(x, scaling, scale, window=window, win_length=win_length)[1]
        assert band == pytest.approx(wanted, rel=tolerance), scaling


def test_noise_has_the_power_of_its_band():
    x = noise(40 * RATE)
    scale = sg.OctaveParams(1, 125.0, 8000.0)
    found, edges = levels(x, "spectrum", scale), octave_edges(1, 125.0, 8000.0)
    np.testing.assert_allclose(found, x.var() * np.diff(edges) / (RATE / 2), rtol=0.03)
    np.testing.assert_allclose(levels(x, "density", scale), x.var() / (RATE / 2), rtol=0.03)


def test_bands_of_scipy_density():
    x = noise(100_000)
    frequencies, density = scipy.signal.welch(x, RATE, "hann", 8192, 4096, detrend=False)
    edges = octave_edges(3, 100.0, 10000.0)
    # What lies between the edges, by the integral of the density as a staircase.
    steps = np.concatenate([[0.0], frequencies + RATE / 8192 / 2])
    below = np.concatenate([[0.0], np.cumsum(density * np.diff(steps))])
    wanted = np.diff(np.interp(edges, steps, below))
    np.testing.assert_allclose(levels(x, "spectrum", sg.OctaveParams(3, 100.0, 10000.0)), wanted, rtol=1e-9)


def test_units():
    params = sg.SpectrogramParams(sg.StftParams(4096, 2048, "hann"), RATE, scaling="spectrum", unit="Pa")
    result = sg.compute_octave_db_spectrogram(
        noise(10000), params, sg.OctaveParams(3, 25.0, 20000.0), sg.LogParams(0.0, reference=20e-6)
    )
    assert result.unit == "dB re 20 uPa"
    assert result.shape[0] == 30


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 25.0, 100.0), "fraction must be >= 1"),
        ((97, 25.0, 100.0), "fraction must be in 1..96"),
        ((3, 0.0, 100.0), "f_min must be >= 1e-9"),
        ((3, float("nan"), 100.0), "f_min must be >= 1e-9"),
        ((3, 100.0, 25.0), "f_max must be > f_min"),
        ((3, 100.0, float("inf")), "f_max must be <="),
    ],
)
def test_errors(arguments, words):
    with pytest.raises(sg.InvalidInputError, match=words):
        sg.OctaveParams(*arguments)


def test_bands_beyond_nyquist_are_refused():
    params = sg.SpectrogramParams(sg.StftParams(4096, 2048, "hann"), 16000)
    with pytest.raises(
        sg.InvalidInputError, match=r"upper edge 8912\.5\d* Hz of the last band exceeds Nyquist=8000"
    ):
        sg.SpectrogramPlan(params, sg.OctaveParams(3, 25.0, 8000.0))
