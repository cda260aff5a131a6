"""Whisper, as openai-whisper (``whisper/audio.py``) and Hugging Face compute it, and models that follow it.

These are transformers ``models/{qwen3_asr, voxtral_realtime, moss_transcribe_diarize,
dots3_note}/feature_extraction_*.py``.
"""

from spectrograms._frontends.recipes import windows
from spectrograms._frontends.recipes.after import Affine, DynamicRange
from spectrograms._frontends.recipes.before import AtMost, Standardize
from spectrograms._frontends.recipes.definition import table
from spectrograms._frontends.recipes.framing import centred
from spectrograms._frontends.recipes.lengths import FilledFrames, FramesWithSample, ZerosAfter
from spectrograms._frontends.recipes.parameters import DAY, Choice, Count, Flag, Number, band_count
from spectrograms._frontends.recipes.stages import Log, Mel

_SECOND = 16000
_REFLECTION = "reflection by 200 samples needs more than that"


def _log_mel(n_mels, *, n_fft=400, hop=160, **more):
    return {
        **centred(n_fft, windows.make("hann", n_fft), hop, "reflect", dropped=1),
        "window_words": "hann, periodic",
        "mel": Mel(count=n_mels, low=0.0, high=8000.0, scale="slaney", norm="slaney"),
        "log": Log("log10", floor=1e-10),
        "after": (DynamicRange(8.0), Affine(0.25, 1.0)),
        **more,
    }


def _openai(rate, p):
    size = 30 * _SECOND
    padded = p.pad30 or p.tail_pad > 0
    return _log_mel(
        p.n_mels,
        max_samples=size if p.pad30 else None,
        zeros_after=ZerosAfter(up_to=size if p.pad30 else 0, more=p.tail_pad),
        min_samples=0 if p.pad30 or p.tail_pad > 200 else 201 - p.tail_pad,
        min_samples_reason=_REFLECTION if not padded else "tail_pad included",
    )


def _hf(rate, p):
    size = p.chunk_length * _SECOND
    return _log_mel(
        p.n_mels,
        max_samples=size,
        before=(Standardize(),) if p.do_normalize else (),
        dither=p.dither,
        zeros_after=ZerosAfter(up_to=size if p.pad30 else 0),
        min_samples=0 if p.pad30 else 201,
        min_samples_reason=_REFLECTION,
    )


def _qwen3(rate, p):
    size = max(p.min_length, p.chunk_length * _SECOND if p.pad30 else 0)
    return _log_mel(
        p.feature_size,
        dither=p.dither,
        zeros_after=ZerosAfter(up_to=size),
        min_samples=0 if size > 200 else 201,
        min_samples_reason=_REFLECTION,
        capacity=FilledFrames(max(1, 2 * p.n_window)),
    )


def _voxtral(rate, p):
    fields = _log_mel(p.feature_size, n_fft=p.n_fft, hop=p.hop_length)
    fields |= {"min_samples": p.n_fft // 2 + 1, "min_samples_reason": f"reflection by {p.n_fft // 2} samples"}
    if p.global_log_mel_max is None:
        return fields
    floor = max(1e-10, 10.0 ** (p.global_log_mel_max - 8.0))
    return {**fields, "log": Log("log10", floor=floor), "affine": (0.25, 1.0), "after": ()}


def _chunk(rate, p, **more):
    size = p.chunk_length * _SECOND
    parts = "the extractor cuts longer ones into parts of that length, each by itself"
    return _log_mel(
        p.feature_size,
        before=(AtMost(size, parts),),
        dither=p.dither,
        zeros_after=ZerosAfter(up_to=size),
        **more,
    )


def _dots3(rate, p):
    # Eight frames become one token of the model.
    return _chunk(rate, p, capacity=FramesWithSample(0, 8 * 160, group=8))


_DITHER = Number(0.0, low=0.0)

_WHISPER_OPENAI = {
    "n_mels": Choice(80, options=(80, 128)),
    "pad30": Flag(False),
    "tail_pad": Count(0, low=0),
}
_WHISPER_HF = {
    "n_mels": band_count(80),
    "pad30": Flag(True),
    "chunk_length": Count(30, high=DAY),
    "do_normalize": Flag(False),
    "path": Choice(None, options=("torch", "numpy")),
    "dither": _DITHER,
}
_QWEN3_ASR_MEL = {
    "feature_size": band_count(128),
    "pad30": Flag(True),
    "chunk_length": Count(30, high=DAY),
    "min_length": Count(8000, low=0),
    "n_window": Count(50, low=0),
    "dither": _DITHER,
}
_VOXTRAL_REALTIME_MEL = {
    "feature_size": band_count(128),
    "n_fft": Count(400),
    "hop_length": Count(160),
    "global_log_mel_max": Number(1.5, optional=True),
}
_MOSS_MEL = {
    "feature_size": band_count(80),
    "chunk_length": Count(30, high=DAY),
    "dither": _DITHER,
}
_DOTS3_NOTE_MEL = {
    "feature_size": band_count(128),
    "chunk_length": Count(60, high=DAY),
    "dither": _DITHER,
}

_log_mel_of = "log-mel spectrogram of Hugging Face's {}FeatureExtractor".format
_row = table(rate=_SECOND, fixed=True, layout="bins")
DEFINITIONS = (
    _row("whisper_openai", "log-mel spectrogram of openai-whisper", _openai, _WHISPER_OPENAI),
    _row("whisper_hf", _log_mel_of("Whisper"), _hf, _WHISPER_HF),
    _row("qwen3_asr_mel", _log_mel_of("Qwen3ASR"), _qwen3, _QWEN3_ASR_MEL),
    _row("voxtral_realtime_mel", _log_mel_of("VoxtralRealtime"), _voxtral, _VOXTRAL_REALTIME_MEL),
    _row("moss_mel", _log_mel_of("MossTranscribeDiarize"), _chunk, _MOSS_MEL),
    _row("dots3_note_mel", _log_mel_of("Dots3Note"), _dots3, _DOTS3_NOTE_MEL),
)
