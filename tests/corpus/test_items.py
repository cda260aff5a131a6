"""Items: content instead of a file, equal ids, durations that the file does not have."""

import io
import pickle
import tracemalloc

import numpy as np
import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, Item, extract, find_inputs

from ..support.corpora import RATE, digests, noise, plan


def wav(seed=0, seconds=0.5, kind="WAV"):
    buffer = io.BytesIO()
    soundfile.write(buffer, noise(seed, seconds), RATE, format=kind)
    return buffer.getvalue()


def test_case_5_6_bytes_are_the_content_of_a_file(tmp_path):
    content = wav()
    items = find_inputs(
        [
            {"id": "a", "bytes": content, "path": "s3://bucket/a.wav"},
            {"path": "dir/b.wav", "bytes": bytearray(content), "start": 0.1},
            {"id": "c", "bytes": memoryview(content), "path": None},
            {"path": "d.wav", "bytes": None},
        ]
    )
    assert items == [
        Item("a", "s3://bucket/a.wav", data=content),
        Item("dir/b@0.1", "dir/b.wav", 0.1, None, content),
        Item("c", "", 0.0, None, content),
        Item("d", "d.wav"),
    ]
    assert [item.sound for item in items] == [content, content, content, "d.wav"]
    assert pickle.loads(pickle.dumps(items[0])) == items[0]
    assert find_inputs([item._asdict() for item in items]) == items
    assert find_inputs(items) == items
    assert len(repr(items[0])) < 100


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"bytes": b"RIFF"}, "bytes need an id, or a path"),
        ({"id": "a", "bytes": 3}, "bytes must be the content of a file, got 3"),
        ({"id": "a", "bytes": "RIFF", "path": "a.wav"}, "bytes must be the content of a file, got 'RIFF'"),
        ({"id": "a", "bytes": b"RIFF", "path": 3}, "path must be given as text, got 3"),
    ],
)
def test_case_5_6_bytes_that_cannot_be_used(fields, message):
    with pytest.raises(sg.InvalidInputError, match=message):
        find_inputs(fields)


def test_bytes_alone_are_no_input():
    with pytest.raises(TypeError, match="inputs must be a path"):
        find_inputs(wav())
    with pytest.raises(TypeError, match="an input must be a path, a dict or an Item, got bytes"):
        find_inputs([wav()])


def test_items_are_checked_like_dicts():
    for item in (
        Item("", "a.wav"),
        Item("a", ""),
        Item("a", None),
        Item("a", "a.wav", -1.0),
        Item("a", "a\0"),
    ):
        with pytest.raises(sg.InvalidInputError):
            find_inputs([item])


