"""Frame geometry: that it counts as the engine does, and places frames where a plain loop would."""

import numpy as np
import pytest

from spectrograms import SpectrogramParams, SpectrogramPlan, StftParams, StftPlan
from spectrograms.plans.geometry import FrameGeometry, check_size

from ..support.together import together

CONFIGURATIONS = [
    StftParams(n_fft, hop, "hann", centre, win_length=win_length)
    for n_fft in (1, 2, 7, 64)
    for hop in {1, max(1, n_fft // 3), n_fft}
    for centre in (True, False)
    for win_length in {1, max(1, n_fft // 2), n_fft}
]


@together("stft", CONFIGURATIONS, ids=str)
def test_frames_are_counted_as_the_engine_does(stft):
    geometry = FrameGeometry.of(stft)
    plan = SpectrogramPlan(SpectrogramParams(stft, 8000))
    lengths = (*range(1, 3 * stft.n_fft + 3), 1000)
    assert [geometry.count(n) for n in lengths] == [plan.frame_count(n) for n in lengths]


@together("stft", CONFIGURATIONS, ids=str)
def test_frames_see_the_samples_that_the_geometry_says(stft):
    geometry = FrameGeometry.of(stft)
    x = np.random.default_rng(0).standard_normal(3 * stft.n_fft + 5)
    window = geometry.placed(stft.window.make(stft.win_length, periodic=stft.periodic))
    padded = np.pad(x, 2 * stft.n_fft)
    start = 2 * stft.n_fft - geometry.left - geometry.window_at
    frames = [padded[start + t * stft.hop_size :][: stft.n_fft] for t in range(geometry.count(len(x)))]
    expected = np.fft.rfft(np.array(frames) * window).T
    found = StftPlan(SpectrogramParams(stft, 8000)).compute(x).data
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_frames_without_padding_count_whole_ones_only():
    geometry = FrameGeometry(n_fft=512, hop=160, length=400, left=0, first=400)
    assert [geometry.count(n) for n in (0, 399, 400, 559, 560)] == [0, 0, 1, 1, 2]
    assert geometry.words()["edges"] == "nothing added"
    assert geometry.middle == 200


def test_zeros_that_lead_are_counted_as_samples():
    geometry = FrameGeometry(n_fft=512, hop=160, length=400, left=0, first=400, lead=240)
    assert [geometry.count(n) for n in (159, 160)] == [0, 1]
    assert geometry.words()["left"] == 240
    assert geometry.middle == -40


@pytest.mark.parametrize("n_fft", [8, 9])
@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_what_overlapping_frames_cover(n_fft, n_frames):
    whole = FrameGeometry.centred(n_fft, 3, n_fft, centre=False).covered(n_frames)
    first, number = FrameGeometry.centred(n_fft, 3, n_fft).covered(n_frames)
    assert whole == (0, (n_frames - 1) * 3 + n_fft)
    if n_frames == 1 and n_fft == 8:
        assert (first, number) == whole
    else:
        assert (first, number) == (n_fft // 2, whole[1] - 2 * (n_fft // 2))


def test_whole_frames_start_where_the_transform_does():
    geometry = FrameGeometry.of(StftParams(64, 16, "hann", win_length=32))
    assert geometry.whole().left == geometry.left + geometry.window_at == 32
    assert geometry.whole().count(1000) == geometry.count(1000)


def test_transforms_that_are_too_large_are_refused():
    with pytest.raises(MemoryError, match=r"n_fft must be at most 2\*\*28=268435456, got 268435457"):
        check_size(StftParams(2**28 + 1, 1, "hann"))
