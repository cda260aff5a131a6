"""Streams: the same frames from chunks as from the whole signal, bit for bit."""

import array
import copy
import pickle
import signal
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spectrograms as sg
from spectrograms.plans import streaming

from ..support.spectrogram_cases import DTYPES, every_plan, noise, parameters, plan
from ..support.threads import in_threads


def streamed(stream, x, cuts):
    """Push x cut at the given places, flush, and put the frames side by side."""
    parts = [stream.push(chunk) for chunk in np.split(x, sorted(cuts))]
    return np.concatenate([*parts, stream.flush()], axis=-1)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_samples", [1, 31, 32, 33, 1000])
@pytest.mark.parametrize("centre", [True, False])
def test_every_plan_streams(centre, n_samples, dtype):
    x = noise(n_samples)
    for p in every_plan(dtype, parameters(centre=centre)):
        expected = p.compute(x).data
        for size in (1, 7, 16, 100, 5000):
            got = streamed(p.stream(), x, range(size, n_samples, size))
            assert got.dtype == expected.dtype
            # Bins of no power have no place.
            assert np.array_equal(got, expected, equal_nan=True)


@pytest.mark.slow
@given(
    n_samples=st.integers(1, 2000),
    n_fft=st.integers(1, 300),
    hop=st.integers(1, 300),
    short=st.integers(0, 40),
    centre=st.booleans(),
    pad_mode=st.sampled_from(["zeros", "reflect", "edge"]),
    dtype=st.sampled_from(DTYPES),
    cuts=st.lists(st.integers(0, 2000), max_size=12),
)
def test_any_chunking(n_samples, n_fft, hop, short, centre, pad_mode, dtype, cuts):
    params = parameters(
        n_fft, min(hop, n_fft), centre=centre, pad_mode=pad_mode, win_length=max(1, n_fft - short)
    )
    p = sg.SpectrogramPlan(params, None, "db", dtype=dtype)
    x = noise(n_samples)
    assert np.array_equal(streamed(p.stream(), x, cuts), p.compute(x).data)


def test_long_chunks_are_taken_in_pieces():
    p = plan("mel", "db", "float32", parameters(512, 160))
    x = noise(400_000).astype("float32")
    assert np.array_equal(streamed(p.stream(), x, [250_001]), p.compute(x).data)


@pytest.mark.parametrize(
    "kind",
    ["int16", "uint8", "int64", "float16", "float32", ">f8", ">i8", "bool", "strided", "list", "array"],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_chunks_of_any_kind(kind, dtype):
    x = noise(900, scale=50)
    if kind == "strided":
        x = np.repeat(x, 3)[::-3]
    elif kind == "list":
        x = x.tolist()
    elif kind == "array":
        x = array.array("f", x.tolist())
    elif kind == "int64":
        x = (x * 2**50).astype(kind)
    else:
        x = np.abs(x).astype(kind)
    p = plan("linear", "power", dtype)
    stream = p.stream()
    parts = [stream.push(x[i : i + 70]) for i in range(0, 900, 70)]
    assert np.array_equal(np.concatenate([*parts, stream.flush()], axis=1), p.compute(x).data)


@pytest.mark.parametrize("centre", [True, False])
@pytest.mark.parametrize("win_length", [64, 40])
def test_latency_is_what_completes_a_frame(centre, win_length):
    p = plan("linear", "power", params=parameters(64, 16, win_length=win_length, centre=centre))
    stream = p.stream()
    assert stream.latency == (32 if centre else 64)
    emitted = 0
    for i in range(300):
        emitted += stream.push([0.0]).shape[1]
        seen = i + 1
        assert emitted == stream.frames_emitted == max(0, (seen - stream.latency) // 16 + 1)
        assert stream.samples_seen == seen


def test_empty_chunks():
    p = plan("mel", "db")
    stream = p.stream()
    assert stream.push([]).shape == (10, 0)
    assert stream.push(np.zeros(0, np.int16)).shape == (10, 0)
    assert stream.flush().shape == (10, 0)
    assert stream.frames_emitted == 0


def test_pushed_chunks_may_be_overwritten():
    p = plan("mel", "db")
    x, stream, buffer, parts = noise(1000), p.stream(), np.empty(50), []
    for i in range(0, 1000, 50):
        buffer[:] = x[i : i + 50]
        parts.append(stream.push(buffer))
        buffer[:] = np.nan
    assert np.array_equal(np.concatenate([*parts, stream.flush()], axis=1), p.compute(x).data)


def test_reset_starts_anew():
    p = plan("mel", "db")
    stream = p.stream()
    stream.push(noise(777))
    stream.reset()
    assert (stream.frames_emitted, stream.samples_seen) == (0, 0)
    x = noise(1000, seed=1)
    for _ in range(2):
        assert np.array_equal(streamed(stream, x, [300]), p.compute(x).data)
        stream.reset()


def test_a_closed_stream():
    stream = plan("mel", "db").stream()
    stream.push(noise(100))
    stream.flush()
    assert repr(stream) == "Stream(100 samples in, 7 frames out, closed)"
    with pytest.raises(sg.InvalidInputError, match="push after flush: the stream is closed"):
        stream.push(noise(100))
    with pytest.raises(sg.InvalidInputError, match="flush after flush: the stream is closed"):
        stream.flush()
    stream.reset()
    assert stream.push(noise(100)).shape == (10, 5)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (np.zeros((2, 100)), TypeError, r"chunk must be 1-D, got an array of shape \(2, 100\); push one"),
        (bytes(200), TypeError, "chunk must be numbers, got bytes; from_pcm makes samples of raw PCM"),
        (1.0, TypeError, r"chunk must be 1-D, got an array of shape \(\)"),
        (None, TypeError, "array-like, got None"),
        (["a"], ValueError, "could not convert"),
        (np.zeros(10, complex), TypeError, "chunk must be real numbers, got complex128"),
    ],
)
def test_a_bad_chunk_changes_nothing(bad, error, message):
    p = plan("mel", "db")
    x, stream = noise(500), p.stream()
    first = stream.push(x[:200])
    with pytest.raises(error, match=message):
        stream.push(bad)
    rest = [stream.push(x[200:]), stream.flush()]
    assert np.array_equal(np.concatenate([first, *rest], axis=1), p.compute(x).data)


