"""Shards: what they say, when they are closed, parts on their own."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

import spectrograms as sg

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, extract_part, finish, verify
from spectrograms.corpus.stores.reading import batches
from spectrograms.corpus.stores.rows import Row, Space
from spectrograms.corpus.stores.shards import _values

from ..support.corpora import digests, plan, recordings, shard_bytes


def test_every_shard_explains_itself(audio, out):
    extract(audio, plan(), out, shard_files=5)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["totals"]["rows"] == 12
    assert sum(shard["rows"] for shard in manifest["shards"].values()) == 12
    assert manifest["features_fingerprint"] == plan().fingerprint
    assert sg.SpectrogramPlan.from_dict(manifest["config"]["features"]) == plan()
    # All but the totals is in the shards, too.
    before = digests(FeatureStore(out))
    for name in ("manifest.json", "stats.json"):
        (out / name).unlink()
    bare = FeatureStore(out)
    assert digests(bare) == before
    assert bare.stats.count == manifest["totals"]["frames"]
    finish(out)
    assert json.loads((out / "manifest.json").read_text()) == manifest


def test_threads_and_order_do_not_change_a_byte(audio, out):
    extract(audio, plan(), out / "one", num_threads=1, shard_files=5)
    extract(audio, plan(), out / "four", num_threads=4, shard_files=5)
    assert shard_bytes(out / "one") == shard_bytes(out / "four")
    assert len(shard_bytes(out / "one")) == 3
    assert (out / "one" / "stats.json").read_bytes() == (out / "four" / "stats.json").read_bytes()


def test_large_files_close_a_shard_early(audio, out, monkeypatch):
    from spectrograms.corpus.run import cutting

    monkeypatch.setattr(cutting, "SHARD_BYTES", 20_000)
    extract(audio, plan(), out)
    assert len(FeatureStore(out).shards) > 4
    assert verify(out) == []


@pytest.mark.slow
def test_many_batches_in_a_shard(tmp_path, out):
    recordings(tmp_path / "in", 150, 0.05)
    extract(tmp_path / "in", plan(), out)
    [shard] = FeatureStore(out).shards
    assert [batch.num_rows for batch, _ in batches(shard)] == [64, 64, 22]
    assert [record.id for record in FeatureStore(out)] == FeatureStore(out).ids


def test_a_part_is_one_shard_and_overwrites_itself(damaged, out):
    paths = sorted(damaged.rglob("*.*"))
    first = extract_part(paths, plan(), out, index=7)
    before = shard_bytes(out)
    assert (first.n_done, first.rows, len(first.failures)) == (12, 12, 5)
    assert list(before) == [first.shard]
    assert first.shard.startswith("part-000007-")
    again = extract_part(paths, plan().to_json(), out, index=7)
    assert again == first
    (out / first.shard).unlink()
    assert extract_part(paths, plan().to_dict(), out, index=7, num_threads=2) == first
    assert shard_bytes(out) == before
    assert finish(out)["rows"] == 12
    assert len(FeatureStore(out).errors) == 5
    assert verify(out) == []


def test_verify_finds_every_kind_of_damage(audio, out):
    extract(audio, plan(), out, shard_files=6)
    first, second = map(Path, FeatureStore(out).shards)
    content = bytearray(first.read_bytes())
    # A bit in the middle of the values.
    content[len(content) // 2] ^= 0x40
    first.write_bytes(content)
    assert any("recorded statistics" in problem for problem in verify(out))
    first.write_bytes(content[: len(content) // 2])
    assert any("cannot be read" in problem for problem in verify(out))
    first.unlink()
    assert any("lists other shards" in problem for problem in verify(out))
    (out / "part-000009-0123456789abcdef.arrow").write_bytes(second.read_bytes())
    finish(out)
    assert any("occurs 2 times" in problem for problem in verify(out))


def rows_of(space, counts):
    rows = []
    for count in counts:
        features, place = space.take(count)
        features[:] = len(rows) + 1.0
        rows.append(Row(str(len(rows)), "", 0, 0, features, None, 0.0, place=place))
    return rows


def test_rows_that_lie_side_by_side_are_not_copied():
    rows = rows_of(Space(1000, 5, "float32"), [3, 0, 7, 100])
    values = _values(rows)
    assert np.shares_memory(values, rows[0].features)
    assert values.tolist() == [1.0] * 15 + [3.0] * 35 + [4.0] * 500
    # Part of them, from anywhere.
    assert np.shares_memory(_values(rows[2:]), rows[2].features)
    assert _values(rows[2:]).tolist() == [3.0] * 35 + [4.0] * 500


def test_rows_that_do_not_are_copied_together():
    space = Space(60, 5, "float32")
    rows = rows_of(space, [4, 3, 50, 2])  # there is no room for the third
    expected = [[1.0] * 20, [2.0] * 15, [3.0] * 250, [4.0] * 10]
    others = rows_of(Space(60, 5, "float32"), [4, 4])
    for chosen in ([0, 1, 2, 3], [0, 1, 3], [1, 0], [0, 3], [2], [2, 0]):
        values = _values([rows[i] for i in chosen])
        assert values.tolist() == [value for i in chosen for value in expected[i]]
    # Next to each other by number, but in two memories.
    assert _values([rows[0], others[1]]).tolist() == [1.0] * 20 + [2.0] * 20
    assert np.shares_memory(_values([rows[0], rows[1], rows[3]]), rows[0].features)


@pytest.mark.slow
@pytest.mark.parametrize("config", [plan(), "kaldi_fbank", "whisper_openai"])
@pytest.mark.parametrize("dtype", [None, pytest.param("float16", marks=pytest.mark.slow), "int8"])
def test_no_batch_of_one_thread_is_copied(tmp_path, out, monkeypatch, config, dtype):
    recordings(tmp_path / "in", 150, 0.05)
    copied = []

    def values(rows):
        found = _values(rows)
        copied.append(not np.shares_memory(found, rows[0].features))
        return found

    monkeypatch.setattr("spectrograms.corpus.stores.shards._values", values)
    extract(tmp_path / "in", config, out, num_threads=1, dtype=dtype)
    assert copied == [False] * 3


@pytest.mark.slow
@pytest.mark.parametrize("channels", ["mix", "each", 1])
@pytest.mark.parametrize("dtype", [None, "float16", "float64"])
def test_failures_between_rows_and_stored_types_do_not_change_a_value(damaged, out, channels, dtype):
    for path in sorted(damaged.rglob("*.wav"))[:9]:
        if path.name[0].isdigit():
            samples, rate = soundfile.read(path)
            soundfile.write(path, np.column_stack([samples, samples[::-1]]), rate)
    report = extract(damaged, plan(), out, channels=channels, dtype=dtype, num_threads=1)
    assert report.n_failed
    for record in FeatureStore(out):
        samples, _ = sg.read_audio(record.path, 8000, mono=False)
        name = record.id.rpartition(".ch")[2] if channels == "each" else channels
        samples = sg.read_audio(record.path, 8000)[0] if name == "mix" else samples[int(name)]
        expected = plan().compute(samples).data.astype(dtype or "float32")
        assert np.array_equal(record.features, expected), record.id
    assert verify(out) == []
