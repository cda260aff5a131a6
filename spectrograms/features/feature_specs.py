"""What a `FeatureSet` is asked for: from the spec of a feature to the plan that computes it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectrograms.errors import InvalidInputError, shown
from spectrograms.features.cepstra import CepstrumPlan
from spectrograms.features.chroma import ChromaPlan
from spectrograms.features.contrast import ContrastPlan
from spectrograms.features.descriptors import NAMES, DescriptorPlan
from spectrograms.features.lfcc import LfccPlan
from spectrograms.features.mfcc import MfccPlan
from spectrograms.features.tonal_space import TonnetzPlan
from spectrograms.params import (
    ChromaCqtParams,
    ChromaParams,
    ChromaStftParams,
    ContrastParams,
    LfccParams,
    LogParams,
    MfccParams,
)
from spectrograms.plans.scales import AMPLITUDES
from spectrograms.plans.spectrogram import SpectrogramPlan

if TYPE_CHECKING:
    from spectrograms.params import SpectrogramParams
    from spectrograms.plans.base import Plan

#: Mel bands of coefficients unless a spec gives their number.
DEFAULT_N_MELS = 40


_CEPSTRA = {"cepstrum": "real", "power_cepstrum": "power"}


def plan_of(spec: Any, params: SpectrogramParams, dtype: Any, effort: str) -> Plan[Any]:
    """The plan that computes one feature alone.

    Raises
    ------
    InvalidInputError
        If there is no feature of that name, or one that cannot be computed.
    TypeError
        If `spec` describes none.
    """
    stft, rate = params.stft, params.sample_rate
    if isinstance(spec, str):
        if spec in AMPLITUDES:
            return SpectrogramPlan(params, None, spec, None, dtype, effort=effort)
        if spec in NAMES:
            return DescriptorPlan(stft, rate, spec, dtype, effort=effort)
        if spec in _CEPSTRA:
            return CepstrumPlan(stft, rate, dtype, kind=_CEPSTRA[spec], effort=effort)
        known = ", ".join((*AMPLITUDES, *NAMES, *_CEPSTRA))
        raise InvalidInputError(f"must be one of {known}, got {shown(spec)}")
    first, *rest = spec if isinstance(spec, tuple) and spec else (spec,)
    if isinstance(first, MfccParams) and len(rest) <= 1:
        n_mels = rest[0] if rest else DEFAULT_N_MELS
        return MfccPlan(stft, rate, n_mels, first, dtype, effort=effort)
    if isinstance(first, ChromaParams | ChromaStftParams | ChromaCqtParams) and rest in ([], ["tonnetz"]):
        cls = TonnetzPlan if rest else ChromaPlan
        return cls(stft, rate, first, dtype, effort=effort)
    if isinstance(first, LfccParams) and not rest:
        return LfccPlan(stft, rate, first, dtype, effort=effort)
    if isinstance(first, ContrastParams) and not rest:
        return ContrastPlan(stft, rate, first, dtype, effort=effort)
    if len(rest) <= 2 and all(isinstance(each, (str, LogParams, type(None))) for each in rest):
        amplitude, db = rest[0] if rest else "power", rest[1] if len(rest) > 1 else None
        return SpectrogramPlan(params, first, amplitude, db, dtype, effort=effort)
    raise TypeError(f"must be parameters, or a tuple that starts with them, got {shown(spec)}")
