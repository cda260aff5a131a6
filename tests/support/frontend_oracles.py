"""The frontends written a second time, in plain NumPy and float64, with dense matrices and whole signals.

The package is not used. Each function takes samples, the sample rate and all parameters, and returns
the array in the toolkit's layout.
"""

from . import (
    frontend_oracles_kaldi,
    frontend_oracles_models,
    frontend_oracles_speech,
    frontend_oracles_toolkits,
)

_MODULES = (
    frontend_oracles_kaldi,
    frontend_oracles_models,
    frontend_oracles_speech,
    frontend_oracles_toolkits,
)


def oracle_of(name):
    """The function that computes a frontend, by its name."""
    return next(getattr(module, name) for module in _MODULES if hasattr(module, name))
