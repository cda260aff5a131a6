"""What comes in as numbers, everywhere: bytes and complex numbers are refused, any float is taken."""

import array
import ctypes
import mmap
from decimal import Decimal

import ml_dtypes
import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.fourier import image
from spectrograms.features.fourier.arrays import as_complex

from ..support.exporters import DlpackOnly
from ..support.naming import naming
from ..support.together import together

STFT = sg.StftParams(64, 16, "hann")
PARAMS = sg.SpectrogramParams(STFT, 8000)
MEL = sg.MelParams(8, 0.0, 4000.0)
MDCT = sg.MdctParams.sine_window(16)
PLAN = sg.SpectrogramPlan(PARAMS, MEL, "db", dtype="float32")
SET = sg.FeatureSet(STFT, 8000.0, {"mel": MEL, "rms": "rms"})
OVERLAP = sg.OverlapSaveConvolver([1.0, 0.5], 600)
IMAGE_PLANNER, FFT_PLANNER = sg.Fft2dPlanner(), sg.FftPlanner()
ERB = sg.ErbParams(8, 100.0, 3000.0)
N = 600


def length(x):
    return len(x) if hasattr(x, "__len__") else 1 if isinstance(x, complex) else N


# Everything that takes one signal of real numbers, as a function of it.
SIGNALS = {
    "plan": lambda x: PLAN.compute(x).data,
    "plan out": lambda x: PLAN.compute(x, out=np.empty(PLAN.output_shape(length(x)), "f4")),
    "frame": lambda x: PLAN.compute_frame(x, 2),
    "matrix": PLAN.compute_matrix,
    "batch": lambda x: PLAN.compute_batch([x])[0].data,
    "stream": lambda x: PLAN.stream().push(x),
    "one shot": lambda x: sg.compute_mel_db_spectrogram(x, PARAMS, MEL).data,
    "stft": lambda x: sg.compute_stft(x, PARAMS).data,
    "mfcc": lambda x: sg.compute_mfcc(x, STFT, 8000, 8, sg.MfccParams(5)).data,
    "chroma": lambda x: sg.compute_chromagram(x, STFT, 8000, sg.ChromaParams()).data,
    "descriptor": lambda x: sg.DescriptorPlan(STFT, 8000, "centroid").compute(x).data,
    "set": lambda x: SET.compute(x)["mel"].data,
    "set batch": lambda x: SET.compute_batch([x])["mel"][0].data,
    "set stream": lambda x: SET.stream().push(x)["mel"],
    "channels": lambda x: sg.compute_stft_multichannel([x, x], PARAMS),
    "binaural": lambda x: (
        sg.compute_ild_spectrogram([x, np.ones(N)], sg.ILDSpectrogramParams(PARAMS, 1000.0, 3000.0)).data
    ),
    "cqt": lambda x: sg.cqt(x, 8000, sg.CqtParams(12, 2, 400.0), 128).data,
    "gammatone": lambda x: sg.gammatone_iir_spectrogram(x, 8000, 64, 16, ERB)[0],
    "source": lambda x: sg.GammatoneSource(8000, 64, 16, ERB).compute_matrix(x),
    "mdct": lambda x: sg.mdct(x, MDCT),
    "fft": sg.compute_fft,
    "rfft": lambda x: sg.compute_rfft(x, N),
    "power": lambda x: sg.compute_power_spectrum(x, N, "hann"),
    "magnitude": lambda x: sg.compute_magnitude_spectrum(x, N),
    "fft planner": FFT_PLANNER.fft,
    "rfft planner": lambda x: FFT_PLANNER.rfft(x, N),
    "convolve": lambda x: sg.fft_convolve([1.0, 2.0], x),
    "convolve first": lambda x: sg.fft_convolve(x, [1.0, 2.0]),
    "deconvolve": lambda x: sg.fft_deconvolve(x, [1.0, 0.5]),
    "block": lambda x: (OVERLAP.reset(), OVERLAP.process_block(x))[1],
    "response": lambda x: sg.OverlapSaveConvolver(x, 4).process([1.0, 2.0]),
    "minimum phase": sg.minimum_phase,
    "window": lambda x: sg.WindowType.custom(x).coefficients,
    "window of a spectrum": lambda x: sg.compute_power_spectrum(np.ones(N), N, sg.WindowType.custom(x)),
    "decibels": sg.power_to_db,
    "from decibels": sg.db_to_power,
    "slope": sg.delta,
    "frontend": lambda x: sg.frontend("librosa_melspectrogram").compute(x),
    "frontend batch": lambda x: sg.frontend("librosa_melspectrogram").compute_batch([x])[0],
    "frontend stream": lambda x: sg.frontend("kaldi_fbank").stream().push(x),
    "scipy": lambda x: sg.frontend("scipy_stft", sample_rate=8000).compute(x),
}
# And a matrix of them; signals in the rows, or bands.
MATRICES = {
    "batch": PLAN.compute_batch,
    "batch out": lambda x: PLAN.compute_batch(x, out=np.empty((8, *PLAN.output_shape(N)), "f4")),
    "set batch": lambda x: SET.compute_batch(x)["mel"],
    "channels": lambda x: sg.compute_stft_multichannel(x, PARAMS),
    "frontend batch": sg.frontend("librosa_melspectrogram").compute_batch,
    "fft2d": sg.fft2d,
    "power 2-D": sg.power_spectrum_2d,
    "compute 2-D": lambda x: sg.compute_fft2d(x).data,
    "planner 2-D": IMAGE_PLANNER.fft2d,
    "lowpass": lambda x: sg.lowpass_filter(x, 0.5),
    "sharpen": lambda x: sg.sharpen_fft(x, 1.0),
    "edges": image.detect_edges_fft,
    "convolve": lambda x: sg.convolve_fft(x, np.ones((3, 3))),
    "kernel": lambda x: sg.convolve_fft(np.ones((N, N)), x),
    "decibels": sg.amplitude_to_db,
    "slopes": sg.add_deltas,
    "stacks": lambda x: sg.stack_frames(x, 2),
    "pcen": lambda x: sg.pcen(x, 8000, 16),
    "mfcc": lambda x: sg.mfcc_from_log_mel(x, sg.MfccParams(5)).data,
    "invert": lambda x: sg.invert_mel(x, PARAMS, MEL, n_iter=2),
    "imdct": lambda x: sg.imdct(x, MDCT),
    "augment": lambda x: sg.spec_augment(x, seed=0),
}
BYTES = r"must be numbers, got .*; from_pcm makes samples of raw PCM"


