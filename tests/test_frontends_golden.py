"""Every frontend against arrays that the real toolkits made."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from spectrograms.recipes import frontend

from .golden_rule import Golden

COPIED = Path(__file__).parent / "data" / "frontends"
INDEX = json.loads((COPIED / "index.json").read_text())
# Frontends that keep the tolerance in float32 arithmetic.
FLOAT32 = {
    "whisper_openai", "whisper_hf", "granite_speech_mel", "librosa_logmel", "librosa_mfcc",
    "librosa_melspectrogram", "torchaudio_melspectrogram", "torchaudio_spectrogram", "tf_stft_magnitude",
    "tf_audio_spectrogram",
}  # fmt: skip
# Frontends with at most 1 % of their cells outside the tolerance in float32 arithmetic.
NEARLY_FLOAT32 = {
    "torchaudio_mfcc", "torchaudio_lfcc", "vggish_logmel", "ast", "wespeaker_fbank", "phi4mm_mel",
    "hifigan_mel", "univnet_mel",
}  # fmt: skip


def load(entry):
    """The golden file of an entry of the index, from the repository or from SPECTROGRAMS_GOLDEN."""
    path = COPIED / entry["file"]
    if not path.exists():
        elsewhere = os.environ.get("SPECTROGRAMS_GOLDEN")
        if elsewhere is None:
            pytest.skip("its audio may not be copied; set SPECTROGRAMS_GOLDEN to a folder that has the file")
        path = Path(elsewhere) / entry["file"]
    return Golden.load(path)


def compute(golden, precision="float64"):
    spec = golden.spec
    made = frontend(spec["frontend"], sample_rate=spec["sample_rate"], precision=precision, **spec["params"])
    out = made.compute(golden.samples)
    assert out.dtype == made.dtype == np.dtype(spec["native_dtype"])
    assert out.shape == made.output_shape(len(golden.samples))
    return out


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry["file"][:-4])
def test_golden(entry):
    golden = load(entry)
    golden.compare(compute(golden))


@pytest.mark.parametrize(
    "entry", [e for e in INDEX if e["frontend"] in FLOAT32], ids=lambda entry: entry["file"][:-4]
)
def test_golden_in_float32(entry):
    golden = load(entry)
    golden.compare(compute(golden, "float32"), exact=False)


@pytest.mark.parametrize(
    "entry", [e for e in INDEX if e["frontend"] in NEARLY_FLOAT32], ids=lambda entry: entry["file"][:-4]
)
def test_golden_nearly_in_float32(entry):
    golden = load(entry)
    share, largest = golden.outside(compute(golden, "float32"))
    assert share <= 0.01
    assert largest <= 1e-3
