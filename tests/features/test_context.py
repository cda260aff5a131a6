"""Plans whose frames are made of several frames of another: numbers, bytes, edges, streams, errors."""

import pickle
import threading

import librosa
import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from .test_rhythm import MEL, PARAMS, bursts
from .test_tonality import RATE, close, music

STFT = sg.StftParams(2048, 512, "hann", periodic=True)


def onsets(dtype="float64", **options):
    return sg.OnsetPlan(PARAMS, MEL, dtype=dtype, **options)


def plans(dtype):
    """By name: odd and even widths, of one frame, longer than the signal, with and without centring."""
    made = {
        "onsets": onsets(dtype, lag=3),
        "onsets, early": sg.OnsetPlan(
            sg.SpectrogramParams(sg.StftParams(512, 200, "hann", False), RATE), dtype=dtype
        ),
        **{
            f"cens {smoothing}": sg.CensPlan(STFT, RATE, sg.ChromaStftParams(), dtype, smoothing=smoothing)
            for smoothing in (None, 1, 2, 11, 40, 301)
        },
        "cens, cqt": sg.CensPlan(STFT, RATE, sg.ChromaCqtParams(), dtype, norm="max"),
        "cens of the reference": sg.CensPlan(STFT, RATE, sg.ChromaParams(), dtype, norm="none", smoothing=5),
    }
    for n in (1, 2, 9, 32, 400):
        made[f"tempogram {n}"] = sg.TempogramPlan(onsets(dtype), win_length=n)
        if n > 1:
            made[f"Fourier {n}"] = sg.FourierTempogramPlan(onsets(dtype), win_length=n)
    for n in (1, 2, 9, 32):
        made[f"tempogram {n}, early"] = sg.TempogramPlan(onsets(dtype), win_length=n, centre=False)
    for n in (2, 9, 32):
        made[f"Fourier {n}, early"] = sg.FourierTempogramPlan(onsets(dtype), win_length=n, centre=False)
    return made


