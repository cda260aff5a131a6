"""Deltas against librosa, SciPy and Kaldi's definition; stacked frames; layouts, NaN, errors."""

import librosa
import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

from ..support.spectrogram_cases import noise
from ..support.together import together

MODES = ("interp", "nearest", "mirror", "constant", "wrap")


def features(rows=13, frames=40, seed=0):
    return noise(rows * frames, seed).reshape(rows, frames)


@pytest.mark.parametrize("mode", MODES)
@together(("width", "order"), [(9, 1), (3, 1), (3, 2), (9, 2), (11, 3), (5, 4), (31, 1)])
def test_librosa(mode, width, order):
    x = features()
    expected = librosa.feature.delta(x, width=width, order=order, mode=mode)
    found = sg.delta(x, width, order, mode)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * np.abs(expected).max())
    single = sg.delta(x.astype(np.float32), width, order, mode)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=0, atol=2e-6 * np.abs(expected).max())


@pytest.mark.parametrize("mode", ["nearest", "mirror", "constant", "wrap"])
def test_fewer_frames_than_the_window(mode):
    x = features(frames=3)
    expected = scipy.signal.savgol_filter(x, 9, 1, deriv=1, mode=mode)
    np.testing.assert_allclose(sg.delta(x, mode=mode), expected, rtol=0, atol=1e-13)


def test_a_line_has_its_slope_everywhere():
    x = 3.0 * np.arange(20) - 5
    np.testing.assert_allclose(sg.delta(x), np.full(20, 3.0), rtol=1e-14)
    np.testing.assert_allclose(sg.delta(x**2, order=2), np.full(20, 18.0), rtol=1e-12)


def test_a_constant_has_none():
    assert not sg.delta(np.full((2, 20), 0.1)).any()
    assert not sg.add_deltas(np.full((2, 20), 0.1))[2:].any()


def test_axes_and_inputs():
    x = features()
    expected = sg.delta(x)
    assert np.array_equal(sg.delta(x.T, axis=0), expected.T)
    assert np.array_equal(sg.delta(np.asfortranarray(x)), expected)
    assert np.array_equal(sg.delta(np.stack([x, -x]))[1], -expected)
    assert np.array_equal(sg.delta(np.arange(20), mode="nearest"), sg.delta(np.arange(20.0), mode="nearest"))
    mfcc = sg.compute_mfcc(noise(2000), sg.StftParams(64, 16, "hann"), 8000, 10, sg.MfccParams(5))
    assert np.array_equal(sg.delta(mfcc), sg.delta(mfcc.data))
    assert np.array_equal(sg.add_deltas(mfcc), sg.add_deltas(mfcc.data))


def test_values_do_not_depend_on_their_place():
    x = features(frames=200)
    whole = sg.delta(x, mode="nearest")
    for start in (0, 1, 7, 16, 100):
        part = sg.delta(x[:, start : start + 9], mode="nearest")
        assert np.array_equal(part[:, 4], whole[:, start + 4])


def test_nan_touches_its_window_only():
    x = features()
    clean = sg.delta(x)
    x[2, 20] = np.nan
    found = sg.delta(x)
    assert np.flatnonzero(np.isnan(found[2])).tolist() == list(range(16, 25))
    found[2, 16:25] = clean[2, 16:25]
    assert np.array_equal(found, clean)


def kaldi(x, order, window):
    """Kaldi's DeltaFeatures: weights by repeated convolution, frames clamped to the ends."""
    scales = [np.ones(1)]
    for _ in range(order):
        step = np.arange(-window, window + 1) / np.sum(np.arange(-window, window + 1) ** 2)
        new = np.zeros(len(scales[-1]) + 2 * window)
        for i, s in enumerate(scales[-1]):
            new[i : i + 2 * window + 1] += s * step
        scales.append(new)
    rows = []
    for weights in scales:
        reach = len(weights) // 2
        for row in x:
            rows.append(
                [
                    sum(w * row[min(max(t + j - reach, 0), len(row) - 1)] for j, w in enumerate(weights))
                    for t in range(len(row))
                ]
            )
    return np.array(rows)


@pytest.mark.parametrize(("order", "window"), [(1, 2), (2, 2), (2, 3), (3, 1)])
@pytest.mark.parametrize("frames", [1, 4, 25])
def test_add_deltas(order, window, frames):
    x = features(5, frames)
    found = sg.add_deltas(x, order, window)
    np.testing.assert_allclose(found, kaldi(x, order, window), rtol=0, atol=1e-14)
    assert found.shape == (5 * (order + 1), frames)
    assert np.array_equal(sg.add_deltas(x.T, order, window, axis=0), found.T)
    assert sg.add_deltas(x.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(("n", "stride"), [(1, 1), (2, 2), (3, 2), (4, 7), (7, 6), (11, 1)])
def test_stack_frames(n, stride):
    x = features(3, 10)
    stacks = [x[:, t : t + n].T.ravel() for t in range(0, 10 - n + 1, stride)]
    expected = np.array(stacks).reshape(-1, 3 * n).T
    found = sg.stack_frames(x, n, stride)
    assert np.array_equal(found, expected)
    assert found.shape == (3 * n, len(stacks))
    assert np.array_equal(sg.stack_frames(x.T, n, stride, axis=0), expected.T)


def test_stack_frames_keeps_type_and_strides_by_its_size():
    x = features(3, 10).astype(np.float32)
    assert np.array_equal(sg.stack_frames(x, 2), sg.stack_frames(x, 2, 2))
    assert sg.stack_frames(x, 2).dtype == np.float32


def test_errors():
    x = features()
    for options, message in [
        ({"width": 8}, "width must be odd and >= 3, got 8"),
        ({"width": 1}, "width must be odd and >= 3, got 1"),
        ({"width": 41}, "width must be at most the 40 frames .* got 41"),
        ({"order": 0}, "order must be >= 1, got 0"),
        ({"order": 9}, r"order must be in 1\.\.width-1=8, got 9"),
        ({"mode": "reflect"}, "mode must be one of 'interp', .* got 'reflect'"),
    ]:
        with pytest.raises(sg.InvalidInputError, match=message):
            sg.delta(x, **options)
    for bad, error, message in [
        (None, TypeError, "features must be array-like"),
        (1.0, TypeError, "at least 1-D"),
        (x * 1j, TypeError, "features must be real"),
        (np.ones((3, 0)), sg.InvalidInputError, "at least one frame"),
    ]:
        with pytest.raises(error, match=message):
            sg.delta(bad)
    for bad, options, error, message in [
        (np.ones(5), {}, TypeError, "features must be 2-D"),
        (x, {"order": 0}, sg.InvalidInputError, "order must be >= 1"),
        (x, {"window": 0}, sg.InvalidInputError, "window must be >= 1"),
        (np.ones((3, 0)), {}, sg.InvalidInputError, "at least one frame"),
    ]:
        with pytest.raises(error, match=message):
            sg.add_deltas(bad, **options)
    with pytest.raises(TypeError, match="features must be 2-D"):
        sg.stack_frames(np.ones(5), 2)
    for arguments in [(0,), (2, 0)]:
        with pytest.raises(sg.InvalidInputError, match="must be >= 1, got 0"):
            sg.stack_frames(x, *arguments)
