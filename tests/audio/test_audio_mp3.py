"""MP3 of every kind: against libsndfile's own decoding of a stream that is never sought."""

import functools
import io
import os
import threading

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.errors import InvalidInputError

from ..support.slow import slow_but

RATES = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000]

# What an encoder adds at both ends: its own delay, that of a decoder, and what fills the last frame.
DELAY = 1105


class Forward(soundfile.SoundFile):
    """A file that is only read on and on."""

    def seekable(self):
        return False


def piped(content):
    """All samples, shape (n_channels, n), of bytes that come through a pipe."""
    out, into = os.pipe()

    def feed():
        with open(into, "wb") as pipe:
            pipe.write(content)

    thread = threading.Thread(target=feed)
    thread.start()
    parts = []
    with Forward(out) as file:
        while len(part := file.read(1 << 16, dtype="float32", always_2d=True)):
            parts.append(part)
    thread.join()
    return np.concatenate(parts).T


def bursts(n, n_channels=1):
    """Tones with pauses: what a decoder remembers wrongly is heard where there should be nothing."""
    t = np.arange(n)
    tones = [0.3 * np.sin((0.1 + 0.05 * i) * t) * (t // 4000 % 2) for i in range(n_channels)]
    return np.stack(tones, axis=1)


@functools.lru_cache(maxsize=8)
def encoded(rate, n_channels, n, mode):
    content = io.BytesIO()
    sound = bursts(n, n_channels)
    soundfile.write(content, sound, rate, format="MP3", compression_level=0.9, bitrate_mode=mode)
    return content.getvalue()


def encode(path, rate, n_channels=1, n=90000, mode="VARIABLE"):
    path.write_bytes(encoded(rate, n_channels, n, mode))
    return path.read_bytes()


def frame_size(content, at=0):
    """Bytes of the MPEG frame of layer III that begins at a place."""
    low = content[at + 1] & 0x08 == 0
    kilobits = (
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        if low
        else [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
    )[content[at + 2] >> 4]
    rate = [44100, 48000, 32000][content[at + 2] >> 2 & 3] >> {3: 0, 2: 1, 0: 2}[content[at + 1] >> 3 & 3]
    return (72 if low else 144) * 1000 * kilobits // rate + (content[at + 2] >> 1 & 1)


def frames(content):
    """The frames of an MP3 without tags."""
    at, found = 0, []
    while at < len(content):
        found.append(content[at : at + frame_size(content, at)])
        at += len(found[-1])
    return found


def without_header(content):
    """An MP3 without the frame that holds the header; the encoder leaves it out where frames are small."""
    first = frames(content)[0]
    return content[len(first) :] if b"Xing" in first[:40] or b"Info" in first[:40] else content


def check_four_ways(path, wanted, rate):
    """Whole, in parts, in blocks and as the header says: the same bits."""
    n = wanted.shape[1]
    samples, found = sg.read_audio(path, mono=False)
    assert found == rate
    np.testing.assert_array_equal(samples, wanted)
    np.testing.assert_array_equal(np.hstack(list(sg.audio_blocks(path, mono=False))), wanted)
    assert sg.audio_info(path).n_samples == n
    starts = [(k * n // 12, 3000) for k in range(1, 12)]
    for first, count in [(1, 7), (n // 3, n // 2), (n - 1200, 1100), (n - 1, 1), *starts]:
        part, _ = sg.read_audio(path, mono=False, start=first / rate, duration=count / rate)
        np.testing.assert_array_equal(part, wanted[:, first : first + count])
        blocks = list(sg.audio_blocks(path, mono=False, start=first / rate, duration=count / rate))
        np.testing.assert_array_equal(np.hstack(blocks), part)


# One of each version of MPEG, at which frames are as long as they are.
@pytest.mark.slow
@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("rate", slow_but((8000, 22050, 44100), RATES))
def test_case_2_1_whole_parts_and_blocks_are_the_same(tmp_path, rate, n_channels):
    path = tmp_path / "a.mp3"
    content = encode(path, rate, n_channels)
    wanted = piped(content)
    # Xing's header and LAME's say how long the sound was.
    assert wanted.shape == (n_channels, 90000)
    check_four_ways(path, wanted, rate)


@pytest.mark.slow
@pytest.mark.parametrize("n_channels", [1, 2])
def test_case_2_1_beyond_the_block_that_is_decoded_at_a_time(tmp_path, n_channels):
    path = tmp_path / "long.mp3"
    content = encode(path, 22050, n_channels, n=400000)
    check_four_ways(path, piped(content), 22050)


@pytest.mark.slow
def test_case_2_1_the_phase_of_a_tone_goes_on_across_blocks(tmp_path):
    path = tmp_path / "tone.mp3"
    tone = 0.5 * np.sin(0.05 * np.arange(600000))
    soundfile.write(path, tone, 44100, compression_level=0.0)
    samples, _ = sg.read_audio(path)
    assert np.abs(samples - tone)[1000:-1000].max() < 0.01
    part, _ = sg.read_audio(path, start=10.0, duration=2.0)
    assert np.abs(part - tone[441000:529200]).max() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("rate", RATES)
def test_case_2_2_without_a_header(tmp_path, rate, n_channels):
    path = tmp_path / "a.mp3"
    for mode in ("CONSTANT", "VARIABLE"):
        content = without_header(encode(path, rate, n_channels, mode=mode))
        path.write_bytes(content)
        wanted = piped(content)
        n_samples = 1152 if rate >= 32000 else 576
        assert wanted.shape == (n_channels, len(frames(content)) * n_samples)
        # What the encoder has added stands at both ends, because nothing says how much it is.
        assert 90000 + DELAY <= wanted.shape[1] < 90000 + DELAY + 2 * 1152
        check_four_ways(path, wanted, rate)


@pytest.mark.slow
def test_case_2_2_joined_end_to_end(tmp_path):
    path = tmp_path / "joined.mp3"
    a, b = (encode(path, 44100, mode=mode) for mode in ("CONSTANT", "VARIABLE"))
    path.write_bytes(a + b)
    samples, _ = sg.read_audio(path, mono=False)
    np.testing.assert_allclose(samples, np.hstack([piped(a), piped(b)]), rtol=0, atol=2e-7)
    check_four_ways(path, samples, 44100)


def test_case_2_2_joined_without_headers(tmp_path):
    path = tmp_path / "joined.mp3"
    a, b = (without_header(encode(path, 44100, mode=mode)) for mode in ("CONSTANT", "VARIABLE"))
    path.write_bytes(a + b)
    wanted = piped(a + b)
    assert wanted.shape[1] == piped(a).shape[1] + piped(b).shape[1]
    check_four_ways(path, wanted, 44100)


@pytest.mark.parametrize(("rate", "n_channels"), [(48000, 1), (44100, 2), (22050, 1)])
def test_case_2_2_joined_with_another_rate_or_channels(tmp_path, rate, n_channels):
    path = tmp_path / "joined.mp3"
    a, b = encode(path, 44100), encode(path, rate, n_channels)
    path.write_bytes(a + b)
    words = f"{rate} Hz, {n_channels} channel"
    with pytest.raises(
        InvalidInputError, match=f"joined.mp3.*changes from 44100 Hz, 1 channel to {words}.* after 2.090 s"
    ):
        sg.read_audio(path)
    # What comes before can be read.
    np.testing.assert_array_equal(sg.read_audio(path, duration=2.0)[0], piped(a)[0, :88200])
    with pytest.raises(InvalidInputError, match="changes from"):
        sg.audio_info(path)


ID3 = b"ID3\x03\x00\x00" + bytes([0, 6, 0, 10]) + b"APIC" + b"\xff\xfb\x90\x64\x00" * 19664
APE = b"APETAGEX" + (2000).to_bytes(4, "little") + (32).to_bytes(4, "little") + bytes(16) + bytes(32)


@pytest.mark.slow
@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"TAG" + b"a title".ljust(125)),
        (ID3[: 10 + 6 * 128 * 128 + 10], b""),
        (ID3[: 10 + 6 * 128 * 128 + 10] * 2, b"TAG" + bytes(125)),
        (b"", APE + b"TAG" + bytes(125)),
        (b"", b"LYRICSBEGININD00002\x31\x30LYRICS200" + bytes(128)),
        (bytes(417), bytes(5000)),
        (b"\xff\xfb\x90 not a frame", b"\xff\xfb\x90\x64 no frame either"),
    ],
    ids=["ID3v1", "ID3v2 with a picture", "three tags", "APE", "Lyrics3", "zeros", "garbage"],
)
def test_case_2_2_tags_and_garbage_are_no_sound(tmp_path, before, after, header):
    path = tmp_path / "tagged.mp3"
    content = encode(path, 44100)
    if not header:
        content = without_header(content)
    path.write_bytes(before + content + after)
    check_four_ways(path, piped(content), 44100)


@pytest.mark.slow
def test_case_2_2_a_tag_between_two_files(tmp_path):
    path = tmp_path / "joined.mp3"
    content = encode(path, 16000)
    wanted = piped(content)
    path.write_bytes(content + b"TAG" + bytes(125) + ID3[: 10 + 6 * 128 * 128 + 10] + content)
    samples, _ = sg.read_audio(path, mono=False)
    # A decoder at work rounds as its filters happen to stand.
    np.testing.assert_allclose(samples, np.hstack([wanted, wanted]), rtol=0, atol=2e-7)
    check_four_ways(path, samples, 16000)


def test_case_2_2_header_of_fraunhofers_kind(tmp_path):
    path = tmp_path / "vbri.mp3"
    content = without_header(encode(path, 44100))
    wanted = piped(content)
    n_frames = len(frames(content))
    header = bytearray(content[:2] + b"\x90\xc4" + bytes(413))
    header[36:54] = b"VBRI\x00\x01\x00\x00\x00\x4b" + len(content).to_bytes(4) + n_frames.to_bytes(4)
    path.write_bytes(header + content)
    check_four_ways(path, wanted, 44100)


@pytest.mark.parametrize("rate", [44100, 16000])
def test_case_2_2_within_a_wav(tmp_path, rate):
    path = tmp_path / "a.wav"
    content = without_header(encode(path.with_suffix(".mp3"), rate))
    # Tag 0x55, one channel, the rates, and what is said of the frames; another chunk behind the sound.
    layout = (
        (0x55).to_bytes(2, "little") + b"\1\0" + rate.to_bytes(4, "little") + (16000).to_bytes(4, "little")
    )
    layout += bytes.fromhex("01000000 0c00 0100 02000000 8002 0100 7105")
    path.write_bytes(
        b"RIFF"
        + (len(content) + 62 + len(content) % 2).to_bytes(4, "little")
        + b"WAVEfmt "
        + len(layout).to_bytes(4, "little")
        + layout
        + b"data"
        + len(content).to_bytes(4, "little")
        + content
        + bytes(len(content) % 2)
        + b"LIST\4\0\0\0INFO"
    )
    check_four_ways(path, piped(content), rate)
    info = sg.audio_info(path)
    assert (info.format, info.subtype) == ("WAV", "MPEG_LAYER_III")


@pytest.mark.slow
def test_case_2_2_many_files_joined(tmp_path):
    # Their borders lie anywhere in the chunks that are read at a time; some hold nothing but zeros.
    path = tmp_path / "joined.mp3"
    sound = [encode(path, 44100, 2, n=20000 + 1000 * i) for i in range(4)]
    soundfile.write(path, np.zeros((30000, 2)), 44100, bitrate_mode="CONSTANT")
    silence = path.read_bytes()
    parts = [sound[0], silence, without_header(sound[1]), sound[2], without_header(silence), sound[3]] * 4
    path.write_bytes(b"".join(parts))
    lengths = {part: piped(part).shape[1] for part in parts}
    # A decoder goes on: what one file without a header ends with is heard in the next, and lengths add up.
    samples, _ = sg.read_audio(path, mono=False)
    assert samples.shape[1] == sum(lengths[part] for part in parts)
    np.testing.assert_allclose(samples[:, : lengths[sound[0]]], piped(sound[0]), rtol=0, atol=2e-7)
    last = piped(sound[3])
    np.testing.assert_allclose(samples[:, -last.shape[1] :], last, rtol=0, atol=2e-7)
    check_four_ways(path, samples, 44100)


@pytest.mark.slow
@pytest.mark.parametrize("stated", [1, 2, 40])
def test_a_header_that_states_too_little(tmp_path, stated):
    path = tmp_path / "more.mp3"
    content = bytearray(encode(path, 44100))
    place = max(content.find(b"Xing"), content.find(b"Info"))
    content[place + 8 : place + 12] = stated.to_bytes(4)
    path.write_bytes(content)
    samples, _ = sg.read_audio(path, mono=False)
    there = len(frames(content)) - 1
    # Frames beyond those stated are sound without a header; no more than the added samples are missing.
    assert (there - stated) * 1152 <= samples.shape[1] <= there * 1152
    check_four_ways(path, samples, 44100)


def test_case_2_2_frames_that_do_not_state_their_size(tmp_path):
    path = tmp_path / "free.mp3"
    content = without_header(encode(path, 48000, mode="CONSTANT"))
    wanted = piped(content)
    path.write_bytes(b"".join(frame[:2] + bytes([frame[2] & 0x0F]) + frame[3:] for frame in frames(content)))
    check_four_ways(path, wanted, 48000)


@pytest.mark.parametrize("header", [True, False], ids=["header", "no header"])
def test_case_2_2_the_last_frame_is_cut(tmp_path, header):
    path = tmp_path / "cut.mp3"
    content = encode(path, 44100)
    if not header:
        content = without_header(content)
    whole = piped(content)
    path.write_bytes(content[:-20])
    there = 79 * 1152 - (DELAY if header else 0)
    check_four_ways(path, whole[:, :there], 44100)


def test_a_file_that_ends_before_its_header_says_is_refused(tmp_path):
    path = tmp_path / "half.mp3"
    content = encode(path, 44100)
    path.write_bytes(content[: len(content) // 2])
    for read in (sg.read_audio, sg.audio_info):
        with pytest.raises(InvalidInputError, match=r"half\.mp3.*ends after \d+ of 80 frames"):
            read(path)


def test_recordings_of_another_layer(tmp_path):
    # A frame of layer II without sound: no bits are given to any band.
    path = tmp_path / "silence.mp2"
    path.write_bytes((b"\xff\xfd\x80\xc0" + bytes(413)) * 20)
    samples, rate = sg.read_audio(path)
    assert (rate, len(samples)) == (44100, 20 * 1152)
    assert not samples.any()
    assert sg.audio_info(path).n_samples == 20 * 1152


@pytest.mark.slow
def test_case_2_1_segments_are_cut_from_the_whole(tmp_path):
    corpus = pytest.importorskip("spectrograms.corpus")
    pytest.importorskip("pyarrow")
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "a.mp3"
    content = encode(path, 22050, n=400000)
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 22050), dtype="float32")
    corpus.extract(str(tmp_path / "in"), plan, str(tmp_path / "out"), segment=2.0)
    store = corpus.FeatureStore(str(tmp_path / "out"))
    assert len(store) == 10
    rows = np.concatenate([store.by_id(f"a#{k}").features for k in range(10)], axis=1)
    np.testing.assert_array_equal(rows, plan.compute(piped(content)[0]).data)
