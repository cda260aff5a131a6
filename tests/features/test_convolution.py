"""Convolution, deconvolution, running convolution and minimum phase against NumPy and SciPy."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg
from spectrograms.features.fourier.convolution import _fast_length, next_power_of_two

from ..support.exporters import DlpackOnly
from ..support.threads import in_threads
from ..support.together import together

DTYPES = ("float64", "float32")
TOLERANCE = {"float64": 1e-14, "float32": 4e-6}


@pytest.fixture
def rng():
    return np.random.default_rng(15)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("lengths", [(1, 1), (1, 7), (7, 1), (64, 64), (65, 64), (1000, 31), (3000, 5000)])
def test_convolution_is_the_direct_sum(lengths, dtype, rng):
    a, b = (rng.standard_normal(n) for n in lengths)
    found = sg.fft_convolve(a, b, dtype)
    assert found.dtype == dtype
    assert found.flags.owndata
    assert found.flags.writeable
    expected = scipy.signal.fftconvolve(a, b) if min(lengths) > 1000 else np.convolve(a, b)
    assert found.shape == expected.shape
    scale = np.linalg.norm(a) * np.linalg.norm(b)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * scale)


def test_errors_of_convolution():
    for a, b in (([], [1.0]), ([1.0], [])):
        with pytest.raises(ValueError, match="input array must not be empty"):
            sg.fft_convolve(a, b)
        with pytest.raises(ValueError, match="input array must not be empty"):
            sg.fft_deconvolve(a, b)
    with pytest.raises(TypeError, match="b must be 1-D"):
        sg.fft_convolve([1.0], np.ones((2, 2)))
    with pytest.raises(ValueError, match="unsupported dtype"):
        sg.fft_convolve([1.0], [1.0], "x")


def test_lengths_of_transforms():
    for n in (*range(1, 200), 1000, 1025, 4097, 10**6):
        fast = _fast_length(n)
        assert n <= fast <= max(2, next_power_of_two(n))
        assert fast % 2 == 0
        odd = fast // (fast & -fast)
        assert odd in (1, 3, 5, 9, 15)
    assert [next_power_of_two(n) for n in (1, 2, 3, 4, 5, 1025)] == [1, 2, 4, 4, 8, 2048]


@pytest.mark.parametrize("dtype", DTYPES)
@together("lengths", [(50, 3), (64, 1), (5, 5), (3, 8), (1, 1)])
@together("regularization", [0.0, 1e-3, 2])
def test_deconvolution_is_the_circular_division(lengths, regularization, dtype, rng):
    numerator, denominator = (rng.standard_normal(n) for n in lengths)
    n = 1 << (max(lengths) - 1).bit_length()
    spectrum, divisor = np.fft.rfft(numerator, n), np.fft.rfft(denominator, n)
    power = np.abs(divisor) ** 2
    quotient = spectrum * divisor.conj() / (power + regularization * power.max())
    length = lengths[0] - lengths[1] + 1 if lengths[0] >= lengths[1] else lengths[0]
    expected = np.fft.irfft(quotient, n)[:length]
    found = sg.fft_deconvolve(numerator, denominator, regularization, dtype)
    assert found.dtype == dtype
    assert found.shape == expected.shape
    worst = np.abs(quotient).max() * power.max() / power.min()
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * worst)


def test_deconvolution_undoes_convolution(rng):
    signal = rng.standard_normal(200)
    response = np.array([1.0, 0.5, -0.2, 0.1])
    np.testing.assert_allclose(
        sg.fft_deconvolve(sg.fft_convolve(signal, response), response), signal, rtol=0, atol=1e-13
    )


def test_deconvolution_leaves_out_what_the_denominator_has_not():
    # The denominator has no mean: where it is exactly 0, so is the quotient.
    found = sg.fft_deconvolve([1.0, 1.0, 1.0, 1.0], [1.0, -1.0, 1.0, -1.0])
    np.testing.assert_array_equal(found, [0.0])
    np.testing.assert_array_equal(sg.fft_deconvolve(np.ones(4), np.zeros(2)), np.zeros(3))


@pytest.mark.parametrize("regularization", [-1e-9, np.nan, np.inf])
def test_regularization_is_not_negative(regularization):
    with pytest.raises(sg.InvalidInputError, match="regularization must be >= 0"):
        sg.fft_deconvolve([1.0], [1.0], regularization)


# --- running convolution -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("taps", "block"), [(200, 128), (1, 64), (5, 1), (1000, 100), (1, 1), (33, 32)])
def test_blocks_join_to_the_direct_sum(taps, block, dtype, rng):
    response, signal = rng.standard_normal(taps), rng.standard_normal(7 * block)
    convolver = sg.OverlapSaveConvolver(response, block, dtype)
    assert convolver.block_size == block
    assert convolver.fft_size == 1 << (block + taps - 2).bit_length()
    assert convolver.dtype == dtype
    expected = np.convolve(signal, response)
    atol = TOLERANCE[dtype] * np.linalg.norm(response) * np.sqrt(convolver.fft_size)
    for _ in range(2):
        blocks = [convolver.process_block(x) for x in signal.reshape(7, block)]
        assert all(x.dtype == dtype and x.shape == (block,) for x in blocks)
        tail = convolver.flush()
        assert tail.shape == (taps - 1,)
        np.testing.assert_allclose(np.concatenate([*blocks, tail]), expected, rtol=0, atol=atol)


def test_signals_of_any_length(rng):
    response, signal = rng.standard_normal(40), rng.standard_normal(1000)
    convolver = sg.OverlapSaveConvolver(response, 64)
    expected = np.convolve(signal, response)
    cuts = [0, 3, 3, 67, 68, 400, 1000]
    parts = [convolver.process(signal[a:b]) for a, b in pairwise(cuts)]
    assert [len(part) for part in parts] == np.diff(cuts).tolist()
    np.testing.assert_allclose(np.concatenate([*parts, convolver.flush()]), expected, rtol=0, atol=1e-12)
    blocks = [convolver.process_block(signal[a : a + 64]) for a in range(0, 960, 64)]
    convolver.reset()
    np.testing.assert_array_equal(convolver.process(signal)[:960], np.concatenate(blocks))


def test_reset_forgets(rng):
    convolver = sg.OverlapSaveConvolver(rng.standard_normal(9), 16)
    x = rng.standard_normal(16)
    first = convolver.process_block(x)
    assert not np.array_equal(convolver.process_block(x), first)
    convolver.reset()
    np.testing.assert_array_equal(convolver.process_block(x), first)


def test_output_is_written_where_told(rng):
    response, x = rng.standard_normal(9), rng.standard_normal(16)
    expected = sg.OverlapSaveConvolver(response, 16).process_block(x)
    for output in (np.full(16, np.nan), np.full(48, np.nan)[::3], np.full(16, np.nan)[::-1]):
        assert sg.OverlapSaveConvolver(response, 16).process_block(x, output) is output
        np.testing.assert_array_equal(output, expected)
    sg.OverlapSaveConvolver(response, 16).process_block(x, x)
    np.testing.assert_array_equal(x, expected)


def test_errors_of_the_convolver():
    with pytest.raises(sg.InvalidInputError, match="ir must not be empty"):
        sg.OverlapSaveConvolver([], 4)
    with pytest.raises(ValueError, match="block"):
        sg.OverlapSaveConvolver([1.0], 0)
    with pytest.raises(OverflowError):
        sg.OverlapSaveConvolver([1.0], -1)
    with pytest.raises(MemoryError, match=r"2\*\*28"):
        sg.OverlapSaveConvolver([1.0], 2**28 + 1)
    convolver = sg.OverlapSaveConvolver([1.0, 2.0], 4)
    message = r"^process_block expects input and output of length 4 \(got {} and {}\)"
    with pytest.raises(sg.InvalidInputError, match=message.format(3, 3)):
        convolver.process_block(np.ones(3))
    with pytest.raises(sg.InvalidInputError, match=message.format(4, 5)):
        convolver.process_block(np.ones(4), np.ones(5))
    with pytest.raises(TypeError, match="output must have dtype float64, got float32"):
        convolver.process_block(np.ones(4), np.ones(4, np.float32))
    with pytest.raises(TypeError, match="output must be a writable array, got list"):
        convolver.process_block(np.ones(4), [0.0] * 4)
    frozen = np.ones(4)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="writable"):
        convolver.process_block(np.ones(4), frozen)
    # Nothing of this was taken for a part of the signal.
    np.testing.assert_allclose(
        convolver.process_block([1.0, 0.0, 0.0, 0.0]), [1, 2, 0, 0], rtol=0, atol=1e-15
    )
    assert repr(convolver) == "OverlapSaveConvolver(taps=2, block=4, dtype='float64')"


def test_threads_take_turns():
    convolver = sg.OverlapSaveConvolver(np.ones(64), 64)
    results = in_threads(lambda i: [convolver.process_block(np.full(64, 1.0)) for _ in range(50)])
    # Whoever came first met silence; everybody else a signal of ones.
    ends = np.array([block[-1] for blocks in results for block in blocks])
    np.testing.assert_allclose(ends, 64, rtol=1e-13)
    steady = sum(np.allclose(block, 64, rtol=1e-13) for blocks in results for block in blocks)
    assert steady == 8 * 50 - 1


# --- phase ---------------------------------------------------------------------------------------------


def test_check_values_of_minimum_phase():
    expected = [0.28900536382640, 0.29717365435133, 0.27639320225002, 0.10282634564867, 0.03460143392358]
    np.testing.assert_allclose(sg.minimum_phase([0.1, 0.2, 0.4, 0.2, 0.1]), expected, rtol=0, atol=1e-13)
    expected = [2, -0.5000000001, -5.0095888e-10, -2.15940425e-9]
    expected += [-9.36097874e-9, -4.086530437e-8, -1.7989765504e-7]
    np.testing.assert_allclose(sg.minimum_phase_with([-2, 0.5, 0], 7, 3), expected, rtol=0, atol=1e-10)


def test_minimum_phase_keeps_the_magnitude_and_moves_zeros_inside(rng):
    response = rng.standard_normal(12)
    found = sg.minimum_phase_with(response, 12, 4096)
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(found, 256)), np.abs(np.fft.rfft(response, 256)), rtol=0, atol=1e-6
    )
    assert np.abs(np.roots(found)).max() < 1 + 1e-6
    assert np.abs(np.roots(response)).max() > 1


def test_minimum_phase_loses_the_sign():
    np.testing.assert_allclose(sg.minimum_phase([-2.0]), [2.0], rtol=1e-14)


@pytest.mark.parametrize("oversample", [0, 1, 2, 8])
def test_length_of_minimum_phase(oversample):
    n = 8 * max(oversample, 1)
    assert sg.minimum_phase_with(np.ones(8), 1000, oversample).shape == (n,)
    assert sg.minimum_phase_with(np.ones(8), 3, oversample).shape == (3,)


@pytest.mark.parametrize("dtype", DTYPES)
def test_minimum_phase_of_silence_is_silence(dtype):
    found = sg.minimum_phase(np.zeros(5), dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, np.zeros(5), rtol=0, atol=1e-149)


def test_errors_of_minimum_phase():
    with pytest.raises(sg.InvalidInputError, match="ir must not be empty"):
        sg.minimum_phase([])
    with pytest.raises(sg.InvalidInputError, match="ir must not be empty"):
        sg.minimum_phase_with([], 4, 8)
    with pytest.raises(sg.InvalidInputError, match="out_len must be >= 1"):
        sg.minimum_phase_with([1.0], 0, 8)
    with pytest.raises(TypeError, match="ir must be 1-D"):
        sg.minimum_phase(np.ones((2, 2)))
    with pytest.raises(OverflowError):
        sg.minimum_phase_with([1.0], 1, -1)
    with pytest.raises(MemoryError, match=r"2\*\*28"):
        sg.minimum_phase_with([1.0], 1, 2**40)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("power", [1, 2, 5])
def test_magphase(power, dtype, rng):
    values = rng.standard_normal((5, 6)) + 1j * rng.standard_normal((5, 6))
    values[2, 3] = 0
    magnitude, phase = sg.magphase(values, power, dtype)
    assert magnitude.dtype == dtype
    assert phase.dtype == (np.complex128 if dtype == "float64" else np.complex64)
    rtol = 1e-14 if dtype == "float64" else 2e-6
    np.testing.assert_allclose(magnitude, np.abs(values) ** power, rtol=rtol)
    np.testing.assert_allclose(np.abs(phase), 1, rtol=rtol)
    np.testing.assert_allclose(magnitude ** (1 / power) * phase, values, rtol=rtol)
    assert magnitude[2, 3] == 0
    assert phase[2, 3] == 1


def test_magphase_of_a_result(rng):
    params = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000.0)
    result = sg.compute_stft(rng.standard_normal(500), params)
    magnitude, phase = sg.magphase(result)
    np.testing.assert_allclose(magnitude * phase, result.data, rtol=0, atol=1e-13)


def test_magphase_of_what_underflows_and_of_nan():
    magnitude, phase = sg.magphase([[1e-200 + 1e-200j, np.nan]])
    assert magnitude[0, 0] == 0
    assert phase[0, 0] == 1
    assert np.isnan(magnitude[0, 1])
    assert np.isnan(phase[0, 1])


def test_inputs_that_are_not_finite_spread_without_warnings():
    for bad in (np.nan, np.inf):
        x = np.array([1.0, bad, 3.0])
        for found in (
            sg.fft_convolve(x, x),
            sg.fft_deconvolve(x, [1.0, 2.0]),
            sg.fft_deconvolve([1.0, 2.0], x),
            sg.minimum_phase(x),
            sg.OverlapSaveConvolver([1.0, 2.0], 3).process_block(x),
        ):
            assert not np.isfinite(found).any()


def test_errors_of_magphase():
    with pytest.raises(ValueError, match="power"):
        sg.magphase(np.ones((2, 2)), 0)
    with pytest.raises(TypeError):
        sg.magphase(np.ones((2, 2)), 1.5)
    with pytest.raises(TypeError, match="stft must be 2-D"):
        sg.magphase(np.ones(4))


@pytest.mark.parametrize(
    "of", [DlpackOnly, memoryview, list, lambda x: x.astype(object), lambda x: iter_less(x)]
)
def test_case_1_3_what_comes_is_converted_before_it_is_measured(of):
    x = np.random.default_rng(0).standard_normal(1000)
    assert np.array_equal(
        sg.OverlapSaveConvolver(x[:5], 8).process(of(x)), sg.OverlapSaveConvolver(x[:5], 8).process(x)
    )
    blocks = sg.OverlapSaveConvolver(of(x[:5]), 1000)
    assert np.array_equal(blocks.process_block(of(x)), sg.OverlapSaveConvolver(x[:5], 1000).process(x))
    assert np.array_equal(sg.minimum_phase(of(x)), sg.minimum_phase(x))
    assert np.array_equal(sg.minimum_phase_with(of(x), 10, 2), sg.minimum_phase_with(x, 10, 2))
    assert np.array_equal(sg.compute_fft(of(x)), sg.compute_fft(x))
    assert np.array_equal(sg.FftPlanner().fft(of(x)), sg.compute_fft(x))


def iter_less(values):
    """An array under another name, without a length."""

    class Wrapped:
        def __array__(self, dtype=None, copy=None):
            return values

    return Wrapped()


def test_case_1_3_tensors_are_signals():
    torch = pytest.importorskip("torch")
    convolver = sg.OverlapSaveConvolver([1.0, 0.5], 4)
    assert convolver.process(torch.ones(100, dtype=torch.float64))[-1] == pytest.approx(1.5)
    assert sg.compute_fft(torch.ones(4)).tolist() == [4, 0, 0]
    assert sg.minimum_phase(torch.ones(4)).shape == (4,)


def test_case_1_3_an_output_that_lies_about_its_size():
    class Larger(np.ndarray):
        size = property(lambda self: 64)

    memory = np.full(40, 7.0)
    convolver = sg.OverlapSaveConvolver([1.0], 64)
    with pytest.raises(sg.InvalidInputError, match=r"of length 64 \(got 64 and 8\)"):
        convolver.process_block(np.ones(64), memory[:8].view(Larger))
    assert (memory == 7).all()


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_convolver_is_neither_pickled_nor_copied(twin):
    # A copy would go on with the samples of the other one.
    convolver = sg.OverlapSaveConvolver([1.0, 0.5], 4)
    with pytest.raises(TypeError, match="in the middle of a signal and cannot be pickled or copied"):
        twin(convolver)
