"""Frontends from the configuration files of models, those of Hugging Face and of NeMo."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spectrograms._common.extras import require
from spectrograms._common.plain import as_dict, parse_object, read_object
from spectrograms._frontends.base import Frontend
from spectrograms._frontends.recipes.definition import nearest
from spectrograms._frontends.recipes.parameters import Number
from spectrograms.errors import InvalidInputError, shown, warn

# Fields of any extractor that do not change the features, or that have only one sensible value.
_NO_MATTER = {
    "feature_extractor_type", "processor_class", "auto_map", "image_processor_type", "tokenizer_class",
    "sampling_rate", "padding_side", "return_attention_mask", "padding_value", "top_db", "nb_max_frames",
    "n_samples", "nb_max_samples", "nb_frequency_bins", "max_length_samples", "num_max_samples",
    "return_overflowing_tokens", "_processor_class", "transformers_version",
}  # fmt: skip


@dataclass(frozen=True)
class _Extractor:
    """How the fields of an extractor become the parameters of a frontend."""

    name: str
    rename: dict = field(default_factory=dict)  # their names -> ours, where they differ
    only: dict = field(default_factory=dict)  # fields that must have this value
    ignore: tuple = ()


_CODEC = {"feature_size": 80, "num_mel_bins": 80, "frame_length": 400, "frame_shift": 160, "stride": 2}

_HF = {
    "WhisperFeatureExtractor": _Extractor(
        "whisper_hf", {"feature_size": "n_mels"}, {"n_fft": 400, "hop_length": 160}
    ),
    "SeamlessM4TFeatureExtractor": _Extractor(
        "seamless_m4t", {"do_normalize_per_mel_bins": "norm"},
        ignore=("feature_size",),
    ),
    "ASTFeatureExtractor": _Extractor("ast", ignore=("feature_size",)),
    "ClapFeatureExtractor": _Extractor("clap"),
    "UnivNetFeatureExtractor": _Extractor(
        "univnet_mel", only={
            "num_mel_bins": 100, "hop_length": 256, "win_length": 1024, "filter_length": 1024, "fmin": 0,
            "fmax": 12000, "mel_floor": 1e-9, "center": False, "win_function": "hann_window",
            "compression_factor": 1, "compression_clip_val": 1e-5,
        },
        ignore=("feature_size", "normalize_min", "normalize_max", "model_in_channels", "pad_end_length"),
    ),
    "SpeechT5FeatureExtractor": _Extractor(
        "speecht5_mel", only={"win_function": "hann_window", "frame_signal_scale": 1.0},
        ignore=("feature_size", "do_normalize", "reduction_factor"),
    ),
    "Speech2TextFeatureExtractor": _Extractor("speech_to_text_fbank", ignore=("feature_size",)),
    "Phi4MultimodalFeatureExtractor": _Extractor(
        "phi4mm_mel", only={"hop_length": 160, "n_fft": 512, "win_length": 400},
        ignore=("audio_compression_rate", "audio_downsample_rate", "audio_feat_stride"),
    ),
    "Gemma3nAudioFeatureExtractor": _Extractor(
        "gemma3n_mel", only={
            "frame_length_ms": 32.0, "hop_length_ms": 10.0, "frame_length": 512, "hop_length": 160,
        },
        ignore=("fft_length",),
    ),
    "GraniteSpeechFeatureExtractor": _Extractor(
        "granite_speech_mel", only={"sample_rate": 16000},
        ignore=("feature_size", "projector_window_size", "projector_downsample_rate"),
    ),
    "ParakeetFeatureExtractor": _Extractor(
        "parakeet_hf",
        {"feature_size": "n_mels", "win_length": "win", "hop_length": "hop", "preemphasis": "preemph"},
    ),
    "Qwen3ASRFeatureExtractor": _Extractor("qwen3_asr_mel", only={"n_fft": 400, "hop_length": 160}),
    "VoxtralRealtimeFeatureExtractor": _Extractor("voxtral_realtime_mel", ignore=("win_length",)),
    "MossTranscribeDiarizeFeatureExtractor": _Extractor(
        "moss_mel", only={"n_fft": 400, "hop_length": 160}
    ),
    "Dots3NoteFeatureExtractor": _Extractor("dots3_note_mel", only={"n_fft": 400, "hop_length": 160}),
    "CohereAsrFeatureExtractor": _Extractor(
        "cohere_asr_mel", ignore=("overlap_chunk_second", "min_energy_window_samples")
    ),
    "NemotronAsrStreamingFeatureExtractor": _Extractor("nemotron_asr_mel"),
    "Gemma4AudioFeatureExtractor": _Extractor(
        "gemma4_mel", only={
            "frame_length_ms": 20.0, "hop_length_ms": 10.0, "frame_length": 320, "hop_length": 160,
        },
        ignore=("fft_length",),
    ),
    "GraniteSpeech5FeatureExtractor": _Extractor("granite_speech5_mel", ignore=("feature_size",)),
    "FunAsrNanoFeatureExtractor": _Extractor(
        "fun_asr_nano_fbank", only={"frame_length": 25, "frame_shift": 10, "window": "hamming"}
    ),
    "NeuCodecFeatureExtractor": _Extractor("neucodec_fbank", only=_CODEC),
    "Xcodec2FeatureExtractor": _Extractor("xcodec2_fbank", only=_CODEC),
    "LasrFeatureExtractor": _Extractor("lasr_mel"),
    "InklingFeatureExtractor": _Extractor(
        "inkling_mel", ignore=("audio_token_duration_s", "window_size_multiplier")
    ),
    "ClvpFeatureExtractor": _Extractor("clvp_mel", ignore=("chunk_length",)),
}  # fmt: skip

# Extractors that only scale, pad and cut samples.
_RAW = {
    f"{model}FeatureExtractor"
    for model in (
        "Wav2Vec2", "Encodec", "Dac", "Dia", "KyutaiSpeechToText", "PeAudio", "VibeVoiceAcousticTokenizer",
        "Gemma4UnifiedAudio", "MuseSpark", "PocketTTS",
    )
}  # fmt: skip

# Extractors whose features do not follow from the frames of one signal.
_OTHERS = {
    "MusicgenMelodyFeatureExtractor": "it gives the strongest of 12 pitch classes, one-hot",
    "Pop2PianoFeatureExtractor": "it cuts the signal at beats that another package, essentia, finds",
}

# A dict with one of these keys is a preprocessor section of NeMo.
_NEMO_SIGNS = {"_target_", "cls", "features", "window_size"}
# NeMo's fields -> our parameters; the defaults of its class are not those of its models.
_NEMO = {
    "features": "n_mels", "n_fft": "n_fft", "window": "window", "preemph": "preemph", "lowfreq": "lowfreq",
    "highfreq": "highfreq", "mel_norm": "mel_norm", "mag_power": "mag_power", "log": "log",
    "log_zero_guard_type": "guard_type", "log_zero_guard_value": "guard_value", "normalize": "normalize",
    "pad_to": "pad_to", "pad_value": "pad_value",
}  # fmt: skip
_NEMO_CLASS = {"n_mels": 64, "n_fft": None, "pad_to": 16}
_NEMO_NORMALIZE = ("per_feature", "all_features")
_NEMO_ONLY = {"frame_splicing": 1, "exact_pad": False}
# Dither and narrow-band augmentation act in training only.
_NEMO_NO_MATTER = {
    "_target_", "cls", "params", "sample_rate", "window_size", "window_stride", "n_window_size",
    "n_window_stride",
    "dither", "nb_augmentation_prob", "nb_max_freq", "use_torchaudio", "rng", "stft_conv", "stft_exact_pad",
    "mel_filterbank",
}  # fmt: skip


def frontend_from_config(config: Any, *, precision: str = "float64") -> Frontend:
    """Make the frontend that a model's configuration describes.

    Parameters
    ----------
    config : path, str or dict
        A ``preprocessor_config.json`` or ``processor_config.json`` of Hugging Face (or the folder of either),
        a NeMo model configuration or its ``preprocessor`` section (YAML needs PyYAML), or the `config` of a
        frontend; also the JSON text of one.
    precision : {"float64", "float32"}
        Arithmetic, as for :func:`frontend`.

    Returns
    -------
    Frontend

    Raises
    ------
    InvalidInputError
        If the extractor is unknown, passes raw samples through, is not a frontend, or has an unsupported
        value, or if the file is not JSON or is longer than 64 MB.
    OSError
        If it cannot be read.
    TypeError
        If `config` or a value is of another kind.

    Warns
    -----
    SpectrogramWarning
        If there are fields whose meaning is not known, or bands without a bin.

    See Also
    --------
    frontend : By name and parameters.
    compare : Takes such configurations, too.

    Examples
    --------
    >>> import spectrograms as sg
    >>> sg.frontend_from_config({"feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 128})
    frontend('whisper_hf', n_mels=128)
    """
    data = config if isinstance(config, dict) else _load(config)
    if "frontend" in data:
        return Frontend.from_config({"precision": precision, **data})
    if isinstance(data.get("feature_extractor"), dict):
        data = data["feature_extractor"]  # a processor has more parts than the extractor
    if "feature_extractor_type" in data:
        return _from_hugging_face(data, precision)
    section = data.get("preprocessor", data)
    if isinstance(section, dict) and not _NEMO_SIGNS.isdisjoint(section):
        return _from_nemo(section, precision)
    raise InvalidInputError(
        "config must have 'feature_extractor_type' (Hugging Face), 'preprocessor' (NeMo) or 'frontend'"
    )


def _load(path):
    if isinstance(path, str) and path.lstrip().startswith("{"):
        return parse_object("config", path)
    try:
        path = Path(os.fsdecode(path))
    except TypeError:
        raise TypeError(f"config must be a path, a JSON text or a dict, got {shown(path)}") from None
    if path.is_dir():
        names = ("preprocessor_config.json", "processor_config.json")
        path = next((path / name for name in names if (path / name).exists()), path / names[0])
    return _yaml(path) if path.suffix in (".yaml", ".yml") else read_object("config", path)


def _yaml(path):
    yaml = require("yaml", "a YAML configuration")
    try:
        data = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"config {path} is not YAML that can be read: {error}") from None
    if not isinstance(data, dict):
        raise InvalidInputError(f"config {path} must hold an object, got {type(data).__name__}")
    return data


def _from_hugging_face(data, precision):
    from spectrograms._frontends.toolkits.catalogue import definition_of

    kind = data["feature_extractor_type"]
    if kind not in _HF:
        if kind in _RAW:
            raise InvalidInputError(f"{kind} hands on raw samples: there are no features to compute")
        if kind in _OTHERS:
            raise InvalidInputError(f"{kind} is not offered: {_OTHERS[kind]}")
        raise InvalidInputError(f"feature_extractor_type {kind!r} is not known{nearest(kind, _HF)}")
    extractor = _HF[kind]
    row = definition_of(extractor.name)
    data = {**data, **data.get("melspec_kwargs", {})}
    data.pop("melspec_kwargs", None)
    values, unknown = {}, []
    for name, value in data.items():
        if name in extractor.rename:
            values[extractor.rename[name]] = value
        elif name in extractor.only:
            _check_only(kind, name, value, extractor.only[name])
        elif name in row.parameters and name not in extractor.ignore:
            values[name] = value
        elif name not in _NO_MATTER and name not in extractor.ignore:
            unknown.append(name)
    _say_unknown(kind, unknown)
    return Frontend(row, data.get("sampling_rate"), values, precision)


def _from_nemo(section, precision):
    from spectrograms._frontends.toolkits.catalogue import definition_of

    target = str(section.get("_target_", section.get("cls", "AudioToMelSpectrogramPreprocessor")))
    if not target.endswith("AudioToMelSpectrogramPreprocessor"):
        raise InvalidInputError(f"_target_ must be AudioToMelSpectrogramPreprocessor, got {shown(target)}")
    section = {**as_dict("params", section.get("params", {})), **section}
    rate = section.get("sample_rate", 16000)
    values = {**_NEMO_CLASS, **_nemo_lengths(section, rate)}
    unknown = []
    for name, value in section.items():
        if name in _NEMO:
            # NeMo takes any other word, such as "NA", for none.
            off = name == "normalize" and isinstance(value, str) and value not in _NEMO_NORMALIZE
            values[_NEMO[name]] = None if off else value
        elif name in _NEMO_ONLY:
            _check_only("NeMo", name, value, _NEMO_ONLY[name])
        elif name not in _NEMO_NO_MATTER:
            unknown.append(name)
    _say_unknown("NeMo", unknown)
    return Frontend(definition_of("nemo_mel"), rate, values, precision)


# Longer than any length that is accepted.
_FAR = 2.0**62


def _nemo_lengths(section, rate):
    lengths = {}
    for ours, seconds, samples, default in (
        ("win", "window_size", "n_window_size", 0.02), ("hop", "window_stride", "n_window_stride", 0.01),
    ):  # fmt: skip
        given = section.get(samples)
        if given is None:
            length = Number(default, low=0.0).convert(seconds, section.get(seconds, default))
            given = int(min(length * Number(16000.0, above=0.0).convert("sample_rate", rate), _FAR))
        lengths[ours] = given
    return lengths


def _check_only(kind, name, value, expected):
    if value is not None and value != expected:
        raise InvalidInputError(
            f"{name} of {kind} must be {expected!r}, got {shown(value)}: no other is offered"
        )


def _say_unknown(kind, unknown):
    if unknown:
        warn(f"fields of {kind} whose meaning is not known: {', '.join(unknown)}")
