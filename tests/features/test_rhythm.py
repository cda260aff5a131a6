"""Onset strength and tempograms as librosa has them: numbers, bands, bytes, streams, NaN, errors."""

import pickle

import librosa
import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from .test_tonality import RATE, close, music

STFT = sg.StftParams(1024, 256, "hann", periodic=True)
PARAMS = sg.SpectrogramParams(STFT, RATE)
MEL = sg.MelParams(40, 0.0, RATE / 2, "slaney")


def bursts():
    x = 1e-6 * np.random.default_rng(3).standard_normal(30000)
    for start in range(3000, 30000, 6000):
        x[start : start + 800] += np.random.default_rng(start).standard_normal(800)
    return x


@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize(("lag", "max_size"), [(1, 1), (2, 3), (3, 4), (40, 9)])
@together("n_fft, hop, n_mels", [(2048, 512, 128), (1024, 300, 40)])
@together("x", [music(1), bursts(), np.zeros(9000), np.ones(300)])
def test_onset_strength_is_that_of_librosa(lag, max_size, n_fft, hop, n_mels, x):
    given = {"lag": lag, "max_size": max_size, "n_fft": n_fft, "n_mels": n_mels}
    if len(x) < lag * hop:  # librosa has no frames to compare then, and no zeros of as many frames
        return
    expected = librosa.onset.onset_strength(y=x, sr=RATE, hop_length=hop, dtype=np.float64, **given)
    found = sg.onset_strength(x, RATE, hop_size=hop, **given)
    close(found.data[0], expected)
    assert (found.unit, found.name) == ("dB", "onset strength")


def test_bands():
    x, edges = bursts(), [0, 10, 64, 128]
    expected = librosa.onset.onset_strength_multi(y=x, sr=RATE, channels=edges, dtype=np.float64)
    close(sg.onset_strength(x, RATE, edges=edges).data, expected)
    part = sg.onset_strength(x, RATE, edges=(10, 64)).data
    assert part.tobytes() == sg.onset_strength(x, RATE, edges=edges).data[1:2].tobytes()


@together("amplitude, centre", [("magnitude", True), ("power", False), ("db", False), ("magnitude", False)])
def test_flux_of_any_spectra(amplitude, centre):
    x = bursts()
    params = sg.SpectrogramParams(sg.StftParams(512, 200, "hann", centre), RATE)
    spectra = sg.SpectrogramPlan(params, None, amplitude).compute(x).data
    expected = librosa.onset.onset_strength(
        S=spectra, sr=RATE, lag=2, n_fft=512, hop_length=200, center=centre
    )
    found = sg.OnsetPlan(params, amplitude=amplitude, lag=2).compute(x)
    close(found.data[0], expected)
    assert found.unit == {"magnitude": "amplitude", "power": "power", "db": "dB"}[amplitude]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@together("options", [{}, {"lag": 3, "max_size": 5}, {"edges": (0, 3, 40)}, {"lag": 30}])
