"""The fifteen spectrograms: five scales times three amplitudes, made from one table.

Each has a plan class, a planner method and a compute function. They differ in a row and a column of the
table only, so all behaviour lives in :class:`~spectrograms.plans.spectrogram.SpectrogramPlan`; this module
makes names, signatures and docstrings.
"""

import inspect
from functools import lru_cache, partial
from itertools import product

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import as_array
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError, warn
from spectrograms.features.chroma import ChromaPlan
from spectrograms.features.fourier.fft import compute_magnitude_spectrum, compute_power_spectrum
from spectrograms.features.mfcc import MfccPlan
from spectrograms.features.stft_forward import StftPlan
from spectrograms.features.stft_inverse import IstftPlan
from spectrograms.params import LogParams, SpectrogramParams
from spectrograms.params.checking import as_choice
from spectrograms.params.dtype import parse_dtype
from spectrograms.plans.base import EMPTY_FOR_SPECTROGRAM
from spectrograms.plans.infos import EFFORTS
from spectrograms.plans.scales import AMPLITUDES, DEFAULT_FLOOR, SCALES
from spectrograms.plans.spectrogram import SpectrogramPlan

# Plans that the one-shot functions keep; the least recently used goes first.
PLAN_CACHE_SIZE = 128
# What stays equal to itself, and to nothing else, as long as it lives.
_LASTING = {
    *(scale.params or type(None) for scale in SCALES),
    *(SpectrogramParams, LogParams, str, type, *(type(np.dtype(name)) for name in ("float32", "float64"))),
}
_VALUES = {
    "power": ("power", "power, ``re**2 + im**2`` of the unnormalised transform", "power"),
    "magnitude": ("magnitude", "magnitude, the square root of the power", "amplitude"),
    "db": ("dB", "decibels, ``10 * log10`` of the power, not below the floor", "dB"),
}


class FamilyPlan(SpectrogramPlan):
    """Base of the fifteen plan classes, which :class:`SpectrogramPlanner` makes."""

    __slots__ = ()

    def __init__(self, *args, **kwargs):
        raise TypeError(
            f"cannot create {type(self).__name__!r} instances directly; use "
            f"SpectrogramPlanner().{type(self)._planner_method}()"
        )

    @classmethod
    def _checked(cls, scale_params, name):
        """The parameters of the scale, if they are of its class."""
        expected = cls._scale.params
        if expected is not None and not isinstance(scale_params, expected):
            raise TypeError(f"{name} must be {expected.__name__}, got {type(scale_params).__name__}")
        return scale_params

    @classmethod
    def _from_info(cls, info):
        if (info.scale, info.amplitude) != (cls._scale.name, cls._amplitude):
            raise InvalidInputError(
                f"data of a {cls.__name__} must be of scale {cls._scale.name!r} and amplitude "
                f"{cls._amplitude!r}, got {info.scale!r} and {info.amplitude!r}"
            )
        return super()._from_info(info)

    @classmethod
    def _make(cls, params, scale_params, db, dtype, effort="estimate"):
        plan = object.__new__(cls)
        SpectrogramPlan.__init__(plan, params, scale_params, cls._amplitude, db, dtype, effort=effort)
        return plan


# Parameters compare by value, so equal configurations share a plan.
@lru_cache(maxsize=PLAN_CACHE_SIZE)
def _cached_plan(cls, params, scale_params, db, dtype):
    return cls._make(params, scale_params, db, dtype)


def keep_for_one_shots(plan):
    """Make what the one-shot function for the spectrograms of a plan would make at its first call."""
    if isinstance(plan, SpectrogramPlan) and plan.effort == "estimate":
        info = plan._info
        cls = _BY_KIND[info.scale, info.amplitude]
        # Callers usually leave the default floor out.
        for db in {info.db, None} if info.db == DEFAULT_FLOOR else {info.db}:
            _cached_plan(cls, info.params, info.scale_params, db, info.dtype).compute([0.0])


# Of no call.
_NONE = (object(),) * 5


