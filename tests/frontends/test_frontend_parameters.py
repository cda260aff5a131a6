"""Names, defaults and values of every frontend, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from spectrograms._frontends.making import frontend, frontends
from spectrograms._frontends.toolkits.catalogue import definition_of
from spectrograms.errors import InvalidInputError

from ..support.frontend_cases import CASES
from ..support.frontend_clips import at_16000, clip
from ..support.together import together

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")


TABLE = json.loads((Path(__file__).parents[1] / "support" / "frontend_table.json").read_text())


@pytest.mark.slow
@together("name", sorted(TABLE))
def test_names_defaults_and_values(name):
    row, wanted = definition_of(name), TABLE[name]
    assert (row.rate, row.fixed, row.dtype) == (wanted["rate"], wanted["fixed"], wanted["dtype"])
    assert set(row.parameters) == set(wanted["parameters"])
    for key, values in wanted["parameters"].items():
        kind = row.parameters[key]
        assert kind.required == values.get("required", False)
        if not kind.required:
            assert kind.default == values["default"]
            assert type(kind.default) is type(values["default"]) or isinstance(kind.default, float)
        for value in values["others"]:
            made = at_16000(name, **{key: value})
            assert made.params[key] == value
            made.compute(clip(30000))
        with pytest.raises(TypeError, match=f"has no parameter '{key}_'; did you mean '"):
            frontend(name, sample_rate=row.rate or 16000, **{f"{key}_": 1})


def test_every_frontend_is_in_the_table():
    assert set(TABLE) == set(frontends())


def test_list_of_frontends():
    listed = frontends()
    assert len(listed) == 52
    assert all(line and "\n" not in line for line in listed.values())


def test_unknown_names_are_answered_with_the_nearest():
    with pytest.raises(InvalidInputError, match="did you mean 'whisper_openai'"):
        frontend("wisper_openai")
    with pytest.raises(TypeError, match="'n_mel'; did you mean 'n_mels'"):
        frontend("whisper_openai", n_mel=80)
    with pytest.raises(TypeError, match="'sr'; it has sample_rate, precision, n_mfcc, "):
        frontend("librosa_mfcc", sr=22050)
    with pytest.raises(TypeError, match=r"'offset'; it has sample_rate, precision$"):
        frontend("yamnet_logmel", offset=1)
    with pytest.raises(TypeError, match="name must be a str"):
        frontend(3)


def test_wrong_sample_rates_are_refused_with_the_remedy():
    with pytest.raises(InvalidInputError, match="must be 16000 for whisper_openai, got 22050: resample"):
        frontend("whisper_openai", sample_rate=22050)
    with pytest.raises(TypeError, match="tf_stft_magnitude needs sample_rate"):
        frontend("tf_stft_magnitude", frame_length=400, frame_step=160)
    with pytest.raises(InvalidInputError, match="sample_rate must be > 0"):
        frontend("kaldi_fbank", sample_rate=0)


@together(
    ("name", "params", "message"),
    [
        ("whisper_openai", {"n_mels": 100}, "n_mels must be one of 80, 128, got 100"),
        ("whisper_openai", {"pad30": 1}, "pad30 must be True or False"),
        ("whisper_openai", {"tail_pad": -1}, "tail_pad must be a whole number in 0"),
        ("kaldi_fbank", {"low_freq": 9000}, "low_freq must be in 0 <= low_freq < high_freq=8000"),
        ("kaldi_fbank", {"high_freq": 9000}, "high_freq must be <= sample_rate / 2=8000"),
        ("kaldi_fbank", {"frame_shift": 0.01}, "frame_shift must give at least 1 sample"),
        ("kaldi_fbank", {"window_type": "hann_"}, "window_type must be one of"),
        ("kaldi_mfcc", {"num_ceps": 24}, "num_ceps must be <= num_mel_bins=23"),
        ("torchaudio_kaldi_fbank", {"frame_length": 25.1, "round_pow2": False}, "even number of samples"),
        ("torchaudio_kaldi_fbank", {"window_type": "sine"}, "window_type must be one of"),
        ("librosa_melspectrogram", {"win_length": 4096}, "win_length must be <= n_fft=2048"),
        ("librosa_melspectrogram", {"norm": 0.5}, "norm must be a number >= 1"),
        ("librosa_melspectrogram", {"window": "no_such"}, "window must be one that SciPy knows"),
        ("librosa_mfcc", {"n_mfcc": 129}, "n_mfcc must be <= n_mels=128"),
        ("librosa_logmel", {"power": 0}, "power must be a number > 0"),
        ("torchaudio_spectrogram", {"n_fft": 1, "win_length": 1}, "hop_length must be"),
        ("torchaudio_mfcc", {"n_mfcc": 200}, "n_mfcc must be <= n_mels=128"),
        ("nemo_mel", {"win": 600}, "win must be <= n_fft=512"),
        ("nemo_mel", {"lowfreq": 8000}, "lowfreq must be in"),
        ("gemma3n_mel", {"per_bin_mean": [1.0]}, "per_bin_mean must have feature_size=128 values"),
        ("ast", {"std": 0.0}, "std must not be 0"),
        ("clap", {"max_length_s": None, "offset": 3}, "offset must be None"),
        ("scipy_stft", {"noverlap": 256}, "noverlap must be < nperseg=256"),
        ("scipy_shorttimefft", {"nperseg": 8, "hop": 2, "phase_shift": 8}, "phase_shift must be in -mfft"),
        ("vggish_logmel", {"hop_length_secs": 1e-6}, "hop_length_secs must give at least 1 sample"),
        ("speecht5_mel", {"win_length": 0.01}, "win_length must give at least 1 sample"),
        ("clvp_mel", {"mel_norms": [1.0]}, "mel_norms must have feature_size=80 values, got 1"),
        ("lasr_mel", {"win_length": 600}, "win_length must be <= n_fft=512"),
        ("inkling_mel", {"window_size": 1601}, "window_size must be <= n_fft=1600"),
        ("granite_speech5_mel", {"delta_win_length": 2}, "delta_win_length must be a whole number in 3"),
    ],
)
def test_values_out_of_range(name, params, message):
    rate = 16000 if definition_of(name).rate is None else None
    with pytest.raises((InvalidInputError, TypeError), match=message):
        frontend(name, sample_rate=rate, **params)


@pytest.mark.parametrize("name", ["per_bin_mean", "per_bin_stddev"])
@pytest.mark.parametrize(
    "value", [{"a": 1}, {0: [1.0]}, {1.0: 2.0}, {1.0, 2.0}, b"ab", bytearray(2), "ab", iter([1.0])]
)
def test_what_is_no_list_of_numbers_is_refused(name, value):
    with pytest.raises(TypeError, match=f"{name} must be a list of numbers"):
        frontend("gemma3n_mel", feature_size=len(value) if hasattr(value, "__len__") else 1, **{name: value})


def test_lists_of_numbers_of_every_kind():
    wanted = frontend("gemma3n_mel", feature_size=2, per_bin_mean=[1.0, 2.0])
    for value in ((1, 2), range(1, 3), np.array([1.0, 2.0]), np.array([[1.0, 2.0]]), [[[1.0, 2.0]]]):
        assert frontend("gemma3n_mel", feature_size=2, per_bin_mean=value) == wanted


def test_required_parameters():
    with pytest.raises(TypeError, match="needs frame_step"):
        frontend("tf_stft_magnitude", sample_rate=16000, frame_length=400)
    with pytest.raises(InvalidInputError, match="precision must be"):
        frontend("whisper_openai", precision="float16")


@together("name", sorted(name for name in CASES if definition_of(name).fixed))
def test_every_fixed_rate_is_refused_with_the_remedy(name):
    rate = definition_of(name).rate
    with pytest.raises(
        InvalidInputError, match=f"must be {rate} for {name}, got 8000: resample the audio first"
    ):
        frontend(name, sample_rate=8000)
