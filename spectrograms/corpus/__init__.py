"""Corpora: from folders of audio to a store of features that training reads at random.

::

    inputs   folders (patterns, too), manifests (lists, too) -> items, with ids that differ (duplicates);
             kinds: what is no sound; places: what is no path
    settings what to compute (extractor: plans and frontends behind one face) and how to keep it
    pipeline threads, each from files to rows, in order; rows: the work on one item
    shards   immutable Arrow files (schema: columns; checksums beside them); reading: mapped, and checked
             where they are touched (arrowfile: their frame); stats: mergeable; failures: errors.jsonl
    sources  which state of a file rows were computed from; refresh: which have changed or gone
    part     extract_part: one shard, with no engine around it
    extraction  a whole run: resume, job arrays, signals (guard); cluster: the same parts on Dask
    manifest what a store says about itself (documents: JSON, checked and sealed); store: reading;
             verifying; exporting (names: each record its own)

A run cuts the list of inputs into parts. A part becomes one shard, named after the ids in it, under a
temporary name until it is complete. Everything follows from that: what is stored is known from the shards
alone, a part that is run twice overwrites itself, and a killed run loses the shard at hand and nothing else.
Files may be damaged, or somebody else's: whatever is read goes through `reading` or `documents`.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spectrograms.corpus.exports.exporting import export
    from spectrograms.corpus.inputs.finding import Item, find_inputs
    from spectrograms.corpus.run.extraction import extract
    from spectrograms.corpus.run.part import PartReport, extract_part
    from spectrograms.corpus.run.report import Report
    from spectrograms.corpus.stores.extractor import extractor_from
    from spectrograms.corpus.stores.manifest import finish
    from spectrograms.corpus.stores.stats import Stats
    from spectrograms.corpus.stores.store import FeatureRecord, FeatureStore
    from spectrograms.corpus.stores.verifying import verify

_HOMES = {
    "FeatureRecord": "stores.store",
    "FeatureStore": "stores.store",
    "Item": "inputs.finding",
    "PartReport": "run.part",
    "Report": "run.report",
    "Stats": "stores.stats",
    "export": "exports.exporting",
    "extract": "run.extraction",
    "extract_part": "run.part",
    "extractor_from": "stores.extractor",
    "find_inputs": "inputs.finding",
    "finish": "stores.manifest",
    "verify": "stores.verifying",
}

__all__ = [
    "FeatureRecord",
    "FeatureStore",
    "Item",
    "PartReport",
    "Report",
    "Stats",
    "export",
    "extract",
    "extract_part",
    "extractor_from",
    "find_inputs",
    "finish",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
