"""What fast feature extractors compute in place of those of Hugging Face: one class for each kind.

A class takes the place of the methods of the original in which its transform is. All that comes before and
after, what is padded, cut, masked and normalized, stays the original's own code. Each method gives what the
original's would; what our frontend refuses, and any device but the CPU, is left to the original.

Sources: transformers ``models/*/feature_extraction_*.py``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache, wraps
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spectrograms._frontends.base import Frontend
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Seconds: longer than any signal, where a frontend looks at no more than so many.
_NO_LIMIT = 86400


def _computed(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that leaves to the original what the frontend refuses."""

    @wraps(method)
    def either(self, *args, **options):
        try:
            return method(self, *args, **options)
        except InvalidInputError:
            return getattr(self._original, method.__name__)(self, *args, **options)

    return either


@lru_cache(maxsize=64)
def _frontend(name, precision, rate, given):
    config = {"frontend": name, "precision": precision, "sample_rate": rate, "params": dict(given)}
    return Frontend.from_config(config)


class FastExtractor:
    """Base of all: computes by a frontend, in the precision of its class."""

    _original: ClassVar[Any]
    _precision: ClassVar[str]
    sampling_rate: Any

    def _compute(self, name: str, waveform: Any, device: Any = "cpu", **params: Any) -> NDArray[Any]:
        """Features of one signal, or of signals in the rows of an array."""
        if device is not None and str(device) != "cpu":
            raise InvalidInputError(f"device must be 'cpu', got {device}")
        given = tuple(sorted(params.items()))
        frontend = _frontend(name, self._precision, self.sampling_rate, given)
        signals = np.asarray(waveform)
        if signals.dtype.kind in "iub":
            signals = signals.astype(np.float32)
        return frontend.compute(signals) if signals.ndim == 1 else frontend.compute_batch(signals)

    def _computed_tensor(self, name, waveform, device="cpu", **params):
        import torch

        return torch.from_numpy(self._compute(name, waveform.float(), device, **params))


def _refuse(condition: Any, what: str) -> None:
    """Leave something to the original."""
    if condition:
        raise InvalidInputError(what)


class Whisper(FastExtractor):
    """Those of Whisper, and of models that take its log-mel spectrogram of a padded batch."""

    feature_size: Any
    dither: Any

    def pad(self, processed_features: Any, padding: Any = True, **options: Any) -> Any:
        """Pad signals, as the original does: into one array at once, where that is all there is to do."""
        padded = _padded(self, processed_features, padding, **options)
        return self._original.pad(self, processed_features, padding, **options) if padded is None else padded

    @_computed
    def _torch_extract_fbank_features(self, waveform, device="cpu"):
        if self.dither:
            import torch

            _refuse(str(device) != "cpu", "noise is drawn on the device")
            waveform = np.asarray(waveform, np.float32)
            waveform = waveform + self.dither * torch.randn(waveform.shape).numpy()
        return self._log_mel(waveform, device)

    @_computed
    def _np_extract_fbank_features(self, waveform_batch, device):
        _refuse(self.dither, "each frame has noise of its own")
        return self._log_mel(waveform_batch, device)

    def _log_mel(self, waveform, device):
        options = {"n_mels": self.feature_size, "pad30": False, "chunk_length": _NO_LIMIT}
        return self._compute("whisper_hf", waveform, device, **options)


