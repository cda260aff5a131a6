"""Batches: every clip as if it came alone, bit for bit; arrays, sequences, errors that name the clip."""

import array
import copy
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spectrograms as sg

from ..support.spectrogram_cases import DTYPES, every_plan, noise, parameters, plan, scale_params

LENGTHS = [1, 700, 15, 5000, 64, 40000, 3]


def bytes_of(results):
    return [np.ascontiguousarray(result).tobytes() for result in results]


# --- sequences -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_plan_computes_a_batch_as_if_each_clip_came_alone(dtype):
    clips = [noise(n, seed=i) for i, n in enumerate(LENGTHS)]
    for p in every_plan(dtype):
        alone = [p.compute(clip) for clip in clips]
        for num_threads in (1, 2, 5):
            batch = p.compute_batch(clips, num_threads=num_threads)
            assert bytes_of(batch) == bytes_of(alone)
            for result, expected in zip(batch, alone, strict=True):
                assert type(result) is type(expected)
                assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
                assert list(result.times) == list(expected.times)


@pytest.mark.slow
@given(
    lengths=st.lists(st.integers(1, 3000), max_size=8),
    n_fft=st.integers(2, 300),
    hop=st.integers(1, 300),
    centre=st.booleans(),
    pad_mode=st.sampled_from(["zeros", "reflect", "edge"]),
    num_threads=st.integers(1, 4),
    dtype=st.sampled_from(DTYPES),
    data=st.data(),
)
def test_any_composition(lengths, n_fft, hop, centre, pad_mode, num_threads, dtype, data):
    params = parameters(n_fft, min(hop, n_fft), centre=centre, pad_mode=pad_mode)
    p = sg.SpectrogramPlan(params, None, "db", dtype=dtype)
    clips = [noise(n, seed=n) for n in lengths]
    order = data.draw(st.permutations(range(len(clips))))
    batch = p.compute_batch([clips[i] for i in order], num_threads=num_threads)
    assert len(batch) == len(clips)
    for i, result in zip(order, batch, strict=True):
        assert np.array_equal(result.data, p.compute(clips[i]).data)


def test_a_long_batch_on_several_threads():
    # Enough work for threads to take part: some hundred units of 0.1 ms.
    p = plan("mel", "db", "float32", parameters(512, 160))
    clips = [noise(n, seed=n).astype("float32") for n in range(1000, 200_000, 7000)]
    alone = bytes_of(p.compute(clip) for clip in clips)
    for num_threads in (1, 2, 3, 8):
        assert bytes_of(p.compute_batch(clips, num_threads=num_threads)) == alone


def test_layouts_and_dtypes_of_the_clips_do_not_matter():
    p = plan("mel", "db")
    x = np.round(noise(3000, scale=1000)).astype(np.int16)
    read_only = x.copy()
    read_only.flags.writeable = False
    wide = np.zeros((3000, 3), np.int16)
    wide[:, 1] = x
    clips = [
        x,
        read_only,
        wide[:, 1],
        np.asfortranarray(np.stack([x, x]))[1],
        x[::-1].copy()[::-1],
        x.astype(np.float64),
        x.astype(">f8"),
        x.astype(">i4"),
        x.tolist(),
        tuple(x.tolist()),
        array.array("h", x.tolist()),
        memoryview(x),
    ]
    expected = p.compute(x).data.tobytes()
    assert set(bytes_of(p.compute_batch(clips))) == {expected}


def test_results_are_found_by_their_numbers():
    p = plan("linear", "power", "float32")
    batch = p.compute_batch([noise(400), noise(600), noise(400), noise(400, 1)])
    assert batch.index(batch[1]) == 1
    assert batch.index(batch[0], 1) == batch.index(np.array(batch[0]), -3) == 2
    assert batch.count(batch[0]) == 2
    assert batch[3] in batch
    near = batch[3].data + 1, batch[3].data[:-1], np.zeros((0, 0))
    for other in (1e308, None, "x", np.float64(1e308), [0.0], *near):
        assert other not in batch
        assert batch.count(other) == 0
        with pytest.raises(ValueError, match="no such result"):
            batch.index(other)
    with pytest.raises(ValueError, match="no such result"):
        batch.index(batch[1], 2)


def test_what_counts_as_a_sequence():
    p = plan("linear", "power")
    x = noise(500)
    expected = bytes_of([p.compute(x)] * 2)
    objects = np.empty(2, object)
    objects[:] = [x, x]
    for clips in ([x, x], (x, x), iter([x, x]), {0: x, 1: x}.values(), objects):
        batch = p.compute_batch(clips)
        assert isinstance(batch, sg.Batch)
        assert bytes_of(batch) == expected


