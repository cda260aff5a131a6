from collections.abc import Callable
from typing import Final, Literal, Self

from typing_extensions import disjoint_base

CACHE_SIZE: int
MAX_LENGTH: Final = 268435456
EFFORTS: dict[str, str]

@disjoint_base
class FftPlan:
    def __new__(cls, owner: object, key: tuple[str, int, bool, str]) -> Self: ...
    @property
    def key(self) -> tuple[str, int, bool, str]: ...

def get_plan(
    kind: Literal["c2c", "c2c_backward", "rows4", "rows16", "r2c", "c2r"],
    n: int,
    single: bool,
    effort: Literal["estimate", "measure", "patient"] = "estimate",
) -> FftPlan: ...
def fft_plan_cache_info() -> tuple[int, int]: ...
def on_clear(forget: Callable[[], object]) -> None: ...
def clear_fft_plan_cache() -> None: ...
