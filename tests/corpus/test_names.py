"""Names in exports: each id its own, none outside, whatever the kind; all looked at before one is written."""

import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

import spectrograms as sg

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, export, extract  # noqa: E402
from spectrograms.corpus.exports import names as naming  # noqa: E402
from spectrograms.corpus.exports.exporting import KINDS  # noqa: E402

from ..support.corpora import plan, recordings  # noqa: E402
from ..support.damaged_store import rewritten, shard_of, with_column  # noqa: E402

PATHS = ("npz", "npy", "zarr", "webdataset")


def needs(kind):
    if kind == "zarr":
        pytest.importorskip("zarr", reason="needs zarr: pip install zarr")


@pytest.fixture
def store_of(tmp_path):
    """A store of records with these ids."""
    [path] = recordings(tmp_path / "in", 1).rglob("*.wav")

    def make(*ids):
        items = [{"id": i, "path": path, "duration": 0.1 + 0.01 * i} for i in range(len(ids))]
        extract(items, plan(), tmp_path / "store", overwrite=True)
        # Ids that inputs may not have stand in stores of others.
        shard = shard_of(tmp_path / "store")
        rewritten(shard, lambda batch: with_column(batch, "id", pa.array(ids)))
        assert FeatureStore(tmp_path / "store").ids == list(ids)
        return FeatureStore(tmp_path / "store")

    return make


def refused(store, kind, tmp_path):
    """The words of an export that is refused, and leaves nothing."""
    out = tmp_path / "deep" / "out"
    with pytest.raises(sg.InvalidInputError) as caught:
        export(store, kind, out)
    assert list(out.parent.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "in", "store"]
    return str(caught.value)


SAME = [("spk/x", "spk//x"), ("x", "./x"), ("x", "x/"), ("a/./b", "a/b"), ("a//./b", "a/b/.")]


@pytest.mark.slow
@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("pair", SAME, ids=map(" ".join, SAME))
def test_case_5_8_two_ids_of_one_name(store_of, tmp_path, pair, kind):
    needs(kind)
    message = refused(store_of(*pair), kind, tmp_path)
    assert repr(pair[0]) in message
    assert repr(pair[1]) in message


