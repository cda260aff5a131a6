"""Measured FFT plans kept in files, and warm starts."""

from collections.abc import Callable as _Callable
from typing import Any as _Any

from spectrograms._moved import names_in as _names_in

__getattr__: _Callable[[str], _Any] = _names_in(
    __name__, "forget_wisdom", "load_wisdom", "save_wisdom", "warmup", "wisdom_file"
)
