"""Parameter classes: conversion, validation, value semantics, repr, plain data."""

import copy
import inspect
import json
import pickle
from decimal import Decimal

import numpy as np
import pytest

from spectrograms import params
from spectrograms.errors import InvalidInputError
from spectrograms.params import (
    ChromaNorm,
    ChromaParams,
    CqtParams,
    ErbParams,
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
    LogHzParams,
    LogParams,
    MdctParams,
    MelNorm,
    MelParams,
    MfccParams,
    SpectrogramParams,
    StftParams,
    WindowType,
    parse_dtype,
)

HANN = WindowType.hanning
STFT = StftParams(512, 160, HANN)
SPEC = SpectrogramParams(STFT, 16000)
INF = float("inf")
NAN = float("nan")

# One line per class and per kind of option: the object and the text that stands for it.
REPRS = [
    (STFT, "StftParams(n_fft=512, hop_size=160, window=Hanning, centre=true)"),
    (
        StftParams(512, 160, WindowType.kaiser(8.6), False),
        "StftParams(n_fft=512, hop_size=160, window=Kaiser(beta=8.6), centre=false)",
    ),
    (
        StftParams(512, 160, "hann", win_length=400, pad_mode="reflect", periodic=True),
        "StftParams(n_fft=512, hop_size=160, window=Hanning, centre=true, win_length=400, "
        "pad_mode='reflect', periodic=true)",
    ),
    (
        StftParams(2**62, 1, WindowType.gaussian(2)),
        "StftParams(n_fft=4611686018427387904, hop_size=1, window=Gaussian(std=2), centre=true)",
    ),
    (SPEC, "SpectrogramParams(sample_rate=16000, n_fft=512, hop_size=160)"),
    (SpectrogramParams(STFT, 44100.5), "SpectrogramParams(sample_rate=44100.5, n_fft=512, hop_size=160)"),
    (LogParams(-80), "LogParams(floor_db=-80)"),
    (LogParams(-80.5), "LogParams(floor_db=-80.5)"),
    (MelParams(40, 0, 8000), "MelParams(n_mels=40, f_min=0, f_max=8000, norm='None')"),
    (MelParams(40, 0.0, 1e-7, "SLANEY"), "MelParams(n_mels=40, f_min=0, f_max=0.0000001, norm='slaney')"),
    (
        MelParams(40, 0.1, 1e20, MelNorm.l2, formula="htk"),
        "MelParams(n_mels=40, f_min=0.1, f_max=100000000000000000000, norm='l2', formula='htk')",
    ),
    (MelParams(40, 0, INF), "MelParams(n_mels=40, f_min=0, f_max=inf, norm='None')"),
    (ErbParams(40, 0, 8000), "ErbParams(n_filters=40, f_min=0, f_max=8000)"),
    (
        ErbParams(40, 50, 8000, spacing="apple_tr35", db_floor=-45),
        "ErbParams(n_filters=40, f_min=50, f_max=8000, spacing='apple_tr35', db_floor=-45)",
    ),
    (LogHzParams(84, 27.5, 4186), "LogHzParams(n_bins=84, f_min=27.5, f_max=4186)"),
    (CqtParams(12, 7, 32.7), "CqtParams(num_bins=84)"),
    (
        CqtParams(12, 7, 32.7, align="centre", q_factor=20, window="hamming", sparsity=0, normalize=False),
        "CqtParams(num_bins=84, align='centre', q_factor=20, window=Hamming, sparsity=0, normalize=false)",
    ),
    (ChromaParams(), "ChromaParams(tuning=440, f_min=32.7, f_max=4186, norm='l2')"),
    (ChromaParams(442, norm="none"), "ChromaParams(tuning=442, f_min=32.7, f_max=4186, norm='None')"),
    (MfccParams(), "MfccParams(n_mfcc=13)"),
    (
        MfccParams(20, dct_norm="ortho", lifter=0, include_c0=False),
        "MfccParams(n_mfcc=20, dct_norm='ortho', lifter=0, include_c0=false)",
    ),
    (MdctParams(64, 100, HANN), "MdctParams(window_size=64, hop_size=100, n_coefficients=32)"),
    (
        ITDSpectrogramParams(SPEC, magphase_power=2),
        f"ITDSpectrogramParams(spectrogram_params={SPEC!r}, start_freq=50, end_freq=620, magphase_power=2)",
    ),
    (
        IPDSpectrogramParams(SPEC, 100, 600, True),
        f"IPDSpectrogramParams(spectrogram_params={SPEC!r}, start_freq=100, end_freq=600, wrapped=true)",
    ),
    (
        ILDSpectrogramParams(SPEC),
        f"ILDSpectrogramParams(spectrogram_params={SPEC!r}, start_freq=1700, end_freq=4600)",
    ),
    (
        ILRSpectrogramParams(SPEC, end_freq=8000),
        f"ILRSpectrogramParams(spectrogram_params={SPEC!r}, start_freq=1700, end_freq=8000)",
    ),
    (HANN, "Hanning"),
    (WindowType.rectangular, "Rectangular"),
    (WindowType.hamming, "Hamming"),
    (WindowType.blackman, "Blackman"),
    (WindowType.kaiser(-8), "Kaiser(beta=-8)"),
    (WindowType.gaussian(1e-7), "Gaussian(std=0.0000001)"),
    (WindowType.custom(np.arange(8.0)), "Custom(n=8)"),
    (StftParams(8, 4, np.arange(8.0)), "StftParams(n_fft=8, hop_size=4, window=Custom(n=8), centre=true)"),
    (MdctParams.sine_window(64), "MdctParams(window_size=64, hop_size=32, n_coefficients=32)"),
]
OBJECTS = [thing for thing, _ in REPRS]
every_object = pytest.mark.parametrize("thing", OBJECTS, ids=repr)