def byte_buffers(n):
    data = bytes(range(100)) * (n // 100)
    mapped = mmap.mmap(-1, n)
    mapped[:] = data
    return {
        "bytes": data,
        "bytearray": bytearray(data),
        "memoryview": memoryview(data),
        "signed": memoryview(data).cast("b"),
        "characters": memoryview(data).cast("c"),
        "mmap": mapped,
        "ctypes": (ctypes.c_char * n).from_buffer_copy(data),
        "array": array.array("B", data),
        "array of bytes": np.frombuffer(data, "S1"),
        "void": np.frombuffer(data, "V2"),
        "list": [data, data],
        "objects": np.array([data, 1.0], object),
    }


@together("taker", SIGNALS)
def test_case_3_2_bytes_are_no_samples(taker):
    for kind, data in byte_buffers(3000).items():
        with naming(kind):
            with pytest.raises(TypeError, match=BYTES) as caught:
                SIGNALS[taker](data)
            assert len(str(caught.value)) < 120


@together("taker", MATRICES)
def test_case_3_2_bytes_are_no_matrix(taker):
    for rows in (
        bytes(1000),
        bytearray(1000),
        memoryview(bytes(1000)).cast("B", (10, 100)),
        [bytearray(9)] * 8,
    ):
        if taker == "batch out" and isinstance(rows, list):
            continue  # which wants one array
        with pytest.raises(TypeError, match=BYTES):
            MATRICES[taker](rows)


def test_case_3_2_the_item_of_a_batch_is_named():
    for batch in (PLAN.compute_batch, SET.compute_batch, sg.frontend("kaldi_fbank").compute_batch):
        with pytest.raises(
            TypeError, match=r"^signals\[1\]: samples must be numbers, got bytes; from_pcm"
        ) as caught:
            batch([np.zeros(N), bytes(100_000)])
        assert len(str(caught.value)) < 120


def test_case_3_2_errors_do_not_repeat_the_data():
    for text in ("1 2 " * 10_000, ["x" * 10_000], np.array(["x" * 10_000], object)):
        with pytest.raises(ValueError, match="could not convert string to float") as caught:
            PLAN.compute(text)
        assert len(str(caught.value)) < 300


# --- complex ------------------------------------------------------------------------------------------

ONES = np.ones(N)


class Complex:
    """A tensor of another library."""

    def __array__(self, dtype=None, copy=None):
        return ONES.astype(complex)


COMPLEX = {
    "array": ONES + 1j,
    "no imaginary part": ONES.astype(np.complex64),
    "list": [1j] * N,
    "one of a list": [1.0] * (N - 1) + [1 + 0j],
    "objects": np.array([1.0] * (N - 1) + [2j], object),
    "NumPy's among objects": np.array([1.0] * (N - 1) + [np.complex64(1)], object),
    "arrays among objects": np.array([1.0] * (N - 1) + [None], object),
    "a tensor": Complex(),
    "one number": 2j,
    "ml_dtypes": ONES.astype(ml_dtypes.bcomplex32),
}
COMPLEX["arrays among objects"][-1] = np.array(3j)


# What was refused at all times, and which calls refused nearly all of these.
ALWAYS_REFUSED = {"objects", "one number"}
ALWAYS_STRICT = {"decibels", "from decibels", "slope", "frontend", "frontend batch", "scipy"}


def check_complex(taker, kinds):
    expected = r"must be real|must be [12]-D|must be 1-D, got|unsized|flat list"
    for kind in kinds:
        with naming(kind), pytest.raises(TypeError, match=expected):
            SIGNALS[taker](COMPLEX[kind])


@together("kind", [kind for kind in COMPLEX if kind not in ALWAYS_REFUSED])
@together("taker", [taker for taker in SIGNALS if taker not in ALWAYS_STRICT])
def test_case_3_3_complex_numbers_are_no_samples(taker, kind):
    check_complex(taker, [kind])


@together("taker", SIGNALS)
def test_complex_numbers_that_were_refused_at_all_times(taker):
    check_complex(taker, COMPLEX if taker in ALWAYS_STRICT else ALWAYS_REFUSED)


@together("taker", sorted(set(MATRICES) - {"augment", "stacks", "decibels"}))
def test_case_3_3_complex_numbers_are_no_matrix(taker):
    for values in (np.ones((8, N), complex), np.ones((8, N), ml_dtypes.complex32), [[0.5, 1j]] * 8):
        if taker == "batch out" and isinstance(values, list):
            continue
        with pytest.raises(TypeError, match="must be real"):
            MATRICES[taker](values)


@pytest.mark.parametrize(
    "number", [np.complex64(1), np.complex128(1), ml_dtypes.bcomplex32(1), np.array(1 + 0j), 1j]
)
def test_case_3_3_complex_numbers_are_no_parameters(number):
    for take in (
        lambda x: sg.MelParams(8, x, 4000.0),
        lambda x: sg.SpectrogramParams(STFT, x),
        lambda x: sg.power_to_db(ONES, ref=x),
        lambda x: sg.spec_augment(np.ones((4, 4)), seed=1, value=x),
        lambda x: sg.spec_augment(np.ones((4, 4)), seed=1, lengths=[x]),
        lambda x: sg.frontend("kaldi_fbank", scale=x),
        lambda x: sg.frontend("gemma3n_mel", feature_size=2, per_bin_mean=[x, x]),
        lambda x: sg.frontend("gemma3n_mel", feature_size=2, per_bin_mean=np.array([x, x])),
    ):
        with pytest.raises(TypeError, match=r"number|real"):
            take(number)


def test_case_3_2_bytes_are_no_pair_of_channels():
    params = sg.ILDSpectrogramParams(PARAMS, 1000.0, 3000.0)
    for pair in (b"ab", bytearray(2), memoryview(b"ab"), [bytes(99), bytes(99)]):
        with pytest.raises(TypeError, match=BYTES):
            sg.compute_ild_spectrogram(pair, params)


def test_complex_numbers_stay_where_they_belong():
    spectrum = sg.compute_fft(np.arange(8.0))
    for form in (spectrum, spectrum.tolist(), spectrum.astype(object), spectrum.astype(ml_dtypes.complex32)):
        np.testing.assert_allclose(sg.compute_irfft(form, 8), np.arange(8.0), atol=0.02)
    assert as_complex("x", np.array([1, 1j], object), 1, "float64").tolist() == [1, 1j]
    assert sg.spec_augment(np.full((4, 5), 1j), seed=0).dtype == complex


# --- floats of other packages ---------------------------------------------------------------------------

FLOATS = [
    "bfloat16", "float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e3m4",
    "float6_e3m2fn", "float4_e2m1fn", "int4",
]  # fmt: skip
WAVE = np.round(2.0 * np.sin(np.arange(N) * 0.3)) + 0.0


@pytest.mark.slow
@together("taker", SIGNALS)
def test_every_float_is_taken(taker):
    for dtype in FLOATS:
        if dtype == "int4" and "frontend" in taker and taker != "frontend stream":
            continue
        x = WAVE.astype(getattr(ml_dtypes, dtype))
        expected = SIGNALS[taker](x.astype(np.float32))
        with naming(dtype):
            for form in (x, np.repeat(x, 2)[::2]):
                np.testing.assert_allclose(SIGNALS[taker](form), expected, rtol=1e-6, atol=1e-6)
            if taker in ("plan", "fft", "frontend", "stream", "block"):
                assert SIGNALS[taker](x).tobytes() == expected.tobytes()


@together("taker", sorted(set(MATRICES) - {"kernel"}))
def test_matrices_of_bfloat16(taker):
    x = np.abs(np.random.default_rng(0).standard_normal((8, N))).astype(ml_dtypes.bfloat16)
    found, expected = MATRICES[taker](x), MATRICES[taker](x.astype(np.float32))
    np.testing.assert_allclose(found.astype(expected.dtype), expected, rtol=1e-5, atol=1e-5)


def test_features_keep_their_type():
    x = np.ones((8, 20), ml_dtypes.bfloat16)
    assert sg.spec_augment(x, seed=0).dtype == ml_dtypes.bfloat16
    assert sg.stack_frames(x, 2).dtype == ml_dtypes.bfloat16


class Bfloat16:
    """A tensor of a type that NumPy lacks, as torch has it."""

    def __init__(self, values):
        self.values = values.astype(np.float32).astype(ml_dtypes.bfloat16)

    def __len__(self):
        return len(self.values)

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, **options):
        return self.values.__dlpack__(**options)  # which refuses

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Got unsupported ScalarType BFloat16")

    def is_floating_point(self):
        return True

    def element_size(self):
        return 2

    def float(self):
        return self.values.astype(np.float32)


