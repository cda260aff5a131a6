"""Damaged sound files: samples or a documented error, and no more memory than the file can stand for."""

import io
import subprocess
import sys

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.errors import InvalidInputError

CONTAINERS = ["WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "AU", "W64", "RF64"]


def whole(container):
    file = io.BytesIO()
    tone = 0.3 * np.sin(0.05 * np.arange(6000)) + 0.01 * np.random.default_rng(1).standard_normal(6000)
    soundfile.write(file, tone, 16000, format=container)
    return file.getvalue()


def damaged(content, random):
    """Some bytes of the header or of anything changed, cut out, doubled or cut off."""
    content = bytearray(content)
    for _ in range(random.integers(1, 6)):
        end = min(len(content), 64) if random.random() < 0.7 else len(content)
        place = int(random.integers(0, end))
        size = int(random.integers(1, 9))
        kind = random.integers(0, 5)
        if kind == 0:
            content[place : place + size] = random.bytes(size)
        elif kind == 1:
            content[place] ^= 1 << int(random.integers(0, 8))
        elif kind == 2:
            value = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**24][random.integers(0, 6)]
            content[place : place + 4] = value.to_bytes(4, ["little", "big"][random.integers(0, 2)])
        elif kind == 3:
            del content[place : place + size]
        else:
            del content[int(random.integers(1, len(content))) :]
        if len(content) < 2:
            break
    return bytes(content)


def attempt(content):
    """Read damaged content in every way; only what is documented may come out."""
    lengths = []
    for read in (
        lambda: sg.read_audio(content)[0],
        lambda: np.concatenate(list(sg.audio_blocks(content))),
        lambda: sg.read_audio(content, 8000, start=0.05, duration=0.1)[0],
        lambda: sg.audio_info(content),
    ):
        try:
            lengths.append(np.shape(read()))
        except InvalidInputError:
            lengths.append(None)
    assert lengths[0] == lengths[1]


def run(container, n, seed):
    random = np.random.default_rng([seed, CONTAINERS.index(container)])
    content = whole(container)
    for _ in range(n):
        attempt(damaged(content, random))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded as Linux does it")
@pytest.mark.parametrize("container", CONTAINERS)
def test_damaged_content_gives_samples_or_a_documented_error(container):
    # In a process of its own, which a crash would end, with a bound on memory and time.
    code = (
        "import sys, resource; sys.path.insert(0, sys.argv[1]); import test_audio_damaged as t\n"
        "resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))\n"
        f"t.run({container!r}, 100, 0)"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code, __file__.rpartition("/")[0]],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_a_header_that_states_more_than_there_is_asks_for_no_memory():
    content = bytearray(whole("FLAC"))
    # 2**36 - 1 samples, which would be 256 GB.
    content[21] |= 0x0F
    content[22:26] = b"\xff" * 4
    with pytest.raises(InvalidInputError):
        sg.read_audio(bytes(content))
