from typing import Self

from typing_extensions import disjoint_base

@disjoint_base
class Arenas:
    def __new__(cls, nbytes: int) -> Self: ...
