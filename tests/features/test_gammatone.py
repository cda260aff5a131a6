"""Gammatone filters in the time domain: recorded values, SciPy's filters, frames, NaN, errors."""

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

from ..support.spectrogram_cases import noise

TR35 = {"spacing": "apple_tr35"}
# sin(2 pi 1000 n / 48000), 4800 samples, frame 3840, hop 960: column 0 of the reference implementation.
CENTRES = [50, 230.9039783693, 529.1766353907, 1020.9655873451, 1831.8222568085, 3168.7545644587]
CENTRES += [5373.0750844118, 9007.5365503229]
AMPLITUDES = [8.581611516e-07, 9.300222841e-06, 4.058140460e-04, 4.117810376e-01, 2.062074338e-03]
AMPLITUDES += [3.392005410e-04, 1.402417720e-04, 1.790355729e-04]
DECIBELS = [-45, -45, -33.9167292527, -3.8533365640, -26.8569568247, -34.6954346370, -38.5312260954]
DECIBELS += [-37.4706066974]


def sections(centre, rate):
    """Slaney's second-order sections for scipy.signal.sosfilt, gain 1 at the centre by SciPy's response."""
    width = 1.019 * 2 * np.pi * (centre / 9.26449 + 24.7)
    g, theta, step = np.exp(-width / rate), 2 * np.pi * centre / rate, 1 / rate
    rows = []
    for v in (np.sqrt(3 + 2**1.5), -np.sqrt(3 + 2**1.5), np.sqrt(3 - 2**1.5), -np.sqrt(3 - 2**1.5)):
        zero = -g * step * (np.cos(theta) + v * np.sin(theta))
        rows.append([step, zero, 0, 1, -2 * g * np.cos(theta), g * g])
    sos = np.array(rows)
    _, response = scipy.signal.sosfreqz(sos, [theta])
    sos[0, :3] /= np.abs(response[0])
    return sos


def by_scipy(x, rate, frame, hop, centres):
    frames = np.lib.stride_tricks.sliding_window_view(np.asarray(x, float), frame)[::hop] * np.hanning(frame)
    outputs = [scipy.signal.sosfilt(sections(c, rate), frames, axis=1) for c in centres]
    return np.sqrt(np.mean(np.square(outputs), axis=2))


def test_recorded_values():
    x = np.sin(2 * np.pi * 1000 * np.arange(4800) / 48000)
    matrix, centres = sg.gammatone_iir_spectrogram(
        x, 48000, 3840, 960, sg.ErbParams(8, 50.0, 15000.0, **TR35)
    )
    np.testing.assert_allclose(centres, CENTRES, rtol=1e-12)
    np.testing.assert_allclose(matrix[:, 0], AMPLITUDES, rtol=1e-9)
    assert matrix.shape == (8, 2)
    params = sg.ErbParams(8, 50.0, 15000.0, db_floor=-45.0, **TR35)
    matrix, _ = sg.gammatone_iir_spectrogram(x, 48000, 3840, 960, params)
    np.testing.assert_allclose(matrix[:, 0], DECIBELS, rtol=1e-9)


@pytest.mark.parametrize(("frame", "hop", "n"), [(1, 1, 5), (100, 33, 100), (257, 64, 1999), (64, 200, 3000)])
@pytest.mark.parametrize("spacing", ["linear", "erb_rate", "apple_tr35"])
def test_scipy(frame, hop, n, spacing):
    x, params = noise(n), sg.ErbParams(7, 100.0, 7000.0, spacing=spacing)
    matrix, centres = sg.gammatone_iir_spectrogram(x, 16000, frame, hop, params)
    assert np.array_equal(centres, sg.gammatone_center_frequencies(params))
    np.testing.assert_allclose(matrix, by_scipy(x, 16000, frame, hop, centres), rtol=1e-10)
    single, _ = sg.gammatone_iir_spectrogram(x, 16000, frame, hop, params, "float32")
    assert single.dtype == np.float32
    assert np.array_equal(single, matrix.astype(np.float32))


