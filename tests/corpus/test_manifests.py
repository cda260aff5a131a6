"""Lists and manifests of every kind, what is refused with a word about it, and hostile files."""

import gzip
import io
import json
import os
import random
import tarfile
import zipfile

import numpy as np
import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
import pyarrow as pa
import pyarrow.parquet

import spectrograms as sg
from spectrograms.corpus import FeatureStore, Item, export, extract, extract_part, find_inputs, finish, verify

from ..support.corpora import RATE, noise, plan

NEMO = [
    {"audio_filepath": "a.wav", "duration": 0.5, "text": "one\u2028two"},
    {"audio_filepath": "b.wav", "offset": 0.25, "duration": 0.25, "text": ""},
]


@pytest.mark.parametrize("shape", ["lines", "list", "pretty list", "one line"])
def test_case_5_6_json_of_nemo_is_read(tmp_path, shape):
    text = {
        "lines": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in NEMO),
        "list": json.dumps(NEMO),
        "pretty list": "\ufeff\r\n" + json.dumps(NEMO, indent=2),
        "one line": json.dumps(NEMO[0]),
    }[shape]
    (tmp_path / "train_manifest.json").write_text(text, encoding="utf-8")
    expected = [
        Item("a", str(tmp_path / "a.wav"), 0.0, 0.5, None, {"text": "one\u2028two"}),
        Item("b@0.25", str(tmp_path / "b.wav"), 0.25, 0.25, None, {"text": ""}),
    ]
    assert find_inputs(tmp_path / "train_manifest.json") == expected[: 1 if shape == "one line" else 2]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{\n "audio_filepath": "x.wav"\n}',
        "[1, 2]",
        "3",
        '"x.wav"',
        "no json",
        '[{"path": "x"}, {}]',
    ],
)
def test_case_5_6_other_json_is_refused(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(
        sg.InvalidInputError, match="must hold an object with audio_filepath or path on each line"
    ):
        find_inputs(tmp_path / "x.json")


def test_case_5_6_wav_scp_is_read(tmp_path):
    (tmp_path / "wav.scp").write_text("utt1 a.wav\n\nutt2\t/data/with space.flac  \r\n")
    assert find_inputs(tmp_path / "wav.scp") == [
        Item("utt1", str(tmp_path / "a.wav")),
        Item("utt2", "/data/with space.flac"),
    ]
    (tmp_path / "segments").write_text("s1 utt1 0.5 2.0\ns2 utt2 1 -1\n")
    assert find_inputs(tmp_path / "wav.scp") == [
        Item("s1", str(tmp_path / "a.wav"), 0.5, 1.5),
        Item("s2", "/data/with space.flac", 1.0, None),
    ]


def test_case_5_6_paths_in_wav_scp_are_those_of_kaldi(tmp_path, monkeypatch):
    data = tmp_path / "data" / "train"
    data.mkdir(parents=True)
    (data / "wav.scp").write_text("here data/a.wav\nbeside b.wav\nnowhere data/c.wav\nboth d.wav\n")
    for path in (tmp_path / "data" / "a.wav", data / "b.wav", data / "d.wav", tmp_path / "d.wav"):
        path.touch()
    monkeypatch.chdir(tmp_path)
    found = find_inputs("data/train/wav.scp")
    beside = os.path.join("data/train", "")
    assert [item.path for item in found] == ["data/a.wav", f"{beside}b.wav", f"{beside}data/c.wav", "d.wav"]
    (data / "segments").write_text("s here 1 2\n")
    assert [item.path for item in find_inputs("data/train/wav.scp")] == ["data/a.wav"]


@pytest.mark.parametrize(
    ("line", "segment", "message"),
    [
        ("utt sph2pipe -f wav x.sph |", None, r"wav\.scp, line 1: 'sph2pipe -f wav x.sph \|' is a command"),
        ("utt feats.ark:123", None, "is a place in an archive"),
        ("utt", None, "expected an id and a path, got 'utt'"),
        ("utt s3:/bucket/a.wav", None, "path must be a path on this machine, got the URL"),
        ("utt a.wav", "s utt 1", "expected an id, a recording, its start and its end"),
        ("utt a.wav", "s other 1 2", "no recording 'other' in wav.scp"),
        ("utt a.wav", "s utt 2 1", "duration must be a number of seconds >= 0, got -1.0"),
        ("utt a.wav", "s utt nan 1", "start must be a number of seconds >= 0, got nan"),
        ("utt a.wav", "s utt zero 1", "expected an id, a recording, its start and its end"),
    ],
)
def test_case_5_6_wav_scp_that_cannot_be_read(tmp_path, line, segment, message):
    (tmp_path / "wav.scp").write_text(line + "\n")
    if segment is not None:
        (tmp_path / "segments").write_text(segment + "\n")
    with pytest.raises(sg.InvalidInputError, match=message):
        find_inputs(tmp_path / "wav.scp")


def test_equal_ids_in_wav_scp_are_not_one(tmp_path):
    (tmp_path / "wav.scp").write_text("u a.wav\nu b.wav\n")
    with pytest.raises(sg.InvalidInputError, match="ids must differ, got 'u'"):
        find_inputs(tmp_path / "wav.scp")


def _archive(write, **more):
    buffer = io.BytesIO()
    write(buffer, **more)
    return buffer.getvalue()


def _tar(buffer, mode="w"):
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        entry = tarfile.TarInfo("x.wav")
        entry.size = 4
        archive.addfile(entry, io.BytesIO(b"RIFF"))


def _zip(buffer):
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.wav", b"RIFF")


def _arrow(buffer):
    table = pa.table({"x": [1]})
    with pa.ipc.new_file(buffer, table.schema) as writer:
        writer.write_table(table)


CONTAINERS = {
    "x.tar": (_archive(_tar), "a tar archive"),
    "x.tar.gz": (_archive(_tar, mode="w:gz"), "a tar archive"),
    "X.TGZ": (_archive(_tar, mode="w:gz"), "a tar archive"),
    "x.zip": (_archive(_zip), "a zip archive"),
    "x.npy": (_archive(np.save, arr=np.zeros(3)), "a NumPy array"),
    "x.npz": (_archive(np.savez, x=np.zeros(3)), "an archive of NumPy arrays"),
    "x.parquet": (
        _archive(lambda b: pyarrow.parquet.write_table(pa.table({"x": [1]}), b)),
        "a Parquet table",
    ),
    "x.arrow": (_archive(_arrow), "an Arrow table"),
    "x.h5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "an HDF5 file"),
    "x.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), "a 7-Zip archive"),
    "x.rar": (b"Rar!\x1a\7\0" + bytes(99), "a RAR archive"),
    "x.m4a": (b"\0\0\0\x20ftypM4A " + bytes(99), "MPEG-4 sound or video"),
    "x.mp4": (b"\0\0\0\x20ftypisom" + bytes(99), "MPEG-4 sound or video"),
    "x.webm": (b"\x1a\x45\xdf\xa3" + bytes(99), "Matroska or WebM"),
    "x.wma": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(99), "Windows Media"),
    "x.tar.zst": (b"\x28\xb5\x2f\xfd" + bytes(99), "a packed tar archive"),
    "x.csv.gz": (gzip.compress(b"path\n"), "a file packed with gzip"),
    "x.ark": (b"utt \0BFM ", "an archive of Kaldi's"),
}


