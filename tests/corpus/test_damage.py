"""Damaged and hostile stores: one documented error that names the shard, on every road that reads it."""

import json
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import spectrograms as sg

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, extract_part, finish, verify  # noqa: E402

from ..support.chance import times  # noqa: E402
from ..support.corpora import plan, recordings  # noqa: E402
from ..support.damaged_store import ROADS, STATS_ROAD, buffers, refusal, rewritten, shard_of, with_column  # noqa: E402

STORES = Path(__file__).parents[1] / "data" / "stores"
WORKER = Path(__file__).parents[1] / "support" / "damaged_store.py"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store of six recordings in one shard."""
    folder = tmp_path_factory.mktemp("damage")
    extract(recordings(folder / "in", 6), plan(), folder / "store")
    return folder / "store"


@pytest.fixture
def store(made, tmp_path):
    shutil.copytree(made, tmp_path / "store")
    return tmp_path / "store"


def put(place, form, value):
    """A change of a shard: a number at some place in a buffer."""

    def change(path):
        column, number, offset = place
        with open(path, "r+b") as file:
            file.seek(buffers(path)[column, number][0] + offset)
            file.write(struct.pack(form, value))

    return change


def column(name, make):
    """A change of a shard: another column in place of one."""
    return lambda path: rewritten(path, lambda batch: with_column(batch, name, make(batch.column(name))))


def with_null(values):
    return pa.array([None, *values.to_pylist()[1:]], values.type)


def of_batch(change):
    return lambda path: rewritten(path, change)


def described(**fields):
    """A change of a shard: other fields in its description; of None, not even an object."""

    def change(path):
        metadata = pa.ipc.open_file(path).schema.metadata
        description = {**json.loads(metadata[b"spectrograms"]), **fields}
        rewritten(path, metadata={b"spectrograms": json.dumps(description).encode()})

    return change


def undescribed(text):
    return lambda path: rewritten(path, metadata={b"spectrograms": text} if text is not None else {})


def cut(size):
    return lambda path: path.write_bytes(path.read_bytes()[:size])


# Places: column, number of its buffer, bytes within. Of features, 2 and 4 are offsets and values of the data,
# 7 the shapes.
CHANGES = {
    "id far away": put(("id", 1, 4), "<i", 0x7FFFFFFF),
    "id before": put(("id", 1, 4), "<i", -5),
    "id backwards": put(("id", 1, 8), "<i", 1),
    "id begins late": put(("id", 1, 0), "<i", 1 << 20),
    "id ends late": put(("id", 1, 24), "<i", 1 << 20),
    "id no text": put(("id", 2, 0), "<B", 0xFF),
    "path far away": put(("path", 1, 4), "<i", 0x7FFFFFFF),
    "path before": put(("path", 1, 4), "<i", -(2**31)),
    "features far away": put(("features", 2, 4), "<i", 0x7FFFFFFF),
    "features before": put(("features", 2, 4), "<i", -20),
    "features a frame more": put(("features", 2, 4), "<i", 20 * 27),
    "features a value more": put(("features", 2, 4), "<i", 20 * 26 + 1),
    "shape": put(("features", 7, 4), "<i", 21),
    "shape negative": put(("features", 7, 0), "<i", -1),
    "n_frames": put(("n_frames", 1, 0), "<i", 25),
    "n_frames negative": put(("n_frames", 1, 0), "<i", -26),
    "n_samples": put(("n_samples", 1, 0), "<q", 2**62),
    "start_frame": put(("start_frame", 1, 0), "<q", -1),
    "sample_rate": put(("sample_rate", 1, 0), "<d", 0.0),
    "duration": put(("duration", 1, 0), "<d", float("nan")),
    "null id": column("id", with_null),
    "null path": column("path", with_null),
    "null n_frames": column("n_frames", with_null),
    "null features": column("features", with_null),
    "id of dictionary": column("id", lambda values: values.dictionary_encode()),
    "id large": column("id", lambda values: values.cast(pa.large_string())),
    "id numbers": column("id", lambda values: pa.array(range(len(values)))),
    "features of doubles": column(
        "features",
        lambda values: pa.StructArray.from_arrays(
            [values.field(0).cast(pa.list_(pa.float64())), values.field(1)], ["data", "shape"]
        ),
    ),
    "no features": of_batch(lambda batch: batch.drop_columns(["features"])),
    "no id": of_batch(lambda batch: batch.drop_columns(["id"])),
    "two ids": of_batch(lambda batch: batch.append_column(batch.schema.field("id"), batch.column("id"))),
    "no rows": of_batch(lambda batch: batch.slice(0, 0)),
    "compressed": lambda path: rewritten(path, compression="zstd"),
    "no description": undescribed(None),
    "description no JSON": undescribed(b"{"),
    "description no text": undescribed(b"\xff\xfe"),
    "description deep": undescribed(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
    "description no object": undescribed(b"[]"),
    "description of another": described(format="other"),
    "description of more": described(n_features=21),
    "description of 2**60": described(n_features=2**60),
    "description of none": described(n_features=None),
    "description of a type": described(config={"dtype": "int8"}),
    "description of a list": described(config={"dtype": ["float32"]}),
    "description without rate": described(sample_rate="8000"),
    "empty": cut(0),
    "short": cut(100),
    "without its end": cut(-100),
    "without its last byte": cut(-1),
    "other": lambda path: path.write_bytes(b"RIFF" * 100),
    "magic alone": lambda path: path.write_bytes(b"ARROW1\0\0" + bytes(100) + b"ARROW1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_case_1_5_every_road_names_the_shard(store, name):
    shard = shard_of(store)
    CHANGES[name](shard)
    for road, function in ROADS.items():
        before = {path: path.read_bytes() for path in store.iterdir()}
        with pytest.raises(sg.InvalidInputError) as caught:
            function(store)
        if road != "info":  # which says it on stderr
            assert str(caught.value).startswith(f"shard {shard} "), road
        for path, content in before.items():
            path.write_bytes(content)
    assert any(shard.name in problem for problem in verify(store))


def test_case_1_5_going_on_and_parts_name_the_shard(tmp_path):
    audio = recordings(tmp_path / "in", 3)
    part = extract_part(sorted(audio.rglob("*.wav")), plan(), tmp_path / "store")
    CHANGES["id far away"](tmp_path / "store" / part.shard)
    for run in (
        lambda: extract(audio, plan(), tmp_path / "store"),
        lambda: extract_part(sorted(audio.rglob("*.wav")), plan(), tmp_path / "store"),
    ):
        with pytest.raises(sg.InvalidInputError, match=rf"shard .*{part.shard} is damaged: "):
            run()


def test_case_1_5_info_says_which_shard(store, capsys):
    CHANGES["id far away"](shard_of(store))
    assert sg.cli.main(["info", os.fspath(store)]) == 3
    assert f"shard {shard_of(store)} is damaged" in capsys.readouterr().err


def test_case_1_5_without_a_manifest(store):
    (store / "manifest.json").unlink()
    CHANGES["description deep"](shard_of(store))
    # Python 3.14 reads JSON of any depth that its stack allows.
    with pytest.raises(sg.InvalidInputError, match=r"is damaged: its description (is not JSON|must hold)"):
        FeatureStore(store)


def test_case_1_5_datasets_name_the_shard(store):
    pytest.importorskip("torch", reason="needs PyTorch: pip install torch")
    from spectrograms.torch import FeatureDataset

    CHANGES["features far away"](shard_of(store))
    with pytest.raises(sg.InvalidInputError, match="is damaged"):
        FeatureDataset(store)[0]


def test_case_1_5_a_bomb_is_not_unpacked(store):
    """A compressed buffer that says it holds a terabyte: refused before anything asks for memory."""
    shard = shard_of(store)
    stated = struct.pack("<q", buffers(shard)["features", 4][1])
    rewritten(shard, compression="lz4")
    assert shard.read_bytes().count(stated) == 1
    shard.write_bytes(shard.read_bytes().replace(stated, struct.pack("<q", 2**40)))
    with pytest.raises(sg.InvalidInputError, match="a batch is compressed"):
        FeatureStore(store)[0]


def test_columns_in_another_order_and_columns_of_others(store):
    shard = shard_of(store)
    wanted = {record.id: (record.path, record.features.tobytes()) for record in FeatureStore(store)}

    def change(batch):
        mine = batch.append_column("mine", pa.array(["a", "b"] * 3))
        return mine.select(list(reversed(mine.schema.names)))

    rewritten(shard, change)
    found = {record.id: (record.path, record.features.tobytes()) for record in FeatureStore(store)}
    assert found == wanted
    for function in ROADS.values():
        function(store)


def test_rows_of_a_shard_that_took_the_place_of_another(store):
    opened = FeatureStore(store)
    other = store / "other.arrow"
    shutil.copy(shard_of(store), other)
    rewritten(other, lambda batch: batch.slice(0, 3))
    os.replace(other, shard_of(store))
    with pytest.raises(sg.InvalidInputError, match=r"holds 3 rows, manifest\.json says 6"):
        opened[0]


HOSTILE = [None, True, -1, 0, 2**40, 2**70, -(2**70), 1e308, "x", "", [], {}, [[]], {"a": None}, [1, 2]]


def paths_in(document, at=()):
    """Every field of a document and of its objects, as a tuple of keys."""
    for key, value in document.items():
        yield (*at, key)
        if isinstance(value, dict) and len(at) < 1:
            yield from paths_in(value, (*at, key))


def repr_of(store):
    return repr(FeatureStore(store))


def changed(document, at, value):
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return copy


def dropped(document, at):
    copy = changed(document, at, None)
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    del inner[at[-1]]
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("name", ["manifest.json", "stats.json"])
def test_case_1_5_documents_with_hostile_fields(store, name):
    """A result or a documented error, for every field and value; and verify finds each."""
    document = json.loads((store / name).read_text())
    fields = list(paths_in(document))
    assert len(fields) > 8
    for at in fields:
        edits = [changed(document, at, value) for value in HOSTILE] + [dropped(document, at)]
        for edit in edits:
            if json.dumps(edit) == json.dumps(document):
                continue
            (store / name).write_text(json.dumps(edit, indent=2 if name == "manifest.json" else 1) + "\n")
            for function in (ROADS["ids"], ROADS["first"], STATS_ROAD["stats"], repr_of):
                refused = refusal(lambda: function(store))  # noqa: B023
                assert refused is None or str(store) in refused
            problems = []
            refused = refusal(lambda: problems.extend(verify(store)))  # noqa: B023
            assert problems or str(store / name) in refused, (at, edit)


TEXTS = {"empty": "", "cut": "{", "list": "[]", "3": "3", "no text": "\xff", "deep": '{"a":' * 100_000}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", ["manifest.json", "stats.json"])
def test_case_1_5_documents_that_are_none(store, name, text):
    (store / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(sg.InvalidInputError, match=name):
        FeatureStore(store).stats.std  # noqa: B018
    if name == "stats.json":
        assert any("stats.json cannot be read" in problem for problem in verify(store))
        finish(store)
        assert verify(store) == []


@pytest.mark.parametrize(
    "line",
    ["3", "[]", "{}", '{"id": 3, "path": "", "error": "", "message": ""}', "null", "[" * 100_000 + "]"],
    ids=["number", "list", "empty", "id", "null", "deep"],
)
def test_case_1_5_lines_of_failures_that_are_none(store, tmp_path, line):
    recordings(tmp_path / "more", 1)
    (store / "errors.jsonl").write_text(f'{{"id": "a", "path": "b", "error": "c", "message": "d"}}\n{line}\n')
    for read in (lambda: FeatureStore(store).errors, lambda: extract(tmp_path, plan(), store)):
        with pytest.raises(
            sg.InvalidInputError, match=r"errors\.jsonl, line 2: must be an object with id, path"
        ):
            read()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rows", "segments"])
@pytest.mark.parametrize("name", ["", "manifest.json", "stats.json"], ids=["shard", "manifest", "stats"])
def test_case_1_5_no_damage_ends_the_process(tmp_path, kind, name):
    """In a process of its own: a result or InvalidInputError, whatever is damaged."""
    shutil.copytree(STORES / kind, tmp_path / "store")
    command = [
        sys.executable,
        "-P",
        "-X",
        "faulthandler",
        WORKER,
        tmp_path / "store",
        name,
        "0",
        str(times(32, 60)),
    ]
    done = subprocess.run(
        [*map(os.fspath, command)], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, f"after {done.stdout.split()[-1:]}: {done.stderr[-3000:]}"
    assert int(done.stdout.split()[-1]) >= times(16, 31)


def test_the_frame_of_a_file_is_looked_at_without_arrow(made):
    from spectrograms.corpus.stores.arrowfile import blocks

    content = shard_of(made).read_bytes()
    [block] = blocks(content)
    assert block.rows == 6
    for size in range(0, len(content), 7):
        with pytest.raises(sg.InvalidInputError):
            blocks(content[:size])
    assert blocks(memoryview(content)) == [block]
