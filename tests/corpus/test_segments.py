"""Long files dealt out among threads: the same store as from one, byte for byte."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, extractor_from, verify
from spectrograms.corpus.run.lending import lent
from spectrograms.corpus.stores import rows, segments

from ..support.corpora import RATE, content, noise, plan, put


@pytest.fixture
def dealt(monkeypatch):
    """Files of a second are long, and the numbers of ranges that they are computed in are recorded."""
    monkeypatch.setattr(segments, "_RANGE_SAMPLES", 3000)
    monkeypatch.setattr(rows, "LONG_BYTES", 0)
    counts = []
    real = rows.Worker._joined

    def joined(self, item, watch, ranges):
        counts.append(len(ranges))
        return real(self, item, watch, ranges)

    monkeypatch.setattr(rows.Worker, "_joined", joined)
    return counts


def stores(inputs, config, out, counts, **options):
    """Extract by one, two and three threads; the store of one, and the numbers of ranges of two."""
    extract(inputs, config, out / "1", num_threads=1, **options)
    wanted = content(out / "1")
    assert set(counts) <= {1}
    counts.clear()
    for threads in (2, 3):
        extract(inputs, config, out / str(threads), num_threads=threads, **options)
        assert content(out / str(threads)) == wanted
    return FeatureStore(out / "1"), counts[: len(counts) // 2]


@pytest.mark.slow
@pytest.mark.parametrize("edges", ["zeros", "reflect", "edge", None])
@pytest.mark.parametrize(("kind", "dtype"), [("db", "float32"), ("power", "float64")])
def test_plans(tmp_path, out, dealt, edges, kind, dtype):
    centred = {"centre": False} if edges is None else {"pad_mode": edges}
    stft = sg.StftParams(512, 80, "hann", win_length=400, **centred)
    made = sg.SpectrogramPlan(
        sg.SpectrogramParams(stft, RATE), sg.MelParams(20, 0.0, RATE / 2), kind, dtype=dtype
    )
    path = put(tmp_path / "in", "a.wav", noise(1, 3.001))
    store, counts = stores(path, made, out, dealt, segment=0.17)
    assert counts[0] > 6
    whole = made.compute(sg.read_audio(path)[0]).data
    np.testing.assert_array_equal(np.concatenate([record.features for record in store], axis=1), whole)
    assert sum(record.n_samples for record in store) == round(3.001 * RATE)
    assert verify(out / "3") == []


@pytest.mark.slow
def test_every_frontend_that_streams(tmp_path, out, dealt):
    done = 0
    for name in sorted(sg.frontends()):
        try:
            frontend = sg.frontend(name)
            extractor_from(frontend).stream()
        except (sg.InvalidInputError, TypeError):
            continue  # complex, of the whole clip, or without a rate of its own
        rate = int(frontend.sample_rate)
        path = put(tmp_path / name, "a.wav", noise(done, 2.503, rate), rate)
        store, counts = stores(path, frontend, out / name, dealt, segment=0.21)
        recipe = frontend._runner.recipe
        assert (counts[0] > 3) == (recipe.stack == 1 and recipe.max_samples is None), name
        axis = 1 if store.layout == "(bins, frames)" else 0
        whole = frontend.compute(sg.read_audio(path)[0])
        np.testing.assert_array_equal(
            np.concatenate([record.features for record in store], axis=axis), whole, err_msg=name
        )
        done += 1
        dealt.clear()
    assert done > 10


@pytest.mark.slow
@pytest.mark.parametrize(("name", "values"), [
    ("kaldi_fbank", {"dither": 1.0, "snip_edges": False}),
    ("kaldi_mfcc", {"dither": 0.5, "sample_rate": 8000}),
    ("torchaudio_kaldi_fbank", {"preemph": 0.5, "remove_dc": False}),
    ("torchaudio_spectrogram", {"center": False}), ("librosa_melspectrogram", {"pad_mode": "symmetric"}),
    ("scipy_spectrogram", {"sample_rate": 8000}),
    ("tf_logmel", {"sample_rate": 8000, "frame_length": 256, "frame_step": 100}),
])  # fmt: skip
def test_noise_and_ends_of_frontends(tmp_path, out, dealt, name, values):
    frontend = sg.frontend(name, **values)
    rate = int(frontend.sample_rate)
    path = put(tmp_path / "in", "a.wav", noise(11, 3.3, rate), rate)
    assert stores(path, frontend, out, dealt, segment=0.21)[1][0] > 3


def framed(stft, scale, kind):
    return sg.SpectrogramPlan(sg.SpectrogramParams(stft, RATE), scale, kind)


@pytest.mark.parametrize("make", [
    lambda stft: sg.MfccPlan(stft, RATE, 40, sg.MfccParams(13)),
    lambda stft: sg.ChromaPlan(stft, RATE, sg.ChromaParams.music_standard()),
    lambda stft: framed(stft, sg.CqtParams(12, 2, 800.0), "power"),
    lambda stft: framed(stft, sg.ErbParams(16, 50.0, 4000.0), "magnitude"),
    lambda stft: sg.DescriptorPlan(stft, RATE, "centroid"),
], ids=["mfcc", "chroma", "cqt", "erb", "centroid"])  # fmt: skip
def test_other_plans(tmp_path, out, dealt, make):
    made = make(sg.StftParams(1024, 80, "hann"))
    path = put(tmp_path / "in", "a.wav", noise(10, 3.3))
    assert stores(path, made, out, dealt, segment=0.21)[1][0] > 3


@pytest.mark.parametrize("options", [
    {"channels": "each"}, {"channels": 1}, {"dtype": "float16"}, {"channels": "each", "dtype": "float16"},
    {"channels": "each", "dtype": "int8"},
])  # fmt: skip
def test_channels_and_rounding(tmp_path, out, dealt, options):
    path = put(tmp_path / "in", "a.wav", noise(2, 2.0, channels=2), subtype="FLOAT")
    assert stores(path, plan(), out, dealt, segment=0.1, **options)[1][0] > 4


@pytest.mark.slow
@pytest.mark.parametrize("rest", [0, 1, 79, 80, 127, 128, 129, 256, 799, 800])
@pytest.mark.parametrize("duration", [None, 1.5])
def test_ends_anywhere(tmp_path, out, dealt, rest, duration):
    samples = noise(3, 4.0)[: 16000 + rest]
    path = put(tmp_path / "in", "a.wav", samples)
    turn = {"id": "a", "path": path, "start": 0.3337, "duration": duration}
    store, counts = stores([turn], plan(), out, dealt, segment=0.1)
    assert counts[0] > 2
    read = sg.read_audio(path, start=0.3337, duration=duration)[0]
    whole = plan().compute(read).data
    np.testing.assert_array_equal(np.concatenate([record.features for record in store], axis=1), whole)


def test_files_of_one_segment_and_of_none(tmp_path, out, dealt):
    for k, n in enumerate((1, 100, 257, 799, 800, 801, 3000, 3500, 6000, 16000)):
        put(tmp_path / "in", f"{k}.wav", noise(k, 2.0)[:n])
    (tmp_path / "in" / "empty.wav").write_bytes(b"")
    store, _ = stores(tmp_path / "in", plan(), out, dealt, segment=5.0)
    assert store.ids == [f"{k}#0" for k in range(10)]
    assert [failure["id"] for failure in store.errors] == ["empty"]


@pytest.mark.parametrize(("name", "rate"), [("a.flac", RATE), ("a.wav", 2 * RATE), ("a.ogg", RATE)])
def test_others_stay_whole(tmp_path, out, dealt, name, rate):
    path = put(tmp_path / "in", name, noise(4, 3.0, rate), rate)
    assert stores(path, plan(), out, dealt, segment=0.2)[1] == [1]


def test_a_failure_is_one_line_and_no_row(tmp_path, out, dealt):
    samples = noise(5, 3.0)
    samples[9000], samples[20000] = 1e4, 1e5
    put(tmp_path / "in", "large.wav", samples, subtype="FLOAT")
    samples[15000] = np.nan
    put(tmp_path / "in", "nan.wav", samples, subtype="FLOAT")
    put(tmp_path / "in", "right.wav", noise(6, 3.0))
    store, _ = stores(tmp_path / "in", plan(amplitude="power"), out, dealt, segment=0.2, dtype="float16")
    assert [failure["id"] for failure in store.errors] == ["large", "nan"]
    assert {name.partition("#")[0] for name in store.ids} == {"right"}


@pytest.mark.slow
def test_a_file_that_changes_between_ranges(tmp_path, out, dealt, monkeypatch):
    path, real, opened = put(tmp_path / "in", "a.wav", noise(7, 200.0)), rows.audio_blocks, []

    def changing(*arguments, **options):
        opened.append(options["start"])
        if len(opened) == 4:
            os.utime(path, (1, 1))
        return real(*arguments, **options)

    monkeypatch.setattr(rows, "audio_blocks", changing)
    report = extract(path, plan(), out, segment=1.0, num_threads=3)
    assert max(dealt) > 100
    [failure] = report.failures
    assert failure["message"].endswith("changed while it was read: run again")
    assert len(FeatureStore(out)) == 0
    monkeypatch.undo()
    assert extract(path, plan(), out, segment=1.0, num_threads=3, retry_errors=True).rows == 201
    os.utime(path, (2, 2))
    assert extract(path, plan(), out, segment=1.0).n_changed == 0
    put(tmp_path / "in", "a.wav", noise(8, 100.0))
    report = extract(path, plan(), out, segment=1.0, refresh=True, num_threads=2)
    assert (report.n_changed, report.rows) == (1, 101)


def test_a_range_that_lacks_frames_is_no_gap(tmp_path, out, dealt, monkeypatch):
    path = put(tmp_path / "in", "a.wav", noise(9, 3.0))
    extract(path, plan(), out / "wanted", segment=0.2, num_threads=1)
    real = segments.ranges_of
    short = lambda *given: [r if r.stop is None else r._replace(duration=0.1) for r in real(*given)]  # noqa: E731
    monkeypatch.setattr(rows, "ranges_of", short)
    dealt.clear()
    extract(path, plan(), out / "short", segment=0.2, num_threads=2)
    assert dealt[0] > 2
    assert dealt[1:] == [1]
    assert content(out / "short") == content(out / "wanted")


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """Three recordings of several ranges."""
    folder = tmp_path_factory.mktemp("long")
    for k, seconds in enumerate((300.0, 420.5, 150.0)):
        put(folder / "in", f"{k}.wav", noise(k, seconds))
    extract(folder / "in", plan(), folder / "store", segment=7.0, shard_files=1, num_threads=1)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize("threads", [None, 2])
def test_workers(long, tmp_path, count, threads):
    extract(
        long / "in", plan(), tmp_path / "out", segment=7.0, shard_files=1, workers=count, num_threads=threads
    )
    assert content(tmp_path / "out") == content(long / "store")


@pytest.mark.parametrize("hands", [1, 2, 3, 4, 7])
def test_hands_without_a_part_are_lent(hands):
    for count in range(20):
        parts = [str(k) for k in range(count)]
        dealt = list(lent(iter(parts), hands))
        assert [part for part, _ in dealt] == parts
        # Round by round: one hand each, but that those of the last round share all.
        wanted = [
            hands // len(turn) if len(turn) < hands else 1
            for turn in (parts[first : first + hands] for first in range(0, count, hands))
            for _ in turn
        ]
        assert [share for _, share in dealt] == wanted
        assert [share for _, share in lent(parts, hands, 2)] == [min(share, 2) for share in wanted]


def test_parts_are_drawn_as_far_ahead_as_there_are_hands():
    drawn = []
    source = (drawn.append(k) or str(k) for k in range(10))
    given = lent(source, 3)
    assert (next(given), len(drawn), next(given), len(drawn)) == (("0", 1), 3, ("1", 1), 4)


@pytest.mark.slow
def test_workers_without_a_part_lend_their_threads(long, tmp_path, monkeypatch):
    from spectrograms.corpus.run import extraction

    seen = []

    def run_on_workers(n, parts, settings, folder, threads, stop, run, clean, hands):
        seen.append((n, *(threads * share for _, share in lent(parts, hands))))

    monkeypatch.setattr(extraction, "run_on_workers", run_on_workers)
    monkeypatch.setattr(
        extraction, "run_parts", lambda parts, s, f, threads, *_, **__: seen.append((1, threads))
    )
    for number, (inputs, segment, count, threads) in enumerate([
        ("*.wav", 7.0, 8, None), ("*.wav", 7.0, 8, 2), ("0.wav", 7.0, 8, None), ("0.wav", 7.0, 8, 3),
        ("*.wav", None, 8, None), ("*.wav", 7.0, 2, None), ("*.wav", 7.0, 2, 3), ("*.wav", None, 2, None),
        ("0.wav", None, 8, 3), ("*.wav", 7.0, 1, 5),
    ]):  # fmt: skip
        given = {"segment": segment, "workers": count, "num_threads": threads, "shard_files": 1}
        extract(str(long / "in" / inputs), plan(), tmp_path / str(number), **given)
    assert seen == [
        (3, 2, 2, 2), (3, 4, 4, 4), (1, 8), (1, 24),
        (3, 1, 1, 1), (2, 1, 1, 2), (2, 3, 3, 6), (2, 1, 1, 1),
        (1, 3), (1, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(("threads", "segment", "shares"), [
    ([4], 7.0, [1, 1, 1, 1, 4]), ([2, 2], 7.0, [1, 1, 1, 1, 2]), ([1] * 4, 7.0, [1] * 5),
    ([8], 7.0, [1] * 5), ([3, 9], 7.0, [2] * 5), ([4], None, [1] * 5), ([], 7.0, [1] * 5),
])  # fmt: skip
def test_threads_of_the_workers_of_a_cluster(threads, segment, shares):
    from spectrograms.corpus.run import cluster
    from spectrograms.corpus.stores.settings import Settings

    class Client:
        def nthreads(self):
            return {f"tcp://worker:{k}": count for k, count in enumerate(threads)}

    settings = Settings.make(plan(), None, "mix", segment)
    assert [share for _, share in cluster._shares(Client(), iter("abcde"), settings)] == shares


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_ended_and_continued(long, tmp_path, name):
    (tmp_path / "plan.json").write_text(plan().to_json())
    out = tmp_path / "store"
    inputs = [long / "in", "--config", tmp_path / "plan.json", "-o", out]
    options = ["--segment", "7", "--num-threads", "3", "--shard-files", "1"]
    command = [sys.executable, "-P", "-m", "spectrograms", "extract", *map(os.fspath, inputs), *options]
    for pause in (0.0, 0.01, 0.03):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while process.poll() is None and not (out / "manifest.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(pause)
        process.send_signal(getattr(signal, name))
        process.wait(timeout=60)
    subprocess.run(command, check=True, capture_output=True)
    ours, wanted = content(out), content(long / "store")
    assert {name: ours[name] for name in wanted} == wanted
    assert verify(out) == []
