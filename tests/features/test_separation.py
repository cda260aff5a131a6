"""Harmonic and percussive parts: librosa's numbers; batches, threads and streams give the same bytes."""

import math

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.arrays.medians import running_median

from ..support.together import together

PARAMS = sg.SpectrogramParams(sg.StftParams(512, 128, "hann", periodic=True), 16000)


def spectra(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


def close(ours, theirs, tolerance=1e-10):
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@together("shape", [(33, 70), (5, 3), (1, 40), (40, 1), (3, 2500), (2500, 3)])
@together("length", [1, 2, 5, 31])
def test_running_medians_are_the_middle_of_each_window(shape, length):
    # Two digits, so that numbers come more than once. median_filter of SciPy 1.17 then errs now and then.
    x = np.random.default_rng(1).random(shape).round(2)
    for dtype in (np.float32, np.float64):
        values = x.astype(dtype)
        for over_rows in (False, True):
            out = np.empty_like(values)
            running_median(values, out, 0, shape[over_rows], length, over_rows)
            ends = [(0, 0), (0, 0)]
            ends[not over_rows] = (length // 2, length - 1 - length // 2)
            padded = np.pad(values, ends, "symmetric")
            windows = np.lib.stride_tricks.sliding_window_view(padded, length, axis=int(not over_rows))
            assert np.array_equal(out, np.sort(windows, axis=-1)[..., length // 2])


@pytest.mark.slow
@together("kernel", [31, (17, 9), (8, 5)])
@together("power", [1.0, 2.0, 0.7, math.inf])
@together("margin", [1.0, (1.0, 3.0), 2.5])
def test_parts_are_librosas(kernel, power, margin):
    librosa = pytest.importorskip("librosa")
    x = spectra(65, 90)
    x[:35] *= 1e-3
    options = {"kernel_size": kernel, "power": power, "margin": margin}
    for values in (x, np.abs(x)):
        for mask in (False, True):
            expected = librosa.decompose.hpss(values, mask=mask, **options)
            for ours, theirs in zip(sg.hpss(values, mask=mask, **options), expected, strict=True):
                close(ours, theirs)


def test_float32_stays_float32():
    librosa = pytest.importorskip("librosa")
    x = spectra(65, 90).astype(np.complex64)
    for ours, theirs in zip(sg.hpss(x), librosa.decompose.hpss(x), strict=True):
        assert ours.dtype == np.complex64
        close(ours, theirs, 1e-6)
    assert sg.hpss(x, mask=True)[0].dtype == np.float32


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_signals_are_librosas(dtype):
    librosa = pytest.importorskip("librosa")
    x = np.random.default_rng(3).standard_normal(9000).astype(dtype)
    x[:5000] += 3 * np.sin(0.3 * np.arange(5000))
    expected = librosa.effects.hpss(x, n_fft=512, hop_length=128, margin=(1.0, 2.0))
    ours = sg.separate(x, PARAMS, margin=(1.0, 2.0), dtype=dtype)
    for part, theirs in zip(ours, expected, strict=True):
        assert part.dtype == dtype
        close(part, theirs, 1e-10 if dtype == "float64" else 1e-5)


def test_batches_and_threads_give_the_same_bytes():
    x = spectra(2, 3, 300, 150)
    alone = [sg.hpss(item, num_threads=1) for item in x.reshape(-1, 300, 150)]
    for threads in (1, 2, 8):
        for part, made in enumerate(sg.hpss(x, num_threads=threads)):
            for item, single in zip(made.reshape(-1, 300, 150), alone, strict=True):
                assert item.tobytes() == single[part].tobytes()
    signals = np.random.default_rng(0).standard_normal((3, 20000))
    for threads in (1, 4):
        batch = sg.separate(signals, PARAMS, num_threads=threads)
        for i, signal in enumerate(signals):
            for part, single in zip(batch, sg.separate(signal, PARAMS, num_threads=2), strict=True):
                assert part[i].tobytes() == single.tobytes()


def test_long_signals_are_filtered_in_pieces_with_the_same_bytes():
    x = np.abs(spectra(20, 3000))
    whole = sg.hpss(x, (31, 1))[0]
    part = sg.hpss(x[:, 900:2100], (31, 1))[0]
    assert part[:, 15:-15].tobytes() == whole[:, 915:2085].tobytes()


@pytest.mark.slow
@together("kernel", [1, 2, 7, 31, (30, 5), (401, 3)])
@together("chunk", [1, 3, 50, 1000])
def test_streams_give_the_same_bytes(kernel, chunk):
    x = spectra(33, 200)
    for mask in (False, True):
        expected = sg.hpss(x, kernel, mask=mask)
        stream = sg.HpssStream(kernel, mask=mask)
        for _ in range(2):
            parts = [stream.push(x[:, at : at + chunk]) for at in range(0, 200, chunk)]
            parts.append(stream.flush())
            for i in range(2):
                assert np.concatenate([part[i] for part in parts], axis=1).tobytes() == expected[i].tobytes()
            stream.reset()


def test_streams_know_a_frame_half_a_window_later():
    stream = sg.HpssStream(9)
    assert stream.latency == 4
    assert stream.push(np.ones((3, 4)))[0].shape == (3, 0)
    assert stream.push(np.ones((3, 3)))[1].shape == (3, 3)
    assert stream.flush()[0].shape == (3, 4)
    assert stream.flush()[0].shape == (0, 0)
    with pytest.raises(sg.InvalidInputError, match="push after flush"):
        stream.push(np.ones((3, 4)))


def test_silence_is_halved_or_left_out():
    zeros = np.zeros((5, 6))
    for mask in sg.hpss(zeros, mask=True):
        assert (mask == 0.5).all()
    for mask in sg.hpss(zeros, mask=True, margin=2.0):
        assert (mask == 0.0).all()


def test_out():
    x = spectra(3, 40, 50)
    expected = sg.hpss(x)
    out = np.empty((2, 3, 50, 40), complex).swapaxes(2, 3)
    made = sg.hpss(x, out=(out[0], out[1]))
    assert made[0].base is not None
    assert np.array_equal(out, expected)
    with pytest.raises(TypeError, match="out must be two arrays"):
        sg.hpss(x, out=out[0, 0])
    with pytest.raises(sg.DimensionMismatchError):
        sg.hpss(x, out=(out[0, :2], out[1, :2]))


@together(
    ("values", "options", "words"),
    [
        (-np.ones((3, 4)), {}, "spectrogram must be >= 0"),
        (np.full((3, 4), np.nan), {}, "spectrogram must be finite"),
        (np.ones((3, 0)), {}, "must not be empty"),
        (np.ones((3, 4)), {"power": 0.0}, "power must be > 0"),
        (np.ones((3, 4)), {"margin": 0.5}, "margin must be >= 1"),
        (np.ones((3, 4)), {"margin": (1, 2, 3)}, "margin must be a number or two"),
        (np.ones((3, 4)), {"kernel_size": 0}, "kernel_size must be"),
        (np.ones((3, 4)), {"kernel_size": 10**9}, "kernel_size is unreasonably large"),
    ],
)
def test_refuses(values, options, words):
    with pytest.raises(sg.InvalidInputError, match=words):
        sg.hpss(values, **options)


def test_refuses_other_types():
    with pytest.raises(TypeError, match="at least 2 dimensions"):
        sg.hpss(np.ones(3))
    with pytest.raises(TypeError, match="params must be SpectrogramParams"):
        sg.separate(np.ones(300), PARAMS.stft)
    with pytest.raises(sg.InvalidInputError, match="samples must not be empty"):
        sg.separate(np.ones(0), PARAMS)
    stream = sg.HpssStream()
    stream.push(np.ones((3, 4)))
    with pytest.raises(sg.InvalidInputError, match="frames must have 3 bins of float64, got 4 of float64"):
        stream.push(np.ones((4, 4)))