@together("taker", SIGNALS)
def test_case_3_4_bfloat16_tensors_are_taken(taker):
    x = 0.1 * WAVE
    values = x.astype(np.float32).astype(ml_dtypes.bfloat16).astype(np.float32)
    assert not np.array_equal(values, x.astype(np.float32))
    np.testing.assert_array_equal(SIGNALS[taker](Bfloat16(x)), SIGNALS[taker](values))


@pytest.mark.parametrize("name", ["whisper_openai", "kaldi_fbank", "scipy_stft"])
def test_case_3_4_frontends_take_bfloat16(name):
    made = sg.frontend(name, **({"sample_rate": 8000} if name == "scipy_stft" else {}))
    x = (0.1 * WAVE).astype(ml_dtypes.bfloat16)
    expected = made.compute(x.astype(np.float32))
    assert made.compute(x).tobytes() == expected.tobytes()
    assert made.compute_batch([x])[0].tobytes() == expected.tobytes()
    assert made.compute_batch(x[np.newaxis])[0].tobytes() == expected.tobytes()


def test_numbers_of_every_kind_among_objects():
    x = np.array([np.float32(0.5), Decimal("0.25"), True, np.array(3.0), ml_dtypes.bfloat16(2)], object)
    assert np.array_equal(sg.fft_convolve(x, [1.0]).round(12), [0.5, 0.25, 1, 3, 2])
    with pytest.raises(TypeError, match="an array of shape"):
        sg.compute_fft(np.array([1.0, np.ones(1), np.ones(2)], object))


