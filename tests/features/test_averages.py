"""Long-term averages: SciPy's Welch, NumPy's percentiles, any chunks, any length."""

import pickle
import threading
import tracemalloc

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

from ..support.spectrogram_cases import noise

RATE = 16000


def measured(n_fft=512, hop=256, centre=False, scaling="density", **more):
    stft = sg.StftParams(n_fft, hop, "hann", centre, periodic=True)
    return sg.SpectrogramParams(stft, RATE, scaling=scaling, **more)


@pytest.mark.parametrize("average", ["mean", "median"])
@pytest.mark.parametrize("scaling", ["density", "spectrum"])
@pytest.mark.parametrize(("n_fft", "hop"), [(512, 256), (400, 160), (255, 100)])
@pytest.mark.parametrize("detrend", ["none", "constant"])
def test_welch_is_that_of_scipy(average, scaling, n_fft, hop, detrend):
    x = noise(30000) + 0.7
    ours = sg.welch(x, measured(n_fft, hop, scaling=scaling, detrend=detrend), average=average)
    wanted = scipy.signal.welch(
        x, RATE, "hann", n_fft, n_fft - hop, scaling=scaling, average=average,
        detrend=False if detrend == "none" else "constant",
    )  # fmt: skip
    np.testing.assert_allclose(ours[0], wanted[0], rtol=1e-15)
    np.testing.assert_allclose(ours[1], wanted[1], rtol=0, atol=1e-12 * wanted[1].max())


def test_scipys_defaults_in_every_bin():
    """With the mean taken off nothing large is left beside what is small."""
    x = noise(30000) + 0.7
    _, ours = sg.welch(x, measured(256, 128, detrend="constant"))
    _, wanted = scipy.signal.welch(x, RATE, nperseg=256)
    np.testing.assert_allclose(ours[1:], wanted[1:], rtol=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("every", [None, 0.016, 0.05, 0.5, 100.0])
@pytest.mark.parametrize("centre", [True, False])
def test_means_and_percentiles_of_numpy(every, centre):
    x, params = noise(20000), measured(centre=centre)
    frames = sg.SpectrogramPlan(params).compute(x)
    found = average(params, every, (0, 5, 50, 95, 100), x)
    stretch = np.zeros(frames.n_frames) if every is None else np.array(frames.times) / every
    stretch = np.floor(stretch * (1 + 1e-12)).astype(int)
    assert found.n_frames.tolist() == np.bincount(stretch).tolist()
    for k in range(stretch[-1] + 1):
        part = frames.data[:, stretch == k]
        np.testing.assert_allclose(found.mean[:, k], part.mean(axis=1), rtol=1e-13)
        for share, values in found.percentiles.items():
            np.testing.assert_allclose(values[:, k], np.percentile(part, share, axis=1), rtol=1e-13)
    np.testing.assert_allclose(found.times, np.arange(stretch[-1] + 1) * (every or 0.0))
    assert np.array_equal(found.frequencies, frames.frequencies)


def average(params, every, percentiles, x, cuts=1, **more):
    gathered = sg.LongTermAverage(sg.SpectrogramPlan(params, **more), every, percentiles)
    gathered.extend(np.array_split(x, cuts))
    return gathered.finish()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("every", [None, 0.3])
def test_not_a_bit_depends_on_the_chunks(every, dtype):
    x = noise(200_000).astype(dtype)
    whole = average(measured(), every, (10, 50), x, dtype=dtype)
    assert whole.n_frames[0] > (18 if every else 512)
    for cuts in [2, 7, 1000, 4001]:
        again = average(measured(), every, (10, 50), x, cuts, dtype=dtype)
        assert np.array_equal(again.mean, whole.mean)
        assert all(np.array_equal(again.percentiles[p], whole.percentiles[p]) for p in (10, 50))


def test_levels_of_averages():
    x = noise(40000)
    found = average(measured(unit="Pa"), 0.5, (50,), x)
    levels = found.to_db(sg.LogParams(-200.0, reference=20e-6))
    assert (found.unit, levels.unit) == ("Pa**2/Hz", "dB re (20 uPa)**2/Hz")
    np.testing.assert_allclose(levels.mean, 10 * np.log10(found.mean / 20e-6**2), rtol=0, atol=1e-9)
    np.testing.assert_allclose(
        levels.percentiles[50], 10 * np.log10(found.percentiles[50] / 20e-6**2), atol=1e-9
    )
    assert found.to_db(sg.LogParams(-30.0)).mean.min() == -30.0
    assert repr(levels) == "LongTermSpectrum(5 stretches, 257 bins, dB re (20 uPa)**2/Hz)"
    with pytest.raises(sg.InvalidInputError, match="unit must be that of power"):
        levels.to_db()


def test_spectra_travel_and_are_made_by_averages_alone():
    found = average(measured(), 0.25, (50,), noise(9000)).to_db()
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.percentiles[50], found.percentiles[50])
    assert (again.unit, repr(again)) == (found.unit, repr(found))
    with pytest.raises(TypeError, match="is made by LongTermAverage"):
        sg.LongTermSpectrum()


