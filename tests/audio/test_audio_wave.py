"""Plain WAV files are read without libsndfile, as libsndfile reads them; all others are left to it."""

import io
import os
import subprocess
import sys
import threading
import tracemalloc
from struct import pack

import numpy as np
import pytest
import soundfile

import spectrograms as sg
from spectrograms.audio.sources import Held, Source
from spectrograms.audio.wave import plain

from ..support import waves
from ..support.chance import times
from ..support.naming import naming
from ..support.sounds import joined_blocks, left_to_libsndfile, outcome, outcome_of_libsndfile
from ..support.threads import in_threads
from ..support.together import together

FORMS = ("plain", "extended", "extensible", "large")


def is_plain(content):
    """Whether the bytes of a file are understood."""
    with Source(content) as source:
        return plain(source) is not None


def written(tag=1, bits=16, n_channels=1, n=1000, form="plain", rate=8000, seed=0):
    """The bytes of a file."""
    samples = waves.bare(np.random.default_rng(seed), tag, bits, n * n_channels)
    if form == "large":
        return waves.large([waves.format_chunk(tag, bits, n_channels, rate)], samples, n)
    return waves.joined(
        [waves.format_chunk(tag, bits, n_channels, rate, form), waves.chunk(b"data", samples)]
    )


def by_libsndfile(content):
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    return samples.T, rate


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("tag", "bits"), waves.KINDS)
@together("n_channels", [1, 2, 5])
@together("n", [1, 999, 70000])
def test_samples_are_those_of_libsndfile(n, n_channels, tag, bits, form, tmp_path):
    content = written(tag, bits, n_channels, n, form, rate=[1, 8000, 400_000_000][n % 3])
    assert is_plain(content)
    expected, rate = by_libsndfile(content)
    theirs = soundfile.info(io.BytesIO(content))
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for sound in (path, content, Held(str(path), content), io.BytesIO(content)):
        samples, found = sg.read_audio(sound, mono=False)
        np.testing.assert_array_equal(samples, expected, strict=True)
        assert found == rate
        info = sg.audio_info(sound)
        assert (info.n_samples, info.n_channels, info.sample_rate) == (n, n_channels, rate)
        assert (info.format, info.subtype) == (theirs.format, theirs.subtype)


@pytest.mark.parametrize(("tag", "bits"), [(1, 8), (1, 16), (1, 24)])
def test_every_integer(tag, bits):
    # Every thirteenth of those of 24 bits.
    values = (
        np.arange(0, 1 << bits, 13 if bits == 24 else 1, dtype="<u4")
        .view(np.uint8)
        .reshape(-1, 4)[:, : bits // 8]
        .tobytes()
    )
    content = waves.joined([waves.format_chunk(tag, bits, 1), waves.chunk(b"data", values)])
    assert is_plain(content)
    np.testing.assert_array_equal(sg.read_audio(content)[0], by_libsndfile(content)[0][0], strict=True)


@pytest.mark.parametrize("size", [4000, 400_000])
@pytest.mark.parametrize("bits", [32, 64])
def test_numbers_that_are_no_samples(bits, size, tmp_path):
    """NaN with whatever stands in it, infinities, both zeros, subnormal numbers, more than float32 holds."""
    every = np.random.default_rng(0).integers(0, 256, size * bits // 8, np.uint8).tobytes()
    odd = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-42, 5e-324, 1e300, -1e300])
    with np.errstate(over="ignore"):
        every += odd.astype(f"<f{bits // 8}").tobytes()
    content = waves.joined([waves.format_chunk(3, bits, 2), waves.chunk(b"data", every)])
    assert is_plain(content)
    bits_of = lambda x: np.ascontiguousarray(x).view(np.uint32)  # noqa: E731
    expected = bits_of(by_libsndfile(content)[0])
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for sound in (content, path):
        np.testing.assert_array_equal(bits_of(sg.read_audio(sound, mono=False)[0]), expected)
        np.testing.assert_array_equal(bits_of(joined_blocks(sound, mono=False)), expected)


