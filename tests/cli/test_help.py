"""What ``--help`` shows runs; verbs and options have groups; shells complete them; errors help."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import soundfile

from spectrograms.cli.helping import EXAMPLES, GROUPS
from spectrograms.cli.options import GROUPS as OPTION_GROUPS
from spectrograms.cli.options import OPTIONS
from spectrograms.cli.parser import SHELLS, make_parser

from ..support.command import run, run_shown
from ..support.corpora import RATE, noise, recordings

VERBS = make_parser().get_default("parser_of")


def test_every_verb_is_listed_once_and_has_examples():
    listed = [verb for group in GROUPS.values() for verb in group]
    assert len(set(listed)) == len(listed)
    assert set(VERBS) <= set(listed)
    assert set(VERBS) <= set(EXAMPLES)


def test_every_option_is_in_one_group():
    grouped = [name for group in OPTION_GROUPS.values() for name in group]
    assert sorted(grouped) == sorted(option.name for option in OPTIONS)


def test_help_of_the_program(capsys):
    assert run("--help") == 0
    text = capsys.readouterr().out
    assert re.findall(r"^(\w[\w ]*):$", text, re.M)[:2] == [*GROUPS][:2]
    assert all(re.search(rf"^  {verb} +\w", text, re.M) for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb(verb, capsys):
    assert run(verb, "--help") == 0
    text = capsys.readouterr().out
    assert "examples:\n" in text
    for _, commands in EXAMPLES[verb]:
        assert all(f"    {command}\n" in text for command in commands.split("\n"))


# --- examples -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_examples_run(tmp_path):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install matplotlib")
    recordings(tmp_path / "recordings")
    soundfile.write(tmp_path / "talk.wav", noise(1, 2.5), RATE)
    # Stores are made by the examples of one verb, and read by those of others.
    order = sorted(VERBS, key=lambda verb: (verb != "extract", verb))
    lines = [command for verb in order for _, commands in EXAMPLES[verb] for command in commands.split("\n")]
    run_shown(lines, tmp_path)
    assert {"talk.png", "levels.csv", "features.npz", "kaldi", "demo-output", "features"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert (tmp_path / "features" / "speaker1" / "004.png").is_file()


# --- completion ---------------------------------------------------------------------------------------


def completed(tmp_path, capsys, *words):
    """What bash offers for the last word."""
    assert run("completion", "bash") == 0
    (tmp_path / "completion.bash").write_text(capsys.readouterr().out)
    code = (
        f"source completion.bash; COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; "
        '_spectrograms; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ran = subprocess.run(["bash", "-uc", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    return ran.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["com"], {"compute", "compare", "completion"}),
        (["compute", "--n-m"], {"--n-mels"}),
        (["compute", "--scale", ""], {"linear", "mel", "erb", "bark", "loghz", "octave", "cqt"}),
        (["export", "store", "--to", "k"], {"kaldi"}),
        (["compute", "talk"], set()),  # files, by bash itself
        (["completion", ""], set(SHELLS)),
    ],
)
def test_bash_completes(words, offered, tmp_path, capsys):
    assert offered <= set(completed(tmp_path, capsys, "spectrograms", *words))
    if not offered:
        assert completed(tmp_path, capsys, "spectrograms", *words) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_names_every_verb_and_option(shell, capsys):
    assert run("completion", shell) == 0
    text = capsys.readouterr().out
    assert all(verb in text for verb in VERBS)
    for option in OPTIONS:
        flag = option.name.replace("_", "-")
        assert (f"-l {flag}" if shell == "fish" else f"--{flag}") in text


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_is_understood_by_its_shell(shell, tmp_path, capsys):
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    assert run("completion", shell) == 0
    (tmp_path / "script").write_text(capsys.readouterr().out)
    ran = subprocess.run([shell, "-n", "script"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


# --- errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["comptue"], "did you mean compute?"),
        (["compute", "--n-mesl", "40"], "did you mean --n-mels? (see spectrograms compute --help)"),
        (["compute", "--scale", "mell"], "did you mean mel?"),
        (["export", "store", "--to", "zar", "-o", "out"], "did you mean zarr?"),
        (["extract", "x", "--frontend", "no", "-o", "out"], "spectrograms frontends lists all"),
        (["compute", "x.wav"], "a .npz, .npy or .png file for one FILE, or a folder"),
        (["extract", "--frontend", "ast", "-o", "out"], "name a folder of recordings, files, a list"),
        (["extract", "x", "--frontend", "ast", "-o", "out", "--sample", "0"], "--sample must be >= 1, got 0"),
    ],
)
def test_errors_say_what_to_do(arguments, hint, capsys):
    assert run(*arguments) == 2
    assert hint in capsys.readouterr().err


def test_what_is_like_nothing_has_no_hint(capsys):
    assert run("compute", "--zzzz") == 2
    assert "did you mean" not in capsys.readouterr().err


# --- folders ------------------------------------------------------------------------------------------


def test_compute_takes_folders(tmp_path, capsys):
    folder = recordings(tmp_path / "recordings", 4)
    (folder / "notes.txt").write_text("left out")
    assert run("compute", folder, "-o", tmp_path / "out", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    made = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.npz"))
    assert made == ["speaker0/000.npz", "speaker0/003.npz", "speaker1/001.npz", "speaker2/002.npz"]
    assert len(document["files"]) == 4
    alone = tmp_path / "alone.npz"
    assert run("compute", folder / "speaker0" / "003.wav", "-o", alone) == 0
    assert alone.read_bytes() == (tmp_path / "out" / "speaker0" / "003.npz").read_bytes()


@pytest.mark.slow
def test_folders_are_shared_by_processes(tmp_path):
    folder = recordings(tmp_path / "recordings", 6)
    assert run("compute", folder, "-o", tmp_path / "one", "--workers", "1", "-q") == 0
    assert run("compute", folder, "-o", tmp_path / "two", "--workers", "2", "-q") == 0
    made = {
        path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.npz")
    }
    assert len(made) == 6
    assert all((tmp_path / "two" / name).read_bytes() == content for name, content in made.items())


def test_a_folder_without_recordings_is_wrong_usage(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("no sound")
    assert run("compute", tmp_path, "-o", tmp_path / "out") == 2
    assert "no recordings in the folder" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs")
def test_what_would_block_in_a_folder_has_failed(tmp_path, capsys):
    import os

    folder = recordings(tmp_path / "recordings", 2)
    os.mkfifo(folder / "waiting.wav")
    assert run("compute", folder, "-o", tmp_path / "out") == 3
    assert "1 of 3 inputs failed" in capsys.readouterr().err


# --- figures ------------------------------------------------------------------------------------------


def test_info_of_a_folder(tmp_path, capsys):
    folder = recordings(tmp_path / "recordings", 3)
    assert run("info", folder) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_levels(tmp_path, capsys):
    import numpy as np

    samples = np.zeros((RATE, 2))
    samples[: RATE // 2, 0] = 0.5 * np.sin(2 * np.pi * 1000 / RATE * np.arange(RATE // 2) + 0.1)
    samples[-1, 1] = 1.0
    soundfile.write(tmp_path / "tone.wav", samples, RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "silence.wav", np.zeros(100), RATE)
    assert run("info", "--stats", "--json", tmp_path / "tone.wav", tmp_path / "silence.wav") == 0
    tone, silence = (entry["stats"] for entry in json.loads(capsys.readouterr().out)["files"])
    exact = samples.astype(np.float32).astype(np.float64)
    assert tone["peak_db"] == 0
    assert tone["mean_db"] == pytest.approx(10 * np.log10(np.mean(exact**2)))
    assert tone["offset"] == pytest.approx(exact.mean())
    assert (tone["n_full_scale"], tone["n_zeros"]) == (1, np.count_nonzero(exact == 0))
    assert (silence["peak_db"], silence["n_values"]) == (None, 100)
    assert run("info", "--stats", tmp_path / "tone.wav", tmp_path / "silence.wav") == 0
    assert re.search(r"silence\.wav +-inf +-inf +0 +0 +100\.0 %", capsys.readouterr().out)


@pytest.fixture
def sample(tmp_path, capsys):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    folder = recordings(tmp_path / "recordings")
    arguments = ["extract", folder, "--frontend", "kaldi_fbank", "-o", tmp_path / "trial", "--sample", "5"]
    assert run(*arguments) == 0
    return arguments, capsys.readouterr()


@pytest.mark.slow
def test_a_sample(sample, tmp_path, capsys):
    from spectrograms.corpus import FeatureStore, verify

    arguments, printed = sample
    store = FeatureStore(tmp_path / "trial")
    assert len(store) == 5
    assert [line.split()[0] for line in printed.out.splitlines()[1:]] == store.ids
    assert "all 12 inputs would take about" in printed.err
    assert verify(tmp_path / "trial") == []
    # The same inputs again, of which nothing is left to do.
    assert run(*arguments, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["n_skipped"] == 5
    assert [row["id"] for row in document["sample"]["records"]] == store.ids
    assert document["sample"]["estimate"]["inputs"] == 12
    # And from the beginning.
    assert run(*arguments, "--overwrite") == 0


@pytest.mark.slow
def test_the_sheet_of_a_sample(sample, tmp_path):
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install matplotlib")
    assert (tmp_path / "trial" / "sample.png").read_bytes().startswith(b"\x89PNG")
    assert "pictures of the first 5" in sample[1].err


@pytest.mark.slow
def test_bands_of_a_store(sample, tmp_path, capsys):
    from spectrograms.corpus import FeatureStore

    assert run("info", "--stats", "--json", tmp_path / "trial") == 0
    [store] = json.loads(capsys.readouterr().out)["stores"]
    stats = FeatureStore(tmp_path / "trial").stats
    assert [band["mean"] for band in store["bands"]] == stats.mean.tolist()
    assert [band["std"] for band in store["bands"]] == stats.std.tolist()
    assert store["lengths"]["shortest"] <= store["lengths"]["median"] <= store["lengths"]["longest"]
    assert run("info", "--stats", tmp_path / "trial") == 0
    assert len(capsys.readouterr().out.splitlines()) == 5 + stats.mean.size