# These are read, if there is sound in them.
COLLECTIONS = ("x.tar", "x.tar.gz", "X.TGZ", "x.parquet", "x.arrow")


@pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - set(COLLECTIONS)))
def test_case_5_6_containers_are_refused_by_name(tmp_path, name, monkeypatch):
    monkeypatch.setattr("spectrograms.corpus.inputs.kinds.has_codecs", lambda: False)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(
        sg.InvalidInputError, match=rf"input '.*' is {CONTAINERS[name][1]}.*, no sound file: \w"
    ):
        find_inputs(tmp_path / name)


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name not in ("x.tar.zst", "x.ark", "x.npz")])
def test_case_5_6_containers_are_refused_by_content(tmp_path, name, monkeypatch):
    for module in ("corpus.inputs.kinds", "audio.libav", "audio.decoding"):
        monkeypatch.setattr(f"spectrograms.{module}.has_codecs", lambda: False)
    content, what = CONTAINERS[name]
    what = "packed with gzip" if name.lower().endswith("gz") else what
    (tmp_path / "nothing_said").write_bytes(content)
    with pytest.raises(sg.InvalidInputError, match=what):
        find_inputs(tmp_path / "nothing_said")
    # In a list, or under another name, it is one input that failed.
    (tmp_path / "x.wav").write_bytes(content)
    report = extract({"path": str(tmp_path / "x.wav"), "id": name}, plan(), tmp_path / "out", num_threads=1)
    [failure] = report.failures
    assert failure["error"] == "InvalidInputError"
    assert "cannot read audio file" in failure["message"]
    assert f"; it is {what}" in failure["message"] or what in failure["message"]


