"""Every frontend against arrays that the real toolkits made."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from spectrograms._frontends.making import frontend

from ..support.checkout import folder_for_module
from ..support.golden_rule import Golden

COPIED = folder_for_module("frontends")
INDEX = json.loads((COPIED / "index.json").read_text())
# Frontends that keep the tolerance in float32 arithmetic.
FLOAT32 = {
    "whisper_openai", "whisper_hf", "granite_speech_mel", "librosa_logmel", "librosa_mfcc",
    "librosa_melspectrogram", "torchaudio_melspectrogram", "torchaudio_spectrogram", "tf_stft_magnitude",
    "tf_audio_spectrogram",
}  # fmt: skip
# Frontends with at most 0.1 %, and no difference above 6e-4.
ALMOST_FLOAT32 = {"torchaudio_mfcc", "torchaudio_lfcc", "vggish_logmel"}
# Frontends with at most 1 % of their cells outside the tolerance in float32 arithmetic.
NEARLY_FLOAT32 = {
    *ALMOST_FLOAT32, "ast", "wespeaker_fbank", "phi4mm_mel", "hifigan_mel", "univnet_mel",
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
    if entry["frontend"] in ALMOST_FLOAT32:
        assert share <= 1e-3
        assert largest <= 6e-4
    assert share <= 0.01
    assert largest <= 1e-3


@pytest.mark.parametrize(
    "entry", [e for e in INDEX if e["frontend"] == "vggish_logmel"], ids=lambda entry: entry["file"][:-4]
)
def test_float32_itself_leaves_the_tolerance_as_far(entry):
    """The definition of VGGish's features in float32 NumPy, with SciPy's float32 transform."""
    fft = pytest.importorskip("scipy.fft")
    golden = load(entry)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    frames = np.lib.stride_tricks.sliding_window_view(golden.samples, 400)[::160] * window.astype(np.float32)
    mel = 1127.0 * np.log1p(np.arange(257) * (16000 / 512) / 700.0)
    points = np.linspace(*(1127.0 * np.log1p(np.array([125.0, 7500.0]) / 700.0)), 66)
    step = points[1] - points[0]
    weights = np.maximum(0.0, 1.0 - np.abs(mel - points[1:-1, np.newaxis]) / step)
    weights[:, 0] = 0.0
    bands = np.abs(fft.rfft(frames, 512)) @ weights.T.astype(np.float32)
    theirs = np.log(bands + np.float32(0.01))
    assert theirs.dtype == np.float32
    share, largest = golden.outside(compute(golden, "float32"))
    share_of_numpy, largest_of_numpy = golden.outside(theirs.astype(np.float64))
    assert share <= share_of_numpy + 1e-3
    assert largest <= 1.5 * largest_of_numpy + 1e-6
