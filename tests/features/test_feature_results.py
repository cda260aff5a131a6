"""Results of the features: what they add to the base."""

import copy
import inspect
import io

import numpy as np
import pytest

import spectrograms
from spectrograms.features.chroma import Chromagram
from spectrograms.features.constant_q import CqtResult
from spectrograms.features.fourier.result2d import Fft2dInfo, Fft2dResult
from spectrograms.features.mfcc import Mfcc
from spectrograms.features.spatial.results import (
    IldSpectrogram,
    IlrSpectrogram,
    IpdSpectrogram,
    ItdSpectrogram,
)

BINAURAL = (ItdSpectrogram, IpdSpectrogram, IldSpectrogram, IlrSpectrogram)
ALL = (Chromagram, Mfcc, CqtResult, Fft2dResult, *BINAURAL)


class Info:
    params = "the parameters"
    sample_rate = 8000.0
    hop_size = 80
    frequencies = np.array([100.0, 200.0, 400.0])

    def times(self, n_frames):
        return np.arange(n_frames) * (self.hop_size / self.sample_rate)


def noise(shape, dtype):
    rng = np.random.default_rng(2)
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype)


def fft2d(shape, dtype="complex128", spacing=(1.0, 1.0)):
    image = np.random.default_rng(3).standard_normal(shape)
    return image, Fft2dResult._from_array(np.fft.rfft2(image).astype(dtype), Fft2dInfo(shape[1], spacing))


@pytest.mark.parametrize("cls", ALL)
def test_classes_are_public_and_not_constructible(cls):
    assert cls.__module__ == "spectrograms"
    with pytest.raises(TypeError, match=f"cannot create '{cls.__name__}' instances directly"):
        cls()


@pytest.mark.parametrize("cls", ALL)
def test_instances_have_no_dict(cls):
    result = cls._from_array(np.ones((3, 4)), Fft2dInfo(6) if cls is Fft2dResult else Info())
    with pytest.raises(AttributeError):
        result.anything = 1
    assert type(copy.copy(result)) is cls
    assert result.data.ctypes.data % 64 == 0


@pytest.mark.parametrize("cls", [Chromagram, Mfcc, *BINAURAL])
def test_repr_and_axes(cls):
    result = cls._from_array(np.ones((3, 4), np.float32), Info())
    assert repr(result) == str(result) == f"{cls.__name__}(shape=(3, 4), dtype=float32)"
    assert (result.n_bins, result.n_frames, len(result)) == (3, 4, 4)
    assert result.times == [0.0, 0.01, 0.02, 0.03]
    assert result.params == "the parameters"
    assert hasattr(result, "frequencies") == (cls in BINAURAL)


def test_chromagram_labels():
    assert Chromagram.labels == ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_cqt_result(dtype):
    data = noise((3, 4), dtype)
    result = CqtResult._from_array(data, Info())
    real = data.real.dtype
    assert result.dtype == real.name
    assert result.to_power().dtype == result.to_magnitude().dtype == real
    np.testing.assert_allclose(result.to_power(), np.abs(data) ** 2, rtol=4 * np.finfo(real).eps)
    np.testing.assert_allclose(result.to_magnitude(), np.abs(data), rtol=4 * np.finfo(real).eps)
    assert result.frequencies == [100.0, 200.0, 400.0]
    assert (result.sample_rate, result.hop_size, result.time_resolution) == (8000.0, 80, 0.01)


# --- two-dimensional FFT -------------------------------------------------------------------------------


