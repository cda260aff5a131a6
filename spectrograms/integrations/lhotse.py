"""Feature extractors for lhotse."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np

from spectrograms._common.extras import Needed
from spectrograms._frontends.making import frontend
from spectrograms.errors import InvalidInputError

with Needed("lhotse", "lhotse", "lhotse", "torch"):
    import lhotse
    import torch
    from lhotse.features.base import FeatureExtractor, register_extractor
    from lhotse.utils import compute_num_frames_from_samples

__all__ = [
    "Fbank",
    "FrontendConfig",
    "FrontendExtractor",
    "Mfcc",
    "WhisperFbank",
]

# Seconds: a frontend of Whisper looks at no more than so many.
_NO_LIMIT = 86400


class _Fast(FeatureExtractor):
    """What all extractors here share: batches on all cores, arrays for arrays and tensors for tensors."""

    def _made(self):
        """The frontend; made here, so that a wrong setting is refused at once."""
        raise NotImplementedError(f"{type(self).__name__} must say which frontend it is")

    def __init__(self, config: Any = None) -> None:
        # Not the parent's constructor: that makes what we compute instead.
        FeatureExtractor.__init__(self, config=config)
        device = str(getattr(self.config, "device", "cpu"))
        if device != "cpu":
            raise InvalidInputError(f"device must be 'cpu', got {device!r}")
        self._frontend = self._made()

    def extract(self, samples: Any, sampling_rate: int) -> Any:
        """Features of one signal.

        Parameters
        ----------
        samples : ndarray or tensor, shape (n_samples,) or (1, n_samples)
            One channel.
        sampling_rate : int
            Must be that of the extractor.

        Returns
        -------
        ndarray or tensor of float32, shape (n_frames, n_features)
            A tensor for a tensor.
        """
        self._check_rate(sampling_rate)
        features = self._compute([self._signal(samples)])[0]
        return torch.from_numpy(features) if isinstance(samples, torch.Tensor) else features

    def extract_batch(self, samples: Any, sampling_rate: int, lengths: Any = None) -> Any:
        """Features of many signals, on all cores.

        Parameters
        ----------
        samples : ndarray, tensor or list of them
            Signals, or the rows of one array.
        sampling_rate : int
            Must be that of the extractor.
        lengths : array_like of int, optional
            Samples of each row of a padded tensor.

        Returns
        -------
        ndarray, tensor or list of them
            One array where all have the same shape, as lhotse's extractors give it; a list for a list of one.
        """
        self._check_rate(sampling_rate)
        one = not isinstance(samples, list) and samples.ndim == 1
        rows = [samples] if one else list(samples)
        tensors = any(isinstance(row, torch.Tensor) for row in rows)
        features = self._compute([self._signal(row) for row in rows], lengths)
        results = [torch.from_numpy(each) for each in features] if tensors else features
        if len(results) == 1:
            return results if isinstance(samples, list) else results[0]
        if len({each.shape for each in results}) > 1:
            return results
        return torch.stack(results) if tensors else np.stack(results)

    def _check_rate(self, sampling_rate):
        expected = int(self._frontend.sample_rate)
        if sampling_rate != expected:
            raise AssertionError(
                f"{type(self).__name__} was made for sampling_rate {expected}, got {sampling_rate}: "
                "CutSet.resample() changes that of the audio"
            )

    def _signal(self, samples):
        """One channel."""
        array = samples.detach().cpu().numpy() if isinstance(samples, torch.Tensor) else np.asarray(samples)
        signal = array.reshape(-1) if array.ndim < 2 or array.shape[0] == 1 or array.shape[1] == 1 else None
        if signal is None:
            raise InvalidInputError(f"samples must be of one channel, got shape {array.shape}")
        return signal.astype(np.float32, copy=False)

    def _frames(self, n_samples):
        """The frames that lhotse expects of so many samples."""
        return compute_num_frames_from_samples(n_samples, self.frame_shift, int(self._frontend.sample_rate))

    def _compute(self, signals, lengths=None):
        """An array of features for each signal, as long as lhotse expects it."""
        counts = [self._frames(int(n)) for n in (map(len, signals) if lengths is None else lengths)]
        computed = self._frontend.compute_batch(signals)
        if self._frontend.layout == "(rows, frames)":
            computed = [each.T for each in computed]
        return [self._fitted(each, count) for each, count in zip(computed, counts, strict=True)]

    def _fitted(self, features, count):
        """Exactly as many frames; the last one is repeated."""
        missing = count - len(features)
        if missing > 0:
            features = np.concatenate([features, np.repeat(features[-1:], missing, axis=0)])
        return np.ascontiguousarray(features[:count], np.float32)


class _Kaldi(_Fast):
    """Those of Kaldi, which lhotse computes of signals that are padded to the longest of a batch."""

    _only: ClassVar[dict[str, Any]] = {
        "use_energy": False, "torchaudio_compatible_mel_scale": True,
    }  # fmt: skip

    def _made(self):
        config = self.config
        for name, value in self._only.items():
            if getattr(config, name) != value:
                raise InvalidInputError(
                    f"{name} must be {value!r}, got {getattr(config, name)!r}: no other is offered"
                )
        if config.window_type == "blackman":
            raise InvalidInputError("window_type must not be 'blackman': lhotse's differs from Kaldi's")
        rate = config.sampling_rate
        width, hop = int(config.frame_length * rate), int(config.frame_shift * rate)
        if (width - hop) // 2 != width // 2 - hop // 2 and not config.snip_edges:
            raise InvalidInputError(
                f"sampling_rate must give a hop of an even number of samples, got {hop} at {rate} Hz"
            )
        return frontend(
            self._name, sample_rate=rate, precision="float32", num_mel_bins=config.num_filters,
            low_freq=config.low_freq, high_freq=config.high_freq, frame_length=1000.0 * config.frame_length,
            frame_shift=1000.0 * config.frame_shift, snip_edges=config.snip_edges,
            window_type=config.window_type, preemph=config.preemph_coeff, remove_dc=config.remove_dc_offset,
            round_pow2=config.round_to_power_of_two, use_energy=False, **self._more(),
        )  # fmt: skip

    def _compute(self, signals, lengths=None):
        lengths = [len(signal) for signal in signals] if lengths is None else [int(n) for n in lengths]
        padded = np.zeros((len(signals), max(map(len, signals))), np.float32)
        for row, signal in zip(padded, signals, strict=True):
            row[: len(signal)] = signal
        if self.config.dither != 0.0:
            padded += self.config.dither * torch.randn(padded.shape).numpy()
        features = self._frontend.compute_batch(padded)
        return [each[: self._frames(n)] for each, n in zip(features, lengths, strict=True)]

    def to(self, device: str) -> None:
        """Refuse another device than the CPU."""
        if str(device) != "cpu":
            raise InvalidInputError(f"device must be 'cpu', got {device!r}")


@register_extractor
class Fbank(_Kaldi, lhotse.Fbank):
    """In place of ``lhotse.Fbank``: Kaldi's log-mel filterbank.

    Parameters
    ----------
    config : lhotse.FbankConfig, optional
        Of lhotse's own class.

    Raises
    ------
    InvalidInputError
        If a setting is not offered: ``use_energy``, filters that are not torchaudio's, a Blackman window,
        another device than the CPU.

    See Also
    --------
    Mfcc, WhisperFbank, FrontendExtractor : Others.

    Examples
    --------
    >>> import numpy as np
    >>> from lhotse import FbankConfig
    >>> from spectrograms.lhotse import Fbank
    >>> extractor = Fbank(FbankConfig(num_filters=40))
    >>> extractor.extract_batch([np.zeros(16000, "float32")] * 2, sampling_rate=16000).shape
    (2, 100, 40)
    """

    name = "spectrograms-fbank"
    _name = "kaldi_fbank"

    def _more(self):
        return {"use_power": not self.config.use_fft_mag}


@register_extractor
class Mfcc(_Kaldi, lhotse.Mfcc):
    """In place of ``lhotse.Mfcc``: Kaldi's cepstral coefficients.

    Parameters
    ----------
    config : lhotse.MfccConfig, optional
        Of lhotse's own class.

    Raises
    ------
    InvalidInputError
        As of :class:`Fbank`, and for ``use_fft_mag``.

    See Also
    --------
    Fbank : The filterbank alone.

    Examples
    --------
    >>> import numpy as np
    >>> from spectrograms.lhotse import Mfcc
    >>> Mfcc().extract(np.zeros((1, 16000), "float32"), sampling_rate=16000).shape
    (100, 13)
    """

    name = "spectrograms-mfcc"
    _name = "kaldi_mfcc"
    _only: ClassVar[dict[str, Any]] = {**_Kaldi._only, "use_fft_mag": False}

    def _more(self):
        return {"num_ceps": self.config.num_ceps, "cepstral_lifter": float(self.config.cepstral_lifter)}


@register_extractor
class WhisperFbank(_Fast, lhotse.WhisperFbank):
    """In place of ``lhotse.WhisperFbank``: Whisper's log-mel spectrogram.

    Parameters
    ----------
    config : lhotse.WhisperFbankConfig, optional
        Of lhotse's own class.

    Raises
    ------
    InvalidInputError
        If `config` asks for another device than the CPU.

    See Also
    --------
    FrontendExtractor : Any other.

    Examples
    --------
    >>> import numpy as np
    >>> from spectrograms.lhotse import WhisperFbank
    >>> WhisperFbank().extract(np.zeros((1, 16000), "float32"), sampling_rate=16000).shape
    (100, 80)
    """

    name = "spectrograms-whisper-fbank"

    def __init__(self, config: Any = None) -> None:
        super().__init__(config)
        self.sampling_rate: int = 16000
        self.hop_length: int = 160
        self.n_fft: int = 400
        self.num_filters: int = self.config.num_filters

    def _made(self):
        return frontend(
            "whisper_hf", n_mels=self.config.num_filters, pad30=False, chunk_length=_NO_LIMIT,
            precision="float32",
        )  # fmt: skip

    def _fitted(self, features, count):
        """Exactly as many frames; lhotse's adds zeros."""
        out = np.zeros((count, features.shape[1]), np.float32)
        out[: len(features)] = features[:count]
        return out


