"""The verbs of the command line that make, check, show and export feature stores."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.cli.parser import EXPORTS
from spectrograms.corpus import FeatureStore, extract
from spectrograms.corpus.exports.exporting import KINDS

from ..support.command import run
from ..support.corpora import digests, plan


@pytest.fixture
def store(audio, tmp_path):
    extract(audio, plan(), tmp_path / "store")
    return tmp_path / "store"


def test_extract_is_extract(audio, config, store, tmp_path, capsys):
    out = tmp_path / "out"
    flags = ["--num-threads", "2", "--shard-files", "5", "--json"]
    assert run("extract", audio, "--config", config, "-o", out, *flags) == 0
    assert digests(FeatureStore(out)) == digests(FeatureStore(store))
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["schema"] == 1
    assert document["command"] == "extract"
    assert document["config"]["features"] == plan().to_dict()
    assert (document["n_inputs"], document["n_done"], document["rows"]) == (12, 12, 12)
    assert document["hours_per_second"] > 0
    assert document["real_time_factor"] == pytest.approx(document["seconds"] / document["audio_seconds"])
    assert "12 inputs: 12 stored, 0 stored before, 0 failed" in printed.err
    assert "real-time factor" in printed.err
    assert "%" not in printed.err  # no progress bar: nobody is watching
    assert run("extract", audio, "--config", config, "-o", out) == 0
    assert "0 stored, 12 stored before" in capsys.readouterr().err


def test_every_option_arrives(audio, config, tmp_path):
    out = tmp_path / "out"
    flags = ["--dtype", "float16", "--channels", "0", "--segment", "0.2"]
    flags += ["--num-threads", "1", "--shard-index", "0", "--num-shards", "2"]
    assert run("extract", audio, "--config", config, "-o", out, *flags, "-q") == 0
    store = FeatureStore(out)
    assert store.dtype == np.float16
    assert store.config["channels"] == 0
    assert store.config["segment"] == 0.2
    assert 0 < len({name.split("#")[0] for name in store.ids}) < 12
    assert run("extract", audio, "--config", config, "-o", out, "-q") == 1
    assert run("extract", audio, "--config", config, "-o", out, "-q", "--overwrite") == 0
    assert len(FeatureStore(out)) == 12


def test_a_frontend_by_its_name(audio, tmp_path):
    out = tmp_path / "out"
    assert run("extract", audio, "--frontend", "whisper_openai", "-o", out) == 0
    store = FeatureStore(out)
    samples, _ = sg.read_audio(store[5].path, sample_rate=16000)
    np.testing.assert_array_equal(store[5].features, sg.frontend("whisper_openai").compute(samples))


def test_parameters_of_a_frontend(audio, tmp_path):
    out = tmp_path / "out"
    assert run("extract", audio, "--frontend", "kaldi_fbank,num_mel_bins=40", "-o", out) == 0
    assert FeatureStore(out).n_features == 40
    assert run("extract", audio, "--frontend", "kaldi_fbank,40", "-o", out) == 2


@pytest.mark.slow
def test_the_configuration_of_a_model(audio, tmp_path):
    model = tmp_path / "preprocessor_config.json"
    model.write_text(json.dumps({"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 128}))
    assert run("extract", audio, "--config", model, "-o", tmp_path / "out") == 0
    assert FeatureStore(tmp_path / "out").n_features == 128


def test_failures(audio, config, tmp_path, capsys):
    out = tmp_path / "out"
    (audio / "bad.wav").write_bytes(b"")
    assert run("extract", audio, "--config", config, "-o", out, "--json") == 3
    printed = capsys.readouterr()
    assert json.loads(printed.out)["failures_by_kind"] == {"InvalidInputError": 1}
    assert "failed with InvalidInputError: 1" in printed.err
    assert f"  cannot read audio file '{audio / 'bad.wav'}'" in printed.err
    assert f"all failures: {out}/errors.jsonl;" in printed.err
    # Known by now, and still a failure.
    assert run("extract", audio, "--config", config, "-o", out) == 3
    assert "12 stored before, 1 failed" in capsys.readouterr().err
    assert run("extract", audio, "--config", config, "-o", out, "--retry-errors", "--strict") == 1
    assert "bad.wav' failed: cannot read" in capsys.readouterr().err


def test_failures_of_a_job_array(audio, config, tmp_path, capsys):
    out = tmp_path / "out"
    for i in range(12):
        (audio / f"bad{i}.wav").write_bytes(b"")
    array = ["--shard-index", "0", "--num-shards", "1"]
    assert run("extract", audio, "--config", config, "-o", out, *array) == 3
    printed = capsys.readouterr().err
    assert "  and 2 more" in printed
    [log] = out.glob("errors*")
    assert f"all failures: {log};" in printed
    assert len(log.read_text().splitlines()) == 12


def test_wrong_usage(audio, config, tmp_path, capsys):
    out = tmp_path / "out"
    (tmp_path / "bad.json").write_text('{"type": "Nothing"}')
    given = ["--config", config]
    for argv, message in [
        ([audio, "-o", out], "one of the arguments --frontend --config is required"),
        ([*given, "-o", out], "no INPUT given"),
        ([audio, *given], "no -o DIR given"),
        ([audio, *given, "-o", out, "--num-shards", "2"], "--shard-index and --num-shards go together"),
        ([audio, *given, "-o", out, "--num-shards", "2", "--shard-index", "2"], "must be in 0..1, got 2"),
        ([audio, *given, "-o", out, "--num-threads", "0"], "--num-threads must be >= 1, got 0"),
        ([audio, *given, "-o", out, "--channels", "left"], "expected mix, each or a number from 0"),
        ([audio, *given, "-o", out, "--segment", "0"], "segment must be at least one frame"),
        ([audio, "--config", tmp_path / "bad.json", "-o", out], 'or a "type" of a plan'),
        ([audio, "--config", tmp_path / "none.json", "-o", out], "No such file"),
        ([audio, "--frontend", "nothing_like_it", "-o", out], "nothing_like_it"),
    ]:
        assert run("extract", *argv) == 2, argv
        assert message in capsys.readouterr().err
    assert run("extract", tmp_path / "nothing", *given, "-o", out) == 1
    assert "nothing' does not exist" in capsys.readouterr().err
    assert not out.exists()


NO_NUMBERS = ["nan", "inf", "-inf", "1e400", "-1", "", "x", "0x10", "9" * 5000]
NO_WHOLE_NUMBERS = [*NO_NUMBERS, "1.5", "1e3"]
OF_JOBS = {"--shard-index": ["--num-shards", "2"], "--num-shards": ["--shard-index", "0"]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--channels", NO_WHOLE_NUMBERS),
        ("--segment", [*NO_NUMBERS, "0", "1e-300"]),
        ("--shard-files", [*NO_WHOLE_NUMBERS, "0"]),
        ("--num-threads", [*NO_WHOLE_NUMBERS, "0"]),
        ("--shard-index", [*NO_WHOLE_NUMBERS, "2", "1" * 30]),
        ("--num-shards", [*NO_WHOLE_NUMBERS, "0"]),
        ("--local-cluster", [*NO_WHOLE_NUMBERS, "0", "1025", "1" * 30]),
        ("--frontend=kaldi_fbank,num_mel_bins", [*NO_WHOLE_NUMBERS, "0", "1" * 30]),
        ("--frontend=kaldi_fbank,frame_length", [*NO_NUMBERS, "0", "1e30", "1" * 30]),
        ("--frontend=kaldi_fbank,frame_shift", [*NO_NUMBERS, "0", "1e30", "1" * 30]),
        ("--frontend=kaldi_fbank,low_freq", [*NO_NUMBERS, "1e30", "1" * 30]),
        ("--frontend=kaldi_fbank,sample_rate", [*NO_NUMBERS, "0", "1e30", "1" * 30]),
    ],
)
def test_case_6_numbers_that_are_none_are_wrong_usage(audio, config, tmp_path, capsys, option, values):
    out = tmp_path / "out"
    rest = OF_JOBS.get(option, [])
    given = [] if option.startswith("--frontend") else ["--config", config]
    for value in values:
        assert run("extract", audio, *given, "-o", out, *rest, f"{option}={value}") == 2, value
        assert capsys.readouterr().err.count("\n") == 1
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("address", ["nan", "-1", "", "tcp://", "tcp://localhost:nan", "http://localhost:1"])
def test_a_scheduler_without_an_address(audio, config, tmp_path, capsys, address):
    pytest.importorskip("distributed")
    assert run("extract", audio, "--config", config, "-o", tmp_path / "out", f"--scheduler={address}") == 2
    assert "--scheduler must be an address such as tcp://host:8786" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "a\0b"])
@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["extract", "audio", "--frontend", "kaldi_fbank", "-o", None], 2),
        (["extract", "audio", "--config", None, "-o", "out"], 2),
        (["extract", None, "--frontend", "kaldi_fbank", "-o", "out"], 1),
        (["export", "store", "--to", "npz", "-o", None], 2),
        (["export", None, "--to", "npz", "-o", "x.npz"], 1),
        (["demo", None], 2),
        (["demo", "audio", "-o", None], 2),
        (["compute", "audio/speaker0/000.wav", "-o", None], 2),
        (["verify", None], 3),
        (["info", None], 3),
    ],
)
def test_case_6_paths_that_are_none(audio, store, tmp_path, monkeypatch, capsys, argv, code, path):
    # The empty one would be the folder we stand in.
    monkeypatch.chdir(tmp_path)
    before = sorted(os.listdir())
    assert run(*(path if each is None else each for each in argv)) == code
    lines = capsys.readouterr().err.splitlines()
    assert any("must be " in line and repr(path) in line for line in lines), lines
    assert sorted(os.listdir()) == before


URL = "s3://bucket/x"


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("extract", "audio", "--config", URL, "-o", "out"), 2),
        (("compute", "audio/speaker0/000.wav", "-o", URL), 2),
        (("compute", "audio/speaker0/000.wav", "-o", "x.npz", "--config", URL), 2),
        (("compare", "whisper_openai", URL), 2),
        (("demo", URL), 2),
        (("demo", "audio/speaker0", "-o", URL), 2),
    ],
)
def test_case_5_5_a_url_is_called_one_where_it_cannot_be(
    audio, store, tmp_path, monkeypatch, capsys, argv, code
):
    monkeypatch.chdir(tmp_path)
    assert run(*argv) == code
    assert f"must be a path on this machine, got the URL '{URL}'" in capsys.readouterr().err
    assert sorted(os.listdir()) == ["audio", "store"]


HOSTILE = "a\nb\x1b[2J\u202e\x85"
SEEN = r"a\nb\x1b[2J\u202e\x85"


@pytest.mark.slow
def test_names_that_steer_a_terminal_are_escaped(audio, config, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (audio / f"{HOSTILE}.wav").write_bytes(b"no audio")
    (audio / "speaker0" / "000.wav").rename(audio / f"good{HOSTILE}.wav")
    os.mkfifo(audio / f"fifo{HOSTILE}.wav")
    (audio / f"notes.{HOSTILE}").touch()
    path = str(audio / f"{HOSTILE}.wav")
    extract(audio / f"good{HOSTILE}.wav", plan(), HOSTILE)
    capsys.readouterr()
    for argv, code in {
        ("extract", audio, "--config", config, "-o", f"out{HOSTILE}", "-v"): 3,
        ("extract", f"{HOSTILE}/*.wav", "--config", config, "-o", "out"): 1,
        ("info", path, audio / f"good{HOSTILE}.wav", HOSTILE): 3,
        ("compute", path, audio / f"good{HOSTILE}.wav", "-o", "spectra", "-v"): 3,
        ("compute", path, "-o", f"x.{HOSTILE}"): 2,
        ("compare", "whisper_openai", "whisper_hf", "--audio", path): 2,
        ("verify", HOSTILE): 0,
        ("verify", f"none{HOSTILE}"): 3,
        ("export", HOSTILE, "--to", "npz", "-o", f"x{HOSTILE}.npz"): 0,
        ("export", HOSTILE, "--to", "kaldi", "-o", "kaldi"): 1,
        ("demo", audio, "-o", f"demo{HOSTILE}"): 3,
        ("demo", f"none{HOSTILE}"): 2,
    }.items():
        assert run(*argv) == code, argv
        printed = "".join(capsys.readouterr())
        assert SEEN in printed, argv
        assert not {"\x1b", "\u202e", "\x85"} & set(printed), argv
        assert "a\nb" not in printed, argv


def test_print_config_is_complete(config, capsys):
    assert run("extract", "--config", config, "--dtype", "float16", "--print-config") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["config"] == {
        "features": plan().to_dict(),
        "dtype": "float16",
        "channels": "mix",
        "segment": None,
    }


def test_info_of_a_store(store, capsys):
    assert run("info", store) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["store", "records", "hours"]
    assert row.split()[:2] == [str(store), "12"]
    path = store.parent / "audio" / "speaker0" / "000.wav"
    (empty := store.parent / "empty").mkdir()
    assert run("info", store, path, empty, "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert document["stores"][0]["config"]["features"] == plan().to_dict()
    assert document["stores"][0]["frames"] == int(FeatureStore(store).n_frames.sum())
    assert len(document["files"]) == len(document["failed"]) == 1
    assert "no feature store, and no recordings in the folder" in document["failed"][0]["message"]


def test_verify(store, tmp_path, capsys):
    assert run("verify", store) == 0
    assert f"{store}: no problems" in capsys.readouterr().err
    shard = next(store.glob("part-*.arrow"))
    shard.write_bytes(shard.read_bytes()[:-100])
    assert run("verify", store, tmp_path / "audio", "--json") == 3
    document = json.loads(capsys.readouterr().out)
    assert "cannot be read" in document["stores"][0]["problems"][0]
    assert document["failed"][0]["path"] == str(tmp_path / "audio")


def test_export(store, tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert run("export", store, "--to", "npz", "-o", out, "--json") == 0
    assert json.loads(capsys.readouterr().out)["records"] == 12
    assert len(np.load(out).files) == 12
    assert run("export", store, "--to", "npz", "-o", out) == 1
    assert "exists: remove it" in capsys.readouterr().err
    # The parser lists the formats without loading what writes them.
    assert EXPORTS == KINDS


def test_help_needs_no_packages():
    code = (
        "import sys; from spectrograms.cli.parser import make_parser; make_parser(); "
        "print([name for name in ('numpy', 'pyarrow', 'soundfile') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_extract_in_another_quality(audio, config, tmp_path, capsys):
    plan_file = tmp_path / "plan16.json"
    plan_file.write_text(plan(rate=16000).to_json())
    out = tmp_path / "quick"
    assert run("extract", audio, "--config", plan_file, "-o", out, "--resampling-quality", "hq", "-q") == 0
    assert FeatureStore(out).config["resampling_quality"] == "HQ"
    assert run("extract", audio, "--config", plan_file, "-o", out, "--resampling-quality", "best") == 2
    assert "expected one of" in capsys.readouterr().err.replace("\n", " ")
