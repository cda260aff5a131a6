"""FLAC and Ogg joined end to end: each part as libsndfile decodes it alone, one after the other."""

import io

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.errors import InvalidInputError

RATE = 16000
KINDS = [("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS")]


def encoded(kind, n, n_channels=1, rate=RATE, seed=0):
    file = io.BytesIO()
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, (n, n_channels))
    soundfile.write(file, samples, rate, format=kind[0], subtype=kind[1])
    return file.getvalue()


def alone(*contents):
    """What each decodes to without the others, shape (n_channels, n)."""
    parts = [soundfile.read(io.BytesIO(each), dtype="float32", always_2d=True)[0] for each in contents]
    return np.concatenate(parts).T


def check(path, wanted):
    n = wanted.shape[1]
    content = path.read_bytes()
    for sound in (path, content, io.BytesIO(content)):
        whole, rate = sg.read_audio(sound, mono=False)
        np.testing.assert_array_equal(whole, wanted)
        np.testing.assert_array_equal(np.hstack(list(sg.audio_blocks(sound, mono=False))), wanted)
        info = sg.audio_info(sound)
        assert (info.n_samples, info.sample_rate, info.n_channels) == (n, rate, len(wanted))
        for first in (1, n // 3, n // 2, n - 100):
            part, _ = sg.read_audio(sound, mono=False, start=first / rate, duration=5000 / rate)
            np.testing.assert_array_equal(part, wanted[:, first : first + 5000])
        with pytest.raises(InvalidInputError, match="lies beyond its end"):
            sg.read_audio(sound, start=(n + 1) / rate)


@pytest.fixture
def joined(tmp_path):
    """Writes parts into one file, and returns its path."""

    def join(*parts):
        path = tmp_path / ("joined.ogg" if parts[0].startswith(b"OggS") else "joined.flac")
        path.write_bytes(b"".join(parts))
        return path

    return join


@pytest.mark.slow
@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_case_2_2_parts_after_each_other(joined, kind, n_channels):
    # The middle one spans several of the blocks that are decoded at a time.
    parts = [encoded(kind, n, n_channels, seed=n) for n in (30001, 130000, 777)]
    check(joined(*parts), alone(*parts))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_case_2_2_a_file_joined_to_itself(joined, kind):
    # Both streams of Ogg then bear one number, and both of FLAC state the same.
    part = encoded(kind, 20000)
    check(joined(part * 3), alone(part, part, part))


@pytest.mark.slow
def test_case_2_2_many_parts(joined):
    part = encoded(("OGG", "VORBIS"), 2000)
    assert sg.audio_info(joined(part * 300)).n_samples == 600000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n_channels", "rate"), [(2, RATE), (1, 8000)])
def test_case_2_2_parts_of_another_rate_or_channels(joined, kind, n_channels, rate):
    first = encoded(kind, 24000)
    sound = joined(first, encoded(kind, 2000, n_channels, rate))
    change = rf"changes from 16000 Hz, 1 channel to {rate} Hz, {n_channels} channels? after 1\.500 s"
    for ask in (sg.read_audio, sg.audio_info, lambda x: list(sg.audio_blocks(x))):
        with pytest.raises(InvalidInputError, match=change):
            ask(sound)
    np.testing.assert_array_equal(sg.read_audio(sound, duration=1.5)[0], alone(first)[0])


def test_case_2_2_flac_of_unknown_length_before_another_one(joined):
    first, second = encoded(("FLAC", "PCM_16"), 30001), encoded(("FLAC", "PCM_16"), 20000, seed=1)
    piped = bytearray(first)
    piped[18:26] = (int.from_bytes(piped[18:26]) >> 36 << 36).to_bytes(8)
    check(joined(bytes(piped), second), alone(first, second))
    check(joined(second, bytes(piped)), alone(second, first))


def test_case_2_2_tags_between_parts(joined):
    first, second = encoded(("FLAC", "PCM_16"), 30001), encoded(("FLAC", "PCM_16"), 20000, seed=1)
    tag = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    check(joined(tag, first, b"TAG" + bytes(125), tag, second), alone(first, second))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS[:3])  # libsndfile refuses Opus without samples
