"""Reassigned spectrograms as librosa has them: numbers, bytes, NaN, errors, files."""

import pickle
import warnings

import librosa
import numpy as np
import pytest

import spectrograms as sg

from ..support.spectrogram_cases import noise
from ..support.together import together

RATE = 22050
STFT = sg.StftParams(2048, 512, "hann", periodic=True)
PAD = {"zeros": "constant", "reflect": "reflect", "edge": "edge"}


def reference(x, rate=RATE, pad_mode="zeros", **more):
    with warnings.catch_warnings():
        # Of its own call of NumPy, whose mask is not set where magnitudes are NaN.
        warnings.filterwarnings("ignore", "'where' used without 'out'")
        return librosa.reassigned_spectrogram(x, sr=rate, pad_mode=PAD[pad_mode], **more)


def close(found, expected, tolerance):
    """Equal within `tolerance` of the peak, and NaN in the same places."""
    assert found.shape == expected.shape
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected)) <= tolerance * np.nanmax(np.abs(expected))


def mixture(n=12000):
    t = np.arange(n) / RATE
    return np.sin(2 * np.pi * (300 + 2000 * t) * t) + 0.1 * noise(n)


@pytest.mark.slow
@together("n_fft, hop, win_length, window, centre, pad_mode", [
    (2048, 512, None, "hann", True, "zeros"), (1024, 300, 700, "hamming", True, "reflect"),
    (400, 160, None, "blackman", False, "zeros"), (513, 128, None, "hann", True, "edge"),
    (256, 256, 101, "hann", False, "zeros"), (512, 512, None, "hann", True, "zeros"),
])  # fmt: skip
@together("ref_power, fill_nan, clip", [
    (1e-6, False, True), (1e-6, True, False), (0.0, False, False), (3.0, True, True), (3.0, False, True),
])  # fmt: skip
def test_numbers_of_librosa(n_fft, hop, win_length, window, centre, pad_mode, ref_power, fill_nan, clip):
    x = mixture()
    given = {"n_fft": n_fft, "win_length": win_length, "window": window}
    given |= {"ref_power": ref_power, "fill_nan": fill_nan, "clip": clip, "pad_mode": pad_mode}
    expected = reference(x, hop_length=hop, center=centre, **given)
    found = sg.reassigned_spectrogram(x, RATE, hop_size=hop, centre=centre, **given)
    for part, wanted in zip(found.parts, expected, strict=True):
        close(part, wanted, 1e-10)


def test_float32():
    x = mixture().astype("float32")
    found, expected = sg.reassigned_spectrogram(x, RATE, dtype="float32"), reference(x.astype(float))
    frequencies, times, magnitudes = found.parts
    # A bin's place is as sure as its magnitude is beside the largest, whose rounding it bears.
    sure = expected[2] > 1e-2 * expected[2].max()
    assert np.abs(frequencies - expected[0])[sure].max() < 1e-5 * RATE / 2
    assert np.abs(times - expected[1])[sure].max() < 1e-5 * len(x) / RATE
    assert np.abs(magnitudes - expected[2]).max() < 1e-5 * expected[2].max()
    assert found.data.dtype == np.float32


def test_parts_are_views():
    found = sg.reassigned_spectrogram(mixture(), RATE)
    assert found.shape == (3 * 1025, 24)
    for view, part in zip(
        (found.reassigned_frequencies, found.reassigned_times, found.magnitudes), found.parts, strict=True
    ):
        assert np.shares_memory(part, found.data)
        assert np.shares_memory(view, part)
    part = found.crop(0.1, 0.2)
    assert np.array_equal(part.magnitudes, found.magnitudes[:, 5:9])


def test_silence_has_no_place():
    found = sg.reassigned_spectrogram(np.zeros(5000), RATE)
    assert np.isnan(found.reassigned_frequencies).all()
    assert np.isnan(found.reassigned_times).all()
    assert not found.magnitudes.any()
    filled = sg.reassigned_spectrogram(np.zeros(5000), RATE, fill_nan=True)
    np.testing.assert_allclose(filled.reassigned_frequencies[:, 3], np.arange(1025) * RATE / 2048)
    np.testing.assert_allclose(filled.reassigned_times[5], np.arange(10) * 512 / RATE)


