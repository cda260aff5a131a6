"""Sources that change or go: counted by every run, computed and dropped by one that refreshes."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.cli import main

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, export, extract, find_inputs, verify  # noqa: E402
from spectrograms.corpus.run import extraction  # noqa: E402
from spectrograms.corpus.stores import failures, manifest  # noqa: E402  # noqa: E402
from spectrograms.corpus.stores.schema import SOURCE_COLUMNS  # noqa: E402

from ..support.chance import times  # noqa: E402
from ..support.corpora import RATE, change, digests, fresh, noise, plan, recordings  # noqa: E402

STORES = Path(__file__).parents[1] / "data" / "stores"
KILLS = times(4, 16)


def counts(report):
    return report.n_changed, report.n_gone, report.n_stale, report.n_done, report.n_skipped


OPTIONS = {
    "rows": {},
    "threads": {"num_threads": 3},
    "segments": {"segment": 0.15},
    "channels": {"channels": "each"},
    "levels": {"dtype": "int8"},
    "both": {"segment": 0.15, "channels": "each", "dtype": "float16"},
}


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_case_5_1_changed_and_gone_sources(audio, out, options):
    options = {"shard_files": 5, **options}
    assert counts(extract(audio, plan(), out, **options)) == (0, 0, 0, 12, 0)
    before = digests(FeatureStore(out))
    change(audio / "speaker0" / "000.wav")
    change(audio / "speaker1" / "004.wav", 101)
    (audio / "speaker2" / "002.wav").unlink()
    # A run says so and changes nothing.
    assert counts(extract(audio, plan(), out, **options)) == (2, 1, 3, 0, 11)
    assert digests(FeatureStore(out)) == before
    assert verify(out) == []
    assert counts(extract(audio, plan(), out, refresh=True, **options)) == (2, 1, 0, 2, 9)
    after = digests(FeatureStore(out))
    assert after == fresh(audio, out, **options)
    assert after != before
    assert verify(out) == []
    assert counts(extract(audio, plan(), out, **options)) == (0, 0, 0, 0, 11)


def test_case_5_1_the_command_line(audio, out, tmp_path, capsys):
    (tmp_path / "plan.json").write_text(plan().to_json())
    argv = list(map(str, ["extract", audio, "--config", tmp_path / "plan.json", "-o", out, "--json"]))
    assert main(argv) == 0
    capsys.readouterr()
    change(audio / "speaker0" / "000.wav")
    (audio / "speaker2" / "002.wav").unlink()
    assert main(argv) == 3
    output = capsys.readouterr()
    last = output.err.splitlines()[-1]
    assert last.startswith("sources changed since they were stored: 1, gone: 1; their rows stay; --refresh")
    document = json.loads(output.out)
    assert [document[name] for name in ("n_changed", "n_gone", "n_unknown", "n_stale")] == [1, 1, 0, 2]
    assert main([*argv, "--refresh"]) == 0
    assert capsys.readouterr().err.splitlines()[-1].endswith("gone: 1; refreshed")
    assert main(argv) == 0
    assert "gone" not in capsys.readouterr().err


def test_what_is_recorded(audio, out):
    extract(audio, plan(), out)
    for record in FeatureStore(out):
        status = os.stat(record.path)
        assert record.source[:2] == (status.st_size, status.st_mtime_ns)
        assert record.source.hash.startswith("crc32:")
    schema = pa.ipc.open_file(FeatureStore(out).shards[0]).schema
    assert tuple(schema.names[-3:]) == SOURCE_COLUMNS


def test_equal_size_and_another_time(audio, out):
    """Changed only if the content is; the new time is recorded by a refresh, so that it is looked at once."""
    extract(audio, plan(), out)
    paths = sorted(audio.rglob("*.wav"))
    for path in paths[:2]:
        os.utime(path, ns=(10**18, 10**18))
    content = bytearray(paths[2].read_bytes())
    content[-1] ^= 1
    paths[2].write_bytes(content)
    os.utime(paths[2], ns=(10**18, 10**18))
    assert counts(extract(audio, plan(), out)) == (1, 0, 1, 0, 12)
    assert counts(extract(audio, plan(), out, refresh=True)) == (1, 0, 0, 1, 11)
    assert digests(FeatureStore(out)) == fresh(audio, out)
    assert {record.source.mtime_ns for record in FeatureStore(out) if record.path in map(str, paths[:3])} == {
        10**18
    }
    assert verify(out) == []


def test_a_file_of_another_place_with_the_same_content(audio, out):
    extract(audio, plan(), out)
    moved = audio.rename(audio.with_name("moved"))
    assert counts(extract(moved, plan(), out)) == (0, 0, 0, 0, 12)


@pytest.mark.slow
@pytest.mark.parametrize("taken_by", ["folder", "fifo", "link", "device", "socket"])
@pytest.mark.parametrize("listed", [False, True])
def test_case_5_1_what_is_no_file_any_more_is_gone(audio, out, taken_by, listed):
    inputs = [{"path": path} for path in sorted(audio.glob("*/*.wav"))] if listed else audio
    extract(inputs, plan(), out)
    path = audio / "speaker0" / "000.wav"
    path.unlink()
    if taken_by == "folder":
        path.mkdir()
    elif taken_by == "fifo":
        os.mkfifo(path)
    elif taken_by == "socket":
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as server, contextlib.chdir(path.parent):
            server.bind(path.name)
    else:
        path.symlink_to("/dev/null" if taken_by == "device" else "nowhere")
    seen = listed or taken_by != "folder"
    assert counts(extract(inputs, plan(), out)) == (0, 1, 1, 0, 11 + seen)
    report = extract(inputs, plan(), out, refresh=True)
    assert (*counts(report), len(report.failures)) == (0, 1, 0, 0, 11, int(seen))
    assert len(FeatureStore(out)) == 11
    assert verify(out) == []


def test_inputs_that_are_a_part_leave_the_rest_alone(audio, out):
    extract(audio, plan(), out)
    change(audio / "speaker0" / "000.wav")
    items = [item for item in find_inputs(audio) if item.id.startswith("speaker1")]
    assert counts(extract(items, plan(), out, refresh=True)) == (0, 0, 0, 0, 4)
    assert len(FeatureStore(out)) == 12
    (audio / "speaker2" / "002.wav").unlink()
    assert counts(extract(items, plan(), out, refresh=True)) == (0, 1, 0, 0, 4)
    assert len(FeatureStore(out)) == 11


def test_relative_paths_say_nothing_in_another_folder(audio, out, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    extract("audio", plan(), out)
    items = [Path(os.path.abspath("audio")) / "speaker1" / "001.wav"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    report = extract(items, plan(), out, refresh=True)
    assert report.n_gone == 0
    assert len(FeatureStore(out)) == 13


def test_content_given_as_bytes(audio, out):
    path = audio / "speaker0" / "000.wav"
    item = {"id": "a", "path": "no/file.wav", "bytes": path.read_bytes()}
    extract([item], plan(), out)
    assert FeatureStore(out)[0].source[:2] == (path.stat().st_size, None)
    assert counts(extract([item], plan(), out)) == (0, 0, 0, 0, 1)
    # Other inputs: that there is no such file says nothing.
    assert counts(extract(audio / "speaker1", plan(), out, refresh=True)) == (0, 0, 0, 4, 0)
    content = bytearray(item["bytes"])
    content[-1] ^= 1
    item["bytes"] = bytes(content)
    assert counts(extract([item], plan(), out)) == (1, 0, 1, 0, 1)
    assert counts(extract([item], plan(), out, refresh=True)) == (1, 0, 0, 1, 0)
    assert counts(extract([item], plan(), out)) == (0, 0, 0, 0, 1)


def test_a_changed_source_that_fails(audio, out):
    """Its row is dropped: what it says is no longer so; and it is among the failures."""
    extract(audio, plan(), out)
    path = audio / "speaker0" / "000.wav"
    path.write_bytes(b"no audio")
    report = extract(audio, plan(), out, refresh=True)
    assert (report.n_changed, report.n_failed, report.n_skipped) == (1, 1, 11)
    assert [failure["id"] for failure in FeatureStore(out).errors] == ["speaker0/000"]
    assert "speaker0/000" not in FeatureStore(out)
    assert verify(out) == []
    with pytest.raises(sg.InvalidInputError, match="failed"):
        extract(audio, plan(), out, refresh=True, retry_errors=True, strict=True)
    change(path)
    assert extract(audio, plan(), out, retry_errors=True).n_done == 1
    assert digests(FeatureStore(out)) == fresh(audio, out)


def test_a_listed_file_that_is_gone(audio, out):
    (audio / "list.txt").write_text("speaker0/000.wav\nspeaker0/003.wav\n")
    extract(audio / "list.txt", plan(), out)
    (audio / "speaker0" / "003.wav").unlink()
    assert counts(extract(audio / "list.txt", plan(), out)) == (0, 1, 1, 0, 2)
    report = extract(audio / "list.txt", plan(), out, refresh=True)
    assert (report.n_gone, report.n_failed) == (1, 1)
    assert FeatureStore(out).ids == ["speaker0/000"]


@pytest.mark.slow
def test_job_arrays(audio, out):
    jobs = [{"shard_index": i, "num_shards": 3} for i in range(3)]
    extract(audio, plan(), out, shard_files=4)
    change(audio / "speaker0" / "000.wav")
    change(audio / "speaker1" / "004.wav", 101)
    (audio / "speaker2" / "002.wav").unlink()
    reports = [extract(audio, plan(), out, **job) for job in jobs]
    assert [sum(numbers) for numbers in zip(*map(counts, reports), strict=True)] == [2, 1, 3, 0, 11]
    reports = [extract(audio, plan(), out, refresh=True, **job) for job in jobs]
    assert [sum(numbers) for numbers in zip(*map(counts, reports), strict=True)] == [2, 1, 0, 2, 9]
    assert digests(FeatureStore(out)) == fresh(audio, out)
    assert verify(out) == []


def test_shards_that_another_job_drops_meanwhile(audio, out, monkeypatch):
    extract(audio, plan(), out, shard_files=5)
    before = digests(FeatureStore(out))
    listed = manifest.shard_paths
    ghost = out / "part-000001-0123456789abcdef.arrow"
    monkeypatch.setattr(manifest, "shard_paths", lambda folder: sorted([*listed(folder), str(ghost)]))
    assert counts(extract(audio, plan(), out)) == (0, 0, 0, 0, 12)
    change(audio / "speaker0" / "000.wav")
    assert counts(extract(audio, plan(), out, refresh=True)) == (1, 0, 0, 1, 11)
    assert manifest.finish(out)["rows"] == 12
    assert digests(FeatureStore(out)).keys() == before.keys()
    assert verify(out) == []


def test_lists_of_failures_that_another_job_removes_meanwhile(audio, out, monkeypatch):
    (audio / "broken.wav").write_bytes(b"no audio")
    extract(audio, plan(), out)
    ghost = str(out / "errors-000001-0123456789abcdef.jsonl")
    listed = failures.failure_files
    for room in (failures, manifest, extraction):
        monkeypatch.setattr(room, "failure_files", lambda folder: sorted([*listed(folder), ghost]))
    report = extract(audio, plan(), out)
    assert (report.n_skipped, report.n_failed) == (12, 1)
    assert verify(out) == []


@pytest.mark.slow
def test_on_a_cluster(audio, out):
    distributed = pytest.importorskip("distributed", reason="needs Dask: pip install dask distributed")
    with distributed.Client(
        processes=False, n_workers=1, threads_per_worker=1, dashboard_address=None
    ) as client:
        extract(audio, plan(), out, shard_files=4, client=client)
        change(audio / "speaker0" / "000.wav")
        (audio / "speaker2" / "002.wav").unlink()
        report = extract(audio, plan(), out, shard_files=4, refresh=True, client=client)
    assert counts(report) == (1, 1, 0, 1, 10)
    assert digests(FeatureStore(out)) == fresh(audio, out)


def test_stores_made_twice_are_equal(audio, out):
    for name in ("one", "two"):
        extract(audio, plan(), out / name, shard_files=5)
    files = [{path.name: path.read_bytes() for path in (out / name).iterdir()} for name in ("one", "two")]
    assert files[0] == files[1]


# stores of an earlier version


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """The recordings that the stores in tests/data were made of, and a copy of the stores."""
    shutil.copytree(STORES, tmp_path / "stores")
    (tmp_path / "audio").mkdir()
    for i in range(4):
        n = 1600 + 400 * i
        samples = 0.1 * np.random.default_rng(i).standard_normal(n) * np.hanning(n)
        soundfile.write(tmp_path / "audio" / f"{i}.wav", samples, RATE)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "stores"


EARLIER = {"rows": {}, "segments": {"dtype": "float16", "segment": 0.1}}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*was begun with")
@pytest.mark.parametrize("kind", EARLIER)
def test_case_5_1_stores_of_an_earlier_version(earlier, kind, tmp_path):
    store, options = earlier / kind, EARLIER[kind]
    before = digests(FeatureStore(store))
    assert {record.source for record in FeatureStore(store)} == {(None, None, None)}
    report = extract("audio", plan(), store, **options)
    assert (report.n_changed, report.n_gone, report.n_unknown, report.n_skipped) == (0, 0, 4, 4)
    # Not even another content is a change: nothing was recorded.
    change("audio/0.wav")
    assert counts(extract("audio", plan(), store, refresh=True, **options)) == (0, 0, 0, 0, 4)
    assert digests(FeatureStore(store)) == before
    # Old shards and new ones in one store.
    change("audio/4.wav", 104)
    assert counts(extract("audio", plan(), store, **options)) == (0, 0, 0, 1, 4)
    found = verify(store)
    assert found == []
    assert (found.n_shards, found.n_without_checksum) == (3, 2)
    assert len({record.source for record in FeatureStore(store)}) == 2
    for form in ("npz", "npy", "parquet", "kaldi", "webdataset"):
        assert export(store, form, tmp_path / form) == len(FeatureStore(store))
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "parquet")
    assert table["source_hash"].null_count == len(before)
    # What is gone is known of old rows, too. Their shard is written anew, and has a checksum from then on.
    os.unlink("audio/1.wav")
    assert counts(extract("audio", plan(), store, **options)) == (0, 1, 1, 0, 4)
    assert counts(extract("audio", plan(), store, refresh=True, **options)) == (0, 1, 0, 0, 4)
    kept = {name: row for name, row in before.items() if name.partition("#")[0] != "1"}
    assert kept.items() <= digests(FeatureStore(store)).items()
    found = verify(store)
    assert found == []
    assert found.n_without_checksum == 1


# runs that end badly


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path, monkeypatch):
    """Whatever the moment: rows of unchanged sources are there, once, and going on completes the rest."""
    audio, out = recordings(tmp_path / "audio", 120, 0.2), tmp_path / "store"
    moments = random.Random(20261130)
    # A process that is killed loses nothing of what it has written, whether that is on the disk or not.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    extract(audio, plan(), out, shard_files=6)
    names = [item.id for item in find_inputs(audio)]
    interrupted, span = 0, 0.25
    for kill in range(KILLS):
        changed = moments.sample(names, 30)
        for name in changed:
            change(audio / f"{name}.wav", kill * 1000 + names.index(name), 0.1 + 0.01 * kill)
        before = digests(FeatureStore(out))
        child = os.fork()
        if child == 0:
            try:
                extract(audio, plan(), out, shard_files=6, refresh=True, num_threads=1)
            finally:
                os._exit(0)
        time.sleep(moments.uniform(0.0, span))
        os.kill(child, signal.SIGKILL)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
            interrupted += 1
        else:
            span *= 0.6  # whatever the machine, most runs are under way when they are killed
        assert verify(out) == []
        after = digests(FeatureStore(out))  # which refuses an id that is stored twice
        for name in set(names) - set(changed):
            assert after[name] == before[name]
        extract(audio, plan(), out, shard_files=6, refresh=True)
        assert verify(out) == []
        assert sorted(FeatureStore(out).ids) == sorted(names)
        assert not list(out.glob(".*.tmp"))
    assert interrupted >= KILLS // 2
    assert digests(FeatureStore(out)) == fresh(audio, out)


def killed_before(step, monkeypatch, call):
    """Call a function in a child that ends before one of its steps on the disk; return its exit code."""
    child = os.fork()
    if child == 0:
        left = step

        def counted(real):
            def run(*arguments, **options):
                nonlocal left
                if left == 0:
                    os._exit(9)
                left -= 1
                return real(*arguments, **options)

            return run

        for name in ("fsync", "replace", "unlink"):
            monkeypatch.setattr(os, name, counted(getattr(os, name)))
        try:
            call()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.slow
def test_killed_at_each_step(audio, tmp_path, monkeypatch):
    """While a shard takes the place of another, the checksums of both stand beside it."""
    extract(audio, plan(), tmp_path / "first", shard_files=6)
    change(audio / "speaker0" / "000.wav")
    before, expected = digests(FeatureStore(tmp_path / "first")), fresh(audio, tmp_path / "first")
    out = tmp_path / "out"
    for step in range(100):
        shutil.copytree(tmp_path / "first", out)
        options = {"shard_files": 6, "refresh": True, "num_threads": 1}
        code = killed_before(
            step, monkeypatch, lambda options=options: extract(audio, plan(), out, **options)
        )
        if code == 0:
            break
        assert code == 9
        assert verify(out) == []
        after = digests(FeatureStore(out))
        assert before.keys() - after.keys() <= {"speaker0/000"}
        extract(audio, plan(), out, shard_files=6, refresh=True)
        assert digests(FeatureStore(out)) == expected
        assert verify(out) == []
        shutil.rmtree(out)
    assert 15 < step < 99


def test_case_5_3_stored_rows_keep_their_ids_when_a_second_suffix_comes(audio, out):
    path = audio / "speaker0" / "000.wav"
    extract(audio, plan(), out, on_duplicate="suffix")
    soundfile.write(path.with_suffix(".flac"), noise(7), RATE)
    report = extract(audio, plan(), out, on_duplicate="suffix")
    assert counts(report) == (0, 0, 0, 2, 11)
    ids = {name for name in FeatureStore(out).ids if name.startswith("speaker0/000")}
    assert ids == {"speaker0/000", "speaker0/000.wav", "speaker0/000.flac"}
    assert counts(extract(audio, plan(), out, refresh=True, on_duplicate="suffix")) == (0, 0, 0, 0, 13)
    # The id without a suffix is that of the file which is left.
    path.unlink()
    report = extract(audio, plan(), out, refresh=True, on_duplicate="suffix")
    assert counts(report) == (1, 1, 0, 1, 11)
    assert set(FeatureStore(out).ids) == {item.id for item in find_inputs(audio)} | {"speaker0/000.flac"}
