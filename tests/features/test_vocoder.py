"""The phase vocoder: librosa's numbers; batches, threads and streams give the same bytes."""

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together

PARAMS = sg.SpectrogramParams(sg.StftParams(512, 128, "hann", periodic=True), 16000)


def noise(*shape):
    return np.random.default_rng(0).standard_normal(shape)


def close(ours, theirs, tolerance=1e-10):
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@together("rate", [0.3, 1.0, 1.25, 2.0, 7.3, 300.0])
def test_spectra_are_librosas(rate):
    librosa = pytest.importorskip("librosa")
    x = noise(65, 100) + 1j * noise(65, 100)[::-1]
    x[:, 40:50] = 0
    close(sg.phase_vocoder(x, rate), librosa.phase_vocoder(x, rate=rate, hop_length=32))
    single = x.astype(np.complex64)
    assert sg.phase_vocoder(single, rate).dtype == np.complex64
    close(sg.phase_vocoder(single, rate), sg.phase_vocoder(x, rate), 1e-4)


def test_phases_stay_exact_over_many_frames():
    # In extended precision, added up as angles.
    rng = np.random.default_rng(1)
    x = np.exp(2j * np.pi * rng.random((3, 20000)))
    turns = np.angle(x[:, 1:] * x[:, :-1].conj()).astype(np.longdouble)
    ours = sg.phase_vocoder(np.repeat(x, 1, axis=1), 1.0)
    phase = np.angle(x[:, :1]) + np.concatenate([np.zeros((3, 1)), np.cumsum(turns, axis=1)], axis=1)
    assert np.abs(ours - np.exp(1j * phase.astype(np.clongdouble))).max() < 1e-11
    assert np.abs(np.abs(ours) - 1).max() < 1e-14


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@together("rate", [0.7, 1.5])
def test_signals_are_librosas(dtype, rate):
    librosa = pytest.importorskip("librosa")
    x = noise(9000).astype(dtype)
    # Of float64: in float32 librosa's angles lose digits with every frame.
    expected = librosa.effects.time_stretch(x.astype(float), rate=rate, n_fft=512, hop_length=128)
    ours = sg.time_stretch(x, PARAMS, rate, dtype=dtype)
    assert ours.dtype == dtype
    close(ours, expected, 1e-10 if dtype == "float64" else 1e-4)


@together("rate", [0.4, 1.0, 1.7, 5.5])
def test_batches_and_threads_give_the_same_bytes(rate):
    x = noise(2, 300, 200) + 1j * noise(2, 300, 200)[..., ::-1]
    alone = [sg.phase_vocoder(item, rate, num_threads=1).tobytes() for item in x]
    for threads in (1, 2, 8):
        made = sg.phase_vocoder(x, rate, num_threads=threads)
        assert [item.tobytes() for item in made] == alone
    signals = noise(3, 20000)
    for threads in (1, 4):
        batch = sg.time_stretch(signals, PARAMS, rate, num_threads=threads)
        for made, signal in zip(batch, signals, strict=True):
            assert made.tobytes() == sg.time_stretch(signal, PARAMS, rate).tobytes()


@together("rate", [0.21, 1.0, 1.7, 5.5, 40.0])
@together("chunk", [1, 3, 50, 1000])
def test_streams_give_the_same_bytes(rate, chunk):
    x = noise(33, 130) + 1j * noise(33, 130)[::-1]
    expected = sg.phase_vocoder(x, rate)
    stream = sg.PhaseVocoderStream(rate)
    for _ in range(2):
        parts = [stream.push(x[:, at : at + chunk]) for at in range(0, 130, chunk)] + [stream.flush()]
        assert np.concatenate(parts, axis=1).tobytes() == expected.tobytes()
        stream.reset()


def test_out_and_errors():
    x = noise(2, 9, 20) + 0j
    out = np.empty((2, 10, 9), complex).swapaxes(1, 2)
    assert sg.phase_vocoder(x, 2.0, out=out) is out
    assert np.array_equal(out, sg.phase_vocoder(x, 2.0))
    with pytest.raises(sg.DimensionMismatchError):
        sg.phase_vocoder(x, 3.0, out=out)
    for rate in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(sg.InvalidInputError, match="rate must be finite and > 0"):
            sg.phase_vocoder(x, rate)
    with pytest.raises(sg.InvalidInputError, match="stft must not be empty"):
        sg.phase_vocoder(x[..., :0], 1.0)
    with pytest.raises(TypeError, match="params must be SpectrogramParams"):
        sg.time_stretch(noise(300), PARAMS.stft, 1.0)
    stream = sg.PhaseVocoderStream(1.0)
    assert stream.flush().shape == (0, 0)
    with pytest.raises(sg.InvalidInputError, match="push after flush"):
        stream.push(x[0])
    stream.reset()
    stream.push(x[0])
    with pytest.raises(sg.InvalidInputError, match="frames must have 9 bins of complex128, got 8"):
        stream.push(x[0, :8])
