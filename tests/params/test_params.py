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
    BarkParams,
    ChromaNorm,
    ChromaParams,
    CqtParams,
    ErbParams,
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
    LfccParams,
    LinearParams,
    LogHzParams,
    LogParams,
    MdctParams,
    MelNorm,
    MelParams,
    MfccParams,
    OctaveParams,
    SpectrogramParams,
    StftParams,
    WindowType,
)

from ..support.together import together

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
    (BarkParams(24, 0, 8000), "BarkParams(n_bands=24, f_min=0, f_max=8000)"),
    (LogHzParams(84, 27.5, 4186), "LogHzParams(n_bins=84, f_min=27.5, f_max=4186)"),
    (LinearParams(25, 8000), "LinearParams(f_min=25, f_max=8000)"),
    (OctaveParams(3, 25, 8000), "OctaveParams(fraction=3, f_min=25, f_max=8000)"),
    (CqtParams(12, 7, 32.7), "CqtParams(num_bins=84)"),
    (
        CqtParams(12, 7, 32.7, align="centre", q_factor=20, window="hamming", sparsity=0, normalize=False),
        "CqtParams(num_bins=84, align='centre', q_factor=20, window=Hamming, sparsity=0, normalize=false)",
    ),
    (LfccParams(), "LfccParams(n_lfcc=40, n_filters=128, f_min=0, f_max=None)"),
    (
        LfccParams(13, 20, 1, 2, dct_norm=None, lifter=22, floor_db=-80),
        "LfccParams(n_lfcc=13, n_filters=20, f_min=1, f_max=2, dct_norm=None, lifter=22, floor_db=-80)",
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
every_object = together("thing", OBJECTS, ids=repr)


@together(("thing", "text"), REPRS, ids=[text for _, text in REPRS])
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


@together("thing", OBJECTS, ids=str)
def test_annotations_are_the_fields(thing):
    kind = type(thing)
    annotated = next(base for base in kind.__mro__ if vars(base).get("__annotations__")).__annotations__
    declared = [name for name, of in annotated.items() if not of.startswith("ClassVar")]
    assert list(kind._fields) == declared
    assert not hasattr(thing, "__dict__")
    if kind is not WindowType:  # which no call makes
        arguments = inspect.signature(kind).parameters
        assert [name for name in arguments if name != "center"] == declared
        for name in declared:
            check_types(annotated[name], arguments[name].annotation)


def check_types(held, taken):
    """An argument takes what its field holds, and more where that is converted or follows from others."""
    held, taken = ({text.strip() for text in kind.split("|")} for kind in (held, taken))
    assert held <= taken
    if not held & {"MelNorm", "ChromaNorm", "WindowType"}:
        assert taken - held <= {"None", "NotGiven"}


def test_a_subclass_has_the_fields_of_its_base():
    class Louder(MelParams):
        gain: int = 3

    assert Louder._fields == MelParams._fields
    assert Louder(10, 0, 1).to_dict()["type"] == "Louder"