def test_many_streams_of_one_plan_in_turn():
    p = plan("cqt", "power", "float32")
    signals = [noise(600 + 50 * i, seed=i) for i in range(20)]
    streams, parts = [p.stream() for _ in signals], [[] for _ in signals]
    for start in range(0, 2000, 90):
        for x, stream, out in zip(signals, streams, parts, strict=True):
            out.append(stream.push(x[start : start + 90]))
    for x, stream, out in zip(signals, streams, parts, strict=True):
        out.append(stream.flush())
        assert np.array_equal(np.concatenate(out, axis=1), p.compute(x).data)


def test_streams_on_eight_threads():
    p = plan("mel", "db", "float32")
    signals = [noise(5000 + i, seed=i) for i in range(8)]
    expected = [p.compute(x).data.tobytes() for x in signals]
    assert in_threads(lambda i: streamed(p.stream(), signals[i], range(0, 5000, 130)).tobytes()) == expected


@pytest.mark.parametrize("pad_mode", ["zeros", "reflect"])
def test_threads_that_push_to_one_stream_wait_for_each_other(pad_mode):
    # Who comes first is open; that every sample is taken once, and frames read what is there, is not.
    p = plan("linear", "power", params=parameters(256, 64, pad_mode=pad_mode))
    stream, chunk = p.stream(), np.ones(997)

    def work(i):
        found = 0
        for _ in range(50):
            frames = stream.push(chunk)
            assert np.isfinite(frames).all()
            found += frames.shape[1]
        return found

    found = sum(in_threads(work)) + stream.flush().shape[1]
    assert found == p.frame_count(8 * 50 * 997)


def test_streams_are_neither_pickled_nor_copied():
    features = sg.FeatureSet(parameters().stft, 8000.0, {"a": "rms"})
    for stream in (plan("mel", "db").stream(), features.stream(), sg.frontend("kaldi_fbank").stream()):
        stream.push(noise(100))
        for copy_of in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="Stream is in the middle of a signal"):
                copy_of(stream)


