"""Reading audio files: against soundfile's own whole-file read, and every way a file can be bad."""

import os
import sys
from importlib import import_module

import numpy as np
import pytest
import soundfile
import soxr

import spectrograms as sg
from spectrograms._common.extras import require
from spectrograms.audio import AudioInfo, audio_info, read_audio
from spectrograms.errors import InvalidInputError

from ..support.checkout import DATA, needs

RECORDINGS = DATA / "audio"


@pytest.fixture
def noise():
    return np.random.default_rng(7).uniform(-0.9, 0.9, (5000, 3)).astype(np.float32)


@pytest.fixture
def three_channels(tmp_path, noise):
    path = tmp_path / "three.wav"
    soundfile.write(path, noise, 16000, subtype="FLOAT")
    return path


@needs("audio")
@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".wav"])
def test_recordings_read_as_soundfile_reads_them(suffix):
    paths = sorted(RECORDINGS.glob(f"*{suffix}"))
    assert paths
    for path in paths:
        expected, expected_rate = soundfile.read(path, dtype="float32", always_2d=True)
        samples, rate = read_audio(path, mono=False)
        assert rate == expected_rate
        assert samples.dtype == np.float32
        assert samples.flags.c_contiguous
        np.testing.assert_array_equal(samples, expected.T)


def test_integer_formats_are_scaled_to_one(tmp_path):
    path = tmp_path / "pcm.wav"
    soundfile.write(path, np.array([-32768, 0, 16384, 32767], dtype=np.int16), 8000)
    samples, rate = read_audio(path)
    assert rate == 8000
    np.testing.assert_array_equal(samples, np.float32([-1.0, 0.0, 0.5, 32767 / 32768]))


def test_mono_is_the_mean_of_the_channels(three_channels, noise):
    samples, rate = read_audio(str(three_channels))
    assert type(rate) is int
    assert rate == 16000
    assert samples.shape == (5000,)
    assert samples.flags.c_contiguous
    np.testing.assert_array_equal(samples, noise.mean(axis=1, dtype=np.float64).astype(np.float32))


def test_all_channels_are_contiguous_rows(three_channels, noise):
    samples, _ = read_audio(three_channels, mono=False)
    assert samples.flags.c_contiguous
    np.testing.assert_array_equal(samples, noise.T)


@pytest.mark.parametrize("mono", [True, False])
def test_result_does_not_depend_on_the_block(three_channels, monkeypatch, mono):
    whole, _ = read_audio(three_channels, mono=mono)
    monkeypatch.setattr("spectrograms.audio.reading._BLOCK_FRAMES", 37)
    np.testing.assert_array_equal(read_audio(three_channels, mono=mono)[0], whole)


def test_mono_of_one_channel_has_one_axis_and_all_channels_two(tmp_path):
    path = tmp_path / "one.flac"
    soundfile.write(path, np.zeros(10), 8000)
    assert read_audio(path)[0].shape == (10,)
    assert read_audio(path, mono=False)[0].shape == (1, 10)


def test_resampling_is_soxr_vhq_after_mixing(three_channels, noise):
    mixed = noise.mean(axis=1, dtype=np.float64).astype(np.float32)
    samples, rate = read_audio(three_channels, sample_rate=11025)
    assert rate == 11025
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, soxr.resample(mixed, 16000, 11025, quality="VHQ"))


def test_resampling_keeps_channels_apart(three_channels, noise):
    samples, rate = read_audio(three_channels, sample_rate=8000, mono=False)
    assert rate == 8000
    assert samples.flags.c_contiguous
    for row, channel in zip(samples, noise.T, strict=True):
        np.testing.assert_array_equal(row, soxr.resample(channel.copy(), 16000, 8000, quality="VHQ"))


def test_a_sine_keeps_its_frequency_when_resampled(tmp_path):
    path = tmp_path / "sine.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100), 44100, subtype="FLOAT")
    samples, rate = read_audio(path, sample_rate=16000)
    middle = samples[4000:12000] * np.hanning(8000)
    assert np.argmax(np.abs(np.fft.rfft(middle))) * rate / 8000 == 1000


def test_the_file_rate_is_not_resampled(three_channels, monkeypatch):
    monkeypatch.setitem(sys.modules, "soxr", None)
    samples, rate = read_audio(three_channels, sample_rate=16000.0)
    assert (len(samples), rate) == (5000, 16000)
    assert type(rate) is int


