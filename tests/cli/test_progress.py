"""Progress without a terminal, exit codes in --help, what was left out, URLs on the command line."""

import json
import re
import time

import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.cli import progress as progress_room
from spectrograms.cli.console import Console
from spectrograms.cli.progress import Lines, span
from spectrograms.corpus import FeatureStore, extract

from ..support.command import run
from ..support.corpora import RATE, noise, plan


def test_case_5_10_a_line_says_how_far_a_run_has_come():
    now = [100.0]
    lines = Lines(5000, "file", print, clock=lambda: now[0])
    assert lines.line() == "0 of 5000 files (0 %), 0 files/s"
    now[0] = 130.0
    lines.show(1100, "0.3 h/s, 2 failed", before=500)
    assert lines.line() == "1100 of 5000 files (22 %), 0.3 h/s, 2 failed, 20 files/s, 3 min left"
    lines.show(1100, "", 500, total=1700)
    assert lines.line() == "1100 of 1700 files (64 %), 20 files/s, 30 s left"
    assert Lines(0, "shard", print).line().startswith("0 of 0 shards, ")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (29, "29 s"), (59, "1 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min"), (90000, "1 d 1 h")],
)
def test_times_left(seconds, words):
    assert span(seconds) == words


def test_case_5_10_lines_come_without_anything_being_done(monkeypatch, capsys):
    assert progress_room.INTERVAL == 30.0
    monkeypatch.setattr(progress_room, "INTERVAL", 0.02)
    with Console().bar(7, "shard"):
        deadline = time.monotonic() + 30
        printed = ""
        while printed.count("\n") < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
            printed += capsys.readouterr().err
    assert printed.splitlines()[0] == "0 of 7 shards (0 %), 0 shards/s"
    capsys.readouterr()
    with Console(quiet=True).bar(7, "shard") as show:
        time.sleep(0.1)
        show(3)
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_case_5_10_every_long_verb_says_how_far_it_is(audio, config, tmp_path, monkeypatch, capsys):
    # A line at every step: what a clock would choose from.
    show = Lines.show

    def speaking(self, *state):
        show(self, *state)
        self._say(self.line())

    monkeypatch.setattr(Lines, "show", speaking)
    files = sorted(audio.rglob("*.wav"))
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"")
    for argv, unit, total in [
        (["extract", audio, "--config", config, "-o", tmp_path / "out"], "file", 12),
        (["compute", *files, bad, "-o", tmp_path / "computed"], "file", 13),
        (["verify", tmp_path / "out"], "shard", 1),
        (["export", tmp_path / "out", "--to", "npz", "-o", tmp_path / "out.npz"], "record", 12),
        (["export", tmp_path / "out", "--to", "parquet", "-o", tmp_path / "parquet"], "record", 12),
        (["export", tmp_path / "out", "--to", "webdataset", "-o", tmp_path / "tars"], "record", 12),
    ]:
        run(*argv)
        printed = capsys.readouterr().err
        found = re.findall(rf"^(\d+) of (\d+) {unit}s \(\d+ %\)", printed, re.MULTILINE)
        assert found[-1] == (str(total), str(total)), printed
        if argv[0] == "compute":
            assert "13 files (100 %), 1 failed" in printed


@pytest.mark.parametrize(
    "verb", ["", "compute", "extract", "verify", "export", "info", "demo", "compare", "frontends"]
)
def test_case_5_10_exit_codes_stand_in_help(verb, capsys):
    assert run(*([verb] if verb else []), "--help") == 0
    text = " ".join(capsys.readouterr().out.split())
    for words in (
        "Exit codes: 0 all well; 1 the run failed; 2 wrong usage;",
        "130 interrupted",
        "the first of 2, 1",
    ):
        assert words in text
    assert ("; 3 " in text) == (verb not in ("export", "compare", "frontends"))


def test_case_5_3_what_was_left_out_stands_on_the_last_line(audio, config, tmp_path, capsys):
    for name in ("a.txt", "b.txt", "c.json", ".hidden.wav"):
        (audio / name).write_bytes(b"")
    assert run("extract", audio, "--config", config, "-o", tmp_path / "out", "--json") == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == "left out: 2 .txt, 1 .json, 1 hidden"
    document = json.loads(printed.out)
    assert document["left_out"] == {".txt": 2, ".json": 1, "hidden": 1}
    assert document["n_duplicates"] == 0
    (audio / "speaker0" / "000.wav").unlink()
    assert run("extract", audio, "--config", config, "-o", tmp_path / "out") == 3
    assert capsys.readouterr().err.splitlines()[-1] == "left out: 2 .txt, 1 .json, 1 hidden"


def test_case_5_3_on_duplicate_from_the_command_line(audio, config, tmp_path, capsys):
    soundfile.write(audio / "speaker0" / "000.flac", noise(0), RATE)
    given = ["extract", audio, "--config", config, "-o"]
    assert run(*given, tmp_path / "error") == 1
    assert "--on-duplicate" in capsys.readouterr().err
    assert run(*given, tmp_path / "suffix", "--on-duplicate", "suffix") == 0
    assert {"speaker0/000.flac", "speaker0/000.wav"} <= set(FeatureStore(tmp_path / "suffix").ids)
    capsys.readouterr()
    assert run(*given, tmp_path / "first", "--on-duplicate", "first", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["n_duplicates"] == 1
    assert "dropped for an id that another has: 1" in printed.err
    assert len(FeatureStore(tmp_path / "first")) == 12
    assert run(*given, tmp_path / "x", "--on-duplicate", "last") == 2


def test_case_5_5_urls_on_the_command_line(audio, config, tmp_path, monkeypatch, capsys):
    extract(audio, plan(), tmp_path / "store", num_threads=1)
    monkeypatch.chdir(tmp_path)
    wav = audio / "speaker0" / "000.wav"
    before = sorted(tmp_path.rglob("*"))
    for code, *argv in [
        (2, "extract", audio, "--config", config, "-o", "s3:/bucket/x"),
        (1, "extract", "file:///x", "--config", config, "-o", "out"),
        (2, "compute", wav, "-o", "s3://bucket/x.npz"),
        (2, "compute", wav, "-o", "gs://bucket/x", "--format", "npz"),
        (2, "export", "store", "--to", "npz", "-o", "s3:/bucket/x.npz"),
        (2, "demo", audio, "-o", "s3://bucket"),
        (3, "compute", "file:///x.wav", "-o", "."),
        (3, "plot", "s3:/bucket/x.wav", "-o", "."),
        (1, "average", "file:///x.wav", "-o", "x.npz"),
        (2, "report", "file:///x", "-o", "x.html"),
    ]:
        assert run(*argv) == code, argv
        assert "got the URL" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
