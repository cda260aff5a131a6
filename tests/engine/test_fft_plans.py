"""FFT plans and their cache: right transforms, a bound, no lock held while computing, safe over fork."""

import os
import subprocess
import sys

import numpy as np
import pyfftw
import pytest

import spectrograms as sg
from spectrograms._engine.fourier import fft
from spectrograms._engine.fourier.rfft import rfft_form
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.run import calls

from ..support import definition
from ..support.slow import slow_but
from ..support.spectrogram_cases import DTYPES, noise, parameters, plan
from ..support.threads import in_threads


@pytest.fixture(autouse=True)
def empty_cache():
    sg.clear_fft_plan_cache()
    yield
    sg.clear_fft_plan_cache()


def keys():
    return list(fft._plans)


def test_the_form_is_a_rule_of_length():
    forms = {
        "real": (1, 3, 255, 4095),
        "quarter": (256, 512),
        "combined": (352, 400, 440, 480, 640, 800, 960, 1000, 1024, 1280, 2048, 2560, 4096),
        "packed": (2, 4, 254, 320, 720, 1200, 8192),
    }
    for form, lengths in forms.items():
        assert {rfft_form(n) for n in lengths} == {form}


@pytest.mark.parametrize("effort", fft.EFFORTS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_fft", slow_but((30, 63, 256), (30, 63, 256, 512, 1024)))
def test_every_effort_transforms(n_fft, dtype, effort):
    x = noise(1000)
    single = dtype == "float32"
    engine = Engine(single, n_fft, 10, np.hanning(n_fft), outputs=[("complex", ())], effort=effort)
    out = np.empty((n_fft // 2 + 1, engine.frame_count(1000)), np.complex64 if single else np.complex128)
    calls.compute_frames(engine, x, out, 0, "empty")
    definition.assert_close(out, definition.stft(x, np.hanning(n_fft), n_fft, 10, centre=False), dtype)
    assert keys()[-1][2:] == (single, effort)


def known():
    """Return what FFTW has learnt, which it exports in no fixed order."""
    return [set(wisdom.splitlines()) for wisdom in pyfftw.export_wisdom()]


@pytest.mark.parametrize("dtype", DTYPES)
def test_measuring_does_not_change_later_estimates(dtype):
    x = noise(5000)
    single = dtype == "float32"
    for n_fft in (400, 1000):
        expected = plan("linear", "power", dtype, parameters(n_fft, 100)).compute(x).data
        wisdom = known()
        fft.get_plan("c2c", n_fft // 2, single, "measure")
        assert known() == wisdom
        sg.clear_fft_plan_cache()
        found = plan("linear", "power", dtype, parameters(n_fft, 100)).compute(x).data
        assert np.array_equal(found, expected)


def test_info_counts_forward_and_inverse_plans():
    assert sg.fft_plan_cache_info() == (0, 0)
    sg.SpectrogramPlan(parameters(64))
    sg.SpectrogramPlan(parameters(64, 20, "hamming"), dtype="float64")
    assert sg.fft_plan_cache_info() == (1, 0)  # hop and window share the transform
    sg.SpectrogramPlan(parameters(64), dtype="float32")
    sg.SpectrogramPlan(parameters(63))
    assert sg.fft_plan_cache_info() == (3, 0)
    sg.IstftPlan(sg.StftParams(64, 16, "hann"))
    sg.IstftPlan(sg.StftParams(63, 16, "hann"))
    assert sg.fft_plan_cache_info() == (3, 2)
    sg.SpectrogramPlan(parameters(64), sg.CqtParams(12, 1, 100.0, q_factor=0.5))  # transforms nothing
    assert sg.fft_plan_cache_info() == (3, 2)
    assert sg.clear_fft_plan_cache() is None
    assert sg.fft_plan_cache_info() == (0, 0)


def test_equal_keys_share_a_plan():
    one = fft.get_plan("c2c", 40, True)
    assert fft.get_plan("c2c", 40, True) is one
    assert fft.get_plan("c2c", 40, False) is not one
    assert fft.get_plan("c2c_backward", 40, True) is not one
    assert one.key == ("c2c", 40, True, "estimate")
    assert repr(one) == "FftPlan('c2c', n=40, dtype=float32, effort='estimate')"
    sg.clear_fft_plan_cache()
    assert fft.get_plan("c2c", 40, True) is not one


def test_the_least_recently_used_plan_goes_first(monkeypatch):
    monkeypatch.setattr(fft, "CACHE_SIZE", 3)
    first = fft.get_plan("c2c", 1, True)
    for n in (2, 3):
        fft.get_plan("c2c", n, True)
    assert fft.get_plan("c2c", 1, True) is first  # used again
    fft.get_plan("c2c", 4, True)
    assert [key[1] for key in keys()] == [3, 1, 4]
    fft.get_plan("c2c", 5, True)
    assert [key[1] for key in keys()] == [1, 4, 5]
    assert fft.get_plan("c2c", 1, True) is first


def test_the_cache_has_a_bound():
    for n in range(1, fft.CACHE_SIZE + 50):
        fft.get_plan("c2c", n, True)
    assert sum(sg.fft_plan_cache_info()) == fft.CACHE_SIZE


def test_plans_outlive_the_cache():
    x = noise(2000)
    p, inverse = sg.StftPlan(parameters()), sg.IstftPlan(sg.StftParams(64, 16, "hann"))
    z = p.compute(x).data.copy()
    y = inverse.compute(z)
    sg.clear_fft_plan_cache()
    for n in range(1, 400):  # memory of a freed plan would be taken by others
        fft.get_plan("c2c", n, False)
    sg.clear_fft_plan_cache()
    assert np.array_equal(p.compute(x).data, z)
    assert np.array_equal(inverse.compute(z), y)


@pytest.mark.parametrize("n", [2**28 + 1, 2**33, 2**50])
def test_absurd_lengths(n):
    with pytest.raises(MemoryError, match=rf"n_fft must be at most 2\*\*28=268435456, got .* {n}"):
        fft.get_plan("c2c", n, True)
    assert not keys()


def test_unknown_kinds_leave_the_cache_usable():
    with pytest.raises(KeyError):
        fft.get_plan("r2r", 8, True)
    with pytest.raises(KeyError):
        fft.get_plan("c2c", 8, True, "exhaustive")
    assert not keys()
    assert fft.get_plan("c2c", 8, True).key[0] == "c2c"


def test_threads_plan_at_once():
    plans = {}

    def work(i):
        for n in range(2, 150):
            plans.setdefault(n, set()).add(id(fft.get_plan("c2c", n, bool(n % 3))))

    in_threads(work)
    assert len(keys()) == 148
    # One object for each key, whoever came first.
    assert all(len(found) == 1 for found in plans.values())


@pytest.mark.slow
def test_clearing_while_others_plan_and_compute():
    x = noise(1500)
    sizes = [30, 63, 64, 100, 256, 512]
    expected = {
        n: plan("mel", "db", "float32", parameters(n, n // 3)).compute(x).data.tobytes() for n in sizes
    }

    def work(i):
        for turn in range(40):
            if i == 0:
                sg.clear_fft_plan_cache()
            n = sizes[(i + turn) % len(sizes)]
            p = plan("mel", "db", "float32", parameters(n, n // 3))
            assert p.compute(x).data.tobytes() == expected[n]
            assert sum(sg.fft_plan_cache_info()) <= fft.CACHE_SIZE

    in_threads(work)


FORK = """
import itertools, os, sys, threading
import numpy as np
import spectrograms as sg
from spectrograms._engine.fourier import fft

def params(n):
    return sg.SpectrogramParams(sg.StftParams(n, 1 + n // 4, "hann"), 8000)

x = np.random.default_rng(0).standard_normal(3000)
plan = sg.SpectrogramPlan(params(400), sg.MelParams(20, 0.0, 4000.0), "db")
expected = plan.compute(x).data.tobytes()
stop = False

def work():
    for n in itertools.cycle(range(1000, 4000)):
        if stop:
            return
        fft.get_plan("c2c", n, False)
        if n % 100 == 0:
            sg.clear_fft_plan_cache()
        plan.compute(x)

threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for i in range(30):
    child = os.fork()
    if child == 0:
        # The parent's plan, a plan of the child's own, and its cache.
        same = plan.compute(x).data.tobytes() == expected
        sg.SpectrogramPlan(params(100 + i)).compute(x)
        sg.clear_fft_plan_cache()
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
stop = True
for thread in threads:
    thread.join()
print("ok")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_fork_while_others_plan(tmp_path):
    ran = subprocess.run(
        # Python 3.12 warns of any fork of a process with threads.
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK],
        capture_output=True, text=True, cwd=tmp_path, timeout=120,
    )  # fmt: skip
    assert (ran.stdout.strip(), ran.stderr) == ("ok", "")
