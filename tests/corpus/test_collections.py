"""Archives and tables: the same recordings give what files give, with any number of threads and workers."""

import bz2
import gzip
import io
import json
import os
import pickle
import random
import signal
import tarfile
import time
import tracemalloc

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
import pyarrow.parquet  # noqa: E402

import spectrograms as sg  # noqa: E402
from spectrograms.corpus import FeatureStore, export, extract, extract_part, find_inputs, verify  # noqa: E402

from ..support.archives import KINDS, add, facts, same, sounds, write_tar  # noqa: E402, F401
from ..support.corpora import RATE, noise, plan, put, shard_bytes  # noqa: E402
from ..support.slow import slow_but  # noqa: E402


@pytest.fixture(scope="module")
def wanted(same, tmp_path_factory):  # noqa: F811
    """The store of the files."""
    out = tmp_path_factory.mktemp("wanted") / "store"
    extract(same[0], plan(), out, shard_files=9, num_threads=1)
    return sounds(FeatureStore(out))


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [{"num_threads": 1}, {"num_threads": 3}, pytest.param({"workers": 2}, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("kind", slow_but(["tar"], KINDS))
def test_a_collection_gives_what_its_files_give(same, wanted, out, kind, how):  # noqa: F811
    path, count = same[2][kind], len(same[1])
    report = extract(path, plan(), out, shard_files=9, **how)
    assert (report.n_done, report.failures) == (count, [])
    store = FeatureStore(out)
    assert sounds(store) == wanted
    assert verify(out) == []
    assert [record.columns for record in store] == [facts(k) for k in range(count)]
    assert store.column("text") == [f"number {k}" for k in range(count)]
    assert store[0].path == f"{path}/{same[1][0]}"
    again = extract(path, plan(), out, shard_files=9, **how)
    assert (again.n_skipped, again.n_done, again.n_changed, again.n_gone, again.n_unknown) == (
        count,
        0,
        0,
        0,
        0,
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_segments_and_one_shard(same, tmp_path, kind):  # noqa: F811
    """Long members are cut into segments; a part is the store of a list."""
    paths = same[0], same[2][kind]
    for k, path in enumerate(paths):
        extract(path, plan(), tmp_path / f"segments{k}", segment=20.0, num_threads=2)
        extract_part(path, plan(), tmp_path / f"part{k}", num_threads=2)
    for name in ("segments", "part"):
        assert sounds(FeatureStore(tmp_path / f"{name}1")) == sounds(FeatureStore(tmp_path / f"{name}0"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_items_of_a_collection_are_read_one_by_one(same, kind):  # noqa: F811
    items = find_inputs(same[2][kind])
    assert pickle.loads(pickle.dumps(items)) == items
    for k in (14, 3, 3, 30):
        expected = sg.read_audio(same[0] / same[1][k])[0]
        assert np.array_equal(sg.read_audio(items[k])[0], expected)
        assert sg.audio_info(items[k]).n_samples == len(expected)
        assert np.array_equal(np.concatenate(list(sg.audio_blocks(items[k]))), expected)
    assert all(item.columns == facts(k) for k, item in enumerate(items))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_run_goes_on_to_the_same_store(same, tmp_path, monkeypatch, kind):  # noqa: F811
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    path, whole = same[2][kind], tmp_path / "whole"
    began = time.monotonic()
    extract(path, plan(), whole, shard_files=5, num_threads=2)
    span, moments = time.monotonic() - began, random.Random(kind)
    for _ in range(3):
        child = os.fork()
        if child == 0:
            try:
                extract(path, plan(), tmp_path / "store", shard_files=5, num_threads=2)
            finally:
                os._exit(0)
        time.sleep(moments.uniform(0.0, span / 2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    extract(path, plan(), tmp_path / "store", shard_files=5, num_threads=2)
    assert shard_bytes(tmp_path / "store") == shard_bytes(whole)
    assert verify(tmp_path / "store") == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_changed_members_are_found_and_computed_anew(same, tmp_path, out, kind):  # noqa: F811
    from ..support.archives import write_collection

    folder, names, _ = same
    path = tmp_path / f"x.{kind}"
    write_collection(kind, path, folder, names[:10])
    extract(path, plan(), out, num_threads=1)
    before = sounds(FeatureStore(out))
    os.utime(path, ns=(1, 1))
    report = extract(path, plan(), out, num_threads=1, refresh=True)
    assert (report.n_changed, report.n_gone, report.n_done) == (0, 0, 0)
    assert FeatureStore(out)[0].source.mtime_ns == 1
    other = tmp_path / "other"
    for name in names[:10]:
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes((folder / name).read_bytes())
    put(other / "speaker0", "003.wav", noise(99, 0.3))
    write_collection(kind, path, other, names[:10])
    report = extract(path, plan(), out, num_threads=1)
    assert (report.n_changed, report.n_stale, report.n_done) == (1, 1, 0)
    # What is not among the inputs is left alone: nobody looks into an archive for it.
    assert extract(folder / names[11], plan(), out, num_threads=1).n_gone == 0
    report = extract(path, plan(), out, num_threads=1, refresh=True)
    assert (report.n_changed, report.n_done) == (1, 1)
    after = {row[0]: row for row in sounds(FeatureStore(out))}
    assert [row[0] for row in before if after[row[0]] != row] == ["speaker0/003"]
    assert FeatureStore(out).by_id("speaker0/002").columns == facts(2)
    os.unlink(path)
    with pytest.raises(FileNotFoundError):
        extract(path, plan(), out)


def test_many_archives_by_braces_and_patterns(same, tmp_path, monkeypatch):  # noqa: F811
    folder, names, _ = same
    monkeypatch.chdir(tmp_path)
    for k in range(4):
        write_tar(f"train-{k:04d}.tar", folder, names[10 * k : 10 * k + 10])
    expected = [name.rpartition(".")[0] for name in names]
    for inputs in (
        "train-{0000..0003}.tar",
        "train-000{0,1,2,3}.tar",
        "train-*.tar",
        ["{train}-0000.tar"] and ["train-0000.tar", "train-{0001..0003..1}.tar"],
    ):
        assert [item.id for item in find_inputs(inputs)] == expected, inputs
    assert [item.id for item in find_inputs("train-{0003..0002}.tar")] == [*expected[30:], *expected[20:30]]
    with pytest.raises(FileNotFoundError, match=r"train-0004\.tar"):
        find_inputs("train-{0000..0004}.tar")
    with pytest.raises(sg.InvalidInputError, match="at most 1000000 names"):
        find_inputs("train-{0..99999999}.tar")
    os.rename("train-0000.tar", "train-{0..1}.tar")
    assert len(find_inputs("train-{0..1}.tar")) == 10


def test_samples_of_an_archive(tmp_path):
    sound = put(tmp_path, "x.wav", noise(0)).read_bytes()
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        add(archive, "one.cls", b" 7\n")
        add(archive, "one.wav", sound)
        add(archive, "one.txt", "grün\n".encode())
        add(archive, "one.jpg", b"picture")
        add(archive, "./a/two.mic1.WAV", sound)
        add(archive, "./a/two.mic2.wav", sound)
        add(
            archive,
            "./a/two.json",
            b'{"text": [1, {"b": 2}], "id": "x", "duration": 9, "n": null, "ok": true}',
        )
        add(archive, "._one.wav", b"of a Mac")
        add(archive, "three.json", b'"alone"')
        add(archive, "four.wav", sound)
    found = find_inputs(tmp_path / "x.tar")
    assert {item.id: item.columns for item in found} == {
        "one": {"cls": 7, "txt": "grün"},
        "a/two.mic1": {"text": '[1, {"b": 2}]', "ok": True},
        "a/two.mic2": {"text": '[1, {"b": 2}]', "ok": True},
        "four": None,
    }
    assert found.left_out == {".jpg": 1}
    extract(found, plan(), tmp_path / "store", num_threads=1)
    store = FeatureStore(tmp_path / "store")
    assert store.by_id("four").columns == {"cls": None, "txt": None, "text": None, "ok": None}
    assert store.column("cls") == [7, None, None, None]
    assert export(store, "parquet", tmp_path / "table") == 4
    [part] = (tmp_path / "table").iterdir()
    assert pyarrow.parquet.read_table(part)["txt"].to_pylist() == ["grün", None, None, None]


@pytest.mark.slow
def test_packed_in_other_ways(same, tmp_path):  # noqa: F811
    folder, names, made = same
    content = made["tar"].read_bytes()
    for suffix, pack in ((".tar.bz2", bz2.compress), (".tgz", gzip.compress), (".tar", gzip.compress)):
        path = tmp_path / f"x{suffix}"
        path.write_bytes(pack(content))
        items = find_inputs(path)
        assert np.array_equal(sg.read_audio(items[3])[0], sg.read_audio(folder / names[3])[0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_collections(same, tmp_path, kind):  # noqa: F811
    """A collection that is cut, overwritten or none is one error that names it, or some inputs that fail."""
    content = same[2][kind].read_bytes()
    path, source = tmp_path / f"x.{kind}", random.Random(7)
    samples = [content[: len(content) * k // 7] for k in range(7)]
    for _ in range(20):
        broken = bytearray(content)
        first = source.randrange(len(content))
        broken[first : first + 64] = source.randbytes(min(64, len(content) - first))
        samples.append(bytes(broken))
    for sample in samples:
        path.write_bytes(sample)
        try:
            items = find_inputs(path)
        except sg.InvalidInputError as error:
            assert "x." in str(error)  # noqa: PT017
            continue
        report = extract(items, plan(), tmp_path / "out", num_threads=1, overwrite=True)
        assert report.n_done + report.n_failed == len(items)


@pytest.mark.slow
def test_a_collection_that_changes_while_it_is_read(same, tmp_path, out):  # noqa: F811
    for kind in KINDS:
        path = tmp_path / f"x.{kind}"
        path.write_bytes(same[2][kind].read_bytes())
        items = find_inputs(path)
        path.write_bytes(b"")
        report = extract(items, plan(), out / kind, num_threads=1)
        assert report.n_failed == len(items)


@pytest.mark.slow
def test_tables_of_other_columns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sound = put(tmp_path / "d", "x.wav", noise(0)).read_bytes()
    put(tmp_path / "d", "y.wav", noise(1))
    tables = {
        "paths": {"path": ["x.wav", "y.wav"], "label": [1, 2]},
        "audio": {"audio": ["x.wav", "y.wav"], "id": ["x", "y"]},
        "nemo": {"audio_filepath": ["x.wav", "y.wav"], "offset": [0.0, 0.1], "duration": [0.2, 0.2]},
        "bytes": {"bytes": [sound, sound], "id": ["x", "y"]},
        "nameless": {"audio": [{"bytes": sound, "path": None}] * 2, "duration": [0.5, 0.5]},
        "by path": {"audio": pa.array([{"bytes": None, "path": "x.wav"}, {"bytes": None, "path": "y.wav"}],
                                      pa.struct([("bytes", pa.binary()), ("path", pa.string())]))},
    }  # fmt: skip
    ids = {"nemo": ["x@0", "y@0.1"], "nameless": ["nameless/0", "nameless/1"]}
    for name, columns in tables.items():
        table = pa.table(columns)
        pyarrow.parquet.write_table(table, f"d/{name}.parquet", row_group_size=1)
        with pa.ipc.new_file(f"d/{name}.arrow", table.schema) as writer:
            writer.write_table(table)
        for suffix in ("parquet", "arrow"):
            report = extract(f"d/{name}.{suffix}", plan(), f"out/{name}.{suffix}", num_threads=1)
            assert report.failures == []
            assert FeatureStore(f"out/{name}.{suffix}").ids == ids.get(name, ["x", "y"])
    assert FeatureStore("out/paths.parquet").column("label") == [1, 2]
    pyarrow.parquet.write_table(pa.table({"x": [1]}), "d/no.parquet")
    with pytest.raises(sg.InvalidInputError, match=r"no\.parquet: columns must include audio.*got x"):
        find_inputs("d/no.parquet")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tar", "tar.gz", "parquet", "stream.arrow"])
def test_memory_does_not_grow_with_the_collection(tmp_path, out, kind, monkeypatch):
    from ..support.archives import write_collection

    # What is read before some of it is computed.
    monkeypatch.setattr("spectrograms.corpus.run.pipeline._ALONE_BYTES", 1 << 20)

    folder = tmp_path / "audio"
    names = [f"{k:03d}.wav" for k in range(60)]
    for k, name in enumerate(names):
        put(folder, name, noise(k, 20.0))
    path = tmp_path / f"x.{kind}"
    write_collection(kind, path, folder, names)
    size = path.stat().st_size
    assert size > 15e6 or kind == "tar.gz"
    extract(path, plan(), out / "warm", num_threads=1, shard_files=2)
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    extract(path, plan(), out / "cold", num_threads=1, shard_files=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6, peak
    assert pa.total_allocated_bytes() - before < 1e6


def test_the_command_line(same, tmp_path, config, capsys, monkeypatch):  # noqa: F811
    from spectrograms.cli import main

    monkeypatch.chdir(tmp_path)
    for k in range(2):
        write_tar(f"t-{k}.tar", same[0], same[1][20 * k : 20 * k + 20])
    assert main(["extract", "t-{0..1}.tar", "--config", str(config), "-o", "out", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_done"] == 40
    assert main(["extract", "t-{0..2}.tar", "--config", str(config), "-o", "out"]) == 1
    assert "t-2.tar" in capsys.readouterr().err


@pytest.mark.slow
def test_files_and_samples_are_inputs(tmp_path, out):
    samples = (noise(0) * 32768).astype("i2")
    path = put(tmp_path, "x.wav", samples)
    file = io.BufferedReader(io.BytesIO(path.read_bytes()))
    wide = np.stack([samples, -samples]).astype("f8") / 32768
    rows = [
        {"id": "path", "path": str(path), "n": 1},
        {"id": "file", "file": file, "n": 2},
        {"id": "memory", "bytes": io.BytesIO(path.read_bytes()), "n": 3},
        {"id": "samples", "samples": samples, "sample_rate": RATE, "n": 4},
        {"id": "floats", "samples": samples / 32768, "sample_rate": float(RATE), "n": 5},
        {"path": "hf.flac", "audio": {"array": wide[0], "sampling_rate": RATE, "path": "hf.flac"}, "n": 6.5},
        {"id": "silent", "samples": wide, "sample_rate": RATE},
        {"id": "part", "samples": samples, "sample_rate": RATE, "start": 0.1, "duration": 0.2},
    ]
    report = extract(rows, plan(), out, workers=2, shard_files=3)
    assert report.failures == []
    store = FeatureStore(out)
    whole = store.by_id("path").features
    for name in ("file", "memory", "samples", "floats", "hf"):
        assert np.array_equal(store.by_id(name).features, whole), name
    assert store.column("n") == [1.0, 2.0, 3.0, 4.0, 5.0, 6.5, None, None]
    part = plan().compute(sg.read_audio(path, start=0.1, duration=0.2)[0]).data
    assert np.array_equal(store.by_id("part").features, part)
    again = [row for row in rows if "file" not in row and not isinstance(row.get("bytes"), io.BytesIO)]
    report = extract(again, plan(), out, workers=1)
    assert (report.n_skipped, report.n_changed, report.n_gone, report.n_unknown) == (6, 0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": "a", "samples": [1j]}, "sample_rate must be a positive whole number"),
        ({"id": "a", "samples": [1j], "sample_rate": 8}, "samples must be numbers of .*, got complex128"),
        ({"id": "a", "samples": [[[1.0]]], "sample_rate": 8}, "must have shape"),
        ({"id": "a", "samples": 1.0, "sample_rate": 8}, "must have shape"),
        ({"samples": [1.0], "sample_rate": 8}, "need an id, or a path"),
        ({"id": "a", "audio": 3}, "audio must be a path, or have bytes or an array, got 3"),
        ({"id": "a", "file": 3}, "file must be the content of a file, got 3"),
        ({"id": "a", "path": "x", 3: 4}, "a column must have a name as text, got 3"),
        ({"id": "a", "path": "x", "t": "x" * (1 << 22) + "x"}, "at most 4194304 letters"),
    ],
)
def test_inputs_that_cannot_be_used(fields, message):
    with pytest.raises(sg.InvalidInputError, match=message):
        find_inputs(fields)


def test_no_further_column_bears_a_name_of_the_stores_own():
    from spectrograms.corpus.inputs.columns import OWN
    from spectrograms.corpus.stores.schema import columns
    from spectrograms.corpus.stores.settings import DTYPES

    assert {name for dtype in DTYPES for name in columns(dtype).names} == OWN


@pytest.mark.slow
def test_a_long_member_is_read_in_pieces(tmp_path, out):
    path = put(tmp_path, "x.wav", noise(0, 1200.0))
    write_tar(tmp_path / "x.tar", tmp_path, ["x.wav"], companions=False)
    size = path.stat().st_size
    tracemalloc.start()
    report = extract(tmp_path / "x.tar", plan(), out, segment=60.0, num_threads=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.rows == 21
    assert peak < 0.6 * size, peak
