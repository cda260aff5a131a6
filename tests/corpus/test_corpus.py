"""Extraction and the store: the same values as computed directly, every kind of input, going on, refusing."""

import json
import multiprocessing
import operator
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.audio import read_audio
from spectrograms.cli import main

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, Stats, extract, extract_part, find_inputs, finish, verify
from spectrograms.corpus.stores.extractor import extractor_from
from spectrograms.corpus.stores.reading import batches

from ..support.corpora import RATE, digests, noise, plan, recordings, shard_bytes


@pytest.fixture
def audio(tmp_path):
    return recordings(tmp_path / "audio")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "store"


def put(folder, name, samples, rate=RATE, **options):
    folder.mkdir(exist_ok=True, parents=True)
    soundfile.write(folder / name, samples, rate, **options)
    return folder / name


# the values


@pytest.mark.parametrize("num_threads", [1, 2, 5])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_store_equals_direct_computation(audio, out, dtype, num_threads):
    report = extract(audio, plan(dtype), out, num_threads=num_threads, shard_files=5)
    store = FeatureStore(out)
    assert report.n_done == len(store) == 12
    for record in store:
        samples, rate = read_audio(record.path)
        wanted = plan(dtype).compute(samples)
        assert record.features.dtype == dtype
        np.testing.assert_array_equal(record.features, wanted.data)
        np.testing.assert_array_equal(record.times, wanted.times)
        assert (record.sample_rate, record.n_samples, record.start_frame) == (rate, len(samples), 0)
        assert record.duration == len(samples) / rate
    assert verify(out) == []


def test_resampled_and_mixed_as_read_audio_does(tmp_path, out):
    path = put(tmp_path / "in", "a.flac", noise(0, rate=44100, channels=2), 44100)
    extract(path, plan(), out)
    np.testing.assert_array_equal(
        FeatureStore(out)[0].features, plan().compute(read_audio(path, RATE)[0]).data
    )


@pytest.mark.parametrize("segment", [None, 0.1])
def test_channels(tmp_path, out, segment):
    path = put(tmp_path / "in", "a.wav", noise(0, channels=3))
    rows = read_audio(path, mono=False)[0]
    extract(path, plan(), out / "one", channels=1, segment=segment)
    extract(path, plan(), out / "each", channels="each", segment=segment)
    one, each = FeatureStore(out / "one"), FeatureStore(out / "each")
    np.testing.assert_array_equal(joined(one), plan().compute(rows[1]).data)
    for i, row in enumerate(rows):
        np.testing.assert_array_equal(joined(each, f".ch{i}"), plan().compute(row).data)
    assert extract(path, plan(), out / "each", channels="each", segment=segment).n_skipped == 1
    report = extract(path, plan(), out / "none", channels=3, segment=segment)
    assert report.failures[0]["message"] == "channel must be in 0..2, got 3"


def joined(store, part=""):
    """All features of the rows whose id holds `part`, in the order of their frames."""
    records = sorted((record for record in store if part in record.id), key=lambda record: record.start_frame)
    return np.concatenate([record.features for record in records], axis=1)


def test_start_and_duration(tmp_path, out):
    samples = noise(0, 2.0).astype("float32")
    path = put(tmp_path / "in", "a.wav", samples, subtype="FLOAT")
    extract({"id": "x", "path": path, "start": 0.25, "duration": 0.5}, plan(), out)
    record = FeatureStore(out).by_id("x")
    np.testing.assert_array_equal(record.features, plan().compute(samples[2000:6000]).data)


