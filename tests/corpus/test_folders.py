"""What is taken from folders and by patterns: each file once, and nothing that is odd ends a run."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.audio.suffixes import AUDIO_SUFFIXES
from spectrograms.corpus import FeatureStore, extract, find_inputs

from ..support.corpora import RATE, noise, plan

# What libsndfile reads by its header, and what by its suffix; RAW has neither.
WRITTEN = {
    **dict.fromkeys((".wav", ".wave", ".bwf"), ("WAV", None)),
    ".amb": ("WAVEX", None),
    ".rf64": ("RF64", None),
    ".w64": ("W64", None),
    ".flac": ("FLAC", None),
    **dict.fromkeys((".ogg", ".oga"), ("OGG", None)),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", None),
    **dict.fromkeys((".aiff", ".aif", ".aifc"), ("AIFF", None)),
    **dict.fromkeys((".au", ".snd"), ("AU", None)),
    **dict.fromkeys((".sph", ".nist"), ("NIST", None)),
    **dict.fromkeys((".paf", ".fap"), ("PAF", None)),
    **dict.fromkeys((".svx", ".8svx", ".iff"), ("SVX", None)),
    **dict.fromkeys((".sf", ".ircam"), ("IRCAM", None)),
    ".caf": ("CAF", None),
    ".avr": ("AVR", None),
    ".htk": ("HTK", None),
    ".pvf": ("PVF", None),
    ".sd2": ("SD2", None),
    ".sds": ("SDS", None),
    ".voc": ("VOC", None),
    ".wve": ("WVE", None),
    ".xi": ("XI", None),
    ".gsm": ("RAW", "GSM610"),
    ".vox": ("RAW", "VOX_ADPCM"),
}
# Read, but not written, by libsndfile.
DECODED_ONLY = {".mp1", ".mp2"}


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def ids(inputs):
    return [item.id for item in find_inputs(inputs)]


def errors(store):
    lines = (store / "errors.jsonl").read_text().splitlines()
    return {failure["id"]: failure for failure in map(json.loads, lines)}


def test_case_2_7_a_folder_gives_every_format_that_is_read(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for suffix, (kind, subtype) in WRITTEN.items():
        soundfile.write(folder / f"{suffix[1:]}{suffix}", noise(0), RATE, format=kind, subtype=subtype)
    report = extract(folder, plan(), tmp_path / "out", num_threads=1)
    assert report.failures == []
    assert sorted(FeatureStore(tmp_path / "out").ids) == sorted(suffix[1:] for suffix in WRITTEN)
    assert report.left_out == {"hidden": 1}  # half of the .sd2


def test_case_2_7_no_suffix_is_known_that_is_not_tried():
    assert set(WRITTEN) | DECODED_ONLY == AUDIO_SUFFIXES


def test_case_5_3_hidden_files_and_folders_are_left_out_and_counted(tmp_path):
    names = ["a.wav", "._a.wav", ".hidden.flac", ".git/b.wav", ".trash/deep/c.wav", "d/.e.wav", "d/f.wav"]
    touch(*(tmp_path / name for name in names))
    items = find_inputs(tmp_path)
    assert [item.id for item in items] == ["a", "d/f"]
    assert items.left_out == {"hidden": 5}
    # Asked for by its name, it is read.
    assert ids(tmp_path / ".git") == ["b"]
    assert [item.path for item in find_inputs(tmp_path / "._a.wav")] == [str(tmp_path / "._a.wav")]


def test_case_5_3_what_is_left_out_is_counted_by_suffix(tmp_path):
    touch(*(tmp_path / f"{k}.txt" for k in range(12)))
    touch(*(tmp_path / "deep" / f"{k}.JSON" for k in range(3)))
    touch(tmp_path / "README", tmp_path / "x.wav", tmp_path / "x.mp4")
    items = find_inputs([tmp_path])
    assert items.left_out == {".txt": 12, ".json": 3, ".mp4": 1, "no suffix": 1}
    assert find_inputs(items).left_out == items.left_out
    assert list(items.left_out)[:2] == [".txt", ".json"]
    (tmp_path / "x.wav").unlink()
    with pytest.raises(sg.InvalidInputError, match=r"got none \(left out: 12 \.txt, 3 \.json, 1 \.mp4"):
        find_inputs(tmp_path)


def test_case_5_3_the_report_says_what_was_left_out(tmp_path):
    soundfile.write(tmp_path / "x.wav", noise(0), RATE)
    touch(tmp_path / "notes.txt", tmp_path / ".x.wav")
    report = extract(tmp_path, plan(), tmp_path / "out", num_threads=1)
    assert report.to_dict()["left_out"] == {".txt": 1, "hidden": 1}
    assert report.to_dict()["n_duplicates"] == 0


def test_many_suffixes_are_counted_together(tmp_path):
    touch(tmp_path / "x.wav", *(tmp_path / f"take.{k:04d}" for k in range(200)))
    left_out = find_inputs(tmp_path).left_out
    assert len(left_out) == 51
    assert sum(left_out.values()) == 200


def test_a_file_under_two_names_is_given_once(tmp_path):
    touch(tmp_path / "in" / "z.wav", tmp_path / "elsewhere" / "y.wav")
    (tmp_path / "in" / "a.wav").symlink_to("z.wav")
    (tmp_path / "in" / "b.wav").symlink_to(tmp_path / "elsewhere" / "y.wav")
    (tmp_path / "in" / "c.wav").symlink_to(tmp_path / "elsewhere" / "y.wav")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "elsewhere")
    items = find_inputs(tmp_path / "in")
    assert [item.id for item in items] == ["folder/y", "z"]
    assert items.left_out == {"link": 3}
    # Without its own name, the first link is taken.
    (tmp_path / "in" / "folder").unlink()
    assert ids(tmp_path / "in") == ["b", "z"]


def test_hard_links_are_files_of_their_own(tmp_path):
    touch(tmp_path / "a.wav")
    os.link(tmp_path / "a.wav", tmp_path / "b.wav")
    assert ids(tmp_path) == ["a", "b"]


def test_links_to_folders_above_end(tmp_path):
    touch(tmp_path / "in" / "x.wav")
    for name in "abc":
        (tmp_path / "in" / name).symlink_to(tmp_path / "in")
    items = find_inputs(tmp_path / "in")
    assert [item.id for item in items] == ["x"]
    assert items.left_out == {"link": 3}


def test_case_5_4_a_pattern_enters_each_folder_once(tmp_path, monkeypatch):
    touch(tmp_path / "x.wav", tmp_path / "d" / "y.wav", tmp_path / "d" / ".z.wav", tmp_path / "d" / "n.txt")
    for name in "abc":
        (tmp_path / name).symlink_to(tmp_path)  # 3 ** 40 paths
    monkeypatch.chdir(tmp_path)
    assert ids("**/*.wav") == ["d/y", "x"]
    assert ids("**") == ["d/y", "x"]
    assert find_inputs("**").left_out == {".txt": 1}
    assert ids("**/**/*.wav") == ["d/y", "x"]
    assert ids(f"{tmp_path}/**/y.*") == [str(tmp_path / "d" / "y")[1:]]
    assert ids("d/*") == ["d/y"]
    assert ids("d/*.txt") == ["d/n"]  # asked for by its suffix


@pytest.fixture
def odd(tmp_path):
    """A folder with two sound files and everything else that a folder may hold."""
    folder = tmp_path / "in"
    soundfile_at(folder / "good.wav")
    soundfile_at(folder / "sub" / "loop.wav")
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    (folder / "sub" / "loop").symlink_to("loop")
    (folder / "gone.wav").symlink_to("nowhere.wav")
    os.mkfifo(folder / "f.wav")
    os.mkfifo(folder / "good")  # its id would be that of a sound file
    with socket.socket(socket.AF_UNIX) as server:
        before = os.getcwd()
        os.chdir(folder)  # names of sockets are short
        server.bind("s.wav")
        os.chdir(before)
        yield folder


def soundfile_at(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise(0), RATE)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("segment", [None, 0.2])
@pytest.mark.parametrize("num_threads", [1, 2])
def test_case_5_4_odd_entries_are_lines_of_errors(odd, tmp_path, segment, num_threads):
    report = extract(odd, plan(), tmp_path / "out", num_threads=num_threads, segment=segment)
    assert report.n_done == 2
    found = {name: failure["error"] for name, failure in errors(tmp_path / "out").items()}
    assert found == {
        "a": "OSError",
        "b": "OSError",
        "sub/loop-2": "OSError",
        "gone": "FileNotFoundError",
        "f": "InvalidInputError",
        "s": "InvalidInputError",
        "good-2": "InvalidInputError",
    }
    assert errors(tmp_path / "out")["f"]["message"].endswith("it is a FIFO")
    assert errors(tmp_path / "out")["s"]["path"] == str(odd / "s.wav")
    again = extract(odd, plan(), tmp_path / "out", num_threads=1, segment=segment)
    assert (again.n_skipped, again.n_failed_before, again.n_done) == (2, 7, 0)


@pytest.mark.timeout(60)
def test_case_5_4_odd_entries_by_pattern_and_by_name(odd, tmp_path):
    report = extract(f"{odd}/**/*", plan(), tmp_path / "by_pattern", num_threads=1)
    assert (report.n_done, len(report.failures)) == (2, 7)
    (odd / "list.txt").write_text("f.wav\ngood.wav\na\nsub\n\n")
    report = extract(odd / "list.txt", plan(), tmp_path / "by_list", num_threads=1)
    messages = {failure["id"]: failure["message"] for failure in report.failures}
    assert messages["f"].endswith("it is a FIFO")
    assert messages["sub"].endswith("it is a folder")
    assert sorted(messages) == ["a", "f", "sub"]
    report = extract([odd / "f.wav", "/dev/zero"], plan(), tmp_path / "by_name", num_threads=1)
    assert [failure["message"].rpartition("it is ")[2] for failure in report.failures] == [
        "a FIFO",
        "a device",
    ]


def test_case_5_4_a_folder_that_may_not_be_listed(tmp_path, monkeypatch):
    soundfile_at(tmp_path / "in" / "good.wav")
    soundfile_at(tmp_path / "in" / "closed" / "x.wav")
    scandir = os.scandir

    def refusing(folder="."):
        if os.fspath(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", os.fspath(folder))
        return scandir(folder)

    # Not by its mode, which does not keep an administrator out.
    monkeypatch.setattr(os, "scandir", refusing)
    report = extract(tmp_path / "in", plan(), tmp_path / "out", num_threads=1)
    assert report.n_done == 1
    assert errors(tmp_path / "out")["closed"]["error"] == "PermissionError"
    assert ids(f"{tmp_path}/in/**/*.wav") == [str(tmp_path / "in" / name)[1:] for name in ("closed", "good")]
    with pytest.raises(PermissionError):
        find_inputs(tmp_path / "in" / "closed")


@pytest.mark.slow
def test_a_folder_deeper_than_the_stack(tmp_path):
    before, deep = os.getcwd(), 1200
    os.chdir(tmp_path)
    try:
        for _ in range(deep):
            os.mkdir("d")
            os.chdir("d")
        touch(Path("x.wav"))
        [item] = find_inputs(tmp_path)
    finally:
        # What removes temporary folders is not up to this.
        os.unlink("x.wav")
        for _ in range(deep):
            os.chdir("..")
            os.rmdir("d")
        os.chdir(before)
    assert item.id == "/".join(["d"] * deep + ["x"])


def test_case_5_4_names_that_are_no_text_are_extracted(tmp_path):
    soundfile_at(tmp_path / "in" / "cafe.wav")
    (tmp_path / "in" / "cafe.wav").rename(tmp_path / "in" / os.fsdecode(b"caf\xe9.wav"))
    touch(tmp_path / "in" / os.fsdecode(b"x.\xff\xfe"))
    report = extract(tmp_path / "in", plan(), tmp_path / "out", num_threads=1)
    assert report.n_done == 1
    assert report.left_out == {r".\udcff\udcfe": 1}
    assert FeatureStore(tmp_path / "out")[0].path.endswith(r"caf\udce9.wav")


def test_a_list_that_is_no_file_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / "list.txt")
    assert stat.S_ISFIFO((tmp_path / "list.txt").stat().st_mode)
    with pytest.raises(sg.InvalidInputError, match="must be a regular file"):
        find_inputs(tmp_path / "list.txt")
