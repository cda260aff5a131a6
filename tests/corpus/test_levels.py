"""Stores of eight bits: values are levels between the least and the largest of each feature in its row."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest

import spectrograms as sg

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, export, extract, extract_part, finish, verify  # noqa: E402
from spectrograms.corpus.stores.rounding import stored  # noqa: E402

from ..support.corpora import noise, plan, put  # noqa: E402
from ..support.damaged_store import rewritten, shard_of, with_column  # noqa: E402

FLOAT32 = float(np.finfo(np.float32).eps)


def files_of(folder):
    """The content of every file of a store but the manifest, whose versions are the same here, too."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in Path(folder).iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("config", [plan(), plan(dtype="float64"), "kaldi_fbank", "whisper_openai"], ids=str)
@pytest.mark.parametrize("segment", [None, 0.2])
def test_values_lie_half_a_level_away_at_most(audio, out, config, segment):
    if config == "whisper_openai" and segment is not None:
        pytest.skip("needs the whole clip")
    extract(audio, config, out / "wide", segment=segment)
    extract(audio, config, out / "small", segment=segment, dtype="int8")
    wide, small = FeatureStore(out / "wide"), FeatureStore(out / "small")
    assert (small.ids, small.n_frames.tolist()) == (wide.ids, wide.n_frames.tolist())
    assert small.dtype == np.float32
    worst = 0.0
    for record in small:
        exact = wide.by_id(record.id).features
        axis = 0 if small.frames_first else 1
        low, high = exact.min(axis, keepdims=True), exact.max(axis, keepdims=True)
        assert record.stored.dtype == np.int8
        assert record.features.dtype == np.float32
        # Independent of how levels are chosen: the range is cut into 255 equal parts.
        np.testing.assert_allclose(record.scale, (high.astype(float) - low) / 255, rtol=2.0**-14)
        values = record.stored.astype(np.float64) * record.scale + record.offset
        slack = 8 * FLOAT32 * np.maximum(np.abs(low), np.abs(high)).astype(float)
        assert (np.abs(values - record.features) <= slack).all()
        error = np.abs(record.features - exact.astype(np.float64))
        assert (error <= 1.0001 * (high.astype(float) - low) / 255 / 2 + slack).all()
        worst = max(worst, float(np.max(np.abs(record.features - exact))))
        np.testing.assert_array_equal(
            record.frames(3, 7), record.features[3:7] if axis == 0 else record.features[:, 3:7]
        )
    assert small.stats.rounding == worst > 0.0
    assert verify(out / "small") == []


def test_statistics_are_those_of_the_values_that_readers_get(audio, out):
    extract(audio, plan(), out, dtype="int8")
    store = FeatureStore(out)
    values = np.concatenate([record.features for record in store], axis=1).astype(np.float64)
    stats = store.stats
    np.testing.assert_array_equal(stats.min, values.min(1))
    np.testing.assert_array_equal(stats.max, values.max(1))
    np.testing.assert_allclose(stats.mean, values.mean(1), rtol=1e-12)
    np.testing.assert_allclose(stats.std, values.std(1), rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("options", [{"num_threads": 3}, {"workers": 2}], ids=["threads", "workers"])
def test_the_same_bytes_however_many_work(audio, out, options):
    extract(audio, plan(), out / "one", dtype="int8", num_threads=1, shard_files=4)
    extract(audio, plan(), out / "more", dtype="int8", shard_files=4, **options)
    assert files_of(out / "more") == files_of(out / "one")


@pytest.mark.slow
def test_rows_do_not_depend_on_their_neighbours(audio, out):
    extract(audio, plan(), out / "all", dtype="int8")
    paths = sorted(audio.rglob("*.wav"))
    for i, path in enumerate(paths):
        item = {"id": path.relative_to(audio).with_suffix("").as_posix(), "path": path}
        extract_part([item], plan(), out / "each", index=i, dtype="int8")
    finish(out / "each")
    for record in FeatureStore(out / "all"):
        other = FeatureStore(out / "each").by_id(record.id)
        np.testing.assert_array_equal(record.stored, other.stored)
        np.testing.assert_array_equal(record.scale, other.scale)
        np.testing.assert_array_equal(record.offset, other.offset)


def test_constant_features_are_exact():
    frames = np.full((5, 3), [-37.123, 0.0, 1e30], np.float32)
    found = stored(frames, np.empty(frames.shape, np.int8))
    assert (found.features == 0).all()
    assert (found.steps.scale == 0.0).all()
    np.testing.assert_array_equal(found.steps.offset, frames[0])
    assert found.rounding == 0.0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-44, 1e-38, 1e-30, 1.0, 1e30, 9e37])
