"""Dicts of every class with each of their fields replaced by what nobody should write there.

What comes out is the object that the dict describes, usable like any other, or a documented exception. The
classes are those of the public names that have ``from_dict`` or ``from_config``; `EXAMPLES` has one or more
of each.
"""

import copy
import datetime as dt
import warnings

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._common import registry
from spectrograms.corpus.stores.settings import Settings
from spectrograms.plans.infos import Info

from ..support import every_result
from . import test_serialisation

DOCUMENTED = (sg.InvalidInputError, sg.DimensionMismatchError, TypeError, OverflowError, MemoryError)
STFT = sg.StftParams(32, 16, "hann")
PARAMS = sg.SpectrogramParams(STFT, 8000.0)
KALDI = sg.frontend("kaldi_fbank", num_mel_bins=8)
SIGNAL = np.sin(np.arange(400.0))


def deep(n):
    value = []
    for _ in range(n):
        value = [value]
    return value


def deep_dict(n):
    value = {}
    for _ in range(n):
        value = {"type": "SpectrogramParams", "stft": value}
    return value


HOSTILE = [
    None, True, False, -1, 0, 1, 3, 2**31, 2**32, 2**63, 2**64, 10**400, -(2**63), 0.0, 0.5, 2.5, 1e-320,
    1e308, -1e308, float("nan"), float("inf"), float("-inf"), 1j, "", "f4", "int8", "float16", "dB", "1",
    "db", "x" * 100_000, "\ud800", b"", b"float32", [], {}, [[]], [1, [2]], deep(1000),
    deep_dict(3000),     {"type": "LogParams", "floor_db": -10.0}, {"type": "MelParams"}, {"type": []},
    sg.MelParams(4, 0.0, 4000.0).to_dict(), sg.WindowType.gaussian(3.0).to_dict(), STFT.to_dict(),
    (1, 2), {1}, object(), int, np.float32(2), np.int64(5), np.ones(3), np.ones((2, 2)), np.array("f4"),
    np.dtype("i1"),
]  # fmt: skip


def plans():
    for scale in (
        None, sg.MelParams(4, 0.0, 4000.0), sg.ErbParams(4, 50.0, 3000.0), sg.LogHzParams(4, 50.0, 3000.0),
        sg.BarkParams(4, 0.0, 4000.0),
        sg.OctaveParams(1, 50.0, 2000.0),
        sg.LinearParams(50.0, 2000.0),
        sg.CqtParams(2, 2, 700.0),
    ):  # fmt: skip
        yield sg.SpectrogramPlan(PARAMS, scale, "db", sg.LogParams(-60.0), "float32")
    yield sg.SpectrogramPlanner().mel_magnitude_plan(PARAMS, sg.MelParams(4, 0.0, 4000.0))
    yield sg.StftPlan(PARAMS)
    yield sg.CqtPlan(sg.CqtParams(6, 2, 300.0, method="multirate"), 8000, 100)
    yield sg.IstftPlan(STFT)
    yield sg.MfccPlan(STFT, 8000.0, 6, sg.MfccParams(4), "float32")
    yield sg.ChromaPlan(STFT, 8000.0, sg.ChromaParams())
    yield sg.TonnetzPlan(STFT, 8000.0, sg.ChromaParams())
    yield sg.CensPlan(STFT, 8000.0, sg.ChromaParams(), smoothing=3)
    yield sg.TempogramPlan(sg.OnsetPlan(PARAMS), win_length=5)
    yield sg.FourierTempogramPlan(sg.OnsetPlan(PARAMS), win_length=5)
    yield sg.OnsetPlan(PARAMS, sg.MelParams(4, 0.0, 4000.0), edges=(0, 1, 4), top_db=60.0)
    yield sg.ContrastPlan(STFT, 8000.0, sg.ContrastParams(1000.0, 1))
    yield sg.LfccPlan(STFT, 8000.0, sg.LfccParams(3, 5))
    yield sg.CepstrumPlan(STFT, 8000.0)
    yield sg.ReassignedPlan(STFT, 8000.0, "float32")
    yield sg.DescriptorPlan(STFT, 8000.0, "centroid")
    specs = {
        "a": (sg.MelParams(4, 0.0, 4000.0), "db"),
        "b": sg.MfccParams(2),
        "c": sg.ChromaParams(),
        "d": "rms",
    }
    yield sg.FeatureSet(STFT, 8000.0, specs, "float32")


def examples():
    """Objects of every class that is made of a dict: (maker, object)."""
    for value in (*test_serialisation.PARAMS, *plans()):
        yield type(value).from_dict, value
    for name in every_result.NAMES:
        result = every_result.result(name)
        small = result._from_array(result.data[:, :2], result._info) if name != "StmtfResult" else result
        yield type(result).from_dict, small if name not in ("Fft2dResult",) else result
        yield type(result._info).from_dict, result._info
    part = sg.compute_stft(SIGNAL, PARAMS).starting_at(dt.datetime(2026, 1, 1)).crop(f0=1000.0)
    yield type(part).from_dict, part.crop(t1=part.times[1])
    yield type(part._info).from_dict, part._info
    smoothed = sg.CensPlan(STFT, 8000.0, sg.ChromaParams(), smoothing=3)._info
    yield type(smoothed).from_dict, smoothed
    yield sg.Frontend.from_config, KALDI
    yield Settings.from_config, Settings.make(KALDI, "float16", "each", 1.0)


