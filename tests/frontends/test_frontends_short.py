"""Signals so short that a toolkit changes its parameters: what computes them is made once and kept."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from spectrograms._frontends.making import frontend
from spectrograms._frontends.recipes import recipe


@pytest.mark.parametrize("name", ["scipy_stft", "scipy_spectrogram"])
def test_case_4_4_one_engine_for_each_length(name, monkeypatch):
    made, measured = [], []
    engine, measure = recipe.Engine, recipe.Recipe.measure
    monkeypatch.setattr(
        recipe, "Engine", lambda *args, **more: made.append(more["n_fft"]) or engine(*args, **more)
    )
    monkeypatch.setattr(recipe.Recipe, "measure", lambda self, n: measured.append(n) or measure(self, n))
    short = frontend(name, sample_rate=8000)
    clips = [np.random.default_rng(i).standard_normal(100) for i in range(100)]
    assert made == [256]
    batch = short.compute_batch(clips)
    assert made == [256, 100]
    assert len(measured) <= len(clips)
    fresh = frontend(name, sample_rate=8000)
    for clip_, found in zip(clips[:3], batch, strict=False):
        assert np.asarray(found).tobytes() == fresh.compute(clip_).tobytes()
    made.clear()
    short.compute(clips[0])
    short.compute_batch(np.array(clips))
    assert len(short.times(100)) == short.frame_count(100) == short.output_shape(100)[1]
    assert made == []
    twin = pickle.loads(pickle.dumps(short))
    assert made == [256]
    assert twin == short
    # However many lengths there are, only some are kept.
    made.clear()
    for n in range(1, 256):
        short.output_shape(n)
    assert made == list(range(1, 256))
    assert short._short.cache_info().currsize == 64


@pytest.mark.slow
def test_threads_share_what_stands_in():
    short = frontend("scipy_stft", sample_rate=8000)
    x = np.random.default_rng(0).standard_normal(200)
    expected = [frontend("scipy_stft", sample_rate=8000).compute(x[:n]).tobytes() for n in range(1, 200)]
    with ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            assert list(threads.map(lambda n: short.compute(x[:n]).tobytes(), range(1, 200))) == expected
