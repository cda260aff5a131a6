"""Recordings in an object store: the ids, features and lengths of the same files on this machine."""

import gzip
import io
import json
import tarfile

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
pytest.importorskip("moto", reason="needs moto: pip install 'moto[s3]' flask flask-cors")

import pyarrow as pa
import pyarrow.parquet

import spectrograms as sg
from spectrograms.corpus import FeatureStore, Item, extract, find_inputs
from spectrograms.places.urls import Url

from ..support.corpora import digests, noise, plan, put, recordings
from ..support.objects import bucket, server  # noqa: F401


def same(found, wanted):
    """Whether two stores hold the same, but for the places of the sounds."""
    strip = lambda rows: {name: (row[:2], row[3:]) for name, row in rows.items()}  # noqa: E731
    one, other = digests(FeatureStore(found)), digests(FeatureStore(wanted))
    assert list(one) == list(other)
    assert strip(one) == strip(other)
    return one


@pytest.mark.parametrize("options", [{"num_threads": 1}, {"num_threads": 3}, {"workers": 2}], ids=str)
def test_a_folder_gives_what_its_files_give(bucket, audio, tmp_path, options):  # noqa: F811
    bucket.fill(audio, "audio")
    bucket.put("audio/notes.txt", b"no sound")
    bucket.put("audio/.hidden.wav", b"no sound")
    extract(audio, plan(), tmp_path / "near", num_threads=1, shard_files=4)
    report = extract(bucket.url("audio"), plan(), tmp_path / "far", shard_files=4, **options)
    assert (report.n_done, report.n_failed, report.left_out) == (12, 0, {".txt": 1, "hidden": 1})
    rows = same(tmp_path / "far", tmp_path / "near")
    assert rows["speaker0/000"][2] == "s3://bucket/audio/speaker0/000.wav"
    again = extract(bucket.url("audio"), plan(), tmp_path / "far", shard_files=4, **options)
    assert (again.n_skipped, again.n_done, again.n_changed, again.n_unknown) == (12, 0, 0, 0)


def test_all_ways_to_name_recordings(bucket, audio, monkeypatch, tmp_path):  # noqa: F811
    bucket.fill(audio, "a b/audio")
    bucket.put("a b/list.txt", "audio/speaker0/000.wav\n../a b/audio/speaker1/001.wav\n")
    rows = [
        {"path": "audio/speaker0/000.wav", "start": 0.1, "speaker": "Ada"},
        {"path": "/somewhere/else.wav"},
    ]
    lines = "".join(
        json.dumps(row) + "\n" for row in [*rows, {"path": bucket.url("a b/audio/speaker2/002.wav")}]
    )
    bucket.put("a b/m.jsonl", lines)
    bucket.put("a b/m.jsonl.gz", gzip.compress(lines.encode()))
    bucket.put("a b/wav.scp", "one audio/speaker0/000.wav\n")
    bucket.put("a b/segments", "part one 0.0 0.2\n")
    ids = lambda url: [item.id for item in find_inputs(url)]  # noqa: E731
    assert ids(bucket.url("a b/audio/speaker0/000.wav")) == ["bucket/a b/audio/speaker0/000"]
    assert ids(bucket.url("a b/audio/*/00[01].wav")) == [
        "bucket/a b/audio/speaker0/000",
        "bucket/a b/audio/speaker1/001",
    ]
    assert len(ids(bucket.url("a b/**/*.wav"))) == len(ids(bucket.url("a b"))) == 12
    assert ids(bucket.url("a b/audio/speaker0/{000,003}.wav")) == [
        "bucket/a b/audio/speaker0/000",
        "bucket/a b/audio/speaker0/003",
    ]
    assert [item.path for item in find_inputs(bucket.url("a b/list.txt"))] == [
        "s3://bucket/a b/audio/speaker0/000.wav",
        "s3://bucket/a b/audio/speaker1/001.wav",
    ]
    for name in ("m.jsonl", "m.jsonl.gz"):
        first, second, third = find_inputs(bucket.url(f"a b/{name}"))
        assert (first.path, first.start) == ("s3://bucket/a b/audio/speaker0/000.wav", 0.1)
        assert first.columns == {"speaker": "Ada"}
        assert (second.path, second.data) == ("/somewhere/else.wav", None)
        assert third.path == "s3://bucket/a b/audio/speaker2/002.wav"
    [part] = find_inputs(bucket.url("a b/wav.scp"))
    assert (part.id, part.path, part.duration) == ("part", "s3://bucket/a b/audio/speaker0/000.wav", 0.2)
    (tmp_path / "list.txt").write_text(bucket.url("a b/audio/speaker0/000.wav") + "\n")
    given = (
        tmp_path / "list.txt",
        {"path": bucket.url("a b/audio/speaker0/000.wav")},
        Item("bucket/a b/audio/speaker0/000", bucket.url("a b/audio/speaker0/000.wav")),
    )
    for inputs in given:
        [item] = find_inputs(inputs)
        assert (item.id, item.path) == (
            "bucket/a b/audio/speaker0/000",
            "s3://bucket/a b/audio/speaker0/000.wav",
        )
        samples, rate = sg.read_audio(item)
        assert (samples == sg.read_audio(audio / "speaker0" / "000.wav")[0]).all()
        assert sg.audio_info(item).sample_rate == rate


