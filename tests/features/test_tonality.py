"""Pitch classes, tuning and tonal space as librosa has them: numbers, bytes, silence, NaN, errors."""

import pickle

import librosa
import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together

RATE = 22050
X = np.sin(0.1 * np.arange(8000))


def music(seconds=2.0, tuning=0.0, rate=RATE):
    """Three chords of decaying harmonics, and some noise."""
    t = np.arange(int(seconds * rate)) / rate
    x = 0.001 * np.random.default_rng(1).standard_normal(len(t))
    for i, chord in enumerate(((60, 64, 67), (57, 60, 64, 69), (55, 59, 62))):
        start = i * seconds / 3
        inside = t >= start
        for note in chord:
            for harmonic in range(1, 6):
                f = harmonic * 440 * 2 ** ((note + tuning - 69) / 12)
                x += inside * np.exp(-3 * (t - start) * inside) * np.sin(2 * np.pi * f * t) / harmonic
    return x


def close(found, expected, within=1e-10):
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=0, atol=within * np.abs(expected).max())


# What librosa warns of silence.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Trying to estimate tuning")
@pytest.mark.parametrize("n_chroma", [1, 5, 12, 13, 24, 36])
@together("n_fft, hop", [(2048, 512), (1024, 300), (1001, 250)])
@together("x", [music(), music(1, 0.3), np.random.default_rng(0).standard_normal(9000), np.zeros(5000)])
def test_chroma_stft_is_that_of_librosa(n_chroma, n_fft, hop, x):
    given = {"y": x, "sr": RATE, "n_fft": n_fft, "hop_length": hop, "n_chroma": n_chroma, "dtype": np.float64}
    if n_fft % 2:  # librosa takes the length from the rows of a spectrogram, and then for an even one
        given["tuning"] = 0.1
    expected = librosa.feature.chroma_stft(**given)
    more = {"tuning": 0.1} if n_fft % 2 else {}
    found = sg.chroma_stft(x, RATE, n_fft=n_fft, hop_size=hop, n_chroma=n_chroma, **more)
    close(found.data, expected)


@pytest.mark.slow
@together("norm, order", [("l1", 1), ("l2", 2), ("none", None), ("max", np.inf)])
def test_options_of_the_weights(norm, order):
    x, stft = music(1), sg.StftParams(2048, 512, "hann", periodic=True)
    more = {"ctroct": 4.0, "octwidth": 1.0, "base_c": False, "dtype": np.float64}
    expected = librosa.feature.chroma_stft(y=x, sr=RATE, tuning=-0.2, norm=order, **more)
    params = sg.ChromaStftParams(12, -0.2, norm, octave_centre=4.0, octave_width=1.0, base_c=False)
    close(sg.ChromaPlan(stft, RATE, params).compute(x).data, expected)
    flat = librosa.feature.chroma_stft(y=x, sr=RATE, tuning=0.0, octwidth=None, dtype=np.float64)
    params = sg.ChromaStftParams(octave_width=np.inf)
    close(sg.ChromaPlan(stft, RATE, params).compute(x).data, flat)


def test_float32_is_close():
    x = music(1)
    found = sg.chroma_stft(x, RATE, tuning=0.0, dtype="float32")
    assert found.data.dtype == np.float32
    close(found.data, sg.chroma_stft(x, RATE, tuning=0.0).data, 1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_are_the_same_every_way(dtype):
    x = music(1)
    alone = sg.chroma_stft(x, RATE, dtype=dtype)
    assert alone.params.tuning != 0
    plan = sg.ChromaPlan(
        alone.stft if hasattr(alone, "stft") else alone._info.stft, RATE, alone.params, dtype
    )
    expected = alone.data.tobytes()
    assert plan.compute(x).data.tobytes() == expected
    assert sg.chroma_stft(x, RATE, tuning=alone.params.tuning, dtype=dtype).data.tobytes() == expected
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:5000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 17)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == expected
    assert np.array_equal(plan.compute_frame(x, 7), alone.data[:, 7])
    features = sg.FeatureSet(plan.stft_params, RATE, {"a": alone.params, "b": "crest"}, dtype)
    assert features.compute(x)["a"].data.tobytes() == expected
    out = np.empty(alone.shape, dtype)
    assert plan.compute(x, out=out) is out
    assert out.tobytes() == expected
    for twin in (pickle.loads(pickle.dumps(plan)), sg.ChromaPlan.from_json(plan.to_json())):
        assert twin == plan
    assert sg.Chromagram.from_dict(alone.to_dict()).data.tobytes() == expected


