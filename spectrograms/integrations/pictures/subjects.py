"""What is drawn, whatever it came from: values, where their columns and rows are, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._engine.results.result import OwnedArray
from spectrograms.errors import DimensionMismatchError, InvalidInputError, shown
from spectrograms.features.averages import LongTermSpectrum
from spectrograms.features.cepstra import Cepstrum
from spectrograms.features.lfcc import Lfcc
from spectrograms.features.mfcc import Mfcc, MfccInfo
from spectrograms.features.reassignment import ReassignedSpectrogram
from spectrograms.features.spatial.results import BinauralCue, IpdSpectrogram
from spectrograms.features.tempo_plans import Tempogram
from spectrograms.features.tonal_space import Tonnetz

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AMPLITUDES = {"power": "Power", "magnitude": "Magnitude", "db": "Level"}
_SCALES = {
    "mel": "mel scale",
    "erb": "ERB",
    "loghz": "log scale",
    "bark": "Bark bands",
    "octave": "octave bands",
    "cqt": "constant Q",
}
_SPACINGS = {"linear": "ERB, equal steps in Hz", "erb_rate": "ERB rate", "apple_tr35": "ERB, TR 35"}
# How an array's unit says that its values have logarithmic colours already, or should have them.
_UNITS = {"power": "power", "magnitude": "magnitude", "amplitude": "magnitude"}


@dataclass(frozen=True)
class Subject:
    """Values over two axes, or over one.

    Attributes
    ----------
    values : ndarray of real numbers, shape (n_rows, n_columns)
        One row is a curve if there are no `rows`.
    columns : ndarray of float64, shape (n_columns,)
        Where columns are, ascending.
    along : str
        What columns are: ``"time"`` in seconds, or the label of their axis.
    rows : ndarray of float64, shape (n_rows,), or None
        Where rows are, ascending; frequencies in Hz if `upwards` is ``"frequency"``.
    upwards : str
        What rows are: ``"frequency"``, or the label of their axis.
    names : tuple of str
        Of the rows, where they have names.
    scale : str or None
        Of frequencies, in words.
    notes : bool
        Whether frequencies are those of notes.
    label : str
        Of the values.
    kind : {"db", "power", "magnitude", "signed", "phase", "linear", "positive"}
        Which colours they need.
    limits : tuple of two floats, or None
        First and last colour.
    caption : str
        What a reader of the picture must know, above it.
    """

    values: NDArray[Any]
    columns: NDArray[np.float64]
    along: str = "time"
    rows: NDArray[np.float64] | None = None
    upwards: str = "frequency"
    names: tuple[str, ...] = ()
    scale: str | None = None
    notes: bool = False
    label: str = ""
    kind: str = "linear"
    limits: tuple[float, float] | None = None
    caption: str = ""


def subject_of(
    thing: Any,
    *,
    source: Any = None,
    times: Any = None,
    frequencies: Any = None,
    unit: str | None = None,
    signed: bool | None = None,
) -> Subject:
    """Find out what something means.

    Parameters
    ----------
    thing : result, LongTermSpectrum or array_like
    source : frontend, plan, or what describes one, optional
        What made an array.
    times, frequencies : array_like, optional
        Axes of an array.
    unit : str, optional
        Of its values.
    signed : bool, optional
        Whether zero lies between two kinds of values.

    Raises
    ------
    InvalidInputError
        If an argument is given that does not belong to `thing`, or an axis does not ascend.
    DimensionMismatchError
        If an axis has another length.
    """
    over_time = hasattr(thing, "times") and hasattr(thing, "data")
    if over_time or isinstance(thing, OwnedArray | LongTermSpectrum):
        for name, value in (("source", source), ("times", times), ("frequencies", frequencies)):
            if value is not None:
                raise InvalidInputError(f"{name} belongs to arrays: a {type(thing).__name__} has its own")
        subject = _result(thing) if over_time else _average_or_plane(thing)
        subject = subject if unit is None else replace(subject, label=unit)
    else:
        subject = _array(thing, source, times, frequencies, unit)
    if signed is not None:
        subject = replace(subject, kind="signed" if signed else "linear")
    return subject


def _real(values):
    values = np.asarray(values)
    if values.dtype.kind == "c":
        return np.abs(values)
    return values if values.dtype.kind == "f" and values.itemsize >= 4 else values.astype(np.float32)


def _result(result):
    values, times = _real(result.data), np.asarray(result.times)
    along = "time"
    if np.isnan(times).any():  # made from a spectrogram without a sample rate
        times, along = np.arange(len(times), dtype=float), "Frame"
    common = {"values": values, "columns": times, "along": along}
    if isinstance(result, BinauralCue):
        kind, label, limits = "signed", result.unit_label, result.default_range
        if isinstance(result, IpdSpectrogram):  # wrapped, for the colours
            common["values"], kind = values - 2 * np.pi * np.round(values / (2 * np.pi)), "phase"
        return Subject(**common, **_frequencies(result), label=label, kind=kind, limits=limits)
    if isinstance(result, ReassignedSpectrogram):
        return _moved(result, times, along)
    if isinstance(result, Cepstrum):
        rows = {"rows": 1e3 * result.quefrencies, "upwards": "Quefrency (ms)"}
        return Subject(**common, **rows, label="Cepstrum", kind="signed", limits=_beyond_envelope(result))
    if isinstance(result, Tempogram):
        return Subject(**common, rows=result.lags, upwards="Lag (s)", label="Autocorrelation")
    if isinstance(result, Mfcc | Lfcc) or isinstance(getattr(result, "_info", None), MfccInfo):
        return Subject(**common, **_numbered(values, "Coefficient"), label="Cepstrum", kind="signed")
    if hasattr(result, "frequencies"):
        amplitude = getattr(result, "amplitude", "magnitude")
        kind = amplitude if amplitude in _AMPLITUDES else "linear"
        label = _label(amplitude, getattr(result, "unit", "amplitude"))
        return Subject(**common, **_frequencies(result), label=label, kind=kind)
    if hasattr(result, "labels"):
        signed = isinstance(result, Tonnetz)
        rows = _numbered(values, "Tonal space" if signed else "Pitch class") | {"names": tuple(result.labels)}
        words = ("Coordinate", "signed") if signed else ("Energy", "positive")
        return Subject(**common, **rows, label=words[0], kind=words[1])
    name, unit = getattr(result, "name", type(result).__name__), getattr(result, "unit", "")
    name = "RMS" if name == "rms" else name.replace("zcr", "zero crossings").capitalize()
    label = f"{name} ({unit})" if unit else name
    rows = _numbered(values, "Row") if len(values) > 1 else {}
    if hasattr(result, "edges"):
        names = tuple(f"{low:.0f}-{high:.0f}" for low, high in pairwise(result.edges))
        rows = _numbered(values, "Band (Hz)") | {"names": names}
    return Subject(**common, **rows, label=label)


def _moved(result, times, along):
    """The power of each bin where it is, added up over the cells of a spectrogram of the same frames."""
    frequencies, moments, magnitudes = result.parts
    info = result._info
    bins = np.arange(len(frequencies)) * (info.sample_rate / info.stft.n_fft)
    with np.errstate(invalid="ignore"):
        rows = np.rint(frequencies / (bins[1] if len(bins) > 1 else 1.0))
        columns = np.rint((moments - info.times(1, 0)[0]) / (info.hop_size / info.sample_rate))
        inside = (rows >= 0) & (rows < len(bins)) & (columns >= 0) & (columns < len(times))
    cells = rows[inside].astype(int) * len(times) + columns[inside].astype(int)
    power = np.bincount(cells, magnitudes[inside].astype(float) ** 2, len(bins) * len(times))
    return Subject(power.reshape(len(bins), -1), times, along, rows=bins, label="Power", kind="power")


def _beyond_envelope(result):
    """Colours for what lies above half a millisecond: below it are level and slow shape of the spectrum."""
    rest = np.abs(result.data[result.quefrencies >= 5e-4])
    highest = float(np.nanquantile(rest, 0.999)) if rest.size and not np.isnan(rest).all() else 0.0
    return (-highest, highest) if highest > 0.0 else None


def _label(amplitude, unit):
    label = _AMPLITUDES.get(amplitude, "Value")
    if unit in ("power", "amplitude"):  # which the label says
        return label
    return f"{label} ({'dB re 1' if unit == 'dB' else unit})"


def _numbered(values, upwards):
    return {"rows": np.arange(len(values), dtype=float), "upwards": upwards}


def _frequencies(result):
    scale = getattr(result, "scale", "cqt" if hasattr(result, "to_magnitude") else None)
    rows = np.asarray(result.frequencies, dtype=float)
    # ERB bands are drawn equally high, wherever their centres lie.
    spacing = getattr(getattr(getattr(result, "_info", None), "scale_params", None), "spacing", "")
    words = _SPACINGS.get(spacing) or _SCALES.get(scale)
    lead = _lead(result) if scale == "cqt" else ""
    caption = f"events {lead}" if lead else ""
    return {"rows": rows, "scale": words, "notes": scale == "cqt", "caption": caption}


def _lead(result):
    """How early events stand in a constant-Q transform whose kernels are at the end of frames, in words."""
    info = result._info
    if hasattr(info, "lead"):
        return info.lead(result.n_frames)
    lead = info.conventions().get("events", "")
    return "" if lead == "0 ms early" else lead


def _average_or_plane(thing):
    if isinstance(thing, LongTermSpectrum):
        kind = "power" if thing.unit == "power" or not thing.unit.startswith("dB") else "db"
        label = _label(kind, thing.unit)
        if len(thing.times) == 1:
            curves = np.stack([each[:, 0] for each in (thing.mean, *thing.percentiles.values())])
            names = ("mean", *(f"{share:g} %" for share in thing.percentiles))
            return Subject(curves, thing.frequencies, "Frequency (Hz)", names=names, label=label, kind=kind)
        return Subject(thing.mean, thing.times, rows=np.asarray(thing.frequencies), label=label, kind=kind)
    values, axes = _real(thing.data), thing._axes()
    if values.ndim != 2 or len(axes) != 2:
        raise InvalidInputError(f"a {type(thing).__name__} of shape {values.shape} has no two axes to draw")
    (upwards, rows), (along, columns) = axes.items()
    rows, columns = np.asarray(rows), np.asarray(columns)
    order = np.argsort(rows), np.argsort(columns)
    words = [name.replace("_", " ").capitalize().replace("Col ", "Column ") for name in (upwards, along)]
    units = ("cycles per bin", "Hz") if hasattr(thing, "temporal_modulation") else ("cycles per sample",) * 2
    kind = getattr(thing, "scale", "magnitude")
    return Subject(
        values[np.ix_(*order)],
        columns[order[1]],
        f"{words[1]} ({units[1]})",
        rows[order[0]],
        f"{words[0]} ({units[0]})",
        label=kind.capitalize(),
        kind=kind,
    )


def _array(values, source, times, frequencies, unit):
    values = _real(values)
    if values.ndim not in (1, 2) or 0 in values.shape:
        raise InvalidInputError(f"an array to draw must be 1-D or 2-D and hold values, got {values.shape}")
    curve = values.ndim == 1
    values = values[np.newaxis] if curve else values
    along, label, scale = "time", unit or "", None
    made = None
    if source is not None:
        from spectrograms.integrations.pictures.sources import Source

        made = Source(source)
        values = values.T if made.frames_first and not curve else values
        times = made.times(values.shape[1]) if times is None else times
        if frequencies is None and made.frequencies is not None and len(made.frequencies) == len(values):
            frequencies = made.frequencies
        label = unit or made.label
    if times is None:
        times, along = np.arange(values.shape[1]), "Frame"
    times = _axis("times", times, values.shape[1])
    if curve:
        return Subject(values, times, along, label=label)
    kind = "db" if label.startswith(("dB", "Level")) else _UNITS.get(label, "linear")
    if frequencies is not None:
        rows = {"rows": _axis("frequencies", frequencies, len(values)), "scale": scale}
    elif made is None:
        rows = _numbered(values, "Row")
    else:
        rows = _numbered(values, made.rows)
        if len(made.names) == len(values):
            rows["names"] = made.names
    if made is not None and unit is None and kind == "linear":
        kind = made.kind
    return Subject(values, times, along, **rows, label=_AMPLITUDES.get(label, label), kind=kind)


def edges_of(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Boundaries halfway between centres, the outer ones as far out as their neighbours are in."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def evenly_spaced(frequencies: NDArray[np.float64]) -> bool:
    """Whether rows are equally high in Hz."""
    steps = np.diff(frequencies)
    return len(steps) == 0 or bool(np.allclose(steps, steps[0]))


def _axis(name, axis, n):
    axis = np.asarray(axis, dtype=float)
    if axis.shape != (n,):
        raise DimensionMismatchError(n, axis.size, f"{name} for an axis of the array")
    if not np.isfinite(axis).all() or (np.diff(axis) <= 0).any():
        raise InvalidInputError(f"{name} must be finite and ascend, got {shown(axis.tolist()[:4])}")
    return axis