URLS = ["file:///data/x.wav", "file://x.wav", "s3:/bucket/x", "s3:///x", "S3://"]


@pytest.mark.parametrize("url", URLS)
def test_case_5_5_urls_that_lead_nowhere_are_refused(tmp_path, monkeypatch, url):
    monkeypatch.chdir(tmp_path)
    soundfile.write("x.wav", noise(0), RATE)
    extract("x.wav", plan(), "store", num_threads=1)
    before = sorted(tmp_path.rglob("*"))
    for name, text in {
        "list.txt": url,
        "m.csv": f"path\n{url}\n",
        "m.jsonl": json.dumps({"path": url}),
        "m.json": json.dumps([{"audio_filepath": url}]),
        "wav.scp": f"u {url}\n",
    }.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(sg.InvalidInputError, match=rf"{name.replace('.', '.')}.*got the URL"):
            find_inputs(name)
        (tmp_path / name).unlink()
    for call in (
        lambda: find_inputs(url),
        lambda: find_inputs(url + "/*.wav"),
        lambda: find_inputs({"path": url}),
        lambda: find_inputs([Item("a", url)]),
        lambda: extract("x.wav", plan(), url),
        lambda: extract_part(["x.wav"], plan(), url),
        lambda: FeatureStore(url),
        lambda: verify(url),
        lambda: finish(url),
        lambda: export("store", "npz", url),
    ):
        with pytest.raises(sg.InvalidInputError, match="got the URL"):
            call()
    assert sorted(tmp_path.rglob("*")) == before


