"""Zeros at the end of a signal, as padded batches have them: fewer frames are computed, to the same bytes."""

import numpy as np
import pytest

from spectrograms._frontends import runner
from spectrograms._frontends.making import frontend
from spectrograms._frontends.runner import Runner, _sounding
from spectrograms.errors import InvalidInputError

from ..support.frontend_cases import CASES


@pytest.mark.parametrize("sounding", [0, 1, 700, 5000, 16384])
@pytest.mark.parametrize("zeros", [1, 170, 9000, 40000])
def test_the_last_sample_that_sounds_is_found(sounding, zeros):
    signal = np.zeros(sounding + zeros, np.float32)
    signal[:sounding] = 0.5
    signal[: sounding // 2] = 0.0
    assert _sounding(signal) == sounding
    signal[sounding:] = -0.0
    assert _sounding(signal) == sounding
    signal[-1] = np.nan
    assert _sounding(signal) == len(signal)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_the_bytes_are_those_of_all_frames(name, precision, monkeypatch):
    rate, [params, *_] = CASES[name]
    features = frontend(name, sample_rate=rate, precision=precision, **params)
    rng = np.random.default_rng(0)
    for sounding, zeros in ((5000, 3000), (5000, 20000), (1, 30000), (16000, 100), (0, 30000)):
        signal = np.concatenate([0.1 * rng.standard_normal(sounding), np.zeros(zeros)]).astype(np.float32)
        signal[sounding // 2 : sounding // 2 + 3] = 0.0
        negative = signal.copy()
        negative[sounding:] = -0.0
        try:
            quick = [features.compute(each) for each in (signal, negative)]
        except InvalidInputError:
            continue
        with monkeypatch.context() as patch:
            patch.setattr(runner, "_sounding", len)
            slow = [features.compute(each) for each in (signal, negative)]
        for a, b in zip(quick, slow, strict=True):
            assert a.tobytes() == b.tobytes()


def test_it_pays():
    """Of thirty seconds with one of sound, the engine sees no more than that one and half a frame."""
    seen = []

    class Watched(Runner):
        def _fill(self, tasks, num_threads=None):
            seen.extend(task.work.shape[1] for task in tasks)
            super()._fill(tasks, num_threads)

    whisper = frontend("whisper_hf")
    signal = np.zeros(480000, np.float32)
    signal[:16000] = 0.1
    Watched(whisper._runner.recipe, single=False).compute(signal)
    assert seen[0] < 110