def test_an_impulse_and_a_tone_are_where_they_are():
    x = np.zeros(8192)
    x[5000] = 1.0
    found = sg.reassigned_spectrogram(x, RATE)
    near = found.magnitudes > 1e-2
    # Between two frames of half a sample's offset, which librosa's times have.
    np.testing.assert_allclose(found.reassigned_times[near], 5000 / RATE, atol=0.51 / RATE)
    tone = np.sin(2 * np.pi * 1234.5 * np.arange(20000) / RATE)
    found = sg.reassigned_spectrogram(tone, RATE)
    loud = found.magnitudes[:, 5:-5] > 50
    np.testing.assert_allclose(found.reassigned_frequencies[:, 5:-5][loud], 1234.5, atol=0.1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bytes_are_the_same_every_way(dtype):
    x, plan = mixture(30000), sg.ReassignedPlan(STFT, RATE, dtype)
    alone = plan.compute(x)
    expected = alone.data.tobytes()
    for threads in (1, 3):
        batch = plan.compute_batch([x, x[:5000], x], num_threads=threads)
        assert batch[2].data.tobytes() == batch[0].data.tobytes() == expected
    stream = plan.stream()
    parts = [stream.push(chunk) for chunk in np.array_split(x, 17)]
    assert np.hstack([*parts, stream.flush()]).tobytes() == expected
    assert np.array_equal(plan.compute_frame(x, 7), alone.data[:, 7])
    out = np.empty(alone.shape[::-1], dtype).T
    assert plan.compute_into(x, out).T.tobytes() == alone.data.T.tobytes()
    for twin in (pickle.loads(pickle.dumps(plan)), sg.ReassignedPlan.from_json(plan.to_json())):
        assert twin == plan
        assert twin.compute(x).data.tobytes() == expected
    assert sg.ReassignedSpectrogram.from_dict(alone.to_dict()).data.tobytes() == expected
    assert repr(plan).startswith("ReassignedPlan(StftParams(n_fft=2048,")
    # The function's times end with the signal.
    whole = sg.reassigned_spectrogram(x, RATE, dtype=dtype)
    assert np.array_equal(whole.reassigned_frequencies, alone.reassigned_frequencies)
    assert np.array_equal(
        whole.reassigned_times, np.minimum(alone.reassigned_times, np.dtype(dtype).type(30000 / RATE))
    )


def test_any_samples():
    x = (1e3 * mixture()).astype("int16")
    expected = sg.reassigned_spectrogram(x.astype(float), RATE).data
    for samples in (x, np.repeat(x, 2)[::2], x.astype(">i2"), list(map(int, x))):
        assert np.array_equal(sg.reassigned_spectrogram(samples, RATE).data, expected)


def test_nan_touches_its_frames_only():
    x, plan = mixture(), sg.ReassignedPlan(STFT, RATE)
    clean = plan.compute(x)
    x[6000] = np.nan
    found = plan.compute(x)
    touched = [t for t in range(found.n_frames) if 512 * t - 1024 <= 6000 < 512 * t + 1024]
    assert np.flatnonzero(np.isnan(found.magnitudes).any(axis=0)).tolist() == touched
    others = np.setdiff1d(np.arange(found.n_frames), touched)
    assert np.array_equal(found.data[:, others], clean.data[:, others])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: sg.ReassignedPlan(STFT, RATE, ref_power=-1.0),
            sg.InvalidInputError,
            "ref_power must be finite",
        ),
        (lambda: sg.ReassignedPlan(STFT, RATE, ref_power=np.nan), sg.InvalidInputError, "ref_power must be"),
        (lambda: sg.ReassignedPlan(STFT, RATE, clip=1), TypeError, "not an instance of 'bool': clip"),
        (lambda: sg.ReassignedPlan(STFT, -1.0), sg.InvalidInputError, "sample_rate"),
        (lambda: sg.ReassignedPlan(512, RATE), TypeError, "stft_params"),
        (lambda: sg.reassigned_spectrogram([], RATE), ValueError, "empty"),
        (lambda: sg.reassigned_spectrogram(np.ones(9), RATE, n_fft=0), sg.InvalidInputError, "n_fft"),
        (lambda: sg.reassigned_spectrogram(np.ones(9), RATE, hop_length=3), TypeError, "hop_size"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()