def test_batch_is_a_sequence_of_results():
    p = plan("mel", "magnitude", "float32")
    clips = [noise(n) for n in (100, 2000, 700)]
    batch = p.compute_batch(clips)
    assert len(batch) == 3
    assert np.array_equal(batch[-1].data, batch[2].data)
    assert [r.shape for r in batch[1:]] == [r.shape for r in list(batch)[1:]]
    assert [r.shape for r in reversed(batch)] == [batch[2].shape, batch[1].shape, batch[0].shape]
    with pytest.raises(IndexError):
        batch[3]
    assert batch.n_bins == 10
    assert batch.lengths.tolist() == [p.frame_count(len(clip)) for clip in clips]
    assert batch.lengths.dtype == np.int64
    assert repr(batch) == "Batch(3 x Spectrogram, n_bins=10, 7..126 frames)"
    for result in batch:
        assert result.data.__array_interface__["data"][0] % 64 == 0
        assert result.data.flags.writeable
    batch[0].data[:] = 7  # one block: seen through the batch as well
    assert (batch[0].data == 7).all()


def test_results_outlive_the_batch():
    p = plan("mel", "db")
    clips = [noise(5000, seed=i) for i in range(20)]
    result = p.compute_batch(clips)[11]
    assert np.array_equal(result.data, p.compute(clips[11]).data)


def test_padded_and_mask():
    p = plan("mel", "power")
    clips = [noise(n) for n in (100, 2000, 700)]
    batch = p.compute_batch(clips)
    padded, mask = batch.padded(-1.0), batch.mask
    assert padded.shape == (3, 10, 126)
    assert mask.shape == (3, 126)
    assert mask.dtype == bool
    assert mask.sum(axis=1).tolist() == batch.lengths.tolist()
    for row, real, result in zip(padded, mask, batch, strict=True):
        assert np.array_equal(row[:, real], result.data)
        assert (row[:, ~real] == -1).all()
    assert not batch.padded()[0, :, -1].any()


def test_empty_batch():
    batch = plan("mel", "db").compute_batch([])
    assert len(batch) == 0
    assert list(batch) == []
    assert batch.lengths.shape == (0,)
    assert batch.padded().shape == (0, 10, 0)
    assert batch.mask.shape == (0, 0)
    assert repr(batch) == "Batch(0 x Spectrogram, n_bins=10, no frames)"


def test_batches_pickle():
    p = plan("erb", "db", "float32")
    batch = p.compute_batch([noise(n) for n in (100, 2000)])
    for twin in (pickle.loads(pickle.dumps(batch)), copy.copy(batch), copy.deepcopy(batch)):
        assert bytes_of(twin) == bytes_of(batch)
        assert twin[1].times == batch[1].times
        assert twin[0].data.__array_interface__["data"][0] % 64 == 0
        assert repr(twin) == repr(batch)


# --- arrays ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lead", [(3,), (2, 2), (1,), (1, 1)])
def test_arrays_give_arrays(lead, dtype):
    signals = noise(int(np.prod(lead)) * 1500).reshape(*lead, 1500)
    for p in every_plan(dtype):
        out = p.compute_batch(signals, num_threads=2)
        assert type(out) is np.ndarray
        assert out.shape == (*lead, *p.output_shape(1500))
        for place in np.ndindex(*lead):
            assert np.array_equal(out[place], p.compute(signals[place]).data)


@pytest.mark.parametrize(
    "layout",
    [
        lambda a: a,
        np.asfortranarray,
        lambda a: np.stack([a, a], axis=-1)[..., 1],
        lambda a: a[::-1].copy()[::-1],
        lambda a: a.astype(">f8"),
        lambda a: np.frombuffer(a.tobytes()).reshape(a.shape),  # read-only
        lambda a: memoryview(a),
    ],
)
def test_arrays_of_any_layout(layout):
    p = plan("mel", "power")
    signals = noise(3 * 900).reshape(3, 900)
    expected = p.compute_batch(signals)
    given_signals = layout(signals)
    out = p.compute_batch(given_signals)
    assert np.array_equal(out, expected)
    backing = np.full((3, 70, 10), np.nan).transpose(0, 2, 1)[:, :, : expected.shape[2]]
    assert p.compute_batch(given_signals, out=backing) is backing
    assert np.array_equal(backing, expected)


def test_no_signals_in_an_array():
    p = plan("mel", "power")
    assert p.compute_batch(np.zeros((0, 500))).shape == (0, 10, 32)
    assert p.compute_batch(np.zeros((2, 0, 500))).shape == (2, 0, 10, 32)