def test_ends_of_the_spectrum():
    """Centres at 0 Hz and at half the sample rate have filters like the others."""
    x, params = noise(2000), sg.ErbParams(5, 0.0, 8000.0)
    matrix, centres = sg.gammatone_iir_spectrogram(x, 16000, 500, 250, params)
    np.testing.assert_allclose(centres, [0, 2000, 4000, 6000, 8000], rtol=0, atol=1e-9)
    np.testing.assert_allclose(matrix, by_scipy(x, 16000, 500, 250, centres), rtol=1e-10)


def test_frames_do_not_depend_on_their_place():
    x, params = noise(3000), sg.ErbParams(4, 100.0, 3000.0)
    matrix, _ = sg.gammatone_iir_spectrogram(x, 8000, 128, 50, params)
    for t in (0, 1, 7, 8, 57):
        alone, _ = sg.gammatone_iir_spectrogram(x[t * 50 : t * 50 + 128], 8000, 128, 50, params)
        assert np.array_equal(alone[:, 0], matrix[:, t])
    for other in (np.repeat(x, 2)[::2], x.astype(">f8"), x.tolist()):
        assert np.array_equal(sg.gammatone_iir_spectrogram(other, 8000, 128, 50, params)[0], matrix)


@pytest.mark.parametrize("db_floor", [None, -60.0])
def test_nan_touches_its_frames_only(db_floor):
    x, params = noise(1000), sg.ErbParams(4, 100.0, 3000.0, db_floor=db_floor)
    clean, _ = sg.gammatone_iir_spectrogram(x, 8000, 100, 50, params)
    x[520] = np.nan
    found, _ = sg.gammatone_iir_spectrogram(x, 8000, 100, 50, params)
    assert np.flatnonzero(np.isnan(found).all(axis=0)).tolist() == [9, 10]
    assert np.array_equal(np.delete(found, [9, 10], axis=1), np.delete(clean, [9, 10], axis=1))


def test_silence():
    params = sg.ErbParams(4, 100.0, 3000.0)
    assert not sg.gammatone_iir_spectrogram(np.zeros(500), 8000, 100, 50, params)[0].any()
    params = sg.ErbParams(4, 100.0, 3000.0, db_floor=-30.0)
    assert (sg.gammatone_iir_spectrogram(np.zeros(500), 8000, 100, 50, params)[0] == -30).all()


def test_centre_frequencies():
    np.testing.assert_allclose(
        sg.gammatone_center_frequencies(sg.ErbParams(5, 0.0, 8000.0)), [0, 2000, 4000, 6000, 8000], rtol=1e-12
    )
    with pytest.raises(TypeError, match="erb_params"):
        sg.gammatone_center_frequencies(8)


def test_errors():
    x, params = noise(500), sg.ErbParams(4, 100.0, 3000.0)
    for bad, error, message in [
        ((x, 0.0, 100, 50, params), sg.InvalidInputError, "sample_rate_hz must be finite and > 0"),
        ((x, 8000, 0, 50, params), ValueError, "frame_size must be >= 1"),
        ((x, 8000, 100, 0, params), ValueError, "hop_size must be >= 1"),
        ((x, 8000, 501, 50, params), sg.InvalidInputError, "frame_size=501, got 500"),
        ((x, 5999, 100, 50, params), sg.InvalidInputError, "must not exceed Nyquist=2999.5"),
        (([], 8000, 100, 50, params), sg.InvalidInputError, "samples must be non-empty"),
        ((x.reshape(2, 250), 8000, 100, 50, params), TypeError, "samples must be 1-D"),
        ((x, 8000, 100, 50, None), TypeError, "erb_params"),
        ((x, 8000, 100, 50, params, "int16"), ValueError, 'unsupported dtype "int16"'),
    ]:
        with pytest.raises(error, match=message):
            sg.gammatone_iir_spectrogram(*bad)
