"""One run after another, and several at once: going on, refusing, job arrays."""

import json
import os
from collections import Counter

import numpy as np
import pytest

import spectrograms as sg

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, verify

from ..support.command import run
from ..support.corpora import digests, plan, shard_bytes


def test_going_on_with_more_files(audio, out):
    first = extract(audio / "speaker0", plan(), out)
    before = shard_bytes(out)
    items = [{"id": f"speaker1/{p.stem}", "path": p} for p in sorted((audio / "speaker1").iterdir())]
    both = [audio / "speaker0", *items]
    second = extract(both, plan(), out)
    assert (first.n_done, second.n_skipped, second.n_done) == (4, 4, 4)
    assert before.items() <= shard_bytes(out).items()
    third = extract(both, plan(), out)
    assert (third.n_skipped, third.n_done) == (8, 0)
    assert len(FeatureStore(out)) == 8


@pytest.mark.parametrize("threads", [1, 2])
def test_small_files_are_looked_up_once_by_their_path(audio, out, monkeypatch, threads):
    asked, real = Counter(), os.stat

    def counted(path, *more, **options):
        asked[path] += 1
        return real(path, *more, **options)

    monkeypatch.setattr(os, "stat", counted)
    extract(audio, plan(), out, num_threads=threads)
    wanted = [str(path) for path in audio.rglob("*.wav")]
    assert [asked[path] for path in wanted] == [1] * 12


def test_another_configuration_is_refused(audio, out):
    extract(audio, plan(), out)
    before = shard_bytes(out)
    with pytest.raises(sg.InvalidInputError, match=r"features\.dtype 'float32' there, 'float64' here"):
        extract(audio, plan("float64"), out, dtype="float32")
    with pytest.raises(sg.InvalidInputError, match=r"segment None there, 1\.0 here"):
        extract(audio, plan(), out, segment=1)
    assert shard_bytes(out) == before
    extract(audio, plan("float64"), out, overwrite=True)
    assert FeatureStore(out).dtype == np.float64
    assert len(FeatureStore(out)) == 12


def test_overwriting_leaves_other_files_alone(audio, out):
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    extract(audio, plan(), out)
    extract(audio / "speaker0", plan(), out, overwrite=True)
    assert (out / "notes.txt").read_text() == "mine"
    assert len(FeatureStore(out)) == 4


def test_another_machine_warns(audio, out):
    extract(audio / "speaker0", plan(), out)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["software"]["instructions"] = "abacus"
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.warns(UserWarning, match="begun with instructions abacus"):
        extract(audio / "speaker0", plan(), out)


def test_other_rounding_warns(audio, out):
    extract(audio / "speaker0", plan(), out)
    manifest = json.loads((out / "manifest.json").read_text())
    # Stores of the first rounding do not name it.
    del manifest["software"]["rounding"]
    (out / "manifest.json").write_text(json.dumps(manifest))
    with pytest.warns(UserWarning, match="begun with rounding 1, this run uses 2: the last bits"):
        extract(audio / "speaker0", plan(), out)


def test_two_runs_in_one_folder_are_refused(audio, out):
    seen = []

    def progress(report):
        if not seen:
            with pytest.raises(sg.InvalidInputError, match="another run is writing to"):
                extract(audio, plan(), out)
            seen.append(report.n_done)

    extract(audio, plan(), out, progress=progress)
    assert seen == [1]


def test_jobs_of_an_array_and_other_runs_in_one_folder(audio, out):
    seen = []

    def refused(**options):
        with pytest.raises(sg.InvalidInputError, match="another run is writing to"):
            extract(audio, plan(), out, **options)

    def during_all(report):
        if not seen:
            seen.append("all")
            refused(shard_index=0, num_shards=3)

    def during_a_job(report):
        if seen == ["all"]:
            seen.append("job")
            refused()
            refused(shard_index=0, num_shards=3)
            assert extract(audio, plan(), out, shard_index=1, num_shards=3).n_done

    extract(audio / "speaker0", plan(), out, progress=during_all)
    extract(audio, plan(), out, shard_index=0, num_shards=3, progress=during_a_job)
    assert seen == ["all", "job"]


def test_a_job_of_an_array_does_not_remove_what_others_stored(audio, out, capsys):
    extract(audio, plan(), out, shard_index=0, num_shards=3)
    before = sorted(out.iterdir())
    with pytest.raises(sg.InvalidInputError, match="overwrite removes what other jobs have stored"):
        extract(audio, plan(), out, shard_index=1, num_shards=3, overwrite=True)
    argv = ["extract", audio, "--frontend", "whisper_openai", "-o", out, "--overwrite"]
    assert run(*argv, "--shard-index", "1", "--num-shards", "3") == 2
    assert "--overwrite removes what other jobs" in capsys.readouterr().err
    assert sorted(out.iterdir()) == before


def test_job_arrays_divide_the_work(audio, out):
    reports = [extract(audio, plan(), out, shard_index=i, num_shards=3) for i in range(3)]
    extract(audio, plan(), out.with_name("alone"))
    assert sum(report.n_inputs for report in reports) == 12
    assert all(report.n_done == report.n_inputs > 0 for report in reports)
    assert digests(FeatureStore(out)) == digests(FeatureStore(out.with_name("alone")))
    assert verify(out) == []
    # A later run over everything finds nothing left to do.
    assert extract(audio, plan(), out).n_skipped == 12


@pytest.mark.parametrize(("index", "count"), [(3, 3), (-1, 3), (0, 0), (None, 3), (0, None)])
def test_job_arrays_check_their_numbers(audio, out, index, count):
    with pytest.raises(sg.InvalidInputError, match="shard"):
        extract(audio, plan(), out, shard_index=index, num_shards=count)
