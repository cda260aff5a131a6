"""Reading a store: at random, from threads and processes."""

import multiprocessing
import operator
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, verify

from ..support.corpora import digests, plan


def test_reading(audio, out):
    extract(audio, plan(), out, shard_files=5)
    store = FeatureStore(out)
    assert [store[i].id for i in range(12)] == store.ids
    assert store[-1].id == store.ids[-1]
    assert [record.id for record in store[2:5]] == store.ids[2:5]
    assert store.by_id("speaker1/004").path == str(audio / "speaker1" / "004.wav")
    assert "speaker1/004" in store
    assert "speaker9/004" not in store
    assert list(store.n_frames) == [record.n_frames for record in store]
    np.testing.assert_array_equal(store.durations, [record.duration for record in store])
    with pytest.raises(IndexError, match=r"record must be in 0\.\.11, got 12"):
        store[12]
    with pytest.raises(KeyError, match="no record with the id 'nobody' in "):
        store.by_id("nobody")
    assert store[np.int32(3)].id == store.ids[3]
    for wrong in ("speaker1/004", 1.0):
        with pytest.raises(TypeError, match=f"an index or a slice, got {type(wrong).__name__}; by_id"):
            store[wrong]
    assert "12 records" in repr(store)


def test_features_are_read_only_views_of_the_file(audio, out):
    extract(audio, plan(), out)
    features = FeatureStore(out)[3].features
    assert not features.flags.writeable
    assert not features.flags.owndata
    # Time-major on disk, so that some frames are one piece of the file.
    part = FeatureStore(out)[3].frames(5, 9)
    assert part.T.flags.c_contiguous
    np.testing.assert_array_equal(part, features[:, 5:9])


def test_records_outlive_their_store_and_its_mappings(audio, out, monkeypatch):
    from spectrograms.corpus.stores import store as module

    monkeypatch.setattr(module, "_MAX_MAPPED", 2)
    extract(audio, plan(), out, shard_files=1)
    store = FeatureStore(out)
    wanted = digests(store)
    kept = [store[i] for i in range(12)]
    assert digests(store) == digests(kept) == wanted
    del store
    assert digests(kept) == wanted


def test_a_pickled_store_is_its_path(audio, out):
    extract(audio, plan(), out)
    store = FeatureStore(out)
    store[0]
    data = pickle.dumps(store)
    assert len(data) < 1000
    assert digests(pickle.loads(data)) == digests(store)
    record = pickle.dumps(store[3])
    assert len(record) < store[3].features.nbytes + 5000
    assert digests([pickle.loads(record)]) == digests([store[3]])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_reading_in_other_processes(audio, out, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    extract(audio, plan(), out, shard_files=5)
    store = FeatureStore(out)
    store[0]
    with multiprocessing.get_context(method).Pool(1) as pool:
        records = pool.map(operator.itemgetter(*range(12)), [store])[0]
    assert digests(records) == digests(store)


def test_reading_from_several_threads(audio, out):
    extract(audio, plan(), out, shard_files=2)
    store, found = FeatureStore(out), []
    wanted = digests(FeatureStore(out))
    threads = [threading.Thread(target=lambda: found.append(digests(store))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4


@pytest.mark.slow
def test_reading_needs_no_fft():
    code = (
        "import sys; from spectrograms.corpus import FeatureStore, extract; "
        "print([name for name in ('pyfftw', 'soundfile', 'scipy', 'dask') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_empty_store(tmp_path, out):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.wav").write_bytes(b"no audio")
    extract(tmp_path / "in", plan(), out)
    store = FeatureStore(out)
    assert len(store) == len(store.n_frames) == store.stats.count == 0
    assert store.ids == list(store) == []
    assert verify(out) == []
    with pytest.raises(FileNotFoundError, match="no feature store"):
        FeatureStore(tmp_path / "in")