@pytest.mark.parametrize(("thing", "text"), REPRS, ids=[text for _, text in REPRS])
def test_repr(thing, text):
    assert repr(thing) == str(thing) == text


def test_window_repr_of_special_numbers():
    assert repr(WindowType.kaiser(NAN)) == "Kaiser(beta=NaN)"
    assert repr(WindowType.kaiser(-INF)) == "Kaiser(beta=-inf)"


@every_object
def test_frozen(thing):
    field = thing._fields[0]
    with pytest.raises(AttributeError, match=f"immutable: cannot set '{field}'"):
        setattr(thing, field, getattr(thing, field))
    with pytest.raises(AttributeError, match=f"immutable: cannot delete '{field}'"):
        delattr(thing, field)
    with pytest.raises(AttributeError, match="immutable"):
        thing.something_else = 1
    assert not hasattr(thing, "__dict__")


@every_object
def test_copies_are_equal(thing):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        clone = pickle.loads(pickle.dumps(thing, protocol))
        assert clone == thing
        assert hash(clone) == hash(thing)
        assert type(clone) is type(thing)
        assert repr(clone) == repr(thing)
    assert copy.copy(thing) is thing
    assert copy.deepcopy(thing) is thing


@every_object
def test_plain_data_round_trip(thing):
    data = thing.to_dict()
    assert data["type"] == type(thing).__name__
    text = json.dumps(data)
    clone = params.from_dict(json.loads(text))
    assert clone == thing
    assert type(thing).from_dict(data) == thing
    assert json.dumps(clone.to_dict()) == text


def test_all_objects_differ():
    assert len(set(OBJECTS)) == len(OBJECTS)
    assert all((a == b) is (a is b) for a in OBJECTS for b in OBJECTS)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (StftParams(512, 160, "hann"), StftParams(np.int64(512), 160, HANN, True, win_length=512)),
        (StftParams(512, 160, HANN, center=False), StftParams(512, 160, HANN, False)),
        (CqtParams(12, 7, 32.7), CqtParams(12, 7, 32.7, q_factor=1 / (2 ** (1 / 12) - 1))),
        (CqtParams(12, 7, 32.7, sparsity=-1), CqtParams(12, 7, 32.7, sparsity=0)),
        (CqtParams(12, 7, 32.7, align="center"), CqtParams(12, 7, 32.7, align="centre")),
        (MelParams(40, 0, 8000, "none"), MelParams(40, False, Decimal(8000), None)),
        (ChromaParams(), ChromaParams(norm=ChromaNorm.L2)),
        (ITDSpectrogramParams(SPEC, None, None, None), ITDSpectrogramParams(SPEC, magphase_power=0)),
        (IPDSpectrogramParams(SPEC, wrapped=None), IPDSpectrogramParams(SPEC)),
        (WindowType.custom([1, 2]), WindowType.custom(np.array([1.0, 2.0], dtype=">f4"))),
    ],
)
def test_equal_however_spelled(a, b):
    assert a == b
    assert hash(a) == hash(b)
    assert a.to_dict() == b.to_dict()


