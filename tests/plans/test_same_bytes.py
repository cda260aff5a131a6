"""Same clip, same configuration, same bytes: every plan, every way, over drawn frames and signals.

What is compared are bytes, so that signs of zeros count, too.
"""

import copy
import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spectrograms as sg
from spectrograms._engine.loop.engine import Engine
from spectrograms.plans import base as plans

from ..support.chance import times
from ..support.same_bytes_worker import digests
from ..support.spectrogram_cases import DTYPES, KINDS, every_plan, noise, parameters
from ..support.threads import in_threads

# What is drawn may well leave bands empty, or samples under no window: their bytes count all the same.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")

# As many as families.every_plan gives.
N_KINDS = len(every_plan("float64"))
FRAMES = st.one_of(st.integers(1, 130), st.sampled_from([255, 256, 400, 509, 512]))


@st.composite
def geometries(draw, most_hop=200):
    """Draw SpectrogramParams: any frame, hop, window and padding."""
    n_fft = draw(FRAMES)
    return parameters(
        n_fft,
        draw(st.integers(1, min(n_fft, most_hop))),
        draw(st.sampled_from(["hann", "hamming", "rectangular", "kaiser=8.0"])),
        centre=draw(st.booleans()),
        pad_mode=draw(st.sampled_from(["zeros", "reflect", "edge"])),
        win_length=draw(st.integers(1, n_fft)),
        periodic=draw(st.booleans()),
    )


