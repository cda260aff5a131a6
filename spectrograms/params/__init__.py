"""Parameters: frozen value objects that check everything when they are made, and know no filterbank or FFT.

`from_dict` rebuilds any of them from plain data.
"""

from .base import from_dict
from .dtype import parse_dtype
from .features import ChromaParams, MfccParams
from .mdct import MdctParams
from .norms import ChromaNorm, MelNorm
from .scales import CqtParams, ErbParams, LogHzParams, MelParams
from .spatial import (
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
)
from .stft import LogParams, SpectrogramParams, StftParams
from .window import WindowType, as_window

__all__ = [
    "ChromaNorm",
    "ChromaParams",
    "CqtParams",
    "ErbParams",
    "ILDSpectrogramParams",
    "ILRSpectrogramParams",
    "IPDSpectrogramParams",
    "ITDSpectrogramParams",
    "LogHzParams",
    "LogParams",
    "MdctParams",
    "MelNorm",
    "MelParams",
    "MfccParams",
    "SpectrogramParams",
    "StftParams",
    "WindowType",
    "as_window",
    "from_dict",
    "parse_dtype",
]