def test_not_equal_to_other_types():
    assert MelParams(40, 0, 8000) != ErbParams(40, 0, 8000)
    assert ILDSpectrogramParams(SPEC) != ILRSpectrogramParams(SPEC)
    assert LogParams(1.0) != 1.0
    assert WindowType.custom([1.0, 2.0]) != WindowType.custom([1.0, 3.0])


def test_attributes():
    stft = StftParams(512, 160, "kaiser=8.0", win_length=400)
    assert (stft.n_fft, stft.hop_size, stft.centre, stft.center) == (512, 160, True, True)
    assert (stft.window, stft.win_length, stft.pad_mode, stft.periodic) == (
        WindowType.kaiser(8.0),
        400,
        "zeros",
        False,
    )
    assert STFT.win_length == 512
    assert (SPEC.stft, SPEC.sample_rate) == (STFT, 16000.0)
    assert type(SPEC.sample_rate) is float
    assert type(StftParams(np.uint8(8), True, HANN).hop_size) is int
    mfcc = MfccParams()
    assert (mfcc.n_mfcc, mfcc.dct_norm, mfcc.lifter, mfcc.include_c0) == (13, None, 22, True)
    chroma = ChromaParams()
    assert (chroma.tuning, chroma.f_min, chroma.f_max, chroma.norm) == (440.0, 32.7, 4186.0, ChromaNorm.l2)
    itd = ITDSpectrogramParams(SPEC)
    assert (itd.spectrogram_params, itd.start_freq, itd.end_freq, itd.magphase_power) == (
        SPEC,
        50.0,
        620.0,
        1,
    )
    ild = ILDSpectrogramParams(SPEC)
    assert (ild.start_freq, ild.end_freq) == (1700.0, 4600.0)
    assert MdctParams(64, 10, "hamming").window is WindowType.hamming


def test_class_methods():
    assert SpectrogramParams.speech_default(16000) == SPEC
    assert SpectrogramParams.music_default(sample_rate=44100) == SpectrogramParams(
        StftParams(2048, 512, HANN, True), 44100.0
    )
    assert ChromaParams.music_standard() == ChromaParams()
    assert MfccParams.speech_standard() == MfccParams(13)
    assert MelParams.standard(16000) == MelParams(128, 0.0, 8000.0)
    sine = MdctParams.sine_window(64)
    assert (sine.hop_size, sine.n_coefficients) == (32, 32)
    np.testing.assert_allclose(
        sine.window.coefficients, [np.sin(np.pi * (n + 0.5) / 64) for n in range(64)], rtol=1e-14
    )


@pytest.mark.parametrize(
    ("name", "bins", "octaves", "f_min", "q", "sparsity"),
    [
        ("percussive", 12, 7, 32.7, None, 0.01),
        ("onset_detection", 24, 6, 55.0, 0.5, 0.02),
        ("chord_detection", 36, 5, 82.4, 0.8, 0.02),
        ("harmonic", 24, 7, 55.0, 1.0, 0.005),
        ("musical", 12, 7, 32.7, 1.0, 0.01),
    ],
)
def test_cqt_presets(name, bins, octaves, f_min, q, sparsity):
    preset = getattr(CqtParams, name)()
    assert preset == CqtParams(bins, octaves, f_min, q_factor=q, sparsity=sparsity)


