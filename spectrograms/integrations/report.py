"""What a feature store holds, in one page of HTML that needs no network."""

from __future__ import annotations

import base64
import heapq
import io
from collections import Counter
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms.errors import SpectrogramError
from spectrograms.integrations.figures import new_figure
from spectrograms.integrations.pictures.cells import reduced
from spectrograms.integrations.pictures.subjects import edges_of, evenly_spaced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.corpus.stores.store import FeatureStore

# Clips of each kind, pixels of their thumbnails, and failures that are listed one by one.
_CLIPS, _WIDTH, _HEIGHT, _FAILURES = 10, 240, 90, 100
_KINDS = {
    "Longest": "by their frames",
    "Quietest": "by the mean of all their values",
    "Loudest": "by the mean of all their values",
    "Strangest": "by how far their mean in each band lies from that of the store, in standard deviations",
}
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1200px; padding: 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; } td, th { border-bottom: 1px solid var(--line); text-align: left;
 padding: .2rem .8rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
.charts, .clips { display: grid; gap: 1rem;
 grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); }
.clips { grid-template-columns: repeat(auto-fill, minmax(min(47%, 200px), 1fr)); }
th { white-space: nowrap; overflow-wrap: normal; }
figure { margin: 0; } figcaption { font-size: .8rem; overflow-wrap: anywhere; }
img { width: 100%; height: auto; display: block; background: #fff; border-radius: 3px; }
.clips img { aspect-ratio: 8 / 3; image-rendering: auto; } .wide { overflow-x: auto; }
pre { background: var(--soft); padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def report(store: FeatureStore) -> str:
    """Describe a store: lengths, bands, extremes, failures, and pictures of remarkable clips.

    Parameters
    ----------
    store : FeatureStore
        Every value of it is read once.

    Returns
    -------
    str
        A page of HTML with its pictures in it.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    InvalidInputError
        If a shard is damaged.

    Examples
    --------
    >>> from spectrograms.corpus import FeatureStore, extract
    >>> from spectrograms.integrations.report import report
    >>> done = extract("recordings", "whisper_openai", "features", num_threads=1)
    >>> page = report(FeatureStore("features"))
    >>> page.count("<img"), "Strangest" in page
    (42, True)
    """
    require("matplotlib", "drawing spectrograms")
    stats, failures = store.stats, store.errors
    parts = [f"<h1>{escape(store.path.rpartition('/')[2])}</h1>", _facts(store, stats, failures)]
    if len(store):
        parts += ["<h2>Lengths and bands</h2>", _charts(store, stats), *_remarkable(store, stats)]
    parts += _failures(failures) + _configuration(store)
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    title = f"<title>{escape(store.path.rpartition('/')[2])}: feature store</title>"
    body = "\n".join(parts)
    # An icon of no bytes: browsers would look for one.
    icon = '<link rel="icon" href="data:,">'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{title}{icon}<style>{_STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _table(rows):
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(text))}</td></tr>" for name, text in rows)
    return f"<div class='wide'><table>{cells}</table></div>"


def _facts(store, stats, failures):
    hours, lengths = store.durations.sum() / 3600, store.durations
    rows = [("records", f"{len(store):,}"), ("failed", f"{len(failures):,}"), ("hours", f"{hours:,.3f}")]
    if len(store):
        spread = (
            f"{_seconds(lengths.min())} to {_seconds(lengths.max())}, median {_seconds(np.median(lengths))}"
        )
        rows += [("lengths", spread), ("frames", f"{stats.count:,}")]
    if stats.count:
        rows += [("values", f"{stats.min.min():.4g} to {stats.max.max():.4g}")]
    rows += [
        ("in a frame", f"{store.n_features} values, {store.dtype.name}"),
        ("sample rate", f"{store.sample_rate:,} Hz"),
        ("layout", store.layout),
        ("shards", len(store.shards)),
        ("fingerprint", store.fingerprint),
    ]
    return _table(rows)


def _seconds(value):
    if value < 120:
        return f"{value:.2f} s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes}:{seconds:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d} h"


def _image(png: bytes, words: str) -> str:
    data = base64.b64encode(png).decode("ascii")
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{data}">'


def _charts(store, stats):
    drawn = []
    for words, draw in (("lengths of the records", _lengths), ("mean, spread and range by band", _bands)):
        figure = new_figure((5.2, 3.2))
        draw(figure.add_subplot(), store, stats)
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=130)
        drawn.append(f"<figure>{_image(file.getvalue(), words)}</figure>")
    return f"<div class='charts'>{''.join(drawn)}</div>"


def _lengths(ax, store, stats):
    from spectrograms.integrations.pictures.axes import time_axis

    lengths = store.durations
    ax.hist(lengths, bins=min(60, max(5, round(len(lengths) ** 0.5))), color="C0")
    time_axis(ax)
    ax.set_ylabel("Records")


def _source(store):
    """What computed the features; None if it is of another version."""
    from spectrograms.integrations.pictures.sources import Source

    with suppress(SpectrogramError, TypeError, KeyError):
        return Source(store.config["features"])


