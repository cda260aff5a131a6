"""Options of ``compute``: one table behind its flags, its config file and ``--print-config``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from spectrograms._common.plain import read_object
from spectrograms.errors import InvalidInputError, shown
from spectrograms.places.urls import local, placed

SCALES = ("linear", "mel", "erb", "bark", "loghz", "octave", "cqt")
AMPLITUDES = ("power", "magnitude", "db")
#: What else is made of the frames of a recording; the last nine are one number of each frame.
FEATURES = (
    *("mfcc", "lfcc", "cepstrum", "power_cepstrum", "chroma", "chroma_cqt", "tonnetz", "cens"),
    *("contrast", "onsets", "tempogram", "reassigned"),
    *("centroid", "bandwidth", "rolloff", "flatness", "rms", "zcr", "crest", "entropy", "slope"),
)
_SPECTROGRAM = "spectrogram"
_CLASSES = ("chroma", "chroma_cqt", "tonnetz", "cens")
_ANY = (_SPECTROGRAM, *FEATURES)
#: Processes on one machine: Python and Dask would try to start any number of them.
MOST_WORKERS = 1024


class UsageError(Exception):
    """Arguments that are wrong, or make no sense together: exit code 2."""


def any_path(name: str, path: str) -> str:
    """A path or a URL given as the argument `name`; UsageError if it leads nowhere."""
    try:
        return placed(path, name)
    except InvalidInputError as error:
        raise UsageError(str(error)) from None


def local_path(name: str, path: str) -> str:
    """A path given as the argument `name`; UsageError if it is a URL, or cannot be a path."""
    try:
        return local(path, name)
    except InvalidInputError as error:
        raise UsageError(str(error)) from None


def _whole(value):
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    return int(value)


def _number(value):
    if isinstance(value, bool) or not math.isfinite(float(value)):
        raise ValueError(value)
    return float(value)


def _text(value):
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _capitals(value):
    return _text(value).upper()


def _switch(value):
    if not isinstance(value, bool):
        raise ValueError(value)
    return value


def _channels(value):
    if value in ("mix", "each"):
        return value
    index = _whole(value)
    if index < 0:
        raise ValueError(value)
    return index


@dataclass(frozen=True)
class Option:
    """A flag, which is also a key of the config file and an argument of a parameter class."""

    name: str
    convert: Callable[[Any], Any]
    default: object
    help: str
    choices: tuple[str, ...] = ()
    kind: str = "a string"
    scales: tuple[str, ...] = SCALES
    amplitudes: tuple[str, ...] = AMPLITUDES
    features: tuple[str, ...] = (_SPECTROGRAM,)
    defaults: dict[str, Any] = field(default_factory=dict)  # by scale or feature, where they differ

    def missing(self, feature: str, scale: str, amplitude: str) -> str:
        """What else would give the option a meaning; empty if it has one."""
        if feature not in self.features:
            return "--feature " + " or ".join(self.features)
        if feature != _SPECTROGRAM:
            return ""
        if scale not in self.scales:
            return "--scale " + " or ".join(self.scales)
        return "" if amplitude in self.amplitudes else "--amplitude db"

    def checked(self, value: Any) -> Any:
        """`value`, converted; ValueError if it is not allowed."""
        if value is None and self.default is None:
            return None
        value = self.convert(value)
        if self.choices and value not in self.choices:
            raise ValueError(value)
        return value

    @property
    def expected(self) -> str:
        """What a value must be, for messages."""
        return "one of " + ", ".join(self.choices) if self.choices else self.kind


def _int(name, default, text, **more):
    return Option(name, _whole, default, text, kind="a whole number", **more)


def _float(name, default, text, **more):
    return Option(name, _number, default, text, kind="a number", **more)


_BANKS = ("mel", "erb", "bark", "loghz", "octave")

OPTIONS = (
    Option("feature", _text, _SPECTROGRAM, "what is computed of each frame", choices=_ANY, features=_ANY),
    Option("scale", _text, "linear", "frequency scale", choices=SCALES),
    Option("amplitude", _text, "db", "what the values are", choices=AMPLITUDES),
    _int("n_fft", 1024, "FFT length in samples", features=_ANY),
    _int("hop_size", 256, "samples from one frame to the next", features=_ANY),
    Option("window", _text, "hanning", "window, such as hann, blackman or kaiser=8.0", features=_ANY),
    _int("win_length", None, "window length in samples, if shorter than the FFT", features=_ANY),
    Option(
        "centre",
        _switch,
        True,
        "centre frames on their time, padding the ends",
        kind="true or false",
        features=_ANY,
    ),
    Option(
        "pad_mode",
        _text,
        "zeros",
        "what lies beyond the ends",
        choices=("zeros", "reflect", "edge"),
        features=_ANY,
    ),
    Option(
        "periodic",
        _switch,
        False,
        "periodic instead of symmetric window",
        kind="true or false",
        features=_ANY,
    ),
    _int(
        "n_mels",
        80,
        "mel bands",
        scales=("mel",),
        features=(_SPECTROGRAM, "mfcc", "onsets", "tempogram"),
        defaults={"mfcc": 40, "onsets": 128, "tempogram": 128},
    ),
    _int("n_mfcc", 13, "coefficients", features=("mfcc",)),
    _int("n_lfcc", 40, "coefficients", features=("lfcc",)),
    _int("n_chroma", 12, "pitch classes", features=_CLASSES),
    _float("tuning", 0.0, "of pitch classes above A4 = 440 Hz, in classes", features=_CLASSES),
    _int("lag", 1, "frames over which onsets rise", features=("onsets", "tempogram")),
    _int(
        "n_filters",
        64,
        "ERB bands, usually with --spacing erb_rate; bands of LFCC",
        scales=("erb",),
        features=(_SPECTROGRAM, "lfcc"),
        defaults={"lfcc": 128},
    ),
    Option(
        "spacing",
        _text,
        "linear",
        "of ERB bands: erb_rate is what is usually meant; linear are equal steps in Hz",
        choices=("linear", "erb_rate", "apple_tr35"),
        scales=("erb",),
    ),
    _int(
        "n_bands",
        24,
        "Bark bands; of contrast: octaves",
        scales=("bark",),
        features=(_SPECTROGRAM, "contrast"),
        defaults={"contrast": 6},
    ),
    _int("n_bins", 128, "logarithmic bands", scales=("loghz",)),
    _int("fraction", 3, "bands of an octave", scales=("octave",)),
    _int("bins_per_octave", 12, "constant-Q bins per octave", scales=("cqt",)),
    _int("n_octaves", None, "octaves; default: as many as lie below the Nyquist frequency", scales=("cqt",)),
    Option(
        "cqt_method",
        _text,
        "frame",
        "kernels cut to the frame, or multirate: whole ones around its time, as librosa's",
        choices=("frame", "multirate"),
        scales=("cqt",),
    ),
    _float("gamma", 0.0, "Hz more for each bin's bandwidth, with --cqt-method multirate", scales=("cqt",)),
    _float(
        "f_min",
        0.0,
        "lowest frequency in Hz; default: linear, mel and bark 0, erb 50, octave 25, loghz and cqt 32.7, "
        "contrast 200",
        scales=("linear", *_BANKS, "cqt"),
        features=(_SPECTROGRAM, "contrast", "lfcc"),
        defaults={"erb": 50.0, "loghz": 32.7, "octave": 25.0, "cqt": 32.7, "contrast": 200.0},
    ),
    _float(
        "f_max",
        None,
        "highest frequency in Hz; default: the Nyquist frequency",
        scales=("linear", *_BANKS),
        features=(_SPECTROGRAM, "lfcc"),
    ),
    Option("norm", _text, "none", "mel band norm", choices=("none", "slaney", "l1", "l2"), scales=("mel",)),
    Option(
        "formula",
        _text,
        "slaney",
        "mel formula, slaney or htk; of bark: traunmuller, schroeder or wang",
        choices=("slaney", "htk", "traunmuller", "schroeder", "wang"),
        scales=("mel", "bark"),
        defaults={"bark": "traunmuller"},
    ),
    _float("floor_db", -80.0, "lowest value in dB", amplitudes=("db",)),
    _float("reference", 1.0, "amplitude that is 0 dB, such as 20e-6", amplitudes=("db",)),
    Option(
        "weighting",
        _text,
        "none",
        "curve of sound level meters that is added to the levels",
        choices=("none", "A", "B", "C", "D"),
        amplitudes=("db",),
    ),
    Option(
        "scaling",
        _text,
        "none",
        "what power is: density for units**2/Hz, spectrum, magnitude, dBFS",
        choices=("none", "density", "spectrum", "magnitude", "dBFS"),
        scales=("linear", *_BANKS),
    ),
    _float("calibration", 1.0, "units for a sample of full scale", scales=("linear", *_BANKS)),
    Option("unit", _text, None, "unit of the samples, such as Pa; default: V", scales=("linear", *_BANKS)),
    Option("dtype", _text, "float32", "precision", choices=("float32", "float64"), features=_ANY),
    _int("sample_rate", None, "rate in Hz to resample to; default: each file's own", features=_ANY),
    Option(
        "resampling_quality",
        _capitals,
        "VHQ",
        "of soxr, from the most exact to the quickest",
        choices=("VHQ", "HQ", "MQ", "LQ", "QQ"),
        features=_ANY,
    ),
    Option(
        "channels",
        _channels,
        "mix",
        "mix, each or a channel's number from 0",
        kind="mix, each or a number from 0",
        features=_ANY,
    ),
)
BY_NAME = {option.name: option for option in OPTIONS}

#: The options in groups, as ``--help`` shows them.
GROUPS = {
    "what is computed": ("feature", "scale", "amplitude", "dtype"),
    "features": ("n_mfcc", "n_lfcc", "n_chroma", "tuning", "lag"),
    "frames": ("n_fft", "hop_size", "window", "win_length", "periodic", "centre", "pad_mode"),
    "frequencies": (
        *("n_mels", "n_filters", "spacing", "n_bands", "n_bins", "fraction", "bins_per_octave", "n_octaves"),
        *("cqt_method", "gamma", "f_min", "f_max", "norm", "formula"),
    ),
    "levels": ("floor_db", "reference", "weighting", "scaling", "calibration", "unit"),
    "the sound that is read": ("sample_rate", "resampling_quality", "channels"),
}


def resolve(config_path: str | None, flags: dict[str, Any]) -> dict[str, Any]:
    """The complete configuration: defaults, then the config file, then the flags.

    Parameters
    ----------
    config_path : str or None
        JSON or TOML file. It may hold options of several scales; those of other scales are ignored.
    flags : dict
        Options given on the command line, by name.

    Returns
    -------
    dict
        Every option that has a meaning for the resulting feature, scale and amplitude, in the table's order.

    Raises
    ------
    UsageError
        For an unreadable config file, an unknown key, a wrong value, or a flag without a meaning here.
    """
    given = {**(_load(local_path("--config", config_path)) if config_path else {}), **flags}
    feature = given.get("feature", _SPECTROGRAM)
    scale = given.get("scale", "linear") if feature == _SPECTROGRAM else feature
    amplitude = given.get("amplitude", "db")
    config = {}
    for option in OPTIONS:
        missing = option.missing(feature, scale, amplitude)
        if not missing:
            default = option.defaults.get(scale, option.default)
            config[option.name] = given.get(option.name, default)
        elif option.name in flags:
            raise UsageError(f"--{option.name.replace('_', '-')} needs {missing}")
    return config


def _toml(path):
    import tomllib

    with open(path, "rb") as file:
        return tomllib.load(file)


def _load(path):
    """The options in a JSON or TOML file, checked."""
    try:
        document = _toml(path) if path.endswith(".toml") else read_object("text of", path)
    except OSError as error:
        raise UsageError(f"config file {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # of the parsers, and bytes that are not UTF-8
        raise UsageError(f"config file {path}: {error}") from error
    if document.pop("schema", 1) != 1:
        raise UsageError(f"config file {path}: schema must be 1")
    options = {}
    for name, value in document.items():
        if name not in BY_NAME:
            raise UsageError(f"config file {path}: unknown option {name!r}")
        try:
            options[name] = BY_NAME[name].checked(value)
        except (ValueError, TypeError):
            expected = BY_NAME[name].expected
            raise UsageError(f"config file {path}: {name} must be {expected}, got {shown(value)}") from None
    return options