with warnings.catch_warnings():
    warnings.simplefilter("ignore", sg.SpectrogramWarning)  # so short a transform leaves bands without a bin
    EXAMPLES = list(examples())


def as_data(value):
    return value.config if isinstance(value, (sg.Frontend, Settings)) else value.to_dict()


def public_classes():
    found = [getattr(sg, name) for name in sg.__all__] + [
        registry.find(registry.INFOS, k) for k in registry.INFOS
    ]
    return {cls for cls in found if isinstance(cls, type) and {"from_dict", "from_config"} & set(dir(cls))}


def test_there_is_an_example_of_every_class():
    missing = public_classes() - {type(value) for _, value in EXAMPLES}
    # These classes of plans differ from their base by a name that their data must agree with.
    assert {cls for cls in missing if cls.__name__ not in FAMILIES} == set()


FAMILIES = [
    f"{s}{a}Plan"
    for s in ("Linear", "Mel", "Erb", "Bark", "LogHz", "Octave", "Cqt")
    for a in ("Power", "Magnitude", "Db")
]


def test_the_registry_has_every_class():
    for table in (registry.RESULTS, registry.INFOS, registry.PLANS):
        for kind, (_, name) in table.items():
            assert registry.find(table, kind).__name__ == name
    results = {cls.__name__ for cls in public_classes() if hasattr(cls, "load")}
    assert results == set(registry.RESULTS)
    assert {cls.__name__ for cls in Info.__subclasses__()} - {"FramedInfo", "TempoInfo"} <= set(
        registry.INFOS
    )


def places(data, path=()):
    """Paths to every entry of nested dicts and short lists."""
    items = data.items() if isinstance(data, dict) else enumerate(data[:2]) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def put(data, path, change):
    """A copy of `data` in which `change` was applied to the container of a path."""
    twin = copy.deepcopy(data)
    inner = twin
    for key in path[:-1]:
        inner = inner[key]
    change(inner, path[-1])
    return twin


def wrong(data):
    """Every dict that differs from `data` in one place, with a word about it."""
    for path in places(data):
        for value in HOSTILE:
            yield f"{path} = {type(value)!s}", put(data, path, lambda d, k, v=value: d.__setitem__(k, v))
        yield f"no {path}", put(data, path, lambda d, k: d.pop(k))
        if not isinstance(path[-1], int):
            yield f"more than {path}", put(data, path, lambda d, k: d.__setitem__(f"{k}_", 1))
            yield f"a number beside {path}", put(data, path, lambda d, k: d.__setitem__(3, 1))


def use(value):
    """Whatever an accepted object can do on a short signal has the right dtype and shape."""
    if isinstance(value, sg.FeatureSet):
        for name, result in value.compute(SIGNAL).items():
            assert result.shape == value.output_shape(len(SIGNAL))[name]
            assert result.data.dtype == value.dtype
    elif isinstance(value, sg.IstftPlan):
        matrix = np.zeros((value.n_bins, 2), complex)
        assert value.compute(matrix).dtype == value.dtype
    elif hasattr(value, "compute_batch") and not isinstance(value, sg.Frontend):
        result = value.compute(SIGNAL)
        assert result.shape == value.output_shape(len(SIGNAL))
        assert result.dtype == value.dtype
    elif isinstance(value, sg.WindowType):
        assert value.make(value.size or 5).shape == (value.size or 5,)


def same(a, b):
    if hasattr(a, "data"):
        return a.data.tobytes() == b.data.tobytes() and a._info == b._info
    # A NaN in a window differs from itself.
    return a == b or "nan" in repr(a.to_dict()).lower()


def attempt(make, data):
    """The object and no text, or nothing and the text of a documented error."""
    try:
        return make(data), ""
    except DOCUMENTED as error:
        return None, str(error) or "no text"


def check(make, data, what):
    with warnings.catch_warnings():
        # Of numbers on the way to infinity, and of bands that hold no bin.
        warnings.simplefilter("ignore")
        value, text = attempt(make, data)
        assert len(text) < 2500, f"{what}: a text of {len(text)} characters"
        if text:
            return
        assert same(make(as_data(value)), value), what
        use(value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "value"), EXAMPLES, ids=[f"{type(v).__name__}{i}" for i, (_, v) in enumerate(EXAMPLES)]
)
def test_case_1_4_whatever_stands_in_a_dict_is_checked(make, value):
    data = as_data(value)
    for what, changed in wrong(data):
        try:
            check(make, changed, what)
        except Exception as error:
            found = f"{type(error).__name__}: {str(error)[:300]}"
            raise AssertionError(f"{type(value).__name__}: {what}: {found}") from error
