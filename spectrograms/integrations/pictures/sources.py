"""What made an array, as far as a picture has to know: where frames and rows are, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.corpus.stores.extractor import frame_times, source_of
from spectrograms.features.chroma import Chromagram

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Source:
    """A plan or frontend, or what describes one.

    Attributes
    ----------
    frames_first : bool
        Whether frames are the first axis of its arrays.
    frequencies : ndarray of float64, or None
        Of the rows, in Hz.
    rows : str
        What rows are where they have no frequencies: the label of their axis.
    names : tuple of str
        Of these rows; empty if they have none.
    label : str
        What values are; empty if they speak for themselves.
    kind : str
        Which colours they need, as of a `Subject`.
    """

    def __init__(self, source: Any) -> None:
        made = source_of(source)
        self._made = made
        words = getattr(made, "conventions", {})
        self.frames_first: bool = getattr(made, "layout", "").startswith(("(frames", "(T"))
        found: NDArray[np.float64] | None = getattr(made, "frequencies", None)
        self.frequencies = found
        self.rows, names = self._rows(words)
        self.names: tuple[str, ...] = names
        log = words.get("log", "none")
        self.label: str = "" if log == "none" else f"Log value ({log.split(',')[0]})"
        self.kind: str = "linear"
        if self.rows == "Coefficient":
            self.label, self.kind = "Cepstrum", "signed"
        elif log == "none" and words.get("spectrum") in ("power", "magnitude", "complex"):
            self.kind = "power" if words["spectrum"] == "power" else "magnitude"
            self.label = self.kind.capitalize()

    def times(self, n_frames: int) -> NDArray[np.float64]:
        """When frames are, in seconds."""
        first, step = frame_times(self._made, int(self._made.sample_rate))
        return first + step * np.arange(n_frames, dtype=np.float64)

    def _rows(self, words):
        if hasattr(self._made, "_named_rows"):
            return self._made._named_rows()
        if words.get("cepstrum", "none") != "none":
            return "Coefficient", ()
        if "pitch classes" in words.get("mel scale", ""):
            usual = self._made.n_bins == 12 and getattr(self._made.params, "base_c", True)
            return "Pitch class", tuple(Chromagram.labels) if usual else ()
        return "Row", ()
