"""Infinite, huge and tiny numbers: results or errors of ours, and never a warning of NumPy's from inside."""

import io
import itertools
import warnings

import numpy as np
import pytest
import soundfile

import spectrograms as sg

from ..support.naming import naming
from ..support.together import together

PARAMS = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
MEL = sg.MelParams(8, 0.0, 4000.0)
VALUES = [np.inf, -np.inf, np.nan, 1e308, -1e308, np.finfo(float).max, 3.5e38, 1e160, 1e-310, 5e-324]
# What takes any real numbers, as a function of 1056 = 33 * 32 = 8 * 132 of them.
TAKES_ALL = {
    "power to dB": sg.power_to_db,
    "power to dB of the largest": lambda x: sg.power_to_db(x, ref=np.max),
    "amplitude to dB": sg.amplitude_to_db,
    "dB to power": sg.db_to_power,
    "dB to amplitude": sg.db_to_amplitude,
    "masks of the mean": lambda x: sg.spec_augment(x.reshape(8, -1), seed=1, time_masks=1, value="mean"),
    "delta": lambda x: sg.delta(x.reshape(8, -1)),
    "deltas": lambda x: sg.add_deltas(x.reshape(8, -1)),
    "inverse": lambda x: sg.compute_istft(x.reshape(33, -1) + 0j, 64, 16, "hann"),
    "inverse in float32": lambda x: sg.compute_istft(x.reshape(33, -1) + 0j, 64, 16, "hann", dtype="float32"),
    "stream in float32": lambda x: sg.IstftPlan(PARAMS, "float32").stream().push(x.reshape(33, -1)),
    "irfft in float32": lambda x: sg.compute_irfft(x[:501] + 0j, 1000, "float32"),
    "ifft2d in float32": lambda x: sg.ifft2d(x.reshape(33, -1) + 0j, 62, "float32"),
    "shift to float32": lambda x: sg.fftshift(x.reshape(33, -1), "float32"),
    "shift of one dimension": lambda x: sg.ifftshift_1d(x, "float32"),
    "imdct in float32": lambda x: sg.imdct(x.reshape(32, -1), sg.MdctParams(64, 32, "hann"), dtype="float32"),
    "magphase": lambda x: sg.magphase(x.reshape(33, -1) + 0j)[0],
    "mfcc of log mel": lambda x: sg.mfcc_from_log_mel(x.reshape(8, -1), sg.MfccParams(5), "float32").data,
    "convolution in float32": lambda x: sg.fft_convolve(x, np.ones(5), "float32"),
    "image in float32": lambda x: sg.sharpen_fft(x.reshape(33, -1), 1.0, "float32"),
    "power": lambda x: sg.compute_linear_power_spectrogram(x, PARAMS, dtype="float32").data,
    "modulation of power": lambda x: (
        sg.compute_stmtf(
            sg.compute_linear_power_spectrogram(x, PARAMS), standardize=True, dtype="float32", scale="power"
        ).data
    ),
    "dB of mel": lambda x: sg.compute_mel_db_spectrogram(x, PARAMS, MEL).data,
}
# What refuses some of them.
INVERSIONS = {
    "griffin_lim": lambda x: sg.griffin_lim(x.reshape(33, -1), PARAMS, n_iter=3),
    "invert_mel": lambda x: sg.invert_mel(x.reshape(8, -1), PARAMS, MEL, n_iter=10),
    "pcen": lambda x: sg.pcen(x.reshape(8, -1), sample_rate=8000, hop_size=16),
}


def ordinary():
    return np.abs(np.random.default_rng(4).standard_normal(1056)) + 0.1


@together("name", TAKES_ALL)
def test_nothing_inside_warns(name):
    shape = np.shape(TAKES_ALL[name](ordinary()))
    for value, everywhere in itertools.product(VALUES, [False, True]):
        x = ordinary()
        x[0 if everywhere else 500 : None if everywhere else 501] = value
        with naming(value, "everywhere" if everywhere else "in one place"):
            with warnings.catch_warnings(), np.errstate(all="warn"):
                warnings.simplefilter("error")
                warnings.filterwarnings("ignore", "underflow")  # which is nobody's default
                found = TAKES_ALL[name](x)
            assert np.shape(found) == shape
            if np.isnan(value):
                assert np.isnan(found).any()