def test_out_with_overlapping_signals():
    p = sg.SpectrogramPlan(parameters(8, 8, centre=False))
    block = np.zeros((2, 5, 80))
    block[:, 0] = noise(160).reshape(2, 80)
    expected = p.compute_batch(block[:, 0].copy())
    out = block[:, :, :10]
    p.compute_batch(block[:, 0], out=out)
    assert np.array_equal(out, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_out_anywhere_in_the_samples(dtype):
    for p in every_plan(dtype, parameters(64, 16)):
        rows, cols = p.output_shape(1000)
        room = rows * cols * p._numpy_dtype().itemsize
        for at in (0, 8 * 300, 8 * 1000 - 64):
            memory = np.zeros(8 * 1000 + room, np.uint8)
            x = memory[:8000].view(np.float64)
            x[:] = noise(1000)
            expected = p.compute(x.copy()).data
            out = memory[at : at + room].view(p._numpy_dtype()).reshape(rows, cols)
            assert p.compute(x, out=out) is out
            assert np.array_equal(out, expected)
            x[:] = noise(1000)
            frame = memory[at : at + room].view(p._numpy_dtype())[:rows]
            assert np.array_equal(p.compute_frame_into(x, 5, frame), expected[:, 5])


def test_samples_beside_out_are_not_copied():
    p = plan("linear", "power", params=parameters(64, 64, centre=False))
    block = np.zeros((100, 100, 64))  # samples in one column, results in the next
    block[:, 0] = noise(6400).reshape(100, 64)
    x, out = block[:, 0], block[:, 1:34, :1]
    assert np.may_share_memory(x, out)
    expected = p.compute_batch(x.copy())
    tracemalloc.start()
    p.compute_batch(x, out=out)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(out, expected)
    assert most < x.nbytes


class Raises:
    """Says something of its own when it shall become an array."""

    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        raise self.error


BATCHES = [
    plan("linear", "power", "float64").compute_batch,
    sg.IstftPlan(sg.StftParams(64, 16, "hann")).compute_batch,
    sg.frontend("kaldi_fbank").compute_batch,
]


@pytest.mark.parametrize("compute", BATCHES)
def test_only_what_is_of_a_wrong_kind_is_a_type_error(compute):
    with pytest.raises(MemoryError, match="none left"):
        compute([Raises(MemoryError("none left"))])
    with pytest.raises(TypeError, match=r"\w+\[0\]: not mine: "):
        compute([Raises(RuntimeError("not mine"))])


def test_memory_maps(tmp_path):
    p = plan("mel", "db", "float32")
    signals = (noise(4 * 3000, scale=3000)).astype(np.int16).reshape(4, 3000)
    source = np.memmap(tmp_path / "in", np.int16, "w+", shape=signals.shape)
    source[:] = signals
    out = np.memmap(tmp_path / "out", np.float32, "w+", shape=(4, *p.output_shape(3000)))
    assert p.compute_batch(np.memmap(tmp_path / "in", np.int16, "r", shape=signals.shape), out=out) is out
    assert np.array_equal(out, p.compute_batch(signals))


# --- errors ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([], ValueError, r"signals\[2\]: must not be empty"),
        (np.zeros((2, 50)), TypeError, r"signals\[2\]: samples must be 1-D, got an array of shape \(2, 50\)"),
        (None, TypeError, r"signals\[2\]: samples must be array-like, got None"),
        (["a", "b"], ValueError, r"signals\[2\]: .*could not convert string to float"),
        ([[1.0], [2.0, 3.0]], ValueError, r"signals\[2\]: .*inhomogeneous"),
        ({"a": 1}, TypeError, r"signals\[2\]: "),
    ],
)
def test_a_bad_clip_is_named_before_anything_is_computed(bad, error, message, monkeypatch):
    from spectrograms._engine.run import calls

    monkeypatch.setattr(calls, "run_all", lambda *_: pytest.fail("computed"))
    for p in (plan("mel", "db"), sg.StftPlan(parameters())):
        with pytest.raises(error, match=message):
            p.compute_batch([noise(100), noise(200), bad, noise(100)])


def test_a_clip_that_its_owner_does_not_give_away():
    class Locked:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("call .cpu() first")

    with pytest.raises(TypeError, match=r"signals\[1\]: .*call .cpu\(\) first"):
        plan("mel", "db").compute_batch([noise(100), Locked()])


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (noise(100), TypeError, r"2 or 3 dimensions, got an array of shape \(100,\)"),
        (noise(100).tolist(), TypeError, "flat list of numbers; compute takes one signal"),
        (list(noise(100)), TypeError, "flat list of numbers"),
        (array.array("d", noise(100)), TypeError, "flat list of numbers"),
        (memoryview(noise(100)), TypeError, r"got an array of shape \(100,\)"),
        (np.zeros((2, 2, 2, 100)), TypeError, r"got an array of shape \(2, 2, 2, 100\)"),
        (np.float64(3), TypeError, r"got an array of shape \(\)"),
        (3.0, TypeError, r"got an array of shape \(\)"),
        ("abc", TypeError, r"got an array of shape \(\)"),
        (None, TypeError, "array-like, got None"),
        (np.zeros((3, 0)), ValueError, r"signals must not be empty, got an array of shape \(3, 0\)"),
    ],
)
def test_what_is_no_batch(bad, error, message):
    with pytest.raises(error, match=message):
        plan("mel", "db").compute_batch(bad)


