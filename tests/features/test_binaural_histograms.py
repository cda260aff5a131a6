"""Histograms of binaural cues, counted value by value."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.spatial.results import IldSpectrogram

from ..support.ears import CUES, compute, stereo, stft
from ..support.together import together

RANGE = {"itd": "delay_range", "ipd": "phase_range", "ild": "db_range", "ilr": "ratio_range"}


def counted(values, weights, num_bins, low, high):
    """Count value by value."""
    table = np.zeros((num_bins, values.shape[1]))
    for t in range(values.shape[1]):
        for v, w in zip(values[:, t].astype(float), weights[:, t], strict=True):
            if low <= v <= high:
                table[min(int((v - low) / ((high - low) / num_bins)), num_bins - 1), t] += w
    return table


@together("normalize", [False, True])
@together("weighted", [False, True])
@together("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cue", CUES)
def test_histogram(cue, dtype, weighted, normalize):
    audio = stereo()
    audio[0][2000:2500] = 0.0
    audio[1][3000] = np.nan
    result = compute(cue, audio, dtype=dtype)
    value_range = {"itd": (-2e-4, 3e-4), "ipd": (-1.0, 3.0), "ild": (0.0, 6.0), "ilr": (-0.5, 0.5)}[cue]
    found = result.histogram(30, value_range, energy_weighted=weighted, normalize=normalize)
    weights = result._extras["energy"] if weighted else np.ones(result.shape)
    expected = counted(result.data, weights, 30, *value_range)
    if cue in ("ild", "ilr"):
        expected **= 3
    if normalize:
        total = expected.sum(axis=0)
        expected /= np.where(total > 0, total, 1.0)
        assert (total == 0).any() == (cue in ("ild", "ilr") or total.min() == 0)
    assert found.dtype == np.float64
    assert found.flags.c_contiguous
    assert found.flags.writeable
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    if not (weighted or normalize):
        assert (found == expected).all()


@pytest.mark.parametrize("cue", CUES)
def test_energies_are_those_of_both_spectra(cue):
    audio = stereo()
    energies = sum(abs(stft(x, 256, 64, True)[5:48]) ** 2 for x in audio)
    result = compute(cue, audio)
    np.testing.assert_allclose(result._extras["energy"], energies, rtol=1e-10)
    exponent = {"exponent": 1} if cue in ("ild", "ilr") else {}
    total = result.histogram(1, (-1e3, 1e3), energy_weighted=True, **exponent)
    np.testing.assert_allclose(total[0], energies.sum(axis=0), rtol=1e-10)


def cue_of(values):
    """A level difference of the given values, one frame."""
    info = compute("ild", stereo())._info
    return IldSpectrogram._from_array(np.array(values, float)[:, None], info)


def test_histogram_edges_and_exponents():
    cue = cue_of([-1.0, -0.5, 0.0, 0.999, 1.0, 1.001, -1.001, np.nan, np.inf, -np.inf])
    assert cue.histogram(2, (-1, 1), 1)[:, 0].tolist() == [2, 3]
    assert cue.histogram(2, [-1, 1], 3)[:, 0].tolist() == [8, 27]
    assert cue.histogram(2, (-1, 1))[:, 0].tolist() == [8, 27]
    assert cue.histogram(4, (-1, 1), 0)[:, 0].tolist() == [1, 1, 1, 1]
    assert cue.histogram(2, (-1, 1), normalize=True)[:, 0].tolist() == [8 / 35, 27 / 35]
    assert cue.histogram(2, (50, 60), normalize=True)[:, 0].tolist() == [0, 0]
    assert cue.histogram().shape == cue.histogram(0).shape == (400, 1)


def test_silence_counts_at_zero():
    result = compute("itd", [np.zeros(4000)] * 2)
    table = result.histogram()
    assert (table[200] == 43).all()
    assert table.sum() == 43 * 63
    assert compute("ild", [np.zeros(4000)] * 2).histogram().sum() == 0


def test_bad_histograms():
    cue = cue_of([0.0])
    for bad in [(1, 1), (1, -1), (np.nan, 1), (0, np.inf), (-1e308, 1e308)]:
        with pytest.raises(sg.InvalidInputError, match="must be finite and ascending"):
            cue.histogram(db_range=bad)
    for bad in [5, {1, 2}, "12", ("a", "b"), (None, 1)]:
        with pytest.raises(TypeError):
            cue.histogram(db_range=bad)
    for bad in [(), (1,), (1, 2, 3)]:
        with pytest.raises(sg.InvalidInputError, match="the range must be a pair"):
            cue.histogram(db_range=bad)
    for bad in ["", [], 0.0, np.ones(3), np.ones(0)]:
        with pytest.raises(TypeError, match="num_bins must be an integer"):
            cue.histogram(bad)
    with pytest.raises(OverflowError, match=r"exponent must be < 2\*\*31"):
        cue.histogram(exponent=2**31)
    with pytest.raises(sg.InvalidInputError, match="exponent must be >= 0, got -1"):
        cue.histogram(exponent=-1)
    with pytest.raises(sg.InvalidInputError, match="energy_weighted must be False"):
        cue.histogram(energy_weighted=True)
    with pytest.raises(OverflowError):
        cue.histogram(-1)
    with pytest.raises(TypeError):
        cue.histogram(2.5)
    with pytest.raises(TypeError):
        cue.histogram(normalize="yes")
    for huge in (2**45, 2**60):
        with pytest.raises(MemoryError):
            cue.histogram(huge)
