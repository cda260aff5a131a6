"""Any two configurations side by side: in words, and in numbers over a signal."""

from spectrograms._moved import names_in as _names_in

__getattr__ = _names_in(__name__, "Comparison", "compare")