def _bands(ax, store, stats):
    from spectrograms.integrations.pictures import axes

    source = _source(store)
    hertz = None if source is None else source.frequencies
    bands = np.arange(store.n_features) if hertz is None else hertz
    ax.fill_between(bands, stats.min, stats.max, color="C0", alpha=0.15, label="lowest to highest", lw=0)
    ax.fill_between(bands, stats.mean - stats.std, stats.mean + stats.std, color="C0", alpha=0.35, lw=0,
                    label="standard deviation")  # fmt: skip
    ax.plot(bands, stats.mean, color="C0", label="mean")
    ax.margins(x=0)
    if hertz is not None and len(hertz) > 1:
        axes.frequency_axis(ax, edges_of(hertz), even=evenly_spaced(hertz), upwards=False)
    else:
        ax.set_xlabel("Row" if source is None else source.rows)
        if source is not None and len(source.names) == len(bands):
            axes.named_rows(ax, source.names, upwards=False)
        else:
            axes.whole_numbers(ax.xaxis)
    ax.set_ylabel("Value" if source is None else source.label or "Value")
    ax.legend(fontsize="x-small")


def _heights(store):
    """What is up in the thumbnails, in words."""
    source = _source(store)
    if source is not None and source.frequencies is not None and len(source.frequencies) > 1:
        low, high = source.frequencies[[0, -1]]
        return f"Upwards {low:,.0f} to {high:,.0f} Hz, all bands equally high."
    return f"Upwards {store.n_features} rows: {'values' if source is None else source.rows.lower()}."


def _remarkable(store, stats):
    """The sections of clips: found in one pass over the store, drawn in a second over a few rows of it."""
    spread = np.where(stats.std > 0, stats.std, 1.0)
    found = {kind: [] for kind in _KINDS}
    for index, record in enumerate(store):
        frames = record.features
        mean = frames.mean(axis=0 if store.frames_first else 1, dtype=np.float64)
        if not len(mean) or not np.isfinite(mean).all():
            continue
        level = float(mean.mean())
        strange = float(np.sqrt(np.mean(((mean - stats.mean) / spread) ** 2)))
        for kind, value in zip(_KINDS, (record.n_frames, -level, level, strange), strict=True):
            keep = heapq.heappush if len(found[kind]) < _CLIPS else heapq.heappushpop
            keep(found[kind], (value, -index))
    limits = _limits(stats)
    for kind, how in _KINDS.items():
        heights = f" {_heights(store)}" if kind == "Longest" else ""
        yield f"<h2>{kind} clips</h2><p>{how[0].upper()}{how[1:]}.{escape(heights)}</p>"
        ranked = sorted(found[kind], reverse=True)
        clips = [_clip(store[-place], store.frames_first, kind, value, limits) for value, place in ranked]
        yield f"<div class='clips'>{''.join(clips)}</div>"


def _limits(stats):
    """Colours that mean the same in all thumbnails: what nearly all values lie within."""
    low, high = float((stats.mean - 2.5 * stats.std).min()), float((stats.mean + 2.5 * stats.std).max())
    low, high = max(low, float(stats.min.min())), min(high, float(stats.max.max()))
    return (low, high) if low < high else (low, low + 1.0)


def _clip(record, frames_first, kind, value, limits):
    values = np.asarray(record.features, np.float32)
    words = f"{record.id}: {_seconds(record.duration)}"
    if kind != "Longest":
        words += f", {-value if kind == 'Quietest' else value:.3g}"
    picture = _image(thumbnail(values.T if frames_first else values, limits), words)
    return f"<figure>{picture}<figcaption>{escape(words)}</figcaption></figure>"


def thumbnail(values: NDArray[Any], limits: tuple[float, float]) -> bytes:
    """A PNG of an array, lowest row at the bottom: the largest value where a pixel covers several.

    Parameters
    ----------
    values : ndarray of floats, shape (n_rows, n_frames)
    limits : tuple of two floats
        First and last value of the colours.
    """
    from matplotlib.image import imsave

    for axis, pixels in ((1, _WIDTH), (0, _HEIGHT)):
        n = values.shape[axis]
        edges = np.arange(min(n, pixels) + 1) * n // min(n, pixels)
        values = reduced(values, (edges[:-1], n, edges[:-1], False), axis, "highest")
    file = io.BytesIO()
    imsave(file, values, cmap="magma", vmin=limits[0], vmax=limits[1], origin="lower", format="png")
    return file.getvalue()


def _failures(failures):
    if not failures:
        return ["<h2>What failed</h2><p>Nothing.</p>"]
    kinds = Counter(each["error"] for each in failures).most_common()
    rows = "".join(
        f"<tr><td>{escape(each['id'])}</td><td>{escape(each['error'])}</td><td>{escape(each['message'])}</td></tr>"
        for each in failures[:_FAILURES]
    )
    more = f"<p>The first {_FAILURES} of {len(failures):,}:</p>" if len(failures) > _FAILURES else ""
    head = "<tr><th>id</th><th>error</th><th>message</th></tr>"
    return [
        "<h2>What failed</h2>",
        _table(kinds),
        more,
        f"<div class='wide'><table>{head}{rows}</table></div>",
    ]


def _configuration(store):
    import json

    from spectrograms.comparison.comparing import configured

    parts = ["<h2>Configuration</h2>"]
    with suppress(SpectrogramError, TypeError, KeyError):  # of another version
        parts.append(_table(configured(store.config["features"]).conventions.items()))
    return [*parts, f"<pre>{escape(json.dumps(store.config, indent=1, ensure_ascii=False))}</pre>"]