@st.composite
def signals(draw, least=1, most=2500):
    """Draw float64 samples: whole numbers, noise of any level, or some that are not finite."""
    n = draw(st.integers(least, most))
    x = noise(n, seed=draw(st.integers(0, 99)), scale=draw(st.sampled_from([1e-30, 1e-3, 1.0, 300.0, 1e20])))
    kind = draw(st.sampled_from(["whole", "noise", "silence", "not finite"]))
    if kind == "whole":
        return np.random.default_rng(n).integers(-(2**15), 2**15, n).astype(np.float64)
    if kind == "silence":
        x[n // 3 : n // 2 + 1] = 0.0
    if kind == "not finite":
        x[draw(st.integers(0, n - 1))] = draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    return x


def signature(array):
    """What must be equal: dtype, shape and bytes. Of two NaN a sum hands on either, sign and all."""
    parts = np.array(array, order="C").view(np.zeros(0, array.dtype).real.dtype)
    parts[np.isnan(parts)] = np.nan
    return array.dtype, array.shape, parts.tobytes()


def streamed(plan, chunks):
    stream = plan.stream()
    return np.concatenate([*map(stream.push, chunks), stream.flush()], axis=1)


def with_block(plan, block):
    """A twin whose engine has blocks of so many frames."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "Engine", partial(Engine, block=block))
        return type(plan).from_json(plan.to_json())


def layouts(x, cut):
    """The same samples, lying in memory in other ways, and as other types where these hold them exactly."""
    n = len(x)
    wide = np.full((n, 3), np.nan)
    wide[:, 1] = x
    frozen = x.copy()
    frozen.flags.writeable = False
    odd = np.zeros(8 * n + 1, np.uint8)[1:].view(np.float64)
    odd[:] = x
    yield "strided", wide[:, 1]
    yield "backwards", x[::-1].copy()[::-1]
    yield "Fortran", np.asfortranarray(np.stack([x, x + 1]))[0]
    yield "part", np.concatenate([np.full(cut, np.nan), x, np.full(3, np.nan)])[cut : cut + n]
    yield "read-only", frozen
    yield "misaligned", odd
    yield "other byte order", x.astype(">f8" if sys.byteorder == "little" else "<f8")
    yield "longer", x.astype(np.longdouble)
    yield "buffer", memoryview(x)
    yield "list", x.tolist()
    types = ["int16", ">i2", "int32", ">i4", "int64", "float32", ">f4"]
    for name in types if (np.abs(x) < 2**15).all() and (x == np.round(x)).all() else []:
        yield name, x.astype(name)
        yield name + " strided", np.repeat(x.astype(name), 2)[::2]


def outputs(shape, dtype):
    """Arrays of that shape in all manners of layouts."""
    rows, cols = shape
    yield "contiguous", np.empty(shape, dtype)
    yield "Fortran", np.empty(shape, dtype, order="F")
    yield "strided", np.empty((2 * rows, 3 * cols + 1), dtype)[1::2, 1::3]
    yield "rows apart", np.empty((rows, cols + 5), dtype)[:, 2 : 2 + cols]
    yield "backwards", np.empty(shape, dtype)[::-1, ::-1]
    yield "middle axis", np.empty((cols, 2, rows), dtype)[:, 1].T


def ways(plan, x, mates, cuts, block, num_threads):
    """Compute the same signal in every way there is within one thread of Python; yield names and arrays."""
    n = len(x)
    shape, dtype = plan.output_shape(n), plan._numpy_dtype()
    for name, samples in layouts(x, cuts[0] % 7 if cuts else 3):
        yield name, plan.compute(samples).data
    for name, out in outputs(shape, dtype):
        out[:] = np.nan
        yield f"out {name}", plan.compute(x, out=out)
        yield f"into {name}", plan.compute_into(x, out)
    every = [plan.compute_frame(x, t) for t in range(0, shape[1], max(1, shape[1] // 5))]
    whole = plan.compute(x).data.copy()
    for i, frame in enumerate(every):
        whole[:, i * max(1, shape[1] // 5)] = frame
    yield "frames", whole

    for threads in (1, num_threads):
        batch = plan.compute_batch([*mates, x, *mates[:1]], num_threads=threads)
        yield f"batch, {threads} threads", batch[len(mates)].data
        yield f"alone in a batch, {threads} threads", plan.compute_batch([x], num_threads=threads)[0].data
        stack = np.stack([x * 0.5, x, x[::-1]])
        yield f"array, {threads} threads", plan.compute_batch(stack, num_threads=threads)[1]
        solid = np.asfortranarray(np.stack([stack, stack[::-1]]))
        yield f"solid, {threads} threads", plan.compute_batch(solid, num_threads=threads)[1, 1]
        out = np.full((3, shape[1], 2, shape[0]), np.nan, dtype)[:, :, 1].swapaxes(1, 2)
        yield f"array out, {threads} threads", plan.compute_batch(stack, out=out, num_threads=threads)[1]
    yield "padded", plan.compute_batch([*mates, x]).padded()[-1, :, : shape[1]]

    yield "stream", streamed(plan, np.split(x, sorted(cuts)))
    yield "stream of one", streamed(plan, [x])
    yield "stream of one type after the other", streamed(plan, [x[:5], x[5:9].tolist(), x[9:].astype(">f8")])
    if n < 200:
        yield "sample by sample", streamed(plan, np.split(x, range(1, n)))

    for size in (1, block):
        twin = with_block(plan, size)
        yield f"blocks of {size}", twin.compute(x).data
        yield f"blocks of {size}, stream", streamed(twin, np.split(x, sorted(cuts)))
    for twin in (pickle.loads(pickle.dumps(plan)), copy.copy(plan), copy.deepcopy(plan)):
        yield "twin", twin.compute(x).data
    if not isinstance(plan, (sg.StftPlan, sg.CqtPlan, sg.ReassignedPlan)):
        mate = sg.DescriptorPlan(plan._info.stft, 8000.0, "rms", plan.dtype)
        both = [{"plan": type(p).__name__, "config": p.to_dict()} for p in (mate, general(plan))]
        features = sg.FeatureSet.from_dict(
            {"type": "FeatureSet", "features": dict(zip("ab", both, strict=True))}
        )
        yield "feature set", features.compute(x)["b"].data
        yield "feature set, batch", features.compute_batch([*mates, x])["b"][-1].data
        stream = features.stream()
        parts = [*map(stream.push, np.split(x, sorted(cuts))), stream.flush()]
        yield "feature set, stream", np.concatenate([part["b"] for part in parts], axis=1)


def general(plan):
    """The plan as a feature set knows it: the fifteen are one class there."""
    return sg.SpectrogramPlan.from_dict(plan.to_dict()) if isinstance(plan, sg.SpectrogramPlan) else plan


ANY_WAY = given(
    kind=st.integers(0, N_KINDS - 1),
    params=geometries(),
    x=signals(),
    mates=st.lists(signals(most=400), min_size=1, max_size=3),
    cuts=st.lists(st.integers(0, 2500), max_size=8),
    block=st.sampled_from([2, 3, 16, 48, 100, 1000]),
    num_threads=st.sampled_from([2, 5]),
    dtype=st.sampled_from(DTYPES),
)


def check_any_way(kind, params, x, mates, cuts, block, num_threads, dtype):
    plan = every_plan(dtype, params)[kind]
    expected = signature(plan.compute(x).data)
    for name, found in ways(plan, x, mates, cuts, block, num_threads):
        assert signature(found) == expected, name


@pytest.mark.slow
@settings(max_examples=60)
@ANY_WAY
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
def test_any_way(**drawn):
    check_any_way(**drawn)


# Other examples: they are drawn by the name of the test.
@pytest.mark.slow
@settings(max_examples=300)
@ANY_WAY
@pytest.mark.filterwarnings("ignore:overflow encountered in cast:RuntimeWarning")
def test_any_way_further(**drawn):
    check_any_way(**drawn)


@pytest.mark.slow
@settings(max_examples=20)
@given(
    kind=st.integers(0, N_KINDS - 1),
    params=geometries(most_hop=6),
    x=signals(least=10_000, most=16_000),
    block=st.sampled_from([16, 48, 100]),
    num_threads=st.sampled_from([2, 3, 5, 16]),
    dtype=st.sampled_from(DTYPES),
)
def test_work_that_threads_share(kind, params, x, block, num_threads, dtype):
    # Some milliseconds and more, which one thread would not be left alone with.
    plan = every_plan(dtype, params)[kind]
    sg.set_num_threads(1)
    try:
        expected = signature(plan.compute(x).data)
        clips = [x[:3000], x, x[5:-5], x]
        ends = [signature(plan.compute(clip).data) for clip in (clips[0], clips[2])]
        alone = [ends[0], expected, ends[1], expected]
        sg.set_num_threads(num_threads)
        assert signature(plan.compute(x).data) == expected
        out = np.empty(plan.output_shape(len(x))[::-1], plan._numpy_dtype()).T
        assert signature(plan.compute(x, out=out)) == expected
        assert signature(with_block(plan, block).compute(x).data) == expected
        assert [signature(result.data) for result in plan.compute_batch(clips)] == alone
        assert signature(plan.compute_batch(np.stack([x[::-1], x]))[1]) == expected
    finally:
        sg.set_num_threads(None)


@pytest.mark.slow
@settings(max_examples=60)
@given(
    params=geometries(),
    n_frames=st.integers(1, 150),
    seed=st.integers(0, 99),
    cuts=st.lists(st.integers(0, 150), max_size=8),
    dtype=st.sampled_from(DTYPES),
)
def test_any_way_back(params, n_frames, seed, cuts, dtype):
    plan = sg.IstftPlan(params, dtype)
    complex_dtype = sg.StftPlan(params, dtype)._numpy_dtype()
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((plan.n_bins, n_frames)) + 1j * rng.standard_normal((plan.n_bins, n_frames))
    z = z.astype(complex_dtype)
    whole = plan.compute(z)
    expected = signature(whole)
    wide = np.zeros((plan.n_bins, 2 * n_frames), complex_dtype)
    wide[:, ::2] = z
    for matrix in (
        np.asfortranarray(z),
        z[::-1].copy()[::-1],
        wide[:, ::2],
        z.astype(z.dtype.newbyteorder()),
    ):
        assert signature(plan.compute(matrix)) == expected
    for out in (
        np.empty(len(whole), dtype),
        np.empty(3 * len(whole), dtype)[::3],
        np.empty_like(whole)[::-1],
    ):
        assert signature(plan.compute(z, out=out)) == expected
    mate = z[:, : n_frames // 2 + 1]
    for num_threads in (1, 2, 5):
        assert signature(plan.compute_batch([mate, z, mate], num_threads=num_threads)[1]) == expected
        assert signature(plan.compute_batch(np.stack([2 * z, z]), num_threads=num_threads)[1]) == expected
    stream = plan.stream()
    parts = [*map(stream.push, np.split(z, sorted(cuts), axis=1)), stream.flush()]
    assert signature(np.concatenate(parts)) == expected
    for twin in (pickle.loads(pickle.dumps(plan)), copy.deepcopy(plan)):
        assert signature(twin.compute(z)) == expected


# --- threads of the caller, and other processes ------------------------------------------------------------


def plans_and_signals():
    """All plans, some with frames of an odd length, and signals for which threads are woken."""
    everything = []
    for dtype in DTYPES:
        everything += every_plan(dtype)
        everything += every_plan(dtype, parameters(105, 7, pad_mode="reflect", win_length=90))
    return everything, [noise(700), noise(30_000, 1).astype(np.float32), np.arange(999, dtype=np.int16)]


@pytest.mark.slow
def test_eight_threads_on_one_plan():
    everything, clips = plans_and_signals()
    for number, plan in enumerate(everything):
        # The second is so long that each call wakes threads of its own.
        given = clips[: 1 if number % times(3, 1) else 2]
        expected = digests([plan], given)
        assert in_threads(lambda i, plan=plan, given=given: digests([plan], given)) == [expected] * 8


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*use of fork\\(\\) may lead to deadlocks:DeprecationWarning")
def test_a_forked_child():
    everything, clips = plans_and_signals()
    expected = digests(everything, clips)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with open(writer, "wb") as pipe:
                pickle.dump(digests(everything, clips), pipe)
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        found = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert pickle.loads(found) == expected


@pytest.mark.slow
def test_a_process_of_its_own():
    everything, clips = plans_and_signals()
    worker = subprocess.run(
        [sys.executable, "-P", str(Path(__file__).parents[1] / "support" / "same_bytes_worker.py")],
        input=pickle.dumps((everything, clips)),
        capture_output=True,
        timeout=120,
    )
    assert worker.returncode == 0, worker.stderr.decode()
    assert worker.stdout.decode().split("\n") == digests(everything, clips)


def test_every_kind_is_among_them():
    # STFT, constant Q, MFCC, LFCC, cepstrum, reassigned, two of pitch classes, tonal space, contrast, and the
    # descriptors.
    assert len(KINDS) + 10 + 9 == N_KINDS
