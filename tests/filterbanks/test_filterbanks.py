"""Filterbanks against peer libraries, and against their definitions written out bin by bin."""

import cmath
import math

import kaldi_native_fbank
import librosa
import numpy as np
import pytest
import scipy.fft

from spectrograms.errors import InvalidInputError
from spectrograms.filterbanks import (
    Bands,
    chroma_bands,
    cqt_bands,
    cqt_frequencies,
    cqt_lengths,
    dct_matrix,
    erb_bands,
    erb_centres,
    fft_frequencies,
    hz_to_mel,
    lifter_weights,
    linear_triangles,
    loghz_bands,
    loghz_frequencies,
    mel_bands,
    mel_centres,
    mel_to_hz,
)
from spectrograms.params import WindowType

from ..support.together import together

hann = WindowType.hanning.make

# Bands


def test_bands_from_dense_and_back():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((6, 9)) * (rng.random((6, 9)) < 0.3)
    matrix[2] = 0.0
    matrix[3] = 1.0
    bands = Bands.from_dense(matrix)
    assert np.array_equal(bands.dense(), matrix)
    assert bands.n_bands == 6
    assert bands.n_inputs == 9
    assert bands.lengths[2] == 0
    assert (bands.starts[3], bands.lengths[3]) == (0, 9)
    assert bands.density == bands.lengths.sum() / 54
    for array in (bands.starts, bands.lengths, bands.offsets):
        assert array.dtype == np.int64
    assert bands.values.dtype == np.float64
    for row, start, length, offset in zip(matrix, bands.starts, bands.lengths, bands.offsets, strict=True):
        assert np.array_equal(bands.values[offset : offset + length], row[start : start + length])
        assert not np.any(row[:start])
        assert not np.any(row[start + length :])


def test_bands_from_rows():
    bands = Bands.from_rows([(2, np.array([1.0, 2.0])), (0, np.zeros(0)), (4, np.array([3.0]))], 5)
    assert bands.dense().tolist() == [[0, 0, 1, 2, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 3]]
    assert bands.offsets.tolist() == [0, 2, 2]


def test_fft_frequencies():
    assert fft_frequencies(8000.0, 8).tolist() == [0, 1000, 2000, 3000, 4000]
    assert fft_frequencies(8000.0, 5).tolist() == [0, 1600, 3200]


# mel


@pytest.mark.parametrize("formula", ["slaney", "htk"])
def test_mel_scale(formula):
    f = np.concatenate([np.linspace(0, 3000, 101), [8000.0, 22050.0]])
    mel = librosa.hz_to_mel(f, htk=formula == "htk")
    np.testing.assert_allclose(hz_to_mel(f, formula), mel, rtol=1e-14)
    np.testing.assert_allclose(mel_to_hz(mel, formula), f, rtol=1e-13, atol=1e-12)


def test_kaldi_mel_scale():
    assert hz_to_mel(700.0, "kaldi") == pytest.approx(1127 * math.log(2), rel=1e-15)
    assert mel_to_hz(1127 * math.log(2), "kaldi") == pytest.approx(700.0, rel=1e-14)


@together("formula", ["slaney", "htk"])
@together(
    ("norm", "librosa_norm"),
    [("none", None), ("slaney", "slaney"), ("l1", 1), ("l2", 2), (3.0, 3), (np.inf, np.inf)],
)
@pytest.mark.parametrize(
    ("n_mels", "f_min", "f_max", "sr", "n_fft"),
    [(80, 0.0, 8000.0, 16000, 512), (40, 300.0, 4000.0, 16000, 401), (128, 20.0, 11025.0, 22050, 2048)],
)
def test_mel_against_librosa(n_mels, f_min, f_max, sr, n_fft, norm, librosa_norm, formula):
    expected = librosa.filters.mel(
        sr=sr,
        n_fft=n_fft,
        n_mels=n_mels,
        fmin=f_min,
        fmax=f_max,
        htk=formula == "htk",
        norm=librosa_norm,
        dtype=np.float64,
    )
    bands = mel_bands(n_mels, f_min, f_max, float(sr), n_fft, formula=formula, norm=norm, drop=0.0)
    # A few ulps of an edge in Hz (1e-12 at 4 kHz), over the width of a triangle (from 20 Hz).
    np.testing.assert_allclose(bands.dense(), expected, rtol=0, atol=5e-14 * expected.max())


