"""Clips, and frontends with all parameters to try, for the tests of frontends."""

import numpy as np

from spectrograms._frontends.making import frontend
from spectrograms._frontends.toolkits.catalogue import definition_of

from .frontend_cases import EVERY
from .together import together


def clip(n=12345, seed=3):
    """Noise and a tone, so that every band has energy."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    return (0.1 * rng.standard_normal(n) + 0.3 * np.sin(0.3 * t) + 0.05).astype(np.float32)


def make(name, rate, params, **more):
    return frontend(name, sample_rate=rate, **params, **more)


def at_16000(name, **more):
    """A frontend with its required parameters, for frames of 25 ms every 10 ms."""
    row = definition_of(name)
    sizes = dict.fromkeys(("frame_length", "window_size", "nperseg"), 400)
    sizes |= dict.fromkeys(("frame_step", "stride", "hop"), 160)
    required = {key: sizes[key] for key, kind in row.parameters.items() if kind.required}
    return frontend(name, sample_rate=None if row.rate else 16000, **required, **more)


def case_name(value):
    return value if isinstance(value, str) else "" if value is None else str(value).replace(" ", "")


every = together("name, rate, params", EVERY, ids=case_name, by=lambda name, rate, params: name)