@pytest.mark.slow
def test_labels_and_pitches():
    assert sg.Chromagram.labels[:2] == ["C", "C#"]
    x = music(1)
    assert sg.chroma_stft(x, RATE).labels == sg.Chromagram.labels
    assert sg.chroma_stft(x, RATE, n_chroma=24).labels[:3] == ["C", "", "C#"]
    assert sg.chroma_stft(x, RATE, n_chroma=5).labels == ["0", "1", "2", "3", "4"]
    stft = sg.StftParams(4096, 512, "hann")
    for n_chroma in (12, 24, 36):
        for base_c in (True, False):
            plan = sg.ChromaPlan(stft, RATE, sg.ChromaStftParams(n_chroma, 0.25, base_c=base_c))
            pitches = plan.center_frequencies
            for c in range(0, n_chroma, 5):
                tone = np.sin(2 * np.pi * pitches[c] * 2**4 * np.arange(RATE // 2) / RATE)
                assert plan.compute(tone).data[:, 5:-5].mean(axis=1).argmax() == c
    middle_c = sg.ChromaPlan(stft, RATE, sg.ChromaStftParams()).center_frequencies[0] * 8
    assert abs(middle_c - 261.6256) < 1e-3
    picture = pytest.importorskip("matplotlib.figure").Figure().add_subplot()
    sg.chroma_stft(x, RATE, n_chroma=24).plot(ax=picture)
    assert "power" in sg.ChromaPlan(stft, RATE, sg.ChromaStftParams()).conventions["spectrum"]


@pytest.mark.slow
@pytest.mark.parametrize("tuning", [-0.4, -0.1, 0.0, 0.23, 0.45])
def test_estimate_tuning_is_that_of_librosa(tuning):
    x = music(tuning=tuning)
    assert sg.estimate_tuning(x, RATE) == pytest.approx(librosa.estimate_tuning(y=x, sr=RATE), abs=1e-12)
    assert abs(sg.estimate_tuning(x, RATE) - tuning) < 0.05
    more = {"resolution": 0.003, "bins_per_octave": 36}
    expected = librosa.estimate_tuning(y=x, sr=RATE, n_fft=1024, **more)
    assert sg.estimate_tuning(x, RATE, n_fft=1024, **more) == pytest.approx(expected, abs=1e-12)


@together(
    "n_fft, f_min, f_max, threshold", [(2048, 150, 4000, 0.1), (512, 0, 1e5, 0.0), (1024, 1e3, 2e3, 0.5)]
)
@together("x", [music(), np.random.default_rng(0).standard_normal(9000), np.zeros(5000)])
def test_piptrack_is_that_of_librosa(n_fft, f_min, f_max, threshold, x):
    expected = librosa.piptrack(y=x, sr=RATE, n_fft=n_fft, fmin=f_min, fmax=f_max, threshold=threshold)
    found = sg.piptrack(x, RATE, n_fft=n_fft, f_min=f_min, f_max=f_max, threshold=threshold)
    for ours, theirs in zip(found, expected, strict=True):
        close(ours, theirs)


def test_more_frames_than_a_piece():
    x = np.tile(music(1), 3)
    pitches, magnitudes = sg.piptrack(x, RATE, n_fft=256, hop_size=32)
    assert pitches.shape[1] > 2000
    expected = librosa.piptrack(y=x, sr=RATE, n_fft=256, hop_length=32)
    close(pitches, expected[0])
    close(magnitudes, expected[1])
    single = sg.piptrack(x, RATE, n_fft=256, hop_size=32, dtype="float32")
    assert {each.dtype.name for each in single} == {"float32"}
    # Rounding makes and unmakes a few peaks; those of both have one frequency.
    both = (single[0] > 0) & (pitches > 0)
    assert both.sum() > 0.99 * max((single[0] > 0).sum(), (pitches > 0).sum())
    np.testing.assert_allclose(single[0][both], pitches[both], rtol=1e-3)
    np.testing.assert_allclose(single[1][both], magnitudes[both], rtol=1e-3)


def test_pitches_are_the_same_on_threads():
    found = []
    try:
        for threads in (1, 3):
            sg.set_num_threads(threads)
            found.append([each.tobytes() for each in sg.piptrack(music(), RATE)])
    finally:
        sg.set_num_threads(None)
    assert found[0] == found[1]


@pytest.mark.parametrize("n_chroma", [12, 24, 7])
def test_tonnetz_is_that_of_librosa(n_chroma):
    chroma = sg.chroma_stft(music(), RATE, n_chroma=n_chroma).data.copy()
    chroma[:, 3] = 0
    close(sg.tonnetz(chroma), librosa.feature.tonnetz(chroma=chroma))
    assert not sg.tonnetz(chroma)[:, 3].any()


@pytest.mark.parametrize("params", [sg.ChromaParams(), sg.ChromaStftParams(24), sg.ChromaCqtParams()])
def test_a_plan_of_the_tonal_space_is_that_of_librosa(params):
    x = np.random.default_rng(5).standard_normal(22050)
    stft = sg.StftParams(2048, 512, "hann", periodic=True)
    plan = sg.TonnetzPlan(stft, 22050, params)
    chroma = sg.ChromaPlan(stft, 22050, params).compute(x).data
    found = plan.compute(x)
    close(found.data, librosa.feature.tonnetz(chroma=chroma))
    assert found.labels[3] == "minor thirds, cosine"
    spoilt = x.copy()
    spoilt[11025] = np.nan
    touched = np.isnan(sg.ChromaPlan(stft, 22050, params).compute(spoilt).data).any(axis=0)
    assert touched.any()
    np.testing.assert_array_equal(np.isnan(plan.compute(spoilt).data), np.tile(touched, (6, 1)))
    assert not plan.compute(np.zeros(22050)).data.any()


@pytest.mark.parametrize("n_chroma", [12, 24])
def test_the_tonal_space_does_not_depend_on_which_class_is_first(n_chroma):
    stft = sg.StftParams(2048, 512, "hann", periodic=True)
    from_c, from_a = (
        sg.TonnetzPlan(stft, RATE, sg.ChromaStftParams(n_chroma, base_c=base_c)).compute(music(1.0)).data
        for base_c in (True, False)
    )
    close(from_a, from_c)


@pytest.mark.slow
@pytest.mark.parametrize("params", [sg.ChromaStftParams(24, 0.1, "l2"), sg.ChromaCqtParams(n_octaves=5)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_tonal_space_has_the_same_bytes_every_way(params, dtype):
    x = music(1.0).astype(dtype)
    stft = sg.StftParams(2048, 512, "hann", periodic=True)
    plan = sg.TonnetzPlan(stft, RATE, params, dtype)
    alone = plan.compute(x)
    expected = alone.data.tobytes()
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:5000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 17)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == expected
    out = np.empty(alone.shape, dtype)
    plan.compute_into(np.repeat(x, 2)[::2], out)
    assert out.tobytes() == expected
    features = sg.FeatureSet(stft, RATE, {"a": (params, "tonnetz"), "b": params}, dtype)
    assert features.compute(x)["a"].data.tobytes() == expected
    assert sg.FeatureSet.from_dict(features.to_dict()) == features
    for twin in (pickle.loads(pickle.dumps(plan)), sg.TonnetzPlan.from_json(plan.to_json())):
        assert twin == plan
        assert twin.compute(x).data.tobytes() == expected
    assert sg.Tonnetz.from_dict(alone.to_dict()).data.tobytes() == expected
    exact = sg.TonnetzPlan(stft, RATE, params).compute(x).data
    close(alone.data, exact, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("smoothing", [None, 1, 2, 10, 41])
@pytest.mark.parametrize(("norm", "order"), [("l2", 2), ("l1", 1), ("max", np.inf), ("none", None)])
def test_cens_is_that_of_librosa(smoothing, norm, order):
    chroma = sg.chroma_stft(music(), RATE).data.copy()
    chroma[:, 30:60] = 0
    # Constant-Q rows of one octave from C on are pitch classes.
    expected = librosa.feature.chroma_cens(
        C=chroma, n_octaves=1, bins_per_octave=12, win_len_smooth=smoothing, norm=order
    )
    close(sg.cens(chroma, smoothing=smoothing, norm=norm), expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_chroma", "bins", "f_min"), [(12, 36, None), (12, 12, 55.0), (24, 48, 65.4), (4, 36, 40.0)]
)
@together("norm, order", [("max", np.inf), ("l2", 2), ("none", None)])
def test_chroma_cqt_folds_as_librosa(n_chroma, bins, f_min, norm, order):
    x, more = music(1), {} if f_min is None else {"f_min": f_min}
    params = sg.ChromaCqtParams(n_chroma, 0.3, norm, n_octaves=5, bins_per_octave=bins, **more)
    stft = sg.StftParams(2048, 512, "hann", periodic=True)
    transform = sg.SpectrogramPlan(sg.SpectrogramParams(stft, RATE), params.cqt, "magnitude").compute(x).data
    expected = librosa.feature.chroma_cqt(
        C=transform, n_chroma=n_chroma, bins_per_octave=bins, fmin=f_min, norm=order
    )
    plan = sg.ChromaPlan(stft, RATE, params)
    found = plan.compute(x)
    close(found.data, expected)
    assert found.labels[0] in ("C", "0")
    assert plan.compute_batch([x, x])[1].data.tobytes() == found.data.tobytes()
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 7)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == found.data.tobytes()
    features = sg.FeatureSet(stft, RATE, {"a": params, "b": "zcr"})
    assert features.compute(x)["a"].data.tobytes() == found.data.tobytes()
    for twin in (pickle.loads(pickle.dumps(plan)), sg.ChromaPlan.from_json(plan.to_json())):
        assert twin == plan


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=")
def test_chroma_cqt_and_cens_are_near_those_of_librosa():
    # librosa's transform differs by its resampler, and by half spectra that it leaves out.
    x = music(2, 0.2)
    ours, theirs = sg.chroma_cqt(x, RATE), librosa.feature.chroma_cqt(y=x, sr=RATE)
    assert ours.params.tuning == pytest.approx(librosa.estimate_tuning(y=x, sr=RATE, bins_per_octave=36))
    close(ours.data, theirs, 0.03)
    assert np.abs(ours.data - theirs).mean() < 5e-3
    close(sg.cens(theirs), librosa.feature.chroma_cens(y=x, sr=RATE))
    # Half a second is counted differently where a class lies near a step.
    assert np.abs(sg.chroma_cens(x, RATE) - librosa.feature.chroma_cens(y=x, sr=RATE)).mean() < 5e-3
    plan = sg.ChromaPlan(sg.StftParams(2048, 512, "hann"), RATE, ours.params)
    for c, pitch in enumerate(plan.center_frequencies):
        tone = np.sin(2 * np.pi * 8 * pitch * np.arange(RATE // 2) / RATE)
        assert plan.compute(tone).data[:, 12].argmax() == c


def test_nan_touches_its_frames_only():
    x = music(1)
    clean = sg.chroma_stft(x, RATE, tuning=0.0).data
    x[10000] = np.nan
    found = sg.chroma_stft(x, RATE, tuning=0.0).data
    touched = [t for t in range(found.shape[1]) if 512 * t - 1024 <= 10000 < 512 * t + 1024]
    assert np.flatnonzero(np.isnan(found).any(axis=0)).tolist() == touched
    others = np.setdiff1d(np.arange(found.shape[1]), touched)
    assert np.array_equal(found[:, others], clean[:, others])
    assert np.isfinite(sg.estimate_tuning(x, RATE))
    pitches, _ = sg.piptrack(x, RATE)
    assert not pitches[:, touched].any()
    assert np.isnan(sg.tonnetz(found)[:, touched]).all()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sg.chroma_stft([], RATE), ValueError, "empty"),
        (lambda: sg.chroma_stft([], RATE, tuning=0.0), ValueError, "empty"),
        (lambda: sg.chroma_stft(np.ones(99), 0.0), sg.InvalidInputError, "sample_rate"),
        (lambda: sg.chroma_stft(np.ones(99), RATE, n_chroma=0), sg.InvalidInputError, "n_chroma"),
        (lambda: sg.chroma_stft(np.ones(99), RATE, n_chroma=5000), sg.InvalidInputError, "n_chroma is"),
        (lambda: sg.chroma_stft(np.ones(99), RATE, n_fft=3, hop_size=1), sg.InvalidInputError, "n_fft must"),
        (lambda: sg.chroma_stft(np.ones(99), RATE, tuning=np.nan), sg.InvalidInputError, "tuning"),
        (lambda: sg.ChromaStftParams(norm="x"), sg.InvalidInputError, "norm"),
        (lambda: sg.ChromaStftParams(octave_width=0.0), sg.InvalidInputError, "octave_width must be > 0"),
        (lambda: sg.ChromaStftParams(octave_centre=np.inf), sg.InvalidInputError, "octave_centre"),
        (lambda: sg.piptrack(np.ones(99), RATE, f_min=-1.0), sg.InvalidInputError, "f_min must be >= 0"),
        (lambda: sg.piptrack(np.ones(99), RATE, f_max=9.0), sg.InvalidInputError, "f_max must be > f_min"),
        (lambda: sg.piptrack(np.ones(99), RATE, threshold=-1.0), sg.InvalidInputError, "threshold"),
        (lambda: sg.estimate_tuning(np.ones(99), RATE, resolution=0.0), sg.InvalidInputError, "resolution"),
        (
            lambda: sg.ChromaCqtParams(5),
            sg.InvalidInputError,
            "bins_per_octave must be a multiple of n_chroma=5",
        ),
        (lambda: sg.ChromaCqtParams(f_min=0.0), sg.InvalidInputError, "f_min must be finite and > 0"),
        (lambda: sg.chroma_cqt([], RATE), ValueError, "empty"),
        (lambda: sg.chroma_cqt(np.ones(9), 4000.0), sg.InvalidInputError, "half the sample rate|Nyquist"),
        (lambda: sg.tonnetz(np.ones(12)), TypeError, "chroma must be 2-D"),
        (lambda: sg.cens(np.ones((12, 3)), smoothing=0), sg.InvalidInputError, "smoothing"),
        (
            lambda: sg.compute_chromagram(
                np.ones(99), sg.StftParams(64, 16, "hann"), RATE, sg.ChromaStftParams()
            ),
            TypeError,
            "chroma_params",
        ),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sg.chroma_stft(X, sr=RATE), "sr is called sample_rate here"),
        (lambda: sg.chroma_stft(X, RATE, hop_length=512), "hop_length is called hop_size here"),
        (lambda: sg.chroma_cens(X, RATE, hop_length=512), "hop_length is called hop_size here"),
        (lambda: sg.onset_strength(X, RATE, fmax=100), "the arguments are samples, sample_rate, n_fft"),
        (lambda: sg.spectral_contrast(X, RATE, fmin=100), "fmin is called f_min here"),
    ],
)
def test_names_of_other_packages_are_explained(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_errors_of_their_own_stay():
    with pytest.raises(TypeError, match=r"^must be real number, not str: sample_rate must be a number$"):
        sg.chroma_stft(X, "fast")
