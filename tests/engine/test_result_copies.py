"""Results again: copies, pickles, dictionaries and files give the same bits, or say what is wrong."""

import copy
import inspect
import io
import json
import pickle
import pickletools
import sys
import types

import numpy as np
import pytest

from spectrograms._common import registry
from spectrograms._engine.results.frame_results import Spectrogram, StftResult
from spectrograms._engine.results.result import OwnedArray

from ..support.results import DTYPES, Info, PlainStft, Special, same_bits, spectrogram, values
from ..support.together import together


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    monkeypatch.setitem(registry.INFOS, "test info", (Info.__module__, "Info"))


def through_npz(result):
    file = io.BytesIO()
    result.save(file)
    file.seek(0)
    return type(result).load(file)


def through_pickle(protocol):
    return lambda result: pickle.loads(pickle.dumps(result, protocol))


def through_pickle_out_of_band(result):
    buffers = []
    return pickle.loads(pickle.dumps(result, 5, buffer_callback=buffers.append), buffers=buffers)


ROUND_TRIPS = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "dict": lambda result: type(result).from_dict(result.to_dict()),
    "npz": through_npz,
    "pickle out of band": through_pickle_out_of_band,
} | {f"pickle {protocol}": through_pickle(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)}


@pytest.mark.parametrize("again", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
@together("dtype", DTYPES)
def test_round_trips_are_exact(again, dtype):
    cls = PlainStft if dtype.startswith("c") else Special
    weights = {"weights": values("float32")} if cls is Special else None
    result = cls._from_array(values(dtype), Info("magnitude", hop_size=7), weights)
    twin = again(result)
    assert type(twin) is cls
    assert same_bits(twin, values(dtype))
    assert twin._info == result._info
    assert not np.shares_memory(twin.data, result.data)
    assert twin.data.ctypes.data % 64 == 0
    assert twin.data.flags.writeable
    if cls is Special:
        assert same_bits(twin._extras["weights"], values("float32"))
    else:
        assert twin._extras is None


@pytest.mark.parametrize("protocol", [4, 5])  # the default up to Python 3.13, and from 3.14 on
@pytest.mark.parametrize("cls", [Spectrogram, StftResult])
def test_public_classes_pickle_under_their_public_names(cls, protocol):
    pickled = pickle.dumps(cls._from_array(values("complex64"), Info()), protocol)
    assert type(pickle.loads(pickled)) is cls
    # The class by its public name; the function that rebuilds it is ours.
    arguments = [argument for _, argument, _ in pickletools.genops(pickled)]
    assert "spectrograms" in arguments
    assert cls.__name__ in arguments


@pytest.mark.parametrize("again", ROUND_TRIPS.values(), ids=ROUND_TRIPS)
def test_frozen_results_round_trip(again):
    result = Special._from_array(values(), Info(), {"weights": values()})
    result.data.flags.writeable = False
    assert same_bits(again(result), values())


def test_copies_share_the_info():
    result = spectrogram()
    assert copy.deepcopy(result)._info is copy.copy(result)._info is result._info


def test_pickled_data_must_fit_the_shape():
    rebuild, arguments = spectrogram().__reduce__()
    cls, dtype, shape, source, info, extras = arguments
    with pytest.raises(ValueError, match=r"must have 120 bytes, got 119"):
        rebuild(cls, dtype, shape, source[:-1], info, extras)
    with pytest.raises(TypeError):
        rebuild(dict, dtype, shape, source, info, extras)


def test_to_dict():
    content = spectrogram().to_dict()
    arrays = {name: content.pop(name).tolist() for name in ("data", "frequencies", "times")}
    assert arrays["data"] == np.arange(15.0).reshape(3, 5).tolist()
    assert arrays["frequencies"] == [0.0, 31.25, 62.5]
    assert arrays["times"] == spectrogram().times
    assert content == {
        "type": "Spectrogram",
        "version": 1,
        "dtype": "float64",
        "info": spectrogram()._info.to_dict(),
    }
    json.dumps(content)


def test_to_dict_copies():
    result = spectrogram()
    result.to_dict()["data"][:] = 0
    assert result.data[2, 4] == 14


def test_files_hold_plain_arrays(tmp_path):
    spectrogram().save(tmp_path / "named")
    with np.load(tmp_path / "named.npz", allow_pickle=False) as content:
        assert set(content) == {"data", "frequencies", "times", "metadata"}
        assert json.loads(content["metadata"].item())["type"] == "Spectrogram"
        assert content["data"].tolist() == np.arange(15.0).reshape(3, 5).tolist()
    assert Spectrogram.load(str(tmp_path / "named.npz")).times == spectrogram().times


def test_files_of_other_classes_are_refused(tmp_path):
    spectrogram().save(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="type must be 'StftResult', got 'Spectrogram'"):
        StftResult.load(tmp_path / "a.npz")


def test_files_of_others_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", data=np.ones((2, 2)))
    np.save(tmp_path / "a.npy", np.ones((2, 2)))
    with pytest.raises(ValueError, match="has no metadata"):
        Spectrogram.load(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="single array"):
        Spectrogram.load(tmp_path / "a.npy")
    np.savez(tmp_path / "b.npz", metadata=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(ValueError, match="has metadata of dtype object"):
        Spectrogram.load(tmp_path / "b.npz")


def test_newer_versions_are_refused():
    with pytest.raises(ValueError, match="version must be at most 1, got 2"):
        Spectrogram.from_dict(spectrogram().to_dict() | {"version": 2})


def test_unknown_infos_are_refused():
    content = spectrogram().to_dict()
    content["info"] |= {"type": "unheard of"}
    with pytest.raises(
        ValueError, match=r"type of the info must be one of \[.*'test info'.*\], got 'unheard of'"
    ):
        Spectrogram.from_dict(content)


@pytest.mark.parametrize(
    ("method", "module"),
    [("plot", "plot"), ("to_torch", "torch"), ("to_jax", "jax"), ("to_xarray", "xarray")],
)
def test_integrations_do_the_rest(monkeypatch, method, module):
    """The methods stand here, the libraries behind them are imported when they are called."""
    home = types.ModuleType(f"spectrograms.integrations.{module}")
    setattr(home, method, lambda *args, **options: (args, options))
    monkeypatch.setitem(
        sys.modules, "spectrograms.integrations", types.ModuleType("spectrograms.integrations")
    )
    monkeypatch.setitem(sys.modules, home.__name__, home)
    result = spectrogram()
    assert getattr(result, method)("one", two=2) == ((result, "one"), {"two": 2})


def test_signatures_are_readable():
    assert str(inspect.signature(OwnedArray.__array__)) == "(self, dtype=None, copy=None)"
    expected = "(self, *, stream=None, max_version=None, dl_device=None, copy=None)"
    assert str(inspect.signature(OwnedArray.__dlpack__)) == expected
    assert "10 log10" in Spectrogram.db_range.__doc__