def test_a_push_that_fails_on_the_way_has_not_been(monkeypatch):
    from spectrograms._engine.run import calls

    p = plan("mel", "db", "float32", parameters(512, 160, pad_mode="reflect"))
    x, stream = noise(300_000), p.stream()
    first = stream.push(x[:1000])
    compute_part, pieces = calls.compute_part, []

    def fails(*arguments):
        pieces.append(1)
        if len(pieces) == 3:
            raise MemoryError("of a piece")
        compute_part(*arguments)

    monkeypatch.setattr(calls, "compute_part", fails)
    with pytest.raises(MemoryError, match="of a piece"):
        stream.push(x[1000:])
    monkeypatch.undo()
    assert (stream.samples_seen, stream.frames_emitted) == (1000, first.shape[1])
    rest = [stream.push(x[1000:]), stream.flush()]
    assert np.array_equal(np.concatenate([first, *rest], axis=1), p.compute(x).data)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_control_c_stops_a_long_push():
    # 60,000 frames of some 0.1 ms each, one sample apart.
    p = sg.SpectrogramPlan(parameters(4096, 1), sg.ErbParams(64, 50.0, 4000.0))
    x, stream = noise(60_000), p.stream()
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        started = time.thread_time()
        with pytest.raises(KeyboardInterrupt):
            stream.push(x)
        # The alarm is after 0.2 s, the promise another 0.1 s, of some seconds of work for this thread. The
        # clock would say more where a busy machine keeps it waiting.
        assert time.thread_time() - started < 0.7
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert (stream.samples_seen, stream.frames_emitted) == (0, 0)
    few = x[:3000]
    assert np.array_equal(streamed(stream, few, [10]), p.compute(few).data)


@pytest.mark.parametrize("hop", [64, 256])
@pytest.mark.parametrize("pad_mode", ["zeros", "reflect", "edge"])
def test_a_stream_keeps_only_what_frames_to_come_need(pad_mode, hop):
    p = sg.SpectrogramPlan(parameters(256, hop, pad_mode=pad_mode), None, "power", dtype="float32")
    stream = p.stream()
    for _ in range(200):
        stream.push(np.zeros(1000, np.float32))
    assert stream._tail.size < 3 * 256 + 1000


@pytest.mark.parametrize("dtype", DTYPES)
def test_chunks_of_different_kinds(dtype):
    # Values that every kind holds exactly.
    x = np.round(noise(1200, scale=20)).clip(-100, 100)
    frozen = x[700:900].copy()
    frozen.flags.writeable = False
    chunks = [
        x[:100].astype(np.int16),
        x[100:150].astype(np.float32),
        x[150:151],
        x[151:300].astype(">i4"),
        x[300:500].tolist(),
        np.repeat(x[500:700], 2)[::2].astype(np.int8),
        frozen,
        x[900:1000].astype(np.longdouble),
        np.frombuffer(b"0" + x[1000:].tobytes(), np.uint8)[1:].view(float),
    ]
    for p in every_plan(dtype):
        stream = p.stream()
        parts = [*map(stream.push, chunks), stream.flush()]
        assert np.array_equal(np.concatenate(parts, axis=1), p.compute(x).data)


def test_values_beyond_float32_become_infinite_without_a_warning():
    p = plan("linear", "power", "float32")
    x = noise(200) * 1e300
    assert np.array_equal(streamed(p.stream(), x, [50]), p.compute(x).data, equal_nan=True)


def test_nan_touches_its_frames_only():
    p = plan("linear", "db", params=parameters(64, 16, centre=False))
    x = noise(1000)
    x[500] = np.nan
    got = streamed(p.stream(), x, range(0, 1000, 37))
    touched = np.isnan(got).any(axis=0)
    assert np.flatnonzero(touched).tolist() == [t for t in range(got.shape[1]) if 16 * t <= 500 < 16 * t + 64]


def test_case_1_2_a_call_within_a_call_of_the_same_stream(monkeypatch):
    p = plan("mel", "db")
    x = noise(2000)
    stream = p.stream()
    first = stream.push(x[:1000])
    compute_part = streaming.calls.compute_part

    for call in (lambda: stream.push(x), stream.flush, stream.reset):

        def handler(*arguments, call=call):
            # As a signal handler may, in the middle of a push.
            with pytest.raises(sg.InvalidInputError, match="within another call of the same stream"):
                call()
            raise KeyboardInterrupt

        monkeypatch.setattr(streaming.calls, "compute_part", handler)
        with pytest.raises(KeyboardInterrupt):
            stream.push(x[1000:])
    monkeypatch.setattr(streaming.calls, "compute_part", compute_part)
    found = np.concatenate([first, stream.push(x[1000:]), stream.flush()], axis=1)
    assert np.array_equal(found, p.compute(x).data)


def test_threads_that_push_into_one_stream_of_a_frontend():
    frontend = sg.frontend("kaldi_fbank", dither=0.0)
    chunk = noise(1600)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(10):
            stream = frontend.stream()

            def push(i, stream=stream):
                return [stream.push(chunk) for _ in range(20)]

            parts = [*(part for pushed in in_threads(push, 4) for part in pushed), stream.flush()]
            found = sorted(frame.tobytes() for part in parts for frame in part)
            expected = frontend.compute(np.tile(chunk, 80))
            assert found == sorted(frame.tobytes() for frame in expected)
    finally:
        sys.setswitchinterval(before)
