"""What a sound is read from: paths, the bytes of a file, file objects of every kind, and their errors."""

import io
import os
import threading

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.audio.sources import Held
from spectrograms.errors import InvalidInputError

SAMPLES = np.random.default_rng(5).uniform(-0.5, 0.5, 9000).astype(np.float32)


@pytest.fixture(params=["WAV", "FLAC", "OGG", "MP3", "AIFF", "CAF", "AU", "W64", "RF64"])
def path(request, tmp_path):
    path = tmp_path / f"sound.{request.param.lower()}"
    soundfile.write(path, SAMPLES, 16000, format=request.param)
    return path


def readers():
    return [
        lambda sound: sg.read_audio(sound)[0],
        lambda sound: np.concatenate(list(sg.audio_blocks(sound))),
        lambda sound: sg.audio_info(sound).n_samples,
        lambda sound: sg.read_audio(sound, start=0.1, duration=0.2)[0],
    ]


class OnlyRead:
    """A response of a server: `read` and nothing else, a few bytes at a time."""

    def __init__(self, content):
        self._content = io.BytesIO(content)

    def read(self, size=-1):
        return self._content.read(min(size, 1000))


class Short(io.BytesIO):
    """Gives less than it is asked for."""

    def read(self, size=-1):
        return super().read(min(size, 7000) if size > 0 else size)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO, OnlyRead, Short])
def test_case_2_5_bytes_and_file_objects_are_read_like_a_path(path, kind):
    for read in readers():
        np.testing.assert_array_equal(read(kind(path.read_bytes())), read(path))


def test_case_2_5_open_files(path):
    for read in readers():
        with open(path, "rb") as file, open(path, "rb", buffering=0) as raw:
            np.testing.assert_array_equal(read(file), read(path))
            np.testing.assert_array_equal(read(raw), read(path))


def test_case_2_5_a_file_object_is_read_from_its_position_and_put_back(path):
    content = path.read_bytes()
    file = io.BytesIO(b"something else" + content)
    file.seek(14)
    for read in readers():
        np.testing.assert_array_equal(read(file), read(path))
        assert file.tell() == 14
        assert not file.closed
    with pytest.raises(InvalidInputError):
        sg.read_audio(file, start=10.0)
    assert file.tell() == 14
    file.seek(0, io.SEEK_END)
    with pytest.raises(
        InvalidInputError, match=rf"<BytesIO>.*nothing follows its position {14 + len(content)}"
    ):
        sg.read_audio(file)