def test_cqt_bins():
    cqt = CqtParams(12, 2, 110.0)
    assert cqt.num_bins == len(cqt.frequencies()) == 24
    assert cqt.bin_frequency(12) == 220.0
    assert cqt.frequencies()[7] == cqt.bin_frequency(7) == pytest.approx(110 * 2 ** (7 / 12), rel=1e-15)
    assert cqt.q_factor == pytest.approx(16.817153745105756, rel=1e-14)
    assert cqt.bin_bandwidth(12) == 220.0 / cqt.q_factor
    assert (cqt.align, cqt.window, cqt.sparsity, cqt.normalize) == ("end", HANN, 0.01, True)
    with pytest.raises(OverflowError, match="i must be >= 0"):
        cqt.bin_frequency(-1)


def test_cqt_setters_return_changed_copies():
    cqt = CqtParams(12, 2, 110.0)
    changed = cqt.with_q_factor(3).with_window("blackman").with_sparsity(-2.0).with_normalize(False)
    assert changed == CqtParams(
        12, 2, 110.0, q_factor=3.0, window=WindowType.blackman, sparsity=0.0, normalize=False
    )
    assert cqt == CqtParams(12, 2, 110.0)
    with pytest.raises(InvalidInputError, match="q_factor must be finite and > 0, got 0"):
        cqt.with_q_factor(0)


