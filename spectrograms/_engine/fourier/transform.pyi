from typing import Literal, Self

from typing_extensions import disjoint_base

def transform_for(n: int) -> Literal["real", "quarter", "combined", "packed"]: ...

@disjoint_base
class RealFft:
    def __new__(
        cls, single: bool, n: int, effort: Literal["estimate", "measure", "patient"] = "estimate"
    ) -> Self: ...
    @property
    def gain(self) -> float: ...
