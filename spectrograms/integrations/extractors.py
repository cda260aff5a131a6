"""Fast feature extractors in place of those of Hugging Face transformers."""

from __future__ import annotations

import json
from functools import cache
from os import PathLike
from typing import Any

from spectrograms._common.extras import require
from spectrograms._frontends.configs import frontend_from_config
from spectrograms.errors import InvalidInputError, shown
from spectrograms.integrations.extractor_parts import PARTS

# What extractors keep beside their parameters, or apply themselves.
_TABLES = {
    "mel_filters", "mel_filters_slaney", "window", "n_freqs", "sample_size", "sample_stride", "per_bin_mean",
    "per_bin_stddev",
}  # fmt: skip

__all__ = ["fast_feature_extractor"]


def fast_feature_extractor(extractor: Any, *, precision: str = "float32", **options: Any) -> Any:
    """Make a feature extractor of transformers that computes by the engine of this package.

    Parameters
    ----------
    extractor : str, path or feature extractor
        A feature extractor of transformers, the folder of one, or the id of a model, such as
        ``"openai/whisper-tiny"``, of which the cache of Hugging Face has the configuration. Nothing is
        fetched.
    precision : {"float32", "float64"}
        Arithmetic, as for :func:`spectrograms.frontend`.
    **options
        For ``AutoFeatureExtractor.from_pretrained``, such as ``revision``, ``subfolder`` or ``cache_dir``.

    Returns
    -------
    feature extractor
        An instance of the class of the original, with its call, its methods and its files: what is padded,
        cut, masked and normalized is the original's own code, and only the transform is ours. It saves the
        configuration of the original, and pickles.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, and the cache does not have the model; the message says how to get it.
    InvalidInputError
        If the extractor is not one that :func:`spectrograms.frontend_from_config` knows, or has a value that
        is not offered.
    TypeError
        If `extractor` is of another kind, a processor for instance.
    ImportError
        If transformers is not installed.

    See Also
    --------
    spectrograms.frontend_from_config : The features alone, without transformers.

    Notes
    -----
    Where the original takes samples to another device, or draws noise for each frame, it computes itself.

    Examples
    --------
    >>> import numpy as np
    >>> from transformers import WhisperFeatureExtractor
    >>> from spectrograms.transformers import fast_feature_extractor
    >>> fast = fast_feature_extractor(WhisperFeatureExtractor(feature_size=80))
    >>> isinstance(fast, WhisperFeatureExtractor)
    True
    >>> batch = fast([np.zeros(16000), np.zeros(8000)], sampling_rate=16000, return_tensors="np")
    >>> batch["input_features"].shape
    (2, 80, 3000)
    """
    transformers = require("transformers", "fast_feature_extractor")
    if isinstance(extractor, str | PathLike):
        extractor = _found(transformers, extractor, options)
    elif options:
        raise TypeError(f"{next(iter(options))} is for names and folders, not for a feature extractor")
    elif not isinstance(extractor, transformers.FeatureExtractionMixin):
        inside = getattr(extractor, "feature_extractor", None)
        hint = "; give its feature_extractor" if inside is not None else ""
        raise TypeError(
            f"extractor must be a name, a folder or a feature extractor, got {shown(extractor)}{hint}"
        )
    original = _original_of(type(extractor))
    # Says so if the extractor is none of ours, or has a value that we do not offer.
    frontend_from_config(_plain(extractor), precision=precision)
    if original.__name__ not in PARTS:
        raise InvalidInputError(f"{original.__name__} must be one of {sorted(PARTS)}")
    return _rebuild(original, precision, vars(extractor))


def _found(transformers, name, options):
    try:
        return transformers.AutoFeatureExtractor.from_pretrained(name, local_files_only=True, **options)
    except OSError as error:
        raise FileNotFoundError(
            f"no feature extractor {str(name)!r}: it is neither a folder with a preprocessor_config.json nor "
            f"in the cache of Hugging Face; to get it, with a network: "
            f"AutoFeatureExtractor.from_pretrained({str(name)!r})"
        ) from error


def _plain(extractor):
    """The configuration of an extractor as it would be saved, without tables that follow from it."""
    plain = json.loads(extractor.to_json_string())
    plain["feature_extractor_type"] = _original_of(type(extractor)).__name__
    return {name: value for name, value in plain.items() if name not in _TABLES}


def _original_of(cls):
    return getattr(cls, "_original", cls)


@cache
def _fast(original, precision):
    """The class of the fast extractors of a class: it bears its name, which is in the files it writes."""
    names = {
        "_original": original,
        "_precision": precision,
        "__module__": original.__module__,
        "__qualname__": original.__qualname__,
        "__doc__": original.__doc__,
        "__reduce__": _reduce,
        "__call__": _call_of(original),
    }
    names = {name: value for name, value in names.items() if value is not None}
    return type(original.__name__, (PARTS[original.__name__], original), names)


def _call_of(original):
    """The call of a class, for those who look for it and its signature in the class itself."""
    own = PARTS[original.__name__]
    return None if "__call__" in vars(own) else original.__call__


def _reduce(self):
    # The class itself is nowhere to be imported from.
    return _rebuild, (self._original, self._precision, vars(self))


def _rebuild(original, precision, state):
    extractor = object.__new__(_fast(original, precision))
    vars(extractor).update(state)
    return extractor
