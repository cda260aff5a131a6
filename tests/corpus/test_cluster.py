"""Extraction on a real Dask cluster: a scheduler and two worker processes on this machine."""

import os
import signal
import threading
import time
from contextlib import contextmanager

import pytest

import spectrograms as sg

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms._common.fingerprint import canonical_json
from spectrograms.cli import main
from spectrograms.corpus import FeatureStore, extract, find_inputs, verify
from spectrograms.corpus.stores.settings import Settings

from ..support.corpora import digests, noise, plan, put, recordings, shard_bytes

# Threads and sockets of a cluster that is closing; none of them is ours.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def dask():
    """The library, which takes a second to import and is not needed to collect tests."""
    return pytest.importorskip("distributed", reason="needs Dask: pip install dask distributed")


@contextmanager
def workers(count, threads):
    """A client of `count` worker processes of `threads` threads each."""
    distributed = dask()
    with (
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=threads,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def cluster():
    with workers(2, 1) as client:
        yield client


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    folder = recordings(tmp_path_factory.mktemp("cluster") / "audio", 240, 1.0)
    (folder / "bad.wav").write_bytes(b"no audio")
    return folder


@pytest.fixture(scope="module")
def alone(audio):
    """The store of a run on this machine."""
    out = audio.with_name("alone")
    extract(audio, plan(), out, shard_files=8)
    return out


def worker_pids(client):
    return set(client.run(os.getpid).values())


def test_the_same_shards_as_alone(cluster, audio, alone, tmp_path):
    out = tmp_path / "store"
    seen = []
    progress = lambda report: seen.append(report.n_finished)  # noqa: E731
    report = extract(audio, plan(), out, shard_files=8, client=cluster, progress=progress)
    assert (report.n_inputs, report.n_done, report.n_failed) == (241, 240, 1)
    assert seen == sorted(seen)
    assert seen[-1] == 241
    assert shard_bytes(out) == shard_bytes(alone)
    for name in ("stats.json", "errors.jsonl", "manifest.json"):
        assert (out / name).read_bytes() == (alone / name).read_bytes()
    assert sorted(path.name for path in out.glob("errors*")) == ["errors.jsonl"]
    assert verify(out) == []
    again = extract(audio, plan(), out, shard_files=8, client=cluster)
    assert (again.n_skipped, again.n_done, again.n_failed_before) == (240, 0, 1)


def test_plans_are_built_once_in_each_process(audio, tmp_path):
    def count():
        from spectrograms.corpus.stores import settings

        make, settings.made = settings.Settings.make, []
        settings.Settings.make = lambda *given: settings.made.append(0) or make(*given)

    def counted():
        from spectrograms.corpus.stores import settings

        return len(settings.made)

    with workers(1, 4) as client:
        client.run(count)
        extract(audio, plan(), tmp_path / "store", shard_files=8, client=client)
        assert list(client.run(counted).values()) == [1]


def test_a_worker_that_is_killed(cluster, audio, alone, tmp_path):
    out = tmp_path / "store"
    before = worker_pids(cluster)
    victim = min(before)

    def kill():
        while len(list(out.glob("part-*.arrow"))) < 3:
            time.sleep(0.005)
        os.kill(victim, signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    report = extract(audio, plan(), out, shard_files=8, client=cluster)
    killer.join(timeout=60)
    cluster.wait_for_workers(2, timeout=60)
    assert victim not in worker_pids(cluster)
    assert report.n_done == 240
    assert digests(FeatureStore(out)) == digests(FeatureStore(alone))
    assert shard_bytes(out) == shard_bytes(alone)
    assert not list(out.glob(".*.tmp"))
    assert verify(out) == []


def test_a_store_that_cannot_be_written_ends_the_run(cluster, audio, tmp_path, monkeypatch):
    from spectrograms.corpus.run import cluster as module

    # The workers find a file where their folder should be.
    (tmp_path / "file").write_text("")
    real = module._task
    monkeypatch.setattr(
        module, "_task", lambda *args: real(*args[:2], str(tmp_path / "file" / "store"), *args[3:])
    )
    with pytest.raises(OSError, match="cannot write to"):
        extract(audio, plan(), tmp_path / "store", shard_files=8, client=cluster)
    assert len(FeatureStore(tmp_path / "store")) == 0


def test_strict(cluster, audio, tmp_path):
    with pytest.raises(sg.InvalidInputError, match=r"bad\.wav' failed"):
        extract(audio, plan(), tmp_path / "store", shard_files=8, client=cluster, strict=True)
    assert verify(tmp_path / "store") == []
    report = extract(audio, plan(), tmp_path / "store", shard_files=8, client=cluster)
    assert report.n_skipped + report.n_done == 240


@pytest.mark.parametrize("over", [False, True])
def test_no_part_is_begun_once_the_run_is_over(cluster, audio, tmp_path, over):
    from spectrograms.corpus.run import cluster as module

    ended = dask().Event(f"over {over}", client=cluster)
    if over:
        ended.set()
    items = [tuple(item) for item in find_inputs(audio)[1:3]]
    config = canonical_json(Settings.make(plan(), None, "mix", None).config)
    what = (("000000", items, [0, 0], {}), config, os.fspath(tmp_path / "store"), ended.name)
    report = cluster.submit(module._task, *what, pure=False).result(timeout=60)
    assert (report is None) == over
    assert len(list(tmp_path.rglob("*.arrow"))) == (0 if over else 1)


def test_the_command_line(cluster, audio, alone, tmp_path, capsys):
    out = tmp_path / "store"
    (tmp_path / "plan.json").write_text(plan().to_json())
    argv = ["extract", audio, "--config", tmp_path / "plan.json", "-o", out, "--shard-files", "8"]
    address = cluster.scheduler.address
    assert main([*map(os.fspath, argv), "--scheduler", address]) == 3
    assert "240 stored" in capsys.readouterr().err
    assert shard_bytes(out) == shard_bytes(alone)


def test_threads_of_a_worker_share_a_long_file(tmp_path):
    path = put(tmp_path / "in", "a.wav", noise(0, 300.0))
    extract(path, plan(), tmp_path / "alone", segment=7.0, num_threads=1)
    with workers(1, 2) as client:
        extract(path, plan(), tmp_path / "store", segment=7.0, client=client)
    assert shard_bytes(tmp_path / "store") == shard_bytes(tmp_path / "alone")
