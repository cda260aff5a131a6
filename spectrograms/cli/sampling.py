"""``extract --sample``: some random inputs, looked at before a long run."""

from __future__ import annotations

import os
import random
from argparse import Namespace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.files import as_text, replacing
from spectrograms.cli.console import print_table
from spectrograms.corpus.inputs.finding import Inputs, weight
from spectrograms.corpus.stores.store import FeatureStore

if TYPE_CHECKING:
    from spectrograms.cli.console import Console
    from spectrograms.corpus.run.report import Report

#: The sheet of pictures in the folder of the store, and how many records it shows at most.
SHEET, _PANELS = "sample.png", 24
_HEADER = ("id", "seconds", "frames", "mean", "std", "min", "max", "")


def chosen(items: Inputs, count: int) -> Inputs:
    """Some of the inputs, the same for every run, in their order."""
    places = sorted(random.Random(0).sample(range(len(items)), min(count, len(items))))
    return Inputs([items[k] for k in places], items.left_out, items.n_duplicates)


def show(items: Inputs, some: Inputs, report: Report, args: Namespace, console: Console) -> dict[str, Any]:
    """Print what came of the sample, draw it, and say what all inputs would take; returned as plain data."""
    store = FeatureStore(args.out)
    rows = [_described(record) for record in store]
    if not args.json:
        print_table(_HEADER, [_row(row) for row in rows])
    share = sum(map(weight, items)) / max(1, sum(map(weight, some)))
    size = sum(os.path.getsize(shard) for shard in store.shards)
    estimate = {"inputs": len(items), "seconds": report.seconds * share, "bytes": round(size * share)}
    if report.n_done:
        console.say(
            f"all {len(items)} inputs would take about {_time(estimate['seconds'])} "
            f"and {estimate['bytes'] / 1e6:.3g} MB"
        )
    if find_spec("matplotlib") is None:
        console.say("no pictures: drawing them needs matplotlib: pip install matplotlib")
    elif rows:
        path = os.path.join(args.out, SHEET)
        _draw(store, path)
        console.say(f"pictures of the first {min(len(rows), _PANELS)}: {as_text(path)}")
    return {"records": rows, "estimate": estimate}


def _described(record):
    values = np.asarray(record.features, dtype=np.float64)
    finite = values[np.isfinite(values)]
    some = finite if finite.size else np.zeros(1)
    return {
        "id": record.id,
        "seconds": record.duration,
        "frames": record.n_frames,
        "mean": float(some.mean()),
        "std": float(some.std()),
        "min": float(some.min()),
        "max": float(some.max()),
        "n_not_finite": values.size - finite.size,
    }


def _row(row):
    """A row of the table, with what a person should look at in words behind it."""
    odd = f"{row['n_not_finite']} values not finite" if row["n_not_finite"] else ""
    if not odd and row["std"] == 0:
        odd = "all values equal"
    numbers = (f"{row[key]:.4g}" for key in ("mean", "std", "min", "max"))
    return as_text(row["id"]), f"{row['seconds']:.2f}", str(row["frames"]), *numbers, odd


def _time(seconds):
    minutes = seconds / 60
    if minutes < 1:
        return f"{seconds:.2g} s"
    return f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"


def _draw(store, path):
    """One sheet: frames to the right and bands upwards, each picture with colours of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    records = [store[k] for k in range(min(len(store), _PANELS))]
    columns = min(3, len(records))
    lines = -(-len(records) // columns)
    figure = Figure(figsize=(4 * columns, 2.2 * lines), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for panel in panels[len(records) :]:
        panel.set_axis_off()
    for panel, record in zip(panels, records, strict=False):
        values = np.asarray(record.features, dtype=np.float64)
        values = values.T if store.frames_first else values
        values = np.where(np.isfinite(values), values, np.nan)
        ends = (0, record.duration, 0, len(values))
        panel.imshow(values, origin="lower", aspect="auto", cmap="magma", extent=ends)
        # Matplotlib would typeset text between dollar signs as a formula.
        panel.set_title(as_text(record.id).replace("$", r"\$"), fontsize=8)
        panel.tick_params(labelsize=7)
    figure.supxlabel("time in s", fontsize=8)
    figure.supylabel("band", fontsize=8)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=100)
