"""How the weights of a band, or the classes of a frame, are scaled against each other."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from spectrograms._common.documenting import documented
from spectrograms.errors import InvalidInputError, shown


class Norm(Enum):
    """Members that convert to int and print as ``MelNorm.Slaney``, without being integers themselves."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name.capitalize()}"

    __str__ = __repr__

    def __int__(self) -> int:
        return self.value

    @property
    def label(self) -> str:
        """The name as the repr of a parameter object writes it."""
        return "None" if self.name == "none" else self.name


@documented()
class MelNorm(Norm):
    """Scaling of each triangle of a mel filterbank.

    Attributes
    ----------
    none
        Peak 1.
    slaney
        Area 1: weights times ``2 / (upper edge - lower edge)``, edges in Hz.
    l1, l2
        Weights divided by their sum, or by their Euclidean norm.

    See Also
    --------
    MelParams : Takes one of them, or its name.

    %(plain_examples)s
    >>> sg.MelParams(80, 0.0, 8000.0, norm="slaney").norm
    MelNorm.Slaney
    >>> [norm.name for norm in sg.MelNorm]
    ['none', 'slaney', 'l1', 'l2']
    """

    none = 0
    slaney = 1
    l1 = 2
    l2 = 3
    Slaney = slaney
    L1 = l1
    L2 = l2


@documented()
class ChromaNorm(Norm):
    """Scaling of the twelve classes of each frame of a chromagram.

    Attributes
    ----------
    none
        As summed.
    l1, l2, max
        Divided by their sum, their Euclidean norm, or the largest of them.

    See Also
    --------
    ChromaParams : Takes one of them, or its name.

    %(plain_examples)s
    >>> sg.ChromaParams(norm="max").norm
    ChromaNorm.Max
    >>> [norm.name for norm in sg.ChromaNorm]
    ['none', 'l1', 'l2', 'max']
    """

    none = 0
    l1 = 1
    l2 = 2
    max = 3
    L1 = l1
    L2 = l2
    Max = max


for _kind in (MelNorm, ChromaNorm):
    # The second spelling of this member is a keyword, which a class body cannot assign to.
    setattr(_kind, "None", _kind["none"])


_N = TypeVar("_N", bound=Norm)


def as_norm(kind: type[_N], value: _N | str | None, default: _N) -> _N:
    """Convert a member, its name in any letter case, or None (for `default`) to a member of `kind`."""
    if value is None:
        return default
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise TypeError(f"norm must be a {kind.__name__} enum, a string, or None, got {shown(value)}")
    try:
        return kind[value.lower()]
    except KeyError:
        names = ", ".join(repr(member.name) for member in kind)
        raise InvalidInputError(f"Invalid norm string: {shown(value)}. Must be one of: {names}") from None