def test_fft2d_repr_and_shapes():
    _, result = fft2d((5, 8), "complex64")
    assert repr(result) == "Fft2dResult(shape=(5, 5), input_shape=(5, 8), dtype=float32)"
    assert (result.n_rows, result.n_cols, len(result)) == (5, 8, 5)
    assert result[4, 0] == result.data[4, 0]
    assert not hasattr(result, "params")


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (4, 6), (5, 7), (4, 7), (5, 6)])
def test_fft2d_full_and_shifted(shape):
    image, result = fft2d(shape, spacing=(0.5, 0.25))
    full = np.fft.fft2(image)
    np.testing.assert_allclose(result.full(), full, rtol=0, atol=1e-13)
    spectrum, rows, columns = result.shifted()
    np.testing.assert_allclose(spectrum, np.fft.fftshift(full), rtol=0, atol=1e-13)
    assert rows.tolist() == np.fft.fftshift(np.fft.fftfreq(shape[0], 0.5)).tolist()
    assert columns.tolist() == np.fft.fftshift(np.fft.fftfreq(shape[1], 0.25)).tolist()
    assert result.row_frequencies.tolist() == np.fft.fftfreq(shape[0], 0.5).tolist()
    assert result.col_frequencies.tolist() == np.fft.rfftfreq(shape[1], 0.25).tolist()


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_fft2d_polar_forms(dtype):
    _, result = fft2d((5, 8), dtype)
    data, real = result.data, result.data.real.dtype
    exact = {"rtol": 2 * np.finfo(real).eps}
    assert result.power().tolist() == (data.real**2 + data.imag**2).tolist()
    np.testing.assert_allclose(result.magnitude(), np.hypot(data.real, data.imag), **exact)
    np.testing.assert_allclose(result.phase(), np.arctan2(data.imag, data.real), **exact)
    assert result.power().dtype == result.magnitude().dtype == result.phase().dtype == real
    assert result.full().dtype == data.dtype
    large = np.finfo(real).max / 2
    data[0, 0] = complex(large, large)  # the square overflows, the magnitude does not
    np.testing.assert_allclose(result.magnitude()[0, 0], np.sqrt(2) * large, **exact)


def test_fft2d_inverse_is_the_public_function(monkeypatch):
    def ifft2d(spectrum, output_ncols, dtype):
        assert dtype == "float64"
        return np.fft.irfft2(spectrum, (len(spectrum), output_ncols))

    monkeypatch.setattr(spectrograms, "ifft2d", ifft2d, raising=False)
    image, result = fft2d((5, 7))
    np.testing.assert_allclose(result.inverse(), image, rtol=0, atol=1e-14)


def test_fft2d_round_trips():
    _, result = fft2d((5, 7), spacing=(0.5, 2.0))
    file = io.BytesIO()
    result.save(file)
    file.seek(0)
    for twin in (Fft2dResult.load(file), Fft2dResult.from_dict(result.to_dict()), copy.deepcopy(result)):
        assert twin.data.tobytes() == result.data.tobytes()
        assert twin._info == result._info
        assert twin.input_shape == (5, 7)


# --- binaural cues -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "label", "range_name", "default_range", "default_exponent"),
    [
        (ItdSpectrogram, "ITD (seconds)", "delay_range", (-0.00088, 0.00088), 1),
        (IpdSpectrogram, "IPD (radians)", "phase_range", (-np.pi, np.pi), 1),
        (IldSpectrogram, "ILD (dB)", "db_range", (-24, 24), 3),
        (IlrSpectrogram, "ILR (normalized)", "ratio_range", (-1, 1), 3),
    ],
)
def test_binaural_histograms(monkeypatch, cls, label, range_name, default_range, default_exponent):
    """The class knows names and defaults, the feature module counts."""
    monkeypatch.setattr("spectrograms.features.spatial.results.histogram", lambda *args: args)
    result = cls._from_array(np.ones((3, 4)), Info(), {"energy": np.ones((3, 4))})
    assert cls.unit_label == label
    assert result.histogram() == (result, None, default_range, default_exponent, False, False)
    assert result.histogram(0)[1] == 0
    options = {"num_bins": 7, range_name: (1, 2), "energy_weighted": True, "normalize": True}
    assert result.histogram(**options) == (result, 7, (1, 2), default_exponent, True, True)
    names = ["self", "num_bins", range_name, "exponent", "energy_weighted", "normalize"]
    if default_exponent == 1:
        names.remove("exponent")
    else:
        assert result.histogram(exponent=2)[3] == 2
    assert list(inspect.signature(cls.histogram).parameters) == names


@pytest.mark.parametrize("cls", BINAURAL)
def test_binaural_energy_travels_with_the_result(cls):
    energy = np.arange(12.0).reshape(3, 4)
    result = cls._from_array(np.ones((3, 4)), Info(), {"energy": energy})
    twin = copy.deepcopy(result)
    assert twin._extras["energy"].tolist() == energy.tolist()
    assert not np.shares_memory(twin._extras["energy"], energy)
    assert copy.copy(cls._from_array(np.ones((3, 4)), Info()))._extras is None


def test_case_8_an_index_beyond_the_rows_says_what_len_counts():
    params = spectrograms.SpectrogramParams(spectrograms.StftParams(64, 16, "hann"), 8000.0)
    result = spectrograms.compute_stft(np.zeros(16000), params)
    assert len(result) == result.shape[1] > result.shape[0] == len(list(result))
    with pytest.raises(IndexError, match=r"out of bounds.*len\(\) counts frames.*result\[:, t\] is frame t"):
        result[len(result) - 1]