# Text of the message, then the calls that raise it.
INVALID = {
    "invalid zero value: n_fft must be >= 1, got 0": lambda: StftParams(0, 1, HANN),
    "invalid zero value: hop_size must be >= 1, got 0": lambda: StftParams(512, 0, HANN),
    "invalid zero value: win_length must be >= 1, got 0": lambda: StftParams(512, 1, HANN, win_length=0),
    "hop_size must be <= n_fft=512, got 1024": lambda: StftParams(512, 1024, HANN),
    "win_length must be <= n_fft=512, got 513": lambda: StftParams(512, 1, HANN, win_length=513),
    "Custom window size (5) must match n_fft (4)": lambda: StftParams(4, 1, np.ones(5)),
    "Custom window size (4) must match win_length (3)": lambda: StftParams(4, 1, np.ones(4), win_length=3),
    "pad_mode must be one of 'zeros', 'reflect', 'edge', got 'wrap'": lambda: StftParams(
        4, 1, HANN, pad_mode="wrap"
    ),
    "got 'bartlett'": lambda: StftParams(4, 1, "bartlett"),
    "got 'kaiser'": lambda: StftParams(4, 1, "kaiser"),
    "got 'kaiser=x'": lambda: StftParams(4, 1, "kaiser=x"),
    "got 'hann=3'": lambda: StftParams(4, 1, "hann=3"),
    "sample_rate_hz must be finite and > 0, got 0": lambda: SpectrogramParams(STFT, 0),
    "sample_rate_hz must be finite and > 0, got -1": lambda: SpectrogramParams.speech_default(-1),
    "sample_rate_hz must be finite and > 0, got inf": lambda: SpectrogramParams.music_default(INF),
    "sample_rate_hz must be finite and > 0, got NaN": lambda: MelParams.standard(NAN),
    "floor_db must be finite, got NaN": lambda: LogParams(NAN),
    "floor_db must be finite, got -inf": lambda: LogParams(-INF),
    "invalid zero value: n_mels must be >= 1, got 0": lambda: MelParams(0, 0, 1),
    "f_min must be >= 0, got -1": lambda: MelParams(10, -1, 1),
    "f_min must be >= 0, got NaN": lambda: MelParams(10, NAN, 1),
    "f_max must be > f_min=5, got 5": lambda: MelParams(10, 5, 5),
    "f_max must be > f_min=0, got NaN": lambda: MelParams(10, 0, NAN),
    "f_max must be > f_min=inf, got inf": lambda: MelParams(10, INF, INF),
    "Invalid norm string: 'x'. Must be one of: 'none', 'slaney', 'l1', 'l2'": lambda: MelParams(9, 0, 1, "x"),
    "formula must be one of 'slaney', 'htk', got 'kaldi'": lambda: MelParams(10, 0, 1, formula="kaldi"),
    "invalid zero value: n_filters must be >= 1, got 0": lambda: ErbParams(0, 0, 1),
    "n_filters must be >= 2 (single filter would cause division by zero), got 1": lambda: ErbParams(1, 0, 1),
    "f_min must be finite and >= 0, got -1": lambda: ErbParams(2, -1, 1),
    "f_min must be finite and >= 0, got NaN": lambda: ErbParams(2, NAN, 1),
    "f_max must be > f_min=1, got NaN": lambda: ErbParams(2, 1, NAN),
    "spacing must be one of 'linear', 'erb_rate', 'apple_tr35', got 'mel'": lambda: ErbParams(
        2, 0, 1, spacing="mel"
    ),
    "db_floor must be finite, got inf": lambda: ErbParams(2, 0, 1, db_floor=INF),
    "invalid zero value: n_bins must be >= 1, got 0": lambda: LogHzParams(0, 1, 2),
    "f_min must be finite and > 0, got 0": lambda: LogHzParams(10, 0, 2),
    "f_min must be finite and > 0, got NaN": lambda: LogHzParams(10, NAN, 2),
    "f_max must be > f_min=3, got 2": lambda: LogHzParams(10, 3, 2),
    "f_max must be > f_min=3, got NaN": lambda: LogHzParams(10, 3, NAN),
    "invalid zero value: bins_per_octave must be >= 1, got 0": lambda: CqtParams(0, 1, 1),
    "invalid zero value: n_octaves must be >= 1, got 0": lambda: CqtParams(1, 0, 1),
    "f_min must be finite and > 0, got inf": lambda: CqtParams(1, 1, INF),
    "f_min must be finite and > 0, got -2": lambda: CqtParams(1, 1, -2),
    "align must be one of 'end', 'centre', got 'start'": lambda: CqtParams(1, 1, 1, align="start"),
    "q_factor must be finite and > 0, got NaN": lambda: CqtParams(1, 1, 1, q_factor=NAN),
    "window of a CQT must exist at every length, got Custom(n=2)": lambda: CqtParams(1, 1, 1, window=[1, 2]),
    "sparsity must be a number, got NaN": lambda: CqtParams(1, 1, 1, sparsity=NAN),
    "tuning must be finite and > 0, got 0": lambda: ChromaParams(0),
    "tuning must be finite and > 0, got inf": lambda: ChromaParams(INF),
    "f_min must be finite and > 0, got -3": lambda: ChromaParams(440, -3),
    "f_max must be > f_min=10, got 5": lambda: ChromaParams(440, 10, 5),
    "f_max must be > f_min=10, got NaN": lambda: ChromaParams(440, 10, NAN),
    "Invalid norm string: 'x'. Must be one of: 'none', 'l1', 'l2', 'max'": lambda: ChromaParams(norm="x"),
    "n_mfcc must be a positive integer, got 0": lambda: MfccParams(0),
    "dct_norm must be one of 'ortho', got 'scipy'": lambda: MfccParams(dct_norm="scipy"),
    "window_size must be > 0, got 0": lambda: MdctParams(0, 0, HANN),
    "hop_size must be > 0, got 0": lambda: MdctParams(7, 0, HANN),
    "Invalid input: window_size must be even, got 7": lambda: MdctParams(7, 1, HANN),
    "Invalid input: window_size must be >= 4, got 2": lambda: MdctParams(2, 1, HANN),
    "Custom window size (5) must match window_size (64)": lambda: MdctParams(64, 1, np.ones(5)),
    "window_size must be even, got 9": lambda: MdctParams.sine_window(9),
    "window_size must be >= 4, got 2": lambda: MdctParams.sine_window(2),
    "\"type\" must be one of ChromaParams, CqtParams": lambda: params.from_dict({"type": "Nothing"}),
    "\"type\" must be one of": lambda: params.from_dict({}),
    "\"type\" must be 'LogParams', got 'MelParams'": lambda: LogParams.from_dict({"type": "MelParams"}),
    "\"type\" must be 'WindowType', got 'MelParams'": lambda: WindowType.from_dict({"type": "MelParams"}),
    "unknown window 'bartlett' with {}": lambda: WindowType.from_dict(
        {"type": "WindowType", "name": "bartlett"}
    ),
    "unknown window 'hanning' with {'beta': 1.0}": lambda: WindowType.from_dict(
        {"type": "WindowType", "name": "hanning", "beta": 1.0}
    ),
}  # fmt: skip


