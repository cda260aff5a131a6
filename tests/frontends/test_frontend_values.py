"""Frontends of samples that are NaN, infinite, very large or very small."""

import itertools
import warnings

import numpy as np
import pytest

from spectrograms._frontends.making import frontend

from ..support.frontend_cases import CASES
from ..support.together import together

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")

FIRST, LAST = 2345, 3944
every_name = pytest.mark.parametrize("name", sorted(CASES))


def clip():
    return (0.3 * np.random.default_rng(0).standard_normal(9000)).astype(np.float32)


def all_of(name):
    rate, cases = CASES[name]
    for params, precision in itertools.product(cases, ("float64", "float32")):
        yield frontend(name, sample_rate=rate, precision=precision, **params)


def frames(made, x):
    out = made.compute(x)
    return out if made.layout == "(frames, rows)" else out.T


@pytest.mark.slow
@every_name
def test_nan_is_seen_where_it_is_and_nowhere_else(name):
    for made in all_of(name):
        x = clip()
        x[FIRST : LAST + 1] = np.nan
        out, plain = frames(made, x), frames(made, clip())
        touched = np.isnan(out).any(axis=1)
        assert touched.any()
        assert not np.isnan(plain).any()
        recipe = made._runner.recipe
        if made._why_no_stream() or recipe.stack > 1:
            continue
        starts = np.arange(len(out)) * recipe.frames.hop - recipe.frames.left - recipe.frames.lead
        last = LAST + (1 if recipe.preemphasis else 0)
        inside = (starts <= last) & (starts + len(recipe.window) > FIRST)
        assert not touched[~inside].any()
        assert out[~touched].tobytes() == plain[~touched].tobytes()


@pytest.mark.slow
@every_name
@together("value", [np.inf, -np.inf, 1e38])
def test_large_samples_pass_without_warnings(name, value):
    x = clip()
    x[FIRST] = value
    every = list(all_of(name))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for made in every:
            assert made.compute(x).shape == made.output_shape(len(x))


@pytest.mark.slow
@every_name
@together("scale", [1e-30, 1e-12, 1e12])
def test_scaled_signals_have_finite_features(name, scale):
    checked = 0
    for made in all_of(name):
        if made.params.get("normalize_means", True):  # otherwise the extractor itself divides a constant by 0
            assert np.isfinite(made.compute(clip().astype(float) * scale)).all()
            checked += 1
    assert checked


@pytest.mark.parametrize(("truncation", "offset"), [("rand_trunc", 4321), ("fusion", 17)])
def test_times_of_a_part_of_a_clip_begin_where_it_does(truncation, offset):
    whole = frontend("clap", max_length_s=None, truncation=truncation)
    made = frontend("clap", max_length_s=0.2, truncation=truncation, offset=offset)
    start = offset / 48000 if truncation == "rand_trunc" else whole.times(30000)[offset]
    for n, first in ((30000, start), (9600, 0.0), (3000, 0.0)):
        np.testing.assert_allclose(made.times(n), first + np.arange(21) * 0.01, rtol=0, atol=1e-12)


def test_case_4_5_rates_of_narrow_types_are_numbers():
    for rate in (np.float16(8000), np.float32(8000), np.int16(8000)):
        made = frontend("librosa_melspectrogram", sample_rate=rate)
        assert (made.sample_rate, type(made.sample_rate)) == (8000, int)
