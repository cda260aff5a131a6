"""Google: VGGish, YAMNet, tf.signal and the audio operators of TensorFlow.

Sources: tensorflow/models ``research/audioset/vggish`` and ``yamnet``; tensorflow ``python/ops/signal`` and
``core/kernels/{spectrogram,mfcc}``.
"""

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import framed, power_of_two
from spectrograms._frontends.recipes.parameters import Choice, Count, Flag, Number, at_most, band_count, below
from spectrograms._frontends.recipes.stages import Dct, Log, Mel
from spectrograms.errors import InvalidInputError


def _frames(width, hop, n_fft, window="hann", periodic=True, **more):
    words = "periodic" if periodic else "symmetric"
    return {
        **framed(n_fft, windows.make(window, width, periodic=periodic), hop, **more),
        "window_words": "rectangular" if window == "rectangular" else f"{window}, {words}",
    }


def _audioset(rate, width, hop, bands, low, high, offset):
    return {
        **_frames(width, hop, power_of_two(width)),
        "power": 1.0,
        "mel": Mel(count=bands, low=low, high=high, scale="kaldi", domain="mel", bins=slice(1, None)),
        "log": Log("ln", add=offset),
    }


def _vggish(rate, p):
    width, hop = round(rate * p.window_length_secs), round(rate * p.hop_length_secs)
    if width < 1 or hop < 1:
        name = "window_length_secs" if width < 1 else "hop_length_secs"
        raise InvalidInputError(f"{name} must give at least 1 sample at {rate} Hz, got {getattr(p, name)}")
    below("lower_edge_hertz", p.lower_edge_hertz, "upper_edge_hertz", p.upper_edge_hertz)
    at_most("upper_edge_hertz", p.upper_edge_hertz, "sample_rate / 2", rate / 2)
    fields = _audioset(rate, width, hop, p.num_mel_bins, p.lower_edge_hertz, p.upper_edge_hertz, p.log_offset)
    # The frames are a strided view of NumPy, which refuses signals that are much too short.
    return {**fields, "min_samples": max(0, width - hop), "min_samples_reason": "one frame less one hop"}


def _yamnet(rate, p):
    return _audioset(rate, 400, 160, 64, 125.0, 7500.0, 0.001)


def _stft(rate, p):
    n_fft = power_of_two(p.frame_length) if p.fft_length is None else p.fft_length
    at_most("frame_length", p.frame_length, "fft_length", n_fft)
    # TensorFlow's windows are periodic for even lengths only.
    window = p.window or "rectangular"
    periodic = p.frame_length % 2 == 0
    more = {"first": 1} if p.pad_end else {}
    return {**_frames(p.frame_length, p.frame_step, n_fft, window, periodic, **more), "power": 1.0}


def _logmel(rate, p):
    below("fmin", p.fmin, "fmax", p.fmax)
    at_most("fmax", p.fmax, "sample_rate / 2", rate / 2)
    return {
        **_stft(rate, p),
        "mel": Mel(count=p.n_mels, low=p.fmin, high=p.fmax, scale="kaldi", domain="mel", bins=slice(1, None)),
        "log": Log("ln", add=p.offset),
    }


def _mfcc(rate, p):
    count = p.n_mels if p.n_mfcc is None else p.n_mfcc
    at_most("n_mfcc", count, "n_mels", p.n_mels)
    return {**_logmel(rate, p), "dct": Dct(count, "htk")}


def _audio_spectrogram(rate, p):
    fields = _frames(p.window_size, p.stride, power_of_two(p.window_size))
    return {**fields, "power": 2.0 if p.magnitude_squared else 1.0}


def _speech_commands(rate, p):
    at_most("n_coeff", p.n_coeff, "filterbank_channel_count", p.filterbank_channel_count)
    low, high = p.lower_frequency_limit, p.upper_frequency_limit
    below("lower_frequency_limit", low, "upper_frequency_limit", high)
    at_most("upper_frequency_limit", high, "sample_rate / 2", rate / 2)
    fields = _frames(p.window_size, p.stride, power_of_two(p.window_size))
    step = rate / fields["frames"].n_fft
    return {
        **fields,
        "power": 1.0,
        "mel": Mel(
            count=p.filterbank_channel_count, low=low, high=high, scale="kaldi", domain="mel",
            bins=slice(int(1.5 + low / step), int(high / step) + 1),
        ),
        "log": Log("ln", floor=1e-12),
        "dct": Dct(p.n_coeff, "htk"),
    }  # fmt: skip


_STFT = {
    "frame_length": Count(1, required=True),
    "frame_step": Count(1, required=True),
    "fft_length": Count(None),
    "window": Choice("hann", options=("hann", "hamming"), optional=True),
    "pad_end": Flag(False),
}
_LOGMEL = {
    **_STFT,
    "n_mels": band_count(20),
    "fmin": Number(125.0, low=0.0),
    "fmax": Number(3800.0, above=0.0),
    "offset": Number(1e-6, low=0.0),
}
_OPERATOR = {"window_size": Count(2, low=2, required=True), "stride": Count(1, required=True)}
_VGGISH_LOGMEL = {
    "log_offset": Number(0.01, low=0.0),
    "window_length_secs": Number(0.025, above=0.0),
    "hop_length_secs": Number(0.010, above=0.0),
    "num_mel_bins": band_count(64),
    "lower_edge_hertz": Number(125.0, low=0.0),
    "upper_edge_hertz": Number(7500.0, above=0.0),
}
_TF_SPEECH_COMMANDS_MFCC = {
    **_OPERATOR,
    "n_coeff": Count(13),
    "lower_frequency_limit": Number(20.0, low=0.0),
    "upper_frequency_limit": Number(4000.0, above=0.0),
    "filterbank_channel_count": band_count(40),
}

_row = table(rate=None, layout="time")
DEFINITIONS = (
    _row(
        "vggish_logmel",
        "log-mel spectrogram of VGGish, before it is cut into patches",
        _vggish,
        _VGGISH_LOGMEL,
        rate=16000,
        fixed=True,
        dtype="float64",
    ),
    _row(
        "yamnet_logmel",
        "log-mel spectrogram of YAMNet, before it is cut into patches",
        _yamnet,
        {},
        rate=16000,
        fixed=True,
    ),
    _row("tf_stft_magnitude", "magnitude of tf.signal.stft", _stft, _STFT),
    _row("tf_logmel", "log-mel spectrogram by tf.signal", _logmel, _LOGMEL),
    _row(
        "tf_mfcc",
        "tf.signal.mfccs_from_log_mel_spectrograms of tf_logmel",
        _mfcc,
        {**_LOGMEL, "n_mfcc": Count(None)},
    ),
    _row(
        "tf_audio_spectrogram",
        "TensorFlow's audio_ops.audio_spectrogram",
        _audio_spectrogram,
        {**_OPERATOR, "magnitude_squared": Flag(False)},
    ),
    _row(
        "tf_speech_commands_mfcc",
        "TensorFlow's audio_ops.mfcc, as the Speech Commands example uses it",
        _speech_commands,
        _TF_SPEECH_COMMANDS_MFCC,
    ),
)