def _one_shot(cls, latest, samples, params, scale_params, db, dtype, db_name):
    known = latest[0]
    # The objects of the call before: nothing has to be checked or looked up anew.
    if known[0] is params and known[1] is scale_params and known[2] is db and known[3] is dtype:
        return known[4](samples)
    given = params, scale_params, db, dtype
    if not isinstance(params, SpectrogramParams):
        raise TypeError(f"params must be SpectrogramParams, got {type(params).__name__}")
    cls._checked(scale_params, cls._scale.argument)
    if db is not None and not isinstance(db, LogParams):
        raise TypeError(f"{db_name} must be LogParams or None, got {type(db).__name__}")
    dtype = parse_dtype(dtype)
    if cls._amplitude != "db" and db is not None:
        warn(f"{db_name} has no effect on a {cls._amplitude} spectrogram")
        db = None
    try:
        plan = _cached_plan(cls, params, scale_params, db, dtype)
    except InvalidInputError:
        # An empty signal is reported first, as the samples are checked before the parameters.
        if as_array(samples).size == 0:
            raise ValueError(EMPTY_FOR_SPECTROGRAM) from None
        raise
    run = partial(calls.compute, plan._engine, plan._result_class, plan._info, EMPTY_FOR_SPECTROGRAM)
    # Of our own classes: others may be equal to something else at the next call. What was warned about is
    # warned about again.
    if db is given[2] and all(type(each) in _LASTING for each in given):
        latest[0] = (*given, run)
    return run(samples)


# --- one function per way of calling -------------------------------------------------------------------
# The scales call the same argument by different names. Each way is a real closure, so that signature,
# help() and TypeErrors are those of a plain function.


def _linear(cls):
    latest = [_NONE]

    def compute(samples, params, db_params=None, dtype="float64"):
        return _one_shot(cls, latest, samples, params, None, db_params, dtype, "db_params")

    return compute


def _bank(cls):
    latest = [_NONE]

    def compute(samples, params, filter_params, db=None, dtype="float64"):
        return _one_shot(cls, latest, samples, params, filter_params, db, dtype, "db")

    return compute


def _cqt(cls):
    latest = [_NONE]

    def compute(samples, params, cqt, db=None, dtype="float64"):
        return _one_shot(cls, latest, samples, params, cqt, db, dtype, "db")

    return compute


_CALLS = {None: _linear, "filter_params": _bank, "cqt": _cqt}


def _argument(name, default=inspect.Parameter.empty):
    return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _planner_method(cls, scale):
    """A method of the planner: ``(params[, {scale}_params][, db_params], dtype="float64")``."""
    names = ["self", "params"]
    if scale.params is not None:
        names.append(f"{scale.name}_params")
    arguments = [_argument(name) for name in names]
    if cls._amplitude == "db":
        arguments.append(_argument("db_params", None))
    signature = inspect.Signature([*arguments, _argument("dtype", "float64")])

    def method(*args, **kwargs):
        bound = signature.bind(*args, **kwargs).arguments
        return cls._make(
            bound["params"],
            cls._checked(bound.get(f"{scale.name}_params"), f"{scale.name}_params"),
            bound.get("db_params"),
            bound.get("dtype"),
            bound["self"].effort,
        )

    method.__signature__ = signature
    return method


# --- names and docstrings ------------------------------------------------------------------------------

_FUNCTION_DOC = """Compute the {values_short} spectrogram {over}.

Parameters
----------
samples : array_like, shape (n_samples,)
    One signal of real numbers, not empty.
params : SpectrogramParams
    Transform size, hop, window and sample rate.
{scale_doc}{db_name} : LogParams, optional
    {db_doc}
dtype : {{"float64", "float32"}}
    Precision of arithmetic and result, whatever the dtype of the samples.

Returns
-------
Spectrogram, shape (n_bins, n_frames)
    Values are {values}. Rows are {rows}.

Raises
------
ValueError
    If `samples` is empty or `dtype` unknown.
TypeError
    If `samples` is not 1-D or a parameter object is of the wrong class.
InvalidInputError
    If the scale reaches beyond the Nyquist frequency.

See Also
--------
{plan} : The same with the tables kept; made by ``SpectrogramPlanner().{method}()``.
{siblings} : The same rows with other values.

Notes
-----
{formula}

The tables are kept for the next call with equal parameters.

{references}Examples
--------
>>> import numpy as np
>>> import spectrograms as sg
>>> tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)  # a second of 1 kHz
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
{example_scale}>>> spectrogram = sg.{function}(tone, params{example_argument})
>>> spectrogram.shape, spectrogram.unit
(({example_rows}, 101), {unit!r})
>>> loudest = int(spectrogram.data[:, 50].argmax())
>>> round(spectrogram.frequencies[loudest])  # Hz
{example_peak}

{example_more}
"""

