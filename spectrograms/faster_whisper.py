"""The feature extractor of faster-whisper, faster. Needs faster-whisper."""

from spectrograms.integrations.faster_whisper import FeatureExtractor

__all__ = ["FeatureExtractor"]
