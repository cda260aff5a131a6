"""The kernel of reassignment against NumPy."""

import numpy as np

from ...support.kernels import COMPLEX, at, put


def test_reassign(k, dtype, rng):
    nowhere = complex(np.nan, np.nan)
    for n in (1, 2, 7, 16, 33, 257):
        h, d, t = (rng.standard_normal(n) + 1j * rng.standard_normal(n) for _ in range(3))
        if n > 2:
            h[0], h[1] = 0, np.nan
        spectra = [put(z, COMPLEX[dtype]) for z in (h, d, t)]
        h, d, t = (z.astype(complex) for z in spectra)
        for least, fill, limits in (
            (0.5, 0, (0.0, 40.0, 0.0)), (0.0, 1, (-np.inf, np.inf, -np.inf)), (0.0, 0, (2.0, 30.0, 1.0)),
        ):  # fmt: skip
            values = np.array([3.0, 2.0, 1.5, 0.25, least, fill, *limits])
            out = put(np.full(3 * n + 1, 7.0), dtype)
            k.reassign(*map(at, spectra), n, at(values), at(out))
            with np.errstate(invalid="ignore", divide="ignore"):
                frequencies = 3.0 * np.arange(n) - 2.0 * np.where(h == 0, nowhere, d / h).imag
                times = 1.5 + 0.25 * np.where(h == 0, nowhere, t / h).real
            low = np.abs(h) < least
            frequencies[low], times[low] = np.nan, np.nan
            if fill:
                frequencies = np.where(np.isnan(frequencies), 3.0 * np.arange(n), frequencies)
                times = np.where(np.isnan(times), 1.5, times)
            expected = np.concatenate([
                np.clip(frequencies, *limits[:2]), np.maximum(times, limits[2]), np.abs(h)
            ])  # fmt: skip
            tolerance = 200 * np.finfo(dtype).eps
            # The numbers are as good as the quotients are small.
            np.testing.assert_allclose(out[:-1], expected, rtol=tolerance, atol=100 * tolerance)
            assert out[-1] == 7.0


def test_quiet_spectra_are_moved_as_loud_ones(k, dtype, rng):
    """A power of two changes no bit of a quotient, also where squares are no numbers any more."""
    n, small = 33, np.finfo(dtype).smallest_normal ** 0.75
    small = dtype(2.0 ** np.round(np.log2(small)))
    spectra = [put(rng.standard_normal(n) + 1j * rng.standard_normal(n), COMPLEX[dtype]) for _ in range(3)]
    values = np.array([3.0, 2.0, 1.5, 0.25, 0.0, 0, -np.inf, np.inf, -np.inf])
    found = []
    for scale in (dtype(1), small):
        out = put(np.full(3 * n, 7.0), dtype)
        scaled = [put(z * scale, COMPLEX[dtype]) for z in spectra]
        k.reassign(*map(at, scaled), n, at(values), at(out))
        found.append(out)
    np.testing.assert_array_equal(found[1][: 2 * n], found[0][: 2 * n])
    np.testing.assert_array_equal(found[1][2 * n :], found[0][2 * n :] * small)