@pytest.mark.skipif(not hasattr(os, "preadv"), reason="no preadv")
def test_floats_are_read_where_they_are_returned(tmp_path, monkeypatch):
    """Even if the system gives them in pieces, and in parts."""
    content = written(3, 32, 1, 100_000)
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    expected = by_libsndfile(content)[0][0]
    calls, pread, preadv = [], os.pread, os.preadv
    # Of the beginning alone, where the header is.
    monkeypatch.setattr(os, "pread", lambda file, size, at: pread(file, size, at) if at == 0 else None)
    monkeypatch.setattr(
        os, "preadv", lambda file, buffers, at: calls.append(at) or preadv(file, [buffers[0][:99_999]], at)
    )
    np.testing.assert_array_equal(sg.read_audio(path)[0], expected)
    assert len(calls) == 5
    np.testing.assert_array_equal(sg.read_audio(path, start=1.25, duration=10)[0], expected[10_000:90_000])
    monkeypatch.undo()
    monkeypatch.delattr(os, "preadv")
    np.testing.assert_array_equal(sg.read_audio(path)[0], expected)


@pytest.mark.parametrize("n_channels", [2, 3, 7, 8, 9])
@pytest.mark.parametrize(("tag", "bits"), [(1, 16), (3, 32)])
def test_one_signal_of_all_channels(tag, bits, n_channels):
    content = written(tag, bits, n_channels, 3000)
    if tag == 3:
        # A wide range shows the order in which they are added up.
        rng = np.random.default_rng(1)
        values = rng.standard_normal(3000 * n_channels) * 10.0 ** rng.uniform(-20, 20, 3000 * n_channels)
        values[:n_channels] = -0.0
        values[n_channels : n_channels + 2] = np.inf, -np.inf
        content = content[:44] + values.astype("<f4").tobytes()
    expected = by_libsndfile(content)[0].T
    with np.errstate(invalid="ignore"):
        expected = np.ascontiguousarray(expected).mean(axis=1, dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(sg.read_audio(content)[0].view(np.uint32), expected.view(np.uint32))


@pytest.mark.slow
@pytest.mark.parametrize("in_memory", [True, False])
@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize(("start", "duration"), [(0.0, None), (1.0, 2.0), (2.5, None), (18.749, 5.0)])
@pytest.mark.parametrize("rate", [None, 11025])
def test_parts_and_blocks(start, duration, mono, rate, in_memory, tmp_path):
    content = written(1, 24, 2, 150000)
    assert is_plain(content)
    sound = tmp_path / "a.wav"
    sound.write_bytes(content)
    sound = content if in_memory else sound
    options = {"sample_rate": rate, "mono": mono, "start": start, "duration": duration}

    def read():
        return sg.read_audio(sound, **options)[0]

    with left_to_libsndfile():
        expected = read()
    np.testing.assert_array_equal(read(), expected, strict=True)
    np.testing.assert_array_equal(joined_blocks(sound, **options), expected)


@pytest.mark.slow
def test_mutated_files_are_what_libsndfile_takes_them_for():
    """A thousand files with chunks of all kinds, most of them damaged."""
    understood = check_mutations(0, 1000)
    assert 150 < understood < 600


@pytest.mark.slow
def test_more_mutated_files():
    for seed in range(1, times(3, 11)):
        check_mutations(seed, 3000)


def check_mutations(seed, count):
    """Compare outcomes. Returns how many files are understood here."""
    understood = 0
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        content = waves.plain(rng)
        if number % 4:
            content = waves.mutated(rng, content)
        here = is_plain(content)
        understood += here
        # libsndfile writes remarks to standard error about what it takes for MPEG audio: no more than needed.
        if here or number % 10 == 1:
            with naming("file", (seed, number)):
                assert outcome(content) == outcome_of_libsndfile(content)
    return understood


def fields():
    """Files in which one field of the plainest header differs, by name."""
    content = written(n=100, n_channels=2)
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


def forms():
    """Files of unusual forms, by name."""
    samples = waves.bare(np.random.default_rng(0), 1, 16, 200)
    data, known = waves.chunk(b"data", samples), waves.format_chunk(1, 16, 2)
    extensible = waves.format_chunk(1, 16, 2, form="extensible")
    large = waves.large([known], samples, 100)
    yield "no format", waves.joined([data])
    yield "format last", waves.joined([data, known])
    yield "two formats", waves.joined([known, known, data])
    yield "twice the data", waves.joined([known, data, data])
    yield "no data", waves.joined([known, waves.chunk(b"data", b"")])
    yield "unknown chunk", waves.joined([known, waves.chunk(b"what", bytes(4)), data])
    yield "chunk without a name", waves.joined([known, waves.chunk(bytes(4), bytes(4)), data])
    yield "odd without filling", waves.joined([known, waves.chunk(b"JUNK", b"abc")[:-1], data])
    yield "filled with something", waves.joined([known, waves.chunk(b"JUNK", b"abc")[:-1] + b"d", data])
    yield "points", waves.joined([known, waves.chunk(b"cue ", pack("<I", 3) + bytes(24)), data])
    yield "labels", waves.joined([known, waves.chunk(b"LIST", b"adtl" + bytes(8)), data])
    yield (
        "remarks beyond their end",
        waves.joined([known, waves.chunk(b"LIST", b"INFO" + waves.chunk(b"ISFT", b"abcd", 5)), data]),
    )
    yield "peaks of one channel", waves.joined([known, waves.chunk(b"PEAK", bytes(16)), data])
    yield "peaks before the format", waves.joined([waves.chunk(b"PEAK", bytes(24)), known, data])
    yield "bits in use", waves.joined([extensible[:26] + b"\x0c" + extensible[27:], data])
    yield "another GUID", waves.joined([extensible[:-1] + b"r", data])
    yield "GUID of MP3", waves.joined([extensible[:32] + b"\x55" + extensible[33:], data])
    yield "sound without an end", large[:20] + large[20:28].replace(large[20:28], b"\xff" * 8) + large[28:]
    yield "other sizes", large[:44] + pack("<I", 1) + large[48:]
    yield "sizes of a small file", waves.joined([waves.chunk(b"ds64", bytes(28)), known, data])
    yield "odd chunk in a large file", waves.large([known, waves.chunk(b"JUNK", b"abc")], samples, 100)


UNUSUAL = [*fields(), *forms()]


@together("content", [content for _, content in UNUSUAL], ids=[name for name, _ in UNUSUAL])
def test_whatever_differs_is_left_to_libsndfile(content):
    assert not is_plain(content)


@pytest.mark.parametrize("after", [False, True])
def test_chunks_beside_the_samples(after):
    """Those of ffmpeg, of recorders and of editors do not keep a file from being plain."""
    known, data = (
        waves.format_chunk(3, 32, 2),
        waves.chunk(b"data", waves.bare(np.random.default_rng(0), 3, 32, 40)),
    )
    for chunk in (
        waves.chunk(b"LIST", b"INFO" + waves.chunk(b"ISFT", b"Lavf60.16.100\0") + waves.chunk(b"ICMT", b"a")),
        waves.chunk(b"fact", pack("<I", 20)) + waves.chunk(b"PEAK", bytes(24)),
        waves.chunk(b"bext", bytes(858)) + waves.chunk(b"iXML", b"<a/>") + waves.chunk(b"id3 ", bytes(90001)),
        waves.chunk(b"JUNK", bytes(28)) + waves.chunk(b"PAD ", bytes(3000)),
    ):
        content = waves.joined([known, data, chunk] if after else [known, chunk, data])
        assert is_plain(content)
        assert outcome(content) == outcome_of_libsndfile(content)
    content = waves.joined([waves.chunk(b"JUNK", bytes(28)), known, data])
    assert is_plain(content)
    assert outcome(content) == outcome_of_libsndfile(content)


def test_the_last_byte_of_odd_samples_may_be_missing():
    content = written(1, 8, 1, 99)
    short = content[:-1]
    short = short[:4] + pack("<I", len(short) - 8) + short[8:]
    for each in (content, short):
        assert is_plain(each)
        np.testing.assert_array_equal(sg.read_audio(each)[0], by_libsndfile(each)[0][0])


def test_names_decide_nothing_but_for_raw(tmp_path):
    content = written()
    expected = sg.read_audio(content)[0]
    for name in ("a", "a.WAV", "a.flac", "a.txt", "a.raw.wav", ".raw"):
        path = tmp_path / name
        path.write_bytes(content)
        np.testing.assert_array_equal(sg.read_audio(path)[0], expected)
        assert len(soundfile.read(path)[0]) == len(expected)
    path = tmp_path / "a.raw"
    path.write_bytes(content)
    for sound in (path, Held(str(path), content)):
        with pytest.raises(sg.InvalidInputError, match="without a header"):
            sg.read_audio(sound)


def test_calls_of_the_system(tmp_path, monkeypatch):
    """A short file is opened, measured, read and closed, each once."""
    path = tmp_path / "a.wav"
    path.write_bytes(written(n=20000))
    calls = []
    for name in ("open", "stat", "fstat", "lseek", "read", "pread", "close"):
        own = getattr(os, name)
        monkeypatch.setattr(
            os,
            name,
            lambda *arguments, own=own, name=name, **named: calls.append(name) or own(*arguments, **named),
        )
    sg.read_audio(path)
    assert calls == ["open", "fstat", "pread" if hasattr(os, "pread") else "read", "close"]


@pytest.mark.parametrize("n", [20, 20000, 2_000_000])
def test_nothing_stays_open(n, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(written(n=n))
    folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else pytest.skip("needs /proc")
    before = len(os.listdir(folder))
    sg.read_audio(path)
    sg.audio_info(path)
    blocks = sg.audio_blocks(path)
    next(blocks)
    blocks.close()
    with pytest.raises(sg.InvalidInputError):
        sg.read_audio(path, start=1e9)
    with pytest.raises(IsADirectoryError):
        sg.read_audio(tmp_path)
    assert len(os.listdir(folder)) == before


@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize("n_channels", [1, 2, 40])
def test_a_whole_file_costs_its_samples_and_little_more(n_channels, mono, tmp_path):
    path = tmp_path / "a.wav"
    n = 8_000_000 // n_channels
    path.write_bytes(written(1, 8, n_channels, n))
    sg.read_audio(path, duration=1.0)
    tracemalloc.start()
    try:
        samples, _ = sg.read_audio(path, mono=mono)
        assert tracemalloc.get_traced_memory()[1] < samples.nbytes + 3_000_000
        del samples
        tracemalloc.reset_peak()
        assert sum(block.shape[-1] for block in sg.audio_blocks(path, mono=mono)) == n
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("tag", "bits", "n"), [(1, 16, 25_000), (1, 16, 600_000), (3, 32, 600_000)])
def test_a_file_that_is_cut_while_it_is_read(tag, bits, n, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(written(tag, bits, n=n))
    blocks = sg.audio_blocks(path)
    first = next(blocks)
    os.truncate(path, 44 + bits // 8 * (n // 2))
    if n == 25_000:
        # It has been read already.
        assert len(first) + sum(map(len, blocks)) == n
        return
    with pytest.raises(sg.InvalidInputError, match=rf"it ends after {n // 2} of {n} samples"):
        list(blocks)


def test_a_file_that_grows_while_it_is_read(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(written(n=600_000))
    blocks = sg.audio_blocks(path)
    first = next(blocks)
    with open(path, "ab") as file:
        file.write(bytes(100_000))
    assert len(first) + sum(map(len, blocks)) == 600_000


def test_a_file_that_is_replaced_while_it_is_read(tmp_path):
    path, other = tmp_path / "a.wav", tmp_path / "b.wav"
    path.write_bytes(written(n=600_000))
    other.write_bytes(written(n=600_000, seed=1))
    expected = sg.read_audio(path)[0]
    blocks = sg.audio_blocks(path)
    first = next(blocks)
    os.replace(other, path)
    np.testing.assert_array_equal(np.concatenate([first, *blocks]), expected)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_pipes(tmp_path):
    content = written(n=300_000)
    path = tmp_path / "a.wav"
    os.mkfifo(path)
    thread = threading.Thread(target=lambda: path.write_bytes(content))
    thread.start()
    samples, _ = sg.read_audio(path)
    thread.join()
    np.testing.assert_array_equal(samples, by_libsndfile(content)[0][0])


@pytest.mark.parametrize("failing", [0, 8, 40, 500_000])
def test_errors_of_a_file_object_are_raised_as_they_are(failing):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() >= failing:
                raise ConnectionResetError("the line is dead")
            return super().read(size)

    file = Broken(written(n=600_000))
    with pytest.raises(ConnectionResetError, match="the line is dead"):
        sg.read_audio(file)


def test_many_threads(tmp_path):
    paths = []
    for seed in range(4):
        paths.append(tmp_path / f"{seed}.wav")
        paths[-1].write_bytes(written(1, 24, 2, 100_000, seed=seed))
    expected = [sg.read_audio(path)[0] for path in paths]

    def read(k):
        which = [(k + i) % 4 for i in range(20)]
        return [i for i in which if not np.array_equal(sg.read_audio(paths[i])[0], expected[i])]

    assert in_threads(read, 6) == [[]] * 6


WITHOUT = """
import sys
sys.modules.update(soundfile=None, soxr=None)
import spectrograms as sg
path, other = sys.argv[1:]
print(sg.read_audio(path)[0].shape, sg.audio_info(path).n_samples, sum(map(len, sg.audio_blocks(path))))
for call in (sg.read_audio, sg.audio_info, lambda path: list(sg.audio_blocks(path))):
    try:
        call(other)
    except ImportError as error:
        print(error)
try:
    sg.read_audio(path, 16000)
except ImportError as error:
    print(error)
from spectrograms.cli import main
print(main(["compute", path, "-o", path + ".npy"]))
"""


@pytest.mark.slow
def test_plain_files_need_no_other_package(tmp_path):
    path, other = tmp_path / "a.wav", tmp_path / "a.flac"
    path.write_bytes(written())
    soundfile.write(other, np.zeros(100), 8000)
    command = [sys.executable, "-P", "-c", WITHOUT, str(path), str(other)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    needs = "reading audio files other than plain WAV needs soundfile: pip install soundfile soxr"
    assert done.stdout.splitlines() == [
        "(1000,) 1000 1000",
        *[needs] * 3,
        "resampling audio needs soxr: pip install soundfile soxr",
        "0",
    ]
    assert os.path.getsize(f"{path}.npy") > 1000


EXTRACT = """
import sys
sys.modules.update(soundfile=None, soxr=None)
import spectrograms as sg
from spectrograms.corpus import extract
path, store = sys.argv[1:]
plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), 8000))
report = extract([path], plan, store)
print(report.n_done, len(report.failures))
"""


@pytest.mark.slow
def test_a_corpus_of_plain_files_needs_no_other_package(tmp_path):
    pytest.importorskip("pyarrow")
    path = tmp_path / "a.wav"
    path.write_bytes(written())
    command = [sys.executable, "-P", "-c", EXTRACT, str(path), str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["1 0"]


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user")
def test_a_closed_file_says_so(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(written())
    path.chmod(0)
    with pytest.raises(PermissionError, match=r"a\.wav"):
        sg.read_audio(path)
