"""Frontends: every parameter against the definition, one result however it is asked for, errors."""

import inspect
import json
import pickle
import tracemalloc
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from spectrograms._frontends import runner as running
from spectrograms._frontends.making import frontend, frontends
from spectrograms._frontends.toolkits.catalogue import definition_of
from spectrograms.errors import InvalidInputError

from ..support import frontend_oracles, frontend_oracles_speech
from ..support.frontend_cases import CASES, EVERY

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")


def clip(n=12345, seed=3):
    """Noise with a tone: something in every band."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    return (0.1 * rng.standard_normal(n) + 0.3 * np.sin(0.3 * t) + 0.05).astype(np.float32)


def make(name, rate, params, **more):
    return frontend(name, sample_rate=rate, **params, **more)


def case_name(value):
    return value if isinstance(value, str) else "" if value is None else str(value).replace(" ", "")


# Whatever their parameters.
NO_STREAM = {
    "whisper_openai",
    "whisper_hf",
    "librosa_mfcc",
    "parakeet_hf",
    "wespeaker_fbank",
    "granite_speech_mel",
    "qwen3_asr_mel",
    "moss_mel",
    "dots3_note_mel",
    "cohere_asr_mel",
    "granite_speech5_mel",
    "fun_asr_nano_fbank",
    "neucodec_fbank",
    "xcodec2_fbank",
}

every = pytest.mark.parametrize(("name", "rate", "params"), EVERY, ids=case_name)


@every
def test_definition(name, rate, params):
    made = make(name, rate, params)
    x = clip()
    out = made.compute(x)
    oracles = frontend_oracles if hasattr(frontend_oracles, name) else frontend_oracles_speech
    expected = getattr(oracles, name)(x.astype(np.float64), made.sample_rate, made.params)
    assert out.shape == expected.shape == made.output_shape(len(x))
    assert out.dtype == made.dtype
    finite = np.isfinite(expected)
    if out.dtype in (np.float64, np.complex128):
        scale = np.abs(expected[finite]).max()
        np.testing.assert_allclose(out[finite], expected[finite], rtol=1e-9, atol=1e-12 * scale)
    else:
        scale = np.abs(expected[finite]).max()
        np.testing.assert_allclose(out[finite], expected[finite], rtol=2e-6, atol=1e-6 * max(scale, 1e-3))


def test_every_frontend_and_parameter_is_tried():
    assert set(CASES) == set(frontends())
    for name, (_, cases) in CASES.items():
        tried = {key for params in cases for key in params}
        assert set(definition_of(name).parameters) - tried <= {"dither"}, name


@pytest.mark.slow
@every
def test_streams_give_the_same_bytes(name, rate, params):
    made = make(name, rate, params)
    axis = 0 if made.layout == "(frames, rows)" else 1
    if name in NO_STREAM or params.get("pad_mode") == "circular" or made._why_no_stream():
        with pytest.raises(InvalidInputError, match="cannot stream: it"):
            made.stream()
        return
    stream = made.stream()
    for n, size in ((7000, 97), (7000, 400), (7000, 3000), (3000, 1)):
        x = clip(n)
        whole = made.compute(x)
        chunks = [stream.push(x[i : i + size]) for i in range(0, len(x), size)]
        chunks.append(stream.flush())
        joined = np.concatenate(chunks, axis=axis)
        assert joined.dtype == whole.dtype
        assert joined.shape == whole.shape
        assert joined.tobytes() == whole.tobytes()
        assert stream.frames_emitted == made.frame_count(len(x))
        stream.reset()


@every
def test_batches_give_the_same_bytes(name, rate, params):
    made = make(name, rate, params)
    lengths = (6000, 12001, 2500, 9600)
    if name in ("scipy_stft", "scipy_spectrogram"):
        lengths = (700, 300, 5000)
    clips = [clip(n, seed=n) for n in lengths]
    clips = [x for x in clips if len(x) <= _longest(made)]
    batch = made.compute_batch(clips, num_threads=2)
    for x, result in zip(clips, batch, strict=True):
        assert result.tobytes() == made.compute(x).tobytes()
    assert batch.lengths.tolist() == [made.frame_count(len(x)) for x in clips]
    padded = batch.padded(-7.0)
    frames = max(batch.lengths)
    bins = made.n_bins
    assert padded.shape == (
        len(clips),
        *((frames, bins) if made.layout == "(frames, rows)" else (bins, frames)),
    )
    array = made.compute_batch(np.stack([clips[0], -clips[0]]))
    assert array[0].tobytes() == batch[0].tobytes()


def _longest(made):
    """CLAP refuses what it would cut at random."""
    params = made.params
    if made.name != "clap" or params["max_length_s"] is None or params["offset"] is None:
        return 2**62
    return 48000


@pytest.mark.parametrize("group", [1, 300_000])
@pytest.mark.parametrize(
    "name", ["seamless_m4t", "nemo_mel", "librosa_mfcc", "whisper_openai", "clap", "gemma3n_mel"]
)
def test_groups_of_a_batch_do_not_matter(name, group, monkeypatch):
    made = frontend(name, **({"max_length_s": 0.2} if name == "clap" else {}))
    clips = [clip(n, seed=n) for n in (9000, 700, 5000, 7001, 4000, 6400, 2000)]
    whole = [made.compute(x) for x in clips]
    monkeypatch.setattr(running, "_GROUP_BYTES", group)
    for threads in (1, 3):
        for x, out in zip(whole, made.compute_batch(clips, num_threads=threads), strict=True):
            assert out.tobytes() == x.tobytes()


@pytest.mark.parametrize("name", ["seamless_m4t", "nemo_mel", "whisper_hf"])
def test_memory_between_the_steps_does_not_grow_with_the_batch(name, monkeypatch):
    made = frontend(name, **({"do_normalize": True, "pad30": False} if name == "whisper_hf" else {}))
    peaks = {}

    def measure(count, group):
        monkeypatch.setattr(running, "_GROUP_BYTES", group)
        clips = [clip(20000)] * count
        tracemalloc.start()
        made.compute_batch(clips, num_threads=2)
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    # Groups of a few clips, so that even the smaller batch has several: it has reached its peak. The results
    # are in a block of their own, which is not traced. Sixteen times as many clips, and no more than the
    # objects they cost: what the threads happen to hold at once does not come near what is ruled out.
    for count in (32, 512):
        measure(count, 1 << 20)
    assert peaks[512] < 3 * peaks[32]
    # What is ruled out is seen: everything in one group.
    measure(512, 1 << 40)
    assert peaks[512] > 8 * peaks[32]


@every
def test_plans_as_data(name, rate, params):
    made = make(name, rate, params)
    again = type(made).from_json(made.to_json())
    assert again == made
    assert hash(again) == hash(made)
    assert again.fingerprint == made.fingerprint
    assert pickle.loads(pickle.dumps(made)) == made
    assert json.loads(made.to_json())["params"] == made.params
    other = make(name, rate, params, precision="float32")
    assert other != made
    assert other.fingerprint != made.fingerprint
    x = clip(5000)
    assert again.compute(x).tobytes() == made.compute(x).tobytes()
    assert other.compute(x).dtype == made.dtype
    assert eval(repr(made), {"frontend": frontend}) == made


@every
def test_conventions_are_words(name, rate, params):
    words = make(name, rate, params).conventions
    assert all(isinstance(key, str) and isinstance(value, str) and value for key, value in words.items())


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *product(
            ["whisper_openai", "kaldi_mfcc", "nemo_mel", "seamless_m4t"], ["float64", "float32", "float16"]
        ),
        ("kaldi_mfcc", "int16"),
    ],
)
def test_layout_and_dtype_do_not_depend_on_the_samples(name, dtype):
    made = frontend(name)
    x = (clip() * 1000).astype(dtype)
    out = made.compute(x)
    assert out.dtype == np.float32
    assert out.tobytes() == made.compute(x.astype(np.float64)).tobytes()
    assert out.tobytes() == made.compute(np.repeat(x, 2)[::2]).tobytes()
    assert out.tobytes() == made.compute(list(x)).tobytes()


# --- short clips and silence ----------------------------------------------------------------------

ERROR = "error"
SHORT = {
    # name: frames at 0, 1, 3, 200, 201, 399, 400, 560 samples
    ("whisper_openai",): (ERROR, ERROR, ERROR, ERROR, 1, 2, 2, 3),
    ("whisper_hf",): (3000,) * 8,
    ("kaldi_fbank",): (0, 0, 0, 0, 0, 0, 1, 2),
    ("kaldi_fbank", "snip_edges"): (0, 0, 0, 1, 1, 2, 3, 4),
    ("torchaudio_kaldi_fbank",): (ERROR,) * 6 + (1, 2),
    ("torchaudio_kaldi_fbank", "snip_edges"): (ERROR,) * 6 + (3, 4),
    ("librosa_melspectrogram",): (1,) * 7 + (2,),
    ("torchaudio_melspectrogram",): (ERROR,) * 4 + (2, 2, 3, 3),
    ("nemo_mel",): (ERROR, 1, 1, 2, 2, 3, 3, 4),
    ("seamless_m4t",): (ERROR,) * 3 + (ERROR, ERROR, 0, 1, 1),
    ("ast",): (ERROR,) * 6 + (1024, 1024),
    ("clap",): (ERROR,) + (1001,) * 7,
    ("hifigan_mel",): (ERROR,) * 5 + (1, 1, 2),
    ("vocos_mel",): (ERROR,) * 7 + (3,),
    ("vggish_logmel",): (ERROR,) * 5 + (0, 1, 2),
    ("kaldi_mfcc",): (0, 0, 0, 0, 0, 0, 1, 2),
    ("kaldi_mfcc", "snip_edges"): (0, 0, 0, 1, 1, 2, 3, 4),
    ("torchaudio_kaldi_mfcc",): (ERROR,) * 6 + (1, 2),
    ("wespeaker_fbank",): (ERROR,) * 6 + (1, 2),
    ("librosa_logmel",): (1,) * 7 + (2,),
    ("librosa_mfcc",): (1,) * 7 + (2,),
    ("torchaudio_spectrogram",): (ERROR,) * 4 + (2, 2, 3, 3),
    ("torchaudio_logmel_db",): (ERROR,) * 4 + (2, 2, 3, 3),
    ("torchaudio_mfcc",): (ERROR,) * 4 + (2, 2, 3, 3),
    ("torchaudio_lfcc",): (ERROR,) * 4 + (2, 2, 3, 3),
    # From here on as transformers 5.23.0 counts them, where NaN stands for our 0.
    ("parakeet_hf",): (1, 1, 1, 2, 2, 3, 3, 4),
    ("univnet_mel",): (ERROR, 0, 0, 0, 0, 1, 1, 2),
    ("speecht5_mel",): (ERROR, 1, 1, 1, 1, 2, 2, 3),
    ("phi4mm_mel",): (ERROR,) * 6 + (1, 2),
    ("gemma3n_mel",): (0,) * 7 + (1,),
    # By way of torchaudio: a frame of its Kaldi, half a transform of its torch.stft, joined by twos.
    ("speech_to_text_fbank",): (ERROR,) * 6 + (1, 2),
    ("granite_speech_mel",): (ERROR,) * 5 + (1, 1, 2),
    ("yamnet_logmel",): (0,) * 6 + (1, 2),
    ("tf_stft_magnitude",): (0,) * 6 + (1, 2),
    ("tf_logmel",): (0,) * 6 + (1, 2),
    ("tf_mfcc",): (0,) * 6 + (1, 2),
    ("tf_audio_spectrogram",): (0,) * 6 + (1, 2),
    ("tf_speech_commands_mfcc",): (0,) * 6 + (1, 2),
    # As SciPy 1.x counts them.
    ("scipy_stft",): (ERROR, 1, 2, 3, 3, 5, 5, 6),
    ("scipy_spectrogram",): (ERROR, 1, 1, 1, 1, 1, 1, 2),
    ("scipy_shorttimefft",): (ERROR, ERROR, ERROR, 4, 4, 5, 5, 6),
    # As transformers 5.23.0 counts them; of one sample and none, MOSS gives an error by accident.
    ("qwen3_asr_mel",): (3000,) * 8,
    ("voxtral_realtime_mel",): (ERROR,) * 4 + (1, 2, 2, 3),
    ("moss_mel",): (3000,) * 8,
    ("dots3_note_mel",): (0,) + (8,) * 7,
    ("cohere_asr_mel",): (1, 1, 1, 2, 2, 3, 3, 4),
    ("nemotron_asr_mel",): (1, 1, 1, 2, 2, 3, 3, 4),
    ("gemma4_mel",): (0,) * 3 + (1, 1, 3, 3, 3),
    ("granite_speech5_mel",): (ERROR,) * 5 + (1, 1, 2),
    ("fun_asr_nano_fbank",): (ERROR,) * 6 + (1, 1),
    ("neucodec_fbank",): (ERROR,) * 5 + (1, 1, 1),
    ("xcodec2_fbank",): (1,) * 5 + (2, 2, 2),
    ("lasr_mel",): (ERROR,) * 6 + (1, 2),
    ("inkling_mel",): (ERROR,) + (1,) * 7,
    ("clvp_mel",): (517,) * 8,
}


def at_16000(name, **more):
    """A frontend with its required parameters, 25 ms every 10 ms."""
    row = definition_of(name)
    sizes = dict.fromkeys(("frame_length", "window_size", "nperseg"), 400)
    sizes |= dict.fromkeys(("frame_step", "stride", "hop"), 160)
    required = {key: sizes[key] for key, kind in row.parameters.items() if kind.required}
    return frontend(name, sample_rate=None if row.rate else 16000, **required, **more)


def test_every_frontend_has_short_clips():
    assert {key[0] for key in SHORT} == set(frontends())


@pytest.mark.parametrize(("key", "frames"), SHORT.items(), ids=case_name)
def test_short_clips(key, frames):
    made = at_16000(key[0], **dict.fromkeys(key[1:], False))
    for n, expected in zip((0, 1, 3, 200, 201, 399, 400, 560), frames, strict=True):
        if expected == ERROR:
            with pytest.raises(InvalidInputError, match=f"samples must be at least .*, got {n}"):
                made.compute(clip(n))
            with pytest.raises(InvalidInputError, match=f"samples must be at least .*, got {n}"):
                made.frame_count(n)
        else:
            out = made.compute(clip(n))
            assert made.frame_count(n) == expected
            assert out.shape[0 if made.layout == "(frames, rows)" else 1] == expected
            assert np.isfinite(out).all()


@pytest.mark.parametrize(
    ("name", "params", "value"),
    [
        ("whisper_openai", {}, -1.5),
        ("kaldi_fbank", {}, np.log(2.0**-23)),
        ("torchaudio_kaldi_mfcc", {"use_energy": True, "num_ceps": 1}, 0.0),
        ("nemo_mel", {}, 0.0),
        ("nemo_mel", {"normalize": "all_features"}, 0.0),
        ("seamless_m4t", {}, 0.0),
        ("speech_to_text_fbank", {}, 0.0),
        ("wespeaker_fbank", {}, 0.0),
        ("librosa_logmel", {}, -100.0),
        ("vggish_logmel", {}, np.log(0.01)),
        ("phi4mm_mel", {}, 0.0),
        ("whisper_hf", {}, -1.5),
        ("parakeet_hf", {}, 0.0),
        ("granite_speech_mel", {}, -1.5),
        ("librosa_melspectrogram", {}, 0.0),
        ("torchaudio_spectrogram", {}, 0.0),
        ("torchaudio_melspectrogram", {}, 0.0),
        ("torchaudio_logmel_db", {}, -100.0),
        ("torchaudio_kaldi_fbank", {}, np.log(2.0**-23)),
        ("ast", {"max_length": 98}, (np.log(2.0**-23) + 4.2677393) / (2 * 4.5689974)),
        ("clap", {}, -100.0),
        ("vocos_mel", {}, np.log(1e-7)),
        ("speecht5_mel", {}, -10.0),
        ("gemma3n_mel", {}, np.log(1e-5)),
        ("yamnet_logmel", {}, np.log(0.001)),
        ("tf_logmel", {}, np.log(1e-6)),
        ("tf_stft_magnitude", {}, 0.0),
        ("scipy_stft", {}, 0.0),
        ("scipy_spectrogram", {}, 0.0),
        ("qwen3_asr_mel", {}, -1.5),
        ("voxtral_realtime_mel", {}, -0.625),
        ("moss_mel", {}, -1.5),
        ("dots3_note_mel", {}, -1.5),
        ("cohere_asr_mel", {}, 0.0),
        ("gemma4_mel", {}, np.log(1e-3)),
        ("fun_asr_nano_fbank", {}, np.log(2.0**-23)),
        ("lasr_mel", {}, np.log(1e-5)),
        ("neucodec_fbank", {"padding_value": 0.0}, 0.0),
        ("xcodec2_fbank", {"padding_value": 0.0}, 0.0),
        ("clvp_mel", {}, np.log(1e-5)),
    ],
)
def test_silence(name, params, value):
    out = at_16000(name, **params).compute(np.zeros(16000, np.float32))
    assert np.unique(out).size == 1
    np.testing.assert_allclose(out.flat[0], out.dtype.type(value), rtol=3e-16, atol=0)


def test_frames_in_the_padding_are_those_that_would_be_computed():
    padded = frontend("whisper_openai", pad30=True)
    for n in (0, 1, 1000, 16000, 479000, 479999, 480000):
        x = clip(n)
        by_hand = frontend("whisper_openai").compute(np.concatenate((x, np.zeros(480000 - n, np.float32))))
        assert padded.compute(x).tobytes() == by_hand.tobytes()


@pytest.mark.parametrize(("name", "params"), [("whisper_openai", {"pad30": True}), ("whisper_hf", {})])
def test_frames_in_the_padding_are_not_computed(name, params):
    runner = frontend(name, **params)._runner
    for n, frames in ((16000, 103), (400, 5), (479000, 2997)):
        task = runner._task(clip(n), np.empty((80, 3000), np.float32), runner.measure(n))
        # Those that see the signal, and one that stands for all after it.
        assert n / 160 < task.work.shape[1] <= frames


# --- dither ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["kaldi_fbank", "wespeaker_fbank", "speech_to_text_fbank", "nemo_mel", "gemma3n_mel"]
)
def test_dither_is_keyed_noise(name):
    plain, dithered = frontend(name), frontend(name, dither=0.1)
    x = clip(4000)
    once, twice = dithered.compute(x), dithered.compute(x)
    assert once.tobytes() == twice.tobytes()
    assert not np.array_equal(once, plain.compute(x))
    assert dithered.compute_batch([clip(900), x])[1].tobytes() == once.tobytes()


def test_dither_has_the_variance_it_says():
    made = frontend("kaldi_mfcc", dither=3.0, num_ceps=1, remove_dc=False, preemph=0.0)
    energy = np.exp(made.compute(np.zeros(160000))[:, 0].astype(np.float64))
    np.testing.assert_allclose(energy.mean(), 400 * 9.0, rtol=0.02)


# --- names, parameters, errors --------------------------------------------------------------------


TABLE = json.loads((Path(__file__).parents[1] / "support" / "frontend_table.json").read_text())


@pytest.mark.parametrize("name", sorted(TABLE))
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


@pytest.mark.parametrize(
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


def test_bad_samples():
    made = frontend("kaldi_fbank")
    with pytest.raises(TypeError, match="samples must be 1-D"):
        made.compute(np.zeros((2, 1000)))
    with pytest.raises(TypeError, match="real numbers"):
        made.compute(np.zeros(1000, complex))
    with pytest.raises(TypeError, match=r"signals\[1\]: samples must be 1-D"):
        made.compute_batch([np.zeros(1000), np.zeros((2, 3))])
    with pytest.raises(TypeError, match="flat list"):
        made.compute_batch([0.0, 1.0])
    with pytest.raises(InvalidInputError, match=r"signals\[1\]: samples must be at least 201"):
        frontend("whisper_openai").compute_batch([np.zeros(1000), np.zeros(3)])
    clap = frontend("clap", max_length_s=0.1)
    with pytest.raises(InvalidInputError, match="at most 4800 long without offset"):
        clap.compute(np.zeros(4801))
    late = frontend("clap", max_length_s=0.1, truncation="rand_trunc", offset=5)
    with pytest.raises(InvalidInputError, match=r"offset must be in 0\.\.2"):
        late.compute(np.zeros(4802))


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_kind_of_samples(name):
    made = at_16000(name)
    x = np.round(clip(4000) * 20000).astype(np.int16)
    whole = made.compute(x.astype(np.float64))
    fixed = x.astype(np.float64)
    fixed.flags.writeable = False
    strided = np.stack((fixed, -fixed), axis=1)
    big = x.astype(">f4")
    for form in (fixed, strided[:, 0], fixed[::-1][::-1], big, memoryview(fixed), fixed.tolist()):
        assert made.compute(form).tobytes() == whole.tobytes()
    with pytest.raises(TypeError, match="samples must be 1-D"):
        made.compute(strided)
    x = fixed.copy()
    x[2000] = np.nan
    assert np.isnan(made.compute(x)).any()
    assert not np.isnan(whole).any()


@pytest.mark.parametrize("name", sorted(name for name in CASES if definition_of(name).fixed))
def test_every_fixed_rate_is_refused_with_the_remedy(name):
    rate = definition_of(name).rate
    with pytest.raises(
        InvalidInputError, match=f"must be {rate} for {name}, got 8000: resample the audio first"
    ):
        frontend(name, sample_rate=8000)


def test_nan_stays_nan():
    x = clip()
    x[5000] = np.nan
    assert np.isnan(frontend("kaldi_fbank").compute(x)).any(axis=1).sum() == 3
    assert np.isnan(frontend("whisper_openai").compute(x)).all()


def test_times_are_the_middles_of_the_windows():
    np.testing.assert_allclose(
        frontend("kaldi_fbank").times(1000), (np.arange(4) * 160 + 200) / 16000, rtol=1e-14
    )
    np.testing.assert_allclose(frontend("whisper_openai").times(800), np.arange(5) * 0.01, rtol=1e-14)
    np.testing.assert_allclose(
        frontend("seamless_m4t").times(1000), (np.arange(2) * 320 + 280) / 16000, rtol=1e-14
    )
    made = frontend("scipy_shorttimefft", sample_rate=1000, nperseg=51, hop=10)
    from scipy.signal import ShortTimeFFT
    from scipy.signal.windows import hann

    np.testing.assert_allclose(made.times(300), ShortTimeFFT(hann(51, sym=False), 10, 1000).t(300))


def test_whole_surface_is_documented():
    for name, member in inspect.getmembers(type(frontend("yamnet_logmel"))):
        if not name.startswith("_"):
            assert inspect.getdoc(member), name


def test_zeros_on_both_sides_are_counted():
    for center in (True, False):
        made = frontend("torchaudio_spectrogram", pad=77, hop_length=160, center=center)
        for n in range(800, 1120, 40):
            x = clip(n)
            out = made.compute(x)
            expected = frontend_oracles.torchaudio_spectrogram(x.astype(float), 16000, made.params)
            assert out.shape == expected.shape == made.output_shape(n)
            np.testing.assert_allclose(out, expected, rtol=2e-6, atol=1e-6 * expected.max())
            stream = made.stream()
            parts = [stream.push(x[:500]), stream.push(x[500:]), stream.flush()]
            assert np.concatenate(parts, axis=1).tobytes() == out.tobytes()


def test_times_of_frames_that_were_joined():
    x = clip(16000)
    fbank = frontend("torchaudio_kaldi_fbank", num_mel_bins=80, window_type="hamming")
    joined = frontend("fun_asr_nano_fbank")
    # Groups of seven lie around every sixth frame.
    np.testing.assert_allclose(joined.times(16000), fbank.times(16000)[::6], rtol=1e-12)
    np.testing.assert_array_equal(joined.compute(x)[:, 3 * 80 : 4 * 80], fbank.compute(x)[::6])
    even = frontend("fun_asr_nano_fbank", num_frames_lfr=4, stride_lfr=3)
    np.testing.assert_allclose(even.times(16000), fbank.times(16000)[::3] + 0.005, rtol=1e-12)
    pairs = frontend("granite_speech5_mel").times(16000)
    np.testing.assert_allclose(pairs[:2], [0.005, 0.025], rtol=1e-12)
