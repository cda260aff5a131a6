"""The twenty-one spectrograms: seven scales times three amplitudes, made from one table.

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
from spectrograms.features.variant_texts import texts
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


class FamilyPlan(SpectrogramPlan):
    """Base of the twenty-one plan classes, which :class:`SpectrogramPlanner` makes."""

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


# --- names --------------------------------------------------------------------------------------------


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
        plan_doc, function_doc, method_doc = texts(scale, amplitude, plan_name, function_name, method_name)
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
        """Compute the short-time Fourier transform; see :func:`spectrograms.compute_stft`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> params = sg.SpectrogramParams.speech_default(16000)
        >>> sg.SpectrogramPlanner().compute_stft(np.ones(16000), params).shape
        (257, 101)
        """
        return self.stft_plan(params, dtype).compute(samples)

    def compute_power_spectrum(self, samples, n_fft, window, dtype="float64"):
        """Compute the power spectrum of one frame; see :func:`spectrograms.compute_power_spectrum`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.SpectrogramPlanner().compute_power_spectrum(np.ones(4), 4, "rectangular")
        array([16.,  0.,  0.])
        """
        return compute_power_spectrum(samples, n_fft, window, dtype)

    def compute_magnitude_spectrum(self, samples, n_fft, window, dtype="float64"):
        """Compute the magnitudes of one frame; see :func:`spectrograms.compute_magnitude_spectrum`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> sg.SpectrogramPlanner().compute_magnitude_spectrum(np.ones(4), 4, "rectangular")
        array([4., 0., 0.])
        """
        return compute_magnitude_spectrum(samples, n_fft, window, dtype)


for _name, _method in _methods.items():
    setattr(SpectrogramPlanner, _name, _method)
SpectrogramPlanner.__module__ = "spectrograms"

__all__ = ["SpectrogramPlanner", *_names]
