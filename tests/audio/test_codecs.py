"""What libsndfile does not know is decoded by PyAV: whole, in parts and in blocks, or refused with a word."""

import io
import os
import random
import subprocess
import sys
import tempfile

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.audio import libav, suffixes

from ..support.corpora import noise

# Container, codec, rate, bits a second, and what comes of 50000 samples: how many, how many are before the
# first, and the name of the container.
ENCODED = {
    "m4a": ("ipod", "aac", 16000, 96000, 50000, 0, "MP4"),
    "mp4": ("mp4", "aac", 44100, 192000, 50009, 0, "MP4"),
    "alac": ("ipod", "alac", 16000, None, 50000, 0, "MP4"),
    "aac": ("adts", "aac", 44100, 192000, 51200, 1024, "AAC"),
    "webm": ("webm", "libopus", 48000, 128000, 50000, 0, "MATROSKA"),
    "mkv": ("matroska", "flac", 16000, None, 50000, 0, "MATROSKA"),
    "mp3 in mkv": ("matroska", "libmp3lame", 44100, 192000, 50000, 0, "MATROSKA"),
    "wma": ("asf", "wmav2", 44100, 128000, 49152, None, "ASF"),
    "ac3": ("ac3", "ac3", 48000, 256000, 50688, 256, "AC3"),
    "amr": ("amr", "libopencore_amrnb", 8000, 12200, 50080, None, "AMR"),
    "wv": ("wv", "wavpack", 44100, None, 50000, 0, "WV"),
}
LOSSLESS = ("alac", "mkv")


@pytest.fixture
def av():
    return pytest.importorskip("av", reason="needs PyAV: pip install av")


def signal(channels=1):
    """Noise of frequencies that every codec keeps, shape (channels, 50000)."""
    samples = noise(0, 50000 / 8000, channels=channels).reshape(50000, channels).T
    samples = np.stack([np.convolve(row, np.hanning(24), "same") for row in samples])
    return (0.3 * samples / np.abs(samples).max()).astype(np.float32)


def encoded(av, kind, samples=None, **options):
    """Samples, shape (channels, n), as the content of a file."""
    form, codec, rate, bits, *_ = ENCODED[kind]
    samples = signal() if samples is None else samples
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "x")
        try:
            container = av.open(path, "w", format=form, options=options)
            stream = container.add_stream(codec, rate=rate)
        except (ValueError, LookupError) as error:
            pytest.skip(f"this PyAV has no encoder: {error}")
        layout = "stereo" if len(samples) == 2 else "mono"
        stream.layout = layout
        if bits:
            stream.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", layout)
        frame.sample_rate, frame.pts = rate, 0
        for part in (frame, None):
            for packet in stream.encode(part):
                container.mux(packet)
        container.close()
        with open(path, "rb") as file:
            return file.read()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENCODED)
def test_whole_parts_and_blocks_are_the_same_samples(av, kind, tmp_path):
    _, _, rate, _, length, lag, container = ENCODED[kind]
    if kind == "mp4" and int(av.__version__.partition(".")[0]) >= 19:
        length = 50000  # Its FFmpeg states lengths in samples, where earlier ones wrote milliseconds.
    content = encoded(av, kind)
    path = tmp_path / f"x.{kind.rpartition(' ')[2]}"
    path.write_bytes(content)
    whole, found = sg.read_audio(path)
    assert (found, whole.shape, whole.dtype) == (rate, (length,), np.float32)
    info = sg.audio_info(path)
    assert (info.n_samples, info.sample_rate, info.n_channels) == (length, rate, 1)
    assert (info.format, info.decoder, info.path) == (container, "PyAV", str(path))
    assert np.array_equal(np.concatenate(list(sg.audio_blocks(path))), whole)
    for sound in (content, io.BytesIO(content), path):
        for start, duration in ((0.0, 0.1), (0.317, 0.2), (0.9, None)):
            first = round(start * rate)
            stop = length if duration is None else first + round(duration * rate)
            part = sg.read_audio(sound, start=start, duration=duration)[0]
            assert np.array_equal(part, whole[first:stop])
    assert np.array_equal(sg.read_audio(content, 16000)[0], sg.read_audio((whole, rate), 16000)[0])
    with pytest.raises(sg.InvalidInputError, match="lies beyond its end"):
        sg.read_audio(content, start=9.0)
    if lag is None:
        return
    # The sound is where it was: what the encoder has put before it is left out, if the file says so.
    [given] = signal()
    if kind in LOSSLESS:
        assert np.abs(whole - given).max() <= 2**-15
    fits = {k: np.dot(whole[lag + 100 + k : lag + 45000 + k], given[100:45000]) for k in range(-50, 50)}
    assert max(fits, key=fits.get) == 0


@pytest.mark.parametrize("kind", ["m4a", "webm", "ac3", "alac"])
def test_channels(av, kind):
    content = encoded(av, kind, signal(2))
    both = sg.read_audio(content, mono=False)[0]
    assert both.shape[0] == 2
    mono = sg.read_audio(content)[0]
    assert np.array_equal(mono, ((both[0].astype("f8") + both[1]) / 2).astype("f4"))
    if kind == "alac":
        assert np.abs(both - signal(2)).max() <= 2**-15


