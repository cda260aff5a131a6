"""Feature extractors for lhotse, and feature stores as its cuts. Needs lhotse."""

from spectrograms.integrations.lhotse import (
    Fbank,
    FrontendConfig,
    FrontendExtractor,
    Mfcc,
    WhisperFbank,
)
from spectrograms.integrations.lhotse_cuts import StoreReader, store_cuts

__all__ = [
    "Fbank",
    "FrontendConfig",
    "FrontendExtractor",
    "Mfcc",
    "StoreReader",
    "WhisperFbank",
    "store_cuts",
]
