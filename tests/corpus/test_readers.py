"""Stores in the hands of other libraries, and exports read back by the real ones."""

import json
import tarfile

import numpy as np
import pytest

import spectrograms as sg

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, export, extract  # noqa: E402
from spectrograms.corpus.exports.exporting import KINDS  # noqa: E402

from ..support.corpora import plan, recordings  # noqa: E402

ECOSYSTEM = "needs {0}: pip install {0}"


@pytest.fixture(scope="module", params=["float32", "float16", "int8"])
def store(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    extract(recordings(folder / "in"), plan(), folder / "store", dtype=request.param, shard_files=5)
    return FeatureStore(folder / "store")


def frames_of(cell):
    """The struct of one row as a matrix of frames by bins."""
    return np.asarray(cell["data"]).reshape(tuple(cell["shape"]))


def check(store, rows):
    """Rows of (id, struct) hold what the store holds."""
    rows = dict(rows)
    assert sorted(rows) == sorted(store.ids)
    for record in store:
        np.testing.assert_array_equal(frames_of(rows[record.id]), record.stored.T)


def test_pyarrow(store):
    import pyarrow.dataset

    table = pyarrow.dataset.dataset(store.shards, format="arrow").to_table()
    assert table.num_rows == 12
    check(store, zip(table["id"].to_pylist(), table["features"].to_pylist(), strict=True))
    # The struct is the storage of Arrow's own type for tensors of variable shape.
    kind = table.schema.field("features").type
    assert kind.field("shape").type == pa.list_(pa.int32(), 2)
    assert kind.field("data").type.value_type == pa.from_numpy_dtype(np.dtype(store.config["dtype"]))


@pytest.mark.slow
def test_polars(store):
    polars = pytest.importorskip("polars", reason=ECOSYSTEM.format("polars"))
    if store.dtype == np.float16 and not hasattr(polars, "Float16"):
        pytest.skip("this Polars has no float16")
    table = polars.concat(polars.read_ipc(shard) for shard in store.shards)
    check(store, zip(table["id"], table["features"], strict=True))
    assert table["n_frames"].sum() == store.n_frames.sum()


@pytest.mark.slow
def test_hugging_face_datasets(store, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason=ECOSYSTEM.format("datasets"))
    datasets.disable_progress_bars()
    table = datasets.load_dataset(
        "arrow", data_files=store.shards, split="train", cache_dir=str(tmp_path / "cache")
    )
    check(store, ((row["id"], row["features"]) for row in table))


@pytest.mark.parametrize("store", ["int8"], indirect=True)
def test_levels_of_others(store):
    """What the guide says of pandas."""
    pandas = pytest.importorskip("pandas", reason=ECOSYSTEM.format("pandas"))
    table = pandas.concat(pandas.read_feather(shard) for shard in store.shards).set_index("id")
    for record in store:
        row = table.loc[record.id]
        values = frames_of(row["features"]) * row["features_scale"] + row["features_offset"]
        np.testing.assert_array_equal(values, record.features.T)


def test_npz(store, tmp_path):
    assert export(store, "npz", tmp_path / "out.npz") == 12
    with np.load(tmp_path / "out.npz") as archive:
        assert sorted(archive.files) == sorted(store.ids)
        for record in store:
            assert archive[record.id].dtype == store.dtype
            np.testing.assert_array_equal(archive[record.id], record.features)
    export(store.path, "npz", tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "out.npz").read_bytes()


@pytest.mark.parametrize("kind", ["npz", "npy", "parquet", "kaldi", "webdataset"])
def test_an_export_that_cannot_be_written_is_named(store, tmp_path, kind):
    out = tmp_path / ("x" * 256)
    with pytest.raises(OSError, match="name too long") as caught:
        export(store, kind, out)
    assert (caught.value.filename, caught.value.filename2) == (str(out), None)


def test_npy(store, tmp_path):
    export(store, "npy", tmp_path / "out")
    assert len(list((tmp_path / "out").rglob("*.npy"))) == 12
    for record in store:
        np.testing.assert_array_equal(np.load(tmp_path / "out" / f"{record.id}.npy"), record.features)


def test_parquet(store, tmp_path):
    import pyarrow.parquet

    export(store, "parquet", tmp_path / "out")
    table = pyarrow.parquet.read_table(tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == len(store.shards)
    check(store, zip(table["id"].to_pylist(), table["features"].to_pylist(), strict=True))


@pytest.mark.slow
def test_zarr(store, tmp_path):
    zarr = pytest.importorskip("zarr", reason=ECOSYSTEM.format("zarr"))
    export(store, "zarr", tmp_path / "out")
    root = zarr.open_group(str(tmp_path / "out"), mode="r")
    for record in store:
        group = root[record.id]
        np.testing.assert_array_equal(group["features"][:], record.features)
        np.testing.assert_array_equal(group["time"][:], record.times)
        np.testing.assert_array_equal(group["frequency"][:], plan().frequencies)
        assert group["features"].metadata.dimension_names == ("frequency", "time")


def test_kaldi(store, tmp_path):
    export(store, "kaldi", tmp_path / "out")
    rows = dict(line.split(" ", 1) for line in (tmp_path / "out" / "feats.scp").read_text().splitlines())
    assert list(rows) == store.ids
    ark = (tmp_path / "out" / "feats.ark").read_bytes()
    for record in store:
        # By Kaldi's definition: \0B, the kind, and the number of rows and columns after the size of each.
        at = int(rows[record.id].rpartition(":")[2])
        assert ark[at : at + 5] == b"\0BFM "
        header = np.frombuffer(ark, [("s", "i1"), ("n", "<i4")], 2, at + 5)
        assert header["s"].tolist() == [4, 4]
        values = np.frombuffer(ark, "<f4", header["n"].prod(), at + 15).reshape(header["n"])
        np.testing.assert_array_equal(values, record.features.T.astype("float32"))


def test_kaldiio(store, tmp_path, monkeypatch):
    kaldiio = pytest.importorskip("kaldiio", reason=ECOSYSTEM.format("kaldiio"))
    export(store, "kaldi", tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    matrices = kaldiio.load_scp("feats.scp")
    for record in store:
        np.testing.assert_array_equal(matrices[record.id], record.features.T.astype("float32"))


def test_webdataset(store, tmp_path):
    export(store, "webdataset", tmp_path / "out")
    found = {}
    for path in (tmp_path / "out").iterdir():
        with tarfile.open(path) as archive:
            for entry in archive:
                key, _, kind = entry.name.partition(".")
                found.setdefault(key, {})[kind] = archive.extractfile(entry).read()
    for record in store:
        sample = found.pop(record.id)
        assert sorted(sample) == ["json", "npy"]
        version = sample["npy"][:128]
        assert version.startswith(b"\x93NUMPY")
        values = np.frombuffer(sample["npy"][-record.features.nbytes :], store.dtype)
        np.testing.assert_array_equal(values.reshape(record.features.shape), record.features)
        assert json.loads(sample["json"])["n_frames"] == record.n_frames
    assert found == {}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_of_an_export_that_fails(tmp_path, kind, monkeypatch):
    if kind == "zarr":
        pytest.importorskip("zarr", reason=ECOSYSTEM.format("zarr"))
    extract(recordings(tmp_path / "in", 3), plan(), tmp_path / "store")
    store = FeatureStore(tmp_path / "store")

    def broken(*args):
        raise OSError("no more")

    monkeypatch.setattr("spectrograms.corpus.stores.store.FeatureRecord.__init__", broken)
    monkeypatch.setattr("spectrograms.corpus.exports.exporting.open_shard", broken)
    with pytest.raises(OSError, match="no more"):
        export(store, kind, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "store"]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("../x", "npy", "cannot be a file name"),
        ("/x", "webdataset", "cannot be a file name"),
        ("a b", "kaldi", "white space"),
        ("x", "mp3", "kind must be one of npz, npy"),
    ],
)
def test_ids_that_do_not_fit(tmp_path, name, kind, message):
    [path] = recordings(tmp_path / "in", 1).rglob("*.wav")
    extract({"id": name, "path": path}, plan(), tmp_path / "store")
    with pytest.raises(sg.InvalidInputError, match=message):
        export(tmp_path / "store", kind, tmp_path / "deep" / "out")
    assert not (tmp_path / "x.npy").exists()
