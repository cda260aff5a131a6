"""Corpora: from folders of audio to a store of features that training reads at random.

::

    collections  archives and tables: what is in them, and where (cells: read one after the other)
    inputs   folders, patterns, manifests, lists and collections become items with distinct ids (duplicates);
             columns: what else is known; braces: many names; contents: sounds that are read in their turn;
             lhotse, tarred, datasets: of other libraries;
             kinds: files that are not sound; far: objects; sources: the state of a file
    stores   settings: what to compute (extractor: plans and frontends behind one interface) and how to keep
             it; rows: the work on one item; shards: immutable Arrow files (schema: columns; checksums beside
             them); reading: mapped, and checked when touched (arrowfile: their structure); stats: mergeable;
             failures: errors.jsonl; manifest: what a store says about itself (documents: JSON, checked and
             sealed); writing: errors that end a run; store: random access to its records (record); verifying
    run      cutting: inputs into parts; part: one shard, on its own; pipeline: threads from files to rows, in
             order; extraction: a whole run with resuming, job arrays and signals (guard, locks); refresh:
             changed and deleted sources; lending: threads for long files; cluster: the same parts on Dask
    exports  exporting: other formats; names: one for each record; targets: where they go

A run cuts the list of inputs into parts. A part becomes one shard, named after the ids in it, under a
temporary name until it is complete. Everything follows from that: the shards alone tell what is stored, a
part that is run twice overwrites itself, and a killed run loses nothing but the shard it was writing.
Files may be damaged or foreign: everything that is read goes through `reading` or `documents`.
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
    from spectrograms.corpus.stores.record import FeatureRecord
    from spectrograms.corpus.stores.stats import Stats
    from spectrograms.corpus.stores.store import FeatureStore
    from spectrograms.corpus.stores.verifying import verify

_HOMES = {
    "FeatureRecord": "stores.record",
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
