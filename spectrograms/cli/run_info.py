"""``spectrograms info``: the headers of audio files, and what feature stores hold."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from spectrograms._common.files import as_text
from spectrograms.audio import audio_info
from spectrograms.audio.suffixes import is_sound
from spectrograms.cli.console import print_json, print_table, visible
from spectrograms.cli.inputs import sources_of
from spectrograms.cli.options import UsageError
from spectrograms.cli.statistics import BANDS, LEVELS, band_row, bands, lengths, level_row, levels
from spectrograms.corpus.stores.manifest import read_description, shard_paths
from spectrograms.errors import INPUT_ERRORS, InvalidInputError
from spectrograms.places.paths import size_of
from spectrograms.places.urls import Url, placed, said

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

_AUDIO = ("file", "seconds", "rate", "channels", "samples", "format", "subtype")
_STORES = ("store", "records", "hours", "frames", "values", "rate", "dtype", "shards", "MB", "failed")


def run(args: Namespace, console: Console) -> bool:
    """Print tables, or JSON. Returns whether any input failed."""
    infos: list[Any] = []
    stores: list[dict[str, Any]] = []
    for path in _listed(args.files, console):
        try:
            if isinstance(path, Url):
                _look_far(path, infos, stores, args.stats)
            elif os.path.isdir(path):
                stores.append(_store(path, args.stats))
            else:
                infos.append((audio_info(path), levels(path) if args.stats else None))
        except INPUT_ERRORS as error:
            console.fail(said(path), error)
    if args.json:
        files = [
            {**asdict(info), "path": as_text(info.path)} | ({"stats": found} if found else {})
            for info, found in infos
        ]
        print_json({"command": "info", "files": files, "stores": stores, "failed": console.failed})
    else:
        _print(infos, stores)
    return console.report_failed(len(infos) + len(stores) + len(console.failed))


def _listed(paths, console):
    """Recordings and stores; a folder that is no store stands for the recordings in it."""
    for path in paths:
        try:
            place = placed(path, "an input")
        except INPUT_ERRORS as error:
            console.fail(said(path), error)
            continue
        if isinstance(place, Url):
            yield place
            continue
        if os.path.isdir(path) and not shard_paths(path) and read_description(path) is None:
            try:
                yield from (source.path for source in sources_of([path], console))
            except UsageError as error:
                console.fail(path, InvalidInputError(f"no feature store, and {error}"))
        else:
            yield path


def _look_far(url, infos, stores, stats):
    """What an object is, or holds."""
    from spectrograms.corpus.inputs.finding import find_inputs

    if not is_sound(url):
        stores.append(_store(url, stats))
        return
    for item in find_inputs(url):
        content = item.sound
        found = levels(content) if stats else None
        infos.append((replace(audio_info(content), path=item.path), found))


def _print(infos, stores):
    if infos:
        print_table(_AUDIO, [_audio_row(info) for info, _ in infos])
    found = [each for _, each in infos if each is not None]
    if found:
        print()
        print_table(LEVELS, map(level_row, found))
    if stores:
        print_table(_STORES, [_store_row(store) for store in stores])
    for store in stores:
        if "bands" in store:
            words = ", ".join(f"{word} {seconds:.2f} s" for word, seconds in store["lengths"].items())
            print(f"\n{visible(store['path'])}: {words or 'empty'}")
            print_table(BANDS, map(band_row, store["bands"]))


def _store(path, stats):
    """The description of a store, and how much it holds; with `stats`, also what its bands hold."""
    from spectrograms.corpus.stores.store import FeatureStore

    store = FeatureStore(path)
    return {
        "path": as_text(path),
        "records": len(store),
        "seconds": float(store.durations.sum()),
        "frames": int(store.n_frames.sum()),
        "n_features": store.n_features,
        "sample_rate": store.sample_rate,
        "dtype": store.config["dtype"],
        "layout": store.layout,
        "fingerprint": store.fingerprint,
        "config": store.config,
        "software": store.description["software"],
        "shards": len(store.shards),
        "bytes": sum(map(size_of, store.shards)),
        "failed": len(store.errors),
        "largest_rounding_error": store.stats.rounding,
        **({"lengths": lengths(store), "bands": bands(store)} if stats else {}),
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
