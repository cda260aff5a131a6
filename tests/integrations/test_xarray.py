"""Results as labelled arrays of xarray."""

import json
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._engine.results.storage import load_info

from ..support import every_result

xarray = pytest.importorskip("xarray", reason="needs xarray: pip install xarray")

DIMENSIONS = {
    "Chromagram": ("pitch_class", "time"),
    "Mfcc": ("coefficient", "time"),
    "Lfcc": ("coefficient", "time"),
    "Tonnetz": ("coordinate", "time"),
    "Tempogram": ("lag", "time"),
    "Descriptor": ("descriptor", "time"),
    "Cepstrum": ("quefrency", "time"),
    "Contrast": ("band", "time"),
    "ReassignedSpectrogram": ("row", "time"),
    "OnsetStrength": ("band", "time"),
    "Fft2dResult": ("row_frequency", "column_frequency"),
    "StmtfResult": ("spectral_modulation", "temporal_modulation"),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", every_result.NAMES)
def test_every_result_shares_its_memory_and_names_its_axes(name, dtype):
    result = every_result.result(name, dtype)
    array = result.to_xarray()
    assert isinstance(array, xarray.DataArray)
    assert array.dims == DIMENSIONS.get(name, ("frequency", "time"))
    assert array.dtype == result.data.dtype
    assert np.shares_memory(array.values, result.data)
    array.values[0, 0] = 7
    assert result.data[0, 0] == 7
    assert array.attrs["long_name"]
    assert load_info(json.loads(array.attrs["info"])).to_dict() == result._info.to_dict()


@pytest.mark.parametrize("name", every_result.NAMES)
def test_coordinates_are_the_axes(name):
    result = every_result.result(name)
    array = result.to_xarray()
    for dimension, axis, units in (
        ("frequency", "frequencies", "Hz"),
        ("time", "times", "s"),
        ("quefrency", "quefrencies", "s"),
        ("pitch_class", "labels", None),
        ("row_frequency", "row_frequencies", "cycles per unit of spacing"),
        ("column_frequency", "col_frequencies", "cycles per unit of spacing"),
        ("spectral_modulation", "spectral_modulation", "cycles per bin"),
        ("temporal_modulation", "temporal_modulation", "Hz"),
    ):
        if dimension in array.dims:
            assert array[dimension].values.tolist() == np.asarray(getattr(result, axis)).tolist()
            assert array[dimension].attrs.get("units") == units
        else:
            assert dimension not in array.coords


def test_values_say_what_they_are():
    array = every_result.spectrogram().to_xarray()
    known = {key: array.attrs[key] for key in ("units", "scale", "amplitude", "sample_rate", "hop_size")}
    assert known == {"units": "dB", "scale": "mel", "amplitude": "db", "sample_rate": 8000.0, "hop_size": 64}
    assert array.name == "db"
    assert every_result.spectrogram().to_xarray("loudness").name == "loudness"
    assert every_result.result("Descriptor").to_xarray().descriptor.values.tolist() == ["rms"]
    assert every_result.result("Mfcc").to_xarray().coefficient.values.tolist() == list(range(13))


@pytest.mark.parametrize("name", every_result.CUES)
def test_the_energy_of_both_ears_goes_along(name):
    cue = every_result.result(name)
    array = cue.to_xarray()
    np.testing.assert_array_equal(array.energy.values, cue._extras["energy"])
    assert array.energy.dims == array.dims


def test_selection_by_value():
    tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    power = sg.compute_linear_power_spectrogram(tone, sg.SpectrogramParams.speech_default(16000))
    array = power.to_xarray()
    assert float(array.isel(time=50).idxmax()) == 1000.0
    assert array.sel(time=slice(0.25, 0.5)).time.values.tolist() == [
        t for t in power.times if 0.25 <= t <= 0.5
    ]


def test_frames_of_unknown_time_have_no_coordinate():
    values = np.ones((20, 5))
    array = sg.mfcc_from_log_mel(values, sg.MfccParams(13)).to_xarray()
    assert array.dims == ("coefficient", "time")
    assert "time" not in array.coords


def test_arrays_are_written_and_read_again(tmp_path):
    pytest.importorskip("scipy", reason="needs SciPy, which writes netCDF")
    array = every_result.spectrogram("float32").to_xarray()
    array.to_netcdf(tmp_path / "a.nc", engine="scipy")
    again = xarray.load_dataarray(tmp_path / "a.nc", engine="scipy")
    np.testing.assert_array_equal(again.values, array.values)
    np.testing.assert_array_equal(again.frequency.values, array.frequency.values)
    assert again.attrs["units"] == "dB"
    assert load_info(json.loads(again.attrs["info"])) == every_result.spectrogram("float32")._info


def test_missing_xarray_has_a_name_and_a_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ImportError, match=r"^to_xarray needs xarray: pip install xarray$"):
        every_result.spectrogram().to_xarray()
