"""What is stored: the values as computed directly, of parts, channels and segments, in less precision."""

import functools
import os

import numpy as np
import pytest

from spectrograms.audio import read_audio

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms._common.fingerprint import fingerprint
from spectrograms.corpus import FeatureStore, extract, extract_part, finish, verify
from spectrograms.corpus.inputs import sources
from spectrograms.corpus.stores import rows
from spectrograms.corpus.stores.settings import Settings
from spectrograms.errors import InvalidInputError

from ..support.corpora import RATE, digests, noise, plan, put


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


@pytest.mark.parametrize("segment", [None, 0.2])
@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 1e30])
def test_values_that_are_not_finite_do_not_warn(bad, segment, tmp_path, recwarn):
    """Squares of large samples are infinite in float32, and the same in float16."""
    samples = noise(0)
    samples[2000] = bad
    path = put(tmp_path, "bad.wav", samples, subtype="FLOAT")
    report = extract(path, plan(amplitude="power"), tmp_path / "out", dtype="float16", segment=segment)
    assert [failure["error"] for failure in report.failures] == ["InvalidInputError"]
    assert "NaN or infinities" in report.failures[0]["message"]
    assert not recwarn.list


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


# quality of resampling


def test_resampling_quality_is_part_of_the_store(audio, out):
    report = extract(audio, plan(rate=16000), out, resampling_quality="lq")
    assert (report.n_done, report.n_failed) == (12, 0)
    store = FeatureStore(out)
    assert store.config["resampling_quality"] == "LQ"
    for record in store:
        samples, _ = read_audio(record.path, 16000, quality="LQ")
        assert np.array_equal(record.features, plan(rate=16000).compute(samples).data)
    assert verify(out) == []
    assert extract(audio, plan(rate=16000), out, resampling_quality="LQ").n_skipped == 12
    for quality, words in (("VHQ", "'LQ' there, 'VHQ' here"), ("HQ", "'LQ' there, 'HQ' here")):
        with pytest.raises(InvalidInputError, match=f"resampling_quality {words}"):
            extract(audio, plan(rate=16000), out, resampling_quality=quality)
    with pytest.raises(InvalidInputError, match="resampling_quality must be one of QQ, LQ, MQ, HQ, VHQ"):
        extract(audio, plan(rate=16000), out, resampling_quality="best")


def test_the_default_quality_leaves_configuration_and_fingerprint_as_they_were(audio, out):
    extract(audio, plan(rate=16000), out, resampling_quality="vhq")
    assert FeatureStore(out).config == {
        "features": plan(rate=16000).to_dict(), "dtype": "float32", "channels": "mix", "segment": None
    }  # fmt: skip
    assert extract(audio, plan(rate=16000), out).n_skipped == 12
    default, other = (Settings.make(plan(), resampling_quality=quality) for quality in ("VHQ", "MQ"))
    assert default == Settings.from_config(default.config)
    assert other == Settings.from_config(other.config)
    assert len({default.fingerprint, other.fingerprint, fingerprint(default.config)}) == 2


@pytest.mark.parametrize("segment", [None, 0.2])
def test_every_way_resamples_in_the_quality_asked_for(audio, out, segment):
    options = {"resampling_quality": "QQ", "segment": segment}
    extract(audio, plan(rate=16000), out / "one", num_threads=1, **options)
    extract(audio, plan(rate=16000), out / "three", num_threads=3, **options)
    extract_part(audio, plan(rate=16000), out / "part", **options)
    finish(out / "part")
    extract(audio, plan(rate=16000), out / "exact", segment=segment)
    one = digests(FeatureStore(out / "one"))
    assert digests(FeatureStore(out / "three")) == digests(FeatureStore(out / "part")) == one
    assert digests(FeatureStore(out / "exact")) != one


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
@pytest.mark.parametrize("segment", [None, 0.2])
@pytest.mark.parametrize("name", ["small.wav", "large.wav", "large.flac", "large.ogg", "bad.wav", "gone.wav"])
def test_a_file_is_opened_once_and_closed(tmp_path, out, monkeypatch, name, segment):
    path = put(tmp_path / "in", name, noise(0, 1.0 if name == "small.wav" else 30.0))
    monkeypatch.setattr(sources, "SMALL_BYTES", 20_000)
    if name == "bad.wav":
        path.write_bytes(b"RIFF" + bytes(30_000))
    looks, reading = [], rows.audio_blocks if segment else rows.read_audio

    def looked(*arguments, call, **options):
        if isinstance(arguments[0], str | bytes | os.PathLike) and os.fsdecode(arguments[0]) == str(path):
            looks.append(call.__name__)
        return call(*arguments, **options)

    def replaced(*arguments, **options):
        if name == "gone.wav":
            path.unlink()
        return reading(*arguments, **options)

    for call in (os.open, os.stat, os.lstat):
        monkeypatch.setattr(os, call.__name__, functools.partial(looked, call=call))
    monkeypatch.setattr(rows, reading.__name__, replaced)
    report = extract(tmp_path / "in", plan(), out / "store", segment=segment, num_threads=1)
    opened = [os.path.realpath(link.path) for link in os.scandir("/proc/self/fd")]
    assert str(path) not in [each.removesuffix(" (deleted)") for each in opened]
    # What goes while it is read is not what was there. Those who look for a reason look once more.
    failed = name in ("bad.wav", "gone.wav")
    assert [failure["error"] for failure in report.failures] == ["InvalidInputError"] * failed
    assert looks[: 2 if failed else None] == ["stat", "open"]
