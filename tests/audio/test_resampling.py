"""Qualities of resampling, and resamplers that are used again."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile
import soxr

from spectrograms import InvalidInputError, audio_blocks, read_audio
from spectrograms.audio import resampling

from ..support.threads import in_threads

QUALITIES = ("QQ", "LQ", "MQ", "HQ", "VHQ")


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.wav"
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (30_000, 2))
    soundfile.write(path, samples, 8000, subtype="FLOAT")
    return path, samples.astype(np.float32)


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("rate", [16000, 11025, 4000])
def test_every_quality_is_that_of_soxr(sound, quality, rate):
    path, samples = sound
    expected = [soxr.resample(column.copy(), 8000, rate, quality=quality) for column in samples.T]
    for spelling in (quality, quality.lower()):
        found, _ = read_audio(path, rate, mono=False, quality=spelling)
        np.testing.assert_array_equal(found, expected)
        blocks = list(audio_blocks(path, rate, mono=False, quality=spelling))
        np.testing.assert_array_equal(np.concatenate(blocks, axis=1), expected)


def test_the_default_is_the_most_exact(sound):
    path, _ = sound
    default = read_audio(path, 16000)[0]
    assert np.array_equal(default, read_audio(path, 16000, quality="VHQ")[0])
    others = [read_audio(path, 16000, quality=quality)[0] for quality in QUALITIES[:-1]]
    assert not any(np.array_equal(default, other) for other in others)


@pytest.mark.parametrize("read", [read_audio, lambda *a, **k: list(audio_blocks(*a, **k))])
def test_there_are_no_other_qualities(sound, read):
    path, _ = sound
    # Also where nothing is resampled.
    for rate in (None, 8000, 16000):
        with pytest.raises(InvalidInputError, match="quality must be one of QQ, LQ, MQ, HQ, VHQ, got 'best'"):
            read(path, rate, quality="best")
        with pytest.raises(TypeError, match="quality must be str, got int"):
            read(path, rate, quality=4)


def test_a_resampler_that_is_used_again_remembers_nothing():
    rng = np.random.default_rng(1)
    signals = [rng.standard_normal(n).astype(np.float32) for n in (1, 2, 30_000, 7, 500, 2, 8000, 1)]
    signals.insert(3, np.full(4000, np.inf, np.float32))
    ways = [(8000, 16000, "VHQ"), (44100, 16000, "HQ"), (16000, 8000, "QQ"), (8000, 16000, "LQ")]
    for _ in range(3):
        for signal in signals:
            for a, b, quality in ways:
                if len(signal) * b >= a:
                    expected = soxr.resample(signal, a, b, quality=quality)
                    np.testing.assert_array_equal(resampling.resample(signal, a, b, quality), expected)


@pytest.mark.slow
def test_threads_do_not_share_a_resampler():
    rng = np.random.default_rng(2)
    signals = [rng.standard_normal(20_000).astype(np.float32) for _ in range(8)]
    expected = [soxr.resample(signal, 8000, 16000, quality="VHQ") for signal in signals]

    def work(i):
        each = [resampling.resample(signals[i], 8000, 16000) for _ in range(30)]
        return [k for k, found in enumerate(each) if not np.array_equal(found, expected[i])]

    assert in_threads(work) == [[]] * 8


@pytest.mark.slow
def test_few_resamplers_are_kept():
    signal = np.ones(1000, np.float32)
    for rate in range(8001, 8101):
        resampling.resample(signal, rate, 16000)
    assert len(resampling._idle) <= resampling._MOST_IDLE + 1
    assert all(len(idle) <= 8 for idle in resampling._idle.values())


@pytest.mark.parametrize(
    "rates",
    [
        *((8000, 16000), (16000, 8000), (44100, 16000), (64000, 1000), (7, 5)),
        pytest.param((1000, 64000), marks=pytest.mark.slow),
    ],
)
def test_pieces_are_the_whole(rates):
    """Whatever the length: at, and next to, the ends of pieces, and far beyond."""
    signal = np.random.default_rng(3).standard_normal(200_001).astype(np.float32)
    piece = max(1, min(resampling._IN, resampling._OUT * rates[0] // rates[1]))
    for n in (1, piece - 1, piece, piece + 1, 3 * piece, 3 * piece + 5, 200_001):
        for quality in ("VHQ", "QQ"):
            if n * rates[1] >= rates[0]:
                expected = soxr.resample(signal[:n], *rates, quality=quality)
                np.testing.assert_array_equal(resampling.resample(signal[:n], *rates, quality), expected)


@pytest.mark.slow
def test_the_end_of_a_program_is_silent(sound):
    """The binding of soxr would name whatever of it is still there."""
    path, _ = sound
    code = f"import spectrograms as sg\nfor _ in range(3): sg.read_audio({str(path)!r}, 16000)"
    result = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("", "")