def _triangles(points, grid):
    matrix = np.zeros((len(points) - 2, len(grid)))
    for i, (left, peak, right) in enumerate(zip(points, points[1:], points[2:], strict=False)):
        for k, f in enumerate(grid):
            matrix[i, k] = max(0.0, min((f - left) / (peak - left), (right - f) / (right - peak)))
    return matrix


def test_kaldi_mel_against_the_library():
    options = kaldi_native_fbank.MelBanksOptions()
    options.num_bins, options.low_freq, options.high_freq = 80, 20.0, 0.0
    frames = kaldi_native_fbank.FrameExtractionOptions()
    frames.samp_freq = 16000.0
    banks = kaldi_native_fbank.MelBanks(options, frames)
    expected = np.stack([banks.compute(unit) for unit in np.eye(257, dtype=np.float32)], axis=1)
    bands = mel_bands(80, 20.0, 8000.0, 16000.0, 512, formula="kaldi", domain="mel", drop=0.0)
    # The library computes its weights in float32 from mel values up to 2840.
    np.testing.assert_allclose(bands.dense(), expected, rtol=0, atol=1e-4)
    assert not np.any(bands.dense()[:, 256])


@pytest.mark.parametrize("domain", ["hz", "mel"])
def test_mel_with_another_grid(domain):
    # As torchaudio places its bins for an odd sample rate.
    sr, n_fft = 22051, 400
    grid = np.linspace(0, sr // 2, n_fft // 2 + 1)
    low, high = 2595 * math.log10(1 + 20 / 700), 2595 * math.log10(1 + 8000 / 700)
    points = [low + (high - low) * i / 41 for i in range(42)]
    if domain == "hz":
        expected = _triangles([700 * (10 ** (m / 2595) - 1) for m in points], grid)
    else:
        expected = _triangles(points, [2595 * math.log10(1 + f / 700) for f in grid])
    bands = mel_bands(
        40, 20.0, 8000.0, sr, n_fft, formula="htk", domain=domain, drop=0.0, bin_frequencies=grid
    )
    np.testing.assert_allclose(bands.dense(), expected, rtol=0, atol=1e-12)


def test_mel_drops_small_weights_before_normalising():
    kept = mel_bands(40, 0.0, 8000.0, 16000.0, 512, norm="l1", drop=0.0).dense()
    dropped = mel_bands(40, 0.0, 8000.0, 16000.0, 512, norm="l1", drop=0.3).dense()
    assert np.count_nonzero(dropped) < np.count_nonzero(kept)
    np.testing.assert_allclose(dropped.sum(axis=1), 1.0, rtol=1e-14)
    full = mel_bands(40, 0.0, 8000.0, 16000.0, 512, drop=0.0).dense()
    np.testing.assert_allclose(
        dropped, np.where(full > 0.3, full, 0) / (full * (full > 0.3)).sum(1)[:, None], rtol=1e-14
    )


def test_mel_bands_without_a_bin_are_empty():
    bands = mel_bands(128, 0.0, 8000.0, 16000.0, 400, formula="htk", norm="slaney")
    assert np.count_nonzero(bands.lengths == 0) == 4
    assert np.all(np.isfinite(bands.values))


def test_mel_centres():
    centres = mel_centres(40, 300.0, 4000.0)
    np.testing.assert_allclose(centres, librosa.mel_frequencies(42, fmin=300, fmax=4000)[1:-1], rtol=1e-13)
    assert (centres[0], centres[-1]) == (pytest.approx(349.86, abs=5e-3), pytest.approx(3799.52, abs=5e-3))


def test_linear_triangles():
    bands = linear_triangles(20, 100.0, 7000.0, 16000.0, 512)
    expected = _triangles(np.linspace(100.0, 7000.0, 22), np.arange(257) * 16000 / 512)
    np.testing.assert_allclose(bands.dense(), expected, rtol=0, atol=1e-13)
    assert bands.density < 0.1


@together(
    ("call", "message"),
    [
        (lambda: mel_bands(10, 0.0, 8000.5, 16000.0, 512), "mel f_max must be <= Nyquist=8000, got 8000.5"),
        (lambda: mel_bands(10, 0.0, math.inf, 16000.0, 512), "mel f_max must be <= Nyquist=8000, got inf"),
        (lambda: mel_bands(10001, 0.0, 8000.0, 16000.0, 512), "n_mels is unreasonably large: at most 10000"),
        (lambda: mel_bands(10, 0.0, 800.0, 16000.0, 512, norm="x"), "norm must be 'none'"),
        (lambda: mel_bands(10, 0.0, 800.0, 16000.0, 512, norm=0), "norm must be 'none'"),
        (lambda: mel_bands(10, 0.0, 800.0, 16000.0, 512, formula="x"), "formula must be 'slaney'"),
        (lambda: mel_bands(10, 0.0, 800.0, 16000.0, 512, domain="x"), "domain must be 'hz' or 'mel'"),
        (lambda: linear_triangles(10, 0.0, 8001.0, 16000.0, 512), "f_max=8001 exceeds Nyquist=8000"),
        (lambda: linear_triangles(10001, 0.0, 80.0, 16000.0, 512), "n_filters is unreasonably large"),
        (lambda: erb_bands(10, 0.0, 8001.0, 16000.0, 512), "f_max=8001 exceeds Nyquist=8000"),
        (lambda: erb_bands(10001, 0.0, 8000.0, 16000.0, 512), "n_filters is unreasonably large"),
        (lambda: erb_bands(10, 0.0, 8000.0, 16000.0, 512, spacing="x"), "spacing must be 'linear'"),
        (lambda: loghz_bands(10, 1.0, 8000.25, 16000.0, 512), "f_max=8000.25 exceeds Nyquist=8000"),
        (lambda: loghz_bands(10001, 1.0, 8000.0, 16000.0, 512), "n_bins is unreasonably large"),
        (
            lambda: cqt_bands([4000.0, 8000.0], 17.0, 16000.0, 512, window=hann),
            "CQT maximum frequency must be below Nyquist frequency=8000, got 8000",
        ),
        (lambda: cqt_bands([], 17.0, 16000.0, 512, window=hann), "frequencies must not be empty"),
        (lambda: cqt_bands([9.0], 17.0, 16000.0, 512, window=hann, align="x"), "align must be 'end'"),
        (lambda: cqt_frequencies(2**40, 2**40, 1.0), "num_bins is unreasonably large"),
        (lambda: chroma_bands(0.0, 512, 440.0, 30.0, 4000.0), "sample_rate must be finite and > 0, got 0"),
        (lambda: dct_matrix(11, 10), "n_mfcc must be <= n_mels=10, got 11"),
        (lambda: dct_matrix(5, 10, "x"), "norm must be None, 'ortho'"),
    ],
)
def test_refused(call, message):
    with pytest.raises(InvalidInputError) as caught:
        call()
    assert str(caught.value).startswith(message)


# ERB


def test_erb_weights():
    sr, n_fft, n = 16000.0, 255, 9
    expected = np.zeros((n, n_fft // 2 + 1))
    for i in range(n):
        centre = 100 + i * (7000 - 100) / (n - 1)
        b = 1.019 * 24.7 * (4.37 * centre / 1000 + 1)
        for k in range(expected.shape[1]):
            expected[i, k] = 1 / (1 + ((k * sr / n_fft - centre) / b) ** 2) ** 4
    bands = erb_bands(n, 100.0, 7000.0, sr, n_fft)
    np.testing.assert_allclose(bands.dense(), expected, rtol=1e-12)
    assert bands.density == 1.0


def test_erb_centres():
    assert erb_centres(9, 100.0, 8000.0)[0] == 100.00000000000006
    np.testing.assert_allclose(erb_centres(9, 100.0, 8000.0), np.linspace(100, 8000, 9), rtol=1e-14)
    tr35 = [50, 230.9039783693, 529.1766353907, 1020.9655873451, 1831.8222568085, 3168.7545644587]
    tr35 += [5373.0750844118, 9007.5365503229]
    np.testing.assert_allclose(erb_centres(8, 50.0, 15000.0, "apple_tr35"), tr35, rtol=1e-12)
    rates = 21.4 * np.log10(1 + 0.00437 * erb_centres(8, 50.0, 8000.0, "erb_rate"))
    np.testing.assert_allclose(np.diff(rates), (rates[-1] - rates[0]) / 7, rtol=1e-12)
    np.testing.assert_allclose(erb_centres(8, 50.0, 8000.0, "erb_rate")[[0, -1]], [50.0, 8000.0], rtol=1e-12)


# log-Hz


@pytest.mark.parametrize(
    ("n_bins", "f_min", "f_max", "sr", "n_fft"),
    [(12, 100.0, 4000.0, 8000.0, 64), (84, 27.5, 4186.0, 16000.0, 512), (20, 50.0, 8000.0, 16000.0, 255)],
)
def test_loghz_weights(n_bins, f_min, f_max, sr, n_fft):
    n_fft_bins = n_fft // 2 + 1
    expected = np.zeros((n_bins, n_fft_bins))
    for b in range(n_bins):
        e = math.exp(math.log(f_min) + b * (math.log(f_max) - math.log(f_min)) / (n_bins - 1)) / (sr / n_fft)
        low = math.floor(e)
        if low == math.ceil(e) or low == n_fft_bins - 1:
            expected[b, low] = 1.0
        else:
            expected[b, low], expected[b, low + 1] = 1 - (e - low), e - low
    bands = loghz_bands(n_bins, f_min, f_max, sr, n_fft)
    np.testing.assert_allclose(bands.dense(), expected, rtol=0, atol=2e-10)
    assert bands.lengths.max() <= 2
    np.testing.assert_allclose(bands.dense().sum(axis=1), 1.0, rtol=1e-9)


def test_loghz_drops_tiny_weights():
    bands = loghz_bands(3, 1000.0, 4000.0, 16000.0, 512)
    assert bands.lengths.tolist() == [1, 1, 1]
    assert bands.starts.tolist() == [32, 64, 128]


def test_loghz_of_one_bin():
    assert loghz_frequencies(1, 440.0, 880.0).tolist() == [440.0]
    bands = loghz_bands(1, 450.0, 880.0, 16000.0, 160)
    np.testing.assert_allclose(bands.dense()[0, [4, 5]], [0.5, 0.5], rtol=1e-12)


# CQT


def _kernels(frequencies, q, sr, n_fft, window, sparsity, normalize):
    """Yield each kernel by the formulas of the module, value by value."""
    for f in frequencies:
        length = min(max(math.floor(q * sr / f + 0.5), 1), n_fft)
        kernel = [w * cmath.exp(2j * math.pi * f * n / sr) for n, w in enumerate(window(length))]
        largest = max(map(abs, kernel))
        kernel = [0 if abs(g) < sparsity * largest else g for g in kernel]
        energy = sum(abs(g) ** 2 for g in kernel)
        yield [g / math.sqrt(energy) if normalize and energy > 0 else g for g in kernel]


@pytest.mark.parametrize("align", ["end", "centre"])
@pytest.mark.parametrize(
    ("n_fft", "window", "sparsity", "normalize"),
    [
        (512, WindowType.hanning, 0.01, True),
        (401, WindowType.hamming, 0.0, False),
        (64, WindowType.blackman, 0.1, True),
    ],
)
def test_cqt_kernels(n_fft, window, sparsity, normalize, align):
    sr, q = 8000.0, 1 / (2 ** (1 / 6) - 1)
    frequencies = cqt_frequencies(6, 3, 300.0)
    np.testing.assert_allclose(frequencies, [300 * 2 ** (k / 6) for k in range(18)], rtol=1e-15)
    bands = cqt_bands(
        frequencies,
        q,
        sr,
        n_fft,
        window=window.make,
        sparsity=sparsity,
        normalize=normalize,
        align=align,
    )
    assert bands.n_inputs == n_fft
    rows = bands.dense()
    assert rows.shape == (36, n_fft)
    kernels = _kernels(frequencies.tolist(), q, sr, n_fft, window.make, sparsity, normalize)
    for k, kernel in enumerate(kernels):
        expected = np.zeros(n_fft, dtype=complex)
        start = n_fft - len(kernel) if align == "end" else n_fft // 2 - len(kernel) // 2
        expected[start : start + len(kernel)] = np.conj(kernel)
        np.testing.assert_allclose(rows[2 * k] + 1j * rows[2 * k + 1], expected, rtol=0, atol=1e-13)


def test_cqt_lengths_round_halves_up():
    assert cqt_lengths([1000.0], 5.5, 1000.0, 100).tolist() == [6]
    assert cqt_lengths([1000.0], 0.2, 1000.0, 100).tolist() == [1]
    assert cqt_lengths([1e-300], 17.0, 1e5, 100).tolist() == [100]


def test_cqt_degenerate_kernels():
    # Length 2: a Hann window of two zeros; length 1: the single sample, with unit energy.
    bands = cqt_bands([1000.0], 2.0, 4000.0, 2, window=hann)
    assert bands.lengths.tolist() == [0, 0]
    bands = cqt_bands([1000.0], 2.0, 4000.0, 1, window=hann)
    assert bands.dense().tolist() == [[1.0], [0.0]]


def test_cqt_unit_energy_and_size():
    bands = cqt_bands(cqt_frequencies(12, 6, 55.0), 1 / (2 ** (1 / 12) - 1), 16000.0, 512, window=hann)
    assert len(bands.values) == 2 * 25912
    energy = (bands.dense() ** 2).sum(axis=1)
    np.testing.assert_allclose(energy[0::2] + energy[1::2], 1.0, rtol=1e-13)


# chroma, DCT, lifter


@pytest.mark.parametrize(("sr", "n_fft", "f_max"), [(8000.0, 64, 4186.0), (16000.0, 511, math.inf)])
def test_chroma_weights(sr, n_fft, f_max):
    expected = np.zeros((12, n_fft // 2 + 1))
    for k in range(1, expected.shape[1]):
        f = k * (sr / n_fft)
        if 32.7 <= f <= f_max:
            pitch = (69 + 12 * math.log2(f / 440)) % 12
            for c in range(12):
                d = min(abs(pitch - c), 12 - abs(pitch - c))
                expected[c, k] = math.exp(-0.5 * d * d)
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(chroma_bands(sr, n_fft, 440.0, 32.7, f_max).dense(), expected, rtol=1e-10)


def test_chroma_without_bins():
    bands = chroma_bands(16000.0, 512, 440.0, 7990.0, 7991.0)
    assert bands.n_bands == 12
    assert len(bands.values) == 0
    assert bands.dense().shape == (12, 257)


def test_chroma_of_a4_is_a():
    bands = chroma_bands(44000.0, 1000, 440.0, 435.0, 445.0)
    assert bands.starts.tolist() == [10] * 12
    assert bands.lengths.tolist() == [1] * 12
    # Alone in its row every class weighs 1: rows, not columns, are scaled.
    np.testing.assert_allclose(bands.values, 1.0, rtol=1e-14)


@pytest.mark.parametrize(
    ("norm", "scipy_norm", "factor"),
    [(None, None, 0.5), ("scipy", None, 1.0), ("ortho", "ortho", 1.0), ("htk", "ortho", None)],
)
def test_dct(norm, scipy_norm, factor):
    x = np.random.default_rng(1).standard_normal(40)
    expected = scipy.fft.dct(x, norm=scipy_norm)[:13]
    if factor is None:
        expected[0] *= math.sqrt(2)
    else:
        expected *= factor
    np.testing.assert_allclose(dct_matrix(13, 40, norm) @ x, expected, rtol=0, atol=1e-13)


def test_lifter():
    expected = [1 + 11 * math.sin(math.pi * q / 22) for q in range(30)]
    np.testing.assert_allclose(lifter_weights(30, 22), expected, rtol=1e-14)
    np.testing.assert_allclose(lifter_weights(29, 22, first=1), expected[1:], rtol=1e-14)
    assert lifter_weights(3, 0).tolist() == [1.0, 1.0, 1.0]


def test_lifters_of_any_size():
    """A sine lies within 1 of zero, and is its argument where that is small."""
    for lifter in (5e-324, -5e-324, 1e-308, 2.0**-54, 2.0**-40, 1e-3):
        weights = lifter_weights(13, lifter)
        assert weights[0] == 1.0
        assert np.all(np.abs(weights - 1.0) <= abs(lifter) / 2)
    np.testing.assert_allclose(lifter_weights(13, 1e308), 1.0 + np.pi / 2 * np.arange(13), rtol=1e-15)
