"""A part as the task of another process: plain data there, plain data back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from spectrograms._common.fingerprint import canonical_json
from spectrograms.corpus.inputs.contents import sent
from spectrograms.corpus.inputs.finding import Item
from spectrograms.corpus.run.part import Part, begin_part
from spectrograms.corpus.stores.rows import Worker
from spectrograms.corpus.stores.settings import Settings, once

#: The index of a part, its items, their weights, and its further columns.
Packed = tuple[str, list[tuple[Any, ...]], list[int], dict[str, str]]


def packed(part: Part) -> Packed:
    """A part as plain data, of builtin types alone: classes of the caller are unknown to other processes."""
    items = [
        (_text(item.id), _text(item.path), item.start, item.duration, sent(item), item.columns)
        for item in part.items
    ]
    return part.index, items, part.weights, part.columns


# A plain text, whatever class of it the caller has given.
_text = str.__str__


def config_of(settings: Settings) -> str:
    """Settings as a text for :func:`settings_of`."""
    return canonical_json(settings.config)


@once
def settings_of(config: str) -> Settings:
    """Settings of a text; their plan is made once in each process."""
    return Settings.from_config(json.loads(config))


def run_packed(
    part: Packed,
    settings: Settings,
    folder: str,
    num_threads: int = 1,
    stop: threading.Event | None = None,
    watched: Callable[[Worker], Worker] = lambda worker: worker,
) -> dict[str, Any]:
    """Run a part; the dict of its report. Parameters are those of :func:`run_part`."""
    return begin_packed(part, settings, folder, num_threads, stop, watched)()


def begin_packed(
    part: Packed,
    settings: Settings,
    folder: str,
    num_threads: int,
    stop: threading.Event | None,
    watched: Callable[[Worker], Worker],
) -> Callable[[], dict[str, Any]]:
    """Do all of :func:`run_packed` but to wait for the disk, which what is returned does."""
    index, items, weights, columns = part
    made = Part(index, [Item(*item) for item in items], weights, columns)
    end = begin_part(made, settings, folder, num_threads, stop, watched)
    return lambda: end().to_dict()
