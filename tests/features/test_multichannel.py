"""The short-time transform of several channels: each as if it came alone."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.multichannel import compute_stft_multichannel

from ..support.spectrogram_cases import DTYPES, noise, parameters


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_channel_is_its_own_transform(dtype):
    samples = noise(3 * 900).reshape(3, 900)
    expected = np.stack([sg.compute_stft(x, parameters(), dtype).data for x in samples])
    frames = np.round(samples * 100).astype(np.int16)
    for given in (
        samples,
        samples.T.copy().T,
        list(samples),
        tuple(map(tuple, samples)),
        memoryview(samples),
    ):
        found = compute_stft_multichannel(given, parameters(), dtype)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)
    # Interleaved samples of a file are read in place.
    found = compute_stft_multichannel(np.ascontiguousarray(frames.T).T, parameters(), dtype)
    assert np.array_equal(found[1], sg.compute_stft(frames[1], parameters(), dtype).data)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (
            [np.zeros(10), np.zeros(11)],
            sg.DimensionMismatchError,
            "expected 10, got 11 .samples of channel 1",
        ),
        ([np.zeros(10), np.zeros((2, 5))], TypeError, "samples must be 1-D"),
        ([np.zeros(10), []], ValueError, "channel 1 must not be empty"),
        ([], ValueError, "at least one channel"),
        (np.zeros((0, 10)), ValueError, "at least one channel"),
        (np.zeros((2, 0)), ValueError, "must not be empty"),
        (np.zeros(10), TypeError, "2 or 3 dimensions"),
        (np.zeros((2, 2, 10)), TypeError, "samples must be 2-D, got shape"),
        ([1.0, 2.0], TypeError, "flat list of numbers"),
    ],
)
def test_what_is_no_set_of_channels(bad, error, message):
    with pytest.raises(error, match=message):
        compute_stft_multichannel(bad, parameters())


def test_params_of_the_wrong_class():
    with pytest.raises(TypeError, match="params must be SpectrogramParams"):
        compute_stft_multichannel(np.zeros((2, 10)), sg.StftParams(64, 16, "hann"))
