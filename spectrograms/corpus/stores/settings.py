"""Everything that determines the numbers in a store, as one value."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from numbers import Real
from typing import Any

from spectrograms._common.fingerprint import fingerprint
from spectrograms.audio.resampling import DEFAULT_QUALITY, as_quality
from spectrograms.corpus.stores.extractor import Extractor, extractor_from
from spectrograms.errors import InvalidInputError, shown

DTYPES = ("int8", "float16", "float32", "float64")


def _seconds(segment):
    # float() would accept text, too.
    if isinstance(segment, bool) or not isinstance(segment, Real):
        raise TypeError(f"segment must be a number of seconds, got {shown(segment)}")
    return float(segment)


def once(make: Callable[..., Settings]) -> Callable[..., Settings]:
    """Make settings once in each process, even if several threads need them at the same time."""
    cached, lock = lru_cache(maxsize=8)(make), threading.Lock()

    @wraps(make)
    def settings(*arguments: Any) -> Settings:
        with lock:
            return cached(*arguments)

    return settings


@dataclass(frozen=True)
class Settings:
    """What to compute from every file, and how to store it."""

    #: The plan or frontend as plain data.
    features: dict[str, Any]
    #: Type of the stored values.
    dtype: str
    #: ``"mix"``: the mean of all channels; ``"each"``: rows ``id.ch0``, ``id.ch1``, ...; a number: that
    #: channel.
    channels: str | int
    #: Seconds in a row; None for one row a file.
    segment: float | None
    #: As soxr names it.
    resampling_quality: str
    #: Made from `features`.
    extractor: Extractor = field(compare=False, repr=False)

    @classmethod
    def make(
        cls,
        config: Any,
        dtype: str | None = None,
        channels: str | int = "mix",
        segment: float | None = None,
        resampling_quality: str = DEFAULT_QUALITY,
    ) -> Settings:
        """Check and complete what a caller asked for; errors as for :func:`extractor_from`."""
        extractor = extractor_from(config)
        dtype = extractor.dtype if dtype is None else getattr(dtype, "name", dtype)
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise InvalidInputError(f"dtype must be one of {', '.join(DTYPES)}, got {shown(dtype)}")
        number = isinstance(channels, int) and not isinstance(channels, bool) and channels >= 0
        if not (isinstance(channels, str) and channels in ("mix", "each")) and not number:
            raise InvalidInputError(
                f"channels must be 'mix', 'each' or a channel's number, got {shown(channels)}"
            )
        if segment is not None:
            segment = _seconds(segment)
            if not (math.isfinite(segment) and segment >= extractor.frame_step):
                raise InvalidInputError(
                    f"segment must be at least one frame of {extractor.frame_step:g} seconds, got {segment:g}"
                )
            extractor.stream()  # raises the error of a frontend that needs the whole clip
        quality = as_quality("resampling_quality", resampling_quality)
        return cls(extractor.config, dtype, channels, segment, quality, extractor)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Settings:
        """Rebuild settings from :attr:`config`."""
        known = {"features", "dtype", "channels", "segment"}
        if not isinstance(config, dict) or set(config) - {"resampling_quality"} != known:
            raise InvalidInputError(f"config must have the keys {', '.join(sorted(known))}")
        quality = config.get("resampling_quality", DEFAULT_QUALITY)
        return cls.make(config["features"], config["dtype"], config["channels"], config["segment"], quality)

    @property
    def config(self) -> dict[str, Any]:
        """Plain data for :meth:`from_config`; the fingerprint is computed from it."""
        config = {
            "features": self.features,
            "dtype": self.dtype,
            "channels": self.channels,
            "segment": self.segment,
        }
        # Left out where it is the default, so that stores of earlier versions have the same fingerprint.
        if self.resampling_quality != DEFAULT_QUALITY:
            config["resampling_quality"] = self.resampling_quality
        return config

    @property
    def fingerprint(self) -> str:
        """Equal for runs that may continue each other's stores."""
        return fingerprint(self.config)

    @property
    def segment_frames(self) -> int | None:
        """Frames in a row; None for all."""
        return None if self.segment is None else max(1, round(self.segment / self.extractor.frame_step))

    def item_id(self, row_id: str) -> str:
        """The id of the input that a row came from."""
        if self.segment is not None:
            row_id = row_id.rpartition("#")[0]
        return row_id.rpartition(".ch")[0] if self.channels == "each" else row_id
