"""The feature extractor of faster-whisper, computed by the engine of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spectrograms._common.extras import Needed
from spectrograms._frontends.making import frontend
from spectrograms.errors import InvalidInputError, shown

with Needed("faster-whisper", "faster-whisper", "faster_whisper"):
    from faster_whisper.feature_extractor import FeatureExtractor as _Original

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FeatureExtractor"]

# Seconds: a frontend of Whisper looks at no more than so many.
_NO_LIMIT = 86400


class FeatureExtractor(_Original):
    """In place of the feature extractor of a model of faster-whisper.

    Parameters
    ----------
    feature_size : int, default 80
        Mel bands.
    sampling_rate, hop_length : int
        16000 and 160, as of every Whisper model.
    chunk_length : int, default 30
        Seconds that the model takes at once.
    n_fft : int
        400, as of every Whisper model.
    precision : {"float32", "float64"}
        Arithmetic, as for :func:`spectrograms.frontend`.

    Raises
    ------
    InvalidInputError
        If `sampling_rate`, `hop_length` or `n_fft` is another one, or `feature_size` or `precision` is not
        offered.

    See Also
    --------
    spectrograms.frontend : The features alone, ``whisper_openai``.

    Examples
    --------
    >>> import numpy as np
    >>> from spectrograms.faster_whisper import FeatureExtractor
    >>> extractor = FeatureExtractor(feature_size=80)
    >>> extractor(np.zeros(16000, "float32")).shape
    (80, 101)
    """

    def __init__(
        self,
        feature_size: int = 80,
        sampling_rate: int = 16000,
        hop_length: int = 160,
        chunk_length: int = 30,
        n_fft: int = 400,
        *,
        precision: str = "float32",
    ) -> None:
        for name, value, only in (
            ("sampling_rate", sampling_rate, 16000),
            ("hop_length", hop_length, 160),
            ("n_fft", n_fft, 400),
        ):
            if value != only:
                raise InvalidInputError(f"{name} must be {only}, got {shown(value)}: no other is offered")
        super().__init__(feature_size, sampling_rate, hop_length, chunk_length, n_fft)
        self._frontend = frontend(
            "whisper_hf", n_mels=feature_size, pad30=False, chunk_length=_NO_LIMIT, precision=precision
        )

    @classmethod
    def in_place_of(cls, extractor: Any, *, precision: str = "float32") -> Self:
        """Make one with the settings of another, for a model that is loaded.

        Parameters
        ----------
        extractor : faster_whisper.feature_extractor.FeatureExtractor
            ``model.feature_extractor``.
        precision : {"float32", "float64"}
            As of the class.

        Returns
        -------
        FeatureExtractor
            For ``model.feature_extractor = ...``.

        Examples
        --------
        >>> from faster_whisper.feature_extractor import FeatureExtractor as Slow
        >>> from spectrograms.faster_whisper import FeatureExtractor
        >>> fast = FeatureExtractor.in_place_of(Slow(feature_size=128))
        >>> isinstance(fast, Slow), fast.mel_filters.shape
        (True, (128, 201))
        """
        return cls(
            len(extractor.mel_filters), extractor.sampling_rate, extractor.hop_length, extractor.chunk_length,
            extractor.n_fft, precision=precision,
        )  # fmt: skip

    def __call__(
        self, waveform: NDArray[Any], padding: int = 160, chunk_length: int | None = None
    ) -> NDArray[Any]:
        """Compute the log-mel spectrogram of a signal, or what the original makes of anything else.

        Parameters
        ----------
        waveform : ndarray, shape (n_samples,)
            At 16 kHz.
        padding : int, default 160
            Zeros after it.
        chunk_length : int, optional
            Seconds that the model takes at once, from now on.

        Returns
        -------
        ndarray of float32, shape (n_mels, n_frames)
        """
        if chunk_length is not None:
            self.n_samples: int = chunk_length * self.sampling_rate
            self.nb_max_frames: int = self.n_samples // self.hop_length
        signal = np.zeros(len(waveform) + (padding or 0), np.float32)
        if np.ndim(waveform) != 1 or len(signal) <= self.n_fft // 2:
            return super().__call__(waveform, padding)
        signal[: len(waveform)] = waveform
        out = np.empty(self._frontend.output_shape(len(signal)), np.float32)
        return self._frontend.compute_into(signal, out)
