"""Write the configurations and outputs of this folder with transformers itself.

    python make.py FOLDER [torchaudio]

Needs transformers and PyTorch; with the second word torchaudio, without it none. See README.md.
"""

import json
import sys
from pathlib import Path

import numpy as np

#: The same as below, of extractors for the first 0.16 s of the clip.
SPEECH_MODELS = {
    "Qwen3ASRFeatureExtractor": [
        {},
        {"feature_size": 40, "chunk_length": 1, "min_length": 20000, "n_window": 64},
    ],
    "VoxtralRealtimeFeatureExtractor": [
        {},
        {"feature_size": 64, "n_fft": 512, "hop_length": 128, "global_log_mel_max": None},
        {"feature_size": 40, "global_log_mel_max": 7.0},
    ],
    "MossTranscribeDiarizeFeatureExtractor": [{}, {"feature_size": 40, "chunk_length": 1}],
    "Dots3NoteFeatureExtractor": [{}, {"feature_size": 40, "chunk_length": 1}],
    "CohereAsrFeatureExtractor": [
        {"dither": 0.0},
        {
            "dither": 0.0,
            "feature_size": 64,
            "n_fft": 640,
            "win_length": 512,
            "hop_length": 200,
            "preemphasis": 0.9,
        },
    ],
    "NemotronAsrStreamingFeatureExtractor": [
        {},
        {"mel_filters_dtype": "bfloat16"},
        {"feature_size": 128, "n_fft": 400, "win_length": 320, "hop_length": 128, "preemphasis": None},
    ],
    "Gemma4AudioFeatureExtractor": [
        {},
        {"feature_size": 64, "min_frequency": 100.0, "max_frequency": 7000.0, "mel_floor": 0.1},
        {"preemphasis": 0.9, "fft_overdrive": True, "input_scale_factor": 2.0},
        {
            "preemphasis": 0.97,
            "preemphasis_htk_flavor": False,
            "feature_size": 4,
            "per_bin_mean": [1.0, 2.0, 3.0, -1.0],
            "per_bin_stddev": [1.0, 2.0, 0.5, 4.0],
        },
    ],
    "GraniteSpeech5FeatureExtractor": [
        {},
        {
            "num_mel_bins": 40,
            "n_fft": 400,
            "win_length": 320,
            "hop_length": 120,
            "delta_win_length": 5,
            "logmel_floor_db": 3.0,
        },
    ],
    "FunAsrNanoFeatureExtractor": [{}, {"feature_size": 40, "num_frames_lfr": 4, "stride_lfr": 3}],
    "NeuCodecFeatureExtractor": [{}, {"hop_length": 300, "padding_value": 0.5}],
    "Xcodec2FeatureExtractor": [{}, {"hop_length": 301, "padding_value": 0.5}],
    "LasrFeatureExtractor": [{}, {"feature_size": 40, "n_fft": 600, "win_length": 320, "hop_length": 100}],
    "InklingFeatureExtractor": [{}, {"feature_size": 40, "n_fft": 2048, "audio_token_duration_s": 0.03}],
    "ClvpFeatureExtractor": [
        {},
        {
            "feature_size": 4,
            "default_audio_length": 1,
            "n_fft": 512,
            "hop_length": 200,
            "mel_norms": [2, 3, 5, 7],
        },
    ],
}

