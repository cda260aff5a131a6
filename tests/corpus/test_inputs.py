"""What to extract: folders, patterns, lists and manifests become items with ids."""

import json
import os
import pickle

import pytest

import spectrograms as sg
from spectrograms.corpus import Item, find_inputs
from spectrograms.corpus.inputs.items import item_of
from spectrograms.corpus.stores.shards import shard_name


@pytest.fixture
def tree(tmp_path):
    """Five audio files and two others, at three depths; nothing reads them here."""
    for name in ("b.wav", "a.FLAC", "deep/er/c.ogg", "deep/c.wav", "deep/notes.txt", "readme", "deep.wav"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "in"


def ids(inputs):
    return [item.id for item in find_inputs(inputs)]


def test_a_folder_gives_its_audio_files_by_name(tree):
    items = find_inputs(tree)
    assert [item.id for item in items] == ["a", "b", "deep/c", "deep/er/c", "deep"]
    assert [os.path.relpath(item.path, tree) for item in items][2:4] == ["deep/c.wav", "deep/er/c.ogg"]
    assert items == find_inputs([str(tree)])


def test_links_are_followed_once(tree):
    (tree / "deep" / "loop").symlink_to(tree)
    assert ids(tree) == ["a", "b", "deep/c", "deep/er/c", "deep"]


def test_patterns(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert ids("*.wav") == ["b", "deep"]
    assert ids("**/c.*") == ["deep/c", "deep/er/c"]
    assert ids(["./b.wav", "deep/../deep.wav"]) == ["b", "deep"]
    assert ids([f"../{tree.name}/b.wav"]) == [f"{tree.name}/b"]
    assert ids(tree / "b.wav") == [str(tree / "b")[1:]]
    with pytest.raises(FileNotFoundError, match=r"no file matches '\*\.mp3'"):
        find_inputs("*.mp3")


def test_a_name_with_brackets_is_a_name(tmp_path):
    path = tmp_path / "take [1].wav"
    path.write_bytes(b"")
    assert [item.path for item in find_inputs(path)] == [str(path)]


def test_a_list_is_relative_to_its_folder(tree):
    (tree / "files.txt").write_text("b.wav\n\ndeep/c.wav\nmissing.wav\n")
    items = find_inputs(tree / "files.txt")
    assert [item.id for item in items] == ["b", "deep/c", "missing"]
    assert items[1].path == str(tree / "deep" / "c.wav")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_manifests(tree, suffix):
    rows = [
        {"id": "one", "path": "b.wav", "start": "1.5", "duration": "2", "text": "said, by us"},
        {"id": "two", "path": str(tree / "a.FLAC"), "start": "", "duration": "", "text": ""},
    ]
    if suffix == ".jsonl":
        rows[0] |= {"start": 1.5, "duration": 2}
        rows[1] = {"id": "two", "path": rows[1]["path"]}
        text = "".join(json.dumps(row) + "\n" for row in rows)
    else:
        comma = "\t" if suffix == ".tsv" else ","
        text = "\n".join(
            comma.join(f'"{cell}"' for cell in row) for row in (rows[0], *map(dict.values, rows))
        )
    path = tree / f"manifest{suffix}"
    path.write_text(text)
    assert find_inputs(path) == [
        Item("one", str(tree / "b.wav"), 1.5, 2.0, None, {"text": "said, by us"}),
        Item("two", str(tree / "a.FLAC"), 0.0, None),
    ]


def test_manifests_of_nemo(tree):
    rows = [{"audio_filepath": "b.wav", "offset": 0.5 * k, "duration": 0.5, "text": "x"} for k in range(2)]
    (tree / "m.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert find_inputs(tree / "m.jsonl") == [
        Item("b@0", str(tree / "b.wav"), 0.0, 0.5, None, {"text": "x"}),
        Item("b@0.5", str(tree / "b.wav"), 0.5, 0.5, None, {"text": "x"}),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"path": 3}', r"line 2: path must be given as text, got 3"),
        ('{"path": "b.wav", "start": -1}', r"line 2: start must be a number of seconds >= 0, got -1"),
        ('{"path": "b.wav", "duration": "long"}', r"duration must be a number of seconds >= 0, got 'long'"),
        ('{"path": "b.wav", "duration": 0}', r"duration must be > 0 seconds, got 0"),
        ('{"path": "b.wav", "duration": true}', r"duration must be a number of seconds >= 0, got True"),
        ('{"path": ""}', r"line 2: path must be given as text, got ''"),
        ('{"path": "b.wav", "id": ""}', r"line 2: id must be text or a number, got ''"),
        ('{"path": "b.wav", "id": ["x"]}', r"line 2: id must be text or a number, got \['x'\]"),
        ('["b.wav"]', r"line 2: expected an object"),
        ("{", r"line 2 is not JSON"),
    ],
)
def test_bad_manifests_say_where(tree, line, message):
    (tree / "m.jsonl").write_text('{"path": "a.FLAC"}\n' + line + "\n")
    with pytest.raises(sg.InvalidInputError, match=message):
        find_inputs(tree / "m.jsonl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"m\.csv: columns must include path, got none"),
        (b"id,file\nx,b.wav\n", r"m\.csv: columns must include path, got id, file"),
        (b"id;path\nx;b.wav\n", r"columns must include path, got id;path"),
        ("id,path\nx,b.wav\n".encode("utf-16"), r"columns must include path, got "),
        (b"id,path\n", r"manifest '.*m\.csv' must hold rows, got none"),
        (b"id,path\nx,b, or not b.wav\n", r"line 2: expected 2 cells, got more: quote those"),
        (b"path,start\nb.wav,nan\n", r"line 2: start must be a number of seconds >= 0, got 'nan'"),
    ],
)
def test_bad_tables_say_where(tree, content, message):
    (tree / "m.csv").write_bytes(content)
    with pytest.raises(sg.InvalidInputError, match=message):
        find_inputs(tree / "m.csv")