def _padded(
    extractor, features, padding, max_length=None, truncation=False, pad_to_multiple_of=None,
    return_attention_mask=None, return_tensors=None,
):  # fmt: skip
    """One column of float32 for each signal, padded at the end to one length; None for all else."""
    name = extractor.model_input_names[0]
    signals = features.get(name) if hasattr(features, "get") and list(features) == [name] else None
    plain = isinstance(signals, list) and all(
        isinstance(signal, np.ndarray) and signal.dtype == np.float32 and signal.shape[1:] == (1,)
        for signal in signals
    )
    usual = extractor.padding_side == "right" and extractor.feature_size > 1 and max_length is not None
    if not plain or not signals or not usual:
        return None
    strategy = str(getattr(padding, "value", padding))
    if strategy not in ("max_length", "longest", "True") or return_tensors not in (None, "np"):
        return None
    lengths = [len(signal) for signal in signals]
    multiple = pad_to_multiple_of or 1
    size = -(-max_length // multiple) * multiple
    if truncation:
        lengths = [min(length, size) for length in lengths]
    if strategy != "max_length":
        size = -(-max(lengths) // multiple) * multiple
    if max(lengths) > size:
        return None
    values = np.zeros((len(signals), size, 1), np.float32)  # pages that nothing is written to cost nothing
    if extractor.padding_value:
        values += extractor.padding_value
    mask = np.zeros((len(signals), size), np.int32)
    for signal, length, row, ones in zip(signals, lengths, values, mask, strict=True):
        row[:length] = signal[:length]
        ones[:length] = 1
    wanted = extractor.return_attention_mask if return_attention_mask is None else return_attention_mask
    given = {name: values, "attention_mask": mask} if wanted else {name: values}
    return type(features)(given)


class VoxtralRealtime(FastExtractor):
    """Whisper's, with a floor that is known before."""

    @_computed
    def _torch_extract_fbank_features(self, waveform, device="cpu", center=True):
        _refuse(not center, "frames that are not centred")
        top = self.global_log_mel_max
        _refuse(top is None and len(waveform) > 1, "one floor for all clips of a batch")
        return self._computed_tensor(
            "voxtral_realtime_mel", waveform, device, feature_size=self.feature_size, n_fft=self.n_fft,
            hop_length=self.hop_length, global_log_mel_max=top,
        )  # fmt: skip


class SeamlessM4T(FastExtractor):
    """Kaldi's filterbank, of the left channel."""

    @_computed
    def _extract_fbank_features(self, waveform):
        samples = np.squeeze(waveform[0] if waveform.ndim == 2 else waveform)
        return self._compute(
            "seamless_m4t", samples, num_mel_bins=self.num_mel_bins, norm=False, stride=1,
            pad_to_multiple_of=None,
        )  # fmt: skip


class SpeechToText(FastExtractor):
    """Kaldi's filterbank, of one clip."""

    @_computed
    def _extract_fbank_features(self, waveform):
        _refuse(self.dither, "each frame has noise of its own")
        return self._compute(
            "speech_to_text_fbank", np.squeeze(waveform), num_mel_bins=self.num_mel_bins,
            do_ceptral_normalize=False,
        )  # fmt: skip


class AudioSpectrogramTransformer(FastExtractor):
    """Kaldi's filterbank, cut and padded."""

    @_computed
    def _extract_fbank_features(self, waveform, max_length):
        return self._compute(
            "ast", np.squeeze(waveform), max_length=max_length, num_mel_bins=self.num_mel_bins,
            do_normalize=False,
        )  # fmt: skip


class FunAsrNano(FastExtractor):
    """Kaldi's filterbank, before its frames are joined."""

    @_computed
    def _extract_fbank_features(self, waveform):
        return self._computed_tensor(
            "fun_asr_nano_fbank", waveform, waveform.device, feature_size=self.feature_size, num_frames_lfr=1,
            stride_lfr=1,
        )  # fmt: skip


class Clap(FastExtractor):
    """Decibels of mel bands, by one of two banks."""

    @_computed
    def _np_extract_fbank_features(self, waveform, mel_filters=None):
        slaney = mel_filters is self.mel_filters_slaney
        _refuse(not slaney and mel_filters is not self.mel_filters, "filters of the caller's")
        return self._compute(
            "clap", waveform, truncation="rand_trunc" if slaney else "fusion", max_length_s=None,
            frequency_min=self.frequency_min, frequency_max=self.frequency_max,
            feature_size=self.feature_size, fft_window_size=self.fft_window_size, hop_length=self.hop_length,
        )  # fmt: skip


class UnivNet(FastExtractor):
    """The mel spectrogram of a vocoder."""

    @_computed
    def mel_spectrogram(self, waveform: NDArray[Any]) -> NDArray[Any]:
        """The mel spectrogram of a signal, shape (n_frames, n_bins)."""
        return self._compute("univnet_mel", waveform, do_normalize=False, max_length_s=None)


class SpeechT5(FastExtractor):
    """The mel spectrogram that is to be spoken."""

    @_computed
    def _extract_mel_features(self, one_waveform):
        return self._compute(
            "speecht5_mel", one_waveform, num_mel_bins=self.num_mel_bins, fmin=self.fmin, fmax=self.fmax,
            mel_floor=self.mel_floor, win_length=self.win_length, hop_length=self.hop_length,
        )  # fmt: skip


class Phi4Multimodal(FastExtractor):
    """A filterbank that leaves out the frames at the end of shorter clips."""

    @_computed
    def _torch_extract_fbank_features(self, waveform, audio_lengths, device="cpu"):
        features = self._computed_tensor(
            "phi4mm_mel", waveform, device, feature_size=self.feature_size, preemphasis=self.preemphasis,
            **self._band_of_filters(),
        )  # fmt: skip
        longest = int(audio_lengths.max())
        for row, length in zip(features, audio_lengths.tolist(), strict=True):
            if length != longest:
                # The original's, frame for frame: those after them are of what is left of the signal.
                row[(length - self.win_length) // self.hop_length + 1 : length // self.hop_length - 1] = 0.0
        return features

    def _band_of_filters(self):
        """The range of the filters, which the original keeps nowhere else."""
        defaults = inspect.signature(self._original.__init__).parameters
        names = ("mel_min_frequency", "mel_max_frequency")
        return {name: float(getattr(self, name, defaults[name].default)) for name in names}


class Gemma3nAudio(FastExtractor):
    """Mel bands of magnitudes."""

    _name = "gemma3n_mel"

    @_computed
    def _extract_spectrogram(self, waveform, attention_mask):
        samples, count = self._frames_of(waveform, 0)
        features = self._log_mel(samples, count)
        mask = attention_mask[:: self.hop_length].astype(bool)
        return features, mask[: len(features)]

    def _frames_of(self, waveform, before):
        """Samples with their noise, and the frames that the original cuts of them."""
        samples = waveform[np.newaxis] if waveform.ndim == 1 else waveform
        _refuse(len(samples) != 1, "more than one signal at once")
        count = (samples.shape[1] + before - self.frame_length - 1) // self.hop_length + 1
        _refuse(count < 1, "no frame")
        if self.dither > 0.0:
            samples = samples + self.dither * np.random.randn(*samples.shape).astype(samples.dtype)  # noqa: NPY002
        return samples[0], count

    def _log_mel(self, samples, count):
        values = self._compute(
            self._name, samples, max_length=_NO_LIMIT * 16000, feature_size=self.feature_size,
            min_frequency=float(self.min_frequency), max_frequency=float(self.max_frequency),
            preemphasis=self.preemphasis, preemphasis_htk_flavor=self.preemphasis_htk_flavor,
            fft_overdrive=self.fft_overdrive, mel_floor=float(self.mel_floor),
            input_scale_factor=self.input_scale_factor,
        )[:count]  # fmt: skip
        if self.per_bin_mean is not None:
            values = values - self.per_bin_mean[0]
        return values if self.per_bin_stddev is None else values / self.per_bin_stddev[0]


class Gemma4Audio(Gemma3nAudio):
    """The same after half a frame of zeros."""

    _name = "gemma4_mel"

    @_computed
    def _extract_spectrogram(self, waveform, attention_mask):
        before = self.frame_length // 2
        samples, count = self._frames_of(waveform, before)
        ends = np.arange(count) * self.hop_length + self.frame_length - before
        return self._log_mel(samples, count), attention_mask[ends].astype(bool)


class GraniteSpeech(FastExtractor):
    """Pairs of frames of torchaudio's mel spectrogram."""

    @_computed
    def _extract_mel_spectrograms(self, audio, device="cpu"):
        options = {
            name: self.melspec_kwargs[name] for name in ("n_fft", "win_length", "hop_length", "n_mels")
        }
        return self._computed_tensor("granite_speech_mel", audio, device, **options)


class GraniteSpeech5(FastExtractor):
    """Pairs of frames of torchaudio's mel spectrogram, with their differences."""

    @_computed
    def _extract_features(self, audio, device="cpu"):
        names = ("num_mel_bins", "n_fft", "win_length", "hop_length", "delta_win_length", "logmel_floor_db")
        options = {name: getattr(self, name) for name in names}
        return self._computed_tensor("granite_speech5_mel", audio, device, **options)


class Nemo(FastExtractor):
    """NeMo's, of samples that are pre-emphasized already, before anything is normalized."""

    @_computed
    def _torch_extract_fbank_features(self, waveform, device="cpu", center=True):
        _refuse(not center, "frames that are not centred")
        import torch

        # One hop more, because the frontend drops the frame that is not of a whole hop. The original
        # masks it, but not where the clip has been cut.
        longer = torch.nn.functional.pad(waveform, (0, self.hop_length))
        return self._computed_tensor(
            "nemotron_asr_mel", longer, device, feature_size=self.feature_size, n_fft=self.n_fft,
            win_length=self.win_length, hop_length=self.hop_length, preemphasis=None,
            mel_filters_dtype=getattr(self, "mel_filters_dtype", "float32"),
        )[:, : (waveform.shape[1] + self.n_fft // 2 * 2 - self.n_fft) // self.hop_length + 1]  # fmt: skip


class Lasr(FastExtractor):
    """Mel bands of frames that lie inside the signal."""

    @_computed
    def _torch_extract_fbank_features(self, waveform, device="cpu"):
        options = {
            name: getattr(self, name) for name in ("feature_size", "n_fft", "win_length", "hop_length")
        }
        return self._computed_tensor("lasr_mel", waveform, device, **options)


class Inkling(FastExtractor):
    """Mel bands of magnitudes, of frames that end where tokens end."""

    @_computed
    def _torch_extract_fbank_features(self, waveform, device="cpu"):
        names = ("feature_size", "n_fft", "window_size", "hop_length")
        return self._computed_tensor(
            "inkling_mel", waveform, device, **{name: getattr(self, name) for name in names}
        )


class Clvp(FastExtractor):
    """The logarithm of a mel spectrogram."""

    @_computed
    def _np_extract_fbank_features(self, waveform):
        power = self._compute(
            "librosa_melspectrogram", waveform, n_fft=self.n_fft, hop_length=self.hop_length,
            n_mels=self.feature_size, fmin=0.0, fmax=8000.0, htk=True, norm="slaney", pad_mode="reflect",
        )  # fmt: skip
        values = np.log(np.maximum(power, 1e-5))
        return values if self.mel_norms is None else values / np.array(self.mel_norms)[:, np.newaxis]


class Codec(FastExtractor):
    """Those that call torchaudio's filterbank in the middle of all else: they get ours for it."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """The features of `audio`, as the original gives them."""
        return _with_fbank(self._original, self._fbank)(self, *args, **options)

    def _fbank(self, waveform, *, num_mel_bins, sample_frequency, frame_length, frame_shift, **fixed):
        try:
            return self._computed_tensor(
                "torchaudio_kaldi_fbank", waveform[0], waveform.device, num_mel_bins=num_mel_bins,
                frame_length=frame_length, frame_shift=frame_shift, low_freq=float(fixed["low_freq"]),
                high_freq=float(fixed["high_freq"]),
            )  # fmt: skip
        except InvalidInputError:
            from torchaudio.compliance.kaldi import fbank

            return fbank(
                waveform, num_mel_bins=num_mel_bins, sample_frequency=sample_frequency,
                frame_length=frame_length, frame_shift=frame_shift, **fixed,
            )  # fmt: skip


def _with_fbank(original, fbank):
    """The ``__call__`` of a class, for which the filterbank of torchaudio is another."""
    call = inspect.unwrap(original.__call__)
    ours = SimpleNamespace(compliance=SimpleNamespace(kaldi=SimpleNamespace(fbank=fbank)))
    names = {**call.__globals__, "torchaudio": ours}
    function = FunctionType(call.__code__, names, call.__name__, call.__defaults__, call.__closure__)
    function.__kwdefaults__ = call.__kwdefaults__
    return function


#: Name of an extractor -> what takes the place of its methods.
PARTS = {
    "WhisperFeatureExtractor": Whisper,
    "MossTranscribeDiarizeFeatureExtractor": Whisper,
    "Dots3NoteFeatureExtractor": Whisper,
    "Qwen3ASRFeatureExtractor": Whisper,
    "VoxtralRealtimeFeatureExtractor": VoxtralRealtime,
    "SeamlessM4TFeatureExtractor": SeamlessM4T,
    "Speech2TextFeatureExtractor": SpeechToText,
    "ASTFeatureExtractor": AudioSpectrogramTransformer,
    "FunAsrNanoFeatureExtractor": FunAsrNano,
    "ClapFeatureExtractor": Clap,
    "UnivNetFeatureExtractor": UnivNet,
    "SpeechT5FeatureExtractor": SpeechT5,
    "Phi4MultimodalFeatureExtractor": Phi4Multimodal,
    "Gemma3nAudioFeatureExtractor": Gemma3nAudio,
    "Gemma4AudioFeatureExtractor": Gemma4Audio,
    "GraniteSpeechFeatureExtractor": GraniteSpeech,
    "GraniteSpeech5FeatureExtractor": GraniteSpeech5,
    "ParakeetFeatureExtractor": Nemo,
    "CohereAsrFeatureExtractor": Nemo,
    "NemotronAsrStreamingFeatureExtractor": Nemo,
    "LasrFeatureExtractor": Lasr,
    "InklingFeatureExtractor": Inkling,
    "ClvpFeatureExtractor": Clvp,
    "NeuCodecFeatureExtractor": Codec,
    "Xcodec2FeatureExtractor": Codec,
}
