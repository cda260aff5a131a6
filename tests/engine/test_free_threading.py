"""Threads that share plans, caches, results and streams: the same on every Python, and without its lock."""

import os
import subprocess
import sys
import sysconfig
import time
from itertools import pairwise
from queue import SimpleQueue

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.fourier import fft
from spectrograms._engine.memory.scratch import ScratchPool
from spectrograms._engine.threads.wakeup import Parker, WakeList

from ..support.spectrogram_cases import noise, parameters, plan
from ..support.threads import in_threads

N_THREADS = 8
ROUNDS = 30
X = noise(4000)
MEL = sg.MelParams(20, 0.0, 4000.0)
# Everything below is compared with the bytes that one thread finds alone.
LENGTHS = [300 + 170 * i for i in range(N_THREADS)]


@pytest.fixture(autouse=True)
def switching():
    """With the lock, threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def again(work, rounds=ROUNDS):
    """Run ``work(i)`` several times in each of eight threads; the results of all rounds, thread by thread."""
    return in_threads(lambda i: [work(i) for _ in range(rounds)], N_THREADS)


# --- one plan, one cache ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_plan(dtype):
    shared = plan("mel", "db", dtype)
    ways = {
        "whole": lambda x: shared.compute(x).data,
        "into": lambda x: shared.compute(x, out=np.empty(shared.output_shape(len(x)), dtype)),
        "frame": lambda x: shared.compute_frame(x, 3),
        "batch": lambda x: shared.compute_batch([x, X, x[:200]], num_threads=2)[0].data,
        "strided": lambda x: shared.compute(np.repeat(x, 2)[::2].astype(">f8")).data,
    }
    expected = {name: [way(X[:n]).tobytes() for n in LENGTHS] for name, way in ways.items()}
    found = again(lambda i: {name: way(X[: LENGTHS[i]]).tobytes() for name, way in ways.items()})
    for i in range(N_THREADS):
        assert found[i] == [{name: bytes_[i] for name, bytes_ in expected.items()}] * ROUNDS


def test_plans_that_come_and_go():
    """Eight threads want the same and different plans while the cache is cleared and filled again."""
    lengths = [6, 15, 16, 50, 64, 100, 101, 256]
    expected = [sg.compute_fft(X[:n], n).tobytes() for n in lengths]

    def work(i):
        if i == 0:
            sg.clear_fft_plan_cache()
            assert min(sg.fft_plan_cache_info()) >= 0
        made = [sg.compute_fft(X[:n], n).tobytes() for n in lengths[i:] + lengths[:i]]
        back = sg.compute_irfft(sg.compute_fft(X[:64], 64), 64)
        return made[-i:] + made[:-i] if i else made, np.allclose(back, X[:64])

    for rounds in again(work):
        assert rounds == [(expected, True)] * ROUNDS
    sg.clear_fft_plan_cache()
    assert sg.fft_plan_cache_info() == (0, 0)


def test_the_cache_keeps_its_bound(monkeypatch):
    monkeypatch.setattr(fft, "CACHE_SIZE", 4)
    sg.clear_fft_plan_cache()

    def work(i):
        plans = [fft.get_plan("c2c", n, False) for n in range(2, 8)]
        return sum(sg.fft_plan_cache_info()) <= 4, [held.key[1] for held in plans]

    for rounds in again(work):
        assert rounds == [(True, list(range(2, 8)))] * ROUNDS
    sg.clear_fft_plan_cache()


def test_one_shot_functions():
    """Each call looks its plan up by value; more configurations than one, and none of them made before."""
    windows = [("kaiser", 3.0 + i) for i in range(4)]
    params = [[parameters(window=f"{name}={beta}") for _ in range(2)] for name, beta in windows]

    def work(i):
        return [sg.compute_mel_db_spectrogram(X[:900], pair[i % 2], MEL).data.tobytes() for pair in params]

    found = again(work, 4)
    assert len({tuple(made) for rounds in found for made in rounds}) == 1
    fresh = sg.SpectrogramPlan(params[2][0], MEL, "db").compute(X[:900])
    assert found[0][0][2] == fresh.data.tobytes()


def test_sets_and_batches():
    """Jobs of eight callers at once, each with more threads than there are: the pool serves them all."""
    stft = sg.StftParams(256, 64, "hann")
    features = sg.FeatureSet(stft, 8000.0, {"mel": MEL, "mfcc": sg.MfccParams(13), "rms": "rms"})
    shared = plan("mel", "db", "float32")
    clips = [X[:n] for n in LENGTHS]
    long = np.tile(X, 100)
    expected = (
        {name: made.data.tobytes() for name, made in features.compute(X).items()},
        [made.data.tobytes() for made in shared.compute_batch(clips, num_threads=1)],
        shared.compute(long).data.tobytes(),
    )

    def work(i):
        sets = features.compute_batch([*clips, X], num_threads=1 + i % 4)
        batch = shared.compute_batch(clips, num_threads=1 + i % 4)
        return (
            {name: made[-1].data.tobytes() for name, made in sets.items()},
            [made.data.tobytes() for made in batch],
            shared.compute(long).data.tobytes(),
        )

    sg.set_num_threads(4)
    try:
        for rounds in again(work, 3):
            assert rounds == [expected] * 3
    finally:
        sg.set_num_threads(None)


# --- results ---------------------------------------------------------------------------------------------


# NumPy 2.0 copies nothing there.
COPY = {"copy": True} if np.lib.NumpyVersion(np.__version__) >= "2.1.0" else {}
EXPORTS = {
    "data": lambda result: result.data,
    "array": np.asarray,
    "buffer": lambda result: np.frombuffer(memoryview(result).cast("B"), np.float64),
    "dlpack": np.from_dlpack,
    "copy": lambda result: np.from_dlpack(result, **COPY),
}


@pytest.mark.parametrize("export", EXPORTS)
def test_results_that_go_from_thread_to_thread(export):
    """One half computes and lends, the other half looks and lets go: the memory lives as long as they do."""
    shared, queue = plan("mel", "db"), SimpleQueue()
    expected = shared.compute(X).data.tobytes()

    def work(i):
        if i % 2:
            return [queue.get(timeout=60).tobytes() == expected for _ in range(2 * ROUNDS)]
        for _ in range(ROUNDS):
            result = shared.compute(X)
            queue.put(EXPORTS[export](result))
            queue.put(EXPORTS[export](result))
        return [True]

    assert all(all(seen) for seen in in_threads(work, N_THREADS))


@pytest.mark.slow
def test_one_result_is_asked_by_all():
    shared = plan("mel", "power")
    for _ in range(ROUNDS):
        result = shared.compute(X)
        found = in_threads(
            lambda i, result=result: (id(result.data), id(result.db_range()), bytes(result)), N_THREADS
        )
        assert len(set(found)) == 1


def test_frozen_while_it_is_lent():
    """A result is read-only from one moment on, and what is lent before and after says so."""
    result = plan("mel", "power").compute(X)
    seen = [[] for _ in range(N_THREADS)]

    def work(i):
        if i == 0:
            time.sleep(0.001)
            result.data.flags.writeable = False
        for _ in range(10 * ROUNDS):
            with memoryview(result) as view:
                seen[i].append(view.readonly)

    in_threads(work, N_THREADS)
    for states in seen:
        assert all(before <= after for before, after in pairwise(states))
        assert states[-1] or not any(states)


# --- streams ---------------------------------------------------------------------------------------------


def test_streams_of_one_plan():
    shared = plan("mel", "db", "float32")
    expected = [shared.compute(X[:n]).data.tobytes() for n in LENGTHS]

    def work(i):
        stream, x = shared.stream(), X[: LENGTHS[i]]
        parts = [stream.push(x[at : at + 90]) for at in range(0, len(x), 90)]
        return np.concatenate([*parts, stream.flush()], axis=1).tobytes()

    for i, rounds in enumerate(again(work)):
        assert rounds == [expected[i]] * ROUNDS


def test_one_stream_pushed_by_all():
    """Chunks are taken whole, in the order in which their calls come; here all are equal."""
    shared, chunk = plan("mel", "db"), X[:48]
    stream = shared.stream()
    parts = again(lambda i: stream.push(chunk))
    given = [*(part for rounds in parts for part in rounds), stream.flush()]
    whole = shared.compute(np.tile(chunk, N_THREADS * ROUNDS)).data
    assert sum(part.shape[1] for part in given) == stream.frames_emitted == whole.shape[1]
    found = np.concatenate(given, axis=1)
    assert sorted(column.tobytes() for column in found.T) == sorted(column.tobytes() for column in whole.T)


def test_one_convolver_run_by_all():
    convolver = sg.OverlapSaveConvolver(np.ones(9), 16)
    parts = again(lambda i: convolver.process(np.ones(32)))
    # Only one of all the blocks was the first.
    blocks = [block for rounds in parts for block in rounds]
    starts = [block for block in blocks if not np.allclose(block, 9)]
    assert len(starts) == 1
    np.testing.assert_allclose(starts[0][:9], np.arange(1, 10))


# --- what lies below -------------------------------------------------------------------------------------


def test_a_block_has_one_borrower():
    pool = ScratchPool(64)

    def work(i):
        block = pool.borrow_at_least(64)
        memory = np.frombuffer(block, np.uint8)
        memory[:] = i
        time.sleep(0)
        alone = bool((memory == i).all())
        pool.give_back(block)
        return alone

    assert all(all(rounds) for rounds in again(work, 10 * ROUNDS))


def test_a_parker_is_taken_by_one():
    """Lists of those to be woken are made by eight threads at once: nobody is taken twice or lost."""
    # No more than one thread wants: whoever comes second finds a list that has just become shorter.
    idle = [Parker() for _ in range(3)]
    everybody = set(map(id, idle))

    def work(i):
        for _ in range(60 * ROUNDS):
            WakeList(idle, 3)  # goes at once, and puts back whom it took

    in_threads(work, N_THREADS)
    assert len(idle) == 3
    assert set(map(id, idle)) == everybody


# --- without the lock ------------------------------------------------------------------------------------


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="needs a free-threaded Python")
def test_our_modules_leave_the_lock_off():
    """All are compiled with the same arguments; these come without pyfftw, which turns the lock on."""
    program = """if True:
        import sys, warnings
        warnings.simplefilter("error")
        import spectrograms._engine.arrays.arrays, spectrograms._engine.threads.wakeup
        import spectrograms._engine.memory.scratch, spectrograms._engine.memory.views
        print("pyfftw" in sys.modules, sys._is_gil_enabled())
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, env=variables, timeout=60
    )
    assert (ran.stdout.split(), ran.stderr) == (["False", "False"], "")
