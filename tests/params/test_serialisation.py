"""Everything that is data goes out and comes back: results, parameters and plans."""

import copy
import io
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms import params as parameters
from spectrograms._engine.results.frame_results import Spectrogram

from ..support import every_result
from ..support.together import together

STFT = every_result.PARAMS
WINDOWS = [
    sg.WindowType.hanning,
    sg.WindowType.kaiser(8.6),
    sg.WindowType.gaussian(0.1 + 0.2),
    sg.WindowType.custom(np.random.default_rng(0).standard_normal(7)),
]
PARAMS = [
    *WINDOWS,
    *(sg.StftParams(7, 3, window, False) for window in WINDOWS),
    sg.StftParams(64, 16, "hann", win_length=48, pad_mode="reflect", periodic=True),
    STFT,
    sg.LogParams(-90.5),
    sg.MelParams(40, 20.0, 4000.0, "slaney", formula="htk"),
    sg.ErbParams(8, 50.0, 4000.0, spacing="erb_rate"),
    sg.BarkParams(8, 50.0, 4000.0, formula="wang"),
    sg.LogHzParams(24, 50.0, 3000.0),
    sg.OctaveParams(3, 50.0, 3000.0),
    sg.LinearParams(50.0, 3000.0),
    sg.CqtParams(12, 5, 32.7, align="centre", sparsity=0.02),
    parameters.LfccParams(20, 60, 50.0, 3000.0, lifter=22),
    parameters.MfccParams(20, lifter=22),
    parameters.ChromaParams(441.0, 50.0, 3000.0, "l2"),
    parameters.ChromaStftParams(24, 0.25, "l1", octave_centre=4.0, octave_width=1.5, base_c=False),
    parameters.ChromaCqtParams(24, 0.25, "l1", f_min=55.0, n_octaves=4, bins_per_octave=48),
    parameters.ContrastParams(300.0, 4, 0.1, linear=True),
    parameters.MdctParams(64, 32, "hann"),
    parameters.ITDSpectrogramParams(STFT, 60.0, 700.0, 2),
    parameters.IPDSpectrogramParams(STFT, wrapped=True),
    parameters.ILDSpectrogramParams(STFT, 1700.0, 3600.0),
    parameters.ILRSpectrogramParams(STFT, 1700.0, 3600.0),
]
PLANS = [
    sg.SpectrogramPlan(STFT, sg.MelParams(20, 0.0, 4000.0), "db", sg.LogParams(-60.0), "float32"),
    sg.SpectrogramPlanner().cqt_power_plan(STFT, sg.CqtParams(6, 1, 1000.0)),
    sg.StftPlan(STFT),
    sg.CqtPlan(sg.CqtParams(6, 2, 300.0, method="multirate"), 8000, 100),
]


def equal_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def through_file(result):
    file = io.BytesIO()
    result.save(file)
    file.seek(0)
    return type(result).load(file)


WAYS = {
    "pickle": lambda result: pickle.loads(pickle.dumps(result)),
    "pickle2": lambda result: pickle.loads(pickle.dumps(result, 2)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "dict": lambda result: type(result).from_dict(result.to_dict()),
    "json": lambda result: type(result).from_json(result.to_json()),
    "npz": through_file,
}


@together("way", WAYS)
@together("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", every_result.NAMES)
def test_results_come_back(name, dtype, way):
    result = every_result.result(name, dtype)
    result.data.ravel()[:6] = np.nan, np.inf, -np.inf, -0.0, np.finfo(dtype).tiny / 8, np.finfo(dtype).max
    twin = WAYS[way](result)
    assert type(twin) is type(result)
    assert equal_bits(twin.data, result.data)
    assert not np.shares_memory(twin.data, result.data)
    assert twin._info == result._info
    assert repr(twin) == repr(result)
    assert [*(twin._extras or {})] == [*(result._extras or {})]
    for key, array in (result._extras or {}).items():
        assert equal_bits(twin._extras[key], array)
    for axis in ("times", "frequencies", "params"):
        assert getattr(twin, axis, None) == getattr(result, axis, None)
    assert twin.data.ctypes.data % 64 == 0


@pytest.mark.parametrize("name", every_result.NAMES)
def test_json_is_strict_and_plain(name):
    result = every_result.result(name)
    result.data[0, :3] = np.nan, np.inf, -np.inf
    content = json.loads(result.to_json(), parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))
    assert content["type"] == name
    assert content["data"]["shape"] == list(result.shape)
    values = content["data"]["values"]
    step = 2 if result.data.dtype.kind == "c" else 1
    assert [values[0], values[step], values[2 * step]] == [None, "Infinity", "-Infinity"]
    assert len(values) == step * result.data.size