def test_nan_stays_nan():
    x = noise(16000)
    x[9000] = np.nan
    found = average(measured(), 0.25, (50,), x)
    # In the third quarter of a second alone.
    assert np.isnan(found.mean).any(axis=0).tolist() == [False, False, True, False]
    assert np.isnan(found.to_db().mean).any(axis=0).tolist() == [False, False, True, False]


def test_bands():
    x, scale = noise(40000), sg.OctaveParams(1, 125.0, 4000.0)
    _, bands = sg.welch(x, measured(2048, 1024, scaling="spectrum"), scale)
    wanted = sg.SpectrogramPlan(measured(2048, 1024, scaling="spectrum"), scale).compute(x).data.mean(axis=1)
    np.testing.assert_allclose(bands, wanted, rtol=1e-13)


@pytest.mark.slow
def test_constant_memory():
    """Half an hour leaves no more behind than a minute."""
    gathered, peaks = sg.LongTermAverage(sg.SpectrogramPlan(measured(), dtype="float32"), 60.0), []
    block = noise(RATE).astype(np.float32)
    tracemalloc.start()
    try:
        for second in range(1800):
            gathered.push(block)
            if second in (120, 1799):
                peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert gathered.finish().mean.shape == (257, 30)
    # Thirty means of 257 values are 62 kB.
    assert peaks[1] < peaks[0] + 200_000


def test_a_new_signal_after_the_end():
    gathered = sg.LongTermAverage(sg.SpectrogramPlan(measured()), 0.1)
    with pytest.raises(sg.InvalidInputError, match="before a sample was pushed"):
        gathered.finish()
    first, second = noise(9000), noise(7000, seed=5)
    results = []
    for x in (first, second, first):
        gathered.push(x)
        results.append(gathered.finish())
    assert np.array_equal(results[0].mean, results[2].mean)
    gathered.push(second)
    gathered.reset()
    gathered.push(first)
    assert np.array_equal(gathered.finish().mean, results[0].mean)


def test_pushes_from_threads_are_taken_one_after_the_other():
    gathered, chunk = sg.LongTermAverage(sg.SpectrogramPlan(measured()), 0.1), noise(4000)
    threads = [threading.Thread(target=lambda: [gathered.push(chunk) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(gathered.finish().mean, average(measured(), 0.1, (), np.tile(chunk, 80)).mean)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: sg.LongTermAverage(sg.SpectrogramPlan(p, amplitude="db")), "must be 'power', got 'db'"),
        (
            lambda p: sg.LongTermAverage(sg.SpectrogramPlan(p), 0.001),
            "every must be at least one frame, 0.016 s",
        ),
        (lambda p: sg.LongTermAverage(sg.SpectrogramPlan(p), np.inf), "every must be at least one frame"),
        (
            lambda p: sg.LongTermAverage(sg.SpectrogramPlan(p), percentiles=[101]),
            "percentiles must be in 0..100",
        ),
        (lambda p: sg.welch(noise(100), p, average="max"), "average must be one of 'mean', 'median'"),
        (lambda p: sg.welch([], p), "before a sample was pushed"),
    ],
)
def test_errors(make, words):
    with pytest.raises(sg.InvalidInputError, match=words):
        make(measured())


def test_what_is_detrended_is_not_inverted():
    with pytest.raises(sg.InvalidInputError, match="detrend must be 'none' to invert"):
        sg.IstftPlan(measured(detrend="constant"))


def test_a_long_signal_pushed_at_once_takes_the_memory_of_a_block():
    samples = np.random.default_rng(5).standard_normal(1 << 21).astype(np.float32)
    average = sg.LongTermAverage(sg.SpectrogramPlan(measured(), dtype="float32"))
    spectrogram = 4 * 257 * (len(samples) // 256)
    tracemalloc.start()
    try:
        average.push(samples)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0 < peak < spectrogram / 4
