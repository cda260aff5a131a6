"""Stores where files in use stay as they are, and locks are ranges of bytes: as on Windows, acted out."""

import threading

import pytest

import spectrograms as sg

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms._common import files
from spectrograms.corpus import FeatureStore, extract, verify
from spectrograms.corpus.run import guard, locks

from ..support.corpora import digests, noise, plan, put
from ..support.windows import msvcrt, refuse_what_is_in_use


@pytest.fixture
def refused(monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", msvcrt)
    monkeypatch.setattr(files, "REPLACEABLE", False)
    monkeypatch.setattr(files, "_PAUSES", (0.0, 0.0))
    return refuse_what_is_in_use(monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
def test_no_run_stands_in_its_own_way(audio, out, refused, threads):
    options = {"num_threads": threads, "shard_files": 4}
    extract(audio, plan(), out, **options)
    for name in ("000.wav", "003.wav"):
        put(audio / "speaker0", name, noise(99))
    for path in (audio / "speaker1").iterdir():
        path.unlink()
    report = extract(audio, plan(), out, refresh=True, **options)
    assert (report.n_changed, report.n_gone) == (2, 4)
    before = digests(FeatureStore(out))
    assert verify(out) == []
    extract(audio, plan(), out, overwrite=True, **options)
    assert digests(FeatureStore(out)) == before


@pytest.mark.slow
def test_the_last_row_of_a_shard_may_go(audio, out, refused):
    extract(audio, plan(), out, num_threads=1, shard_files=1)
    for path in (audio / "speaker1").iterdir():
        path.unlink()
    assert extract(audio, plan(), out, refresh=True, num_threads=1).n_gone == 4
    assert len(FeatureStore(out)) == 8
    assert refused == []


@pytest.mark.slow
def test_a_shard_that_a_reader_has_open_is_named(audio, out, refused):
    extract(audio, plan(), out, num_threads=1)
    store = FeatureStore(out)
    assert store[0].features.size
    put(audio / "speaker0", "000.wav", noise(99))
    with pytest.raises(OSError, match="close the programs that have its files open"):
        extract(audio, plan(), out, refresh=True, num_threads=1)
    assert refused == 3 * [store.shards[0].rpartition("/")[2]]
    del store
    assert extract(audio, plan(), out, refresh=True, num_threads=1).n_changed == 1


@pytest.mark.slow
def test_runs_refuse_each_other_by_ranges(audio, out, refused):
    seen = []

    def during(report):
        if seen:
            return
        seen.append(report.n_done)
        for job in ({}, {"shard_index": 0, "num_shards": 3}):
            with pytest.raises(sg.InvalidInputError, match="another run is writing to"):
                extract(audio, plan(), out, **job)

    extract(audio / "speaker0", plan(), out, progress=during)
    assert seen
    seen.clear()

    def during_a_job(report):
        if not seen:
            during(report)
            assert extract(audio, plan(), out, shard_index=1, num_shards=3).n_done

    extract(audio, plan(), out, shard_index=0, num_shards=3, progress=during_a_job)
    assert seen
    # What has ended holds nothing.
    extract(audio, plan(), out)
    assert len(FeatureStore(out)) == 16


def test_jobs_have_bytes_of_their_own(refused):
    pairs = [
        (claim.first, claim.n_bytes)
        for n in range(1, 60)
        for i in range(n)
        for claim in locks.claims(f"{i}of{n}")
    ]
    assert len({first for first, _ in pairs}) == len(pairs)
    (whole,) = locks.claims("")
    end = whole.first + whole.n_bytes
    assert all(whole.first <= first and first + count <= end for first, count in pairs)


def test_a_lock_is_waited_for(tmp_path, refused, monkeypatch):
    monkeypatch.setattr(locks, "_PAUSE", 0.001)
    inside, order = threading.Event(), []

    def second():
        inside.wait()
        with guard.exclusive(str(tmp_path), ".lock-refresh"):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with guard.exclusive(str(tmp_path), ".lock-refresh"):
        inside.set()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_nothing_is_locked_where_there_are_no_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    monkeypatch.setattr(locks, "msvcrt", None)
    with guard.locked(str(tmp_path), ""), guard.locked(str(tmp_path), "0of1"):
        pass