def test_what_decodes_is_said():
    plain, packed = io.BytesIO(), io.BytesIO()
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(plain, noise(0), 8000, format="WAV")
    soundfile.write(packed, noise(0), 8000, format="FLAC")
    found = [
        sg.audio_info(sound).decoder for sound in (plain.getvalue(), packed.getvalue(), (noise(0), 8000))
    ]
    assert found == ["spectrograms", "libsndfile", "spectrograms"]


def test_the_end_of_fragmented_files_is_theirs(av):
    """Fragments state no whole length, or that of the first of them."""
    content = encoded(av, "m4a", movflags="frag_keyframe+empty_moov+default_base_moof")
    assert 50000 <= len(sg.read_audio(content)[0]) <= 51200
    assert len(sg.read_audio(encoded(av, "m4a", movflags="faststart"))[0]) == 50000


@pytest.mark.parametrize("kind", ["m4a", "alac", "mkv", "webm"])
def test_files_that_are_cut_are_refused(av, kind):
    options = {"movflags": "faststart"} if kind in ("m4a", "alac") else {}
    content = encoded(av, kind, **options)
    for part in (0.3, 0.6, 0.8):
        with pytest.raises(sg.InvalidInputError, match=r"cannot read audio file '<bytes>': "):
            sg.read_audio(content[: int(len(content) * part)])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENCODED)
def test_damage_is_one_error(av, kind):
    content, source = encoded(av, kind), random.Random(kind)
    for _ in range(25):
        broken = bytearray(
            content[: source.randrange(12, len(content))] if source.random() < 0.3 else content
        )
        for _ in range(source.randrange(1, 20)):
            broken[source.randrange(min(4, len(broken) - 1), len(broken))] = source.randrange(256)
        try:
            samples = sg.read_audio(bytes(broken))[0]
        except (sg.InvalidInputError, MemoryError):
            continue
        assert samples.ndim == 1


@pytest.mark.slow
def test_nothing_is_written_to_the_terminal(av, tmp_path):
    (tmp_path / "x.m4a").write_bytes(encoded(av, "m4a")[:-3000])
    program = (
        "import spectrograms as sg, sys\ntry: sg.read_audio(sys.argv[1])\nexcept sg.InvalidInputError: pass"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, tmp_path / "x.m4a"], capture_output=True, text=True, check=True
    )
    assert done.stdout + done.stderr == ""


def test_files_without_sound(av):
    buffer = io.BytesIO()
    container = av.open(buffer, "w", format="mp4")
    stream = container.add_stream("mpeg4", rate=10)
    stream.width = stream.height = 32
    stream.pix_fmt = "yuv420p"
    frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
    for part in (frame, None):
        for packet in stream.encode(part):
            container.mux(packet)
    container.close()
    with pytest.raises(sg.InvalidInputError, match="it is MPEG-4 sound or video without sound"):
        sg.read_audio(buffer.getvalue())


HEADS = {
    "m4a": b"\0\0\0\x20ftypM4A ",
    "aac": b"\xff\xf1\x50\x80",
    "wma": b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    "webm": b"\x1a\x45\xdf\xa3",
    "amr": b"#!AMR\n",
    "ac3": b"\x0b\x77\x00\x00",
}


@pytest.mark.parametrize("kind", HEADS)
def test_without_the_package_an_error_says_which(monkeypatch, kind, tmp_path):
    monkeypatch.setattr(libav, "has_codecs", lambda: False)
    what = {suffix: entry.what for entry in libav.KINDS for suffix in entry.suffixes}[f".{kind}"]
    content = HEADS[kind] + bytes(2000)
    with pytest.raises(sg.InvalidInputError, match=rf"it is {what}, which libsndfile.*pip install av"):
        sg.read_audio(content)


def test_a_folder_has_them_if_they_can_be_decoded(monkeypatch, tmp_path):
    from spectrograms.corpus import find_inputs

    for name in ("a.wav", "b.m4a", "c.mp4", "d.AMR"):
        (tmp_path / name).write_bytes(b"")
    for there, expected in ((True, ["a", "b", "d"]), (False, ["a"])):
        monkeypatch.setattr(suffixes, "has_codecs", lambda there=there: there)
        assert [item.id for item in find_inputs(tmp_path)] == expected


@pytest.mark.slow
def test_a_corpus_of_them(av, tmp_path):
    pytest.importorskip("pyarrow")
    from spectrograms.corpus import FeatureStore, extract

    from ..support.corpora import plan

    for kind in ("m4a", "webm", "amr"):
        (tmp_path / f"{kind}.{kind}").write_bytes(encoded(av, kind))
    sources = sorted(map(str, tmp_path.iterdir()))
    report = extract(sources, plan(), tmp_path / "store", workers=2, shard_files=2)
    assert report.failures == []
    for record in FeatureStore(tmp_path / "store"):
        wanted = plan().compute(sg.read_audio(record.path, 8000)[0]).data
        assert np.array_equal(record.features, wanted)
    assert extract(sources, plan(), tmp_path / "cut", segment=1.0, num_threads=2).failures == []