@pytest.fixture
def twins(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for seed, name in enumerate(("x.wav", "x.flac", "y.wav", "z.aiff", "z.au", "x.wav.au")):
        soundfile.write(folder / name, noise(seed), RATE)
    return folder


def test_case_5_3_equal_ids_are_all_named(twins):
    with pytest.raises(sg.InvalidInputError) as caught:
        find_inputs(twins)
    message = str(caught.value)
    assert message.startswith("ids must differ, got 'x' for ")
    for name in ("x.flac", "x.wav'", "'z' for ", "z.aiff", "z.au", "--on-duplicate"):
        assert name in message
    assert "y.wav" not in message


@pytest.mark.slow
def test_case_5_3_the_message_is_bounded():
    rows = [{"id": f"{k}" * 300, "path": "p" * 900 + f"{n}.wav"} for k in range(500) for n in range(9)]
    with pytest.raises(sg.InvalidInputError, match="and 480 more ids") as caught:
        find_inputs(rows)
    assert len(str(caught.value)) < 20000
    assert "6 more" in str(caught.value)


def test_case_5_3_suffixes_tell_equal_ids_apart(twins):
    items = find_inputs(twins, on_duplicate="suffix")
    # x.wav is the id of x.wav.au already.
    assert [item.id for item in items] == ["x.flac", "x.wav-2", "x.wav", "y", "z.aiff", "z.au"]
    assert [item.path.rpartition("/")[2] for item in items][1:3] == ["x.wav", "x.wav.au"]
    assert items.n_duplicates == 0
    assert find_inputs(items) == items
    rows = [{"id": "a", "path": "p.wav"}, {"id": "a", "path": "q.wav"}, {"id": "a", "path": "r"}]
    assert [item.id for item in find_inputs(rows, "suffix")] == ["a.wav", "a.wav-2", "a"]


def test_case_5_3_the_first_of_equal_ids(twins):
    items = find_inputs(twins, on_duplicate="first")
    assert [item.path.rpartition("/")[2] for item in items] == ["x.flac", "x.wav.au", "y.wav", "z.aiff"]
    assert items.n_duplicates == 2
    assert find_inputs(items).n_duplicates == 2


@pytest.mark.parametrize(("on_duplicate", "n_rows", "dropped"), [("suffix", 6, 0), ("first", 4, 2)])
def test_case_5_3_a_run_goes_on_with_the_same_ids(twins, tmp_path, on_duplicate, n_rows, dropped):
    for before in (0, n_rows):
        report = extract(twins, plan(), tmp_path / "out", num_threads=1, on_duplicate=on_duplicate)
        assert (report.n_skipped, report.n_duplicates) == (before, dropped)
    assert len(FeatureStore(tmp_path / "out")) == n_rows


def test_on_duplicate_is_one_of_three(twins):
    with pytest.raises(
        sg.InvalidInputError, match=r"on_duplicate must be one of error, suffix, first, got 'x'"
    ):
        find_inputs(twins, on_duplicate="x")


@pytest.mark.parametrize("segment", [None, 0.2])
@pytest.mark.parametrize("rate", [RATE, 11025])
def test_case_5_2_a_duration_beyond_the_end_fails(tmp_path, segment, rate):
    path = tmp_path / "x.wav"
    soundfile.write(path, noise(0, 1.0), RATE)
    rows = [
        {"id": "whole", "path": str(path), "duration": 1.0},
        {"id": "rounded", "path": str(path), "duration": 1.05},
        {"id": "beyond", "path": str(path), "duration": 1.06},
        {"id": "far", "path": str(path), "start": 0.5, "duration": 1e9},
        {"id": "part", "path": str(path), "start": 0.5, "duration": 0.54},
        {"id": "late", "path": str(path), "start": 1.5, "duration": 0.1},
    ]
    report = extract(rows, plan(rate=rate), tmp_path / "out", num_threads=1, segment=segment)
    failed = {failure["id"]: failure for failure in report.failures}
    assert sorted(failed) == ["beyond", "far", "late"]
    assert {failure["error"] for failure in failed.values()} == {"InvalidInputError"}
    assert "duration=1.06 s from start=0 s ends 0.06 s beyond the end of " in failed["beyond"]["message"]
    assert "lies beyond its end" in failed["late"]["message"]
    assert report.n_done == 3


@pytest.mark.parametrize("segment", [None, 0.2])
@pytest.mark.parametrize("as_bytes", [False, True])
def test_case_5_9_a_header_that_asks_for_gigabytes(tmp_path, segment, as_bytes):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(500_000), RATE, subtype="PCM_16", format="WAV")
    content = bytearray(buffer.getvalue())
    content[24:28] = (1).to_bytes(4, "little")  # one sample a second: 8,000 of ours for each
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.wav").write_bytes(content)
    soundfile.write(tmp_path / "in" / "y.wav", noise(0), RATE)
    inputs = {"id": "x", "bytes": content} if as_bytes else tmp_path / "in"
    tracemalloc.start()
    report = extract(inputs, plan(), tmp_path / "out", num_threads=1, segment=segment)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    [failure] = report.failures
    assert (failure["id"], failure["error"]) == ("x", "InvalidInputError")
    assert report.n_done == (0 if as_bytes else 1)
    assert peak < 32 << 20


def test_case_5_6_bytes_are_extracted_like_files(tmp_path):
    rows, files = [], []
    for k, kind in enumerate(("WAV", "FLAC", "OGG")):
        content = wav(k, kind=kind)
        (tmp_path / f"{k}.{kind.lower()}").write_bytes(content)
        files.append({"id": str(k), "path": str(tmp_path / f"{k}.{kind.lower()}")})
        rows.append({**files[-1], "bytes": content, "path": f"{k}"})
    rows += [{"id": "bad", "bytes": b""}, {"id": "zip", "bytes": b"PK\3\4" + bytes(100)}]
    for segment in (None, 0.2):
        report = extract(rows, plan(), tmp_path / f"bytes{segment}", num_threads=1, segment=segment)
        assert [failure["id"] for failure in report.failures] == ["bad", "zip"]
        assert "it is a zip archive" in report.failures[1]["message"]
        extract(files, plan(), tmp_path / f"files{segment}", num_threads=1, segment=segment)
        found, expected = (
            {name: row[:2] for name, row in digests(FeatureStore(tmp_path / f"{kind}{segment}")).items()}
            for kind in ("bytes", "files")
        )
        assert found == expected
        assert len(found) > 0
    assert np.isfinite(FeatureStore(tmp_path / "bytesNone")[0].features).all()
