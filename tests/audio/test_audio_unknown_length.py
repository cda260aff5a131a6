"""Recordings that were written to a pipe: their headers state no length, or one that is none."""

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.errors import InvalidInputError

SAMPLES = np.random.default_rng(11).uniform(-0.5, 0.5, (20001, 2))
RATE = 16000


def written(tmp_path, container, **more):
    path = tmp_path / f"sound.{container.lower()}"
    soundfile.write(path, SAMPLES, RATE, format=container, **more)
    return path, soundfile.read(path, dtype="float32")[0].T


def check(path, content, wanted):
    path.write_bytes(content)
    for sound in (path, bytes(content)):
        np.testing.assert_array_equal(sg.read_audio(sound, mono=False)[0], wanted)
        np.testing.assert_array_equal(np.hstack(list(sg.audio_blocks(sound, mono=False))), wanted)
        assert sg.audio_info(sound).n_samples == wanted.shape[1]
        part, _ = sg.read_audio(sound, mono=False, start=0.5, duration=0.25)
        np.testing.assert_array_equal(part, wanted[:, 8000:12000])
        with pytest.raises(InvalidInputError, match=r"lies beyond its end at 1\.25"):
            sg.read_audio(sound, start=2.0)


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_case_2_4_wav(tmp_path, size):
    path, wanted = written(tmp_path, "WAV")
    content = bytearray(path.read_bytes())
    place = content.index(b"data") + 4
    content[4:8] = content[place : place + 4] = size.to_bytes(4, "little")
    check(path, content, wanted)


@pytest.mark.parametrize("size", [0, 2**64 - 1])
def test_case_2_4_rf64(tmp_path, size):
    path, wanted = written(tmp_path, "RF64")
    content = bytearray(path.read_bytes())
    content[:8] = b"RF64\xff\xff\xff\xff"
    place = content.index(b"ds64") + 8
    content[place : place + 16] = size.to_bytes(8, "little") * 2
    place = content.index(b"data") + 4
    content[place : place + 4] = b"\xff" * 4
    check(path, content, wanted)


def test_case_2_4_caf(tmp_path):
    path, wanted = written(tmp_path, "CAF")
    content = bytearray(path.read_bytes())
    place = content.index(b"data") + 4
    content[place : place + 8] = b"\xff" * 8
    check(path, content, wanted)


def test_case_2_4_au(tmp_path):
    path, wanted = written(tmp_path, "AU")
    content = bytearray(path.read_bytes())
    content[8:12] = b"\xff" * 4
    check(path, content, wanted)


@pytest.mark.parametrize("size", [0x7F000008, 0xFFFFFFFF])
def test_case_2_4_aiff(tmp_path, size):
    path, wanted = written(tmp_path, "AIFF")
    content = bytearray(path.read_bytes())
    place = content.index(b"SSND") + 4
    content[4:8] = content[place : place + 4] = size.to_bytes(4)
    check(path, content, wanted)


@pytest.mark.parametrize(("container", "sizes"), [("CAF", [4, 4]), ("W64", [23, 24])])
def test_case_2_4_headers_that_were_written_again(tmp_path, container, sizes):
    # Into a pipe a program writes what it would put over the first one: before the sound, and at the end.
    path, wanted = written(tmp_path, container, subtype="PCM_16")
    content = path.read_bytes()
    place = content.index(b"data") + {"CAF": 4, "W64": 16}[container]
    order = {"CAF": "big", "W64": "little"}[container]
    end = len(content) - 4 * len(SAMPLES)
    headers = [content[:place] + size.to_bytes(8, order) + content[place + 8 : end] for size in sizes]
    check(path, b"".join(headers) + content[end:] + content[:end], wanted)
    check(path, headers[0] + content[end:], wanted)


def test_a_caf_that_is_empty_in_truth(tmp_path):
    path = tmp_path / "empty.caf"
    soundfile.write(path, np.zeros(0), 8000)
    content = path.read_bytes()
    for more in (b"", b"free" + (5).to_bytes(8) + bytes(5), b"free" + (20).to_bytes(8) + bytes(20)):
        with pytest.raises(InvalidInputError, match="it holds no samples"):
            sg.read_audio(content + more)


def page(packet, flags):
    """One packet as a page of Ogg, with as many pages more as it takes."""
    pages = b""
    while True:
        part, packet = packet[: 255 * 255], packet[255 * 255 :]
        lacing = bytes([255] * (len(part) // 255)) + (
            b"" if len(part) == 255 * 255 else bytes([len(part) % 255])
        )
        head = b"OggS\x00" + bytes([flags]) + bytes(8) + b"abcd" + bytes(8)
        pages += head + bytes([len(lacing)]) + lacing + part
        if len(part) < 255 * 255:
            return pages
        flags = 1


@pytest.mark.parametrize("stated", [True, False])
def test_case_2_4_ogg_flac(tmp_path, stated):
    path, wanted = written(tmp_path, "FLAC")
    content = bytearray(path.read_bytes())
    if not stated:
        content[18:26] = (int.from_bytes(content[18:26]) >> 36 << 36).to_bytes(8)
    place, packets = 42, [b"\x7fFLAC\x01\x00\x00\x01" + content[:42]]
    last = content[4] & 0x80
    while not last:
        last, size = content[place] & 0x80, int.from_bytes(content[place + 1 : place + 4])
        packets.append(content[place : place + 4 + size])
        place += 4 + size
    packets.append(content[place:])
    check(path, b"".join(page(packet, 2 * (i == 0)) for i, packet in enumerate(packets)), wanted)


def test_a_wav_that_is_empty_in_truth(tmp_path):
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0), 8000)
    content = path.read_bytes()
    for more in (b"", b"LIST\x04\x00\x00\x00INFO", b"LIST\x04\x00\x00\x00INFOid3 \x03\x00\x00\x00abc\x00"):
        with pytest.raises(InvalidInputError, match="it holds no samples"):
            sg.read_audio(content + more)
