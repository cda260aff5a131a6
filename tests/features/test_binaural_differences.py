"""Differences of the binaural cues of two recordings."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.spatial.differences import (
    compute_ilr_spectrogram_diff,
    compute_itd_spectrogram_diff,
)

from ..support.ears import compute, cue_params, stereo, transform


def test_itd_difference():
    before, after = stereo(delay=1), stereo(delay=4)
    params = cue_params("itd")
    frames, degrees, median = compute_itd_spectrogram_diff(before, after, params)
    difference = compute("itd", after).data - compute("itd", before).data
    expected = difference.mean(axis=0)
    np.testing.assert_allclose(frames, expected, rtol=1e-10, atol=1e-18)
    assert degrees == pytest.approx(np.mean(np.abs(expected) / 0.00086 * 90), rel=1e-12)
    assert median == pytest.approx(np.median(expected), rel=1e-10)
    assert type(degrees) is type(median) is float
    assert compute_itd_spectrogram_diff(before, before, params)[1:] == (0.0, 0.0)
    assert compute_itd_spectrogram_diff(before, after, params, "float32")[0].dtype == np.float32


def test_ilr_difference():
    before, after = stereo(gain=0.5), stereo(gain=0.9)
    frames, mean = compute_ilr_spectrogram_diff(before, after, cue_params("ilr"))
    expected = (compute("ilr", after).data - compute("ilr", before).data).mean(axis=0)
    np.testing.assert_allclose(frames, expected, rtol=1e-10)
    assert mean == pytest.approx(np.abs(expected).mean(), rel=1e-12)
    assert type(mean) is float
    assert compute_ilr_spectrogram_diff(before, after, cue_params("ilr"), "float32")[0].dtype == np.float32


def test_differences_with_nan():
    clean, broken = stereo(), stereo(delay=5)
    broken[0][2000] = np.nan
    params = transform(centre=False)
    frames, degrees, median = compute_itd_spectrogram_diff(clean, broken, cue_params("itd", params=params))
    assert np.isnan(frames).sum() == 4
    assert np.isnan(degrees)
    assert median == np.median(frames[np.isfinite(frames)])
    frames, mean = compute_ilr_spectrogram_diff(clean, broken, cue_params("ilr", params=params))
    assert np.isnan(frames).sum() == 4
    assert mean == pytest.approx(np.nanmean(np.abs(frames)), rel=1e-13)
    nothing = [np.full(4000, np.nan)] * 2
    assert np.isnan(compute_itd_spectrogram_diff(clean, nothing, cue_params("itd"))[1:]).all()
    frames, mean = compute_ilr_spectrogram_diff(clean, nothing, cue_params("ilr"))
    assert np.isnan(frames).all()
    assert np.isnan(mean)


@pytest.mark.parametrize("lengths", [(4000, 3000), (3000, 4000), (200, 4000), (4000, 200)])
def test_differences_of_different_length(lengths):
    """Also a single frame, which could be stretched to many, is another length."""
    params = transform(centre=False)
    before, after = (stereo(n) for n in lengths)
    for difference, cue in ((compute_itd_spectrogram_diff, "itd"), (compute_ilr_spectrogram_diff, "ilr")):
        with pytest.raises(sg.DimensionMismatchError) as raised:
            difference(before, after, cue_params(cue, params=params))
        counts = [compute(cue, audio, params=params).n_frames for audio in (before, after)]
        assert [raised.value.expected, raised.value.got] == counts
