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
