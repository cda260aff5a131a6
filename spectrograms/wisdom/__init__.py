"""Measured FFT plans kept in files, and warm starts."""

from spectrograms._moved import names_in as _names_in

__getattr__ = _names_in(__name__, "forget_wisdom", "load_wisdom", "save_wisdom", "warmup", "wisdom_file")