#: extractor -> changed fields of one configuration each, from number 0 on.
CHANGED = {
    "WhisperFeatureExtractor": [{}, {"feature_size": 128}, {"chunk_length": 1}],
    "SeamlessM4TFeatureExtractor": [
        {},
        {"num_mel_bins": 64, "padding_value": 1.0},
        {"stride": 3, "padding_value": 0.5},
    ],
    "ASTFeatureExtractor": [
        {"max_length": 64},
        {"num_mel_bins": 64, "max_length": 20, "mean": -4.0, "std": 3.0},
        {"do_normalize": False, "max_length": 50},
    ],
    "ClapFeatureExtractor": [
        {},
        {"truncation": "rand_trunc", "padding": "pad"},
        {
            "feature_size": 40,
            "hop_length": 240,
            "fft_window_size": 512,
            "max_length_s": 1,
            "padding": "repeat",
            "frequency_min": 50,
            "frequency_max": 12000,
        },
    ],
    "UnivNetFeatureExtractor": [{}, {"do_normalize": True}],
    "SpeechT5FeatureExtractor": [
        {},
        {"fmin": 60, "fmax": 7000, "num_mel_bins": 40, "mel_floor": 1e-3, "win_length": 50, "hop_length": 12},
    ],
    "Speech2TextFeatureExtractor": [
        {},
        {"num_mel_bins": 40, "normalize_vars": False},
        {"normalize_means": False},
        {"do_ceptral_normalize": False},
    ],
    "Phi4MultimodalFeatureExtractor": [{}, {"feature_size": 64, "preemphasis": 0.9}],
    "Gemma3nAudioFeatureExtractor": [
        {},
        {"feature_size": 64, "min_frequency": 100.0, "max_frequency": 7000.0, "mel_floor": 1e-3},
        {
            "preemphasis": 0.9,
            "preemphasis_htk_flavor": False,
            "fft_overdrive": False,
            "input_scale_factor": 2.0,
        },
        {"feature_size": 4, "per_bin_mean": [1.0, 2.0, 3.0, -1.0], "per_bin_stddev": [1.0, 2.0, 0.5, 4.0]},
    ],
    "ParakeetFeatureExtractor": [
        {},
        {"feature_size": 128, "n_fft": 1024, "win_length": 320, "hop_length": 128, "preemphasis": 0.9},
    ],
    "GraniteSpeechFeatureExtractor": [
        {},
        {"n_fft": 400, "win_length": 320, "hop_length": 120, "n_mels": 64},
    ],
    **SPEECH_MODELS,
}
#: Extractors that compute with torchaudio; some of the others take another path where it is.
WITH_TORCHAUDIO = {
    f"{model}FeatureExtractor"
    for model in ("GraniteSpeech", "GraniteSpeech5", "FunAsrNano", "NeuCodec", "Xcodec2")
}
#: Extractors whose output is (bands, frames).
BANDS_FIRST = {
    f"{model}FeatureExtractor"
    for model in ("Whisper", "Qwen3ASR", "VoxtralRealtime", "MossTranscribeDiarize", "Dots3Note", "Clvp")
}
#: Frames that are kept of each output.
KEPT = 20


def clip(rate):
    """0.4 seconds of noise and a rising tone, float32, mono."""
    t = np.arange(int(0.4 * rate)) / rate
    noise = np.random.Generator(np.random.PCG64(7)).standard_normal(len(t))
    return (0.05 * noise + 0.3 * np.sin(2 * np.pi * (200.0 + 2000.0 * t) * t)).astype(np.float32)


def run(name, extractor):
    """Features of the clip, without axes of length one before them."""
    samples = clip(extractor.sampling_rate)
    rate = extractor.sampling_rate
    if name == "SpeechT5FeatureExtractor":
        made = extractor(audio_target=samples, sampling_rate=rate, return_tensors="np")
    elif name == "GraniteSpeechFeatureExtractor":
        made = extractor(samples[np.newaxis])
    elif name in ("ParakeetFeatureExtractor", "Phi4MultimodalFeatureExtractor"):
        made = extractor(samples, sampling_rate=rate, return_tensors="pt")
    else:
        made = extractor(samples, sampling_rate=rate, return_tensors="np")
    key = next(key for key in ("input_features", "input_values", "audio_input_features") if key in made)
    out = np.asarray(made[key])
    while out.ndim > 2:
        out = out[0]
    return out


def run_whole(extractor):
    """Features of the beginning of the clip, alone in a batch."""
    rate = extractor.sampling_rate
    samples = [clip(rate)[: int(0.16 * rate)]]
    return np.asarray(extractor(samples, sampling_rate=rate, return_tensors="pt")["input_features"])[0]


def main(folder, with_torchaudio):
    """Write one configuration for each set of fields, and their outputs into one file, which keeps others."""
    import transformers

    path = folder / "outputs.npz"
    outputs = dict(np.load(path)) if path.exists() else {}
    for name, sets in CHANGED.items():
        if (name in WITH_TORCHAUDIO) != with_torchaudio:
            continue
        for i, fields in enumerate(sets):
            extractor = getattr(transformers, name)(**fields)
            # What `save_pretrained` writes.
            text = json.dumps(json.loads(extractor.to_json_string()), indent=2, sort_keys=True)
            (folder / f"{name}-{i}.json").write_text(text + "\n")
            if name in SPEECH_MODELS:
                out = run_whole(extractor)
                outputs[f"{name}-{i}-shape"] = np.array(out.shape)
            else:
                out = run(name, extractor)
            frames = 1 if name in BANDS_FIRST else 0
            outputs[f"{name}-{i}"] = out.take(range(min(KEPT, out.shape[frames])), axis=frames)
            print(name, i, out.dtype, out.shape)
    np.savez_compressed(path, **outputs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] == ["torchaudio"])
