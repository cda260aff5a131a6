"""Google: VGGish, YAMNet, tf.signal and the audio operators of TensorFlow.

Sources: tensorflow/models ``research/audioset/vggish`` and ``yamnet``; tensorflow ``python/ops/signal`` and
``core/kernels/{spectrogram,mfcc}``.
"""

from spectrograms._frontends.recipes import parameters as checks
from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.definition import Definition
from spectrograms._frontends.recipes.recipe import Dct, Log, Mel, left, power_of_two
from spectrograms.errors import InvalidInputError


def _frames(width, hop, n_fft, window="hann", periodic=True):
    words = "periodic" if periodic else "symmetric"
    return {
        **left(n_fft, windows.make(window, width, periodic=periodic), hop),
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
    checks.below("lower_edge_hertz", p.lower_edge_hertz, "upper_edge_hertz", p.upper_edge_hertz)
    checks.at_most("upper_edge_hertz", p.upper_edge_hertz, "sample_rate / 2", rate / 2)
    fields = _audioset(rate, width, hop, p.num_mel_bins, p.lower_edge_hertz, p.upper_edge_hertz, p.log_offset)
    # NumPy's strided view of the frames refuses signals that are much too short.
    return {**fields, "least": max(0, width - hop), "least_words": "one frame less one hop"}


def _yamnet(rate, p):
    return _audioset(rate, 400, 160, 64, 125.0, 7500.0, 0.001)


def _stft(rate, p):
    n_fft = power_of_two(p.frame_length) if p.fft_length is None else p.fft_length
    checks.at_most("frame_length", p.frame_length, "fft_length", n_fft)
    # TensorFlow's windows are periodic for even lengths only.
    window = p.window or "rectangular"
    fields = _frames(p.frame_length, p.frame_step, n_fft, window, periodic=p.frame_length % 2 == 0)
    return {**fields, "power": 1.0, **({"first": 1} if p.pad_end else {})}


def _logmel(rate, p):
    checks.below("fmin", p.fmin, "fmax", p.fmax)
    checks.at_most("fmax", p.fmax, "sample_rate / 2", rate / 2)
    return {
        **_stft(rate, p),
        "mel": Mel(count=p.n_mels, low=p.fmin, high=p.fmax, scale="kaldi", domain="mel", bins=slice(1, None)),
        "log": Log("ln", add=p.offset),
    }


def _mfcc(rate, p):
    count = p.n_mels if p.n_mfcc is None else p.n_mfcc
    checks.at_most("n_mfcc", count, "n_mels", p.n_mels)
    return {**_logmel(rate, p), "dct": Dct(count, "htk")}


def _audio_spectrogram(rate, p):
    fields = _frames(p.window_size, p.stride, power_of_two(p.window_size))
    return {**fields, "power": 2.0 if p.magnitude_squared else 1.0}


def _speech_commands(rate, p):
    checks.at_most("n_coeff", p.n_coeff, "filterbank_channel_count", p.filterbank_channel_count)
    low, high = p.lower_frequency_limit, p.upper_frequency_limit
    checks.below("lower_frequency_limit", low, "upper_frequency_limit", high)
    checks.at_most("upper_frequency_limit", high, "sample_rate / 2", rate / 2)
    fields = _frames(p.window_size, p.stride, power_of_two(p.window_size))
    step = rate / fields["n_fft"]
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
    "frame_length": checks.Count(1, required=True),
    "frame_step": checks.Count(1, required=True),
    "fft_length": checks.Count(None),
    "window": checks.Choice("hann", options=("hann", "hamming"), optional=True),
    "pad_end": checks.Flag(False),
}
_LOGMEL = {
    **_STFT,
    "n_mels": checks.Count(20, high=10000),
    "fmin": checks.Number(125.0, low=0.0),
    "fmax": checks.Number(3800.0, above=0.0),
    "offset": checks.Number(1e-6, low=0.0),
}
_OPERATOR = {"window_size": checks.Count(2, low=2, required=True), "stride": checks.Count(1, required=True)}

DEFINITIONS = (
    Definition(
        name="vggish_logmel",
        summary="log-mel spectrogram of VGGish, before it is cut into patches",
        rate=16000,
        fixed=True,
        parameters={
            "log_offset": checks.Number(0.01, low=0.0),
            "window_length_secs": checks.Number(0.025, above=0.0),
            "hop_length_secs": checks.Number(0.010, above=0.0),
            "num_mel_bins": checks.Count(64, high=10000),
            "lower_edge_hertz": checks.Number(125.0, low=0.0),
            "upper_edge_hertz": checks.Number(7500.0, above=0.0),
        },
        layout="time",
        dtype="float64",
        build=_vggish,
    ),
    Definition(
        name="yamnet_logmel",
        summary="log-mel spectrogram of YAMNet, before it is cut into patches",
        rate=16000,
        fixed=True,
        parameters={},
        layout="time",
        build=_yamnet,
    ),
    Definition(
        name="tf_stft_magnitude",
        summary="magnitude of tf.signal.stft",
        rate=None,
        parameters=_STFT,
        layout="time",
        build=_stft,
    ),
    Definition(
        name="tf_logmel",
        summary="log-mel spectrogram by tf.signal",
        rate=None,
        parameters=_LOGMEL,
        layout="time",
        build=_logmel,
    ),
    Definition(
        name="tf_mfcc",
        summary="tf.signal.mfccs_from_log_mel_spectrograms of tf_logmel",
        rate=None,
        parameters={**_LOGMEL, "n_mfcc": checks.Count(None)},
        layout="time",
        build=_mfcc,
    ),
    Definition(
        name="tf_audio_spectrogram",
        summary="TensorFlow's audio_ops.audio_spectrogram",
        rate=None,
        parameters={**_OPERATOR, "magnitude_squared": checks.Flag(False)},
        layout="time",
        build=_audio_spectrogram,
    ),
    Definition(
        name="tf_speech_commands_mfcc",
        summary="TensorFlow's audio_ops.mfcc, as the Speech Commands example uses it",
        rate=None,
        parameters={
            **_OPERATOR,
            "n_coeff": checks.Count(13),
            "lower_frequency_limit": checks.Number(20.0, low=0.0),
            "upper_frequency_limit": checks.Number(4000.0, above=0.0),
            "filterbank_channel_count": checks.Count(40, high=10000),
        },
        layout="time",
        build=_speech_commands,
    ),
)