def test_case_2_2_a_part_without_samples(joined, kind):
    empty, part = encoded(kind, 0), encoded(kind, 30001)
    check(joined(empty, part), alone(part))
    check(joined(part, empty), alone(part))


def test_case_2_2_segments_of_parts(tmp_path):
    corpus = pytest.importorskip("spectrograms.corpus")
    pytest.importorskip("pyarrow")
    parts = [encoded(("FLAC", "PCM_16"), n, seed=n) for n in (100000, 60000)]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.flac").write_bytes(b"".join(parts))
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), RATE), dtype="float32")
    corpus.extract(str(tmp_path / "in"), plan, str(tmp_path / "out"), segment=2.0)
    store = corpus.FeatureStore(str(tmp_path / "out"))
    rows = np.concatenate([store.by_id(f"a#{k}").features for k in range(len(store))], axis=1)
    np.testing.assert_array_equal(rows, plan.compute(alone(*parts)[0]).data)


def test_a_mark_within_samples_begins_nothing():
    # Noise of full scale is stored as it is: whatever the samples spell stands in the file.
    noise = np.random.default_rng(3).integers(-(2**15), 2**15, 8192).astype("<i2")
    mark = np.frombuffer(b"fLaC\x80\0\0\x22OggS\0\x02" + bytes(34), ">i2")
    noise[5000 : 5000 + len(mark)] = mark
    file = io.BytesIO()
    soundfile.write(file, noise, RATE, format="FLAC", subtype="PCM_16")
    content = file.getvalue()
    assert content.count(b"fLaC\x80\0\0\x22") == 1
    assert content.count(b"OggS\0\x02") == 1
    assert sg.audio_info(content).n_samples == len(noise)
    np.testing.assert_array_equal(sg.read_audio(content)[0], noise / np.float32(2**15))


def test_marks_are_found_wherever_they_stand():
    # They are sought in chunks of a mebibyte.
    part = encoded(("FLAC", "PCM_16"), 5000)
    for place in ((1 << 20) - k for k in range(12)):
        assert sg.audio_info(part.ljust(place, b"\0") + part).n_samples == 10000


def test_a_part_that_is_cut_off_is_refused():
    part = encoded(("FLAC", "PCM_16"), 30000)
    with pytest.raises(InvalidInputError, match="cannot read audio file"):
        sg.read_audio(part[: len(part) // 2] + part)


@pytest.mark.parametrize("kind", KINDS[1:3])
def test_a_file_is_read_through_once_and_again_when_it_has_changed(tmp_path, monkeypatch, kind):
    from spectrograms._common import files
    from spectrograms.audio import sources

    looked = []

    def beginnings(file, size):
        looked.append(size)
        return real(file, size)

    real = sources.beginnings
    monkeypatch.setattr(sources, "beginnings", beginnings)
    monkeypatch.setattr(files, "_COARSEST_CLOCK", -(10**9))  # no file is too new to be known again
    first, second = (encoded(kind, 30001, seed=k) for k in range(2))
    path = tmp_path / "sound"
    for parts in ([first], [first, second], [second], [second, first]):
        content, wanted = b"".join(parts), alone(*parts)
        path.write_bytes(content)
        looked.clear()
        for start in (0.0, 1.0, 0.5, 1.5):
            at = round(start * RATE)
            part, _ = sg.read_audio(path, start=start, duration=0.25)
            np.testing.assert_array_equal(part, wanted[0, at : at + RATE // 4])
        assert sg.audio_info(path).n_samples == wanted.shape[1]
        assert looked.count(len(content)) == 1


def test_streams_of_ogg_beside_each_other_are_one():
    from spectrograms.audio.joined import beginnings

    content = encoded(("OGG", "VORBIS"), 2000)
    page = content[: content.index(b"OggS", 4)]
    assert beginnings(io.BytesIO(page * 2 + content), len(content) + 2 * len(page)) == [0]
    assert beginnings(io.BytesIO(content + page * 2), len(content) + 2 * len(page)) == [0, len(content)]
