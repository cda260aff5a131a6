"""Mean, variance and range of every feature, in a form that can be merged: what CMVN needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.engine.columns import moments

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
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
    """

    count: int
    mean: NDArray[np.float64]
    m2: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    rounding: float = 0.0

    @classmethod
    def empty(cls, n_features: int) -> Stats:
        """Statistics of no frame at all."""
        zeros = np.zeros(n_features)
        return cls(0, zeros, zeros, np.full(n_features, np.inf), np.full(n_features, -np.inf))

    @classmethod
    def of(cls, frames: NDArray[Any], rounding: float = 0.0) -> Stats:
        """Statistics of an array of shape (n_frames, n_features)."""
        count, n_features = frames.shape
        if count == 0:
            return cls.empty(n_features)
        if frames.dtype not in (np.float32, np.float64):
            frames = frames.astype(np.float32 if frames.dtype == np.float16 else np.float64)
        mean, m2, low, high = moments(np.ascontiguousarray(frames))
        return cls(count, mean, m2, low, high, rounding)

    def merged(self, other: Stats) -> Stats:
        """Statistics of the frames of both.

        References
        ----------
        T. F. Chan, G. H. Golub and R. J. LeVeque, Updating formulae and a pairwise algorithm for computing
        sample variances, 1979.
        """
        if not (self.count and other.count):
            return self if self.count else other
        count = self.count + other.count
        delta = other.mean - self.mean
        return Stats(
            count,
            self.mean + delta * (other.count / count),
            self.m2 + other.m2 + delta**2 * (self.count * (other.count / count)),
            np.minimum(self.min, other.min),
            np.maximum(self.max, other.max),
            max(self.rounding, other.rounding),
        )

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation of each feature, over all frames."""
        return np.sqrt(self.m2 / max(self.count, 1))

    def to_dict(self) -> dict[str, Any]:
        """Plain data for :meth:`from_dict`; nothing but the count where there is no frame."""
        if not self.count:
            return {"count": 0, "n_features": len(self.mean)}
        arrays = {name: getattr(self, name).tolist() for name in ("mean", "m2", "min", "max")}
        return {"count": self.count, "rounding": self.rounding, **arrays}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Stats:
        """Rebuild statistics from the dict of :meth:`to_dict`."""
        if not data["count"]:
            return cls.empty(data["n_features"])
        mean, m2, low, high = (np.array(data[name]) for name in ("mean", "m2", "min", "max"))
        return cls(data["count"], mean, m2, low, high, data["rounding"])

    def to_json(self) -> str:
        """The statistics as a JSON text, every number exact."""
        return json.dumps(self.to_dict(), allow_nan=False)
