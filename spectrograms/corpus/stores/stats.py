"""Mean, variance and range of every feature, as CMVN needs them, in a form that can be merged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.documenting import documented
from spectrograms._engine.arrays.columns import merge_moments, moments
from spectrograms.corpus.stores.documents import MAX_FEATURES, is_count, is_number, parse
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


# What the docstrings here have in common.
_documented = documented(
    examples_of_stats="""Examples
--------
>>> import numpy as np
>>> from spectrograms.corpus import Stats""",
)


@dataclass
@_documented
class Stats:
    """Statistics of each feature over frames.

    Attributes
    ----------
    count : int
        Frames.
    mean, m2, min, max : ndarray of float64, shape (n_features,)
        Mean, sum of squared differences from it, smallest and largest value.
    rounding : float
        Largest absolute difference between a computed value and the stored one.

    See Also
    --------
    FeatureStore.stats : Those of a store.

    %(examples_of_stats)s
    >>> stats = Stats.of(np.array([[0.0, 1.0], [2.0, 1.0]]))  # two frames of two features
    >>> stats.count, stats.mean, stats.std
    (2, array([1., 1.]), array([1., 0.]))
    """

    count: int
    mean: NDArray[np.float64]
    m2: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    rounding: float = 0.0

    @classmethod
    def empty(cls, n_features: int) -> Stats:
        """Statistics of no frames.

        Parameters
        ----------
        n_features : int
            Number of features.

        Returns
        -------
        Stats

        %(examples_of_stats)s
        >>> Stats.empty(2).merged(Stats.of(np.ones((5, 2)))).count
        5
        """
        zeros = np.zeros(n_features)
        return cls(0, zeros, zeros, np.full(n_features, np.inf), np.full(n_features, -np.inf))

    @classmethod
    def of(cls, frames: NDArray[Any], rounding: float = 0.0) -> Stats:
        """Statistics of an array of shape (n_frames, n_features).

        Parameters
        ----------
        frames : ndarray of real numbers, shape (n_frames, n_features)
            The values.
        rounding : float, default 0.0
            Largest absolute difference between these and what was computed.

        Returns
        -------
        Stats

        %(examples_of_stats)s
        >>> stats = Stats.of(np.arange(6.0).reshape(3, 2))
        >>> stats.min, stats.max
        (array([0., 1.]), array([4., 5.]))
        """
        found = moments_of(frames)
        if found is None:
            return cls.empty(frames.shape[1])
        mean, m2, low, high = found
        return cls(len(frames), mean, m2, low, high, rounding)

    def merged(self, other: Stats) -> Stats:
        """Statistics of the frames of both.

        Parameters
        ----------
        other : Stats
            Statistics of the same number of features.

        Returns
        -------
        Stats

        References
        ----------
        T. F. Chan, G. H. Golub and R. J. LeVeque, Updating formulae and a pairwise algorithm for computing
        sample variances, 1979.

        %(examples_of_stats)s
        >>> frames = np.random.default_rng(0).standard_normal((100, 3))
        >>> merged = Stats.of(frames[:30]).merged(Stats.of(frames[30:]))
        >>> np.allclose(merged.std, frames.std(axis=0))
        True
        """
        if not (self.count and other.count):
            return self if self.count else other
        ours = np.stack([self.mean, self.m2, self.min, self.max])
        merge_moments(self.count, ours, other.count, np.stack([other.mean, other.m2, other.min, other.max]))
        mean, m2, low, high = ours
        rounding = max(self.rounding, other.rounding)
        return Stats(self.count + other.count, mean, m2, low, high, rounding)

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation of each feature, over all frames."""
        return np.sqrt(self.m2 / max(self.count, 1))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for :meth:`from_dict`; only the count if there are no frames.

        Examples
        --------
        >>> import numpy as np
        >>> from spectrograms.corpus import Stats
        >>> Stats.of(np.array([[0.0], [2.0]])).to_dict()["mean"]
        [1.0]
        """
        if not self.count:
            return {"count": 0, "n_features": len(self.mean)}
        arrays = {name: getattr(self, name).tolist() for name in ("mean", "m2", "min", "max")}
        return {"count": self.count, "rounding": self.rounding, **arrays}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Stats:
        """Rebuild statistics from the dict of :meth:`to_dict`.

        Raises
        ------
        InvalidInputError
            If a field is missing, or is not what :meth:`to_dict` writes.

        %(examples_of_stats)s
        >>> stats = Stats.of(np.ones((5, 2)))
        >>> Stats.from_dict(stats.to_dict()).count
        5
        """
        if not isinstance(data, dict):
            raise InvalidInputError(f"statistics must be a dict, got {type(data).__name__}")
        count = data.get("count")
        if not is_count(count):
            raise InvalidInputError("statistics must count their frames")
        if not count:
            n_features = data.get("n_features")
            if not is_count(n_features) or n_features > MAX_FEATURES:
                raise InvalidInputError("statistics must have a number of features")
            return cls.empty(n_features)
        mean, m2, low, high = (_numbers(data.get(name), name) for name in ("mean", "m2", "min", "max"))
        rounding = data.get("rounding")
        right = len(mean) == len(m2) == len(low) == len(high)
        if not (right and is_number(rounding) and rounding >= 0 and (m2 >= 0).all() and (low <= high).all()):
            raise InvalidInputError("statistics contradict themselves")
        return cls(count, mean, m2, low, high, float(rounding))

    @classmethod
    def from_json(cls, text: str | bytes, n_features: int) -> Stats:
        """Rebuild statistics of `n_features` features from a text of `to_json`; errors as for `from_dict`.

        Examples
        --------
        >>> from spectrograms.corpus import Stats
        >>> stats = Stats.empty(2)
        >>> Stats.from_json(stats.to_json(), 2).count
        0
        """
        return cls.from_dict(parse(text, "statistics")).of_width(n_features)

    def of_width(self, n_features: int) -> Stats:
        """Return the same object if it is of `n_features` features; InvalidInputError if not.

        Examples
        --------
        >>> from spectrograms.corpus import Stats
        >>> stats = Stats.empty(80)
        >>> stats.of_width(80) is stats
        True
        """
        if len(self.mean) != n_features:
            raise InvalidInputError(f"statistics must be of {n_features} features, got {len(self.mean)}")
        return self

    def to_json(self) -> str:
        """The statistics as a JSON text, every number exact.

        Returns
        -------
        str

        %(examples_of_stats)s
        >>> stats = Stats.of(np.ones((5, 2)))
        >>> Stats.from_json(stats.to_json(), 2).count
        5
        """
        return json.dumps(self.to_dict(), allow_nan=False)


def moments_of(frames: NDArray[Any]) -> NDArray[np.float64] | None:
    """Mean, m2, min and max of each feature, shape (4, n_features); None of no frames."""
    if len(frames) == 0:
        return None
    if frames.dtype not in (np.float32, np.float64):
        frames = frames.astype(np.float32 if frames.dtype == np.float16 else np.float64)
    return moments(np.ascontiguousarray(frames))


def _numbers(value, name):
    """A list of finite numbers as an array."""
    if not (isinstance(value, list) and value and all(map(is_number, value))):
        raise InvalidInputError(f"statistics must have numbers as {name}")
    return np.array(value, np.float64)
