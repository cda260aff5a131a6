"""Stores written to an object store: the same as on a disk, resumed, refreshed, shared and left alone."""

import json
import re
import threading
import warnings

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
pytest.importorskip("moto", reason="needs moto: pip install 'moto[s3]' flask flask-cors")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, extract_part, find_inputs, finish, verify
from spectrograms.corpus.run import leases
from spectrograms.places.urls import Url

from ..support.command import run
from ..support.corpora import change, digests, plan
from ..support.objects import bucket, server  # noqa: F401


def same(url, wanted):
    """Whether a store far away holds what one here does, in the same order."""
    found, near = FeatureStore(url), FeatureStore(wanted)
    assert found.ids == near.ids
    assert digests(found) == digests(near)
    assert found.errors == near.errors
    assert found.stats.to_dict() == near.stats.to_dict()
    assert found.description["totals"] == near.description["totals"]
    assert verify(url) == []


@pytest.mark.parametrize(
    "options", [{"num_threads": 1}, {"num_threads": 3}, {"workers": 2}, {"dtype": "int8"}], ids=str
)
def test_a_store_is_the_one_on_a_disk(bucket, damaged, tmp_path, options):  # noqa: F811
    url = bucket.url("features")
    wanted = extract(damaged, plan(), tmp_path / "near", shard_files=4, num_threads=1, **_kept(options))
    report = extract(damaged, plan(), url, shard_files=4, **options)
    assert (report.n_done, report.n_failed) == (wanted.n_done, wanted.n_failed)
    same(url, tmp_path / "near")
    keys = bucket.keys("features/")
    kinds = {
        re.sub("[0-9a-f]{16}", "*", re.sub("part-[0-9]{6}", "part-N", key.partition("/")[2])) for key in keys
    }
    assert kinds == {
        "manifest.json",
        "manifest-*.json",
        "stats.json",
        "errors.jsonl",
        "part-N.*-*.arrow",
        "part-N.*-*.arrow.crc32",
    }
    again = extract(damaged, plan(), url, shard_files=4, **options)
    assert (again.n_skipped, again.n_failed_before, again.n_done) == (wanted.n_done, wanted.n_failed, 0)
    assert bucket.keys("features/") == keys
    assert bucket.uploads() == []


def _kept(options):
    return {name: value for name, value in options.items() if name == "dtype"}


def test_a_copy_is_a_store_here_and_there(bucket, audio, tmp_path):  # noqa: F811
    extract(audio, plan(), bucket.url("one"), shard_files=4)
    extract(audio, plan(), tmp_path / "near", shard_files=4)
    (tmp_path / "copy").mkdir()
    for name, content in bucket.content("one").items():
        (tmp_path / "copy" / name).write_bytes(content)
    assert digests(FeatureStore(tmp_path / "copy")) == digests(FeatureStore(tmp_path / "near"))
    assert verify(tmp_path / "copy") == []
    bucket.fill(tmp_path / "near", "two")
    report = extract(audio, plan(), bucket.url("two"), shard_files=4)
    assert (report.n_skipped, report.n_done) == (12, 0)
    same(bucket.url("two"), tmp_path / "near")


def test_inputs_and_store_far_away(bucket, audio, tmp_path, capsys, config):  # noqa: F811
    bucket.fill(audio, "audio")
    argv = ("extract", bucket.url("audio"), "--config", config, "-o", bucket.url("out"), "--workers", "2")
    assert run(*argv, "--shard-files", "4", "--json") == 0
    assert json.loads(capsys.readouterr().out)["out"] == "s3://bucket/out"
    assert len(FeatureStore(bucket.url("out"))) == 12
    assert verify(bucket.url("out")) == []


def test_settings_overwriting_and_refusals(bucket, audio):  # noqa: F811
    url = bucket.url("features")
    bucket.put("features/mine.txt", b"mine")
    extract(audio, plan(), url)
    with pytest.raises(sg.InvalidInputError, match=r"s3://bucket/features holds features of another config"):
        extract(audio, plan(), url, dtype="float16")
    extract(audio / "speaker0", plan(), url, dtype="float16", overwrite=True)
    assert len(FeatureStore(url)) == 4
    assert len([key for key in bucket.keys("features/") if key.endswith(".arrow")]) == 1
    assert bucket.get("features/mine.txt") == b"mine"


def test_refresh(bucket, audio, tmp_path):  # noqa: F811
    url = bucket.url("features")
    extract(audio, plan(), url, shard_files=4)
    change(audio / "speaker0" / "000.wav")
    (audio / "speaker1" / "001.wav").unlink()
    assert extract(audio, plan(), url, shard_files=4).n_stale == 2
    report = extract(audio, plan(), url, shard_files=4, refresh=True)
    assert (report.n_changed, report.n_gone, report.n_done) == (1, 1, 1)
    extract(audio, plan(), tmp_path / "near")
    assert digests(FeatureStore(url)) == digests(FeatureStore(tmp_path / "near"))
    assert verify(url) == []


