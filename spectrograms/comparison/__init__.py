"""Any two configurations side by side: in words, and in numbers over a signal."""

from collections.abc import Callable as _Callable
from typing import Any as _Any

from spectrograms._moved import names_in as _names_in

__getattr__: _Callable[[str], _Any] = _names_in(__name__, "Comparison", "compare")