NAMES = list(plans("float64"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@together("name", NAMES)
def test_bytes_are_the_same_every_way(dtype, name):
    x, plan = bursts(), plans(dtype)[name]
    alone = plan.compute(x)
    assert alone.data.dtype == plan._numpy_dtype()
    assert alone.data.dtype in (dtype, {"float32": "complex64", "float64": "complex128"}[dtype])
    assert alone.shape == plan.output_shape(len(x))
    assert alone.times == plan.times(len(x)).tolist()
    expected = alone.data.tobytes()
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:11000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
        assert batch.lengths.tolist() == [plan.frame_count(len(x)), plan.frame_count(11000), len(alone.t)]
        assert batch[1].data.tobytes() == plan.compute(x[:11000]).data.tobytes()
        assert type(batch[1]) is type(alone)
    stacked = np.stack([x, x])
    assert plan.compute_batch(stacked)[1].tobytes() == expected
    into = np.empty((2, *alone.shape[::-1]), alone.data.dtype).swapaxes(1, 2)
    assert plan.compute_batch(stacked, out=into, num_threads=2) is into
    assert into[0].tobytes() == into[1].tobytes() == expected
    into[1] = np.nan
    assert plan.compute_into(x, into[1]) is not None
    assert into[1].tobytes() == expected
    for frame in {0, 3, 40, alone.shape[1] - 1} & {*range(alone.shape[1])}:
        assert plan.compute_frame(x, frame).tobytes() == alone.data[:, frame].tobytes(), frame
    for twin in (pickle.loads(pickle.dumps(plan)), type(plan).from_json(plan.to_json())):
        assert (twin, hash(twin), twin.fingerprint) == (plan, hash(plan), plan.fingerprint)
        assert twin.compute(x).data.tobytes() == expected
    for twin in (pickle.loads(pickle.dumps(alone)), type(alone).from_dict(alone.to_dict())):
        assert twin.data.tobytes() == expected
        assert twin.times == alone.times


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@together("name", NAMES)
def test_streams_give_what_the_whole_signal_gives(dtype, name):
    x, plan = bursts(), plans(dtype)[name]
    stream = plan.stream()
    for length, pieces in ((len(x), 1), (len(x), 17), (len(x), 301), (11000, 3), (9000, 7)):
        parts = []
        for chunk in np.array_split(x[:length], pieces):
            parts.append(stream.push(chunk))
            assert stream.frames_emitted == sum(part.shape[1] for part in parts)
        assert stream.samples_seen == length
        found = np.hstack([*parts, stream.flush()])
        assert found.tobytes() == plan.compute(x[:length]).data.tobytes(), (length, pieces)
        assert stream.frames_emitted == plan.frame_count(length)
        with pytest.raises(sg.InvalidInputError, match="push after flush"):
            stream.push(x)
        stream.reset()
    assert stream.flush().shape == (plan.n_bins, 0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=")
@together("name", NAMES)
def test_a_frame_comes_once_its_latency_has_passed(name):
    x, plan = np.tile(bursts(), 8), plans("float64")[name]
    stream = plan.stream()
    hop = plan._info.hop_size
    for frame in (0, 5):
        needed = frame * hop + stream.latency
        assert stream.push(x[: needed - 1]).shape[1] <= frame
        assert stream.frames_emitted <= frame
        stream.push(x[needed - 1 : needed])
        assert stream.frames_emitted == frame + 1
        stream.reset()


@together("params", [sg.ChromaStftParams(), sg.ChromaCqtParams(), sg.ChromaStftParams(24)])
def test_cens_plans_are_those_of_librosa(params):
    x = np.random.default_rng(5).standard_normal(60000)
    chroma = sg.ChromaPlan(STFT, RATE, params).compute(x)
    for smoothing in (None, 1, 2, 10, 41):
        found = sg.CensPlan(STFT, RATE, params, smoothing=smoothing).compute(x)
        # Constant-Q rows of one octave from C on are pitch classes.
        n = params.n_chroma
        expected = librosa.feature.chroma_cens(
            C=chroma.data, n_chroma=n, n_octaves=1, bins_per_octave=n, win_len_smooth=smoothing
        )
        close(found.data, expected)
        assert found.data.tobytes() == sg.cens(chroma, smoothing=smoothing).tobytes()
        assert found.labels == chroma.labels


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=")
@together("win_length", [2, 9, 100, 384])
@together("centre", [True, False])
def test_tempograms_are_those_of_librosa(win_length, centre):
    x, plan = np.tile(music(2), 2), onsets()
    rises = plan.compute(x)
    given = {"onset_envelope": rises.data[0].copy(), "sr": RATE, "win_length": win_length, "center": centre}
    if not centre and win_length > rises.shape[1]:
        return
    found = sg.TempogramPlan(plan, win_length=win_length, centre=centre).compute(x)
    close(found.data, librosa.feature.tempogram(**given))
    same = sg.tempogram(rises, win_length=win_length, centre=centre)
    assert found.data.tobytes() == same.tobytes()
    hop = PARAMS.stft.hop_size
    np.testing.assert_allclose(
        found.tempi, librosa.tempo_frequencies(win_length, hop_length=hop, sr=RATE), rtol=1e-14
    )
    np.testing.assert_allclose(found.lags, np.arange(win_length) * hop / RATE, rtol=1e-14)
    found = sg.FourierTempogramPlan(plan, win_length=win_length, centre=centre).compute(x)
    close(found.data, librosa.feature.fourier_tempogram(hop_length=hop, **given))
    same = sg.fourier_tempogram(rises, win_length=win_length, centre=centre)
    assert found.data.tobytes() == same.data.tobytes()
    assert (found.frequencies, found.times) == (same.frequencies, same.times)
    expected = librosa.fourier_tempo_frequencies(win_length=win_length, hop_length=hop, sr=RATE) / 60
    np.testing.assert_allclose(found.f, expected, rtol=1e-14)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:n_fft=")
@together("name", [name for name in NAMES if "early" not in name])
def test_nan_touches_its_frames_only(name):
    x, plan = bursts(), plans("float64")[name]
    clean = plan.compute(x).data
    x[15000] = np.nan
    found = plan.compute(x).data
    bad = np.isnan(plan._plan.compute(x).data).any(axis=0)
    assert bad.any()
    width, before, _, late = plan._around
    touched = np.zeros(found.shape[1], bool)
    for frame in range(len(touched)):
        first = frame - late - before
        touched[frame] = frame >= late and bad[max(0, first) : max(0, first + width)].any()
    if name.startswith("tempogram"):  # of which the slope of Hann's window has no weight at its beginning
        touched &= np.isnan(found).any(axis=0)
        assert touched.any()
    assert np.array_equal(np.isnan(found).any(axis=0), touched)
    assert np.array_equal(found[:, ~touched], clean[:, ~touched])


def test_frames_beyond_the_end_see_silence():
    x = music(1)
    for plan in (onsets(), sg.CensPlan(STFT, RATE, sg.ChromaStftParams(), smoothing=5)):
        longer = plan.compute(np.pad(x, (0, 60 * plan._info.hop_size))).data
        count = plan.frame_count(len(x))
        assert plan.compute_frame(x, count + 20).tobytes() == longer[:, count + 20].tobytes()


def test_stores_and_pictures_take_them(tmp_path):
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    from spectrograms.corpus import extractor_from

    x = bursts()
    for plan, label in (
        (sg.CensPlan(STFT, RATE, sg.ChromaStftParams(), smoothing=5), "Pitch class"),
        (sg.TempogramPlan(onsets(), win_length=64), "Lag (s)"),
        (sg.FourierTempogramPlan(onsets(), win_length=64), "Frequency (Hz)"),
    ):
        result = plan.compute(x)
        assert extractor_from(plan.to_json()).compute(x).tobytes() == result.data.T.tobytes()
        assert result.plot(Figure().add_subplot()).get_ylabel() == label
        result.save(tmp_path / "x.npz")
        loaded = type(result).load(tmp_path / "x.npz")
        assert loaded.data.tobytes() == result.data.tobytes()
        assert loaded.times == result.times
        assert sg.warmup([plan.to_dict()])[0] == plan


def test_threads_share_a_stream():
    x, plan = bursts(), sg.CensPlan(STFT, RATE, sg.ChromaStftParams(), smoothing=5)
    stream, parts = plan.stream(), []

    def push():
        parts.append(stream.push(x[:500]).shape[1])

    threads = [threading.Thread(target=push) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(parts) + stream.flush().shape[1] == plan.frame_count(40 * 500)
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(stream)


@together(
    "call, error, match",
    [
        (lambda: sg.TempogramPlan(PARAMS), TypeError, "instance of 'OnsetPlan': onsets"),
        (lambda: sg.TempogramPlan(onsets(edges=(0, 3, 9))), sg.InvalidInputError, "onsets must have one row"),
        (lambda: sg.FourierTempogramPlan(onsets(), win_length=0), sg.InvalidInputError, "win_length"),
        (lambda: sg.TempogramPlan(onsets(), win_length=2**40), sg.InvalidInputError, "win_length"),
        (lambda: sg.TempogramPlan(onsets(), centre=2), TypeError, "centre"),
        (lambda: sg.TempogramPlan(onsets(top_db=80.0)).stream(), sg.InvalidInputError, "top_db must be None"),
        (lambda: sg.TempogramPlan(onsets(top_db=80.0)).compute_frame(bursts(), 0),
         sg.InvalidInputError, "top_db"),
        (lambda: sg.TempogramPlan(onsets(), centre=False).compute(np.ones(900)), sg.InvalidInputError,
         "at least 384 frames, got 4"),
        (lambda: sg.TempogramPlan(onsets(), centre=False).compute_batch([np.ones(900)]), sg.InvalidInputError,
         r"signals\[0\]: a signal must have at least 384 frames"),
        (lambda: sg.TempogramPlan(onsets()).compute([]), ValueError, "empty"),
        (lambda: sg.CensPlan(STFT, RATE, sg.ChromaParams(), smoothing=0), sg.InvalidInputError, "smoothing"),
        (lambda: sg.CensPlan(STFT, 0.0, sg.ChromaParams()), sg.InvalidInputError, "sample_rate"),
        (lambda: sg.CensPlan(STFT, RATE, sg.MelParams(9, 0.0, 900.0)), TypeError, "chroma_params"),
        (lambda: sg.CensPlan(STFT, RATE, sg.ChromaParams()).compute_batch([np.ones(9), []]),
         ValueError, "signals"),
        (lambda: sg.ContextStream(), TypeError, "made by stream"),
        (lambda: sg.Tempogram(), TypeError, "Tempogram"),
    ],
)  # fmt: skip
def test_errors(call, error, match):
    with pytest.raises(error, match=match):
        call()
