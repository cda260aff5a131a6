"""How notebooks show results: a few facts, and a picture if matplotlib is in use already."""

from __future__ import annotations

import base64
import html as escaping
import io
import sys
from typing import TYPE_CHECKING

import numpy as np

from spectrograms.integrations.plot import plot

if TYPE_CHECKING:
    from spectrograms._engine.results.frame_results import FrameArray


def html(result: FrameArray) -> str:
    """Describe a result in HTML.

    Parameters
    ----------
    result : Spectrogram, StftResult, CqtResult, Mfcc, Chromagram, Contrast, Descriptor or a binaural cue
        What to describe.

    Returns
    -------
    str
        A table, and beside it a picture if the program has imported matplotlib: showing a value must neither
        load nor require it.
    """
    left = "style='text-align:left'"
    rows = "".join(
        f"<tr><th {left}>{name}</th><td {left}>{escaping.escape(text)}</td></tr>"
        for name, text in _facts(result)
    )
    table = f"<table>{rows}</table>"
    if "matplotlib" not in sys.modules or 0 in result.shape:
        return f"<div>{table}</div>"
    return f"<div style='display:flex;align-items:center'>{table}<img src='{_picture(result)}'></div>"


def _facts(result):
    """Pairs of a name and a text."""
    words = [getattr(result, name, None) for name in ("scale", "amplitude")]
    kind = ", ".join(str(word) for word in words if word is not None)
    yield type(result).__name__, kind
    yield "shape", f"{result.n_bins} bins x {result.n_frames} frames, {result.dtype}"
    if result.n_frames and not np.isnan(result.sample_rate):
        times = result.times
        step = f", one every {1e3 * result.hop_size / result.sample_rate:g} ms"
        yield "time", f"{times[0]:g} to {times[-1]:g} s{step}, of {result.sample_rate:g} Hz"
    frequencies = getattr(result, "frequencies", None)
    if frequencies is not None and len(frequencies):
        yield "frequency", f"{frequencies[0]:g} to {frequencies[-1]:g} Hz"
    values = np.abs(result.data) if np.iscomplexobj(result.data) else result.data
    finite = values[np.isfinite(values)]
    if finite.size:
        unit = getattr(result, "unit", None)
        yield "values", f"{finite.min():.4g} to {finite.max():.4g}{f' {unit}' if unit else ''}"
    if finite.size < values.size:
        yield "not finite", f"{values.size - finite.size} of {values.size}"


def _picture(result):
    """The plot as the URL of a PNG, drawn without pyplot, so that no figure of the user is touched."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.0, 2.4), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    plot(result, figure.add_subplot())
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