@pytest.mark.parametrize("message", INVALID)
def test_values_out_of_range(message):
    with pytest.raises(InvalidInputError) as caught:
        INVALID[message]()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "kind", [ITDSpectrogramParams, IPDSpectrogramParams, ILDSpectrogramParams, ILRSpectrogramParams]
)
@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (0, 3, "Invalid input: Start and end frequencies must be positive."),
        (3, -1, "Invalid input: Start and end frequencies must be positive."),
        (NAN, 600, "Invalid input: Start and end frequencies must be positive."),
        (50, NAN, "Invalid input: Start and end frequencies must be positive."),
        (3, 2, "Invalid input: Start frequency must be less than end frequency."),
        (3, 3, "Invalid input: Start frequency must be less than end frequency."),
        (3, 8000.5, "Invalid input: End frequency must be less than Nyquist frequency. Got start_freq=3, "),
    ],
)
def test_binaural_band(kind, start, end, message):
    assert kind(SPEC, 3, 8000).end_freq == 8000.0
    with pytest.raises(InvalidInputError) as caught:
        kind(SPEC, start, end)
    assert str(caught.value).startswith(message)


WRONG_TYPE = {
    "'float' object cannot be interpreted as an integer: n_fft must be an integer": lambda: StftParams(
        512.0, 1, HANN
    ),
    "'NoneType' object cannot be interpreted as an integer: n_mfcc": lambda: MfccParams(None),
    "'str' object cannot be interpreted as an integer: n_mels": lambda: MelParams("3", 0, 1),
    "'int' object is not an instance of 'bool': centre": lambda: StftParams(512, 1, HANN, 1),
    "'None' is not an instance of 'bool': center": lambda: StftParams(512, 1, HANN, center=None),
    "two spellings": lambda: StftParams(512, 1, HANN, True, center=True),
    "'int' object is not an instance of 'str': pad_mode": lambda: StftParams(512, 1, HANN, pad_mode=1),
    "'int' object is not an instance of 'bool': periodic": lambda: StftParams(512, 1, HANN, periodic=1),
    "'int' object is not an instance of 'WindowType': window": lambda: StftParams(512, 1, 3),
    "'None' is not an instance of 'WindowType': window": lambda: StftParams(512, 1, None),
    "coefficients must be one-dimensional, got 2": lambda: StftParams(512, 1, np.ones((2, 2))),
    "missing 1 required positional argument: 'window'": lambda: StftParams(512, 160),
    "unexpected keyword argument 'foo'": lambda: StftParams(512, 160, HANN, foo=1),
    "'int' object is not an instance of 'StftParams': stft": lambda: SpectrogramParams(1, 2),
    "must be real number, not str: sample_rate": lambda: SpectrogramParams(STFT, "16000"),
    "must be real number, not NoneType: floor_db": lambda: LogParams(None),
    "missing 1 required positional argument: 'floor_db'": lambda: LogParams(),
    "must be real number, not complex: f_min": lambda: MelParams(10, 1j, 2),
    "norm must be a MelNorm enum, a string, or None, got 3": lambda: MelParams(10, 0, 1, 3),
    "norm must be a ChromaNorm enum, a string, or None, got MelNorm.L1": lambda: ChromaParams(
        norm=MelNorm.l1
    ),
    "'StftParams' object is not an instance of 'SpectrogramParams'": lambda: ITDSpectrogramParams(STFT),
    "must be real number, not str: start_freq": lambda: IPDSpectrogramParams(SPEC, "a"),
    "'int' object is not an instance of 'bool': wrapped": lambda: IPDSpectrogramParams(SPEC, wrapped=1),
    "magphase_power must be an integer": lambda: ITDSpectrogramParams(SPEC, magphase_power=1.5),
    "takes 4 positional arguments": lambda: ErbParams(10, 0, 1, "linear"),
    "argument 'f_maximum'": lambda: MelParams.from_dict({"type": "MelParams", "n_mels": 1, "f_maximum": 1}),
}  # fmt: skip