def test_drive_letters_are_no_urls(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("C:/x.wav", "C:\\x.wav", "a:b.wav", "take:1/x.wav"):
        with pytest.raises(FileNotFoundError):
            find_inputs(name)


DEEP = "[" * 200_000
HOSTILE = {
    ".csv": [
        b"path,id\na\0b.wav,x\n",
        b'path\n"' + b"x" * 200_000 + b"\n",
        b"path,start\na.wav,1e400\n",
        b"path,start\na.wav," + b"9" * 5000 + b"\n",
        b"path,duration\na.wav,1e300\n",
        b"path,id\na.wav,a\0b\n",
        b"path,id\na.wav," + b"x" * 100_000 + b"\n",
        b"\xff\xfep\0a\0t\0h\0",
    ],
    ".jsonl": [
        DEEP.encode(),
        b'{"path": ' + DEEP.encode() + b"}",
        b'{"path": "a.wav", "start": 1e400}',
        b'{"path": "a.wav", "start": NaN}',
        b'{"path": "a.wav", "duration": Infinity}',
        b'{"path": "a.wav", "start": ' + b"9" * 400 + b"}",
        b'{"path": "a.wav", "start": ' + b"9" * 5000 + b"}",
        b'{"path": "a.wav", "id": NaN}',
        b'{"path": "a.wav", "id": "a\\u0000b"}',
        b'{"path": "a\\u0000b.wav"}',
        b'{"path": ["a.wav"]}',
        b'{"path": "a.wav", "start": {}}',
    ],
    ".txt": [b"a\0b.wav\n", b"file://x\n", b"x" * 100_000 + b".wav\n"],
    ".json": [DEEP.encode(), b"[" + b'{"path": 3}]', b"\0", b'[{"path": "a", "start": 1e999}]'],
    ".scp": [b"u\n", b"u a\0b\n", b"u cat x |\n"],
}


@pytest.mark.parametrize(
    ("suffix", "content"),
    [pytest.param(s, c, id=f"{s}{k}") for s, contents in HOSTILE.items() for k, c in enumerate(contents)],
)
def test_case_6_hostile_manifests_are_refused(tmp_path, suffix, content):
    path = tmp_path / f"m{suffix}"
    path.write_bytes(content)
    with pytest.raises(sg.InvalidInputError) as caught:
        find_inputs(path)
    assert len(str(caught.value)) < 1000 + len(str(path))


@pytest.mark.parametrize(
    "content",
    [
        b'{"path": "a.wav", "id": "\\ud800"}',
        b'{"path": "\\ud800.wav"}',
        b'{"path": "caf\xe9.wav"}',
        b'{"path": "a\\nb.wav", "id": "a\\nb\\u001b[2J"}',
    ],
)
def test_case_6_odd_text_is_an_input_that_fails(tmp_path, content):
    (tmp_path / "m.jsonl").write_bytes(content)
    report = extract(tmp_path / "m.jsonl", plan(), tmp_path / "out", num_threads=1)
    assert len(report.failures) == 1
    assert [json.loads(line) for line in (tmp_path / "out" / "errors.jsonl").read_text().splitlines()]


SEEDS = {
    ".csv": b'path,id,start,duration\na.wav,x,0,1\n"b,c.wav",y,1.5,\n',
    ".tsv": b"path\tid\na.wav\tx\n",
    ".jsonl": b'{"path": "a.wav", "id": "x", "start": 1.5, "duration": null}\n{"path": "b.wav"}\n',
    ".json": b'[{"audio_filepath": "a.wav", "offset": 1e0}, {"path": "b.wav", "id": 3}]',
    ".txt": b"a.wav\r\nb.wav\n\xef\xbb\xbfc.wav\n",
    ".scp": b"u1 a.wav\nu2 b.wav\n",
}
PIECES = [
    b"\0",
    b"\xff",
    b'"',
    b"{",
    b"[",
    b"\n",
    b"\r",
    b",",
    b"1e999",
    b"NaN",
    b"-",
    b"9" * 400,
    b"://",
    b"\\ud800",
    b"null",
]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SEEDS)
def test_case_6_random_damage_to_manifests(tmp_path, suffix):
    generator = random.Random(suffix)
    path = tmp_path / f"m{suffix}"
    outcomes = {True: 0, False: 0}
    for _ in range(400):
        content = bytearray(SEEDS[suffix])
        for _ in range(generator.randrange(1, 6)):
            k = generator.randrange(len(content) + 1)
            content[k : k + generator.randrange(4)] = generator.choice(PIECES)
        path.write_bytes(content)
        try:
            items = find_inputs(path)
        except (sg.InvalidInputError, OSError):
            outcomes[False] += 1
        else:
            outcomes[True] += 1
            assert find_inputs(items) == items
    assert min(outcomes.values()) > 10


def test_case_6_hostile_objects_are_refused(tmp_path):
    class Bad:
        def __repr__(self):
            raise ValueError

        def __float__(self):
            raise OverflowError

    for fields in (
        {"path": "a.wav", "start": 10**5000},
        {"path": "a.wav", "start": Bad()},
        {"path": Bad()},
        {"path": "a.wav", "id": Bad()},
        {"path": "a.wav", "id": 10**5000},
        {"path": b"a.wav"},
        {"path": "a.wav", 3: None, "duration": -1},
    ):
        with pytest.raises(sg.InvalidInputError):
            find_inputs(fields)
    for source in (None, [None], [["a.wav"]], [3.0], 7, [b"a.wav"]):
        with pytest.raises(TypeError, match="must be a path"):
            find_inputs(source)
    for name in ("a\0b.wav", "*\0.wav", ""):
        with pytest.raises(sg.InvalidInputError, match="an input must be a path"):
            find_inputs(name)
    with pytest.raises(FileNotFoundError):
        find_inputs("\ud800*.wav")
    with pytest.raises((sg.InvalidInputError, FileNotFoundError)):
        find_inputs("*/" * 5000 + "x")


