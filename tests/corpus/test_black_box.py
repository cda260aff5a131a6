"""Cases of corpora through the public names and the command line alone, whatever lies behind them."""

import json
import os
import threading

import numpy as np
import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, export, extract, verify

from ..support.command import run
from ..support.corpora import RATE, noise, plan, recordings


def write(path, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise(seed, 0.1), RATE)
    return path


@pytest.mark.parametrize("change", ["content", "gone"])
def test_case_5_1_a_second_run_says_that_a_source_is_another_one(tmp_path, config, change):
    for i in range(3):
        write(tmp_path / "in" / f"{i}.wav", i)
    command = ("extract", tmp_path / "in", "--config", config, "-o", tmp_path / "out")
    assert run(*command) == 0
    path = tmp_path / "in" / "1.wav"
    if change == "gone":
        path.unlink()
    else:
        soundfile.write(path, noise(9, 0.2), RATE)
    assert run(*command) == 3


def test_case_5_3_all_files_of_equal_ids_are_named(tmp_path, config, capsys):
    for name in ("x", "y", "z"):
        for suffix in (".wav", ".flac"):
            write(tmp_path / "in" / (name + suffix))
    assert run("extract", tmp_path / "in", "--config", config, "-o", tmp_path / "out") == 1
    said = capsys.readouterr().err
    for path in (tmp_path / "in").iterdir():
        assert path.name in said


def test_case_5_3_hidden_files_are_no_recordings(tmp_path):
    write(tmp_path / "in" / "a.wav")
    write(tmp_path / "in" / "._a.wav")
    write(tmp_path / "in" / ".trash" / "b.wav")
    extract(str(tmp_path / "in"), plan(), str(tmp_path / "out"))
    assert FeatureStore(str(tmp_path / "out")).ids == ["a"]


def test_case_5_4_a_loop_of_links_does_not_end_the_run(tmp_path, config):
    write(tmp_path / "in" / "good.wav")
    os.symlink("b.wav", tmp_path / "in" / "a.wav")
    os.symlink("a.wav", tmp_path / "in" / "b.wav")
    os.symlink("d", tmp_path / "in" / "c")
    os.symlink("c", tmp_path / "in" / "d")
    assert run("extract", tmp_path / "in", "--config", config, "-o", tmp_path / "out") == 3
    assert FeatureStore(str(tmp_path / "out")).ids == ["good"]


@pytest.mark.slow
def test_case_5_7_flipped_bits_of_a_shard_are_found(tmp_path):
    store = tmp_path / "out"
    extract(str(recordings(tmp_path / "in", 4)), plan(), str(store))
    assert verify(str(store)) == []
    [shard] = store.glob("*.arrow")
    content = shard.read_bytes()
    for place in np.random.default_rng(5).integers(0, 8 * len(content), 60):
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        shard.write_bytes(damaged)
        assert verify(str(store)) != [], place


@pytest.mark.parametrize(
    ("kind", "names"),
    [("npy", ["spk/x", "spk//x"]), ("npy", ["a", "./a"]), ("npz", ["../../evil"]), ("npz", ["a/../../evil"])],
)
def test_case_5_8_no_two_ids_of_one_name_and_none_outside(tmp_path, kind, names):
    path = write(tmp_path / "a.wav")
    lines = [json.dumps({"id": name, "path": str(path)}) for name in names]
    (tmp_path / "list.jsonl").write_text("\n".join(lines))
    extract(str(tmp_path / "list.jsonl"), plan(), str(tmp_path / "out"))
    with pytest.raises(sg.InvalidInputError, match=r"would have the same name|cannot be a file name"):
        export(str(tmp_path / "out"), kind, str(tmp_path / f"x.{kind}"))
    assert not list(tmp_path.rglob("x.*/**/*.npy"))
    assert not (tmp_path / "x.npz").exists()


def test_case_5_10_a_log_says_how_far_a_run_has_come(tmp_path, config, capsys, monkeypatch):
    wait = threading.Event.wait

    def soon(event, timeout=None):
        """Half a minute passes within a thousandth of a second."""
        return wait(event, 0.001 if timeout is not None and 25 < timeout < 35 else timeout)

    monkeypatch.setattr(threading.Event, "wait", soon)
    audio = recordings(tmp_path / "in", 60)
    assert run("extract", audio, "--config", config, "-o", tmp_path / "out", "--num-threads", "1") == 0
    assert " of 60 " in capsys.readouterr().err
