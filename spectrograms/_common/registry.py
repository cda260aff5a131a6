"""The kinds of things that are saved: one table from the name in a file to the class that reads it.

Files, dicts and JSON texts name kinds, never modules, so that code may move and nothing is imported because a
file says so. A new result, info or plan has a row here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_FRAME_RESULTS = "spectrograms._engine.results.frame_results"

#: ``type`` of a saved result -> module and name of its class.
RESULTS = {
    "Cepstrum": ("spectrograms.features.cepstra", "Cepstrum"),
    "Chromagram": ("spectrograms.features.chroma", "Chromagram"),
    "Contrast": ("spectrograms.features.contrast", "Contrast"),
    "CqtResult": ("spectrograms.features.constant_q", "CqtResult"),
    "Descriptor": ("spectrograms.features.descriptors", "Descriptor"),
    "Fft2dResult": ("spectrograms.features.fourier.result2d", "Fft2dResult"),
    "IldSpectrogram": ("spectrograms.features.spatial.results", "IldSpectrogram"),
    "IlrSpectrogram": ("spectrograms.features.spatial.results", "IlrSpectrogram"),
    "IpdSpectrogram": ("spectrograms.features.spatial.results", "IpdSpectrogram"),
    "ItdSpectrogram": ("spectrograms.features.spatial.results", "ItdSpectrogram"),
    "Lfcc": ("spectrograms.features.lfcc", "Lfcc"),
    "Mfcc": ("spectrograms.features.mfcc", "Mfcc"),
    "OnsetStrength": ("spectrograms.features.onsets", "OnsetStrength"),
    "ReassignedSpectrogram": ("spectrograms.features.reassignment", "ReassignedSpectrogram"),
    "Spectrogram": (_FRAME_RESULTS, "Spectrogram"),
    "StftResult": (_FRAME_RESULTS, "StftResult"),
    "StmtfResult": ("spectrograms.features.stmtf", "StmtfResult"),
    "Tempogram": ("spectrograms.features.tempo_plans", "Tempogram"),
    "Tonnetz": ("spectrograms.features.tonal_space", "Tonnetz"),
}

#: ``type`` of a result's info -> module and name of its class.
INFOS = {
    "BinauralInfo": ("spectrograms.features.spatial.binaural", "BinauralInfo"),
    "CensInfo": ("spectrograms.features.smoothed_chroma", "CensInfo"),
    "CepstrumInfo": ("spectrograms.features.cepstra", "CepstrumInfo"),
    "ChromaInfo": ("spectrograms.features.chroma", "ChromaInfo"),
    "ContrastInfo": ("spectrograms.features.contrast", "ContrastInfo"),
    "CqtInfo": ("spectrograms.features.constant_q", "CqtInfo"),
    "DescriptorInfo": ("spectrograms.features.descriptors", "DescriptorInfo"),
    "ExcerptInfo": ("spectrograms.plans.infos", "ExcerptInfo"),
    "Fft2dInfo": ("spectrograms.features.fourier.result2d", "Fft2dInfo"),
    "LfccInfo": ("spectrograms.features.lfcc", "LfccInfo"),
    "MfccInfo": ("spectrograms.features.mfcc", "MfccInfo"),
    "OnsetInfo": ("spectrograms.features.onsets", "OnsetInfo"),
    "ReassignedInfo": ("spectrograms.features.reassignment", "ReassignedInfo"),
    "SpectrogramInfo": ("spectrograms.plans.spectrogram", "SpectrogramInfo"),
    "StftInfo": ("spectrograms.features.stft_forward", "StftInfo"),
    "StmtfInfo": ("spectrograms.features.stmtf", "StmtfInfo"),
    "TempogramInfo": ("spectrograms.features.tempo_plans", "TempogramInfo"),
    "TonnetzInfo": ("spectrograms.features.tonal_space", "TonnetzInfo"),
}

#: ``type`` of a plan as a dict -> module and name of its class. Most are described by their info.
PLANS = {
    "SpectrogramInfo": ("spectrograms.plans.spectrogram", "SpectrogramPlan"),
    "StftInfo": ("spectrograms.features.stft_forward", "StftPlan"),
    "IstftPlan": ("spectrograms.features.stft_inverse", "IstftPlan"),
    "CqtInfo": ("spectrograms.features.constant_q", "CqtPlan"),
    "LfccInfo": ("spectrograms.features.lfcc", "LfccPlan"),
    "MfccInfo": ("spectrograms.features.mfcc", "MfccPlan"),
    "ChromaInfo": ("spectrograms.features.chroma", "ChromaPlan"),
    "TonnetzInfo": ("spectrograms.features.tonal_space", "TonnetzPlan"),
    "DescriptorInfo": ("spectrograms.features.descriptors", "DescriptorPlan"),
    "ContrastInfo": ("spectrograms.features.contrast", "ContrastPlan"),
    "OnsetInfo": ("spectrograms.features.rhythm", "OnsetPlan"),
    "CensInfo": ("spectrograms.features.smoothed_chroma", "CensPlan"),
    "TempogramInfo": ("spectrograms.features.tempo_plans", "TempogramPlan"),
    "FourierTempogramInfo": ("spectrograms.features.tempo_plans", "FourierTempogramPlan"),
    "CepstrumInfo": ("spectrograms.features.cepstra", "CepstrumPlan"),
    "ReassignedInfo": ("spectrograms.features.reassignment", "ReassignedPlan"),
    "FeatureSet": ("spectrograms.features.feature_set", "FeatureSet"),
}

#: The plans whose transforms a `FeatureSet` may share.
SHARING = {
    kind: PLANS[kind]
    for kind in (
        "SpectrogramInfo",
        "MfccInfo",
        "ChromaInfo",
        "TonnetzInfo",
        "ContrastInfo",
        "DescriptorInfo",
        "CepstrumInfo",
        "LfccInfo",
    )
}


def find(table: dict[str, tuple[str, str]], kind: Any) -> Any:
    """Import the class of a kind; None if the table does not have `kind`, which may be any object."""
    if not isinstance(kind, str) or kind not in table:
        return None
    module, name = table[kind]
    return getattr(import_module(module), name)


def holds(table: dict[str, tuple[str, str]], thing: Any) -> bool:
    """Whether an object is of one of the table's classes, or of a subclass; no module is imported."""
    return any((base.__module__, base.__qualname__) in table.values() for base in type(thing).__mro__)


def kind_of(table: dict[str, tuple[str, str]], cls: type) -> str:
    """The name under which a class is saved: its own, or that of the nearest base in the table."""
    names = [name for _, name in table.values()]
    return next((base.__name__ for base in cls.__mro__ if base.__name__ in names), cls.__name__)
