"""Recordings in object stores, by their URL: the samples of the file, and no more of it than is needed."""

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
pytest.importorskip("moto", reason="needs moto: pip install 'moto[s3]' flask flask-cors")

import spectrograms as sg
from spectrograms.corpus import Item
from spectrograms.places import remote

from ..support.command import run
from ..support.corpora import noise, put, recordings
from ..support.faulty import faulty
from ..support.objects import bucket, server  # noqa: F401


@pytest.fixture
def folder(tmp_path):
    """A recording of each of some formats, and one of 16 MB."""
    for name in ("a.wav", "b.flac", "c.ogg", "d.mp3", "e.aiff"):
        put(tmp_path / "sounds", name, noise(1, 2.0, 16000, 2), 16000)
    put(tmp_path / "sounds", "long.wav", noise(2, 250.0, 16000, 2), 16000)
    return tmp_path / "sounds"


def same(path, url, **options):
    found, rate = sg.read_audio(url, **options)
    wanted, wanted_rate = sg.read_audio(path, **options)
    assert rate == wanted_rate
    assert found.tobytes() == wanted.tobytes()


def test_samples_are_those_of_the_file(bucket, folder):  # noqa: F811
    bucket.fill(folder, "sounds")
    for path in sorted(folder.iterdir()):
        url = bucket.url(f"sounds/{path.name}")
        same(path, url)
        same(path, url, sample_rate=8000, mono=False, start=0.5, duration=1.0)
        found, wanted = sg.audio_info(url), sg.audio_info(path)
        assert found.path == f"s3://bucket/sounds/{path.name}"
        assert (found.n_samples, found.format, found.subtype) == (
            wanted.n_samples,
            wanted.format,
            wanted.subtype,
        )
        blocks = np.concatenate(list(sg.audio_blocks(url, start=0.25)))
        assert blocks.tobytes() == sg.read_audio(path, start=0.25)[0].tobytes()
    part = Item("part", bucket.url("sounds/b.flac"), start=0.5, duration=0.25)
    assert (
        sg.read_audio(part)[0].tobytes()
        == sg.read_audio(folder / "b.flac", start=0.5, duration=0.25)[0].tobytes()
    )


def test_a_header_does_not_take_the_samples(bucket, folder, monkeypatch):  # noqa: F811
    bucket.put("long.wav", (folder / "long.wav").read_bytes())
    fetched, at = [], remote.Opened.at

    def noted(opened, first, count):
        fetched.append(count)
        return at(opened, first, count)

    monkeypatch.setattr(remote.Opened, "at", noted)
    assert sg.audio_info(bucket.url("long.wav")).duration == 250.0
    assert sum(fetched) <= 8 << 20 < (folder / "long.wav").stat().st_size
    fetched.clear()
    for block in sg.audio_blocks(bucket.url("long.wav")):
        assert block.size
        break
    assert sum(fetched) <= 8 << 20
    same(folder / "long.wav", bucket.url("long.wav"), start=240.0)


def test_errors_name_the_url(bucket, monkeypatch):  # noqa: F811
    monkeypatch.setattr(remote, "PAUSES", ())
    bucket.put("x.wav", b"no audio")
    bucket.put("empty.wav", b"")
    secret = bucket.url("no.wav").replace("s3://", "s3://some-access-key:some-secret-key@")
    with pytest.raises(FileNotFoundError, match=r"s3://bucket/no\.wav") as gone:
        sg.read_audio(secret)
    assert "some-secret-key" not in str(gone.value)
    with pytest.raises(sg.InvalidInputError, match=r"cannot read audio file 's3://bucket/x\.wav'"):
        sg.read_audio(bucket.url("x.wav"))
    with pytest.raises(
        sg.InvalidInputError, match=r"cannot read audio file 's3://bucket/empty\.wav': it is empty"
    ):
        sg.audio_info(bucket.url("empty.wav"))
    with pytest.raises(OSError, match=r"s3://bucket/no\.wav"):
        next(sg.audio_blocks(bucket.url("no.wav").replace(bucket.reached, "127.0.0.1:9")))
    for wrong in ("file:///x.wav", "s3:/bucket/x.wav", "s3://"):
        with pytest.raises(sg.InvalidInputError, match="must be a path on this machine, got the URL"):
            sg.read_audio(wrong)


def test_a_bad_network_changes_nothing(bucket, folder):  # noqa: F811
    bucket.put("long.wav", (folder / "long.wav").read_bytes())
    with faulty(bucket.address, 5, busy=0.1, reset=0.1, cut=0.1) as proxy:
        for start in (0.0, 100.0, 200.0):
            same(folder / "long.wav", bucket.through(proxy.address).url("long.wav"), start=start)
        assert proxy.become()


def test_every_verb_takes_urls(bucket, tmp_path, capsys):  # noqa: F811
    pytest.importorskip("matplotlib")
    near = recordings(tmp_path / "near", 4)
    bucket.fill(near, "far")
    bucket.put("far/notes.txt", b"no sound")
    one, folder = bucket.url("far/speaker0/000.wav"), bucket.url("far")
    shutil.copy(near / "speaker0" / "000.wav", tmp_path / "000.wav")
    here = str(tmp_path / "000.wav")
    for verb, suffix, options in (
        ("compute", "npz", ("--scale", "mel")),
        ("compute", "png", ()),
        ("plot", "svg", ("--waveform",)),
        ("average", "csv", ("--scale", "octave")),
    ):
        outputs = [tmp_path / f"{place}.{verb}.{suffix}" for place in ("here", "there")]
        assert run(verb, here, "-o", str(outputs[0]), *options) == 0
        assert run(verb, one, "-o", str(outputs[1]), *options) == 0
        assert outputs[0].read_bytes() == outputs[1].read_bytes(), verb
    for place, inputs in (("one", [str(near)]), ("other", [folder])):
        assert run("compute", *inputs, "-o", str(tmp_path / place)) == 0
    assert {
        path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.npz")
    } == {
        path.relative_to(tmp_path / "other"): path.read_bytes()
        for path in (tmp_path / "other").rglob("*.npz")
    }
    assert run("compute", bucket.url("far/*/00[12].wav"), "-o", str(tmp_path / "some"), "--workers", "2") == 0
    assert sorted(path.name for path in (tmp_path / "some").iterdir()) == ["001.npz", "002.npz"]
    bucket.put("saved.npz", (tmp_path / "here.compute.npz").read_bytes())
    assert run("plot", bucket.url("saved.npz"), "-o", str(tmp_path / "saved.png")) == 0
    capsys.readouterr()
    assert run("info", one, "--json", "--stats") == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["stats"]["n_values"] == 2000
    assert run("compare", "whisper_openai", "whisper_hf", "--audio", one) == 0


def test_wrong_urls_of_every_verb(bucket, tmp_path, capsys):  # noqa: F811
    bucket.put("none/x.txt", b"")
    key = "s3://some-access-key:some-secret-key@"
    gone = bucket.url("gone.wav").replace("s3://", key)
    assert run("compute", gone, bucket.url("none/*.wav"), "-o", str(tmp_path / "out")) == 3
    assert run("compute", bucket.url("none"), "-o", str(tmp_path / "out")) == 2
    assert run("plot", gone, "-o", str(tmp_path / "x.png")) == 3
    assert run("average", gone, "-o", str(tmp_path / "x.csv")) == 1
    said = "".join(capsys.readouterr())
    assert "s3://bucket/gone.wav: " in said
    assert "no object matches 's3://bucket/none/*.wav'" in said
    assert "no recordings in s3://bucket/none: left out: 1 .txt" in said
    assert "some-secret-key" not in said
