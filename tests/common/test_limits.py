"""Sizes that a caller names: compared with their limits before memory is asked for or a loop begun."""

import inspect
import time
import tracemalloc

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._frontends.making import frontends
from spectrograms._frontends.toolkits.catalogue import definition_of

from ..support.naming import naming
from ..support.together import together

STFT = sg.StftParams(64, 32, "hann")
PARAMS = sg.SpectrogramParams(STFT, 8000.0)
X = np.sin(np.arange(400.0))
MATRIX = np.abs(np.random.default_rng(0).standard_normal((33, 20)))
CUE = sg.compute_ild_spectrogram([X, X[::-1]], sg.ILDSpectrogramParams(PARAMS, 400.0, 3000.0))
TONE = np.sin(0.1 * np.arange(4000))
TRANSFORM = sg.cqt(TONE, 8e3, sg.CqtParams(12, 3, 400.0, method="multirate"), 64)
HUGE = (2**31, 2**40, 2**63 - 1, 2**64 - 1, 2**64, 10**400)
REFUSED = (sg.InvalidInputError, sg.DimensionMismatchError, OverflowError, MemoryError)

CALLS = {
    "delta width": lambda n: sg.delta(MATRIX, width=n | 1, mode="nearest"),
    "delta order": lambda n: sg.delta(MATRIX, order=n, width=(n + 1) | 1, mode="nearest"),
    "add_deltas order": lambda n: sg.add_deltas(MATRIX, order=n),
    "add_deltas window": lambda n: sg.add_deltas(MATRIX, window=n),
    "spec_augment freq_masks": lambda n: sg.spec_augment(MATRIX, seed=1, freq_masks=n),
    "spec_augment time_masks": lambda n: sg.spec_augment(MATRIX, seed=1, time_masks=n),
    "griffin_lim n_iter": lambda n: sg.griffin_lim(MATRIX, PARAMS, n_iter=n),
    "griffin_lim length": lambda n: sg.griffin_lim(MATRIX, PARAMS, n_iter=1, length=2**57 + n),
    "invert_mel n_iter": lambda n: sg.invert_mel(MATRIX[:4], PARAMS, sg.MelParams(4, 0.0, 4000.0), n_iter=n),
    "gammatone_center_frequencies": lambda n: sg.gammatone_center_frequencies(sg.ErbParams(n, 50.0, 4000.0)),
    "gammatone frame_size": lambda n: sg.gammatone_iir_spectrogram(X, 8e3, n, 8, sg.ErbParams(4, 50.0, 3e3)),
    "mel bands": lambda n: sg.SpectrogramPlan(PARAMS, sg.MelParams(n, 0.0, 4000.0)),
    "ERB bands": lambda n: sg.SpectrogramPlan(PARAMS, sg.ErbParams(n, 50.0, 4000.0)),
    "log bands": lambda n: sg.SpectrogramPlan(PARAMS, sg.LogHzParams(n, 50.0, 4000.0)),
    "CQT bins": lambda n: sg.SpectrogramPlan(PARAMS, sg.CqtParams(n, 1, 1000.0)),
    "CQT octaves": lambda n: sg.SpectrogramPlan(PARAMS, sg.CqtParams(12, n, 1000.0)),
    "cqt": lambda n: sg.cqt(X, 8000.0, sg.CqtParams(n, n, 1000.0), 8),
    "CQT frequencies": lambda n: sg.CqtParams(n, 1, 1000.0).frequencies(),
    "n_mels": lambda n: sg.MfccPlan(STFT, 8000.0, n, sg.MfccParams(13)),
    "compute_mfcc": lambda n: sg.compute_mfcc(X, STFT, 8000.0, n, sg.MfccParams(13)),
    "n_lfcc": lambda n: sg.LfccPlan(STFT, 8000.0, sg.LfccParams(n, n)),
    "n_filters of LFCC": lambda n: sg.LfccPlan(STFT, 8000.0, sg.LfccParams(3, n)),
    "n_mfcc": lambda n: sg.MfccPlan(STFT, 8000.0, 40, sg.MfccParams(n)),
    "mfcc_from_log_mel": lambda n: sg.mfcc_from_log_mel(MATRIX, sg.MfccParams(n)),
    "n_fft": lambda n: sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(n, 8, "hann"), 8000.0)),
    "inverse n_fft": lambda n: sg.IstftPlan(sg.StftParams(n, 8, "hann")),
    "compute_istft": lambda n: sg.compute_istft(MATRIX, n, 32, "hann"),
    "chroma n_fft": lambda n: sg.build_chroma_filterbank(8000.0, n, sg.ChromaParams()),
    "chromagram_from_spectrogram": lambda n: sg.chromagram_from_spectrogram(
        MATRIX, 8e3, n, sg.ChromaParams()
    ),
    "window": lambda n: sg.WindowType.make_kaiser(n, 3.0),
    "MDCT window": lambda n: sg.MdctParams.sine_window(n // 2 * 2),
    "MDCT block": lambda n: sg.mdct(X, sg.MdctParams(n // 2 * 2, 8, "hann"), pad=True),
    "imdct": lambda n: sg.imdct(MATRIX[:32], sg.MdctParams(64, n, "hann"), 2**57 + n, padded=True),
    "fft": lambda n: sg.compute_fft(X, n),
    "irfft": lambda n: sg.compute_irfft(X, n),
    "compute_rfft": lambda n: sg.compute_rfft(X, n),
    "compute_magnitude_spectrum": lambda n: sg.compute_magnitude_spectrum(X, n),
    "power spectrum": lambda n: sg.compute_power_spectrum(X, n, "hann"),
    "fftfreq": lambda n: sg.fftfreq(n),
    "rfftfreq": lambda n: sg.rfftfreq(n),
    "ifft2d": lambda n: sg.ifft2d(MATRIX, n),
    "kernel": lambda n: sg.gaussian_kernel_2d(n | 1, 1.0),
    "oversample": lambda n: sg.minimum_phase_with(X, 8, n),
    "convolver": lambda n: sg.OverlapSaveConvolver(X, n),
    "histogram": lambda n: CUE.histogram(n),
    "histogram exponent": lambda n: CUE.histogram(4, exponent=n),
    "cens": lambda n: sg.cens(MATRIX, smoothing=n),
    "chroma_cens": lambda n: sg.chroma_cens(TONE, 8e3, smoothing=n, n_octaves=3),
    "chroma_cqt n_chroma": lambda n: sg.chroma_cqt(TONE, 8e3, n_chroma=n, tuning=0.0),
    "chroma_cqt n_octaves": lambda n: sg.chroma_cqt(TONE, 8e3, n_octaves=n, tuning=0.0),
    "chroma_cqt bins_per_octave": lambda n: sg.chroma_cqt(
        TONE, 8e3, bins_per_octave=n // 12 * 12, tuning=0.0
    ),
    "chroma_stft n_fft": lambda n: sg.chroma_stft(TONE, 8e3, n_fft=n),
    "chroma_stft n_chroma": lambda n: sg.chroma_stft(TONE, 8e3, n_chroma=n),
    "estimate_tuning": lambda n: sg.estimate_tuning(TONE, 8e3, n_fft=n),
    "piptrack": lambda n: sg.piptrack(TONE, 8e3, n_fft=n),
    "reassigned_spectrogram n_fft": lambda n: sg.reassigned_spectrogram(TONE, 8e3, n_fft=n),
    "reassigned_spectrogram hop_size": lambda n: sg.reassigned_spectrogram(TONE, 8e3, hop_size=n),
    "reassigned_spectrogram win_length": lambda n: sg.reassigned_spectrogram(TONE, 8e3, win_length=n),
    "spectral_contrast n_fft": lambda n: sg.spectral_contrast(TONE, 8e3, n_fft=n),
    "spectral_contrast n_bands": lambda n: sg.spectral_contrast(TONE, 8e3, n_bands=n),
    "onset_strength n_fft": lambda n: sg.onset_strength(TONE, 8e3, n_fft=n),
    "onset_strength n_mels": lambda n: sg.onset_strength(TONE, 8e3, n_mels=n),
    "onset_strength lag": lambda n: sg.onset_strength(TONE, 8e3, lag=n),
    "onset_strength max_size": lambda n: sg.onset_strength(TONE, 8e3, max_size=n),
    "tempogram": lambda n: sg.tempogram(MATRIX[0], win_length=n),
    "fourier_tempogram": lambda n: sg.fourier_tempogram(MATRIX[0], win_length=n),
    "icqt n_samples": lambda n: sg.icqt(TRANSFORM, n_samples=n),
    "icqt n_iter": lambda n: sg.icqt(TRANSFORM, n_iter=n),
    "hpss": lambda n: sg.hpss(MATRIX, n),
    "times": lambda n: sg.StftPlan(PARAMS).times(max(n, 2**37)),
    "times of coefficients": lambda n: sg.MfccPlan(STFT, 8000.0, 9, sg.MfccParams(4)).times(max(n, 2**37)),
    "times of a frontend": lambda n: sg.frontend("kaldi_fbank").times(max(n, 2**37)),
    "times of a set": lambda n: sg.FeatureSet(STFT, 8000.0, {"a": "rms"}).times(max(n, 2**37)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_case_6_sizes_are_refused_at_once(call):
    for n in HUGE:
        begun = time.process_time()
        with naming(f"about 2**{n.bit_length()}"):
            with pytest.raises(REFUSED) as caught:
                call(n)
            assert time.process_time() - begun < 2.0
            # The text is ours, and short: nothing was asked of NumPy or of the system.
            assert 0 < len(str(caught.value)) < 200
            assert "Unable to allocate" not in str(caught.value)


def test_case_6_stacks_that_nothing_fills_take_no_time():
    assert sg.stack_frames(MATRIX, 2**31).shape == (2**31 * 33, 0)
    with pytest.raises(MemoryError, match="n \\* n_features must be at most"):
        sg.stack_frames(MATRIX, 2**62)
    assert sg.stack_frames(MATRIX, 20, 2**62).shape == (660, 1)


def test_case_6_any_number_of_threads_may_be_allowed():
    plan = sg.StftPlan(PARAMS)
    signals = [X] * 3
    try:
        sg.set_num_threads(2**70)
        assert [result.shape for result in plan.compute_batch(signals)] == [plan.output_shape(400)] * 3
    finally:
        sg.set_num_threads(None)
    assert len(plan.compute_batch(signals, num_threads=2**31)) == 3


def test_case_6_limits_are_named():
    with pytest.raises(sg.InvalidInputError, match="freq_masks is unreasonably large: at most 65536"):
        sg.spec_augment(MATRIX, seed=1, freq_masks=2**40)
    with pytest.raises(sg.InvalidInputError, match="n_filters is unreasonably large: at most 10000"):
        sg.gammatone_center_frequencies(sg.ErbParams(2**63 - 1, 50.0, 4000.0))
    with pytest.raises(MemoryError, match="the window must be at most 16777216 samples"):
        sg.frontend("kaldi_fbank", frame_length=1e9)


@pytest.mark.slow
def test_limits_are_reached():
    from spectrograms._common import limits

    assert sg.CqtParams(limits.MAX_CQT_BINS, 1, 10.0).frequencies()[-1] < 20.0
    masked = sg.spec_augment(np.ones((4, 5)), seed=1, freq_masks=limits.MAX_MASKS, time_masks=0)
    assert not masked.any()
    weights = sg.delta(np.zeros((1, 180)), width=173, order=limits.MAX_ORDER)
    assert np.isfinite(weights).all()


def test_bins_beyond_every_float_are_infinite():
    assert sg.CqtParams(1, 1, 1.0).bin_frequency(1023) == 2.0**1023
    assert sg.CqtParams(1, 1, 1.0).bin_frequency(2**63) == np.inf


SIZES = (
    2**27,
    2**31,
    2**62,
    -(2**27),
    10**400,
    1e9,
    1e300,
    -1e300,
    1e-300,
    float("nan"),
    [1e300],
    ["kaiser", 1e300],
)
RATES = (2**31, 10**400, 1e12, 1e300, 1e-300, float("nan"), float("inf"), 0, -1)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::spectrograms.errors.SpectrogramWarning")
@pytest.mark.parametrize("name", frontends())
def test_case_6_frontends_refuse_sizes_at_once(name):
    row = definition_of(name)
    needed = {key: 80 if "mel" in key else 400 for key, kind in row.parameters.items() if kind.required}
    rate = {"sample_rate": 16000} if row.rate is None else {}
    tries = [{**needed, **rate, key: value} for key in row.parameters for value in SIZES]
    tries += [{**needed, "sample_rate": value} for value in RATES]
    begun = time.process_time()
    for given in tries:
        try:
            made = sg.frontend(name, **given)
        except (sg.InvalidInputError, TypeError, MemoryError) as error:
            text = str(error)
        else:
            text = repr(made)
        assert 0 < len(text) < 2000
        assert "Unable to allocate" not in text, given
    assert time.process_time() - begun < 20.0


def test_a_transform_of_scipy_is_refused_before_its_rows_are_made():
    tracemalloc.start()
    try:
        with pytest.raises(MemoryError, match="the transform must be at most"):
            sg.frontend("scipy_spectrogram", sample_rate=8000, nfft=2**25)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_every_number_of_a_public_function_is_tried():
    """The names of counts and sizes in the signatures of functions, against the calls above."""
    told = " ".join(f"{name} {inspect.getsource(call)}" for name, call in CALLS.items())
    told += " stack_frames set_num_threads"  # have tests of their own
    untold = []
    for name in sg.__all__:
        thing = getattr(sg, name)
        if inspect.isfunction(thing) and name not in told:
            for parameter, what in inspect.signature(thing).parameters.items():
                if str(what.annotation) in ("int", "int | None") and parameter not in HARMLESS:
                    untold.append(f"{name}({parameter})")
    assert untold == []


# Steps, positions and numbers of things that are there: none makes an array or a loop longer.
HARMLESS = {"axis", "hop_size", "power", "frame_idx", "stream", "num_threads", "channels", "sample_rate"}


# --- values that are numbers, and no sense -------------------------------------------------------------

ERB = sg.ErbParams(4, 50.0, 3000.0)


def spectrogram(**changes):
    given = {"scale": sg.MelParams(4, 0.0, 3000.0), "amplitude": "db", "rate": 8000.0, "floor": -80.0}
    given |= {"window": "hann"} | changes
    params = sg.SpectrogramParams(sg.StftParams(64, 32, given["window"]), given["rate"])
    plan = sg.SpectrogramPlan(params, given["scale"], given["amplitude"], sg.LogParams(given["floor"]))
    return plan.compute(X), plan.frequencies, plan.conventions


SENSELESS = {
    "floor": lambda: spectrogram(floor=1e308),
    "floor as a power": lambda: spectrogram(floor=3083.0),
    "floor of gammatones": lambda: sg.gammatone_iir_spectrogram(
        X, 8000.0, 64, 32, sg.ErbParams(4, 50.0, 3000.0, db_floor=1e308)
    ),
    "rate": lambda: spectrogram(rate=1e300, scale=ERB),
    "rate of bins": lambda: sg.StftPlan(sg.SpectrogramParams(STFT, 1e308)).frequencies,
    "rate of gammatones": lambda: sg.gammatone_iir_spectrogram(X, 2.0**64, 64, 32, ERB),
    "rate of MFCC": lambda: sg.MfccPlan(STFT, 1e13, 9, sg.MfccParams(4)),
    "endless gammatones": lambda: sg.gammatone_center_frequencies(sg.ErbParams(4, 50.0, np.inf)),
    "gammatones beyond floats": lambda: sg.gammatone_center_frequencies(sg.ErbParams(4, 50.0, 1e308)),
    "tuning next to 0": lambda: sg.build_chroma_filterbank(8000.0, 64, sg.ChromaParams(5e-324)),
    "tuning next to infinity": lambda: sg.build_chroma_filterbank(
        1e-18, 64, sg.ChromaParams(1e308, f_min=1e-300)
    ),
    "sum of a window": lambda: sg.WindowType.custom([1e308] * 64, "sum"),
    "energy of a window": lambda: sg.WindowType.custom([1e300] * 64, "energy"),
    "spacing of rows": lambda: sg.compute_fft2d(MATRIX, (5e-324, 1.0)),
    "spacing of columns": lambda: sg.compute_fft2d(MATRIX, (1.0, -1e-320)),
    "axis of delta": lambda: sg.delta(MATRIX, axis=2),
    "axis of add_deltas": lambda: sg.add_deltas(MATRIX, axis=-3),
    "axis of stack_frames": lambda: sg.stack_frames(MATRIX, 2, axis=2**31),
    "seed of masks": lambda: sg.spec_augment(MATRIX, seed=-1),
    "seeds of masks": lambda: sg.spec_augment(MATRIX, seed=(1, -1)),
    "seed of phases": lambda: sg.griffin_lim(MATRIX, PARAMS, seed=-1),
    "no threads": lambda: sg.set_num_threads(0),
    "less than no threads": lambda: sg.StftPlan(PARAMS).compute_batch([X], num_threads=-1),
    "an integer of NumPy's": lambda: sg.IstftPlan(STFT).output_length(0),
}


@together("call", SENSELESS.values(), ids=SENSELESS)
def test_case_6_values_without_sense_are_refused_without_warnings(call):
    with pytest.raises(sg.InvalidInputError) as caught:
        call()
    assert 0 < len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [1e300, 1e-300, 5e-324, -1e308, 1e308], ids=repr)
def test_numbers_in_errors_are_short(value):
    tries = [
        lambda: sg.MelParams(4, value, 0.0), lambda: sg.ErbParams(4, value, value),
        lambda: sg.SpectrogramParams(STFT, -abs(value)), lambda: spectrogram(rate=value, scale=ERB),
        lambda: sg.lowpass_filter(MATRIX, 1.5 + abs(value)), lambda: sg.CqtParams(1, 1, -abs(value)),
        lambda: sg.ILDSpectrogramParams(PARAMS, value, value),
        lambda: sg.fft_deconvolve(X, X, -abs(value)),
    ]  # fmt: skip
    for call in tries:
        with pytest.raises(sg.InvalidInputError) as caught:
            call()
        assert 0 < len(str(caught.value)) < 200


@pytest.mark.parametrize("axis", [0.0, None, "0", (0,)], ids=repr)
def test_an_axis_is_one_integer(axis):
    for call in (sg.delta, sg.add_deltas, lambda m, axis: sg.stack_frames(m, 2, axis=axis)):
        with pytest.raises(TypeError, match="axis must be an integer"):
            call(MATRIX, axis=axis)


def test_numbers_of_numpy_do_not_wrap_round():
    big = np.int64(2**63 - 1)
    length = sg.IstftPlan(STFT).output_length(big)
    assert (type(length), length) == (int, (2**63 - 2) * 32)
    for window in (sg.WindowType.kaiser(np.inf), sg.WindowType.kaiser(1e308), sg.WindowType.gaussian(1e-300)):
        assert window.make(8).shape == (8,)


def test_seeds_are_those_of_numpy():
    for seed in (0, 7, 2**70, (1, 2), np.int64(7), np.array([1, 2])):
        assert sg.spec_augment(MATRIX, seed=seed).tobytes() == sg.spec_augment(MATRIX, seed=seed).tobytes()
    for seed in (None, 1.0, "1", [[1]]):
        with pytest.raises(TypeError, match="seed must be an integer"):
            sg.spec_augment(MATRIX, seed=seed)


def test_case_6_a_hop_of_a_frontend_is_bounded():
    with pytest.raises(MemoryError, match="the hop"):
        sg.frontend("vggish_logmel", hop_length_secs=2**40)
    assert sg.frontend("vggish_logmel", hop_length_secs=2**14).compute(np.zeros(3000)).shape == (1, 64)
