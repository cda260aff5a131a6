"""From a complete configuration and a file to plans and samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spectrograms.audio import read_audio
from spectrograms.cli.options import UsageError
from spectrograms.errors import InvalidInputError, SpectrogramError, unsaid
from spectrograms.params import (
    BarkParams,
    ChromaCqtParams,
    ChromaStftParams,
    ContrastParams,
    CqtParams,
    ErbParams,
    LfccParams,
    LinearParams,
    LogHzParams,
    LogParams,
    MelParams,
    MfccParams,
    OctaveParams,
    SpectrogramParams,
    StftParams,
)
from spectrograms.plans.base import Plan
from spectrograms.plans.spectrogram import SpectrogramPlan

if TYPE_CHECKING:
    from numpy.typing import NDArray


def log_params(config: dict[str, Any]) -> LogParams:
    """What decibels of a configuration are."""
    return LogParams(config["floor_db"], reference=config["reference"], weighting=config["weighting"])


class Planner:
    """The plans of one configuration: one for each sample rate."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self._plans: dict[float, Plan[Any]] = {}
        self._check()

    def plan(self, sample_rate: float) -> Plan[Any]:
        """The plan for a sample rate; InvalidInputError if the configuration is wrong for it."""
        if sample_rate not in self._plans:
            self._plans[sample_rate] = (
                self._spectrogram(sample_rate)
                if self.config["feature"] == "spectrogram"
                else self._feature(sample_rate)
            )
        return self._plans[sample_rate]

    def _spectrogram(self, sample_rate):
        config = self.config
        units = {name: config[name] for name in ("scaling", "calibration", "unit") if name in config}
        return SpectrogramPlan(
            SpectrogramParams(self._stft(), sample_rate, **units),
            self._scale(sample_rate),
            amplitude=config["amplitude"],
            db=log_params(config) if config["amplitude"] == "db" else None,
            dtype=config["dtype"],
        )

    def _feature(self, sample_rate):
        """The plan of what is no spectrogram."""
        # Imported here, because most runs need none of them.
        from spectrograms.features.contrast import ContrastPlan
        from spectrograms.features.feature_specs import plan_of
        from spectrograms.features.reassignment import ReassignedPlan
        from spectrograms.features.rhythm import OnsetPlan
        from spectrograms.features.smoothed_chroma import CensPlan
        from spectrograms.features.tempo_plans import TempogramPlan

        config, stft = self.config, self._stft()
        feature, dtype = config["feature"], config["dtype"]
        params = SpectrogramParams(stft, sample_rate)
        if feature == "contrast":
            return ContrastPlan(stft, sample_rate, self._contrast(), dtype)
        if feature in ("onsets", "tempogram"):
            mel = MelParams(config["n_mels"], 0.0, sample_rate / 2, "slaney")
            # Levels as low as librosa's count as rises.
            onsets = OnsetPlan(params, mel, "db", LogParams(-100.0), dtype, lag=config["lag"])
            return onsets if feature == "onsets" else TempogramPlan(onsets)
        if feature == "cens":
            return CensPlan(stft, sample_rate, self._classes(), dtype)
        if feature == "reassigned":
            return ReassignedPlan(stft, sample_rate, dtype)
        # As a FeatureSet is asked for it.
        spec = feature
        if feature == "mfcc":
            spec = (MfccParams(config["n_mfcc"]), config["n_mels"])
        elif feature == "lfcc":
            spec = LfccParams(config["n_lfcc"], config["n_filters"], config["f_min"], config["f_max"])
        elif feature in ("chroma", "tonnetz"):
            spec = self._classes() if feature == "chroma" else (self._classes(), feature)
        elif feature == "chroma_cqt":
            spec = ChromaCqtParams(config["n_chroma"], config["tuning"])
        return plan_of(spec, params, dtype, "estimate")

    def _classes(self):
        return ChromaStftParams(self.config["n_chroma"], self.config["tuning"])

    def _contrast(self):
        return ContrastParams(self.config["f_min"], self.config["n_bands"])

    def _check(self):
        """Raise UsageError for what would be wrong with any file."""
        config = self.config
        try:
            self._stft()
            if config["sample_rate"] is not None:
                self.plan(config["sample_rate"])
            elif config["feature"] == "contrast":
                self._contrast()
            elif config["feature"] != "spectrogram":
                with unsaid():  # of a rate that may be no file's
                    self._feature(48000)
            else:
                # A rate high enough for all bands to lie below the Nyquist frequency.
                self._scale(4.0 * max(config.get("f_max") or 0.0, config.get("f_min", 0.0), 1.0))
        except (ValueError, TypeError, OverflowError, SpectrogramError) as error:
            raise UsageError(str(error)) from error

    def _stft(self):
        config = self.config
        return StftParams(
            config["n_fft"],
            config["hop_size"],
            config["window"],
            config["centre"],
            win_length=config["win_length"],
            pad_mode=config["pad_mode"],
            periodic=config["periodic"],
        )

    def _scale(self, sample_rate):
        config, nyquist = self.config, sample_rate / 2
        scale = config["scale"]
        f_min = config["f_min"]
        if scale == "cqt":
            n_octaves = config["n_octaves"]
            if n_octaves is None:
                n_octaves = _octaves_below(nyquist, f_min, config["bins_per_octave"])
            return CqtParams(
                config["bins_per_octave"],
                n_octaves,
                f_min,
                method=config["cqt_method"],
                gamma=config["gamma"],
            )
        f_max = nyquist if config["f_max"] is None else config["f_max"]
        if scale == "linear":
            return None if f_min == 0.0 and config["f_max"] is None else LinearParams(f_min, f_max)
        if scale == "mel":
            return MelParams(config["n_mels"], f_min, f_max, norm=config["norm"], formula=config["formula"])
        if scale == "erb":
            return ErbParams(config["n_filters"], f_min, f_max, spacing=config["spacing"])
        if scale == "bark":
            return BarkParams(config["n_bands"], f_min, f_max, formula=config["formula"])
        if scale == "octave":
            # The last band ends below the Nyquist frequency.
            half = 10 ** (0.15 / max(1, config["fraction"]))
            highest = max(nyquist / half**2, f_min * half) if config["f_max"] is None else f_max
            return OctaveParams(config["fraction"], f_min, highest)
        return LogHzParams(config["n_bins"], f_min, f_max)