@pytest.mark.parametrize("seconds", [0.1, 0.333, 10.0])
def test_segments_are_the_whole_cut_up(tmp_path, out, seconds):
    # Resampled, longer than a block of the decoder, and not a whole number of segments.
    path = put(tmp_path / "in", "long.flac", noise(3, 7.003, 44100), 44100)
    samples = read_audio(path, RATE)[0]
    whole = plan().compute(samples)
    extract(path.parent, plan(), out, segment=seconds)
    store = FeatureStore(out)
    size = max(1, round(seconds / 0.01))
    assert store.ids == [f"long#{k}" for k in range(-(-whole.data.shape[1] // size))]
    np.testing.assert_array_equal(joined(store), whole.data)
    assert sum(record.n_samples for record in store) == len(samples)
    for record in store:
        np.testing.assert_array_equal(
            record.times, whole.times[record.start_frame : record.start_frame + record.n_frames]
        )
    assert verify(out) == []
    assert extract(path.parent, plan(), out, segment=seconds).n_skipped == 1


@pytest.mark.parametrize("segment", [None, 0.2])
def test_float16_reports_its_worst_error(audio, out, segment):
    extract(audio, plan(), out / "32", segment=segment)
    extract(audio, plan(), out / "16", dtype="float16", segment=segment)
    wide, narrow = FeatureStore(out / "32"), FeatureStore(out / "16")
    errors = [
        np.abs(record.features - wide.by_id(record.id).features.astype(np.float64)).max() for record in narrow
    ]
    assert narrow.dtype == np.float16
    assert narrow.stats.rounding == max(errors) > 0.0
    assert wide.stats.rounding == 0.0
    # Half a unit in the last place of 64..128 dB.
    assert narrow.stats.rounding <= 2.0**-5


def test_float16_refuses_what_does_not_fit(tmp_path, out):
    loud = put(tmp_path / "in", "loud.wav", 300 * noise(0), subtype="FLOAT")
    put(tmp_path / "in", "soft.wav", 0.1 * noise(0), subtype="FLOAT")
    report = extract(tmp_path / "in", plan(amplitude="power"), out, dtype="float16")
    assert FeatureStore(out).ids == ["soft"]
    [failure] = report.failures
    assert failure["path"] == str(loud)
    assert "does not fit float16, whose largest is 65504.0: store float32" in failure["message"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_finite_fail(tmp_path, out, bad):
    samples = noise(0)
    samples[1000] = bad
    put(tmp_path / "in", "bad.wav", samples, subtype="FLOAT")
    [failure] = extract(tmp_path / "in", plan(), out).failures
    assert failure["error"] == "InvalidInputError"
    assert "NaN or infinities" in failure["message"]


# statistics


def test_stats_are_those_of_all_values(audio, out):
    extract(audio, plan(), out, shard_files=5)
    store = FeatureStore(out)
    values = np.concatenate([record.features for record in store], axis=1).astype(np.float64)
    stats = store.stats
    assert stats.count == values.shape[1]
    np.testing.assert_allclose(stats.mean, values.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(stats.std, values.std(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(stats.min, values.min(axis=1))
    np.testing.assert_array_equal(stats.max, values.max(axis=1))


def test_stats_merge_in_any_split():
    values = 1000.0 + np.random.default_rng(0).standard_normal((500, 7))
    whole = Stats.of(values)
    parts = Stats.empty(7)
    for piece in np.split(values, [0, 1, 100, 499]):
        parts = parts.merged(Stats.of(piece))
    assert parts.count == 500
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-14)
    np.testing.assert_allclose(parts.m2, whole.m2, rtol=1e-9)
    again = Stats.from_dict(json.loads(parts.to_json()))
    assert again.to_dict() == parts.to_dict()
    assert Stats.from_dict(Stats.empty(7).to_dict()).merged(whole) is whole


# what is on the disk


def test_every_shard_explains_itself(audio, out):
    extract(audio, plan(), out, shard_files=5)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["totals"]["rows"] == 12
    assert sum(shard["rows"] for shard in manifest["shards"].values()) == 12
    assert manifest["features_fingerprint"] == plan().fingerprint
    assert sg.SpectrogramPlan.from_dict(manifest["config"]["features"]) == plan()
    # All but the totals is in the shards, too.
    before = digests(FeatureStore(out))
    for name in ("manifest.json", "stats.json"):
        (out / name).unlink()
    bare = FeatureStore(out)
    assert digests(bare) == before
    assert bare.stats.count == manifest["totals"]["frames"]
    finish(out)
    assert json.loads((out / "manifest.json").read_text()) == manifest


def test_threads_and_order_do_not_change_a_byte(audio, out):
    extract(audio, plan(), out / "one", num_threads=1, shard_files=5)
    extract(audio, plan(), out / "four", num_threads=4, shard_files=5)
    assert shard_bytes(out / "one") == shard_bytes(out / "four")
    assert len(shard_bytes(out / "one")) == 3
    assert (out / "one" / "stats.json").read_bytes() == (out / "four" / "stats.json").read_bytes()


def test_large_files_close_a_shard_early(audio, out, monkeypatch):
    from spectrograms.corpus.run import extraction

    monkeypatch.setattr(extraction, "SHARD_BYTES", 20_000)
    extract(audio, plan(), out)
    assert len(FeatureStore(out).shards) > 4
    assert verify(out) == []


def test_many_batches_in_a_shard(tmp_path, out):
    recordings(tmp_path / "in", 150, 0.05)
    extract(tmp_path / "in", plan(), out)
    [shard] = FeatureStore(out).shards
    assert [batch.num_rows for batch, _ in batches(shard)] == [64, 64, 22]
    assert [record.id for record in FeatureStore(out)] == FeatureStore(out).ids


# reading


def test_reading(audio, out):
    extract(audio, plan(), out, shard_files=5)
    store = FeatureStore(out)
    assert [store[i].id for i in range(12)] == store.ids
    assert store[-1].id == store.ids[-1]
    assert [record.id for record in store[2:5]] == store.ids[2:5]
    assert store.by_id("speaker1/004").path == str(audio / "speaker1" / "004.wav")
    assert "speaker1/004" in store
    assert "speaker9/004" not in store
    assert list(store.n_frames) == [record.n_frames for record in store]
    np.testing.assert_array_equal(store.durations, [record.duration for record in store])
    with pytest.raises(IndexError, match=r"record must be in 0\.\.11, got 12"):
        store[12]
    with pytest.raises(KeyError, match="no record with the id 'nobody' in "):
        store.by_id("nobody")
    assert store[np.int32(3)].id == store.ids[3]
    for wrong in ("speaker1/004", 1.0):
        with pytest.raises(TypeError, match=f"an index or a slice, got {type(wrong).__name__}; by_id"):
            store[wrong]
    assert "12 records" in repr(store)


def test_features_are_read_only_views_of_the_file(audio, out):
    extract(audio, plan(), out)
    features = FeatureStore(out)[3].features
    assert not features.flags.writeable
    assert not features.flags.owndata
    # Time-major on disk, so that some frames are one piece of the file.
    part = FeatureStore(out)[3].frames(5, 9)
    assert part.T.flags.c_contiguous
    np.testing.assert_array_equal(part, features[:, 5:9])


def test_records_outlive_their_store_and_its_mappings(audio, out, monkeypatch):
    from spectrograms.corpus.stores import store as module

    monkeypatch.setattr(module, "_MAX_MAPPED", 2)
    extract(audio, plan(), out, shard_files=1)
    store = FeatureStore(out)
    wanted = digests(store)
    kept = [store[i] for i in range(12)]
    assert digests(store) == digests(kept) == wanted
    del store
    assert digests(kept) == wanted


def test_a_pickled_store_is_its_path(audio, out):
    extract(audio, plan(), out)
    store = FeatureStore(out)
    store[0]
    data = pickle.dumps(store)
    assert len(data) < 1000
    assert digests(pickle.loads(data)) == digests(store)
    record = pickle.dumps(store[3])
    assert len(record) < store[3].features.nbytes + 5000
    assert digests([pickle.loads(record)]) == digests([store[3]])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_reading_in_other_processes(audio, out, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    extract(audio, plan(), out, shard_files=5)
    store = FeatureStore(out)
    store[0]
    with multiprocessing.get_context(method).Pool(1) as pool:
        records = pool.map(operator.itemgetter(*range(12)), [store])[0]
    assert digests(records) == digests(store)


def test_reading_from_several_threads(audio, out):
    extract(audio, plan(), out, shard_files=2)
    store, found = FeatureStore(out), []
    wanted = digests(FeatureStore(out))
    threads = [threading.Thread(target=lambda: found.append(digests(store))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4


def test_reading_needs_no_fft():
    code = (
        "import sys; from spectrograms.corpus import FeatureStore, extract; "
        "print([name for name in ('pyfftw', 'soundfile', 'scipy', 'dask') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_an_empty_store(tmp_path, out):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.wav").write_bytes(b"no audio")
    extract(tmp_path / "in", plan(), out)
    store = FeatureStore(out)
    assert len(store) == len(store.n_frames) == store.stats.count == 0
    assert store.ids == list(store) == []
    assert verify(out) == []
    with pytest.raises(FileNotFoundError, match="no feature store"):
        FeatureStore(tmp_path / "in")


# going on


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


def test_two_runs_in_one_folder_are_refused(audio, out):
    pytest.importorskip("fcntl", reason="locks of this kind are not on Windows")
    seen = []

    def progress(report):
        if not seen:
            with pytest.raises(sg.InvalidInputError, match="another run is writing to"):
                extract(audio, plan(), out)
            seen.append(report.n_done)

    extract(audio, plan(), out, progress=progress)
    assert seen == [1]


def test_jobs_of_an_array_and_other_runs_in_one_folder(audio, out):
    pytest.importorskip("fcntl", reason="locks of this kind are not on Windows")
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
    assert main([*map(str, argv), "--shard-index", "1", "--num-shards", "3"]) == 2
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


# failures


@pytest.fixture
def damaged(audio):
    """The recordings and five files that cannot be read."""
    whole = (audio / "speaker0" / "000.wav").read_bytes()
    (audio / "cut.wav").write_bytes(whole[: len(whole) // 2])
    flac = put(audio, "cut2.flac", noise(0, 2.0))
    flac.write_bytes(flac.read_bytes()[:3000])
    (audio / "empty.wav").write_bytes(b"")
    (audio / "text.mp3").write_text("no audio at all")
    put(audio, "silent.wav", np.zeros(0))
    return audio


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
    def broken(self, samples):
        raise TypeError("a defect")

    monkeypatch.setattr("spectrograms.corpus.stores.extractor.Extractor.compute_many", broken)
    with pytest.raises(TypeError, match="a defect"):
        extract(audio, plan(), out, num_threads=2)


# configurations


def test_whatever_describes_an_extractor(audio, out):
    wanted = plan()
    forms = [wanted, wanted.to_dict(), wanted.to_json(), extractor_from(wanted)]
    for form in forms:
        extractor = extractor_from(form)
        assert extractor.fingerprint == wanted.fingerprint
        assert extractor.config == wanted.to_dict()
        assert (extractor.sample_rate, extractor.n_features, extractor.dtype) == (RATE, 20, "float32")


@pytest.mark.parametrize("name", ["whisper_openai", "kaldi_fbank", "librosa_mfcc", "nemo_mel"])
def test_frontends_in_their_own_layout(audio, out, name):
    frontend = sg.frontend(name)
    extract(audio, frontend, out, shard_files=5)
    store = FeatureStore(out)
    for record in store:
        samples, _ = read_audio(record.path, frontend.sample_rate)
        wanted = frontend.compute(samples)
        assert record.features.dtype == wanted.dtype
        np.testing.assert_array_equal(record.features, wanted)
        np.testing.assert_allclose(record.times, frontend.times(len(samples)), rtol=0, atol=1e-12)
    assert store.description["features_fingerprint"] == frontend.fingerprint
    assert verify(out) == []
    # The same by its name and as data.
    for config in (name, frontend.to_json(), frontend.config):
        assert extract(audio, config, out).n_skipped == 12


def test_frontends_stream_where_they_can(tmp_path, out):
    path = put(tmp_path / "in", "long.wav", noise(0, 5.3, 16000), 16000)
    frontend = sg.frontend("kaldi_fbank")
    extract(path.parent, frontend, out, segment=1.0)
    store = FeatureStore(out)
    assert store.ids == [f"long#{k}" for k in range(6)]
    whole = frontend.compute(read_audio(path)[0])
    np.testing.assert_array_equal(np.concatenate([record.features for record in store]), whole)
    with pytest.raises(sg.InvalidInputError, match="whisper_openai cannot stream: it needs the whole clip"):
        extract(path.parent, "whisper_openai", out / "other", segment=1.0)
    with pytest.raises(sg.InvalidInputError, match=r"there is no frontend 'wisper_openai'.*whisper_openai"):
        extract(path.parent, "wisper_openai", out / "other")


# What has no default.
REQUIRED = {
    "scipy_shorttimefft": {"sample_rate": 16000, "nperseg": 400, "hop": 160},
    "scipy_spectrogram": {"sample_rate": 16000},
    "scipy_stft": {"sample_rate": 16000},
    "tf_audio_spectrogram": {"sample_rate": 16000, "window_size": 400, "stride": 160},
    "tf_logmel": {"sample_rate": 16000, "frame_length": 400, "frame_step": 160},
    "tf_mfcc": {"sample_rate": 16000, "frame_length": 400, "frame_step": 160},
    "tf_speech_commands_mfcc": {"sample_rate": 16000, "window_size": 400, "stride": 160},
    "tf_stft_magnitude": {"sample_rate": 16000, "frame_length": 400, "frame_step": 160},
}


@pytest.mark.parametrize("name", sorted(sg.frontends()))
def test_every_frontend_whose_values_are_real(tmp_path, out, name):
    frontend = sg.frontend(name, **REQUIRED.get(name, {}))
    path = put(tmp_path / "in", "a.wav", noise(0, 1.5, 16000), 16000)
    if frontend.dtype.kind == "c":
        with pytest.raises(sg.InvalidInputError, match="complex values cannot be stored"):
            extract(path.parent, frontend, out)
        return
    extract(path.parent, frontend, out)
    wanted = frontend.compute(read_audio(path, int(frontend.sample_rate))[0])
    np.testing.assert_array_equal(FeatureStore(out)[0].features, wanted)


def test_clips_too_short_for_a_frontend_are_failures(tmp_path, out):
    put(tmp_path / "in", "long.wav", noise(0, 1.0, 16000), 16000)
    put(tmp_path / "in", "short.wav", noise(0, 0.002, 16000), 16000)
    report = extract(tmp_path / "in", "torchaudio_melspectrogram", out)
    assert [failure["id"] for failure in report.failures] == ["short"]
    assert FeatureStore(out).ids == ["long"]


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (
            {"type": "Nothing"},
            sg.InvalidInputError,
            r'"type" of a plan .* among SpectrogramInfo, .* got \'Nothing\'',
        ),
        ("{", sg.InvalidInputError, "config is not JSON"),
        (3, TypeError, "config must be a plan"),
        (
            sg.StftPlan(sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 8000)),
            sg.InvalidInputError,
            "complex values cannot be stored",
        ),
        (plan(rate=8000.5), sg.InvalidInputError, "sample_rate must be a whole number"),
    ],
    ids=["type", "json", "number", "complex", "rate"],
)
def test_bad_configurations(audio, out, config, error, message):
    with pytest.raises(error, match=message):
        extract(audio, config, out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dtype": "int8"}, "dtype must be one of float16, float32, float64"),
        ({"channels": -1}, "channels must be 'mix', 'each' or a channel's number"),
        ({"segment": 0.001}, "segment must be at least one frame of 0.01 seconds"),
        ({"shard_files": 0}, "shard_files must be >= 1, got 0"),
    ],
)
def test_bad_options(audio, out, options, message):
    with pytest.raises(sg.InvalidInputError, match=message):
        extract(audio, plan(), out, **options)
    assert not out.exists()


# parts


def test_a_part_is_one_shard_and_overwrites_itself(damaged, out):
    paths = sorted(damaged.rglob("*.*"))
    first = extract_part(paths, plan(), out, index=7)
    before = shard_bytes(out)
    assert (first.n_done, first.rows, len(first.failures)) == (12, 12, 5)
    assert list(before) == [first.shard]
    assert first.shard.startswith("part-000007-")
    again = extract_part(paths, plan().to_json(), out, index=7)
    assert again == first
    (out / first.shard).unlink()
    assert extract_part(paths, plan().to_dict(), out, index=7, num_threads=2) == first
    assert shard_bytes(out) == before
    assert finish(out)["rows"] == 12
    assert len(FeatureStore(out).errors) == 5
    assert verify(out) == []


# damage


def test_verify_finds_every_kind_of_damage(audio, out):
    extract(audio, plan(), out, shard_files=6)
    first, second = map(Path, FeatureStore(out).shards)
    content = bytearray(first.read_bytes())
    # A bit in the middle of the values.
    content[len(content) // 2] ^= 0x40
    first.write_bytes(content)
    assert any("recorded statistics" in problem for problem in verify(out))
    first.write_bytes(content[: len(content) // 2])
    assert any("cannot be read" in problem for problem in verify(out))
    first.unlink()
    assert any("lists other shards" in problem for problem in verify(out))
    (out / "part-000009-0123456789abcdef.arrow").write_bytes(second.read_bytes())
    finish(out)
    assert any("occurs 2 times" in problem for problem in verify(out))


# memory


@pytest.mark.slow
@pytest.mark.parametrize("num_threads", [1, 2])
def test_memory_does_not_grow_with_the_corpus(tmp_path, out, num_threads):
    pytest.importorskip("resource", reason="no resource limits here")
    path = put(tmp_path / "in", "0.wav", noise(0, 4.0))
    for i in range(1, 1200):
        os.link(path, path.with_name(f"{i}.wav"))
    code = (
        "import resource, sys\n"
        "from spectrograms.corpus import extract\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "config = open(sys.argv[3]).read()\n"
        "options = dict(num_threads=int(sys.argv[4]))\n"
        "extract(sys.argv[1] + '/1*.wav', config, sys.argv[2] + '1', shard_files=100, **options)\n"
        "before = peak()\n"
        "extract(sys.argv[1], config, sys.argv[2], shard_files=100, **options)\n"
        "print(peak() - before)\n"
    )
    (tmp_path / "plan.json").write_text(plan().to_json())
    command = [sys.executable, "-P", "-c", code, path.parent, out, tmp_path / "plan.json", str(num_threads)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    # A thousand more: 154 MB of samples, 39 MB of features.
    assert float(result.stdout) < 25
    assert len(FeatureStore(out)) == 1200


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path, out):
    pytest.importorskip("resource", reason="no resource limits here")
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        for seed in range(60):
            file.write(noise(seed, 60.0))
    code = (
        "import resource, sys\n"
        "from spectrograms.corpus import extract\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "config = open(sys.argv[3]).read()\n"
        "options = dict(segment=10, num_threads=1)\n"
        "extract({'path': sys.argv[1], 'duration': 60}, config, sys.argv[2] + '1', **options)\n"
        "before = peak()\n"
        "extract(sys.argv[1], config, sys.argv[2], **options)\n"
        "print(peak() - before)\n"
    )
    (tmp_path / "plan.json").write_text(plan().to_json())
    command = [sys.executable, "-P", "-c", code, path, out, tmp_path / "plan.json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    # One hour: 115 MB of samples, 29 MB of features, which count while they are mapped.
    assert float(result.stdout) < 70
    assert FeatureStore(out).n_frames.sum() == 360_001


def test_long_files_and_padded_clips_go_alone(tmp_path, audio):
    from spectrograms.corpus.run.pipeline import _handfuls
    from spectrograms.corpus.stores.rows import Worker
    from spectrograms.corpus.stores.settings import Settings

    put(audio, "long.wav", noise(0, 70.0))
    items = [(None, item) for item in find_inputs(audio)]

    def sizes(config):
        worker = Worker(Settings.make(config), str(tmp_path), threading.Event())
        return [len(handful) for handful, _ in _handfuls(items, worker.weight)]

    assert sizes(plan()) == [1, 12]
    assert sizes("whisper_hf") == [1] * 13  # thirty seconds each


def test_files_of_any_name(tmp_path, out):
    names = [
        "ünï cödé.wav",
        "new\nline.wav",
        "-dash.wav",
        " lead.wav",
        "quote'\".wav",
        "a#1.wav",
        "b.ch0.wav",
    ]
    for i, name in enumerate(names):
        put(tmp_path / "in dir", name, noise(i))
    (tmp_path / "in dir" / os.fsdecode(b"caf\xe9.wav")).write_bytes(
        (tmp_path / "in dir" / "-dash.wav").read_bytes()
    )
    for options in ({}, {"channels": "each"}, {"segment": 0.2, "channels": "each"}):
        extract(tmp_path / "in dir", plan(), out, overwrite=True, **options)
        assert extract(tmp_path / "in dir", plan(), out, **options).n_skipped == 8
        assert verify(out) == []
    extract(tmp_path / "in dir", plan(), out, overwrite=True)
    assert sorted(FeatureStore(out).ids) == sorted([*(name[:-4] for name in names), r"caf\udce9"])
