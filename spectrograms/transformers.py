"""Fast feature extractors in place of those of Hugging Face. Needs transformers."""

from spectrograms.integrations.extractors import fast_feature_extractor

__all__ = ["fast_feature_extractor"]
