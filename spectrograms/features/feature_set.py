"""Many features from one pass: frames are cut, windowed and transformed once for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from itertools import combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common import registry
from spectrograms._common.documenting import documented
from spectrograms._common.plain import PlainData, as_dict, fields
from spectrograms._engine.loop.signals import as_signal
from spectrograms._engine.memory.views import writable
from spectrograms._engine.run import calls
from spectrograms.errors import InvalidInputError, shown, unsaid, warn
from spectrograms.features.feature_specs import plan_of
from spectrograms.params import (
    SpectrogramParams,
    StftParams,
    parse_dtype,
)
from spectrograms.params.checking import as_instance
from spectrograms.plans.base import EMPTY, engine_of
from spectrograms.plans.batch import apart, compute_all, overlap
from spectrograms.plans.streaming import SampleStream
from spectrograms.plans.units import factors_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms._engine.loop.engine import Engine
    from spectrograms.params.dtype import DType


def _read_plan(data):
    """The plan of one feature, from its entry in the dict of a set."""
    entry = as_dict("feature", data)
    if set(entry) != {"plan", "config"}:
        raise TypeError(f"feature must have the entries 'plan' and 'config', got {shown(list(entry))}")
    config = as_dict("config", entry["config"])
    cls = registry.find(registry.SHARING, config.get("type"))
    named = entry["plan"]
    if cls is None or not isinstance(named, str) or named != cls.__name__:
        known = ", ".join(name for _, name in registry.SHARING.values())
        raise InvalidInputError(f"plan must be one of {known}, and its config's, got {shown(named)}")
    return cls.from_dict(config)


@contextmanager
def _naming(name):
    """Let errors name the feature that they are about."""
    if not isinstance(name, str):
        raise TypeError(f"names of features must be str, got {shown(name)}")
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError(f"features[{shown(name)}]: {error}") from None
    except TypeError as error:
        raise TypeError(f"features[{shown(name)}]: {error}") from None


def _shared(info):
    """The settings that all features of one pass must share."""
    return info.stft, info.sample_rate, info.dtype, info.effort, factors_of(info.measured)


@documented()
class FeatureSet(PlainData):
    """Several features of the same frames, from one pass of transforms.

    Each result is, bit for bit, what the plan of that feature computes alone.

    Parameters
    ----------
    stft_params : StftParams
        Transform size, hop, window and centring of all features.
    %(sample_rate)s
    features : dict of str to spec
        What to compute, by names of your choice. A spec is one of

        - ``"power"``, ``"magnitude"``, ``"db"``: the linear spectrogram;
        - MelParams, ErbParams, BarkParams, LogHzParams, OctaveParams, CqtParams or LinearParams: power on
          that scale; with an amplitude in a tuple, ``(MelParams(...), "db")``, and with a floor
          ``(MelParams(...), "db", LogParams(-60.0))``;
        - MfccParams, over 40 mel bands, or over n_mels with ``(MfccParams(...), n_mels)``;
        - LfccParams; ContrastParams; ChromaParams, ChromaStftParams or ChromaCqtParams, or
          ``(ChromaStftParams(...), "tonnetz")`` for the coordinates of :class:`TonnetzPlan`;
        - ``"centroid"``, ``"bandwidth"``, ``"rolloff"``, ``"flatness"``, ``"rms"``, ``"zcr"``,
          ``"crest"``, ``"entropy"``, ``"slope"``: see :class:`DescriptorPlan`;
        - ``"cepstrum"`` or ``"power_cepstrum"``: see :class:`CepstrumPlan`.
    dtype : {"float64", "float32"}
        Precision of arithmetic and results.
    %(effort)s
    scaling, calibration, unit, detrend : str, float, str, str
        Units of spectrograms, as for :class:`SpectrogramParams`. Other features have none: they take no other
        `scaling`, `calibration` and `detrend` than the defaults.

    Raises
    ------
    InvalidInputError
        If there is no feature, more than 32, or one that cannot be computed; the message names it.
    TypeError
        If a spec is none of the above.

    Warns
    -----
    SpectrogramWarning
        Once, if features have bands without a bin, or constant-Q kernels longer than a frame; they are named.

    See Also
    --------
    SpectrogramPlan, MfccPlan, ChromaPlan, ContrastPlan, DescriptorPlan : Compute one of the features.
    OnsetPlan, CensPlan, TempogramPlan, delta, pcen, hpss : Made of several frames, or of features.

    Notes
    -----
    A feature here is made of the transform of one frame. What compares frames is not: onsets
    (:class:`OnsetPlan`), tempograms (:class:`TempogramPlan`) and smoothed pitch classes (:class:`CensPlan`)
    have plans and streams of their own; harmonic and percussive parts, deltas and PCEN take the results of a
    set. :func:`time_stretch` gives samples.

    %(examples)s
    >>> features = sg.FeatureSet(
    ...     sg.StftParams(512, 160, "hann"),
    ...     16000,
    ...     {"mel": (sg.MelParams(80, 0.0, 8000.0), "db"), "mfcc": sg.MfccParams(13), "loudness": "rms"},
    ... )
    >>> {name: result.shape for name, result in features.compute(np.zeros(16000)).items()}
    {'mel': (80, 101), 'mfcc': (13, 101), 'loudness': (1, 101)}
    """

    __slots__ = ("__weakref__", "_engine", "_plans")

    def __init__(
        self,
        stft_params: StftParams,
        sample_rate: float,
        features: Mapping[str, Any],
        dtype: DType = None,
        *,
        effort: str = "estimate",
        scaling: str = "none",
        calibration: float = 1.0,
        unit: str | None = None,
        detrend: str = "none",
    ) -> None:
        stft = as_instance("stft_params", stft_params, StftParams)
        params = SpectrogramParams(
            stft, sample_rate, scaling=scaling, calibration=calibration, unit=unit, detrend=detrend
        )
        dtype = parse_dtype(dtype)
        plans, findings = {}, []
        for name, spec in as_dict("features", features).items():
            with _naming(name), unsaid() as texts:
                plans[name] = plan_of(spec, params, dtype, effort)
            findings += [f"{text} (features[{shown(name)}])" for text in texts]
        self._set_up(plans)
        if findings:
            warn("; ".join(findings))

    def _set_up(self, plans):
        if not 1 <= len(plans) <= calls.MOST_OUTPUTS:
            raise InvalidInputError(f"features must be 1 to {calls.MOST_OUTPUTS}, got {len(plans)}")
        infos = [plan._info for plan in plans.values()]
        for name, info in zip(plans, infos, strict=True):
            if _shared(info) != _shared(infos[0]):
                raise InvalidInputError(
                    f"features[{shown(name)}] must have frames, sample rate, units, dtype and effort of "
                    "the others"
                )
        self._plans = MappingProxyType(plans)
        outputs = [plan._output(info) for plan, info in zip(plans.values(), infos, strict=True)]
        self._engine = engine_of(outputs, infos[0])

    @property
    def plans(self) -> Mapping[str, Any]:
        """The plan of each feature, by name, read-only: what computes it alone."""
        return self._plans

    @property
    def dtype(self) -> str:
        """Precision of arithmetic and results: ``"float32"`` or ``"float64"``."""
        return next(iter(self._plans.values())).dtype

    def frame_count(self, n_samples: int) -> int:
        """Number of frames of a signal of `n_samples` samples.

        Examples
        --------
        >>> import spectrograms as sg
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"level": "rms"})
        >>> features.frame_count(16000)
        101
        """
        return next(iter(self._plans.values())).frame_count(n_samples)

    def output_shape(self, n_samples: int) -> dict[str, tuple[int, int]]:
        """Shape of each result for a signal of `n_samples` samples, by name.

        %(plain_examples)s
        >>> specs = {"mfcc": sg.MfccParams(13), "rms": "rms"}
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, specs)
        >>> features.output_shape(16000)
        {'mfcc': (13, 101), 'rms': (1, 101)}
        """
        return {name: plan.output_shape(n_samples) for name, plan in self._plans.items()}

    def times(self, n_samples: int) -> NDArray[np.float64]:
        """Time of each frame of a signal of `n_samples` samples, in seconds, ndarray of float64.

        The middle of the frame with centred frames, else its beginning, as with plans.

        %(plain_examples)s
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"rms": "rms"})
        >>> features.times(480)
        array([0.  , 0.01, 0.02, 0.03])
        """
        return next(iter(self._plans.values())).times(n_samples)

    def compute(self, samples: ArrayLike, out: dict[str, NDArray[Any]] | None = None) -> dict[str, Any]:
        """Compute all features of a signal.

        Parameters
        ----------
        samples : array_like, shape (n_samples,)
            One signal of real numbers, any dtype and stride.
        out : dict of str to ndarray, optional
            Where to write instead of new memory: an array of the plan's dtype for each feature.

        Returns
        -------
        dict of str to result
            A Spectrogram, Mfcc, Lfcc, Chromagram, Tonnetz, Contrast, Cepstrum or Descriptor for each feature;
            or `out`, if given.

        Raises
        ------
        ValueError
            If `samples` is empty.
        TypeError
            If `samples` is not 1-D, or `out` does not fit.

        %(examples)s
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"loudness": "rms"})
        >>> features.compute(np.ones(16000))["loudness"].shape
        (1, 101)
        """
        if out is None:
            plans = self._plans.values()
            results = calls.compute_outputs(
                self._engine, [p._result_class for p in plans], samples, [p._info for p in plans], EMPTY
            )
            return dict(zip(self._plans, results, strict=True))
        signal = as_signal(samples, EMPTY)
        arrays = self._outs(out, self.output_shape(len(signal)).values())
        calls.compute_outputs_into(self._engine, apart(signal, arrays), arrays, EMPTY)
        return out

    def compute_batch(
        self,
        signals: Any,
        *,
        out: dict[str, NDArray[Any]] | None = None,
        num_threads: int | None = None,
    ) -> dict[str, Any]:
        """Compute all features of many signals at once, on several threads.

        Parameters
        ----------
        signals : array_like, shape (..., n_samples), or sequence of array_like
            As for ``compute_batch`` of a plan.
        out : dict of str to ndarray, optional
            Where to write, for signals in one array: shape (..., n_bins, n_frames) each.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        dict of str to ndarray or Batch
            An array for each feature where signals are one array, else a Batch for each.

        Raises
        ------
        TypeError, ValueError
            As ``compute_batch`` of a plan; nothing is computed then.

        %(examples)s
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"mfcc": sg.MfccParams(13)})
        >>> features.compute_batch(np.ones((4, 16000)))["mfcc"].shape
        (4, 13, 101)
        """
        plans = tuple(self._plans.values())
        if out is None:
            return dict(zip(self._plans, compute_all(self._engine, plans, signals, num_threads), strict=True))

        def targets(shapes):
            return self._outs(out, shapes)

        compute_all(self._engine, plans, signals, num_threads, targets)
        return out

    def _warm(self):
        self.compute(np.zeros(1))

    def _outs(self, out, shapes):
        """Private views of the arrays of `out` in order, each checked."""
        if not isinstance(out, dict) or set(out) != set(self._plans):
            got = sorted(out, key=str) if isinstance(out, dict) else type(out).__name__
            raise TypeError(f"out must be a dict with an array for each of {sorted(self._plans)}, got {got}")
        dtype = np.dtype(self.dtype)
        arrays = {
            name: writable(out[name], shape, dtype, f"out[{name!r}]")
            for name, shape in zip(self._plans, shapes, strict=True)
        }
        for (a, first), (b, second) in combinations(arrays.items(), 2):
            if overlap(first, second):
                raise ValueError(f"out[{a!r}] and out[{b!r}] must not overlap")
        return list(arrays.values())

    def stream(self) -> FeatureStream:
        """Start a stream: the same frames, from chunks as they arrive.

        Returns
        -------
        FeatureStream

        %(examples)s
        >>> stream = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"rms": "rms"}).stream()
        >>> stream.push(np.ones(1000))["rms"].shape, stream.flush()["rms"].shape
        ((1, 5), (1, 2))
        """
        return FeatureStream(self._engine, self.dtype, tuple(self._plans))

    # --- as data --------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The set as plain types, for :meth:`from_dict`.

        Examples
        --------
        >>> import spectrograms as sg
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"level": "rms"})
        >>> features.to_dict()["features"]["level"]["plan"]
        'DescriptorPlan'
        """
        features = {
            name: {"plan": type(plan).__name__, "config": plan.to_dict()}
            for name, plan in self._plans.items()
        }
        return {"type": "FeatureSet", "features": features}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Rebuild a set from `data`, the dict of :meth:`to_dict`.

        Raises
        ------
        InvalidInputError
            If it describes something else, a value is out of range, or features differ in what all share.
        TypeError
            If it is not a dict, or an entry is missing or unknown.

        Examples
        --------
        >>> import spectrograms as sg
        >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"level": "rms"})
        >>> sg.FeatureSet.from_dict(features.to_dict()).to_dict() == features.to_dict()
        True
        """
        features = as_dict("features", fields("data", data, "FeatureSet", ("features",))["features"])
        plans = {}
        for name, each in features.items():
            with _naming(name):
                plans[name] = _read_plan(each)
        self = object.__new__(cls)
        self._set_up(plans)
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FeatureSet):
            return NotImplemented
        return list(self._plans.items()) == list(other._plans.items())

    def __hash__(self) -> int:
        return hash(tuple(self._plans.items()))

    def __repr__(self) -> str:
        stft = next(iter(self._plans.values()))._info.stft
        return f"FeatureSet({stft}, {', '.join(self._plans)}, dtype={self.dtype!r})"


# By this name pickles of earlier versions know it.
_rebuild = FeatureSet.from_dict


@documented()
class FeatureStream(SampleStream):
    """Frames of all features of a set, chunk by chunk; made by ``FeatureSet.stream()``.

    Side by side they are, bit for bit, what the set computes for the whole signal.

    See Also
    --------
    FeatureSet.stream : Makes it.
    Stream : Frames of one plan.

    %(examples)s
    >>> specs = {"mfcc": sg.MfccParams(13), "rms": "rms"}
    >>> features = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, specs)
    >>> stream = features.stream()
    >>> {name: frames.shape for name, frames in stream.push(np.zeros(1000)).items()}
    {'mfcc': (13, 5), 'rms': (1, 5)}
    >>> {name: frames.shape for name, frames in stream.flush().items()}
    {'mfcc': (13, 2), 'rms': (1, 2)}
    """

    __slots__ = ("_names",)

    def __init__(self, engine: Engine, dtype: Any, names: tuple[str, ...]) -> None:
        super().__init__(engine, dtype)
        self._names = names

    def push(self, chunk: ArrayLike) -> dict[str, NDArray[Any]]:
        """Take the next samples; return the frames they complete.

        %(chunk)s

        Returns
        -------
        dict of str to ndarray, shape (n_bins, m)

        %(after_flush)s
        TypeError
            If `chunk` is not 1-D.

        %(examples)s
        >>> stream = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"rms": "rms"}).stream()
        >>> stream.push(np.ones(1000))["rms"].shape
        (1, 5)
        """
        return dict(zip(self._names, self._push(chunk), strict=True))

    def flush(self) -> dict[str, NDArray[Any]]:
        """End the signal; return its remaining frames.

        Returns
        -------
        dict of str to ndarray, shape (n_bins, m)

        %(examples)s
        >>> stream = sg.FeatureSet(sg.StftParams(512, 160, "hann"), 16000, {"level": "rms"}).stream()
        >>> stream.push(np.ones(1600))["level"].shape, stream.flush()["level"].shape
        ((1, 9), (1, 2))
        """
        return dict(zip(self._names, self._flush(), strict=True))

    def __repr__(self) -> str:
        state = "closed" if self._closed else "open"
        return f"FeatureStream({self._total} samples in, {self._emitted} frames out, {state})"
