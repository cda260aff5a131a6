"""What a frontend says of itself: names, axes, numbers, words and pictures."""

from __future__ import annotations

import copy
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._common.fingerprint import fingerprint
from spectrograms._common.hooks import hook
from spectrograms._frontends.recipes.words import conventions_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from spectrograms._frontends.recipes.definition import Definition
    from spectrograms._frontends.runner import Runner


@documented()
class Described:
    """Base of frontends: what they are, without computing anything."""

    __slots__ = ()
    if TYPE_CHECKING:
        _definition: Definition
        _params: dict[str, Any]
        _precision: str
        _rate: float
        _runner: Runner

    @property
    def name(self) -> str:
        """The name that it was made with."""
        return self._definition.name

    @property
    def sample_rate(self) -> float:
        """The sample rate that signals must have, in Hz."""
        return self._rate

    @property
    def params(self) -> dict[str, Any]:
        """All parameters, defaults included: a new dict."""
        return copy.deepcopy(self._params)

    @property
    def precision(self) -> str:
        """Arithmetic: ``"float64"`` or ``"float32"``."""
        return self._precision

    @property
    def layout(self) -> str:
        """Axes of a result: ``"(frames, rows)"`` or ``"(rows, frames)"``."""
        return "(frames, rows)" if self._runner.time_major else "(rows, frames)"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of a result."""
        return self._runner.dtype

    @property
    def n_bins(self) -> int:
        """Rows of a result: bins, bands or coefficients."""
        return self._runner.recipe.n_bins

    @property
    def config(self) -> dict[str, Any]:
        """Everything that makes up this frontend, in plain types: a new dict."""
        return {
            "frontend": self.name,
            "sample_rate": self._rate,
            "precision": self._precision,
            "params": {
                name: list(value) if isinstance(value, list) else value
                for name, value in self._params.items()
                if not self._definition.parameters[name].is_unsaid(value)
            },
        }

    @property
    def fingerprint(self) -> str:
        """32 characters that change with the configuration and with our numbers, and with nothing else."""
        return fingerprint(self.config)

    @property
    def conventions(self) -> dict[str, str]:
        """The definition in words: a dict from convention to choice."""
        return conventions_of(self._runner.recipe)

    @property
    def frequencies(self) -> NDArray[np.float64] | None:
        """Frequency of each row in Hz, read-only, shape (n_bins,): bins, or the peaks of bands.

        None where rows are something else: coefficients, energies, deltas, frames side by side.
        """
        return self._runner.recipe.frequencies

    def _named_rows(self):
        """What rows are where they have no frequencies: in words, and their names; for pictures."""
        return self._runner.recipe.named_rows

    @property
    def info(self) -> dict[str, Any]:
        """What a result is, in plain types: a new dict.

        Keys are ``name``, ``summary``, ``sample_rate``, ``layout``, ``dtype``, ``n_bins``, ``n_fft``,
        ``frame_length``, ``hop_size`` (from one frame of the result to the next, in samples), ``rows`` and
        ``values``, both in words.
        """
        recipe = self._runner.recipe
        words = self.conventions
        values = words["spectrum"] if words["log"] == "none" else f"{words['spectrum']}, {words['log']}"
        return {
            "name": self.name, "summary": self._definition.summary, "sample_rate": self.sample_rate,
            "layout": self.layout, "dtype": self.dtype.name, "n_bins": self.n_bins,
            "n_fft": recipe.frames.n_fft, "frame_length": recipe.frames.length,
            "hop_size": recipe.frames.hop * recipe.spacing[0],
            "rows": words["cepstrum"] if recipe.dct else words["bands"], "values": values,
        }  # fmt: skip

    @abstractmethod
    def times(self, n_samples: int) -> NDArray[np.float64]:
        """The middle of each frame in seconds."""

    def t(self, n_samples: int) -> NDArray[np.float64]:
        """The same as :meth:`times`, under the name that it has in results.

        Parameters
        ----------
        n_samples : int
            Of a signal.

        Returns
        -------
        ndarray of float64, shape (n_frames,)

        %(plain_examples)s
        >>> sg.frontend("kaldi_fbank", num_mel_bins=80).t(800)
        array([0.0125, 0.0225, 0.0325])
        """
        return self.times(n_samples)

    def plot(self, result: ArrayLike, ax: Any = None, **options: Any) -> Any:
        """Draw what :meth:`Frontend.compute` has returned, with times, frequencies and what values are.

        Parameters
        ----------
        result : array_like, of one signal
            In the layout of this frontend.
        ax : matplotlib.axes.Axes, optional
            Where to draw. By default the current axes of pyplot.
        **options
            As of :func:`spectrograms.integrations.plot.plot`.

        Returns
        -------
        matplotlib.axes.Axes

        %(examples)s
        >>> from matplotlib.figure import Figure
        >>> fbank = sg.frontend("kaldi_fbank", num_mel_bins=80)
        >>> noise = np.random.default_rng(0).standard_normal(16000).astype("float32")
        >>> ax = fbank.plot(fbank.compute(noise), Figure().add_subplot(), title="noise")
        >>> ax.get_ylabel()
        'Frequency (kHz)'
        """
        return hook("plot")(result, ax, source=self, **options)