def _cut(**more):
    """A cut as lhotse writes it."""
    source = {"type": "file", "channels": [0], "source": "d/x.wav"}
    recording = {"id": "x", "sources": [source], "sampling_rate": RATE, "num_samples": 4000, "duration": 0.5}
    said = {
        "id": "x-0",
        "recording_id": "x",
        "start": 0,
        "duration": 0.5,
        "channel": 0,
        "text": "so",
        "speaker": "A",
    }
    cut = {
        "id": "x-0",
        "start": 0,
        "duration": 0.5,
        "channel": 0,
        "supervisions": [said],
        "recording": recording,
    }
    return {**cut, "type": "MonoCut", **more}


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_cuts_of_lhotse(tmp_path, monkeypatch, suffix):
    two = {**_cut()["recording"], "sources": [{"type": "file", "channels": [0, 1], "source": "d/x.wav"}]}
    cuts = [
        _cut(),
        _cut(id="part", start=0.1, duration=0.25, supervisions=[], custom={"snr": 3.5, "tag": "t"}),
        _cut(id="said", supervisions=[{"text": "a"}, {"text": "b"}]),
        _cut(id="both", channel=[0, 1], recording=two),
        _cut()["recording"],
    ]
    text = "".join(json.dumps(cut) + "\n" for cut in cuts).encode()
    path = tmp_path / f"cuts{suffix}"
    path.write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    said = {"text": "so", "speaker": "A"}
    for folder in (tmp_path, tmp_path / "d"):
        monkeypatch.chdir(tmp_path)
        folder.mkdir(exist_ok=True)
        sound = "d/x.wav" if (folder / "x.wav").exists() else str(tmp_path / "d/x.wav")
        assert find_inputs(path) == [
            Item("x-0", sound, columns=said),
            Item("part", sound, 0.1, 0.25, columns={"snr": 3.5, "tag": "t"}),
            Item("said", sound, columns={"supervisions": '[{"text": "a"}, {"text": "b"}]'}),
            Item("both", sound, columns=said),
            Item("x", sound),
        ]
        (tmp_path / "d").mkdir(exist_ok=True)
        soundfile.write(tmp_path / "d" / "x.wav", noise(0), RATE)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        ({"recording": None, "tracks": []}, "got one a mix of several"),
        ({"recording": None}, "got one without a recording"),
        ({"channel": 1}, r"all channels of its recording \[0\], got \[1\]"),
        ({"recording": {"sources": [{"type": "command", "source": "sox"}]}}, "must be a file, got 'command'"),
        ({"recording": {"sources": []}}, r"must have one source, got \[\]"),
        ({"recording": {"sources": [{"type": "file", "source": 3}]}}, "must be a path, got 3"),
        ({"recording": {"sources": [{"type": "file", "source": "x"}], "transforms": [1]}}, "with transforms"),
    ],
)
def test_cuts_of_lhotse_that_are_refused(tmp_path, cut, message):
    (tmp_path / "cuts.jsonl").write_text(json.dumps(_cut(**cut)))
    with pytest.raises(sg.InvalidInputError, match=rf"cuts\.jsonl, line 1: .*{message}"):
        find_inputs(tmp_path / "cuts.jsonl")


def test_a_manifest_that_is_packed_and_broken(tmp_path):
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(b'{"path": "x.wav"}\n')[:-9])
    with pytest.raises(sg.InvalidInputError, match=r"x\.jsonl\.gz cannot be read"):
        find_inputs(tmp_path / "x.jsonl.gz")


@pytest.mark.parametrize("place", [".", "sharded_manifests"])
def test_tarred_manifests_of_nemo(tmp_path, place):
    content = _archive(lambda buffer: soundfile.write(buffer, noise(0), RATE, format="WAV"))
    for shard in range(2):
        with tarfile.open(tmp_path / f"audio_{shard}.tar", "w") as archive:
            for k in range(2):
                entry = tarfile.TarInfo(f"a{shard}{k}.wav")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    rows = [
        {"audio_filepath": f"a{shard}{k}.wav", "duration": 9.9, "text": f"{shard}{k}", "shard_id": shard}
        for shard in range(2)
        for k in range(2)
    ]
    rows[3]["offset"], rows[3]["duration"] = 0.25, 0.125
    (tmp_path / place).mkdir(exist_ok=True)
    path = tmp_path / place / "tarred_audio_manifest.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = extract(path, plan(), tmp_path / "store", num_threads=1)
    assert report.failures == []
    store = FeatureStore(tmp_path / "store")
    assert store.ids == ["a00", "a01", "a10", "a11"]
    assert store.durations.tolist() == [0.5, 0.5, 0.5, 0.125]
    assert store.column("text") == ["00", "01", "10", "11"]
    path.write_text(json.dumps({**rows[0], "audio_filepath": "gone.wav"}))
    with pytest.raises(sg.InvalidInputError, match=r"audio_0\.tar has no member 'gone\.wav'"):
        find_inputs(path)
