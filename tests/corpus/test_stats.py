"""Statistics of a store."""

import json

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, Stats, extract

from ..support.corpora import plan


def test_stats_are_those_of_all_values(audio, out):
    extract(audio, plan(), out, shard_files=5)
    store = FeatureStore(out)
    values = np.concatenate([record.features for record in store], axis=1).astype(np.float64)
    stats = store.stats
    assert stats.count == values.shape[1]
    np.testing.assert_allclose(stats.mean, values.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(stats.std, values.std(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(stats.min, values.min(axis=1))
    np.testing.assert_array_equal(stats.max, values.max(axis=1))


def test_stats_merge_in_any_split():
    values = 1000.0 + np.random.default_rng(0).standard_normal((500, 7))
    whole = Stats.of(values)
    parts = Stats.empty(7)
    for piece in np.split(values, [0, 1, 100, 499]):
        parts = parts.merged(Stats.of(piece))
    assert parts.count == 500
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-14)
    np.testing.assert_allclose(parts.m2, whole.m2, rtol=1e-9)
    again = Stats.from_dict(json.loads(parts.to_json()))
    assert again.to_dict() == parts.to_dict()
    assert Stats.from_dict(Stats.empty(7).to_dict()).merged(whole) is whole


def test_stats_merge_as_by_the_formulae():
    """Those of Chan, Golub and LeVeque, in this order: the bytes of a shard follow from it."""
    rng = np.random.default_rng(3)
    a, b = (Stats.of(rng.normal(-40.0, 9.0, (n, 80)).astype("f"), 0.1 * n) for n in (211, 97))
    delta, count = b.mean - a.mean, a.count + b.count
    merged = a.merged(b)
    before = a.to_dict()
    np.testing.assert_allclose(merged.mean, a.mean + delta * (b.count / count), rtol=4e-16)
    m2 = a.m2 + b.m2 + delta**2 * (a.count * (b.count / count))
    np.testing.assert_allclose(merged.m2, m2, rtol=4e-16)
    np.testing.assert_array_equal(merged.min, np.minimum(a.min, b.min))
    np.testing.assert_array_equal(merged.max, np.maximum(a.max, b.max))
    assert (merged.count, merged.rounding) == (count, 0.1 * 211)
    assert a.to_dict() == before


@pytest.mark.parametrize("place", ["ours", "theirs"])
def test_merged_stats_keep_nan(place):
    a, b = Stats.of(np.ones((2, 3))), Stats.of(np.ones((2, 3)))
    for values in (a, b) if place == "ours" else (b, a):
        values.min[1] = values.max[1] = np.nan
        break
    merged = a.merged(b)
    assert np.isnan(merged.min).tolist() == np.isnan(merged.max).tolist() == [False, True, False]


def test_stats_of_other_widths_are_not_merged():
    with pytest.raises(ValueError, match="4 columns, got 3"):
        Stats.of(np.ones((2, 4))).merged(Stats.of(np.ones((2, 3))))
