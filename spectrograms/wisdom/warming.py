"""Warm starts: plans made ahead, so that the first signal takes no longer than the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from spectrograms._common import registry
from spectrograms._common.plain import parse
from spectrograms._frontends.base import Frontend
from spectrograms.errors import InvalidInputError, shown, unsaid
from spectrograms.features.variants import keep_for_one_shots

# Frontends refuse clips shorter than a frame.
_ENOUGH_SAMPLES = 1 << 16


def warmup(configs: Iterable[Any]) -> list[Any]:
    """Make plans ahead, so that the first signal takes no longer than the next.

    Tables, FFT plans and scratch memory are made, and the plans of equal parameters that functions such as
    :func:`compute_mel_db_spectrogram` would make at their first call. Call it before threads start or
    workers fork, after :func:`load_wisdom` if at all.

    Parameters
    ----------
    configs : iterable
        Plans, feature sets and frontends, or what their ``to_dict`` or ``to_json`` gave.

    Returns
    -------
    list
        The plans, in order.

    Raises
    ------
    InvalidInputError
        If one is none of these, or describes something impossible; the index is named.
    TypeError
        If `configs` is one of these itself.

    See Also
    --------
    load_wisdom : Reads what was measured before.
    set_num_threads : How many threads a call may use.

    Examples
    --------
    >>> import spectrograms as sg
    >>> params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    >>> config = sg.SpectrogramPlan(params, sg.MelParams(80, 0.0, 8000.0), "db").to_json()
    >>> plan, whisper = sg.warmup([config, sg.frontend("whisper_openai")])
    >>> plan.n_bins, whisper.n_bins
    (80, 80)
    """
    if isinstance(configs, (str, dict)) or not isinstance(configs, Iterable):
        kind = type(configs).__name__
        raise TypeError(f"configs must be a list or another iterable of configurations, got one {kind}")
    with unsaid():
        return [_warm(i, config) for i, config in enumerate(configs)]


def _warm(i, config):
    made = isinstance(config, Frontend) or registry.holds(registry.PLANS, config)
    plan = config if made else _made(i, config)
    if isinstance(plan, Frontend):
        plan.compute(np.zeros(_ENOUGH_SAMPLES))
    else:
        plan._warm()
        keep_for_one_shots(plan)
    return plan


def _made(i, config):
    if isinstance(config, str):
        config = parse(f"configs[{i}]", config)
    if not isinstance(config, dict):
        raise InvalidInputError(
            f"configs[{i}] must be a plan, feature set or frontend, a dict or JSON, "
            f"got {type(config).__name__}"
        )
    cls = registry.find(registry.PLANS, config.get("type"))
    if "frontend" not in config and cls is None:
        known = ", ".join(registry.PLANS)
        raise InvalidInputError(
            f'configs[{i}]["type"] must be one of {known}, got {shown(config.get("type"))}'
        )
    try:
        return Frontend.from_config(config) if "frontend" in config else cls.from_dict(config)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInputError(f"configs[{i}] does not describe a plan: {error}") from error