@pytest.mark.parametrize("value", [1e39, -1e308, 3.5e38, 10**39])
def test_case_6_values_beyond_the_dtype_are_refused(value):
    params = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
    content = json.loads(sg.compute_linear_power_spectrogram(np.ones(500), params, dtype="float32").to_json())
    content["data"]["values"][1] = value
    with pytest.raises(ValueError, match=r"values of data must be within float32, got -?(1e|3\.5e)\+?\d+"):
        Spectrogram.from_json(json.dumps(content))
    content["data"]["values"][1:3] = 3.4e38, "-Infinity"
    assert Spectrogram.from_json(json.dumps(content)).data.ravel()[2] == -np.inf


def test_json_of_another_class_or_a_newer_version():
    text = every_result.spectrogram().to_json()
    with pytest.raises(ValueError, match="type must be 'StftResult', got 'Spectrogram'"):
        sg.StftResult.from_json(text)
    with pytest.raises(ValueError, match="newer version"):
        Spectrogram.from_json(text.replace('"version": 1', '"version": 99'))
    with pytest.raises(ValueError, match="Expecting value"):
        Spectrogram.from_json("no JSON")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x80\x04N."], ids=repr)
def test_files_of_others_are_refused(tmp_path, content):
    """NumPy takes for a pickle what it does not know, and tells how to load that."""
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"other\.npz must be an \.npz file written by save\(\)"):
        Spectrogram.load(path)


def test_an_archive_cut_short_is_refused():
    with pytest.raises(ValueError, match=r"an \.npz file written by save\(\), but is something else"):
        Spectrogram.load(io.BytesIO(b"PK\x03\x04 cut short"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ItdSpectrogram", "StftResult"])
def test_files_are_read_by_a_process_that_has_made_no_result(tmp_path, name):
    """What a file says is enough to find the code that reads it."""
    result = every_result.result(name)
    path = tmp_path / "result.npz"
    result.save(path)
    code = (
        f"from {type(result).__module__ if name == 'StftResult' else 'spectrograms.features.spatial.results'}"
        f" import {name} as cls; result = cls.load({str(path)!r}); print(result, result.times[-1])"
    )
    found = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == f"{result} {result.times[-1]}"


@together("value", PARAMS, ids=repr)
def test_parameters_come_back(value):
    cls = type(value)
    for twin in (
        pickle.loads(pickle.dumps(value)),
        copy.copy(value),
        copy.deepcopy(value),
        cls.from_dict(value.to_dict()),
        cls.from_json(value.to_json()),
        parameters.from_dict(json.loads(value.to_json())),
    ):
        assert type(twin) is cls
        assert twin == value
        assert hash(twin) == hash(value)
        assert repr(twin) == repr(value)


def test_all_parameter_classes_are_tried():
    tried = {type(value) for value in PARAMS}
    public = {getattr(parameters, name) for name in parameters.__all__}
    assert {cls for cls in public if hasattr(cls, "to_dict")} == tried


def test_parameters_from_json_of_another_class():
    with pytest.raises(sg.InvalidInputError, match='"type" must be'):
        sg.LogParams.from_json(STFT.to_json())


@pytest.mark.parametrize("plan", PLANS, ids=repr)
def test_plans_come_back(plan):
    x = every_result.noise(2000)
    for twin in (
        pickle.loads(pickle.dumps(plan)),
        copy.copy(plan),
        copy.deepcopy(plan),
        type(plan).from_dict(plan.to_dict()),
        type(plan).from_json(plan.to_json()),
    ):
        assert twin == plan
        assert equal_bits(twin.compute(x).data, plan.compute(x).data)


@together("bad", [None, 3, "text", [1, 2], np.ones(3)], ids=repr)
@together(
    "cls",
    [sg.MelParams, sg.WindowType, sg.SpectrogramPlan, sg.IstftPlan, sg.FeatureSet, sg.Spectrogram, sg.Mfcc],
    ids=lambda cls: cls.__name__,
)
def test_what_is_no_dict_is_a_type_error(cls, bad):
    with pytest.raises(TypeError, match=r"^(data|content) must be a dict, got "):
        cls.from_dict(bad)
    with pytest.raises(ValueError, match=r"type\"? must be "):
        cls.from_dict({})


def test_results_miss_what_a_dict_misses():
    result = sg.compute_linear_power_spectrogram(np.ones(100), sg.SpectrogramParams.speech_default(8000.0))
    content = result.to_dict()
    for name in ("data", "info", "version"):
        with pytest.raises(ValueError, match=name):
            sg.Spectrogram.from_dict({key: value for key, value in content.items() if key != name})
    with pytest.raises(ValueError, match="text must be a JSON object, got list"):
        sg.Spectrogram.from_json("[]")
