"""The transform and its inverse: reference values, the definition, SciPy, librosa, round trips, errors."""

import functools
import inspect
import pickle
import threading

import librosa
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import DTYPES, RATE, noise, parameters, tones
from ..support.together import together

COMPLEX = {"float64": np.complex128, "float32": np.complex64}


def stft(x, params, dtype="float64"):
    return sg.compute_stft(x, params, dtype).data


# --- forward ---------------------------------------------------------------------------------------------


def test_reference_values():
    data = stft(tones(), parameters())
    np.testing.assert_allclose(data[3, 30], 7.758351266012857 + 13.670122854109831j, rtol=1e-11)
    np.testing.assert_allclose(data[10, 0], 1.1480487328178468 - 0.0651562434265345j, rtol=1e-11)


@functools.lru_cache(maxsize=36)
def defined(n, n_fft, hop, centre):
    """What both dtypes are compared with."""
    window = parameters(n_fft, hop, "hamming").stft.window.make(n_fft)
    return definition.stft(noise(n), window, n_fft, hop, centre=centre)


@pytest.mark.parametrize("n_fft", [*range(1, 10), 12, 30, 31, 64, 97, 100, 127, 128, 210, 256, 400, 509, 512])
@together("dtype", DTYPES)
def test_definition(n_fft, dtype):
    for hop in {1, max(1, n_fft // 3), n_fft}:
        for centre in (True, False):
            params = parameters(n_fft, hop, "hamming", centre=centre)
            # Some thousand frames a sample apart show nothing that some hundred do not.
            most = n_fft + 30 if hop == 1 and n_fft > 100 else 3 * n_fft + 5
            for n in {1, 2, n_fft - 1, n_fft, n_fft + 1, most} - {0}:
                data = stft(noise(n), params, dtype)
                assert data.dtype == COMPLEX[dtype]
                definition.assert_close(data, defined(n, n_fft, hop, centre), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_fft", [1000, 1024, 2048, 4093, 4096, 6000])
def test_large_sizes(n_fft, dtype):
    x = noise(3 * n_fft)
    frames = definition.frames(x, n_fft, n_fft // 2) * np.hanning(n_fft)
    definition.assert_close(stft(x, parameters(n_fft, n_fft // 2), dtype), np.fft.rfft(frames).T, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("pad_mode", ["zeros", "reflect", "edge"])
@together(("n_fft", "win_length"), [(64, 64), (64, 40), (64, 41), (63, 40), (63, 1), (256, 100)])
def test_padding_and_short_windows(n_fft, win_length, pad_mode, dtype):
    for n in (1, 2, 5, n_fft // 2, n_fft // 2 + 1, n_fft, n_fft + 1, 1000):
        for periodic in (False, True):
            params = parameters(
                n_fft, 10, "hamming", win_length=win_length, pad_mode=pad_mode, periodic=periodic
            )
            window = params.stft.window.make(win_length, periodic=periodic)
            x = noise(n)
            expected = definition.stft(x, window, n_fft, 10, pad_mode=pad_mode)
            definition.assert_close(stft(x, params, dtype), expected, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("pad_mode", ["zeros", "reflect", "edge"])
@together(
    ("n_fft", "hop", "win_length"),
    [(64, 16, 64), (512, 160, 512), (400, 160, 400), (512, 160, 400), (2048, 512, 2048), (1000, 333, 1000)],
)
def test_librosa(n_fft, hop, win_length, pad_mode, dtype):
    x = noise(5 * n_fft).astype(dtype)
    params = parameters(n_fft, hop, win_length=win_length, pad_mode=pad_mode, periodic=True)
    mode = {"zeros": "constant"}.get(pad_mode, pad_mode)
    expected = librosa.stft(x, n_fft=n_fft, hop_length=hop, win_length=win_length, pad_mode=mode)
    definition.assert_close(stft(x, params, dtype), expected, dtype)


@pytest.mark.parametrize("norm", [None, "slaney"])
@pytest.mark.parametrize(("n_fft", "hop", "n_mels"), [(512, 160, 40), (2048, 512, 128), (400, 160, 80)])
def test_librosa_mel(n_fft, hop, n_mels, norm):
    x = noise(20000)
    params = sg.SpectrogramParams(sg.StftParams(n_fft, hop, "hann", pad_mode="reflect", periodic=True), 16000)
    # Not up to the Nyquist frequency: with 128 bands, librosa warns of empty ones.
    mel = sg.MelParams(n_mels, 50.0, 7000.0, norm)
    expected = librosa.feature.melspectrogram(
        y=x, sr=16000, n_fft=n_fft, hop_length=hop, pad_mode="reflect", n_mels=n_mels, fmin=50.0, fmax=7000.0,
        norm=norm, dtype=np.float64,
    )  # fmt: skip
    # librosa keeps float32 weights.
    definition.assert_close(sg.compute_mel_power_spectrogram(x, params, mel).data, expected, "float32")
    expected = librosa.power_to_db(expected, amin=1e-3, top_db=None)
    found = sg.compute_mel_db_spectrogram(x, params, mel, sg.LogParams(-30.0)).data
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (100, 30), (127, 40), (512, 160), (1024, 1024)])
def test_scipy_short_time_fft(n_fft, hop):
    x = noise(4000)
    window = np.hanning(n_fft)
    peer = scipy.signal.ShortTimeFFT(window, hop, RATE, fft_mode="onesided", phase_shift=None)
    # Slice p of the peer starts at p * hop - n_fft // 2, as centred frames do.
    found = stft(x, parameters(n_fft, hop))
    expected = peer.stft(x, p0=0, p1=found.shape[1])
    definition.assert_close(found, expected, "float64")
    np.testing.assert_allclose(sg.compute_stft(x, parameters(n_fft, hop)).frequencies, peer.f, rtol=1e-15)
    np.testing.assert_allclose(
        sg.compute_stft(x, parameters(n_fft, hop)).times, peer.t(4000, 0, found.shape[1])
    )


def test_scipy_stft():
    x = noise(4096)
    f, t, expected = scipy.signal.stft(x, RATE, "hann", 256, 192, boundary="zeros", padded=False)
    params = parameters(256, 64, periodic=True)
    scale = scipy.signal.get_window("hann", 256).sum()  # SciPy's default scaling, "spectrum"
    result = sg.compute_stft(x, params)
    definition.assert_close(result.data / scale, expected, "float64")
    np.testing.assert_allclose(result.times, t, rtol=1e-14)
    np.testing.assert_allclose(result.frequencies, f, rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES)
def test_result(dtype):
    result = sg.compute_stft(tones(), parameters(), dtype)
    assert type(result) is sg.StftResult
    assert (result.shape, result.dtype, result.n_bins, result.n_frames) == ((33, 63), dtype, 33, 63)
    assert result.sample_rate == RATE
    assert (result.frequency_resolution, result.time_resolution) == (125.0, 0.002)
    assert np.array_equal(result.norm(), np.abs(result.data))
    assert np.array_equal(sg.StftPlan(parameters(), dtype).compute(tones()).data, result.data)


def test_one_shot_bad_calls():
    x, good = tones(), parameters()
    for bad, error, message in [
        ((x, good.stft), TypeError, "params must be SpectrogramParams, got StftParams"),
        (([], good), ValueError, "input array must not be empty"),
        ((x.reshape(2, 500), good), TypeError, "samples must be 1-D"),
        ((None, good), TypeError, "samples must be array-like, got None"),
        ((x, good, "float16"), ValueError, 'unsupported dtype "float16"'),
        ((x, parameters(2**33, 1)), MemoryError, "n_fft must be at most"),
    ]:
        with pytest.raises(error, match=message):
            sg.compute_stft(*bad)
    assert list(inspect.signature(sg.compute_stft).parameters) == ["samples", "params", "dtype"]


# --- inverse ---------------------------------------------------------------------------------------------


def istft(spectra, n_fft, hop, window="hann", center=True, dtype="float64"):
    return sg.compute_istft(spectra, n_fft, hop, window, center, dtype)


def test_inverse_reference_values():
    z = stft(tones(), parameters())
    y = istft(z, 64, 16)
    assert y.shape == (992,)
    np.testing.assert_allclose(y, tones()[:992], rtol=0, atol=1e-14)
    np.testing.assert_allclose(y[[0, 500]], [0.11985638465105075, -0.8799640957807786], rtol=1e-13)
    y = istft(z, 64, 16, center=False)
    assert y.shape == (1056,)
    assert y[0] == 0.0
    np.testing.assert_allclose(y[532], -0.8799640957807786, rtol=1e-13)


# Any hop will do, also one that leaves gaps.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@together("center", [True, False])
@together(
    ("n_fft", "hop"),
    [
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 3),
        (7, 3),
        (8, 8),
        (63, 16),
        (64, 16),
        (64, 17),
        (64, 64),
        (100, 7),
        (512, 160),
    ],
)
def test_inverse_definition(n_fft, hop, center, dtype):
    rng = np.random.default_rng(n_fft)
    for n_frames in (1, 2, 3, 15, 16, 17, 40):
        shape = n_fft // 2 + 1, n_frames
        z = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
        for name in ("hann", "hamming", "rectangular"):
            window = sg.StftParams(n_fft, hop, name).window.make(n_fft)
            # Not near the threshold of the divisor, where rounding decides.
            expected = definition.istft(z, window, hop, n_fft)
            trim = n_fft // 2
            if center and len(expected) > 2 * trim:
                expected = expected[trim : len(expected) - trim]
            found = istft(z, n_fft, hop, name, center, dtype)
            assert found.dtype == dtype
            if name == "hann" and dtype == "float32":
                # Small divisors magnify rounding at the ends.
                assert found.shape == expected.shape
            else:
                definition.assert_close(found, expected, dtype)


@pytest.mark.slow
@given(
    n_fft=st.integers(2, 200),
    share=st.integers(2, 8),
    more=st.integers(0, 3000),
    dtype=st.sampled_from(DTYPES),
    window=st.sampled_from(["hamming", "rectangular", "kaiser=6"]),
)
@settings(deadline=None)
def test_round_trip(n_fft, share, more, dtype, window):
    # At least two frames: a single one comes back whole, as it was padded.
    hop = max(1, n_fft // share)
    n = n_fft + more
    x = noise(n, more)
    y = istft(stft(x, parameters(n_fft, hop, window), dtype), n_fft, hop, window, dtype=dtype)
    assert n - hop <= len(y) <= n
    np.testing.assert_allclose(y, x[: len(y)], rtol=0, atol=1e-11 if dtype == "float64" else 2e-4)


def test_length_of_the_inverse():
    for n_fft, n_frames, center, expected in [
        (512, 1, True, 512),  # trimming would leave nothing
        (511, 1, True, 1),
        (512, 2, True, 160),
        (512, 10, True, 1440),
        (511, 10, True, 1441),
        (512, 10, False, 1952),
        (512, 1, False, 512),
    ]:
        z = np.zeros((n_fft // 2 + 1, n_frames), complex)
        assert istft(z, n_fft, 160, center=center).shape == (expected,)
        plan = sg.IstftPlan(sg.StftParams(n_fft, 160, "hann", center))
        assert plan.output_length(n_frames) == expected


@pytest.mark.parametrize("n_fft", [63, 64])
@pytest.mark.parametrize("dtype", DTYPES)
def test_imaginary_parts_of_real_bins_are_ignored(n_fft, dtype):
    z = stft(tones(), parameters(n_fft), dtype)
    expected = istft(z, n_fft, 16, dtype=dtype)
    spoiled = z.copy()
    spoiled[0] += 1j * 5
    if n_fft % 2 == 0:
        spoiled[-1] -= 1j * 7
    assert np.array_equal(istft(spoiled, n_fft, 16, dtype=dtype), expected)
    spoiled[0].imag = np.nan
    assert np.array_equal(istft(spoiled, n_fft, 16, dtype=dtype), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_inverse_of_any_matrix(dtype):
    result = sg.compute_stft(tones(), parameters(), dtype)
    expected = istft(result, 64, 16, dtype=dtype)
    z = result.data
    spaced = np.zeros((66, 126), z.dtype)
    spaced[::2, ::2] = z
    swapped = z.astype(z.dtype.newbyteorder())
    read_only = z.copy()
    read_only.flags.writeable = False
    for matrix in (z, np.asfortranarray(z), spaced[::2, ::2], z[::-1].copy()[::-1], swapped, read_only,
                   z.tolist(), z.T.copy().T, z.astype(np.complex128)):  # fmt: skip
        before = np.array(matrix)
        assert np.array_equal(istft(matrix, 64, 16, dtype=dtype), expected)
        assert np.array_equal(np.asarray(matrix), before)
    real = np.abs(z)
    assert np.array_equal(istft(real, 64, 16, dtype=dtype), istft(real + 0j, 64, 16, dtype=dtype))


def test_short_synthesis_windows():
    stft_params = sg.StftParams(64, 10, "hamming", win_length=40, pad_mode="reflect", periodic=True)
    x = noise(1000)
    z = sg.StftPlan(sg.SpectrogramParams(stft_params, RATE)).compute(x)
    y = sg.IstftPlan(stft_params).compute(z)
    np.testing.assert_allclose(y, x[: len(y)], rtol=0, atol=1e-13)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_bad_bins_spoil_their_frames(bad):
    z = stft(tones(), parameters())
    expected = istft(z, 64, 16)
    z[5, 20] = bad
    y = istft(z, 64, 16)
    start = 20 * 16 - 32
    # The first and last weight of the window are zero, and zero times NaN is NaN.
    assert not np.isfinite(y[start : start + 64]).any()
    assert np.array_equal(y[:start], expected[:start])
    assert np.array_equal(y[start + 64 :], expected[start + 64 :])


@together("dtype", DTYPES)
@pytest.mark.parametrize(("n_fft", "hop"), [(64, 16), (255, 100), (32, 32)])
@together("centre", [True, False])
@together("n", [1, 31, 255, 3001])
def test_inverse_length(dtype, n_fft, hop, centre, n):
    """Cut or padded with zeros, as librosa does it; the last frames beyond their centre are used."""
    x = noise(n)
    z = stft(x, parameters(n_fft, hop, "hamming", centre=centre), dtype)
    plan = sg.IstftPlan(sg.StftParams(n_fft, hop, "hamming", centre), dtype)
    for length in (1, 17, n, n + 300, 5000):
        found = sg.compute_istft(z, n_fft, hop, "hamming", centre, dtype, length=length)
        expected = librosa.istft(
            z, hop_length=hop, n_fft=n_fft, window=np.hamming(n_fft), center=centre, length=length
        )
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=0, atol={"float64": 1e-13, "float32": 5e-6}[dtype])
        assert np.array_equal(plan.compute(z, length=length), found)
        out = np.full(length, np.nan, dtype)
        assert plan.compute(z, out, length=length) is out
        assert np.array_equal(out, found)
    assert plan.compute(z, length=0).shape == (0,)


def test_inverse_length_restores_the_signal():
    x = noise(1234)
    z = stft(x, parameters())
    np.testing.assert_allclose(sg.compute_istft(z, 64, 16, "hann", length=1234), x, rtol=0, atol=1e-13)
    with pytest.raises(TypeError, match="length must be an integer"):
        sg.compute_istft(z, 64, 16, "hann", length=10.5)
    with pytest.raises(OverflowError, match="length must be >= 0, got -1"):
        sg.compute_istft(z, 64, 16, "hann", length=-1)
    with pytest.raises(sg.DimensionMismatchError, match="expected 1234, got 1000"):
        sg.IstftPlan(sg.StftParams(64, 16, "hann")).compute(z, np.empty(1000), length=1234)


def test_params_of_a_result_are_the_stft_params():
    params = parameters()
    assert sg.compute_stft(tones(), params).params == params.stft
    assert sg.StftPlan(params).params == params


def test_inverse_plan():
    params = sg.StftParams(64, 16, "hann")
    for dtype in DTYPES:
        plan = sg.IstftPlan(params, dtype)
        z = stft(tones(), parameters(), dtype)
        expected = istft(z, 64, 16, dtype=dtype)
        assert (plan.dtype, plan.params) == (dtype, params)
        for twin in (plan, sg.IstftPlan(parameters(), dtype), pickle.loads(pickle.dumps(plan))):
            assert np.array_equal(twin.compute(z), expected)
        out = np.full(992, np.nan, dtype)
        assert plan.compute(z, out=out) is out
        assert np.array_equal(out, expected)
        for strided in (np.full(1984, np.nan, dtype)[::2], np.full(992, np.nan, dtype)[::-1]):
            assert plan.compute(z, out=strided) is strided
            assert np.array_equal(strided, expected)
        for bad, error, message in [
            (np.full(991, 7, dtype), sg.DimensionMismatchError, "expected 992, got 991"),
            (
                np.full((1, 992), 7, dtype),
                TypeError,
                r"out must be 1-D of shape \(992,\), got shape \(1, 992\)",
            ),
            (np.full(992, 7, np.int16), TypeError, "out must have dtype float.*, got int16"),
            ([7] * 992, TypeError, "got list"),
        ]:
            with pytest.raises(error, match=message):
                plan.compute(z, out=bad)
            assert np.all(np.asarray(bad) == 7)
        frozen = np.full(992, 7, dtype)
        frozen.flags.writeable = False
        with pytest.raises(ValueError, match="writable"):
            plan.compute(z, out=frozen)
        assert np.all(frozen == 7)


def test_eight_threads_share_an_inverse_plan():
    plan = sg.IstftPlan(sg.StftParams(64, 16, "hann"))
    matrices = [stft(noise(3000, i), parameters()) for i in range(8)]
    expected = [plan.compute(z).tobytes() for z in matrices]
    found = [set() for _ in matrices]
    start = threading.Barrier(8)

    def work(i):
        start.wait()
        for _ in range(30):
            found[i].add(plan.compute(matrices[i]).tobytes())

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{one} for one in expected]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_fft": 0}, ValueError, "n_fft must be non-zero positive integer, got 0"),
        ({"hop_size": 0}, ValueError, "hop_size must be non-zero positive integer, got 0"),
        ({"n_fft": -1}, OverflowError, "n_fft must be >= 0, got -1"),
        ({"n_fft": 64.0}, TypeError, "n_fft must be an integer"),
        ({"hop_size": 65}, sg.InvalidInputError, "hop_size must be <= n_fft=64, got 65"),
        ({"window": "pentagon"}, ValueError, "pentagon"),
        ({"window": None}, TypeError, "window"),
        ({"window": np.ones(5)}, sg.InvalidInputError, r"Custom window size \(5\) must match n_fft \(64\)"),
        ({"center": 1}, TypeError, "center"),
        ({"dtype": "float16"}, ValueError, 'unsupported dtype "float16"'),
        ({"stft_matrix": np.zeros(33)}, TypeError, r"stft_matrix must be 2-D, got shape \(33,\)"),
        ({"stft_matrix": np.zeros((1, 33, 5))}, TypeError, r"must be 2-D, got shape \(1, 33, 5\)"),
        ({"stft_matrix": None}, TypeError, "stft_matrix must be array-like, got None"),
        ({"stft_matrix": np.zeros((32, 5))}, sg.DimensionMismatchError, "expected 33, got 32"),
        ({"stft_matrix": np.zeros((33, 0))}, sg.InvalidInputError, "must have at least one frame, got shape"),
    ],
)  # fmt: skip
def test_inverse_bad_calls(arguments, error, message):
    good = {"stft_matrix": np.zeros((33, 5)), "n_fft": 64, "hop_size": 16, "window": "hann"}
    with pytest.raises(error, match=message):
        sg.compute_istft(**{**good, **arguments})


def test_inverse_signature():
    names = ["stft_matrix", "n_fft", "hop_size", "window", "center", "dtype", "length"]
    assert [*inspect.signature(sg.compute_istft).parameters] == names
