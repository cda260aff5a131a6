"""Threads for the last parts of a run, of hands for which there is none."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from spectrograms.corpus.run.part import Part


def lent(parts: Iterable[Part], hands: int, most: int | None = None) -> Iterator[tuple[Part, int]]:
    """Parts in their order, and how many hands there are for each.

    Parts are begun by as many hands as there are, round after round. If fewer are left for the last round,
    they share all hands.

    Parameters
    ----------
    parts : iterable of Part
        Drawn so far ahead as there are hands: then it is known which are the last.
    hands : int
        How many parts are at work at once; 1 if none can use another's.
    most : int, optional
        How many hands a part can use at most.
    """
    ahead: deque[Part] = deque()
    parts, before = iter(parts), 0
    while True:
        ahead.extend(islice(parts, hands - len(ahead)))
        if not ahead:
            return
        left = len(ahead)
        # Fewer than there are hands are all that are left.
        last = (before + left) % hands if left < hands else 0
        share = hands // last if 0 < left <= last else 1
        yield ahead.popleft(), share if most is None else min(share, most)
        before += 1