@pytest.mark.parametrize("rate", [0, -8000, 8000.5, float("nan"), float("inf"), "16k", [8000]])
def test_wrong_rate(three_channels, rate):
    with pytest.raises(InvalidInputError, match="sample_rate must be a positive whole number of Hz, got"):
        read_audio(three_channels, sample_rate=rate)


def test_info(three_channels):
    expected = AudioInfo(os.fspath(three_channels), 5000 / 16000, 16000, 3, 5000, "WAV", "FLOAT")
    assert audio_info(three_channels) == expected


@pytest.mark.parametrize("function", [read_audio, audio_info])
def test_missing_file_and_folder(function, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.raw"):
        function(tmp_path / "nowhere.raw")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.wav"):
        function(tmp_path / "nowhere.wav")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        function(tmp_path)


@pytest.mark.parametrize("function", [read_audio, audio_info])
@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "it is empty"), (b"these bytes are no audio at all", "Format not recognised")],
    ids=["empty", "text"],
)
def test_undecodable_file(function, content, reason, tmp_path):
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=rf"cannot read audio file '.*bad\.wav': {reason}"):
        function(path)


def test_headerless_file(tmp_path):
    path = tmp_path / "samples.raw"
    path.write_bytes(bytes(100))
    with pytest.raises(InvalidInputError, match=r"samples\.raw.*without a header"):
        read_audio(path)


def test_file_without_samples(tmp_path):
    path = tmp_path / "silent.wav"
    soundfile.write(path, np.zeros(0), 8000)
    assert audio_info(path).n_samples == 0
    with pytest.raises(InvalidInputError, match=r"silent\.wav.*holds no samples"):
        read_audio(path)


@pytest.mark.parametrize("n_channels", [1, 2])
def test_truncated_flac(tmp_path, n_channels):
    whole, half = tmp_path / "whole.flac", tmp_path / "half.flac"
    soundfile.write(whole, np.random.default_rng(1).uniform(-0.5, 0.5, (50000, n_channels)), 16000)
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(InvalidInputError, match=r"cannot read audio file '.*half\.flac'"):
        read_audio(half)


def test_case_2_4_flac_that_does_not_state_its_length_is_read_to_its_end(tmp_path, noise):
    path = tmp_path / "stream.flac"
    soundfile.write(path, noise, 16000)
    whole, _ = read_audio(path, mono=False)
    content = bytearray(path.read_bytes())
    # Total samples are the low 36 bits.
    content[18:26] = (int.from_bytes(content[18:26]) >> 36 << 36).to_bytes(8)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_audio(path, mono=False)[0], whole)
    np.testing.assert_array_equal(np.hstack(list(sg.audio_blocks(path, mono=False))), whole)
    part, _ = read_audio(path, mono=False, start=0.1, duration=0.05)
    np.testing.assert_array_equal(part, whole[:, 1600:2400])
    assert audio_info(path).n_samples == 5000
    with pytest.raises(InvalidInputError, match=r"start=1\.0 s lies beyond its end at 0\.3125 s"):
        read_audio(path, start=1.0)


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        ("soundfile", "reading audio files other than plain WAV needs soundfile: pip install soundfile soxr"),
        ("soxr", "resampling audio needs soxr: pip install soundfile soxr"),
    ],
)
def test_missing_package(tmp_path, noise, monkeypatch, hidden, message):
    path = tmp_path / "three.flac"
    soundfile.write(path, noise, 16000)

    def without(name):
        if name == hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return import_module(name)

    monkeypatch.setattr("spectrograms._common.extras.import_module", without)
    with pytest.raises(ImportError) as caught:
        read_audio(path, sample_rate=8000)
    assert str(caught.value) == message


def test_a_package_that_is_broken_keeps_its_own_error(tmp_path, monkeypatch):
    (tmp_path / "brokenpackage.py").write_text("import a_module_nobody_has")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_nobody_has"):
        require("brokenpackage", "this test")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are not text")
def test_file_name_that_is_no_text(three_channels, tmp_path):
    odd = os.fsencode(tmp_path) + b"/odd\xff.wav"
    os.rename(three_channels, odd)
    assert read_audio(os.fsdecode(odd))[0].shape == (5000,)
    assert audio_info(os.fsdecode(odd)).n_samples == 5000


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("yaml", "this test needs yaml: pip install PyYAML"),
        ("scipy.signal", "this test needs scipy: pip install scipy"),
        ("pyarrow.parquet", "this test needs pyarrow: pip install pyarrow soundfile soxr tqdm"),
    ],
)
def test_what_to_install_is_the_name_of_a_package(monkeypatch, module, message):
    package = module.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError) as caught:
        require(module, "this test")
    assert str(caught.value) == message


