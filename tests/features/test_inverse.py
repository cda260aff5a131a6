"""Inverse transforms of batches, and of frames as they arrive: the bytes of each matrix alone."""

import copy
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import spectrograms as sg
from spectrograms.features import overlap_add

from ..support.spectrogram_cases import DTYPES, noise, parameters
from ..support.threads import in_threads
from ..support.together import together

COMPLEX = {"float64": np.complex128, "float32": np.complex64}


def spectra(n_fft, n_frames, seed=0, dtype="float64"):
    rng = np.random.default_rng(seed)
    shape = (n_fft // 2 + 1, n_frames)
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(COMPLEX[dtype])


def inverse(n_fft=64, hop=16, *, centre=True, dtype="float64", **options):
    return sg.IstftPlan(sg.StftParams(n_fft, hop, "hamming", centre, **options), dtype)


def streamed(stream, z, cuts):
    """Push the frames of z cut at the given places, flush, and put the samples in a row."""
    parts = [stream.push(part) for part in np.split(z, sorted(cuts), axis=1)]
    return np.concatenate([*parts, stream.flush()])


# --- streams ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@together("dtype", DTYPES)
@together("centre", [True, False])
@pytest.mark.parametrize("n_fft", [1, 2, 7, 64, 65])
@together("n_frames", [1, 2, 3, 40])
def test_every_hop(n_frames, n_fft, centre, dtype):
    z = spectra(n_fft, n_frames, dtype=dtype)
    for hop in range(1, n_fft + 1):
        plan = inverse(n_fft, hop, centre=centre, dtype=dtype)
        expected = plan.compute(z)
        for cuts in (range(n_frames), range(1, n_frames, 3), []):
            got = streamed(plan.stream(), z, cuts)
            assert got.dtype == dtype
            assert np.array_equal(got, expected)


# Any hop will do, also one that leaves gaps.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
@given(
    n_frames=st.integers(1, 80),
    n_fft=st.integers(1, 150),
    hop=st.integers(1, 150),
    short=st.integers(0, 40),
    centre=st.booleans(),
    dtype=st.sampled_from(DTYPES),
    cuts=st.lists(st.integers(0, 80), max_size=10),
)
def test_any_chunking(n_frames, n_fft, hop, short, centre, dtype, cuts):
    plan = inverse(n_fft, min(hop, n_fft), centre=centre, dtype=dtype, win_length=max(1, n_fft - short))
    z = spectra(n_fft, n_frames, dtype=dtype)
    assert np.array_equal(streamed(plan.stream(), z, cuts), plan.compute(z))


def test_samples_come_as_soon_as_no_later_frame_reaches_them():
    plan = inverse(64, 16, centre=False)
    stream = plan.stream()
    assert stream.latency == 48
    for i in range(1, 20):
        stream.push(spectra(64, 1, i))
        assert (stream.frames_seen, stream.samples_emitted) == (i, 16 * i)
    assert len(stream.flush()) == 48


def test_a_single_centred_frame_is_returned_whole():
    plan, z = inverse(), spectra(64, 1)
    stream = plan.stream()
    assert len(stream.push(z)) == 0
    assert stream.frames_seen == 1
    assert np.array_equal(stream.flush(), plan.compute(z))
    assert stream.samples_emitted == 64


def test_from_samples_to_samples_frame_by_frame():
    x = noise(1000)
    params = parameters(64, 16)
    analysis, synthesis = sg.StftPlan(params).stream(), sg.IstftPlan(params).stream()
    parts = [synthesis.push(analysis.push(x[i : i + 37])) for i in range(0, 1000, 37)]
    parts += [synthesis.push(analysis.flush()), synthesis.flush()]
    whole = sg.IstftPlan(params).compute(sg.StftPlan(params).compute(x))
    assert np.array_equal(np.concatenate(parts), whole)
    np.testing.assert_allclose(whole, x[: len(whole)], rtol=0, atol=1e-12)


def test_pushed_frames_may_be_overwritten():
    plan, z = inverse(), spectra(64, 30)
    stream, parts, buffer = plan.stream(), [], np.empty((33, 1), complex)
    for i in range(30):
        buffer[:] = z[:, i : i + 1]
        parts.append(stream.push(buffer))
        buffer[:] = np.nan
    assert np.array_equal(np.concatenate([*parts, stream.flush()]), plan.compute(z))


def test_a_closed_stream_and_reset():
    plan, z = inverse(), spectra(64, 10)
    stream = plan.stream()
    stream.push(z)
    stream.flush()
    assert repr(stream) == "IstftStream(10 frames in, 144 samples out, closed)"
    for call in (lambda: stream.push(z), stream.flush):
        with pytest.raises(sg.InvalidInputError, match="after flush: the stream is closed"):
            call()
    stream.reset()
    assert np.array_equal(streamed(stream, z, [3]), plan.compute(z))
    stream.reset()
    assert len(stream.push(np.empty((33, 0)))) == 0
    assert len(stream.flush()) == 0


def test_an_empty_push_while_the_first_frame_waits():
    plan, z = inverse(), spectra(64, 10)
    assert np.array_equal(streamed(plan.stream(), z, [0, 1, 1, 1, 2, 2]), plan.compute(z))


def test_an_interrupted_push_closes_the_stream(monkeypatch):
    plan, z = inverse(), spectra(64, 3000)
    stream = plan.stream()
    readable, calls = overlap_add._readable, []

    def interrupted(part, dtype):
        calls.append(part)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return readable(part, dtype)

    monkeypatch.setattr(overlap_add, "_readable", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stream.push(z)
    monkeypatch.undo()
    for call in (lambda: stream.push(z), stream.flush):
        with pytest.raises(sg.InvalidInputError, match="after a push that was interrupted: the stream is cl"):
            call()
    stream.reset()
    assert np.array_equal(streamed(stream, z, [3]), plan.compute(z))


def test_streams_are_neither_pickled_nor_copied():
    stream = inverse().stream()
    for copy_of in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="IstftStream is in the middle of a signal"):
            copy_of(stream)


def test_threads_that_push_to_one_stream_wait_for_each_other():
    plan, z = inverse(256, 64), spectra(256, 200)
    stream = plan.stream()
    parts = in_threads(lambda i: [stream.push(z[:, :7]).size for _ in range(50)])
    assert sum(map(sum, parts)) + stream.flush().size == plan.output_length(8 * 50 * 7)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (np.zeros((32, 4)), sg.DimensionMismatchError, r"expected 33, got 32 \(rows of stft_matrix\)"),
        (np.zeros(33), TypeError, "must be 2-D"),
        (None, TypeError, "got None"),
    ],
)
def test_bad_frames_change_nothing(bad, error, message):
    plan, z = inverse(), spectra(64, 10)
    stream = plan.stream()
    first = stream.push(z[:, :4])
    with pytest.raises(error, match=message):
        stream.push(bad)
    rest = [stream.push(z[:, 4:]), stream.flush()]
    assert np.array_equal(np.concatenate([first, *rest]), plan.compute(z))


