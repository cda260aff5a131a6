"""Inputs that fail: the run goes on, and they are tried again when asked for."""

import json
import os

import pytest

import spectrograms as sg

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, extract, verify

from ..support.corpora import noise, plan, put

BAD = ["cut", "cut2", "empty", "silent", "text"]


@pytest.mark.parametrize("num_threads", [1, 3])
@pytest.mark.parametrize("segment", [None, 0.1])
def test_bad_files_do_not_end_the_run(damaged, out, num_threads, segment):
    report = extract(damaged, plan(), out, num_threads=num_threads, segment=segment)
    assert (report.n_inputs, report.n_done, report.n_failed) == (17, 12, 5)
    lines = [json.loads(line) for line in (out / "errors.jsonl").read_text().splitlines()]
    assert lines == report.failures == FeatureStore(out).errors
    assert sorted(line["id"] for line in lines) == BAD
    assert all(os.path.exists(line["path"]) and line["message"] for line in lines)
    assert report.failures_by_kind == {"InvalidInputError": 5}
    assert json.loads((out / "manifest.json").read_text())["totals"]["failed"] == 5
    assert verify(out) == []


def test_failures_are_tried_again_when_asked_to(damaged, out):
    extract(damaged, plan(), out)
    put(damaged, "empty.wav", noise(77))
    again = extract(damaged, plan(), out)
    assert (again.n_skipped, again.n_failed_before, again.n_done, len(again.failures)) == (12, 5, 0, 0)
    tried = extract(damaged, plan(), out, retry_errors=True)
    assert (tried.n_skipped, tried.n_done, len(tried.failures)) == (12, 1, 4)
    assert sorted(failure["id"] for failure in FeatureStore(out).errors) == ["cut", "cut2", "silent", "text"]
    assert len((out / "errors.jsonl").read_text().splitlines()) == 4
    assert "empty" in FeatureStore(out)
    for name in ("cut.wav", "cut2.flac", "silent.wav", "text.mp3"):
        (damaged / name).unlink()
        put(damaged, name, noise(5))
    assert extract(damaged, plan(), out, retry_errors=True).n_done == 4
    assert FeatureStore(out).errors == []
    assert not (out / "errors.jsonl").exists()


def test_half_a_line_of_a_killed_run_is_passed_over(damaged, out):
    extract(damaged, plan(), out)
    whole = FeatureStore(out).errors
    path = out / "errors.jsonl"
    path.write_text(path.read_text()[:-20])
    assert len(FeatureStore(out).errors) == 4
    lost = {error["id"] for error in whole} - {error["id"] for error in FeatureStore(out).errors}
    report = extract(damaged, plan(), out)
    # The one that is not on record is tried again, and with it what else failed in its part.
    assert report.n_failed == 5
    assert lost <= {failure["id"] for failure in report.failures}
    assert FeatureStore(out).errors == whole


def test_strict_ends_at_the_first_failure(damaged, out):
    with pytest.raises(sg.InvalidInputError, match=r"input '.*cut\.wav' failed: .*it ends after"):
        extract(damaged, plan(), out, strict=True, num_threads=2)
    report = extract(damaged, plan(), out, retry_errors=True)
    assert report.n_inputs == 17
    assert len(FeatureStore(out)) == 12
    assert verify(out) == []


def test_missing_files_of_a_list_are_failures(audio, out):
    (audio / "list.txt").write_text("speaker0/000.wav\nspeaker0/gone.wav\n")
    report = extract(audio / "list.txt", plan(), out)
    assert report.failures[0]["error"] == "FileNotFoundError"
    assert FeatureStore(out).ids == ["speaker0/000"]


def test_defects_of_our_own_are_not_failures_of_inputs(audio, out, monkeypatch):
    def broken(self, samples, take):
        raise TypeError("a defect")

    monkeypatch.setattr("spectrograms.corpus.stores.extractor.Extractor.compute_into", broken)
    with pytest.raises(TypeError, match="a defect"):
        extract(audio, plan(), out, num_threads=2)
