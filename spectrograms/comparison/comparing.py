"""Why two configurations give different features: which conventions differ, and how far the values."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spectrograms._common import registry
from spectrograms._common.conventions import agree
from spectrograms._common.documenting import documented
from spectrograms._common.hooks import hook
from spectrograms._common.plain import parse_object, read_object, write
from spectrograms._frontends.base import Frontend
from spectrograms._frontends.configs import frontend_from_config
from spectrograms._frontends.making import frontend, frontends
from spectrograms.errors import InvalidInputError, check_maker, shown
from spectrograms.plans.base import Plan


@dataclass(frozen=True)
class Difference:
    """One convention that two configurations do not share."""

    convention: str
    a: str
    b: str

    def __str__(self) -> str:
        return f"{self.convention}: {self.a} / {self.b}"


@dataclass(frozen=True, repr=False)
@documented()
class Comparison:
    """Differences that :func:`compare` found.

    Attributes
    ----------
    a, b : dict
        The two configurations, as :func:`compare` takes them.
    differences : tuple of Difference
        Conventions that differ.
    shapes : tuple of tuple, or None
        Shapes (rows, frames) of the two results, if they were computed.
    measured : dict or None
        Of the difference b - a: ``max``, ``mean`` and ``median`` of its size, the ``share`` of cells where
        that exceeds 1e-4, its median ``offset``, and the number of ``frames`` that both have. None where the
        numbers of rows differ.

    See Also
    --------
    compare : Makes it.

    %(plain_examples)s
    >>> comparison = sg.compare("whisper_openai", "whisper_hf")
    >>> print(*comparison.differences)
    clip length: as it is / 1 s becomes 30 s, 60 s becomes 30 s
    >>> comparison.shapes
    ((80, 100), (80, 3000))
    """

    a: dict[str, Any]
    b: dict[str, Any]
    differences: tuple[Any, ...]
    shapes: tuple[Any, ...] | None
    measured: dict[str, Any] | None

    def __post_init__(self) -> None:
        check_maker("Comparison", "differences", self.differences, tuple, "compare()")
        for each in self.differences:
            check_maker("Comparison", "each of differences", each, Difference, "compare()")

    @property
    def same_conventions(self) -> bool:
        """Whether no convention differs."""
        return not self.differences

    def to_dict(self) -> dict[str, Any]:
        """Everything in plain types.

        Returns
        -------
        dict
            The attributes by their names, differences as dicts.

        %(plain_examples)s
        >>> sorted(sg.compare("whisper_openai", "whisper_hf").to_dict())
        ['a', 'b', 'differences', 'measured', 'shapes']
        """
        return {
            "a": self.a,
            "b": self.b,
            "differences": [{"convention": d.convention, "a": d.a, "b": d.b} for d in self.differences],
            "shapes": None if self.shapes is None else [list(shape) for shape in self.shapes],
            "measured": self.measured,
        }

    def to_json(self) -> str:
        """Everything as a JSON text.

        Returns
        -------
        str
            That of :meth:`to_dict`.

        Examples
        --------
        >>> import json
        >>> import spectrograms as sg
        >>> text = sg.compare("whisper_openai", "whisper_hf").to_json()
        >>> json.loads(text)["differences"][0]["convention"]
        'clip length'
        """
        return write(self.to_dict())

    def plot(self, samples: Any = None, figure: Any = None, **options: Any) -> Any:
        """Draw both features of a signal, and where they have the same rows, their difference.

        Parameters
        ----------
        samples : array_like, shape (n_samples,), or a pair of them, optional
            As for :func:`compare`: a second of noise and rising tones by default.
        figure : matplotlib.figure.Figure, optional
            Where to draw; by default a new one.
        **options
            Of `spectrograms.integrations.plot.plot`, for the two features.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        InvalidInputError
            If the sample rates differ, and `samples` is not a pair.

        %(plain_examples)s
        >>> figure = sg.compare("whisper_openai", "whisper_hf").plot()
        >>> figure.axes[0].get_title()
        'a: whisper_openai'
        """
        a, b = configured(self.a), configured(self.b)
        pair = _audio(samples, a, b)
        if pair is None:
            raise InvalidInputError(
                "samples must be given where sample rates differ: a pair, one at "
                f"{a.sample_rate:g} Hz and one at {b.sample_rate:g} Hz"
            )
        panels = []
        for name, made, audio in zip("ab", (a, b), pair, strict=True):
            rows = _rows(made, audio)
            times = made.times(len(audio))[: rows.shape[1]]
            frequencies = getattr(made, "frequencies", None)
            if frequencies is not None and len(frequencies) != len(rows):
                frequencies = None
            panels.append((f"{name}: {getattr(made, 'name', type(made).__name__)}", rows, times, frequencies))
        differing = ", ".join(d.convention for d in self.differences) or "no convention"
        return hook("plot_comparison")(panels, f"differ in: {differing}", figure, **options)

    def __repr__(self) -> str:
        names = ", ".join(d.convention for d in self.differences)
        return f"Comparison(differences: {names or 'none'}; print it for more)"

    def __str__(self) -> str:
        lines = [f"a: {configured(self.a)}", f"b: {configured(self.b)}", ""]
        if self.differences:
            width = max(len(d.convention) for d in self.differences)
            lines += [
                f"{d.convention.ljust(width)}  a: {d.a}\n{' ' * width}  b: {d.b}" for d in self.differences
            ]
        else:
            lines.append("No convention differs.")
        lines += ["", *self._measured_lines()]
        return "\n".join(lines)

    def _measured_lines(self):
        if self.shapes is None:
            return ["Not measured: the sample rates differ, and no audio was given."]
        text = [f"Rows x frames: a {self.shapes[0][0]} x {self.shapes[0][1]}, "
                f"b {self.shapes[1][0]} x {self.shapes[1][1]}"]  # fmt: skip
        if self.measured is None:
            return [*text, "Values cannot be compared: no cells in common."]
        m = self.measured
        text.append(
            f"Over {m['frames']} frames: largest difference {m['max']:.3g}, mean {m['mean']:.3g}, median "
            f"{m['median']:.3g}; {100 * m['share']:.3g} % of the cells differ by more than 1e-4"
        )
        if abs(m["offset"]) > 1e-3:
            text.append(f"Half of the cells of b lie above a {m['offset']:+.4g}, half below.")
        return text


def compare(config_a: Any, config_b: Any, samples: Any = None) -> Comparison:
    """Compare two configurations of features: what differs in convention, and in numbers.

    Parameters
    ----------
    config_a, config_b : plan, Frontend, str, path or dict
        A plan or a frontend, the dict or JSON text of one, the name of a frontend, or anything else that
        :func:`frontend_from_config` takes, such as a model's ``preprocessor_config.json``.
    samples : array_like, shape (n_samples,), or a pair of them, optional
        Audio to measure the difference on; a pair where the sample rates differ. By default a second of noise
        and rising tones, if the sample rates are equal.

    Returns
    -------
    Comparison
        Printed, it explains itself; :meth:`Comparison.to_json` is for programs.

    See Also
    --------
    frontend_from_config : Reads the configurations.
    Comparison : What is returned.

    Examples
    --------
    Two definitions of a mel spectrogram, each with its defaults:

    >>> import spectrograms as sg
    >>> comparison = sg.compare("librosa_melspectrogram", "torchaudio_melspectrogram")
    >>> comparison.same_conventions, len(comparison.differences)
    (False, 10)
    >>> print(comparison.differences[0])
    sample rate: 22050 Hz / 16000 Hz
    """
    a, b = configured(config_a), configured(config_b)
    words_a, words_b = a.conventions, b.conventions
    names = list(dict.fromkeys((*words_a, *words_b)))
    differences = tuple(
        Difference(name, words_a.get(name, "none"), words_b.get(name, "none"))
        for name in names
        if not agree(words_a.get(name, "none"), words_b.get(name, "none"))
    )
    shapes, measured = None, None
    pair = _audio(samples, a, b)
    if pair is not None:
        results = [_rows(made, audio) for made, audio in zip((a, b), pair, strict=True)]
        shapes = tuple(result.shape for result in results)
        measured = _measure(*results)
    return Comparison(_data(a), _data(b), differences, shapes, measured)


def configured(config: Any) -> Any:
    """The plan or frontend that something describes.

    Parameters
    ----------
    config : plan, Frontend, str, path or dict
        As for :func:`compare`.

    Returns
    -------
    Plan or Frontend

    Raises
    ------
    InvalidInputError
        If nothing is known by that name or type.
    """
    if isinstance(config, (Plan, Frontend)):
        return config
    if isinstance(config, str) and config.lstrip().startswith("{"):
        config = parse_object("config", config)
    if isinstance(config, dict):
        return _from_data(config)
    if not isinstance(config, (str, os.PathLike)):
        raise TypeError(
            "config must be a plan, a frontend, its name, a dict, JSON or a path, "
            f"got {type(config).__name__}"
        )
    if isinstance(config, str) and config in frontends():
        return frontend(config)
    if os.path.isfile(config) and Path(config).suffix == ".json":
        return _from_data(read_object("config", config))
    if isinstance(config, str) and not os.path.exists(config):
        return frontend(config)
    return frontend_from_config(config)


def _from_data(data):
    if "type" not in data:
        return frontend_from_config(data)
    cls = registry.find(registry.PLANS, data["type"])
    if cls is None or not issubclass(cls, Plan):
        known = ", ".join(registry.PLANS)
        raise InvalidInputError(
            f'config must have the key "frontend", or a "type" of a plan with one result among {known}, '
            f"got {shown(data['type'])}"
        )
    return cls.from_dict(data)


def _data(made):
    return made.config if isinstance(made, Frontend) else made.to_dict()


def _audio(samples, a, b):
    same = a.sample_rate == b.sample_rate
    if samples is None:
        if not same:
            return None
        x = _test_signal(a.sample_rate)
        return x, x
    if isinstance(samples, tuple):
        return samples
    if not same:
        raise InvalidInputError(
            f"samples must be a pair, one at {a.sample_rate:g} Hz and one at {b.sample_rate:g} Hz"
        )
    return samples, samples


def _test_signal(rate):
    n = int(rate)
    t = np.arange(n) / rate
    noise = 0.05 * np.random.default_rng(0).standard_normal(n)
    return (
        noise + 0.3 * np.sin(2 * np.pi * (80.0 * t + rate / 5 * t**2)) + 0.2 * np.sin(2 * np.pi * 220.0 * t)
    )


def _rows(made, samples):
    result = made.compute(samples)
    if isinstance(made, Frontend):
        return result.T if made.layout == "(frames, rows)" else result
    return np.atleast_2d(result.data)


def _measure(a, b):
    frames = min(a.shape[1], b.shape[1])
    if a.shape[0] != b.shape[0] or frames == 0:
        return None
    difference = b[:, :frames].astype(np.complex128) - a[:, :frames]
    size = np.abs(difference)
    finite = np.isfinite(size)
    if not finite.any():
        return None
    return {
        "frames": int(frames),
        "max": float(size[finite].max()),
        "mean": float(size[finite].mean()),
        "median": float(np.median(size[finite])),
        "share": float(np.mean(size[finite] > 1e-4)),
        "offset": float(np.median(difference.real[finite])),
    }