def _frozen(shape):
    out = np.full(shape, 7.0)
    out.flags.writeable = False
    return out


@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.full((2, 10, 33), 7.0), sg.DimensionMismatchError, r"out must have shape \(2, 10, 32\), axis 2"),
        (np.full((2, 9, 32), 7.0), sg.DimensionMismatchError, "axis 1 differs"),
        (np.full((3, 10, 32), 7.0), sg.DimensionMismatchError, "axis 0 differs"),
        (np.full((10, 32), 7.0), TypeError, r"out must be 3-D of shape \(2, 10, 32\), got shape \(10, 32\)"),
        (np.full((2, 10, 32), 7, np.float32), TypeError, "out must have dtype float64, got float32"),
        (_frozen((2, 10, 32)), ValueError, "read-only"),
        ([[0.0]], TypeError, "out must be a writable array, got list"),
    ],
)
def test_out_that_does_not_fit_is_left_alone(out, error, message):
    with pytest.raises(error, match=message):
        plan("mel", "db").compute_batch(np.zeros((2, 500)), out=out)
    if isinstance(out, np.ndarray):
        assert (out == 7).all()


def test_out_needs_an_array():
    with pytest.raises(TypeError, match="out needs signals in one array"):
        plan("mel", "db").compute_batch([noise(100)], out=np.zeros((1, 10, 7)))


@pytest.mark.parametrize(("n", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
def test_num_threads_out_of_range(n, error):
    with pytest.raises(error, match="num_threads must be >= 1" if error is ValueError else "integer"):
        plan("mel", "db").compute_batch([noise(100)], num_threads=n)


def test_scale_parameters_of_the_batch_are_those_of_the_plan():
    batch = plan("mel", "db").compute_batch([noise(100)])
    assert batch[0].params == parameters()
    assert batch[0].scale == "mel"
    assert scale_params("mel").n_mels == batch.n_bins


BLOCK = np.zeros(256, np.uint8)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"offsets": np.array([2**63 - 1])}, sg.InvalidInputError),
        ({"offsets": np.array([-64])}, sg.InvalidInputError),
        ({"offsets": np.array([4])}, sg.InvalidInputError),
        ({"offsets": np.array([0, 64])}, sg.DimensionMismatchError),
        ({"offsets": [0]}, TypeError),
        ({"lengths": np.array([2**62])}, sg.InvalidInputError),
        ({"lengths": np.array([-1])}, sg.InvalidInputError),
        ({"lengths": np.array([np.nan])}, TypeError),
        ({"dtype": "O"}, sg.InvalidInputError),
        ({"dtype": {"names": ["a"], "formats": []}}, TypeError),
        ({"rows": 0}, sg.InvalidInputError),
        ({"rows": 2**62}, sg.InvalidInputError),
        ({"block": BLOCK[::2]}, TypeError),
        ({"block": 3}, TypeError),
        ({"result": sg.Spectrogram}, TypeError),
        ({"result": dict}, TypeError),
        ({"time_major": 1}, TypeError),
    ],
    ids=str,
)
def test_case_1_4_batches_are_checked_by_their_constructor(changes, error):
    given = {"block": BLOCK, "offsets": np.array([64]), "lengths": np.array([8]), "dtype": "f8", "rows": 3}
    batch = sg.Batch(**given)
    assert batch[0].shape == (3, 8)
    with pytest.raises(error):
        sg.Batch(**given | changes)


def test_case_1_4_batches_own_what_they_were_checked_for():
    offsets, lengths, block = np.array([0]), np.array([8]), np.zeros(256, np.uint8)
    batch = sg.Batch(block, offsets, lengths, "f8", 3)
    offsets[:], lengths[:], block[:] = 2**62, 2**62, 255
    assert batch[0].tolist() == np.zeros((3, 8)).tolist()


def test_what_pads_a_batch_is_a_number():
    params = sg.SpectrogramParams(sg.StftParams(64, 32, "hann"), 8000.0)
    batch = sg.SpectrogramPlan(params, dtype="float32").compute_batch([np.ones(700), np.ones(400)])
    assert np.isinf(batch.padded(1e300)[1, :, -1]).all()
    for value in ("0", None, 1j, [0.0], np.ones(2)):
        with pytest.raises(TypeError, match="value must be a"):
            batch.padded(value)