# What the example of each amplitude shows beside shape and axis.
_MORE = {
    "power": """A signal of twice the amplitude has four times the power:

>>> louder = sg.{function}(2 * tone, params{example_argument})
>>> round(float(louder.data.max() / spectrogram.data.max()), 6)
4.0""",
    "magnitude": """It is the square root of the power:

>>> power = sg.{power_function}(tone, params{example_argument})
>>> np.allclose(spectrogram.data**2, power.data)
True""",
    "db": """Silence lies at the floor:

>>> silence = sg.{function}(np.zeros(16000), params{example_argument})
>>> float(silence.data.max())
-80.0""",
}

_PLAN_DOC = """Plan of {values_short} spectrograms {over}, made by ``SpectrogramPlanner().{method}()``.

See :class:`SpectrogramPlan` for what it does, :func:`{function}` for the definition.

See Also
--------
SpectrogramPlanner.{method} : Makes it.
{function} : Makes and uses it in one call.

Examples
--------
>>> import numpy as np
>>> import spectrograms as sg
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
>>> plan = sg.SpectrogramPlanner().{method}(params{example_parameters})
>>> plan.output_shape(16000)
({example_rows}, 101)
>>> noise = np.random.default_rng(0).standard_normal(16000)
>>> plan.compute(noise).shape
({example_rows}, 101)
"""

_METHOD_DOC = """Make a plan of {values_short} spectrograms {over}.

Parameters
----------
params : SpectrogramParams
    Transform size, hop, window and sample rate.
{scale_doc}{db_argument}dtype : {{"float64", "float32"}}
    Precision of arithmetic and result.

Returns
-------
{plan}

Raises
------
InvalidInputError
    If the scale reaches beyond the Nyquist frequency.

See Also
--------
{function} : The definition.

Examples
--------
>>> import spectrograms as sg
>>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
>>> sg.SpectrogramPlanner().{method}(params{example_parameters}).n_bins
{example_rows}
"""


def _texts(scale, amplitude, plan, function, method):
    short, long, unit = _VALUES[amplitude]
    db_name = "db" if scale.argument else "db_params"
    db_doc = "Floor of the values, -80 dB by default." if amplitude == "db" else "No effect; warned about."
    scale_line = "{} : {}\n    {}\n"
    parameters, rows, peak = scale.example
    siblings = [
        function.replace(f"_{amplitude}_", f"_{other}_") for other in AMPLITUDES if other != amplitude
    ]
    words = {
        "values_short": short,
        "unit": unit,
        "siblings": ", ".join(siblings),
        "power_function": function.replace(f"_{amplitude}_", "_power_"),
        "example_scale": f">>> bands = {parameters}\n" if parameters else "",
        "example_argument": ", bands" if parameters else "",
        "example_parameters": f", {parameters}" if parameters else "",
        "example_rows": rows,
        "example_peak": peak,
        "values": long,
        "over": scale.over,
        "rows": scale.rows,
        "formula": scale.formula,
        "references": f"References\n----------\n{scale.reference}\n\n" if scale.reference else "",
        "plan": plan,
        "function": function,
        "method": method,
        "db_name": db_name,
        "db_doc": db_doc,
        "db_argument": f"db_params : LogParams, optional\n    {db_doc}\n" if amplitude == "db" else "",
    }
    kind = scale.params.__name__ if scale.params else ""
    words["example_more"] = _MORE[amplitude].format(**words)
    function_scale = scale_line.format(scale.argument, kind, scale.about) if scale.params else ""
    method_scale = scale_line.format(f"{scale.name}_params", kind, scale.about) if scale.params else ""
    return (
        _PLAN_DOC.format(**words),
        _FUNCTION_DOC.format(scale_doc=function_scale, **words),
        _METHOD_DOC.format(scale_doc=method_scale, **words),
    )


def _dress(thing, name, doc, qualname=None):
    thing.__name__ = name
    thing.__qualname__ = qualname or name
    thing.__module__ = "spectrograms"
    thing.__doc__ = doc
    return thing


def _family():
    """Make every class, method and function of the table."""
    names, methods = {}, {}
    for scale, amplitude in product(SCALES, AMPLITUDES):
        plan_name = f"{scale.prefix}{amplitude.title()}Plan"
        function_name = f"compute_{scale.name}_{amplitude}_spectrogram"
        method_name = f"{scale.name}_{amplitude}_plan"
        plan_doc, function_doc, method_doc = _texts(scale, amplitude, plan_name, function_name, method_name)
        cls = type(
            plan_name,
            (FamilyPlan,),
            {"__slots__": (), "_scale": scale, "_amplitude": amplitude, "_planner_method": method_name},
        )
        names[plan_name] = _dress(cls, plan_name, plan_doc)
        names[function_name] = _dress(_CALLS[scale.argument](cls), function_name, function_doc)
        methods[method_name] = _dress(
            _planner_method(cls, scale), method_name, method_doc, f"SpectrogramPlanner.{method_name}"
        )
    return names, methods


