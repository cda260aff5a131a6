"""The kinds of things that are saved: one table from the name in a file to the class that reads it.

Files, dicts and JSON texts name kinds, never modules, so that code may move and nothing is imported because a
file says so. A new result, info or plan has a row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_FEATURE_RESULTS = "spectrograms.engine.feature_results"
_FRAME_RESULTS = "spectrograms.engine.frame_results"

#: ``type`` of a saved result -> module and name of its class.
RESULTS = {
    "Chromagram": (_FEATURE_RESULTS, "Chromagram"),
    "CqtResult": (_FEATURE_RESULTS, "CqtResult"),
    "Descriptor": (_FEATURE_RESULTS, "Descriptor"),
    "Fft2dResult": (_FEATURE_RESULTS, "Fft2dResult"),
    "IldSpectrogram": (_FEATURE_RESULTS, "IldSpectrogram"),
    "IlrSpectrogram": (_FEATURE_RESULTS, "IlrSpectrogram"),
    "IpdSpectrogram": (_FEATURE_RESULTS, "IpdSpectrogram"),
    "ItdSpectrogram": (_FEATURE_RESULTS, "ItdSpectrogram"),
    "Mfcc": (_FEATURE_RESULTS, "Mfcc"),
    "Spectrogram": (_FRAME_RESULTS, "Spectrogram"),
    "StftResult": (_FRAME_RESULTS, "StftResult"),
    "StmtfResult": ("spectrograms.features.stmtf", "StmtfResult"),
}

#: ``type`` of a result's info -> module and name of its class.
INFOS = {
    "BinauralInfo": ("spectrograms.features.binaural", "BinauralInfo"),
    "ChromaInfo": ("spectrograms.info", "ChromaInfo"),
    "CqtInfo": ("spectrograms.info", "CqtInfo"),
    "DescriptorInfo": ("spectrograms.info", "DescriptorInfo"),
    "Fft2dInfo": (_FEATURE_RESULTS, "Fft2dInfo"),
    "MfccInfo": ("spectrograms.info", "MfccInfo"),
    "SpectrogramInfo": ("spectrograms.info", "SpectrogramInfo"),
    "StftInfo": ("spectrograms.info", "StftInfo"),
    "StmtfInfo": ("spectrograms.features.stmtf", "StmtfInfo"),
}

#: ``type`` of a plan as a dict -> module and name of its class. Most are described by their info.
PLANS = {
    "SpectrogramInfo": ("spectrograms.plan", "SpectrogramPlan"),
    "StftInfo": ("spectrograms.features.stft", "StftPlan"),
    "IstftPlan": ("spectrograms.features.stft", "IstftPlan"),
    "MfccInfo": ("spectrograms.features.mfcc", "MfccPlan"),
    "ChromaInfo": ("spectrograms.features.chroma", "ChromaPlan"),
    "DescriptorInfo": ("spectrograms.features.descriptors", "DescriptorPlan"),
    "FeatureSet": ("spectrograms.features.feature_set", "FeatureSet"),
}


def find(table: dict[str, tuple[str, str]], kind: Any) -> Any:
    """The class of a kind, its module imported; None if `kind`, anything at all, is none of the table's."""
    if not isinstance(kind, str) or kind not in table:
        return None
    module, name = table[kind]
    return getattr(import_module(module), name)


def kind_of(table: dict[str, tuple[str, str]], cls: type) -> str:
    """The name under which a class is saved: its own, or that of the nearest base in the table."""
    names = [name for _, name in table.values()]
    return next((base.__name__ for base in cls.__mro__ if base.__name__ in names), cls.__name__)
