"""Features as a transformer of scikit-learn. Needs scikit-learn."""

from spectrograms.integrations.sklearn import FrontendTransformer

__all__ = ["FrontendTransformer"]