def test_parts_of_other_engines(bucket, audio, tmp_path):  # noqa: F811
    items = find_inputs(audio)
    for folder in (tmp_path / "near", bucket.url("parts")):
        for k in range(3):
            for _ in range(2):
                report = extract_part(items[4 * k : 4 * k + 4], plan(), folder, index=k)
                assert (report.n_done, report.rows) == (4, 4)
        assert finish(folder)["rows"] == 12
    same(bucket.url("parts"), tmp_path / "near")
    assert len([key for key in bucket.keys("parts/") if key.endswith(".arrow")]) == 3


def test_job_arrays(bucket, audio, tmp_path):  # noqa: F811
    for folder in (tmp_path / "near", bucket.url("jobs")):
        for k in range(2):
            extract(audio, plan(), folder, shard_index=k, num_shards=2, shard_files=4)
    same(bucket.url("jobs"), tmp_path / "near")


def test_a_second_run_is_refused(bucket, audio, monkeypatch):  # noqa: F811
    url, begun, go_on = bucket.url("features"), threading.Event(), threading.Event()

    def wait(report):
        begun.set()
        assert go_on.wait(30)

    first = threading.Thread(target=extract, args=(audio, plan(), url), kwargs={"progress": wait})
    first.start()
    assert begun.wait(30)
    for options in ({}, {"shard_index": 0, "num_shards": 2}):
        with pytest.raises(sg.InvalidInputError, match="another run is writing to s3://bucket/features"):
            extract(audio, plan(), url, **options)
    go_on.set()
    first.join()
    assert extract(audio, plan(), url).n_skipped == 12
    assert not [key for key in bucket.keys("features/") if "lease" in key]


@pytest.mark.parametrize("there", [{"host": "elsewhere", "process": 1, "begun": "x"}, "nonsense"])
def test_leases_end(bucket, audio, monkeypatch, there):  # noqa: F811
    url = bucket.url("features")
    bucket.put("features/.lease", json.dumps(there).encode())
    if there != "nonsense":
        with pytest.raises(sg.InvalidInputError, match="another run is writing"):
            extract(audio, plan(), url)
        monkeypatch.setattr(leases, "_LIFE", -1.0)
    assert extract(audio, plan(), url).n_done == 12


def test_a_lease_that_another_took_stays_theirs(bucket):  # noqa: F811
    with leases.leased(Url(bucket.url("features")), "") as lease:
        assert lease.excludes
        bucket.put("features/.lease", b"theirs")
    assert "features/.lease" in bucket.keys("features/")
    bucket.put("features/.lease", b"nonsense")  # which is over
    with leases.leased(Url(bucket.url("features")), ""):
        pass
    assert "features/.lease" not in bucket.keys("features/")


def test_two_writers_without_conditions(bucket, audio, tmp_path, monkeypatch):  # noqa: F811
    """Both do the same work at once; the store has every input once."""
    monkeypatch.setattr(leases.Control, "of", lambda url: None)
    url, meeting, reports = bucket.url("features"), threading.Barrier(2, timeout=30), []

    def write():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seen = []

            def wait(report):
                if not seen:
                    seen.append(meeting.wait())

            reports.append(extract(audio, plan(), url, shard_files=4, progress=wait, num_threads=1))

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [report.n_done for report in reports] == [12, 12]
    extract(audio, plan(), tmp_path / "near", shard_files=4)
    finish(url)
    same(url, tmp_path / "near")
    assert len([key for key in bucket.keys("features/") if key.endswith(".arrow")]) == 6


def test_a_lease_warns_without_conditions(bucket, audio, monkeypatch):  # noqa: F811
    monkeypatch.setattr(leases.Control, "of", lambda url: None)
    bucket.put("features/.lease", b'{"host": "elsewhere", "process": 1, "begun": "x"}')
    with pytest.warns(UserWarning, match="another run may be writing to s3://bucket/features: both are safe"):
        extract(audio, plan(), bucket.url("features"))
    extract(audio, plan(), bucket.url("features"))


def test_what_killed_runs_leave_is_removed(bucket, audio):  # noqa: F811
    url = bucket.url("features")
    extract(audio, plan(), url)
    name = "part-000000.0123456789abcdef-0123456789abcdef.arrow"
    bucket.put(f"features/{name}", b"of nobody")
    bucket.client.create_multipart_upload(Bucket="bucket", Key=f"features/{name}")
    bucket.client.create_multipart_upload(Bucket="bucket", Key="features/of others")
    assert len(FeatureStore(url)) == 12
    extract(audio, plan(), url)
    assert f"features/{name}" not in bucket.keys("features/")
    assert bucket.uploads() == ["features/of others"]