@needs("audio")
@pytest.mark.parametrize("sample_rate", [None, 12345])
@pytest.mark.parametrize("mono", [True, False])
def test_blocks_are_the_file(sample_rate, mono):
    path = RECORDINGS / "bach_brandenburg2_stereo_44k.flac"
    whole, _ = sg.read_audio(path, sample_rate, mono)
    blocks = list(sg.audio_blocks(path, sample_rate, mono))
    assert len(blocks) > 1
    assert np.array_equal(np.concatenate(blocks, axis=-1), whole)


@needs("audio")
def test_a_stream_of_blocks_is_the_file():
    path = RECORDINGS / "bach_brandenburg2_stereo_44k.flac"
    plan = sg.SpectrogramPlan(sg.SpectrogramParams.music_default(44100))
    stream = plan.stream()
    parts = [*map(stream.push, sg.audio_blocks(path)), stream.flush()]
    assert np.array_equal(np.hstack(parts), plan.compute(sg.read_audio(path)[0]).data)


@pytest.mark.slow
@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize(("rate", "to"), [(44100, 16000), (48000, 8000), (44100, 1000)])
def test_case_2_6_at_least_one_sample(tmp_path, rate, to, mono):
    path = tmp_path / "short.wav"
    for n in (*range(1, 30), 100, 101):
        soundfile.write(path, 0.5 * np.cos(np.arange(2 * n)).reshape(n, 2), rate, subtype="FLOAT")
        samples, found = read_audio(path, to, mono)
        assert found == to
        # soxr rounds half a sample up.
        assert samples.shape[-1] == max(1, int(n * to / rate + 0.5))
        np.testing.assert_array_equal(np.concatenate(list(sg.audio_blocks(path, to, mono)), axis=-1), samples)
        # As if silence followed: the first samples of the longer signal.
        channels = soundfile.read(path, dtype="float32", always_2d=True)[0].T
        signal = channels.mean(axis=0, dtype=np.float64).astype(np.float32) if mono else channels[1]
        longer = soxr.resample(np.pad(signal, (0, 5000)), rate, to, quality="VHQ")
        last = samples if mono else samples[1]
        np.testing.assert_array_equal(last, longer[: len(last)])


@pytest.mark.parametrize(
    ("rate", "to", "words"),
    [
        (1, 16000, "its 1 samples a second can be resampled to 64 Hz at most, not to 16000"),
        (999, 64000, "at most"),
        (44100, 2**40, "can be resampled to 2822400 Hz at most, not to 1099511627776"),
        (1000, 768001, "to 768000 Hz at most"),
        (44100, 10, "to 11 Hz at least, not to 10"),
        (2**31 - 1, 16000, "to 524288 Hz at least"),
    ],
)
def test_case_5_9_a_rate_out_of_reach_is_refused_before_memory_is_asked_for(tmp_path, rate, to, words):
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.zeros(1000000), 8000, subtype="PCM_U8")
    content = bytearray(path.read_bytes())
    content[24:28] = rate.to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=rf"odd\.wav.*{words}"):
        read_audio(path, to)
    with pytest.raises(InvalidInputError, match=words):
        next(sg.audio_blocks(path, to))
    assert read_audio(path)[1] == rate


def test_rates_within_reach(tmp_path):
    path = tmp_path / "slow.wav"
    soundfile.write(path, np.zeros(100), 100)
    assert read_audio(path, 6400)[0].shape == (6400,)
    soundfile.write(path, np.zeros(1000), 1000)
    assert read_audio(path, 768000)[0].shape == (768000,)
    soundfile.write(path, np.zeros(44100), 44100)
    assert read_audio(path, 11)[0].shape == (11,)


def test_a_start_of_a_narrow_type_is_a_number(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.arange(40000) / 40000, 40000)
    narrow, _ = sg.read_audio(path, start=np.float16(0.5), duration=np.float16(0.25))
    wide, _ = sg.read_audio(path, start=0.5, duration=0.25)
    np.testing.assert_array_equal(narrow, wide)