@dataclass
class FrontendConfig:
    """Settings of :class:`FrontendExtractor`.

    Parameters
    ----------
    frontend : str, default "kaldi_fbank"
        One of :func:`spectrograms.frontends`.
    sampling_rate : int, optional
        In Hz; by default the one of the definition.
    precision : {"float32", "float64"}
        Arithmetic.
    params : dict, optional
        Parameters of the frontend.

    See Also
    --------
    FrontendExtractor : Takes it.

    Examples
    --------
    >>> from spectrograms.lhotse import FrontendConfig
    >>> FrontendConfig("kaldi_fbank", params={"num_mel_bins": 80}).to_dict()["params"]
    {'num_mel_bins': 80}
    """

    frontend: str = "kaldi_fbank"
    sampling_rate: int | None = None
    precision: str = "float32"
    params: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain data."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> FrontendConfig:
        """Make the settings that :meth:`to_dict` described."""
        return FrontendConfig(**data)


@register_extractor
class FrontendExtractor(_Fast):
    """Any frontend as a feature extractor of lhotse.

    lhotse expects a number of frames that follows from the duration: more are cut, and the last one is
    repeated where there are fewer.

    Parameters
    ----------
    config : FrontendConfig, optional
        Which frontend.

    Raises
    ------
    InvalidInputError, TypeError
        As by :func:`spectrograms.frontend`.

    See Also
    --------
    Fbank, Mfcc, WhisperFbank : In place of lhotse's own.

    Examples
    --------
    >>> import numpy as np
    >>> from spectrograms.lhotse import FrontendConfig, FrontendExtractor
    >>> extractor = FrontendExtractor(FrontendConfig("nemo_mel"))
    >>> extractor.extract(np.ones(16000, "float32"), sampling_rate=16000).shape
    (100, 80)
    """

    name = "spectrograms-frontend"
    config_type = FrontendConfig

    def _made(self):
        config = self.config
        return frontend(
            config.frontend, sample_rate=config.sampling_rate, precision=config.precision, **config.params
        )

    @property
    def frame_shift(self) -> float:
        """Seconds from one frame to the next."""
        rate = self._frontend.sample_rate
        first, second, *_ = self._frontend.times(int(rate) * 4)
        return round((second - first) * rate) / rate

    def feature_dim(self, sampling_rate: int) -> int:
        """Values in a frame; `sampling_rate` does not matter."""
        return self._frontend.n_bins


# --- stores -------------------------------------------------------------------------------------------
