"""Onset strength: the result, and what its numbers mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

from spectrograms._common.documenting import documented
from spectrograms._common.limits import MAX_REACH, at_most
from spectrograms.errors import InvalidInputError, shown
from spectrograms.features.framed import MeasuredArray
from spectrograms.params import LogParams, SpectrogramParams
from spectrograms.params.base import Params
from spectrograms.params.checking import as_count, as_float, as_index, require
from spectrograms.plans.infos import Info
from spectrograms.plans.spectrogram import SpectrogramInfo

if TYPE_CHECKING:
    from spectrograms.params.dtype import DType


@documented()
class OnsetStrength(MeasuredArray):
    """How much the spectrum rises over time, shape (n_bands, n_frames).

    See Also
    --------
    onset_strength, OnsetPlan : Make it.
    tempogram : What repeats in it.

    %(examples)s
    >>> clicks = np.zeros(22050)
    >>> clicks[[5512, 11025, 16537]] = 1.0
    >>> onsets = sg.onset_strength(clicks, 22050)
    >>> onsets.n_bins, onsets.n_frames, onsets.name
    (1, 44, 'onset strength')
    """

    __slots__ = ()
    __module__ = "spectrograms"
    #: What it is, for pictures.
    name = "onset strength"


class OnsetInfo(Info, Params):
    """Parameters of the onset strength of one plan.

    Parameters
    ----------
    params, scale_params, amplitude, db, dtype
        As in the :class:`SpectrogramInfo` of the spectra.
    lag, max_size : int
    edges : tuple of int or None
    top_db : float or None
    """

    params: SpectrogramParams
    scale_params: Params | None
    amplitude: str
    db: LogParams | None
    lag: int
    max_size: int
    edges: tuple[int, ...] | None
    top_db: float | None
    dtype: str
    _kinds = ("OnsetStrength",)

    def __new__(
        cls,
        params: SpectrogramParams,
        scale_params: Params | None,
        amplitude: str,
        db: LogParams | None,
        lag: int,
        max_size: int,
        edges: Iterable[int] | None,
        top_db: float | None,
        dtype: DType,
    ) -> Self:
        of = SpectrogramInfo(params, scale_params, amplitude, db, dtype)
        lag, max_size = as_count("lag", lag), as_count("max_size", max_size)
        at_most("lag", lag, MAX_REACH)
        at_most("max_size", max_size, MAX_REACH)
        if edges is not None:
            edges = tuple(as_index("edges", edge) for edge in edges)
            rows = of._rows()
            if len(edges) < 2 or any(a >= b for a, b in pairwise(edges)) or edges[-1] > rows:
                raise InvalidInputError(
                    f"edges must be two or more rows, ascending from 0 to {rows} at most, got {shown(edges)}"
                )
        if top_db is not None:
            top_db = as_float("top_db", top_db)
            require(0.0 <= top_db < math.inf, "top_db must be finite and >= 0", top_db)
            if of.amplitude != "db":
                raise InvalidInputError(f"top_db needs amplitude='db', got {of.amplitude!r}")
        return cls._create(
            of.params, of.scale_params, of.amplitude, of.db, lag, max_size, edges, top_db, of.dtype
        )

    @property
    def source(self) -> SpectrogramInfo:
        """SpectrogramInfo of the spectra."""
        dtype: Any = self.dtype
        return SpectrogramInfo(self.params, self.scale_params, self.amplitude, self.db, dtype)

    @property
    def effort(self) -> str:
        """How hard FFTW plans."""
        return "estimate"

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return "dB" if self.amplitude == "db" else self.source.unit

    def _rows(self):
        return 1 if self.edges is None else len(self.edges) - 1

    @property
    def delay(self) -> int:
        """Frames by which a rise is late: to the middle of the first frame that has all of it."""
        stft = self.params.stft
        return self.lag + (stft.n_fft // (2 * stft.hop_size) if stft.centre else 0)

    def conventions(self) -> dict[str, str]:
        """The plan in words: a dict from convention to choice."""
        words = self.source.conventions()
        edges = "" if self.edges is None else f", rows {'-'.join(map(str, self.edges))}"
        top = "" if self.top_db is None else f", levels within {self.top_db:g} dB"
        words["rise"] = f"over {self.lag} frames, from the largest of {self.max_size} rows{edges}{top}"
        return words
