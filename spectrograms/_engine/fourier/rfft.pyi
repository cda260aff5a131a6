from typing import Literal, Self

from typing_extensions import disjoint_base

def rfft_form(n: int) -> Literal["real", "quarter", "combined", "packed"]: ...

@disjoint_base
class FrameRfft:
    def __new__(
        cls, single: bool, n: int, effort: Literal["estimate", "measure", "patient"] = "estimate"
    ) -> Self: ...
    @property
    def gain(self) -> float: ...

@disjoint_base
class FrameIrfft:
    def __new__(
        cls, single: bool, n: int, effort: Literal["estimate", "measure", "patient"] = "estimate"
    ) -> Self: ...
