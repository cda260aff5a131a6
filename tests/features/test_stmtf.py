"""Spectro-temporal modulation against numpy.fft."""

import copy
import io
import pickle

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.stmtf import StmtfResult, compute_stmtf

from ..support import every_result
from ..support.together import together


def oracle(values, remove_mean=True, standardize=False):
    """The half spectrum of the prepared values."""
    x = values.astype(np.float64)
    if remove_mean:
        x = x - x.mean()
    if standardize:
        x = x / (x.std() + 1e-12)
    if remove_mean:
        x = x - x.mean(axis=1, keepdims=True)
        x = x - x.mean(axis=0, keepdims=True)
    return np.fft.fft2(x)


def spectrogram(n_mels=20, n_samples=2000, dtype="float64"):
    plan = sg.SpectrogramPlan(every_result.PARAMS, sg.MelParams(n_mels, 0.0, 4000.0), "db", dtype=dtype)
    return plan.compute(every_result.noise(n_samples))


@together("standardize", [False, True])
@together("remove_mean", [False, True])
@together("shape", [(20, 2000), (21, 2000), (20, 1950), (21, 1950), (1, 1950), (20, 10)])
def test_modulation_is_its_formula(shape, remove_mean, standardize):
    source = spectrogram(*shape)
    expected = np.abs(oracle(source.data, remove_mean, standardize))
    options = {"remove_mean": remove_mean, "standardize": standardize}
    tolerance = 1e-12 * max(expected.max(), 1e-3)

    result = compute_stmtf(source, **options)
    assert result.shape == source.shape
    np.testing.assert_allclose(result.data, np.fft.fftshift(expected), rtol=0, atol=tolerance)
    half = compute_stmtf(source, full=False, **options)
    assert half.shape == (source.n_bins, source.n_frames // 2 + 1)
    np.testing.assert_allclose(half.data, expected[:, : half.shape[1]], rtol=0, atol=tolerance)
    power = compute_stmtf(source, scale="power", **options)
    np.testing.assert_allclose(power.data, result.data**2, rtol=1e-12, atol=tolerance**2)


@pytest.mark.parametrize("n_samples", [2000, 1950])
@pytest.mark.parametrize("n_mels", [20, 21])
def test_axes(n_mels, n_samples):
    """Axes are sorted and zero is where both say so, also where lengths are odd."""
    source = spectrogram(n_mels, n_samples)
    period = 64 / 8000.0
    result = compute_stmtf(source, remove_mean=False)
    rows, columns = result.spectral_modulation, result.temporal_modulation
    assert (np.diff(rows) > 0).all()
    assert (np.diff(columns) > 0).all()
    np.testing.assert_array_equal(rows, np.fft.fftshift(np.fft.fftfreq(n_mels)))
    np.testing.assert_array_equal(columns, np.fft.fftshift(np.fft.fftfreq(source.n_frames, period)))
    # The sum of everything stands at modulation 0.
    peak = result.data[np.flatnonzero(rows == 0)[0], np.flatnonzero(columns == 0)[0]]
    assert peak == pytest.approx(abs(source.data.sum()))
    half = compute_stmtf(source, remove_mean=False, full=False)
    assert half.data[0, 0] == pytest.approx(peak)
    np.testing.assert_array_equal(half.spectral_modulation, np.fft.fftfreq(n_mels))
    np.testing.assert_array_equal(half.temporal_modulation, np.fft.rfftfreq(source.n_frames, period))


def test_a_ripple_stands_where_it_belongs():
    """Three cycles over time, an eighth of a cycle per bin."""
    source = spectrogram(24, 8000)
    times, rows = np.array(source.times), np.arange(24)[:, None]
    n = source.n_frames
    rate = 1 / (n * 64 / 8000.0)
    source.data[:] = 5 + np.cos(2 * np.pi * (3 * rate * times + rows / 8))
    result = compute_stmtf(source)
    row, column = np.unravel_index(result.data.argmax(), result.shape)
    assert abs(result.spectral_modulation[row]) == 1 / 8
    assert abs(result.temporal_modulation[column]) == pytest.approx(3 * rate)
    assert np.sign(result.spectral_modulation[row]) == np.sign(result.temporal_modulation[column])
    assert result.data.max() == pytest.approx(24 * n / 2)


def test_mean_removal_empties_both_axes():
    result = compute_stmtf(spectrogram())
    empty = 1e-10 * result.data.max()
    assert (result.data[result.spectral_modulation == 0] < empty).all()
    assert (result.data[:, result.temporal_modulation == 0] < empty).all()


def test_constant_and_nan():
    source = spectrogram()
    source.data[:] = 3.0
    assert (compute_stmtf(source, standardize=True).data == 0).all()
    source.data[0, 0] = np.nan
    assert np.isnan(compute_stmtf(source).data).all()


@pytest.mark.parametrize("of", ["float32", "float64"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dtype(of, dtype):
    source = spectrogram(dtype=of)
    before = source.data.copy()
    result = compute_stmtf(source, dtype=dtype)
    assert result.dtype == result.data.dtype == dtype
    expected = np.fft.fftshift(np.abs(oracle(source.data)))
    np.testing.assert_allclose(
        result.data, expected, rtol=0, atol=(1e-5 if dtype == "float32" else 1e-12) * expected.max()
    )
    np.testing.assert_array_equal(source.data, before)
    assert compute_stmtf(source).dtype == "float64"


@pytest.mark.parametrize("name", ["Chromagram", "Mfcc", "ItdSpectrogram"])
def test_other_results_have_modulation_too(name):
    source = every_result.result(name)
    result = compute_stmtf(source)
    np.testing.assert_allclose(result.data, np.fft.fftshift(np.abs(oracle(source.data))), rtol=0, atol=1e-10)
    assert result.params == source.params


def test_result():
    source = spectrogram()
    result = compute_stmtf(source, full=False)
    assert repr(result) == "StmtfResult(shape=(20, 17), dtype=float64)"
    assert (result.scale, result.full, result.params) == ("magnitude", False, source.params)
    file = io.BytesIO()
    result.save(file)
    file.seek(0)
    assert set(np.load(file)) == {"metadata", "data", "spectral_modulation", "temporal_modulation"}
    file.seek(0)
    for twin in (
        StmtfResult.load(file),
        StmtfResult.from_dict(result.to_dict()),
        StmtfResult.from_json(result.to_json()),
        copy.deepcopy(result),
    ):
        assert twin.data.tobytes() == result.data.tobytes()
        assert twin._info == result._info
        assert twin.temporal_modulation.tolist() == result.temporal_modulation.tolist()
    assert pickle.loads(pickle.dumps(result._info)) == result._info


def test_bad_arguments():
    source = spectrogram()
    for bad in (source.data, None, every_result.result("Fft2dResult")):
        with pytest.raises(TypeError, match="spectrogram must be a result with frames"):
            compute_stmtf(bad)
    with pytest.raises(TypeError, match="must be real, got complex128"):
        compute_stmtf(every_result.result("StftResult"))
    with pytest.raises(sg.InvalidInputError, match="scale must be one of 'magnitude', 'power', got 'db'"):
        compute_stmtf(source, scale="db")
    with pytest.raises(TypeError):
        compute_stmtf(source, remove_mean=1)
    with pytest.raises(ValueError, match="unsupported dtype"):
        compute_stmtf(source, dtype="f16")