def _octaves_below(nyquist, f_min, bins_per_octave):
    """The most whole octaves above `f_min` whose highest bin lies below `nyquist`; at least one."""
    if not (f_min > 0 and bins_per_octave > 0):
        return 1  # CqtParams raises the error
    # Highest bin: f_min * 2**(n_octaves - 1/bins_per_octave), strictly below nyquist.
    return max(1, math.ceil(math.log2(nyquist / f_min) + 1 / bins_per_octave) - 1)


def read_channels(
    path: Any, config: dict[str, Any], start: float = 0.0, duration: float | None = None
) -> tuple[list[tuple[int | None, NDArray[Any]]], float]:
    """The samples of a file, as pairs of a channel number (None for the mix) and samples, and their rate."""
    channels = config["channels"]
    samples, sample_rate = read_audio(
        path,
        config["sample_rate"],
        mono=channels == "mix",
        start=start,
        duration=duration,
        quality=config["resampling_quality"],
    )
    if channels == "mix":
        return [(None, samples)], sample_rate
    if channels == "each":
        return list(enumerate(samples)), sample_rate
    if channels >= len(samples):
        raise InvalidInputError(f"channel must be in 0..{len(samples) - 1}, got {channels}")
    return [(channels, samples[channels])], sample_rate


def describe(config: dict[str, Any], sample_rate: float) -> str:
    """The settings in a few words, for the title of a picture."""
    return f"{sample_rate / 1000:g} kHz, n_fft {config['n_fft']}, hop {config['hop_size']}"
