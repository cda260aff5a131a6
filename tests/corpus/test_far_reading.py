"""Stores in an object store, read from there: what is not looked at is not fetched."""

import pickle
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
pytest.importorskip("moto", reason="needs moto: pip install 'moto[s3]' flask flask-cors")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, export, extract, verify
from spectrograms.places import pieces, remote

from ..support.command import run
from ..support.corpora import digests, plan, recordings
from ..support.faulty import faulty
from ..support.objects import bucket, server  # noqa: F401


@pytest.fixture(scope="module")
def near(tmp_path_factory):
    """A store of three shards, two batches in each, of half a megabyte."""
    folder = recordings(tmp_path_factory.mktemp("far") / "audio", 300, 1.0)
    rows = [{"path": str(path), "label": path.stem} for path in sorted(folder.rglob("*.wav"))]
    (folder / "bad.wav").write_bytes(b"no audio")
    extract([*rows, str(folder / "bad.wav")], plan(), folder.with_name("store"), shard_files=101)
    return folder.with_name("store")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A store of little, for what makes many objects of each recording."""
    folder = recordings(tmp_path_factory.mktemp("few") / "audio", 12)
    extract(folder, plan(), folder.with_name("store"))
    return folder.with_name("store")


@pytest.fixture
def far(bucket, near):  # noqa: F811
    """The URL of a copy of it."""
    bucket.fill(near, "features")
    return bucket.url("features")


@pytest.fixture
def fetched(monkeypatch):
    """Ranges of bytes that are fetched, each the first and how many."""
    found, at = [], remote.Opened.at

    def noted(opened, first, count):
        found.append((first, count))
        return at(opened, first, count)

    monkeypatch.setattr(remote.Opened, "at", noted)
    return found


def test_a_store_far_away_is_the_one_here(far, near):
    found, wanted = FeatureStore(far), FeatureStore(near)
    assert found.path == "s3://bucket/features"
    assert repr(found) == repr(wanted).replace(repr(str(near)), "'s3://bucket/features'")
    assert (found.ids, found.n_frames.tolist()) == (wanted.ids, wanted.n_frames.tolist())
    assert found.column("label") == wanted.column("label")
    assert digests(found) == digests(wanted)
    assert found.errors == wanted.errors
    assert found.stats.to_dict() == wanted.stats.to_dict()
    assert [shard.rpartition("/")[2] for shard in found.shards] == [
        shard.rpartition("/")[2] for shard in wanted.shards
    ]
    assert (found[7].columns, found[7].source) == (wanted[7].columns, wanted[7].source)
    assert verify(far) == []
    again = pickle.loads(pickle.dumps(found))
    assert (again[-1].features == wanted[-1].features).all()


def test_what_is_not_looked_at_is_not_fetched(far, near, fetched, monkeypatch):
    monkeypatch.setattr(pieces, "_BLOCK", 4096)
    size = sum(path.stat().st_size for path in near.glob("*.arrow"))
    store = FeatureStore(far)
    assert len(store) == 300
    store.ids, store.durations  # noqa: B018
    small = sum(count for _, count in fetched)
    assert small < size / 3
    fetched.clear()
    assert (store[250].features == FeatureStore(near)[250].features).all()
    assert 0 < sum(count for _, count in fetched) < store[250].features.nbytes + 2 * 4096
    fetched.clear()
    assert (store[250].features == FeatureStore(near)[250].features).all()
    assert fetched == []
    sum(record.n_frames for record in store)
    assert sum(count for _, count in fetched) < size


def test_what_is_kept_is_bounded(far, near):
    store, wanted = FeatureStore(far, cache_bytes=400_000), FeatureStore(near)
    held = []
    for k in np.random.default_rng(0).integers(0, 300, 200).tolist():
        assert (store[k].features == wanted[k].features).all()
        held.append(sum(shard.held for shard in store._mapped))
    largest = max(path.stat().st_size for path in near.glob("*.arrow"))
    assert max(held) <= 400_000 + largest + pieces._BLOCK
    kept = [record.features for record in FeatureStore(far, cache_bytes=0)]
    assert all((one == other.features).all() for one, other in zip(kept, wanted, strict=True))
    with pytest.raises(sg.InvalidInputError, match="cache_bytes must be >= 0, got -1"):
        FeatureStore(far, cache_bytes=-1)


def test_threads_share_a_store(far, near):
    store, wanted, wrong = FeatureStore(far, cache_bytes=200_000), FeatureStore(near), []

    def look(seed):
        for k in np.random.default_rng(seed).integers(0, 300, 60).tolist():
            if not (store[k].features == wanted[k].features).all():
                wrong.append(k)

    threads = [threading.Thread(target=look, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_forked_process_reads_on(far, near):
    code = """
        import os, sys
        from spectrograms.corpus import FeatureStore
        store = FeatureStore(sys.argv[1])
        before = store[0].features.sum()
        child = os.fork()
        if child == 0:
            right = store[0].features.sum() == before and store[299].n_frames == int(sys.argv[2])
            right = right and FeatureStore(sys.argv[1])[150].n_frames == int(sys.argv[3])
            os._exit(0 if right else 1)
        assert os.waitpid(child, 0)[1] == 0
    """
    wanted = FeatureStore(near)
    frames = [str(wanted[k].n_frames) for k in (299, 150)]
    command = [sys.executable, "-P", "-c", textwrap.dedent(code), far, *frames]
    subprocess.run(command, check=True, timeout=60)


@pytest.mark.parametrize("kind", ["npz", "npy", "parquet", "kaldi", "webdataset"])
def test_exports(far, near, tmp_path, kind):
    for name, store in (("one", far), ("other", near)):
        assert export(store, kind, tmp_path / name) == 300
    one, other = tmp_path / "one", tmp_path / "other"
    if kind == "npz":
        assert one.read_bytes() == other.read_bytes()
        return
    content = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]
    assert content[0].keys() == content[1].keys()
    if kind != "webdataset":  # members have a time
        assert content[0] == content[1]


@pytest.mark.parametrize("kind", ["npz", "npy", "parquet", "zarr", "kaldi", "webdataset"])
def test_exports_to_an_object_store(bucket, near, few, tmp_path, kind):  # noqa: F811
    store, count = near, 300
    if kind == "zarr":
        pytest.importorskip("zarr", reason="needs zarr: pip install zarr")
        store, count = few, 12
    url, counted = bucket.url("exports/one/"), []
    assert export(store, kind, url, lambda done, _: counted.append(done)) == count
    export(store, kind, tmp_path / "here")
    if kind == "npz":
        assert bucket.get("exports/one") == (tmp_path / "here").read_bytes()
    else:
        wanted = {path.relative_to(tmp_path / "here").as_posix(): path.read_bytes()
                  for path in (tmp_path / "here").rglob("*") if path.is_file()}  # fmt: skip
        assert bucket.content("exports/one") == wanted
    assert counted[-1] == count
    assert bucket.uploads() == []
    with pytest.raises(FileExistsError, match="s3://bucket/exports/one exists"):
        export(store, kind, url)


def test_an_export_that_fails_leaves_no_objects(bucket, near, monkeypatch):  # noqa: F811
    def stop(done, _):
        if done == 250:
            assert len(bucket.keys("exports/")) > 100
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(near, "npy", bucket.url("exports/one"), stop)
    assert bucket.keys("exports/") == []
    monkeypatch.setattr(remote, "PAUSES", ())
    with pytest.raises(OSError, match="s3://none/one"):
        export(near, "npz", bucket.url("one").replace("bucket", "none"))
    with pytest.raises(sg.InvalidInputError, match="out must be a path on this machine, got the URL"):
        export(near, "npz", "s3:/bucket/one")


def test_exports_over_a_bad_network(bucket, near, tmp_path):  # noqa: F811
    with faulty(bucket.address, 2, busy=0.05, reset=0.05, lost=0.05) as proxy:
        export(near, "parquet", bucket.through(proxy.address).url("exports/one"))
        export(near, "npz", bucket.through(proxy.address).url("exports/two"))
        assert proxy.become()
    export(near, "npz", tmp_path / "here")
    assert bucket.get("exports/two") == (tmp_path / "here").read_bytes()
    assert len(bucket.keys("exports/one/")) == 3


def test_damage_is_named(bucket, far, near):  # noqa: F811
    shard = sorted(near.glob("*.arrow"))[1]
    whole = shard.read_bytes()
    for content in (whole[: len(whole) // 2], b"", whole[:-60] + b"\xff" * 20 + whole[-40:]):
        bucket.put(f"features/{shard.name}", content)
        store = FeatureStore(far)
        with pytest.raises(sg.InvalidInputError, match=f"s3://bucket/features/{shard.name} is damaged"):
            store[150].features  # noqa: B018
        assert any(shard.name in problem for problem in verify(far))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    bucket.put(f"features/{shard.name}", bytes(flipped))
    assert any("content and checksum disagree" in problem for problem in verify(far))
    bucket.remove(f"features/{shard.name}")
    with pytest.raises(FileNotFoundError, match=shard.name):
        FeatureStore(far)[150]


def test_there_is_no_store(bucket):  # noqa: F811
    for look in (FeatureStore, verify):
        with pytest.raises(FileNotFoundError, match="no feature store in s3://bucket/nothing"):
            look(bucket.url("nothing/"))


def test_the_command_line(bucket, far, near, tmp_path, capsys):  # noqa: F811
    url = far.replace("s3://", "s3://some-access-key:some-secret-key@")
    bucket.put("x.wav", (near.with_name("audio") / "speaker0" / "000.wav").read_bytes())
    assert run("verify", url) == 0
    assert run("info", url, bucket.url("x.wav"), "--json") == 0
    assert run("export", url, "--to", "npz", "-o", str(tmp_path / "x.npz")) == 0
    assert run("export", url, "--to", "npz", "-o", bucket.url("x.npz"), "--json") == 0
    assert bucket.get("x.npz") == (tmp_path / "x.npz").read_bytes()
    assert run("report", url, "-o", str(tmp_path / "x.html")) == 0
    said = "".join(capsys.readouterr())
    assert "s3://bucket/features: no problems" in said
    assert '"records": 300' in said
    assert '"s3://bucket/x.wav"' in said
    assert "some-secret-key" not in said
    assert run("verify", bucket.url("nothing")) == run("info", bucket.url("nothing")) == 3


def test_levels_far_away(bucket, tmp_path):  # noqa: F811
    near = tmp_path / "store"
    extract(recordings(tmp_path / "audio"), plan(), near, dtype="int8", shard_files=5)
    bucket.fill(near, "levels")
    found, wanted = FeatureStore(bucket.url("levels")), FeatureStore(near)
    assert digests(found) == digests(wanted)
    for name in wanted.ids:
        record, other = found.by_id(name), wanted.by_id(name)
        assert record.stored.dtype == np.int8
        np.testing.assert_array_equal(record.stored, other.stored)
        np.testing.assert_array_equal(record.frames(3, 9), other.features[:, 3:9])
    assert verify(bucket.url("levels")) == []


def test_levels_written_far_away(bucket, tmp_path):  # noqa: F811
    audio = recordings(tmp_path / "audio")
    extract(audio, plan(), tmp_path / "store", dtype="int8")
    extract(audio, plan(), bucket.url("written"), dtype="int8")
    found = FeatureStore(bucket.url("written"))
    assert digests(found) == digests(FeatureStore(tmp_path / "store"))
    assert verify(bucket.url("written")) == []
