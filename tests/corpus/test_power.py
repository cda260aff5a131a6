"""What is waited for before a file gets its name: a power cut loses names, never what is behind one."""

import errno
import os
import stat
import time

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, extract_part, verify

from ..support.corpora import noise, plan, put


def names_and_waits(monkeypatch):
    """What happens on the disk from now on, in order: (``"sync"`` or ``"name"``, what it is about)."""
    events, sync, replace = [], os.fsync, os.replace

    def state_of(status):
        return status.st_ino, status.st_size, status.st_mtime_ns

    def fsync(descriptor):
        status = os.fstat(descriptor)
        sync(descriptor)
        events.append(("sync", "folder" if stat.S_ISDIR(status.st_mode) else state_of(status)))

    def named(source, target):
        status = os.stat(source)
        replace(source, target)
        events.append(("name", os.path.basename(target), state_of(status)))

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", named)
    return events


@pytest.mark.parametrize("how", ["one thread", "threads", "a part", "refresh", "failures"])
def test_what_has_a_name_has_reached_the_disk(audio, out, monkeypatch, how):
    """A machine that loses power keeps names or loses them; content behind a name is whole."""
    if how == "refresh":
        extract(audio, plan(), out, shard_files=4)
        put(audio / "speaker0", "000.wav", noise(99))
    if how == "failures":
        (audio / "bad.wav").write_bytes(b"")
    events = names_and_waits(monkeypatch)
    if how == "a part":
        extract_part(audio, plan(), out)
    else:
        extract(
            audio,
            plan(),
            out,
            num_threads=3 if how == "threads" else 1,
            shard_files=4,
            refresh=how == "refresh",
        )
    names = [event[1] for event in events if event[0] == "name"]
    assert any(name.endswith(".arrow") for name in names)
    for i, event in enumerate(events):
        if event[0] == "name":
            assert ("sync", event[2]) in events[:i], event[1]
            if event[1].endswith(".arrow"):  # never without its checksum
                assert f"{event[1]}.crc32" in [earlier[1] for earlier in events[:i]]
    # When the call returns, the names have reached it, too.
    assert events[-1] == ("sync", "folder") or "sync" not in {event[0] for event in events}
    last = max(i for i, event in enumerate(events) if event[0] == "name")
    assert ("sync", "folder") in events[last:]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system cannot be told to begin")
def test_many_shards_wait_for_the_disk_together(audio, out, monkeypatch):
    """A disk that takes its time holds up the first shard; all others that are ready are begun at once."""
    real, begin, begun, most = os.fsync, os.posix_fadvise, [0], [0]

    def slow(descriptor):
        most[0] = max(most[0], begun[0])
        begun[0] = 0
        time.sleep(0.05)
        real(descriptor)

    def counted(*given):
        begun[0] += 1
        begin(*given)

    monkeypatch.setattr(os, "fsync", slow)
    monkeypatch.setattr(os, "posix_fadvise", counted)
    extract(audio, plan(), out, num_threads=1, shard_files=1)
    assert len(FeatureStore(out).shards) == 12
    assert most[0] > 4  # a shard and its checksum are two files
    assert verify(out) == []


def test_a_disk_that_fails_ends_the_run(audio, out, monkeypatch):
    def broken(descriptor):
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and broken.after <= 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        broken.after -= 1
        real(descriptor)

    real, broken.after = os.fsync, 3
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="finished shards are kept"):
        extract(audio, plan(), out, num_threads=1, shard_files=2)
    monkeypatch.setattr(os, "fsync", real)
    assert not list(out.glob(".part*"))
    extract(audio, plan(), out, num_threads=1, shard_files=2)
    assert len(FeatureStore(out)) == 12
    assert verify(out) == []