_names, _methods = _family()
_BY_KIND = {(cls._scale.name, cls._amplitude): cls for cls in _names.values() if isinstance(cls, type)}
globals().update(_names)


@documented()
class SpectrogramPlanner:
    """Makes plans: one method for each kind of spectrogram and feature.

    Parameters
    ----------
    effort : {"estimate", "measure", "patient"}, keyword-only
        How long FFTW may look for the fastest transforms of the plans; see :class:`SpectrogramPlan`.

    Raises
    ------
    InvalidInputError
        If there is no such effort.

    See Also
    --------
    SpectrogramPlan : One class for all spectrograms.

    %(examples)s
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> planner = sg.SpectrogramPlanner()
    >>> plan = planner.mel_db_plan(params, sg.MelParams(80, 0.0, 8000.0))
    >>> [plan.compute(signal).shape for signal in (np.ones(16000), np.ones(32000))]
    [(80, 101), (80, 201)]
    """

    __slots__ = ("effort",)

    def __init__(self, *, effort="estimate"):
        self.effort = as_choice("effort", effort, EFFORTS)

    def __repr__(self):
        return f"SpectrogramPlanner({'' if self.effort == 'estimate' else f'effort={self.effort!r}'})"

    def stft_plan(self, params, dtype="float64"):
        """Make a plan of short-time Fourier transforms; see :class:`StftPlan` for the parameters.

        Returns
        -------
        StftPlan

        %(plain_examples)s
        >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
        >>> sg.SpectrogramPlanner().stft_plan(params).output_shape(16000)
        (257, 101)
        """
        return StftPlan(params, dtype, effort=self.effort)

    def istft_plan(self, params, dtype="float64"):
        """Make a plan of inverse transforms; see :class:`IstftPlan` for the parameters.

        Returns
        -------
        IstftPlan

        %(plain_examples)s
        >>> sg.SpectrogramPlanner().istft_plan(sg.StftParams(512, 128, "hann")).output_length(126)
        16000
        """
        return IstftPlan(params, dtype, effort=self.effort)

    def mfcc_plan(self, stft_params, sample_rate, n_mels, mfcc_params, dtype="float64"):
        """Make a plan of mel-frequency cepstral coefficients; see :class:`MfccPlan` for the parameters.

        Returns
        -------
        MfccPlan

        %(plain_examples)s
        >>> stft = sg.StftParams(512, 160, "hann")
        >>> sg.SpectrogramPlanner().mfcc_plan(stft, 16000, 40, sg.MfccParams(13)).n_bins
        13
        """
        return MfccPlan(stft_params, sample_rate, n_mels, mfcc_params, dtype, effort=self.effort)

    def chroma_plan(self, stft_params, sample_rate, chroma_params, dtype="float64"):
        """Make a plan of chromagrams; see :class:`ChromaPlan` for the parameters.

        Returns
        -------
        ChromaPlan

        %(plain_examples)s
        >>> stft = sg.StftParams(2048, 512, "hann")
        >>> sg.SpectrogramPlanner().chroma_plan(stft, 22050, sg.ChromaParams()).n_bins
        12
        """
        return ChromaPlan(stft_params, sample_rate, chroma_params, dtype, effort=self.effort)

    def compute_stft(self, samples, params, dtype="float64"):
        """Compute the short-time Fourier transform; see :func:`spectrograms.compute_stft`."""
        return self.stft_plan(params, dtype).compute(samples)

    def compute_power_spectrum(self, samples, n_fft, window, dtype="float64"):
        """Compute the power spectrum of one frame; see :func:`spectrograms.compute_power_spectrum`."""
        return compute_power_spectrum(samples, n_fft, window, dtype)

    def compute_magnitude_spectrum(self, samples, n_fft, window, dtype="float64"):
        """Compute the magnitudes of one frame; see :func:`spectrograms.compute_magnitude_spectrum`."""
        return compute_magnitude_spectrum(samples, n_fft, window, dtype)


for _name, _method in _methods.items():
    setattr(SpectrogramPlanner, _name, _method)
SpectrogramPlanner.__module__ = "spectrograms"

__all__ = ["SpectrogramPlanner", *_names]
