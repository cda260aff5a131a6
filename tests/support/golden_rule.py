"""Compares results with those of a toolkit, by the rule of tests/data/frontends/README.md."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Golden:
    """A recorded call of a real implementation."""

    spec: dict
    samples: np.ndarray
    expected: np.ndarray
    firm: np.ndarray
    exact_minus_expected: np.ndarray | None

    @classmethod
    def load(cls, path):
        """Read a file."""
        with np.load(Path(path)) as data:
            expected = data["expected"]
            firm = np.unpackbits(data["firm"])[: expected.size].reshape(expected.shape).astype(bool)
            exact = data.get("exact_minus_expected")
            return cls(json.loads(str(data["spec"])), data["samples"], expected, firm, exact)

    def compare(self, out, *, exact=True):
        """Raise AssertionError where `out` differs from the recorded result.

        Parameters
        ----------
        out : ndarray
        exact : bool
            Also demand the tolerance against the float64 evaluation, where the file has it.
        """
        assert out.shape == self.expected.shape
        finite = np.isfinite(self.expected)
        assert np.isfinite(out[finite]).all()
        error = np.abs(np.where(finite, out.astype(np.result_type(out, np.float64)) - self.expected, 0.0))
        limit = self.spec["atol"] + self.spec["rtol"] * np.abs(np.where(finite, self.expected, 0.0))
        beyond = self.firm & finite & (error > limit)
        assert not beyond.any(), f"{beyond.sum()} of {out.size} cells off by up to {error[beyond].max():.3g}"
        loose = error > limit + 2 * self.spec["noise_max"]
        assert not loose.any(), (
            f"{loose.sum()} of {out.size} loose cells off by up to {error[loose].max():.3g}"
        )
        if exact and self.exact_minus_expected is not None:
            error = np.abs(np.where(finite, out - self.expected - self.exact_minus_expected, 0.0))
            # The stored difference is a float16: good to 2^-11 of itself.
            rounding = np.abs(self.exact_minus_expected.astype(np.float64)) * 2.0**-11
            assert (error <= limit + rounding).all(), f"off the exact value by up to {error.max():.3g}"

    def outside(self, out):
        """Share of the firm cells beyond the tolerance, and the largest error of a firm cell."""
        error = np.abs(out - self.expected)[self.firm]
        limit = (self.spec["atol"] + self.spec["rtol"] * np.abs(self.expected))[self.firm]
        return float(np.mean(error > limit)), float(error.max())