# --- DLPack, __array__ ------------------------------------------------------------------------------------


class NoCopyKeyword:
    """An array of a library that has not yet heard of NumPy 2."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None):
        return self.values if dtype is None else self.values.astype(dtype)


@pytest.mark.parametrize("wrap", [NoCopyKeyword, DlpackOnly])
def test_case_3_5_every_array_comes_through_one_door(wrap):
    """Warnings are errors here: NumPy warns of ``__array__`` that lacks `copy`, if it is asked for one."""
    window = np.hanning(64)
    assert sg.StftParams(64, 16, window=wrap(window)) == sg.StftParams(64, 16, window=window)
    assert sg.WindowType.custom(wrap(window)) == sg.WindowType.custom(window)
    x = np.abs(np.random.default_rng(0).standard_normal((8, N)))
    for taker, take in MATRICES.items():
        if taker != "kernel":
            assert np.array_equal(take(wrap(x)), take(x)), taker
    for taker, take in SIGNALS.items():
        assert np.array_equal(take(wrap(WAVE)), take(WAVE), equal_nan=True), taker
    lengths = np.array([3, 5])
    batch = np.ones((2, 8, 10))
    masked = sg.spec_augment(wrap(batch), seed=1, lengths=wrap(lengths))
    assert np.array_equal(masked, sg.spec_augment(batch, seed=1, lengths=lengths))
    assert np.array_equal(
        sg.compute_irfft(wrap(sg.compute_fft(WAVE)), N), sg.compute_irfft(sg.compute_fft(WAVE), N)
    )


class GivesNoneAway:
    """A producer whose type of numbers DLPack does not have."""

    def __dlpack__(self, **options):
        return np.zeros(3, np.longdouble).__dlpack__(**options)

    def __dlpack_device__(self):
        return (1, 0)


@pytest.mark.parametrize("samples", [GivesNoneAway(), [GivesNoneAway()] * 3], ids=["one", "in a list"])
def test_case_6_what_gives_no_numbers_away_is_one_error(samples):
    with pytest.raises(TypeError, match="samples must be numbers, got a GivesNoneAway"):
        sg.compute_linear_power_spectrogram(
            samples, sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
        )


def misaligned(array):
    odd = np.empty(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    odd[...] = array
    assert not odd.flags.aligned
    return odd


@together("dtype", ["f4", "f8"])
@together("taker", [*SIGNALS, *(f"{name} of a matrix" for name in MATRICES)])
def test_misaligned_numbers_are_as_good_as_others(taker, dtype):
    name = taker.removesuffix(" of a matrix")
    take, shape = (SIGNALS[name], N) if taker in SIGNALS else (MATRICES[name], (8, N))
    x = np.random.default_rng(0).random(shape).astype(dtype)
    np.testing.assert_array_equal(take(misaligned(x)), take(x))


@pytest.mark.parametrize("dtype", ["c8", "c16"])
@pytest.mark.parametrize(
    "take",
    [
        lambda x: sg.compute_irfft(x[:, 0], 64, "float32" if x.itemsize == 8 else None),
        lambda x: sg.ifft2d(x, 8, "float32" if x.itemsize == 8 else None),
        lambda x: sg.compute_istft(x, 64, 16, "hann", dtype="float32" if x.itemsize == 8 else None),
        lambda x: sg.magphase(x)[1],
    ],
    ids=["irfft", "ifft2d", "istft", "magphase"],
)
def test_misaligned_spectra_are_as_good_as_others(take, dtype):
    rng = np.random.default_rng(0)
    x = (rng.random((33, 5)) + 1j * rng.random((33, 5))).astype(dtype)
    np.testing.assert_array_equal(take(misaligned(x)), take(x))