def test_lists_of_windows_programs(tree):
    (tree / "files.txt").write_bytes("b.wav\r\ndeep/c.wav\r\n".encode("utf-8-sig"))
    assert ids(tree / "files.txt") == ["b", "deep/c"]
    (tree / "files.txt").write_text("\n")
    with pytest.raises(sg.InvalidInputError, match=r"list '.*files\.txt' must hold paths"):
        find_inputs(tree / "files.txt")


def test_equal_ids_are_refused(tree):
    (tree / "b.mp3").write_bytes(b"")
    with pytest.raises(sg.InvalidInputError, match=r"ids must differ, got 'b' for .*b\.mp3.* and .*b\.wav"):
        find_inputs(tree)


def test_nothing_to_do_is_an_error(tmp_path):
    with pytest.raises(sg.InvalidInputError, match="must hold audio files"):
        find_inputs(tmp_path)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        find_inputs(tmp_path / "nothing.wav")
    with pytest.raises(sg.InvalidInputError, match="at least one file"):
        find_inputs([])
    with pytest.raises(TypeError, match="inputs must be a path"):
        find_inputs(3)


def test_names_that_are_no_text(tmp_path):
    name = os.fsdecode(b"caf\xe9.wav")
    (tmp_path / name).write_bytes(b"")
    [item] = find_inputs(tmp_path)
    assert item.id == r"caf\udce9"
    assert os.path.exists(item.path)


def test_what_was_found_is_passed_on_as_it_is(tree, monkeypatch):
    found = find_inputs(tree)
    calls = []
    monkeypatch.setattr(
        "spectrograms.corpus.inputs.finding.item_of", lambda *a: calls.append(a) or item_of(*a)
    )
    assert find_inputs(found) is found
    assert find_inputs(pickle.loads(pickle.dumps(found))) == found
    assert calls == []
    # Whatever was changed by hand is looked at again.
    for change in (
        lambda items: items.append(items[0]),
        lambda items: items.__setitem__(1, items[0]),
        lambda items: items.__setitem__(1, items[1]._replace(path="s3:/x")),
        lambda items: items.__setitem__(1, items[1]._replace(id=items[0].id)),
    ):
        changed = find_inputs(tree)
        change(changed)
        with pytest.raises(sg.InvalidInputError):
            find_inputs(changed)
    changed = find_inputs(tree)
    del changed[0]
    assert find_inputs(changed) == found[1:]
    assert find_inputs(changed).left_out == found.left_out


def test_parts_with_line_breaks_in_their_ids_have_names_of_their_own():
    split = [["a", "b"], ["a\nb"], ["a\n", "b"], ["a", "\nb"], ["a\n\nb"]]
    assert len({shard_name("0", ids) for ids in split}) == len(split)
    # Other names are as they ever were.
    assert shard_name("0", ["a", "b"]) == "part-0-a76de9f2d561975f.arrow"