@together("name", INVERSIONS)
@together("value", [np.inf, -np.inf, np.nan, -1e-300])
def test_what_inverts_refuses_all_but_finite_values(name, value):
    x = ordinary()
    x[500] = value
    with pytest.raises(sg.InvalidInputError, match=r"must be (>= 0|finite) everywhere$"):
        INVERSIONS[name](x)


@pytest.mark.parametrize("name", ["griffin_lim", "invert_mel"])
@pytest.mark.parametrize("exponent", [-900, -100, 100, 1000])
def test_inversions_are_as_large_as_what_they_are_given(name, exponent):
    x = ordinary()
    expected = INVERSIONS[name](x)
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(INVERSIONS[name](np.ldexp(x, exponent)), np.ldexp(expected, exponent))


@pytest.mark.parametrize("size", [1e308, np.finfo(float).max])
def test_case_4_5_pcen_of_huge_energies_is_that_of_its_formula(size):
    energies = np.full((2, 50), size)
    smoothing = (np.sqrt(1 + 4 * (0.4 * 8000 / 16) ** 2) - 1) / (2 * (0.4 * 8000 / 16) ** 2)
    logs = np.log(size) + np.log(1 - (1 - smoothing) ** np.arange(1, 51))  # of the mean; its start is nothing
    expected = (np.exp(np.log(size) - 0.98 * logs) + 2.0) ** 0.5 - 2.0**0.5
    found = sg.pcen(
        energies, sample_rate=8000, hop_size=16, time_constant=0.4, gain=0.98, bias=2.0, power=0.5
    )
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=1e-9)


@pytest.mark.parametrize("rate", [5e-324, 1e-300, 1e12])
def test_rates_beyond_all_measure_do_not_warn(rate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sg.compute_stft(ordinary(), sg.SpectrogramParams(PARAMS.stft, rate))
        assert len(result.times) == result.n_frames
        if rate > 1:
            energies, _ = sg.gammatone_iir_spectrogram(
                ordinary(), rate, 64, 16, sg.ErbParams(8, 100.0, 3000.0)
            )
            assert energies.shape[0] == 8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_case_4_5_powers_out_of_range_do_not_warn(dtype):
    result = sg.cqt(1e30 * ordinary(), 8000, sg.CqtParams(2, 2, 400.0), 64, dtype)
    huge = sg.cqt(1e200 * ordinary(), 8000, sg.CqtParams(2, 2, 400.0), 64)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(result.to_power()).any() == (dtype == "float32")
        assert np.isinf(huge.to_power()).all()


def test_case_4_5_channels_of_infinities_are_mixed_without_warnings():
    file = io.BytesIO()
    samples = np.array([[np.inf, -np.inf], [np.inf, 1.0], [1.0, 0.0]], np.float32)
    soundfile.write(file, samples, 8000, format="WAV", subtype="FLOAT")
    mixed, _ = sg.read_audio(file.getvalue())
    np.testing.assert_array_equal(mixed, [np.nan, np.inf, 0.5])
    np.testing.assert_array_equal(np.concatenate(list(sg.audio_blocks(file.getvalue()))), mixed)


@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
def test_case_4_5_huge_weights_and_noise_pass_without_warnings():
    blackman = sg.frontend("torchaudio_kaldi_mfcc", window_type="blackman", blackman_coeff=-1e308)
    assert blackman.compute(np.ones(1000, np.float32)).shape == (4, 13)
    noisy = sg.frontend("gemma3n_mel", dither=1e308)
    whole, stream = noisy.compute(np.ones(4000)), noisy.stream()
    parts = [stream.push(np.ones(1500)), stream.push(np.ones(2500)), stream.flush()]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="long double is double")
@together("name", [*TAKES_ALL, *INVERSIONS, "shift", "window"])
def test_long_doubles_beyond_float64_are_infinite(name):
    more = {
        "shift": lambda x: sg.ifftshift(x.reshape(33, -1)),
        "window": sg.WindowType.custom,
    }
    samples = ordinary().astype(np.longdouble)
    samples[7] = np.longdouble("1e4000")
    call = (TAKES_ALL | INVERSIONS | more)[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if name in TAKES_ALL or name == "shift":
            call(samples)
        else:
            with pytest.raises(sg.InvalidInputError, match="finite"):
                call(samples)
