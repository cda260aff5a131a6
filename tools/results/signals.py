"""The samples that all results are made of: the same in every process, from NumPy alone."""

import numpy as np


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def _signal(n_samples, seed):
    """A chirp, a tone that stops, and noise, within [-1, 1]."""
    t = np.arange(n_samples) / 16000
    x = 0.4 * np.sin(2 * np.pi * (200 + 4000 * t) * t) + 0.2 * np.sin(2 * np.pi * 440 * t) * (t < 0.15)
    return np.clip(x + 0.05 * noise(n_samples, seed=seed), -1, 1)


SIGNAL = _signal(5200, 1)
LONG = _signal(20000, 2)
LEFT, RIGHT = _signal(3000, 3), _signal(3000, 4)


def clips():
    """Signals of several lengths and types, for batches."""
    lengths = (5200, 17, 1600, 3333, 1, 800, 4096, 2000)
    return [LONG[:n].astype("f4" if n % 2 else "f8") for n in lengths]