OUTSIDE = [
    "../../evil",
    "..",
    "/evil",
    "//evil",
    "a/../../evil",
    "a\\..\\evil",
    "evil\0.npy",
    "C:evil",
    "c:/evil",
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("name", [*OUTSIDE, ".", "./", "/"], ids=ascii)
def test_case_5_8_no_name_outside_and_none_cut(store_of, tmp_path, name, kind):
    needs(kind)
    message = refused(store_of("good", name), kind, tmp_path)
    assert message.startswith(f"id {name!r} cannot be a file name: ")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("kind", ["npy", "zarr"])
def test_case_5_8_names_too_long(store_of, tmp_path, kind):
    needs(kind)
    for name in ("x" * 256, "\u00e9" * 128, f"a/{'x' * 256}/b"):
        assert "has more than 255 bytes" in refused(store_of("a", name), kind, tmp_path)
    name = "x" * 251
    assert export(store_of(name), kind, tmp_path / kind) == 1


def test_case_5_8_names_of_any_length_in_archives(store_of, tmp_path):
    name = "x" * 3000
    store = store_of(name)
    export(store, "npz", tmp_path / "long.npz")
    with np.load(tmp_path / "long.npz") as archive:
        assert archive.files == [name]
    export(store, "webdataset", tmp_path / "long")
    [path] = (tmp_path / "long").iterdir()
    with tarfile.open(path) as archive:
        assert sorted(archive.getnames()) == [f"{name}.json", f"{name}.npy"]
    with pytest.raises(sg.InvalidInputError, match="more than 65535 bytes"):
        naming.zip_names(["x" * 65_532], ".npy")


def test_case_5_8_a_file_where_a_folder_has_to_be(store_of, tmp_path):
    store = store_of("a", "a.npy/b")
    for kind in ("npy", "npz"):
        message = refused(store, kind, tmp_path)
        assert message == "ids 'a' and 'a.npy/b' would need 'a.npy' as a file and as a folder"
    assert export(store, "webdataset", tmp_path / "out") == 2


@pytest.mark.slow
def test_case_5_8_groups_and_their_members(store_of, tmp_path):
    zarr = pytest.importorskip("zarr", reason="needs zarr: pip install zarr")
    for pair in (("a", "a/features"), ("a/time/b", "a"), ("a", "a/frequency/c/0")):
        assert "would have the same name" in refused(store_of(*pair), "zarr", tmp_path)
    assert "Zarr keeps" in refused(store_of("a", "b/zarr.json/c"), "zarr", tmp_path)
    # A record within another's group is none of its members, in either order.
    for i, ids in enumerate((("a/b", "a", "features"), ("a", "a/b", "features/c"))):
        store = store_of(*ids)
        export(store, "zarr", tmp_path / f"out{i}")
        root = zarr.open_group(str(tmp_path / f"out{i}"), mode="r")
        for record in store:
            np.testing.assert_array_equal(root[record.id]["features"][:], record.features)


def test_case_5_8_samples_of_one_key(store_of, tmp_path):
    message = refused(store_of("s/a.b", "s/a_b"), "webdataset", tmp_path)
    assert message == "ids 's/a.b' and 's/a_b' would have the same name 's/a_b'"
    assert "pass over such a key" in refused(store_of("__meta__/x"), "webdataset", tmp_path)


@pytest.mark.parametrize("name", ["a b", "a\tb", "a\u00a0b", "a\x7fb", "a\x01b", "\u2028"], ids=ascii)
def test_case_5_8_keys_of_kaldi(store_of, tmp_path, name):
    assert refused(store_of("good", name), "kaldi", tmp_path).startswith(f"id {name!r} cannot be a Kaldi key")


def test_case_5_8_ids_that_are_empty(tmp_path):
    for check in (
        lambda ids: naming.file_names(ids, ".npy", tmp_path),
        lambda ids: naming.group_names(ids, (), tmp_path),
        lambda ids: naming.zip_names(ids, ".npy"),
        naming.sample_keys,
        naming.kaldi_keys,
    ):
        with pytest.raises(sg.InvalidInputError, match=r"id '' cannot be .*: it is empty"):
            check(["good", ""])
        with pytest.raises(sg.InvalidInputError, match="ids must differ, got 'good' twice"):
            check(["good", "good"])


PAIRS = {"case": ("A/x", "a/X"), "accent": ("caf\u00e9", "cafe\u0301"), "folder": ("A.NPY/x", "a")}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_case_5_8_names_that_a_file_system_takes_for_one(store_of, tmp_path, pair, monkeypatch):
    store = store_of(*pair)
    # Of this file system: each its own file, or refused.
    try:
        assert export(store, "npy", tmp_path / "out") == 2
        assert len(list((tmp_path / "out").rglob("*.npy"))) >= 2
        (tmp_path / "out").rename(tmp_path / "in" / "out")
    except sg.InvalidInputError as error:
        assert all(repr(name) in str(error) for name in pair)  # noqa: PT017
    # Of one that knows neither case nor forms of accents.
    monkeypatch.setattr(naming, "_meet", lambda *names: True)
    message = refused(store, "npy", tmp_path)
    assert all(repr(name) in message for name in pair)


def test_what_a_file_system_takes_for_one_is_tried_out(tmp_path):
    assert naming._meet(tmp_path, "a", "a")
    assert not naming._meet(tmp_path, "a", "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["con", "a/NUL", "aux.x", "a./b", "b /c", "a:b", "a?", "com1.tar.gz", "x\ny"]
)
def test_case_5_8_names_that_windows_does_not_have(name):
    naming._check_parts(name, name, windows=False)
    with pytest.raises(sg.InvalidInputError, match="cannot be a file name"):
        naming._check_parts(name, name, windows=True)


ODD = [
    "con",
    "-dash",
    "a#1",
    "a@0.5",
    "\u00fcn\u00ef c\u00f6d\u00e9",
    "quote'\"",
    " lead",
    "new\nline",
    ".hidden",
    "a.b.c",
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_odd_names_that_are_none_of_these(store_of, tmp_path, kind):
    needs(kind)
    ids = [name for name in ODD if kind != "kaldi" or not any(map(str.isspace, name))]
    store = store_of(*ids)
    out = tmp_path / "out"
    assert export(store, kind, out) == len(ids)
    if kind == "npz":
        assert sorted(zipfile.ZipFile(out).namelist()) == sorted(f"{name}.npy" for name in ids)
    if kind == "npy":
        assert sorted(path.stem for path in out.iterdir()) == sorted(ids)
    if kind == "webdataset":
        [path] = out.iterdir()
        with tarfile.open(path) as archive:
            found = [
                json.load(archive.extractfile(entry))["id"]
                for entry in archive
                if entry.name.endswith("json")
            ]
        assert found == ids
    if kind == "kaldi":
        assert len(Path(out, "feats.scp").read_text().splitlines()) == len(ids)