def tarred(audio, mode="w"):
    """The recordings as an archive of WebDataset's."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for path in sorted(audio.rglob("*.wav")):
            name = path.relative_to(audio).as_posix()
            for member, content in ((name, path.read_bytes()), (name[:-3] + "txt", b"said")):
                entry = tarfile.TarInfo(member)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def table(audio):
    """The recordings as a table of Hugging Face's."""
    paths = sorted(audio.rglob("*.wav"))
    sounds = [{"bytes": path.read_bytes(), "path": path.relative_to(audio).as_posix()} for path in paths]
    return pa.table({"audio": sounds, "txt": ["said"] * len(paths)})


def arrow(audio, new):
    sink = pa.BufferOutputStream()
    with new(sink, table(audio).schema) as writer:
        writer.write_table(table(audio), max_chunksize=5)
    return sink.getvalue().to_pybytes()


def parquet(audio):
    sink = pa.BufferOutputStream()
    pa.parquet.write_table(table(audio), sink, row_group_size=5)
    return sink.getvalue().to_pybytes()


COLLECTIONS = {
    "x.tar": tarred,
    "x.tar.gz": lambda audio: tarred(audio, "w:gz"),
    "x.parquet": parquet,
    "x.arrow": lambda audio: arrow(audio, pa.ipc.new_file),
    "stream.arrow": lambda audio: arrow(audio, pa.ipc.new_stream),
}


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("options", [{"num_threads": 1}, {"workers": 2, "shard_files": 4}], ids=str)
def test_collections(bucket, audio, tmp_path, name, options):  # noqa: F811
    content = COLLECTIONS[name](audio)
    (tmp_path / name).write_bytes(content)
    bucket.put(f"data/{name}", content)
    extract(tmp_path / name, plan(), tmp_path / "near", num_threads=1)
    assert extract(bucket.url(f"data/{name}"), plan(), tmp_path / "far", **options).n_done == 12
    same(tmp_path / "far", tmp_path / "near")
    assert FeatureStore(tmp_path / "far").column("txt") == ["said"] * 12
    again = extract(bucket.url(f"data/{name}"), plan(), tmp_path / "far", **options)
    assert (again.n_skipped, again.n_done, again.n_changed) == (12, 0, 0)


def test_many_archives_and_their_manifest(bucket, tmp_path):  # noqa: F811
    for k in range(3):
        folder = recordings(tmp_path / str(k) / f"of{k}", 3)
        bucket.put(f"shards/audio_{k}.tar", tarred(folder.parent))
    rows = [{"audio_filepath": "of1/speaker0/000.wav", "shard_id": 1, "text": "yes"}]
    bucket.put("shards/m.json", json.dumps(rows[0]))
    url = bucket.url("shards/audio_{0..2}.tar")
    assert extract(url, plan(), tmp_path / "out", num_threads=1).n_done == 9
    assert extract(bucket.url("shards/*.tar"), plan(), tmp_path / "out", num_threads=1).n_skipped == 9
    [item] = find_inputs(bucket.url("shards/m.json"))
    assert item.columns["text"] == "yes"
    assert len(sg.read_audio(item)[0]) > 0


def test_changed_and_gone(bucket, audio, tmp_path):  # noqa: F811
    bucket.fill(audio, "audio")
    extract(bucket.url("audio"), plan(), tmp_path / "out", num_threads=1)
    bucket.put("audio/speaker0/000.wav", (audio / "speaker1" / "001.wav").read_bytes())
    wanted = find_inputs(bucket.url("audio"))
    bucket.remove("audio/speaker1/001.wav")
    report = extract(wanted, plan(), tmp_path / "out", num_threads=1)
    assert (report.n_changed, report.n_gone) == (1, 0)
    listed = [{"id": item.id, "path": bucket.url(item.path.partition("bucket/")[2])} for item in wanted]
    report = extract(listed, plan(), tmp_path / "out", num_threads=1, refresh=True)
    assert (report.n_changed, report.n_gone, report.n_done) == (1, 1, 1)
    assert len(FeatureStore(tmp_path / "out")) == 11