def test_bytes_are_the_same_every_way(dtype, options):
    x = bursts()
    plan = sg.OnsetPlan(PARAMS, MEL, dtype=dtype, **options)
    alone = plan.compute(x)
    assert alone.data.dtype == dtype
    assert alone.shape == plan.output_shape(len(x))
    assert alone.times == plan.times(len(x)).tolist()
    expected = alone.data.tobytes()
    for threads in (1, 3):
        for batch in (plan.compute_batch([x, x[:5000], x], num_threads=threads), plan.compute_batch([x] * 3)):
            assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stacked = np.stack([x, x])
    assert plan.compute_batch(stacked)[1].tobytes() == expected
    into = np.empty((2, *alone.shape[::-1]), dtype).swapaxes(1, 2)
    assert plan.compute_batch(stacked, out=into, num_threads=2) is into
    assert into[0].tobytes() == into[1].tobytes() == expected
    for fill in (plan.compute, plan.compute_into):
        into[:] = np.nan
        assert fill(x, into[1]) is not None
        assert into[1].tobytes() == expected
    for frame in (0, 3, 40, alone.shape[1] - 1):
        assert plan.compute_frame(x, frame).tobytes() == alone.data[:, frame].tobytes()
    stream = plan.stream()
    for pieces in (1, 17, 301):
        parts = [stream.push(chunk) for chunk in np.array_split(x, pieces)]
        assert np.hstack([*parts, stream.flush()]).tobytes() == expected
        stream.reset()
    for twin in (pickle.loads(pickle.dumps(plan)), sg.OnsetPlan.from_json(plan.to_json())):
        assert (twin, hash(twin), twin.fingerprint) == (plan, hash(plan), plan.fingerprint)
        assert twin.compute(x).data.tobytes() == expected
    for twin in (pickle.loads(pickle.dumps(alone)), sg.OnsetStrength.from_dict(alone.to_dict())):
        assert twin.data.tobytes() == expected
        assert (twin.times, twin.unit) == (alone.times, alone.unit)
    assert plan != sg.OnsetPlan(PARAMS, MEL, dtype=dtype, lag=7)


def test_batches_are_those_of_any_plan():
    x = bursts()
    plan = sg.OnsetPlan(PARAMS, MEL, edges=(0, 3, 40), top_db=40.0)
    batch = plan.compute_batch([x, x[:5000]])
    assert isinstance(batch, sg.Batch)
    assert isinstance(batch[1], sg.OnsetStrength)
    assert batch.lengths.tolist() == [plan.frame_count(len(x)), plan.frame_count(5000)]
    assert batch[1].data.tobytes() == plan.compute(x[:5000]).data.tobytes()
    with pytest.raises(TypeError, match="out needs signals in one array"):
        plan.compute_batch([x, x], out=np.empty((2, 2, 118)))
    with pytest.raises(ValueError, match=r"signals\[1\]: must not be empty"):
        plan.compute_batch([x, x[:0]])
    with pytest.raises(sg.DimensionMismatchError):
        plan.compute(x, np.empty((1, plan.frame_count(len(x)))))
    with pytest.raises(TypeError, match="out"):
        plan.compute(x, np.empty(plan.output_shape(len(x)), "float32"))


def test_stores_and_comparisons_take_onsets():
    from spectrograms.corpus import extractor_from

    x, plan = bursts(), sg.OnsetPlan(PARAMS, MEL, lag=2)
    stored = extractor_from(plan.to_json()).compute(x)
    assert stored.tobytes() == plan.compute(x).data.tobytes()
    assert not sg.compare(plan, plan.to_dict()).differences
    assert "rise" in str(sg.compare(plan, sg.OnsetPlan(PARAMS, MEL)))
    assert sg.warmup([plan.to_dict()])[0] == plan


def test_streams_know_no_highest_level():
    with pytest.raises(sg.InvalidInputError, match="top_db must be None for a stream"):
        sg.OnsetPlan(PARAMS, MEL, top_db=80.0).stream()
    with pytest.raises(sg.InvalidInputError, match="top_db must be None for one frame"):
        sg.OnsetPlan(PARAMS, MEL, top_db=80.0).compute_frame(bursts(), 3)
    with pytest.raises(TypeError, match="made by"):
        sg.OnsetStream()
    x = bursts()
    limited, free = (sg.OnsetPlan(PARAMS, MEL, db=sg.LogParams(-200.0), top_db=top) for top in (60.0, None))
    assert limited.compute(x).data.sum() < free.compute(x).data.sum()


@pytest.mark.slow
@pytest.mark.parametrize("win_length", [1, 2, 33, 100, 384])
@together("centre", [True, False])
@together("norm, order", [("max", np.inf), ("l1", 1), ("l2", 2), ("none", None)])
def test_tempogram_is_that_of_librosa(win_length, centre, norm, order):
    onsets = sg.onset_strength(np.tile(music(2), 5), RATE).data[0].copy()
    expected = librosa.feature.tempogram(
        onset_envelope=onsets, sr=RATE, win_length=win_length, center=centre, norm=order
    )
    close(sg.tempogram(onsets, win_length=win_length, centre=centre, norm=norm), expected)
    assert not sg.tempogram(np.zeros(500), win_length=win_length).any()


