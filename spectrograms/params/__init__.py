"""Parameters: frozen value objects that check everything when they are made, and know no filterbank or FFT.

`from_dict` rebuilds any of them from plain data.
"""

from spectrograms.params.bark import BarkParams
from spectrograms.params.base import from_dict
from spectrograms.params.dtype import parse_dtype
from spectrograms.params.features import ChromaParams, LfccParams, MfccParams
from spectrograms.params.lapped import MdctParams
from spectrograms.params.linear import LinearParams
from spectrograms.params.music import ChromaCqtParams, ChromaStftParams, ContrastParams
from spectrograms.params.norms import ChromaNorm, MelNorm
from spectrograms.params.octaves import OctaveParams
from spectrograms.params.scales import CqtParams, ErbParams, LogHzParams, MelParams
from spectrograms.params.spatial import (
    ILDSpectrogramParams,
    ILRSpectrogramParams,
    IPDSpectrogramParams,
    ITDSpectrogramParams,
)
from spectrograms.params.stft import LogParams, SpectrogramParams, StftParams
from spectrograms.params.window import WindowType, as_window

__all__ = [
    "BarkParams",
    "ChromaCqtParams",
    "ChromaNorm",
    "ChromaParams",
    "ChromaStftParams",
    "ContrastParams",
    "CqtParams",
    "ErbParams",
    "ILDSpectrogramParams",
    "ILRSpectrogramParams",
    "IPDSpectrogramParams",
    "ITDSpectrogramParams",
    "LfccParams",
    "LinearParams",
    "LogHzParams",
    "LogParams",
    "MdctParams",
    "MelNorm",
    "MelParams",
    "MfccParams",
    "OctaveParams",
    "SpectrogramParams",
    "StftParams",
    "WindowType",
    "as_window",
    "from_dict",
    "parse_dtype",
]
