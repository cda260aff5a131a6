"""Plans: one result however it is asked for, exact memory rules of `out`, plans as data, errors."""

import copy
import json
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import DTYPES, KINDS, RATE, noise, parameters, plan, scale_params, tones
from ..support.together import together


def every_plan(dtype):
    """One plan of each of the eighteen kinds, and the complex transforms."""
    octaves = sg.CqtParams(6, 3, 200.0, method="multirate")
    spectra = sg.StftPlan(parameters(), dtype), sg.CqtPlan(octaves, RATE, 24, dtype)
    return [*(plan(*kind, dtype) for kind in KINDS), *spectra]


# --- frames ----------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(
    n_samples=st.integers(1, 5000),
    n_fft=st.integers(1, 600),
    hop=st.integers(1, 600),
    centre=st.booleans(),
)
def test_frame_count(n_samples, n_fft, hop, centre):
    hop = min(hop, n_fft)
    expected = definition.frame_count(n_samples, n_fft, hop, centre=centre)
    p = sg.SpectrogramPlan(parameters(n_fft, hop, "rectangular", centre=centre))
    assert p.frame_count(n_samples) == expected
    assert p.output_shape(n_samples) == (n_fft // 2 + 1, expected)
    assert len(p.times(n_samples)) == expected
    assert p.compute(np.zeros(n_samples)).shape == (n_fft // 2 + 1, expected)


@pytest.mark.parametrize(
    ("n_fft", "hop", "centre", "n_samples", "expected"),
    [
        (512, 160, True, 1, 1),
        (512, 160, True, 159, 1),
        (512, 160, True, 160, 2),
        (512, 160, False, 511, 1),
        (512, 160, False, 512, 1),
        (512, 160, False, 671, 1),
        (512, 160, False, 672, 2),
        (511, 160, True, 160, 1),
        (511, 160, True, 161, 2),
    ],
)
def test_frame_counts_of_the_reference(n_fft, hop, centre, n_samples, expected):
    assert sg.SpectrogramPlan(parameters(n_fft, hop, centre=centre)).frame_count(n_samples) == expected


def test_times_and_frequencies():
    p = plan("linear", "power")
    assert p.times(1000).tolist() == [i * (16 / RATE) for i in range(63)]
    assert p.frequencies.tolist() == [k * (RATE / 64) for k in range(33)]
    result = p.compute(tones())
    assert result.times == p.times(1000).tolist()
    assert result.frequencies == p.frequencies.tolist()
    with pytest.raises(ValueError, match="read-only"):
        p.frequencies[0] = 1


def test_lengths_that_are_none():
    p = plan("mel", "db")
    for method in (p.frame_count, p.output_shape, p.times):
        with pytest.raises(ValueError, match="n_samples must be >= 1, got 0"):
            method(0)
        with pytest.raises(OverflowError, match="n_samples must be >= 0, got -1"):
            method(-1)
        with pytest.raises(OverflowError, match="n_samples must fit in 63 bits, got 18446744073709551615"):
            method(2**64 - 1)
        with pytest.raises(TypeError, match="integer"):
            method(1000.0)
    assert p.output_shape(2**62) == (10, 2**58 + 1)
    assert p.output_shape(np.int32(1000)) == (10, 63)


# --- single frames ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_frame_is_a_column(dtype):
    x = noise(1500)
    for p in every_plan(dtype):
        data = p.compute(x).data
        for i in (0, 1, 2, data.shape[1] // 2, data.shape[1] - 1):
            frame = p.compute_frame(x, i)
            assert np.array_equal(frame, data[:, i])
            assert frame.dtype == data.dtype
            assert frame.flags.writeable
            into = np.full(2 * p.n_bins, np.nan, data.dtype)
            assert p.compute_frame_into(x, i, into[::2]).base is into
            assert np.array_equal(into[::2], frame)
            assert np.isnan(into[1::2]).all()


def test_frames_beyond_the_last_stand_on_zeros():
    x = tones(100)
    p = plan("linear", "power")
    longer = p.compute(np.pad(x, (0, 64))).data
    assert p.frame_count(100) == 7
    for i in (7, 8):  # still touching samples
        assert np.array_equal(p.compute_frame(x, i), longer[:, i])
        assert p.compute_frame(x, i).any()
    for i in (9, 10**6, 2**58):
        assert not p.compute_frame(x, i).any()
    assert np.unique(plan("linear", "db").compute_frame(x, 2**58)).tolist() == [-80.0]


def test_frame_indices_that_are_none():
    for p in (plan("mel", "db"), sg.StftPlan(parameters())):
        with pytest.raises(OverflowError, match="frame_idx must be >= 0, got -1"):
            p.compute_frame(tones(), -1)
        with pytest.raises(OverflowError, match=r"frame_idx must be < 2\*\*64"):
            p.compute_frame(tones(), 2**100)
        for i in (2**60, 2**64 - 1):
            with pytest.raises(sg.InvalidInputError, match=f"frame index overflow: frame_idx={i}"):
                p.compute_frame(tones(), i)
        with pytest.raises(TypeError, match="integer"):
            p.compute_frame(tones(), 1.0)
        with pytest.raises(ValueError, match="Input samples cannot be empty"):
            p.compute_frame([], 0)


# --- out -------------------------------------------------------------------------------------------------

# Ways to lay out an array of the given shape inside a larger one.
LAYOUTS = {
    "C": lambda shape, dtype: np.full(shape, np.nan, dtype),
    "Fortran": lambda shape, dtype: np.full(shape, np.nan, dtype, order="F"),
    "columns of wider rows": lambda shape, dtype: np.full((shape[0], shape[1] + 5), np.nan, dtype)[:, 2:-3],
    "every second column": lambda shape, dtype: np.full((shape[0], 2 * shape[1]), np.nan, dtype)[:, ::2],
    "every third row": lambda shape, dtype: np.full((3 * shape[0], shape[1]), np.nan, dtype)[::3],
    "reversed columns": lambda shape, dtype: np.full(shape, np.nan, dtype)[:, ::-1],
    "reversed rows": lambda shape, dtype: np.full(shape, np.nan, dtype)[::-1],
    "both reversed, transposed": lambda shape, dtype: np.full(shape[::-1], np.nan, dtype)[::-1, ::-1].T,
    "rows of a time-major block": lambda shape, dtype: (
        np.full((shape[1], shape[0] + 3), np.nan, dtype)[:, 1:-2].T
    ),
}


@pytest.mark.slow
@together("n_samples", [1, 100, 3000])
@together("dtype", DTYPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_out_of_any_layout(layout, dtype, n_samples):
    x = noise(n_samples)
    for p in every_plan(dtype):
        expected = p.compute(x).data
        for call in (p.compute_into, lambda x, out, p=p: p.compute(x, out=out)):
            out = LAYOUTS[layout](expected.shape, expected.dtype)
            around = out if out.base is None else out.base
            assert call(x, out) is out
            assert np.array_equal(out, expected)
            # Nothing beside the elements of `out` is written.
            assert np.isnan(around).sum() == around.size - out.size


@pytest.mark.parametrize("dtype", DTYPES)
def test_out_that_is_a_field_of_records(dtype):
    # The stride of complex128 is no multiple of its size here.
    for p in every_plan(dtype):
        expected = p.compute(noise(1000)).data
        records = np.zeros(expected.shape, [("before", "i8"), ("value", expected.dtype)])
        p.compute_into(noise(1000), records["value"])
        assert np.array_equal(records["value"], expected)
        assert not records["before"].any()


def test_out_with_overlapping_samples():
    block = np.zeros((33, 63))
    for x in (block[3], block[:, 5], block.reshape(-1)[100:1100]):
        expected_samples = noise(x.size)
        x[:] = expected_samples
        p = sg.SpectrogramPlan(parameters())
        out = block[:, : p.frame_count(x.size)]
        assert np.array_equal(p.compute_into(x, out), p.compute(expected_samples).data)


def test_out_of_other_libraries():
    p = plan("linear", "power")
    expected = p.compute(tones()).data
    result = p.compute(noise(1000))  # has __dlpack__ and the buffer protocol
    assert p.compute_into(tones(), result) is result
    assert np.array_equal(result.data, expected)
    memory = memoryview(np.zeros((33, 63)))
    assert p.compute_into(tones(), memory) is memory
    assert np.array_equal(memory, expected)


Mismatch = sg.DimensionMismatchError


def _read_only(shape, dtype):
    out = np.full(shape, 7, dtype)
    out.flags.writeable = False
    return out


def _misaligned(shape, dtype):
    size = np.dtype(dtype).itemsize
    memory = np.zeros(shape[0] * shape[1] * size + 1, np.uint8)[1:]
    out = memory.view(dtype).reshape(shape)
    out[:] = 7
    return out


@together(
    ("make", "error", "message"),
    [
        (lambda s, d: np.full((s[0] + 1, s[1]), 7, d), Mismatch, "expected 33, got 34.*axis 0"),
        (lambda s, d: np.full((s[0], s[1] + 1), 7, d), Mismatch, "expected 63, got 64.*axis 1"),
        (lambda s, d: np.full((s[0], s[1] - 1), 7, d), Mismatch, "expected 63, got 62.*axis 1"),
        (lambda s, d: np.full(s[::-1], 7, d), Mismatch, "expected 33, got 63"),
        (lambda s, d: np.full((1, *s), 7, d), TypeError, r"2-D of shape \(33, 63\), got shape \(1, 33, 63\)"),
        (lambda s, d: np.full(s[0] * s[1], 7, d), TypeError, r"out must be 2-D of shape \(33, 63\)"),
        (lambda s, d: np.full(s, 7, np.float16), TypeError, "out must have dtype .*, got float16"),
        (lambda s, d: np.full(s, 7, np.dtype(d).newbyteorder()), TypeError, "out must have dtype .*, got >"),
        (lambda s, d: np.full(s, 7, np.float32 if d == "float64" else np.float64), TypeError,
         "out must have dtype"),
        (_read_only, ValueError, "out must be writable, got a read-only array"),
        (_misaligned, ValueError, "out must be aligned"),
        (lambda s, d: [[7.0] * s[1]] * s[0], TypeError, "out must be a writable array, got list"),
    ],
)  # fmt: skip
@together("dtype", DTYPES)
def test_out_that_does_not_fit_is_left_alone(make, error, message, dtype):
    p = plan("linear", "power", dtype)
    out = make((33, 63), dtype)
    with pytest.raises(error, match=message):
        p.compute(tones(), out=out)
    assert np.all(np.asarray(out) == 7)


@pytest.mark.parametrize("bad", [[], np.zeros((2, 500)), None, "tones", [[1.0], [2.0, 3.0]]])
def test_out_is_left_alone_when_the_samples_are_bad(bad):
    out = np.full((33, 63), 7.0)
    with pytest.raises((TypeError, ValueError)):
        plan("linear", "power").compute(bad, out=out)
    assert np.all(out == 7)


def test_frame_out_that_does_not_fit_is_left_alone():
    p = plan("linear", "power")
    for out, error in [
        (np.full(32, 7.0), sg.DimensionMismatchError),
        (np.full(33, 7.0, np.float32), TypeError),
        (np.full((33, 1), 7.0), TypeError),
        (_read_only(33, np.float64), ValueError),
    ]:
        with pytest.raises(error, match="out must"):
            p.compute_frame_into(tones(), 0, out)
        assert np.all(out == 7)


@pytest.mark.parametrize("make", [np.array, list, lambda x: x[:, ::2].repeat(2, axis=1), np.float32])
def test_one_channel_of_a_row_is_one_clip(make):
    """What torchaudio loads has a row for each channel; a batch of one stays a batch."""
    x = tones()[np.newaxis].repeat(1, axis=0)
    given, p = make(x), plan("linear", "power")
    alone = p.compute(np.asarray(given)[0])
    assert np.array_equal(p.compute(given).data, alone.data)
    assert np.array_equal(p.compute_into(given, np.empty(alone.shape)), alone.data)
    assert np.array_equal(p.compute_frame(given, 3), alone[:, 3])
    assert np.array_equal(p.compute_batch([given])[0].data, alone.data)
    assert p.compute_batch(np.asarray(given)).shape == (1, *alone.shape)
    frontend = sg.frontend("kaldi_fbank")
    wanted = frontend.compute(np.asarray(given, np.float32)[0])
    assert np.array_equal(frontend.compute(np.asarray(given, np.float32)), wanted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([], ValueError, "Input samples cannot be empty"),
        (np.zeros((1, 0)), ValueError, "Input samples cannot be empty"),
        (np.zeros((2, 1000)), TypeError, r"samples must be 1-D, got an array of shape \(2, 1000\)"),
        (np.zeros((1, 1, 1000)), TypeError, r"samples must be 1-D, got an array of shape \(1, 1, 1000\)"),
        (np.zeros((1000, 1)), TypeError, r"samples must be 1-D, got an array of shape \(1000, 1\)"),
        (None, TypeError, "samples must be array-like, got None"),
    ],
)
def test_bad_samples(bad, error, message):
    for p in every_plan("float32"):
        with pytest.raises(error, match=message):
            p.compute(bad)


# --- the general plan ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"params": 3}, TypeError, "params must be SpectrogramParams, got int"),
        ({"scale": "mel"}, TypeError, "scale must be MelParams, .* or None, got str"),
        ({"scale": sg.LogParams(-80.0)}, TypeError, "scale must be MelParams, .* got LogParams"),
        ({"amplitude": "dB"}, ValueError, "amplitude must be one of 'power', 'magnitude', 'db', got 'dB'"),
        ({"amplitude": None}, TypeError, "'None' is not an instance of 'str': amplitude"),
        ({"db": -80}, TypeError, "db must be LogParams or None, got int"),
        ({"dtype": "int16"}, ValueError, "unsupported dtype \"int16\"; expected 'float32' or 'float64'"),
        ({"dtype": np.int16}, TypeError, "dtype must be 'float32' or 'float64'"),
    ],
)  # fmt: skip
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        sg.SpectrogramPlan(**{"params": parameters(), **arguments})


@pytest.mark.parametrize("n_fft", [2**28 + 1, 2**33, 2**50, 2**63, 2**64 - 1])
def test_absurd_sizes_are_refused_before_anything_is_built(n_fft):
    params = parameters(n_fft, 1)
    for make in (
        sg.SpectrogramPlan,
        sg.StftPlan,
        sg.IstftPlan,
        sg.SpectrogramPlanner().linear_db_plan,
        lambda params: sg.SpectrogramPlan(params, sg.MelParams(40, 0.0, 4000.0)),
        lambda params: sg.SpectrogramPlan(params, sg.CqtParams(12, 2, 100.0)),
        lambda params: sg.compute_stft(tones(), params),
    ):
        with pytest.raises(MemoryError, match=f"n_fft must be at most .*, got {n_fft}"):
            make(params)


# --- plans as data ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_twins_compute_the_same_bytes(dtype):
    x = noise(1500)
    custom = parameters(100, 30, np.hamming(90), win_length=90, centre=False, pad_mode="edge")
    plans = [
        *every_plan(dtype),
        sg.SpectrogramPlan(custom, scale_params("mel"), "db", sg.LogParams(-33.5), dtype),
        sg.StftPlan(custom, dtype),
    ]
    for p in plans:
        expected = p.compute(x)
        json_of = p.to_json()
        assert json.loads(json_of) == p.to_dict()
        twins = [
            pickle.loads(pickle.dumps(p)),
            copy.copy(p),
            copy.deepcopy(p),
            type(p).from_json(json_of),
            type(p).from_dict(p.to_dict()),
        ]
        for twin in twins:
            assert type(twin) is type(p)
            assert twin == p
            assert hash(twin) == hash(p)
            assert repr(twin) == repr(p)
            assert twin.compute(x).data.tobytes() == expected.data.tobytes()


def test_plans_differ():
    plans = [*every_plan("float64"), *every_plan("float32"), sg.SpectrogramPlan(parameters())]
    plans += [plan("linear", "db", db=sg.LogParams(-81.0)), plan("mel", "db", params=parameters(hop=17))]
    assert len(set(plans)) == len(plans)
    assert plans[0] != plans[-1]
    assert plans[0] != "a plan"


def test_attributes():
    p = plan("mel", "db", "float32")
    assert (p.scale, p.amplitude, p.dtype, p.n_bins) == ("mel", "db", "float32", 10)
    assert p.params == parameters()
    assert p.scale_params == scale_params("mel")
    assert p.db_params == sg.LogParams(-80.0)
    assert plan("mel", "power").db_params is None
    assert plan("linear", "power").scale_params is None
    for name in ("dtype", "params", "n_bins", "scale", "amplitude"):
        with pytest.raises(AttributeError):
            setattr(p, name, None)
    assert repr(p) == (
        "MelDbPlan(SpectrogramParams(sample_rate=8000, n_fft=64, hop_size=16), "
        "scale=MelParams(n_mels=10, f_min=100, f_max=4000, norm='None'), amplitude='db', dtype='float32')"
    )


# --- threads ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_eight_threads_share_a_plan(dtype):
    signals = [noise(4000 + 100 * i, seed=i) for i in range(8)]
    for p in (
        plan("mel", "db", dtype),
        plan("cqt", "power", dtype),
        sg.StftPlan(parameters(512, 100), dtype),
    ):
        expected = [p.compute(x).data.tobytes() for x in signals]
        found, start = [[] for _ in signals], threading.Barrier(len(signals))

        def work(i, p=p, found=found, start=start):
            start.wait()
            for _ in range(20):
                found[i].append(p.compute(signals[i]).data.tobytes())
                found[i].append(
                    p.compute(signals[i], out=np.empty_like(p.compute(signals[i]).data)).tobytes()
                )

        threads = [threading.Thread(target=work, args=(i,)) for i in range(len(signals))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for results, one in zip(found, expected, strict=True):
            assert len(results) == 40
            assert set(results) == {one}


def test_the_loop_runs_without_the_interpreter_lock():
    # Another thread counts as long as a computation of many milliseconds goes on. With the lock held it
    # would stand still.
    x = np.zeros(3_000_000, np.float32)
    p = plan("linear", "db", "float32", parameters(64, 8))
    out = np.empty(p.output_shape(x.size), np.float32)
    ticks, go_on = [0], True

    def count():
        while go_on:
            ticks[0] += 1

    counter = threading.Thread(target=count)
    counter.start()
    before = ticks[0]
    p.compute(x, out=out)
    during = ticks[0] - before
    go_on = False
    counter.join()
    assert during > 1000