def test_tempogram_precisions():
    onsets = sg.onset_strength(music(2), RATE, dtype="float32")
    found = sg.tempogram(onsets)
    assert found.dtype == np.float32
    close(found, sg.tempogram(onsets.data.astype(float)), 1e-5)
    assert sg.fourier_tempogram(onsets).data.dtype == np.complex64


@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize("win_length", [2, 33, 100, 384])
@together("centre", [True, False])
def test_fourier_tempogram_is_that_of_librosa(win_length, centre):
    onsets = sg.onset_strength(np.tile(music(2), 5), RATE)
    expected = librosa.feature.fourier_tempogram(
        onset_envelope=onsets.data[0], sr=RATE, win_length=win_length, center=centre
    )
    found = sg.fourier_tempogram(onsets, win_length=win_length, centre=centre)
    close(found.data, expected)
    # One value lasts a hop: frequencies are beats in a second, times those of the onsets.
    np.testing.assert_allclose(found.f[1], RATE / 512 / win_length)
    np.testing.assert_allclose(found.t[:9], onsets.t[:9])
    assert sg.fourier_tempogram(onsets.data, win_length=win_length, frame_rate=2.0).f[1] == 2 / win_length


def test_nan_touches_its_frames_only():
    x = bursts()
    plan = sg.OnsetPlan(PARAMS, MEL, max_size=3)
    clean = plan.compute(x).data
    x[10000] = np.nan
    found = plan.compute(x).data
    bad = np.isnan(plan._plan.compute(x).data).any(axis=0)
    touched = np.zeros(found.shape[1], bool)
    touched[2:] = bad[:-2]  # half a frame is two hops
    touched[3:] |= bad[:-3]
    assert np.array_equal(np.isnan(found[0]), touched)
    assert np.array_equal(found[0, ~touched], clean[0, ~touched])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sg.OnsetPlan(STFT), TypeError, "params must be SpectrogramParams"),
        (lambda: sg.OnsetPlan(PARAMS, lag=0), sg.InvalidInputError, "lag"),
        (lambda: sg.OnsetPlan(PARAMS, max_size=0), sg.InvalidInputError, "max_size"),
        (
            lambda: sg.OnsetPlan(PARAMS, MEL, edges=[0, 41]),
            sg.InvalidInputError,
            "edges must be .* 40 at most",
        ),
        (lambda: sg.OnsetPlan(PARAMS, MEL, edges=[3, 3]), sg.InvalidInputError, "edges must be"),
        (lambda: sg.OnsetPlan(PARAMS, MEL, edges=[3]), sg.InvalidInputError, "edges must be"),
        (lambda: sg.OnsetPlan(PARAMS, top_db=-1.0), sg.InvalidInputError, "top_db must be finite"),
        (lambda: sg.OnsetPlan(PARAMS, amplitude="power", top_db=9.0), sg.InvalidInputError, "top_db needs"),
        (lambda: sg.OnsetPlan(PARAMS).compute([]), ValueError, "empty"),
        (lambda: sg.OnsetPlan(PARAMS).compute_batch([np.ones(9), []]), ValueError, "signals"),
        (lambda: sg.onset_strength(np.ones(99), -1.0), sg.InvalidInputError, "sample_rate"),
        (lambda: sg.tempogram(np.ones((2, 9))), TypeError, "onsets must have one row"),
        (lambda: sg.tempogram([]), ValueError, "onsets must not be empty"),
        (lambda: sg.tempogram(np.ones(9), win_length=0), sg.InvalidInputError, "win_length"),
        (lambda: sg.tempogram(np.ones(9), centre=False), sg.InvalidInputError, "win_length must be at most"),
        (lambda: sg.fourier_tempogram(np.ones(9), frame_rate=0.0), sg.InvalidInputError, "sample_rate"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
