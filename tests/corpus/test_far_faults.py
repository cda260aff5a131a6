"""Object stores over bad networks, and runs that are killed: nothing is lost, and nothing half is seen."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
pytest.importorskip("moto", reason="needs moto: pip install 'moto[s3]' flask flask-cors")

from spectrograms.corpus import FeatureStore, extract, verify
from spectrograms.corpus.stores.members import plain_name
from spectrograms.corpus.stores.writing import StoreError
from spectrograms.places import remote

from ..support.corpora import digests, plan, recordings
from ..support.faulty import faulty
from ..support.objects import bucket, server  # noqa: F401

FAULTS = {
    "busy": {"busy": 0.1},
    "reset": {"reset": 0.1},
    "lost": {"lost": 0.1},
    "half": {"half": 0.1},
    "cut": {"cut": 0.1},
    "slow": {"slow": 0.2},
    "all": {"busy": 0.03, "reset": 0.03, "lost": 0.03, "half": 0.03, "cut": 0.03, "slow": 0.03},
}


@pytest.fixture(scope="module")
def audio(tmp_path_factory):
    return recordings(tmp_path_factory.mktemp("faults") / "audio", 24)


@pytest.fixture(scope="module")
def wanted(audio):
    """What there is without a network."""
    extract(audio, plan(), audio.with_name("near"), shard_files=4)
    return audio.with_name("near")


def where(rows):
    """The content of a store, but for the places of the sounds."""
    return {name: (row[:2], row[3:]) for name, row in rows.items()}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_bad_networks(bucket, audio, wanted, kind):  # noqa: F811
    bucket.fill(audio, "audio")
    with faulty(bucket.address, 1, **FAULTS[kind]) as proxy:
        far = bucket.through(proxy.address)
        report = extract(far.url("audio"), plan(), far.url("features"), shard_files=4)
        assert (report.n_done, report.n_failed) == (24, 0)
        through = where(digests(FeatureStore(far.url("features"))))
        assert verify(far.url("features")) == []
        assert set(proxy.become()) <= set(FAULTS[kind])
        assert proxy.become()
    assert (
        through
        == where(digests(FeatureStore(bucket.url("features"))))
        == where(digests(FeatureStore(wanted)))
    )
    assert FeatureStore(bucket.url("features")).ids == FeatureStore(wanted).ids
    assert verify(bucket.url("features")) == []


def test_a_network_that_goes_and_comes_back(bucket, audio, wanted, monkeypatch):  # noqa: F811
    monkeypatch.setattr(remote, "PAUSES", (0.0,))
    done = []

    def cut(report):
        done.append(report.n_done)
        if report.n_done == 9:
            proxy.become(reset=1.0)

    with faulty(bucket.address) as proxy:
        far = bucket.through(proxy.address)
        with pytest.raises(
            StoreError, match=r"cannot write to s3://bucket/features: .*finished shards are kept"
        ):
            extract(audio, plan(), far.url("features"), shard_files=4, num_threads=1, progress=cut)
        proxy.become()
        report = extract(audio, plan(), far.url("features"), shard_files=4)
    assert report.n_done + report.n_skipped == 24
    assert digests(FeatureStore(bucket.url("features"))) == digests(FeatureStore(wanted))
    assert verify(bucket.url("features")) == []


@pytest.mark.slow
def test_large_shards_arrive_whole(bucket, tmp_path):  # noqa: F811
    """Uploads of several parts, some of which fail."""
    folder = recordings(tmp_path / "audio", 4, 200.0)
    extract(folder, plan("float64"), tmp_path / "near")
    [shard] = (tmp_path / "near").glob("*.arrow")
    assert shard.stat().st_size > 12 << 20
    with faulty(bucket.address, 3, half=0.03, lost=0.03, busy=0.03) as proxy:
        far = bucket.through(proxy.address)
        extract(folder, plan("float64"), far.url("features"))
        assert proxy.become()
    content = bucket.content("features")
    assert [content[name] for name in content if name.endswith(".arrow")] == [shard.read_bytes()]
    extract(folder, plan("float64"), bucket.url("features"))
    assert bucket.uploads() == []


def kill_and_resume(bucket, audio, wanted, kills, **options):  # noqa: F811
    """Kill runs at random moments, and go on."""
    moments = random.Random(20261130)
    code = (
        "import json, sys\n"
        "from spectrograms.corpus import extract\n"
        "config, options = open(sys.argv[2]).read(), json.loads(sys.argv[4])\n"
        "extract(sys.argv[1], config, sys.argv[3], shard_files=2, **options)\n"
    )
    (audio.parent / "plan.json").write_text(plan().to_json())
    url, interrupted = bucket.url("features"), 0
    command = [sys.executable, "-P", "-c", code, audio, audio.parent / "plan.json", url, json.dumps(options)]
    command = list(map(os.fspath, command))
    for _ in range(kills):
        child = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        # The lease says that it is at work.
        while child.poll() is None and "features/.lease" not in bucket.keys("features/.lease"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.4))
        os.killpg(child.pid, signal.SIGKILL)
        interrupted += child.wait() == -signal.SIGKILL
        if verify_what_is_there(bucket) == 24:
            bucket.empty()
    report = extract(audio, plan(), url, shard_files=2, **options)
    assert report.n_skipped + report.n_done == 24
    found, near = FeatureStore(url), FeatureStore(wanted)
    assert (found.ids, digests(found)) == (near.ids, digests(near))
    assert verify(url) == []
    shards = {plain_name(os.path.basename(shard)) for shard in found.shards}
    assert (
        len(shards)
        == len(found.shards)
        == len([key for key in bucket.keys("features/") if key.endswith(".arrow")])
    )
    return interrupted


def verify_what_is_there(bucket):  # noqa: F811
    """How many records a store has, all of them whole."""
    try:
        store = FeatureStore(bucket.url("features"))
    except FileNotFoundError:
        return 0
    assert verify(bucket.url("features")) == []
    return len(store)


@pytest.mark.skipif(os.name == "nt", reason="processes are killed by signals")
def test_killed_and_resumed(bucket, audio, wanted):  # noqa: F811
    assert kill_and_resume(bucket, audio, wanted, 2, num_threads=1) >= 1


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="processes are killed by signals")
@pytest.mark.parametrize("options", [{"num_threads": 2}, {"workers": 2}], ids=str)
def test_killed_twenty_times(bucket, audio, wanted, options):  # noqa: F811
    assert kill_and_resume(bucket, audio, wanted, 20, **options) >= 10