@pytest.mark.parametrize("message", WRONG_TYPE)
def test_wrong_types(message):
    with pytest.raises(TypeError) as caught:
        WRONG_TYPE[message]()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: StftParams(-1, 1, HANN),
            "can't convert negative int to unsigned: n_fft must be >= 0, got -1",
        ),
        (lambda: StftParams(2**64, 1, HANN), "int too big to convert: n_fft must be < 2\\*\\*64"),
        (lambda: MelParams(10, 0, 10**400), "int too large to convert to float: f_max"),
        (lambda: ITDSpectrogramParams(SPEC, magphase_power=-1), "magphase_power must be >= 0"),
        (lambda: MfccParams(lifter=-1), "lifter must be >= 0"),
    ],
)
def test_overflow(call, message):
    with pytest.raises(OverflowError, match=message):
        call()


def test_arguments_are_converted_in_order():
    with pytest.raises(InvalidInputError, match="n_fft"):
        StftParams(0, -1, 3)
    with pytest.raises(InvalidInputError, match="norm"):
        MelParams(10, 5, -1, "x")
    with pytest.raises(InvalidInputError, match="hop_size"):
        StftParams(512, 1024, np.ones(5))


def test_numbers_of_other_types():
    assert MelParams(np.int32(10), np.float32(0.5), np.uint8(7)) == MelParams(10, 0.5, 7.0)
    assert StftParams(8, 1, HANN, np.bool_(False)).centre is False
    assert all(type(getattr(MelParams(10, np.float64(1), 2), name)) is float for name in ("f_min", "f_max"))


def signature_without_types(kind):
    signature = inspect.signature(kind)
    bare = [one.replace(annotation=one.empty) for one in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def test_signatures_read_well():
    text = signature_without_types(StftParams)
    assert text.startswith("(n_fft, hop_size, window, centre=True, *, win_length=None, pad_mode='zeros'")
    assert signature_without_types(MfccParams).startswith("(n_mfcc=13, *, dct_norm=None, lifter=22")
    assert signature_without_types(MelParams) == "(n_mels, f_min, f_max, norm=None, *, formula='slaney')"


@pytest.mark.parametrize("kind", [MelNorm, ChromaNorm])
def test_norms(kind):
    assert [int(member) for member in kind] == [0, 1, 2, 3]
    for member in kind:
        spelled = member.name.capitalize()
        assert getattr(kind, spelled) is member
        assert repr(member) == str(member) == f"{kind.__name__}.{spelled}"
        assert pickle.loads(pickle.dumps(member)) is member
        assert copy.deepcopy(member) is member
    assert kind.none != 0
    assert len({*kind, *kind}) == 4
    with pytest.raises(TypeError, match="not supported"):
        kind.l1 < kind.l2  # noqa: B015


@pytest.mark.parametrize("norm", ["l1", "L1", MelNorm.l1, MelNorm.L1])
def test_norm_spellings(norm):
    assert MelParams(10, 0, 1, norm).norm is MelNorm.l1
    assert MelParams(10, 0, 1).norm is MelNorm.none


def test_from_dict_fills_in_defaults():
    data = {"type": "StftParams", "n_fft": 512, "hop_size": 160}
    window = {"type": "WindowType", "name": "hanning"}
    assert params.from_dict(data | {"window": window}) == STFT
    assert params.from_dict(data | {"window": "hann"}) == STFT
    assert params.from_dict(window) is WindowType.hanning


@pytest.mark.parametrize(
    "dtype", ["float64", "f64", "double", None, np.float64, np.dtype("f8"), np.dtype("=f8")]
)
def test_double_precision(dtype):
    assert parse_dtype(dtype) == "float64"


@pytest.mark.parametrize("dtype", ["float32", "f32", "single", np.float32, np.dtype("f4")])
def test_single_precision(dtype):
    assert parse_dtype(dtype) == "float32"


@pytest.mark.parametrize("dtype", ["float16", "Float32", "", "complex64"])
def test_unknown_dtype_names(dtype):
    with pytest.raises(ValueError, match=f"unsupported dtype \"{dtype}\"; expected 'float32' or 'float64'"):
        parse_dtype(dtype)


@pytest.mark.parametrize("dtype", [np.float16, np.dtype("i4"), np.dtype(">f4"), 32, [], float])
def test_unknown_dtype_objects(dtype):
    with pytest.raises(TypeError, match="dtype must be 'float32' or 'float64'"):
        parse_dtype(dtype)