# --- matrices of any kind --------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_frames", [5, 3000])  # several pieces
def test_layouts_and_dtypes_of_the_matrix_do_not_matter(n_frames, dtype):
    plan = inverse(64, 16, dtype=dtype)
    z = spectra(64, n_frames, dtype=dtype)
    expected = plan.compute(z)
    wide = np.zeros((70, 2 * n_frames + 1), COMPLEX[dtype])
    wide[1:67:2, 1::2] = z
    frozen = z.copy()
    frozen.flags.writeable = False
    for matrix in (
        np.asfortranarray(z),
        wide[1:67:2, 1::2],
        z[::-1].copy()[::-1],
        z[:, ::-1].copy()[:, ::-1],
        z.astype(z.dtype.newbyteorder()),
        np.hstack([z, z])[:, :n_frames],
        memoryview(np.ascontiguousarray(z)),
        frozen,
        z.astype(complex) if dtype == "float32" else z,
    ):
        assert np.array_equal(plan.compute(matrix), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("centre", [True, False])
def test_out_of_any_stride(centre, dtype):
    # Several pieces, cut short, and zeros behind.
    plan = inverse(64, 16, centre=centre, dtype=dtype)
    z = spectra(64, 3000, dtype=dtype)
    for length in (None, 1, 20, 30_000, 60_000):
        expected = plan.compute(z, length=length)
        for out in (np.empty(2 * len(expected), dtype)[1::2], np.empty(len(expected), dtype)[::-1]):
            out[:] = np.nan
            assert plan.compute(z, out=out, length=length) is out
            assert np.array_equal(out, expected)


def test_out_that_is_part_of_the_matrix():
    plan = inverse(64, 64, centre=False)
    block = spectra(64, 50)
    expected = plan.compute(block.copy())
    out = block.reshape(-1).view(float)[:3200]
    assert np.array_equal(plan.compute(block, out=out), expected)


# --- batches ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("num_threads", [1, 2, 5])
@pytest.mark.parametrize("dtype", DTYPES)
def test_batches(dtype, num_threads):
    for centre in (True, False):
        plan = inverse(64, 16, centre=centre, dtype=dtype)
        matrices = [spectra(64, n, n, dtype) for n in (1, 700, 2, 60, 9000, 5)]
        alone = [plan.compute(z) for z in matrices]
        batch = plan.compute_batch(matrices, num_threads=num_threads)
        assert isinstance(batch, sg.Batch)
        assert batch.lengths.tolist() == [len(x) for x in alone]
        for found, expected in zip(batch, alone, strict=True):
            assert type(found) is np.ndarray
            assert found.dtype == dtype
            assert found.__array_interface__["data"][0] % 64 == 0
            assert np.array_equal(found, expected)
        padded = batch.padded()
        assert padded.shape == (6, len(alone[4]))
        assert np.array_equal(padded[batch.mask], np.concatenate(alone))
        assert not padded[~batch.mask].any()
        twin = pickle.loads(pickle.dumps(batch))
        assert all(np.array_equal(a, b) for a, b in zip(twin, batch, strict=True))


def test_a_batch_of_transforms_goes_back():
    params = parameters(64, 16)
    clips = [noise(n, seed=n) for n in (640, 320, 1600)]
    back = sg.IstftPlan(params).compute_batch(sg.StftPlan(params).compute_batch(clips))
    assert repr(back) == "Batch(3 x ndarray, 320..1600 samples)"
    assert back.n_bins is None
    for found, clip in zip(back, clips, strict=True):
        np.testing.assert_allclose(found, clip, rtol=0, atol=1e-12)


def test_no_matrices():
    batch = inverse().compute_batch([])
    assert len(batch) == 0
    assert batch.padded().shape == (0, 0)
    assert inverse().compute_batch(np.zeros((0, 33, 4))).shape == (0, 48)


@pytest.mark.parametrize("lead", [(3,), (2, 3)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays(dtype, lead):
    plan = inverse(dtype=dtype)
    matrices = np.stack([spectra(64, 20, i, dtype) for i in range(int(np.prod(lead)))]).reshape(*lead, 33, 20)
    expected = plan.compute_batch(matrices, num_threads=2)
    assert expected.shape == (*lead, 304)
    for place in np.ndindex(*lead):
        assert np.array_equal(expected[place], plan.compute(matrices[place]))
    out = np.full((*lead, 400), np.nan, dtype)[..., 50:354]
    for strided in (out, np.empty((*lead, 608), dtype)[..., ::-2], np.empty((304, *lead[::-1]), dtype).T):
        strided[:] = np.nan
        assert plan.compute_batch(np.asfortranarray(matrices), out=strided) is strided
        assert np.array_equal(strided, expected)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (spectra(62, 4), sg.DimensionMismatchError, r"expected 33, got 32 \(rows of stft_matrices\[1\]\)"),
        (np.zeros((33, 0)), sg.InvalidInputError, r"stft_matrices\[1\]: .*at least one frame"),
        (np.zeros(33), TypeError, r"stft_matrices\[1\]: .* must be 2-D"),
        (None, TypeError, r"stft_matrices\[1\]: .* got None"),
    ],
)
def test_a_bad_matrix_is_named(bad, error, message):
    with pytest.raises(error, match=message):
        inverse().compute_batch([spectra(64, 4), bad])


@pytest.mark.parametrize(
    ("matrices", "out", "error", "message"),
    [
        (np.zeros((33, 5)), None, TypeError, r"3 or 4 dimensions .* got an array of shape \(33, 5\)"),
        (np.zeros((2, 32, 5)), None, sg.DimensionMismatchError, "expected 33, got 32"),
        (np.zeros((2, 33, 0)), None, sg.InvalidInputError, "at least one frame"),
        ([1.0, 2.0], None, TypeError, "flat list of numbers"),
        ([np.zeros((33, 5))], np.zeros((1, 64)), TypeError, "out needs the matrices in one array"),
        (np.zeros((2, 33, 5)), np.zeros((2, 65)), sg.DimensionMismatchError, "expected 64, got 65"),
        (np.zeros((2, 33, 5)), np.zeros((2, 64), "f4"), TypeError, "dtype float64, got float32"),
    ],
)
def test_batches_that_do_not_fit(matrices, out, error, message):
    with pytest.raises(error, match=message):
        inverse().compute_batch(matrices, out=out)


def test_eight_threads_share_a_plan():
    plan = inverse(dtype="float32")
    matrices = [spectra(64, 400 + i, i, "float32") for i in range(8)]
    expected = [plan.compute(z).tobytes() for z in matrices]
    found, start = [], threading.Barrier(8)

    def work(i):
        start.wait()
        for _ in range(5):
            found.append(streamed(plan.stream(), matrices[i], range(0, 400, 33)).tobytes() == expected[i])
            found.append([x.tobytes() for x in plan.compute_batch(matrices, num_threads=3)] == expected)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80