def test_case_2_5_bytes_are_not_looked_at_again(path):
    content = bytearray(path.read_bytes())
    blocks = sg.audio_blocks(content)
    first = next(blocks)
    content[:] = bytes(len(content))
    np.testing.assert_array_equal(np.concatenate([first, *blocks]), sg.read_audio(path)[0])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_case_2_5_a_pipe(path, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = path.read_bytes()
    thread = threading.Thread(target=lambda: pipe.write_bytes(content))
    thread.start()
    samples, _ = sg.read_audio(pipe)
    thread.join()
    np.testing.assert_array_equal(samples, sg.read_audio(path)[0])
    out, into = os.pipe()

    def feed():
        with open(into, "wb") as end:
            end.write(content)

    thread = threading.Thread(target=feed)
    thread.start()
    with open(out, "rb") as file:
        np.testing.assert_array_equal(sg.read_audio(file)[0], samples)
    thread.join()


def test_names(path):
    content = path.read_bytes()
    assert sg.audio_info(str(path)).path == str(path)
    assert sg.audio_info(content).path == "<bytes>"
    assert sg.audio_info(bytearray(content)).path == "<bytearray>"
    assert sg.audio_info(io.BytesIO(content)).path == "<BytesIO>"
    assert sg.audio_info(OnlyRead(content)).path == "<OnlyRead>"
    with open(path, "rb") as file:
        assert sg.audio_info(file).path == str(path)


@pytest.mark.parametrize("read", readers())
@pytest.mark.parametrize(
    ("sound", "name", "reason"),
    [
        (b"", "<bytes>", "it is empty"),
        (b"no audio", "<bytes>", "Format not recognised"),
        (bytearray(100000), "<bytearray>", "Format not recognised"),
        (io.BytesIO(b""), "<BytesIO>", "it is empty"),
        (OnlyRead(b""), "<OnlyRead>", "it is empty"),
    ],
)
def test_case_2_5_errors_name_the_bytes_or_the_object(read, sound, name, reason):
    with pytest.raises(InvalidInputError, match=f"cannot read audio file '{name}': {reason}"):
        read(sound)


@pytest.mark.parametrize("read", readers())
@pytest.mark.parametrize("sound", [None, 3, 1.5, np.zeros(3), [b"RIFF"], object()])
def test_case_2_5_what_is_no_sound(read, sound):
    with pytest.raises(TypeError, match="must be a path, bytes or a binary file object, got"):
        read(sound)


@pytest.mark.parametrize("read", readers())
def test_case_2_5_text(read, path):
    with open(path, encoding="latin-1") as file, pytest.raises(TypeError, match=r"opened as text.*mode 'rb'"):
        read(file)
    with pytest.raises(TypeError, match="opened as text"):
        read(io.StringIO("text"))

    class Text(OnlyRead):
        def read(self, size=-1):
            return "text"

    with pytest.raises(TypeError, match="must be binary, but '<Text>' gives str"):
        read(Text(b""))


class Broken(io.BytesIO):
    """Fails after some bytes."""

    def read(self, size=-1):
        if self.tell() > 2000:
            raise ConnectionResetError("the line is dead")
        return super().read(min(size, 500))


@pytest.mark.parametrize("seekable", [True, False])
def test_case_2_5_errors_of_a_file_object_are_raised_as_they_are(path, seekable, capfd):
    file = Broken(path.read_bytes())
    file.seekable = lambda: seekable
    with pytest.raises(ConnectionResetError, match="the line is dead"):
        sg.read_audio(file)
    # libsndfile's callbacks print what they cannot hand on.
    assert "Traceback" not in capfd.readouterr().err


def test_a_file_object_that_has_no_bytes_yet(path):
    class Waiting(OnlyRead):
        def read(self, size=-1):
            return None

    with pytest.raises(BlockingIOError, match="'<Waiting>' has no bytes ready"):
        sg.read_audio(Waiting(b""))


def test_a_file_object_that_gives_too_much(path):
    class Much(OnlyRead):
        def read(self, size=-1):
            return bytes(size + 1)

    with pytest.raises(ValueError, match="'<Much>' gives"):
        sg.read_audio(Much(b""))


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no devices with names")
def test_a_device_is_no_file():
    with pytest.raises(InvalidInputError, match=r"/dev/zero.*it is no file"):
        sg.read_audio("/dev/zero")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "pread"), reason="libsndfile opens names here")
@pytest.mark.parametrize("container", ["FLAC", "OGG", "MP3", "WAV"])
@pytest.mark.parametrize("n", [9000, 400_000])
def test_a_path_is_opened_once(container, n, tmp_path):
    """A file that is replaced as soon as it is open is read to its end all the same."""
    path = tmp_path / f"sound.{container.lower()}"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, n), 16000, format=container)
    expected = sg.read_audio(path)[0]
    own, opened = os.open, []

    def once(name, *arguments, **named):
        descriptor = own(name, *arguments, **named)
        if os.fspath(name) == str(path):
            opened.append(name)
            os.unlink(path)
        return descriptor

    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(os, "open", once)
        samples = sg.read_audio(path)[0]
    assert len(opened) == 1
    np.testing.assert_array_equal(samples, expected)


@pytest.mark.parametrize("container", ["FLAC", "OGG", "MP3", "WAV"])
def test_content_that_has_been_read_is_not_read_again(container, tmp_path):
    path = tmp_path / f"sound.{container.lower()}"
    soundfile.write(path, SAMPLES, 16000, format=container)
    expected = sg.read_audio(path)[0]
    held = Held(str(path), path.read_bytes())
    path.unlink()
    np.testing.assert_array_equal(sg.read_audio(held)[0], expected)
