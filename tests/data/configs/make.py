"""Write the configurations and outputs of this folder with transformers itself.

    python make.py FOLDER

Needs transformers and PyTorch, not torchaudio: of Granite, which computes with it, there is the configuration
alone. See README.md.
"""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

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
    elif name in ("ParakeetFeatureExtractor", "Phi4MultimodalFeatureExtractor"):
        made = extractor(samples, sampling_rate=rate, return_tensors="pt")
    else:
        made = extractor(samples, sampling_rate=rate, return_tensors="np")
    key = next(key for key in ("input_features", "input_values", "audio_input_features") if key in made)
    out = np.asarray(made[key])
    while out.ndim > 2:
        out = out[0]
    return out


def granite():
    """Granite's class, its filters left out, so that it can be made without torchaudio."""
    module = importlib.import_module("transformers.models.granite_speech.feature_extraction_granite_speech")
    module.requires_backends = lambda *_: None
    module.torchaudio = SimpleNamespace(transforms=SimpleNamespace(MelSpectrogram=lambda **_: None))
    return module.GraniteSpeechFeatureExtractor


def main(folder):
    """Write one configuration for each set of fields, and all outputs into one file."""
    import transformers

    outputs = {}
    for name, sets in CHANGED.items():
        without_output = name.startswith("Granite")
        make = granite() if without_output else getattr(transformers, name)
        for i, fields in enumerate(sets):
            extractor = make(**fields)
            # What `save_pretrained` writes.
            text = json.dumps(json.loads(extractor.to_json_string()), indent=2, sort_keys=True)
            (folder / f"{name}-{i}.json").write_text(text + "\n")
            if without_output:
                continue
            out = run(name, extractor)
            frames = 1 if name == "WhisperFeatureExtractor" else 0
            outputs[f"{name}-{i}"] = out.take(range(min(KEPT, out.shape[frames])), axis=frames)
            print(name, i, out.dtype, out.shape)
    np.savez_compressed(folder / "outputs.npz", **outputs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