def test_any_range(dtype, size):
    frames = (np.random.default_rng(0).uniform(-1.0, 1.0, (40, 6)) * size).astype(dtype)
    found = stored(frames, np.empty(frames.shape, np.int8))
    values = found.features.astype(np.float32) * found.steps.scale + found.steps.offset
    assert found.rounding == np.abs(values - frames).max()
    # Below the least normal number of float32, everything is one level.
    assert found.rounding <= max(
        1.01 * np.ptp(frames, axis=0).max() / 255 / 2, 255 * np.finfo(np.float32).tiny
    )


def test_what_does_not_fit_is_refused(tmp_path, out):
    put(tmp_path / "in", "loud.wav", 1e18 * np.ones(4000), subtype="FLOAT")
    put(tmp_path / "in", "soft.wav", 0.1 * noise(0), subtype="FLOAT")
    put(tmp_path / "in", "bad.wav", np.r_[noise(0), np.nan], subtype="FLOAT")
    report = extract(tmp_path / "in", plan("float64", "power"), out, dtype="int8")
    assert FeatureStore(out).ids == ["soft"]
    messages = {failure["id"]: failure["message"] for failure in report.failures}
    assert "does not fit int8, whose largest is 1e+38: store float32" in messages["loud"]
    assert "NaN or infinities" in messages["bad"]


def test_clips_without_frames(tmp_path, out):
    put(tmp_path / "in", "short.wav", noise(0)[:100])
    put(tmp_path / "in", "whole.wav", noise(0))
    extract(tmp_path / "in", sg.frontend("kaldi_fbank", sample_rate=8000), out, dtype="int8")
    store = FeatureStore(out)
    assert store.n_frames.tolist() == [0, 48]
    assert store.by_id("short").features.shape == (0, store.n_features)
    assert verify(out) == []


def test_records_pickle_with_their_levels(audio, out):
    extract(audio, plan(), out, dtype="int8")
    record = FeatureStore(out)[3]
    again = pickle.loads(pickle.dumps(record))
    np.testing.assert_array_equal(again.stored, record.stored)
    np.testing.assert_array_equal(again.features, record.features)


def test_floats_have_no_levels(audio, out):
    extract(audio, plan(), out)
    record = FeatureStore(out)[0]
    assert (record.scale, record.offset) == (None, None)
    assert record.stored is record.features


def test_another_type_is_another_store(audio, out):
    extract(audio, plan(), out, dtype="int8")
    assert repr(FeatureStore(out)).endswith("(bins, frames), int8)")
    with pytest.raises(sg.InvalidInputError, match="dtype 'int8' there, 'float32' here"):
        extract(audio, plan(), out)


@pytest.mark.parametrize("kind", ["npz", "npy", "webdataset", "kaldi"])
def test_exports_hold_values(audio, out, tmp_path, kind):
    extract(audio, plan(), out / "small", dtype="int8")
    assert export(out / "small", kind, tmp_path / "exported") == 12


@pytest.mark.parametrize("name", ["features_scale", "features_offset"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38, "short"])
def test_damaged_levels_name_the_shard(audio, out, name, value):
    extract(audio, plan(), out, dtype="int8")
    path = shard_of(out)

    def damage(column):
        rows = [list(row) for row in column.to_pylist()]
        if value == "short":
            rows[1] = rows[1][:-1]
        else:
            rows[1][2] = value
        return pa.array(rows, column.type)

    rewritten(path, lambda batch: with_column(batch, name, damage(batch.column(name))))
    with pytest.raises(sg.InvalidInputError, match=f"column {name} must"):
        FeatureStore(out)[0]
    assert verify(out)
