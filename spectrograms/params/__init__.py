"""Parameters: frozen value objects that check everything when they are made, and know no filterbank or FFT.

`from_dict` rebuilds any of them from plain data.
"""

from .base import from_dict
from .dtype import parse_dtype
from .norms import ChromaNorm, MelNorm
from .scales import CqtParams, ErbParams, LogHzParams, MelParams
from .stft import LogParams, SpectrogramParams, StftParams
from .window import WindowType, as_window

__all__ = [
    "ChromaNorm",
    "CqtParams",
    "ErbParams",
    "LogHzParams",
    "LogParams",
    "MelNorm",
    "MelParams",
    "SpectrogramParams",
    "StftParams",
    "WindowType",
    "as_window",
    "from_dict",
    "parse_dtype",
]