def test_long_files_in_segments(bucket, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr("spectrograms.corpus.inputs.far._MOST_BYTES", 1 << 20)
    put(tmp_path / "in", "long.wav", noise(0, 100.0))
    bucket.fill(tmp_path / "in", "in")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    for name, inputs in (("near", tmp_path / "in"), ("far", bucket.url("in"))):
        assert extract(inputs, plan(), tmp_path / name, segment=10.0, num_threads=2).rows == 11
    same(tmp_path / "far", tmp_path / "near")
    source = FeatureStore(tmp_path / "far")[0].source
    assert source.mtime_ns == find_inputs(bucket.url("in"))[0].data.mtime_ns
    assert extract(bucket.url("in"), plan(), tmp_path / "far", segment=10.0).n_changed == 0
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_cannot_be_read_is_named(bucket, audio, tmp_path):  # noqa: F811
    bucket.put("x.wav", b"no audio")
    with pytest.raises(FileNotFoundError, match=r"input 's3://bucket/no\.wav' does not exist"):
        find_inputs([bucket.url("no.wav"), bucket.url("x.wav")])
    with pytest.raises(FileNotFoundError, match=r"no object matches 's3://bucket/no/\*.wav'"):
        find_inputs(bucket.url("no/*.wav"))
    with pytest.raises(FileNotFoundError):
        find_inputs(bucket.url("no.tar"))
    with pytest.raises(sg.InvalidInputError, match="is a zip archive, no sound file"):
        find_inputs(bucket.url("x.zip"))
    bucket.put("none/x.txt", b"")
    with pytest.raises(
        sg.InvalidInputError, match=r"folder 's3://bucket/none' must hold audio files, got none"
    ):
        find_inputs(bucket.url("none"))
    rows = [{"path": bucket.url("x.wav")}, {"path": bucket.url("gone.wav")}]
    report = extract(rows, plan(), tmp_path / "out", num_threads=1)
    assert [(each["path"], each["error"]) for each in report.failures] == [
        ("s3://bucket/x.wav", "InvalidInputError"),
        ("s3://bucket/gone.wav", "FileNotFoundError"),
    ]
    assert all(each["path"] in each["message"] for each in report.failures)


def test_case_5_5_secrets_are_nowhere(bucket, audio, tmp_path, capfd, monkeypatch):  # noqa: F811
    monkeypatch.setattr("spectrograms.places.remote.PAUSES", ())
    bucket.fill(audio, "audio")
    url = bucket.url("audio").replace("s3://", "s3://my-access-key:my-secret-key@")
    items = find_inputs(url)
    assert extract(url, plan(), tmp_path / "out", workers=2, shard_files=4).n_done == 12
    assert find_inputs({"path": url + "&x=my-secret-key", "bytes": b"x"})[0].path == "s3://bucket/audio"
    with pytest.raises(FileNotFoundError) as gone:
        find_inputs(url.replace("/audio", "/no.wav"))
    nowhere = url.replace(bucket.reached, "127.0.0.1:9")
    inputs = iter([{"id": "a", "path": nowhere.replace("/audio", "/no.wav")}])
    report = extract(inputs, plan(), tmp_path / "fails")
    said = [repr(items), str(gone.value), json.dumps(report.to_dict()), repr(Url(url)), *capfd.readouterr()]
    said += [path.read_bytes().decode("latin-1") for path in tmp_path.glob("*/*") if path.is_file()]
    assert report.n_failed == 1
    assert not [text for text in said if "my-secret-key" in text or "my-access-key" in text]


def test_other_stores_go_through_fsspec(audio, tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="needs fsspec: pip install fsspec")
    memory = fsspec.filesystem("memory")
    for path in audio.rglob("*.wav"):
        memory.pipe(f"/audio/{path.relative_to(audio).as_posix()}", path.read_bytes())
    extract(audio, plan(), tmp_path / "near", num_threads=1)
    assert extract("memory://audio", plan(), tmp_path / "far", num_threads=1).n_done == 12
    same(tmp_path / "far", tmp_path / "near")
    with pytest.raises(sg.InvalidInputError, match="must be in a kind of store that pyarrow or fsspec knows"):
        find_inputs("nonsense://bucket/x.wav")


@pytest.mark.parametrize(
    ("full", "public", "key"),
    [
        ("S3://bucket/a b/x.wav?region=r", "s3://bucket/a b/x.wav", "a b/x.wav"),
        ("s3://key:se/cret@bucket/x", "s3://bucket/x", "x"),
        ("s3://key:secret@bucket/x", "s3://bucket/x", "x"),
        ("s3://bucket/why?.wav", "s3://bucket/why?.wav", "why?.wav"),
        ("https://host/x.wav?token=secret", "https://host/x.wav", "x.wav"),
        (
            "abfs://container@account.dfs.core.windows.net/x",
            "abfs://container@account.dfs.core.windows.net/x",
            "x",
        ),
        ("abfs://account:secret@container/x", "abfs://container/x", "x"),
    ],
)
def test_names(full, public, key):
    url = Url(full)
    assert (str.__str__(url), url.key) == (public, key)
    assert url.parent.beside(key.rpartition("/")[2]) == url
    assert not [word for word in ("secret", "cret", "token") if word in f"{url!r} {url.beside('y')}"]
