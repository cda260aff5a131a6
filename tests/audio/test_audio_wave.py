"""WAV files with the plainest of headers are read without libsndfile, as libsndfile reads them."""

import io
import os
from struct import pack

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.audio.sources import SMALL_BYTES, Held
from spectrograms.audio.wave import plain


def wave(samples, rate=8000):
    """The bytes of a WAV file of 16 bits."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def noise(n=1000, n_channels=1):
    return np.random.default_rng(n).integers(-(2**15), 2**15, (n, n_channels), np.int16)


def by_libsndfile(content):
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    return samples.T, rate


@pytest.mark.parametrize("n_channels", [1, 2, 5])
@pytest.mark.parametrize("n", [1, 999, 70000])
@pytest.mark.parametrize("rate", [1, 8000, 44100, 400_000_000])
def test_samples_are_those_of_libsndfile(n, n_channels, rate, tmp_path):
    content = wave(noise(n, n_channels), rate)
    assert plain(content) is not None
    expected, rate = by_libsndfile(content)
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for sound in (path, content, Held(str(path), content)):
        samples, found = sg.read_audio(sound, mono=False)
        np.testing.assert_array_equal(samples, expected, strict=True)
        assert found == rate
        info = sg.audio_info(sound)
        assert (info.n_samples, info.n_channels, info.sample_rate) == (n, n_channels, rate)
        assert (info.format, info.subtype) == ("WAV", "PCM_16")


def test_all_values():
    content = wave(np.arange(-(2**15), 2**15, dtype=np.int16))
    assert plain(content) is not None
    np.testing.assert_array_equal(sg.read_audio(content)[0], by_libsndfile(content)[0][0], strict=True)


@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize(("start", "duration"), [(0.0, None), (0.1, 0.2), (0.25, None), (0.99, 5.0)])
@pytest.mark.parametrize("rate", [None, 11025])
def test_parts_are_those_of_a_long_file(start, duration, mono, rate, tmp_path):
    """The same recording, once with a chunk behind it: libsndfile reads that one."""
    content = wave(noise(8000, 2))
    other = content[:4] + pack("<I", len(content) + 2) + content[8:] + b"note\2\0\0\0ab"
    assert plain(content) is not None
    assert plain(other) is None
    options = {"sample_rate": rate, "mono": mono, "start": start, "duration": duration}
    expected = sg.read_audio(other, **options)[0]
    np.testing.assert_array_equal(sg.read_audio(content, **options)[0], expected)
    blocks = np.concatenate(list(sg.audio_blocks(content, **options)), axis=-1)
    np.testing.assert_array_equal(blocks, expected)


def test_long_files_are_left_to_libsndfile(tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(wave(noise(SMALL_BYTES)))
    np.testing.assert_array_equal(sg.read_audio(path)[0], by_libsndfile(path.read_bytes())[0][0])


def fields():
    """Headers in which one field of the plainest differs, by name."""
    content = wave(noise(100, 2))
    for place, size in ((4, 4), (16, 4), (20, 2), (22, 2), (24, 4), (28, 4), (32, 2), (34, 2), (40, 4)):
        own = int.from_bytes(content[place : place + size], "little")
        for value in (0, 1, own - 1, own + 1, own * 2, (1 << 8 * size) - 1):
            if value != own:
                changed = value.to_bytes(size, "little")
                yield f"{place}-{value}", content[:place] + changed + content[place + size :]
    for place in (0, 3, 8, 11, 12, 15, 36, 39):
        yield f"{place}-X", content[:place] + b"X" + content[place + 1 :]
    for n in (0, 3, 43, 44, 45, len(content) - 1):
        yield f"cut-{n}", content[:n]
    yield "more", content + b"\0"


@pytest.mark.parametrize(("content"), [pytest.param(content, id=name) for name, content in fields()])
def test_whatever_differs_is_left_to_libsndfile(content):
    assert plain(content) is None


def test_a_headerless_file_is_known_by_its_suffix(tmp_path):
    path = tmp_path / "a.raw"
    path.write_bytes(wave(noise()))
    for sound in (path, Held(str(path), path.read_bytes())):
        with pytest.raises(sg.InvalidInputError, match="without a header"):
            sg.read_audio(sound)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user")
def test_a_closed_file_says_so(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wave(noise()))
    path.chmod(0)
    with pytest.raises(PermissionError, match=r"a\.wav"):
        sg.read_audio(path)
