"""Share results with xarray: labelled arrays with coordinates in Hz and seconds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms._common.plain import write
from spectrograms._engine.results.frame_results import FrameArray, TimeFrequency
from spectrograms.features.cepstra import Cepstrum
from spectrograms.features.chroma import Chromagram
from spectrograms.features.contrast import Contrast
from spectrograms.features.descriptors import Descriptor
from spectrograms.features.lfcc import Lfcc
from spectrograms.features.mfcc import Mfcc
from spectrograms.features.onsets import OnsetStrength
from spectrograms.features.reassignment import ReassignedSpectrogram
from spectrograms.features.tempo_plans import Tempogram
from spectrograms.features.tonal_space import Tonnetz

if TYPE_CHECKING:
    from spectrograms._engine.results.result import OwnedArray

# Dimensions whose coordinates are no frequencies or times: unit and name, as attributes.
_COORDINATES = {
    "frequency": ("Hz", "frequency"),
    "time": ("s", "time"),
    "quefrency": ("s", "quefrency"),
    "lag": ("s", "lag"),
    "row_frequency": ("cycles per unit of spacing", "frequency of rows"),
    "column_frequency": ("cycles per unit of spacing", "frequency of columns"),
    "spectral_modulation": ("cycles per bin", "modulation over frequency"),
    "temporal_modulation": ("Hz", "modulation over time"),
}
# Attributes, and what an info calls them.
_FACTS = {name: name for name in ("scale", "amplitude", "sample_rate", "hop_size")} | {"units": "unit"}


def to_xarray(result: OwnedArray, name: str | None = None) -> Any:
    """Make a labelled array of xarray from a result; every result class has this as a method.

    Parameters
    ----------
    result : Spectrogram or another result
        What to share; values that are written to one of both show in the other.
    name : str, optional
        Name of the array; by default what the values are, such as ``"power"`` or ``"rms"``.

    Returns
    -------
    xarray.DataArray
        Over the memory of the result. Dimensions are ``frequency`` (``pitch_class`` of chromagrams,
        ``coefficient`` of MFCC and LFCC, ``quefrency`` of cepstra, ``lag`` of tempograms, ``descriptor`` of
        descriptors, ``band`` of contrast and onsets, ``coordinate`` of tonal spaces, ``row`` of reassigned
        spectrograms) and ``time``, of two-dimensional spectra ``row_frequency`` and ``column_frequency``, of
        modulation spectra ``spectral_modulation`` and ``temporal_modulation``. Coordinates and values have
        ``units`` and ``long_name``, as the conventions of netCDF want it; further attributes are ``scale``,
        ``amplitude``, ``sample_rate``, ``hop_size`` and, as a JSON text, ``info``, all that the numbers
        mean. Frames of unknown times have no coordinate.

    Raises
    ------
    ImportError
        If xarray is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> array = sg.compute_linear_db_spectrogram(np.ones(16000), params).to_xarray()
    >>> array.dims, array.attrs["units"], float(array.sel(frequency=1000, time=0.5, method="nearest"))
    (('frequency', 'time'), 'dB', -80.0)
    """
    xarray = require("xarray", "to_xarray")
    info = result._info
    axes = _axes(result)
    attributes = {key: value for key, fact in _FACTS.items() if (value := getattr(info, fact, None))}
    attributes |= {"long_name": _words(info) or _name(result, info), "info": write(info.to_dict())}
    coordinates: dict[str, Any] = {
        dimension: (dimension, values, _attributes(dimension, values))
        for dimension, values in axes.items()
        if values is not None
    }
    for extra, values in (result._extras or {}).items():
        coordinates[extra] = (tuple(axes), values)
    return xarray.DataArray(
        result.data, coordinates, tuple(axes), name=name or _name(result, info), attrs=attributes
    )


def _axes(result):
    """Dimensions in the order of the axes, each with its coordinates or None."""
    if not isinstance(result, FrameArray):
        # "row_frequencies" and "spectral_modulation" are the names of files.
        return {_dimension(name): values for name, values in result._axes().items()}
    return {**_rows(result), "time": _times(result)}


def _times(result):
    """Times of the frames in seconds, or of day; None where they are not known."""
    times = result.t
    if np.isnan(times).any():
        return None
    if not isinstance(result.start, dt.datetime):
        return times
    start = result.start
    if start.tzinfo is not None:  # NumPy's have no zone
        start = start.astimezone(dt.UTC).replace(tzinfo=None)
    return np.datetime64(start, "ns") + np.round(times * 1e9).astype("timedelta64[ns]")


def _rows(result):
    if isinstance(result, TimeFrequency):
        return {"frequency": np.array(result.frequencies)}
    if isinstance(result, Chromagram | Tonnetz):
        dimension = "coordinate" if isinstance(result, Tonnetz) else "pitch_class"
        return {dimension: list(result.labels)}
    if isinstance(result, Mfcc | Lfcc):
        return {"coefficient": np.arange(result.shape[0])}
    if isinstance(result, Cepstrum):
        return {"quefrency": result.quefrencies}
    if isinstance(result, Tempogram):
        return {"lag": result.lags}
    if isinstance(result, ReassignedSpectrogram):
        return {"row": np.arange(result.shape[0])}
    if isinstance(result, Contrast | OnsetStrength):
        return {"band": np.arange(result.shape[0])}
    assert isinstance(result, Descriptor)
    return {"descriptor": [result.name]}


def _dimension(name):
    return name.replace("frequencies", "frequency").replace("col_", "column_")


def _attributes(dimension, values):
    unit, words = _COORDINATES.get(dimension, ("", dimension.replace("_", " ")))
    if getattr(values, "dtype", np.dtype(float)).kind == "M":  # whose unit xarray chooses
        unit = ""
    return {"units": unit, "long_name": words} if unit else {"long_name": words}


def _words(info):
    amplitude, unit = getattr(info, "amplitude", ""), getattr(info, "unit", "")
    # Xarray writes the unit behind: "mel level [dB re 20 uPa]".
    amplitude = {"db": "level", "power": "power"}.get(amplitude, amplitude)
    if unit.endswith("**2/Hz"):
        amplitude += " of the spectral density" if amplitude == "level" else " spectral density"
    return " ".join(word for word in (getattr(info, "scale", ""), amplitude) if word)


def _name(result, info):
    return getattr(result, "name", None) or getattr(info, "amplitude", None) or type(result).__name__
