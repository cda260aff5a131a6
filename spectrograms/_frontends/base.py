"""The object behind ``frontend(name)``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from operator import index as as_index
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.intake import holds_integers
from spectrograms._common.limits import MAX_TABLE, fits
from spectrograms._common.plain import as_dict, parse_object, write
from spectrograms._engine.loop.signals import one_dimensional, readable
from spectrograms._engine.memory.views import writable
from spectrograms._frontends.described import Described
from spectrograms._frontends.recipes.definition import Definition
from spectrograms._frontends.runner import Runner
from spectrograms._frontends.stream import FrontendStream
from spectrograms.errors import InvalidInputError, check_maker, shown, unsaid, warn
from spectrograms.plans.batch import Batch, apart, check_array, sort_out

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms.plans.batch import HasArray

# How many runners for short signals a frontend keeps; the least recently used goes first.
_SHORT_KEPT = 64


@documented()
class Frontend(Described):
    """Features exactly as another toolkit defines them; made by :func:`frontend`.

    Immutable, safe to use from any number of threads, and picklable.

    See Also
    --------
    frontend : Makes it.
    SpectrogramPlan : Features by the definitions of this package.

    %(examples)s
    >>> whisper = sg.frontend("whisper_openai", n_mels=80)
    >>> whisper.compute(np.zeros(16000, "float32")).shape
    (80, 100)
    >>> whisper.name, whisper.sample_rate, whisper.dtype, whisper.n_bins
    ('whisper_openai', 16000, dtype('float32'), 80)
    """

    __slots__ = (
        "__weakref__", "_definition", "_params", "_precision", "_rate", "_runner", "_short",
    )  # fmt: skip

    def __init__(
        self, definition: Definition, sample_rate: float | None, params: dict[str, Any], precision: str
    ) -> None:
        if not isinstance(precision, str) or precision not in ("float64", "float32"):
            raise InvalidInputError(f"precision must be 'float64' or 'float32', got {shown(precision)}")
        check_maker("Frontend", "definition", definition, Definition, "frontend(name)")
        check_maker("Frontend", "params", params, dict, "frontend(name, ...)")
        self._definition = definition
        self._rate = definition.read_rate(sample_rate)
        self._params = definition.read(params)
        self._precision = precision
        self._runner = Runner(definition.recipe(self._rate, self._params), precision == "float32")
        self._short: Any = None
        if definition.shorter is not None:
            self._short = lru_cache(_SHORT_KEPT)(
                partial(_shorter, definition, self._rate, self._params, precision == "float32")
            )
        findings = self._runner.recipe.findings
        if findings and not self._has_usual_bank():
            warn("; ".join(finding.text for finding in findings))

    def _has_usual_bank(self):
        """Whether its bands are the default ones of the definition, which the caller did not choose."""
        row = self._definition
        try:
            usual = row.recipe(self._rate, row.read({}))
        except (TypeError, InvalidInputError):  # a parameter has no default
            return False
        return self._runner.recipe.has_bands_of(usual)

    # --- descriptions ---------------------------------------------------------------------------------------

    def to_json(self) -> str:
        """The configuration as a JSON text, for :meth:`from_json`.

        Examples
        --------
        >>> import spectrograms as sg
        >>> text = sg.frontend("whisper_openai").to_json()
        >>> sg.Frontend.from_json(text).name
        'whisper_openai'
        """
        return write(self.config)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Rebuild a frontend from the text of :meth:`to_json`; errors as for :meth:`from_config`.

        %(plain_examples)s
        >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
        >>> sg.Frontend.from_json(fbank.to_json()) == fbank
        True
        """
        return cls.from_config(parse_object("text", text))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Rebuild a frontend from the dict in :attr:`config`.

        %(misdescribed)s
        TypeError
            If a value is of the wrong type, or a parameter is missing or unknown.

        Examples
        --------
        >>> import spectrograms as sg
        >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=40)
        >>> sg.Frontend.from_config(fbank.config) == fbank
        True
        """
        from spectrograms._frontends.toolkits.catalogue import definition_of

        if not isinstance(config, Mapping) or "frontend" not in config:
            raise InvalidInputError("config must be a dict with the key 'frontend'")
        unknown = set(config) - {"frontend", "sample_rate", "precision", "params"}
        if unknown:
            raise InvalidInputError(f"config must not have the key {shown(next(iter(unknown)))}")
        with unsaid():
            return cls(
                definition_of(config["frontend"]),
                config.get("sample_rate"),
                as_dict("params", config.get("params", {})),
                config.get("precision", "float64"),
            )

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.config == other.config

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_config, (self.config,)

    def __repr__(self) -> str:
        changed = [
            f"{name}={self._params[name]!r}"
            for name, kind in self._definition.parameters.items()
            if self._params[name] != kind.default
        ]
        if self._precision != "float64":
            changed.append(f"precision={self._precision!r}")
        if not self._definition.fixed:
            changed.insert(0, f"sample_rate={self._rate!r}")
        return f"frontend({', '.join([repr(self.name), *changed])})"

    # --- how much there will be ---------------------------------------------------------------------------

    @property
    def _time_major(self):
        return self._runner.time_major

    def frame_count(self, n_samples: int) -> int:
        """Number of frames in the result for a signal of `n_samples` samples.

        Raises
        ------
        InvalidInputError
            If the definition gives nothing for so short a signal.

        Examples
        --------
        >>> import spectrograms as sg
        >>> sg.frontend("kaldi_fbank").frame_count(16000)
        98
        """
        return self.output_shape(n_samples)[0 if self._time_major else 1]

    def output_shape(self, n_samples: int) -> tuple[int, int]:
        """Shape of the result for a signal of `n_samples` samples.

        %(plain_examples)s
        >>> sg.frontend("whisper_openai").output_shape(480000)
        (80, 3000)
        """
        n = as_index(n_samples)
        if n < 0:
            raise InvalidInputError(f"n_samples must be >= 0, got {n}")
        return self._runner_for(n).measure(n).shape

    def times(self, n_samples: int) -> NDArray[np.float64]:
        """The middle of each frame's window for `n_samples` samples, in seconds, ndarray of float64.

        For frames that were joined, the middle of their span. This holds whether or not frames are centred,
        whereas ``times`` of a plan without centring gives the beginning of each frame.

        %(plain_examples)s
        >>> sg.frontend("kaldi_fbank", num_mel_bins=80).times(800)  # frames of 25 ms every 10 ms
        array([0.0125, 0.0225, 0.0325])
        """
        count, n = self.frame_count(n_samples), as_index(n_samples)
        fits("n_frames", count, MAX_TABLE, "frames")
        recipe = self._runner_for(n).recipe
        (spacing, first), frames = recipe.spacing, recipe.frames
        skipped = sum(step.skipped(n) for step in recipe.before)
        middle = skipped + frames.middle + first * frames.hop
        return (np.arange(count) * (frames.hop * spacing) + middle) / self._rate

    def _runner_for(self, n):
        """The runner for n samples: toolkits may change the parameters where they are few."""
        return self._short(n) if self._is_short(n) else self._runner

    def _is_short(self, n):
        """Whether the toolkit changes the parameters for n samples."""
        shorter = self._definition.shorter
        return shorter is not None and n > 0 and shorter(self._params, n) is not None

    # --- computing ----------------------------------------------------------------------------------------

    def compute(self, samples: ArrayLike) -> NDArray[Any]:
        """Compute the features of one signal.

        Parameters
        ----------
        samples : array_like, shape (n_samples,) or (1, n_samples)
            One signal of real numbers, at `sample_rate`.

        Returns
        -------
        ndarray
            In the toolkit's layout and dtype, whatever the dtype of `samples`.

        Raises
        ------
        InvalidInputError
            If the signal is too short for the definition to give anything.
        TypeError
            If `samples` is not 1-D, does not hold real numbers, or holds integers where the toolkit expects
            floats in [-1, 1]: see "sample range" of :attr:`conventions`, and `from_pcm`.

        %(examples)s
        >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
        >>> fbank.compute(np.zeros(16000, "float32")).shape
        (98, 80)
        """
        signal = self._signal(samples)
        return self._runner_for(len(signal)).compute(signal)

    def __call__(self, samples: ArrayLike) -> NDArray[Any]:
        """The same as :meth:`compute`, for where a function is wanted, such as ``map``."""
        return self.compute(samples)

    def compute_into(
        self, samples: ArrayLike, out: NDArray[Any], *, num_threads: int | None = None
    ) -> NDArray[Any]:
        """Compute the features of one signal into an existing array.

        `samples` are as for :meth:`compute`, `num_threads` as for :meth:`compute_batch`.

        Parameters
        ----------
        samples : array_like
            One signal.
        out : ndarray, of the shape that :meth:`output_shape` gives
            Writable, of the dtype of the features, any strides. Nothing is written when a check fails.
        num_threads : int, optional
            Largest number of threads.

        Returns
        -------
        ndarray
            `out` itself, with what :meth:`compute` gives.

        Raises
        ------
        TypeError, DimensionMismatchError, ValueError
            As by the method of that name of a plan, and as by :meth:`compute`.

        Examples
        --------
        >>> import numpy as np
        >>> import spectrograms as sg
        >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
        >>> out = np.empty(fbank.output_shape(16000), "float32")
        >>> fbank.compute_into(np.zeros(16000, "float32"), out) is out
        True
        """
        signal = self._signal(samples)
        runner = self._runner_for(len(signal))
        lengths = runner.measure(len(signal))
        array = writable(out, lengths.shape, self.dtype)
        # Steps after the engine may sum along the rows in memory: their bytes would follow the strides.
        place = array if array.flags.c_contiguous else np.empty(lengths.shape, self.dtype)
        runner.run([apart(signal, [array])], [place], [lengths], num_threads)
        if place is not array:
            array[...] = place
        return out

    @overload
    def compute_batch(
        self, signals: list[Any] | tuple[Any, ...] | Iterator[Any], *, num_threads: int | None = None
    ) -> Batch[NDArray[Any]]: ...
    @overload
    def compute_batch(
        self, signals: NDArray[np.number[Any] | np.bool_], *, num_threads: int | None = None
    ) -> NDArray[Any]: ...
    @overload
    def compute_batch(self, signals: HasArray, *, num_threads: int | None = None) -> Any: ...
    def compute_batch(
        self, signals: ArrayLike | HasArray | Iterable[ArrayLike], *, num_threads: int | None = None
    ) -> Any:
        """Compute the features of many signals, on several threads.

        Each result is, bit for bit, what :meth:`compute` gives for its signal alone.

        Parameters
        ----------
        signals : array_like, shape (..., n_samples), or sequence of array_like
            Signals of equal length in one array, or of any lengths in a sequence.
        num_threads : int, optional
            Largest number of threads; by default :func:`get_num_threads`.

        Returns
        -------
        ndarray
            For signals in one array: the leading axes of `signals`, then those of one result.
        Batch
            For a sequence: one ndarray for each signal, in one block of memory.

        %(examples)s
        >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
        >>> fbank.compute_batch(np.zeros((4, 16000), "float32")).shape
        (4, 98, 80)
        """
        signals = sort_out(signals)
        if isinstance(signals, list):
            return self._batch(signals, num_threads)
        array = self._numbers(signals, signals, "signals")
        check_array(array)
        rows = array.reshape(-1, array.shape[-1])
        runner = self._runner_for(array.shape[-1])
        lengths = runner.measure(array.shape[-1])
        out = np.empty((len(rows), *lengths.shape), self.dtype)
        runner.run(list(rows), list(out), [lengths] * len(rows), num_threads)
        return out.reshape(*array.shape[:-1], *lengths.shape)

    def _batch(self, signals, num_threads):
        arrays, runners, measured = [], [], []
        for i, signal in enumerate(signals):
            try:
                array = self._signal(signal)
                runner = self._runner_for(len(array))
                measured.append(runner.measure(len(array)))
            except (TypeError, ValueError) as error:
                kind = TypeError if isinstance(error, TypeError) else InvalidInputError
                raise kind(f"signals[{i}]: {error}") from None
            arrays.append(array)
            runners.append(runner)
        frames_axis = 0 if self._time_major else 1
        rows = {lengths.shape[1 - frames_axis] for lengths in measured}
        if len(rows) > 1:
            raise InvalidInputError(
                f"signals must give equal numbers of rows, got {sorted(rows)}: some are very short"
            )
        frames = np.array([lengths.shape[frames_axis] for lengths in measured], np.int64)
        count = rows.pop() if rows else self.n_bins
        batch = Batch._empty(frames, self.dtype, count, time_major=self._time_major)
        outs = list(batch)
        groups = {}
        for i, runner in enumerate(runners):
            groups.setdefault(runner, []).append(i)
        for runner, places in groups.items():
            runner.run(
                [arrays[i] for i in places], [outs[i] for i in places], [measured[i] for i in places],
                num_threads,
            )  # fmt: skip
        return batch

    def _signal(self, samples):
        """One signal as an array; a single number is a signal of one sample."""
        return self._numbers(one_dimensional(samples), samples, "samples")

    def _numbers(self, array, given, name):
        """The array as the engine can read it, if its numbers are on the scale that the toolkit expects."""
        if not self._runner.recipe.takes_integers and holds_integers(array):
            raise TypeError(
                f"{name} must be floats in [-1, 1] for {self.name}, got {array.dtype}; from_pcm scales PCM"
            )
        return readable(array, given, name)

    def stream(self) -> FrontendStream:
        """Start a stream: the same frames, from chunks as they arrive.

        Returns
        -------
        FrontendStream

        Raises
        ------
        InvalidInputError
            If the definition needs the whole clip before it can give a frame; the message says what for.

        %(examples)s
        >>> stream = sg.frontend("kaldi_fbank", num_mel_bins=80).stream()
        >>> stream.push(np.zeros(1000, "float32")).shape, stream.flush().shape
        ((4, 80), (0, 80))
        """
        reason = self._why_no_stream()
        if reason:
            raise InvalidInputError(f"{self.name} cannot stream: {reason}")
        return FrontendStream(self)

    def _why_no_stream(self):
        recipe = self._runner.recipe
        whole = [str(step) for step in (*recipe.before, *recipe.after) if not step.streamable]
        if whole:
            return f"it needs the whole clip ({whole[0]})"
        if recipe.frames.padding == "circular" and recipe.frames.reach:
            return "its circular padding begins with the end of the clip"
        return None


def _shorter(definition, rate, params, single, n):
    """The runner for signals of n samples, for which the toolkit changes the parameters."""
    return Runner(definition.recipe(rate, definition.shorter(params, n)), single)


FrontendStream._frontend_class = Frontend
