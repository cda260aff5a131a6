"""``spectrograms info``: the headers of audio files, and what feature stores hold."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from spectrograms._common.files import as_text
from spectrograms.audio import audio_info
from spectrograms.cli.console import print_json, print_table
from spectrograms.corpus.inputs.places import local
from spectrograms.errors import INPUT_ERRORS

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

_AUDIO = ("file", "seconds", "rate", "channels", "samples", "format", "subtype")
_STORES = ("store", "records", "hours", "frames", "values", "rate", "dtype", "shards", "MB", "failed")


def run(args: Namespace, console: Console) -> bool:
    """Print tables, or JSON. Returns whether any input failed."""
    infos, stores = [], []
    for path in args.files:
        try:
            local(path, "an input")
            if os.path.isdir(path):
                stores.append(_store(path))
            else:
                infos.append(audio_info(path))
        except INPUT_ERRORS as error:
            console.fail(path, error)
    if args.json:
        files = [{**asdict(info), "path": as_text(info.path)} for info in infos]
        print_json({"command": "info", "files": files, "stores": stores, "failed": console.failed})
    else:
        if infos:
            print_table(_AUDIO, [_audio_row(info) for info in infos])
        if stores:
            print_table(_STORES, [_store_row(store) for store in stores])
    return console.report_failed(len(args.files))


def _store(path):
    """The description of a store, and how much it holds."""
    from spectrograms.corpus.stores.store import FeatureStore

    store = FeatureStore(path)
    return {
        "path": as_text(path),
        "records": len(store),
        "seconds": float(store.durations.sum()),
        "frames": int(store.n_frames.sum()),
        "n_features": store.n_features,
        "sample_rate": store.sample_rate,
        "dtype": store.dtype.name,
        "layout": store.layout,
        "fingerprint": store.fingerprint,
        "config": store.config,
        "software": store.description["software"],
        "shards": len(store.shards),
        "bytes": sum(os.path.getsize(shard) for shard in store.shards),
        "failed": len(store.errors),
        "largest_rounding_error": store.stats.rounding,
    }


def _audio_row(info):
    return (
        as_text(info.path),
        f"{info.duration:.3f}",
        str(info.sample_rate),
        str(info.n_channels),
        str(info.n_samples),
        info.format,
        info.subtype,
    )


def _store_row(store):
    return (
        store["path"],
        str(store["records"]),
        f"{store['seconds'] / 3600:.3f}",
        str(store["frames"]),
        str(store["n_features"]),
        str(store["sample_rate"]),
        store["dtype"],
        str(store["shards"]),
        f"{store['bytes'] / 1e6:.1f}",
        str(store["failed"]),
    )
