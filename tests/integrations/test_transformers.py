"""Fast feature extractors beside those of Hugging Face: the same class, call, features, masks and files."""

import copy
import json
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError

transformers = pytest.importorskip("transformers", reason="needs transformers: pip install transformers")
torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")

from spectrograms._frontends.configs import _HF  # noqa: E402
from spectrograms.integrations.extractor_parts import PARTS  # noqa: E402
from spectrograms.transformers import fast_feature_extractor  # noqa: E402

# A wheel of torchaudio for another device does not load; its absence leaves out the extractors that need it.
try:
    import torchaudio  # noqa: F401

    NEEDS_TORCHAUDIO = set()
except (ImportError, OSError):
    NEEDS_TORCHAUDIO = {
        "FunAsrNanoFeatureExtractor",
        "GraniteSpeech5FeatureExtractor",
        "GraniteSpeechFeatureExtractor",
        "NeuCodecFeatureExtractor",
        "Xcodec2FeatureExtractor",
    }

# Largest difference. Both compute in float32; a logarithm magnifies what is left of a band that is almost
# silent, in Kaldi's most, which takes samples on the scale of int16.
LOOSE = {
    "ASTFeatureExtractor": 2e-4,
    "ClapFeatureExtractor": 2e-4,
    "CohereAsrFeatureExtractor": 2e-3,
    "FunAsrNanoFeatureExtractor": 5e-3,
    "Gemma3nAudioFeatureExtractor": 5e-4,
    "Gemma4AudioFeatureExtractor": 1e-4,
    "LasrFeatureExtractor": 1e-4,
    "NemotronAsrStreamingFeatureExtractor": 2e-3,
    "NeuCodecFeatureExtractor": 5e-3,
    "ParakeetFeatureExtractor": 2e-3,
    "Phi4MultimodalFeatureExtractor": 2e-3,
    "SeamlessM4TFeatureExtractor": 5e-3,
    "Speech2TextFeatureExtractor": 5e-3,
    "Xcodec2FeatureExtractor": 5e-3,
}
TIGHT = 2e-5


@pytest.fixture(autouse=True)
def _quiet():
    before, threads = transformers.logging.get_verbosity(), torch.get_num_threads()
    transformers.logging.set_verbosity_error()
    # Its threads wait for each other where processes share the cores.
    torch.set_num_threads(1)
    yield
    transformers.logging.set_verbosity(before)
    torch.set_num_threads(threads)


def original(name, **options):
    if name in NEEDS_TORCHAUDIO:
        pytest.skip("needs torchaudio")
    return getattr(transformers, name)(**options)


def clips(rate, *seconds, dtype="float32"):
    rng = np.random.default_rng(0)
    return [(0.1 * rng.standard_normal(round(rate * each) + 77)).astype(dtype) for each in seconds]


def call(extractor, samples, **options):
    """Both sides draw the same noise."""
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    name = type(extractor).__name__
    if name == "GraniteSpeechFeatureExtractor":
        options = {key: options[key] for key in options if key == "device"}
    elif "sampling_rate" not in options:
        options["sampling_rate"] = extractor.sampling_rate
    if name == "UnivNetFeatureExtractor":
        options.setdefault("generator", np.random.default_rng(0))
    if name == "SpeechT5FeatureExtractor":
        return extractor(audio_target=samples, **options)
    return extractor(samples, **options)


def _arrays(value):
    """The arrays of a batch, one for each clip where their lengths differ."""
    ragged = isinstance(value, list) or getattr(value, "dtype", None) == np.dtype(object)
    return [np.asarray(one) for one in value] if ragged else [np.asarray(value)]


def same(ours, theirs, name):
    """Compare two batches; return the largest difference of features."""
    assert type(ours) is type(theirs)
    assert list(ours) == list(theirs)
    worst = 0.0
    for key, expected in theirs.items():
        assert type(ours[key]) is type(expected)
        if key == "audio_chunk_index" or expected is None:
            assert ours[key] == expected
            continue
        for a, b in zip(_arrays(ours[key]), _arrays(expected), strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype), key
            raw = key in ("input_values", "noise_sequence") and "input_features" in theirs
            if b.dtype.kind != "f" or raw:
                np.testing.assert_array_equal(a, b)
                continue
            difference = np.abs(a.astype(float) - b)
            assert np.median(difference) < TIGHT
            worst = max(worst, difference.max(initial=0.0))
    assert worst <= LOOSE.get(name, TIGHT)
    return worst


def both(name, samples, extractor=None, **options):
    """Call an original and a fast extractor; what one refuses the other refuses."""
    theirs = extractor or original(name)
    ours = fast_feature_extractor(theirs)
    try:
        expected = call(theirs, samples, **options)
    except Exception as error:
        with pytest.raises(type(error)):
            call(ours, samples, **options)
        return None
    return same(call(ours, samples, **options), expected, name)


NAMES = sorted(PARTS)
PADDED = {"SpeechT5FeatureExtractor", "Speech2TextFeatureExtractor", "UnivNetFeatureExtractor"}


def padded(name):
    return {"padding": True} if name in PADDED else {}


# --- the same features --------------------------------------------------------------------------------


def test_every_extractor_with_a_frontend_has_a_fast_one():
    assert set(PARTS) == set(_HF)


@pytest.mark.parametrize("name", NAMES)
def test_one_clip(name):
    theirs = original(name)
    [clip] = clips(theirs.sampling_rate, 1.5)
    tensors = {} if name.startswith("Granite") else {"return_tensors": "np"}
    both(name, clip, theirs, **tensors)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_of_different_lengths(name):
    theirs = original(name)
    batch = clips(theirs.sampling_rate, 1.5, 0.7, 1.1)
    assert both(name, batch, theirs, **padded(name)) is not None
    assert both(name, batch[:1], theirs, **padded(name)) is not None


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_to_the_original(name, monkeypatch):
    theirs = original(name)
    ours = fast_feature_extractor(theirs)
    batch = clips(theirs.sampling_rate, 1.5, 0.7)

    def refuse(*args, **options):
        raise AssertionError("the original has been called")

    replaced = [
        method
        for part in PARTS[name].__mro__
        for method, function in vars(part).items()
        if hasattr(function, "__wrapped__") and hasattr(type(theirs), method)
    ]
    for method in replaced:
        monkeypatch.setattr(type(theirs), method, refuse)
    if not replaced:
        import torchaudio

        monkeypatch.setattr(torchaudio.compliance.kaldi, "fbank", refuse)
    assert call(ours, batch, **padded(name))


KINDS = {
    "float64": lambda clip: clip.astype("float64"),
    "int16": lambda clip: (clip * 20000).astype("int16"),
    "list": lambda clip: clip.tolist(),
    "list of ints": lambda clip: (clip * 100).astype(int).tolist(),
    "tuple": lambda clip: tuple(clip.tolist()),
    "tensor": torch.from_numpy,
    "strided": lambda clip: np.repeat(clip, 2)[::2],
    "batch of one row": lambda clip: clip[np.newaxis],
    "list of lists": lambda clip: [clip.tolist(), clip[:9000].tolist()],
    "list of int16": lambda clip: [(clip * 20000).astype("int16"), (clip[:9000] * 20000).astype("int16")],
    "two rows": lambda clip: np.stack([clip, clip[::-1]]),
    "silence": np.zeros_like,
    "one sample": lambda clip: clip[:1],
    "very short": lambda clip: clip[:150],
    "short": lambda clip: clip[:450],
    "empty": lambda clip: clip[:0],
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_kinds_of_input(name, kind):
    """Whatever the original takes is taken, with its numbers; integers are not scaled."""
    theirs = original(name)
    [clip] = clips(theirs.sampling_rate, 0.6)
    samples = KINDS[kind](clip)
    ours = fast_feature_extractor(theirs)
    try:
        expected = call(theirs, samples, **padded(name))
    except Exception:
        return  # what the original refuses is not ours to promise
    ours = call(ours, samples, **padded(name))
    assert list(ours) == list(expected)
    for key, value in expected.items():
        a, b = ours[key], value
        if key == "audio_chunk_index" or b is None or (isinstance(b, list) and not len(b)):
            assert a == b
            continue
        for one, other in zip(a, b, strict=True):
            one, other = np.asarray(one, float), np.asarray(other, float)
            assert one.shape == other.shape
            if kind in ("silence", "one sample", "very short", "short", "empty"):
                # Normalized by a deviation of nothing but rounding, where there are few frames.
                assert (np.isfinite(one) == np.isfinite(other)).all()
            else:
                scale = max(1.0, np.abs(other[np.isfinite(other)]).max(initial=0.0) / 10)
                tolerance = scale * max(LOOSE.get(name, TIGHT), 1e-3)
                np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=key)


OPTIONS = [
    {"padding": "max_length", "max_length": 20000},
    {"padding": "longest", "truncation": True, "max_length": 9000},
    {"padding": "max_length", "truncation": True, "max_length": 9000},
    {"padding": True, "pad_to_multiple_of": 500},
    {"padding": False},
    {"return_attention_mask": True, "padding": True},
    {"return_attention_mask": False},
    {"return_tensors": "pt", "padding": True},
    {"sampling_rate": 12345},
    {"do_normalize": True, "padding": True},
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_padding_truncation_and_masks(name, options):
    theirs = original(name)
    both(name, clips(theirs.sampling_rate, 0.7, 1.0), theirs, **options)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("WhisperFeatureExtractor", {"feature_size": 128, "chunk_length": 5}),
        ("WhisperFeatureExtractor", {"dither": 0.01}),
        ("WhisperFeatureExtractor", {"padding_side": "left"}),
        ("WhisperFeatureExtractor", {"padding_value": 0.1}),
        ("Qwen3ASRFeatureExtractor", {"n_window": 25, "min_length": 0, "dither": 0.001}),
        ("VoxtralRealtimeFeatureExtractor", {"global_log_mel_max": None}),
        ("SeamlessM4TFeatureExtractor", {"stride": 3, "num_mel_bins": 40, "feature_size": 40}),
        ("ASTFeatureExtractor", {"max_length": 100, "num_mel_bins": 64, "mean": 0.0, "std": 1.0}),
        ("ClapFeatureExtractor", {"truncation": "rand_trunc", "max_length_s": 1}),
        ("ClapFeatureExtractor", {"max_length_s": 1, "padding": "repeat"}),
        ("SpeechT5FeatureExtractor", {"fmin": 50, "fmax": 7000, "hop_length": 10, "num_mel_bins": 40}),
        ("Speech2TextFeatureExtractor", {"do_ceptral_normalize": False}),
        ("Phi4MultimodalFeatureExtractor", {"feature_size": 64}),
        ("Gemma3nAudioFeatureExtractor", {"per_bin_mean": [1.0] * 128, "per_bin_stddev": [2.0] * 128}),
        ("Gemma3nAudioFeatureExtractor", {"preemphasis_htk_flavor": False, "dither": 0.001}),
        ("Gemma4AudioFeatureExtractor", {"preemphasis": 0.97, "fft_overdrive": True}),
        ("ParakeetFeatureExtractor", {"preemphasis": None, "feature_size": 128}),
        ("NemotronAsrStreamingFeatureExtractor", {"mel_filters_dtype": "bfloat16"}),
        ("CohereAsrFeatureExtractor", {"max_audio_clip_s": 1.0, "overlap_chunk_second": 0.3}),
        ("ClvpFeatureExtractor", {"mel_norms": [2.0] * 80, "default_audio_length": 2}),
        ("GraniteSpeech5FeatureExtractor", {"logmel_floor_db": 4.0}),
        ("LasrFeatureExtractor", {"feature_size": 64}),
    ],
)
def test_other_parameters(name, options):
    theirs = original(name, **options)
    batch = clips(theirs.sampling_rate, 1.3, 0.8)
    assert both(name, batch, theirs, **padded(name)) is not None


def test_noise_of_each_frame_is_the_original_s_own():
    theirs = original("Speech2TextFeatureExtractor", dither=1.0)
    assert both("Speech2TextFeatureExtractor", clips(16000, 0.5)[0], theirs) is not None


@pytest.mark.parametrize("name", ["VoxtralRealtimeFeatureExtractor", "NemotronAsrStreamingFeatureExtractor"])
def test_frames_that_are_not_centred(name):
    assert both(name, clips(16000, 1.0, 0.7), center=False) is not None


def test_float64_is_no_farther_from_the_original():
    theirs = original("WhisperFeatureExtractor")
    [clip] = clips(16000, 2.0)
    expected = call(theirs, clip)["input_features"]
    for precision in ("float32", "float64"):
        ours = call(fast_feature_extractor(theirs, precision=precision), clip)["input_features"]
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, expected, rtol=0, atol=TIGHT)


# --- the same object ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_it_is_one_of_the_class_and_saves_the_same(name, tmp_path):
    theirs = original(name)
    ours = fast_feature_extractor(theirs)
    assert isinstance(ours, type(theirs))
    assert type(ours).__name__ == name
    assert repr(ours) == repr(theirs)
    for extractor, folder in ((ours, "ours"), (theirs, "theirs")):
        extractor.save_pretrained(tmp_path / folder)
    files = [tmp_path / each / "preprocessor_config.json" for each in ("ours", "theirs")]
    assert files[0].read_text() == files[1].read_text()
    assert json.loads(files[0].read_text())["feature_extractor_type"] == name
    again = type(ours).from_pretrained(tmp_path / "ours")
    assert type(again) is type(ours)
    assert type(transformers.AutoFeatureExtractor.from_pretrained(tmp_path / "ours")) is type(theirs)
    assert type(fast_feature_extractor(tmp_path / "ours")) is type(ours)
    assert type(fast_feature_extractor(ours)) is type(ours)


@pytest.mark.parametrize(
    "name", ["WhisperFeatureExtractor", "ParakeetFeatureExtractor", "ClapFeatureExtractor"]
)
@pytest.mark.parametrize(
    "twin",
    [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deep"],
)
def test_twins(name, twin):
    ours = fast_feature_extractor(original(name), precision="float64")
    again = twin(ours)
    assert type(again) is type(ours)
    assert again.to_json_string() == ours.to_json_string()
    batch = clips(ours.sampling_rate, 1.0)
    key = ours.model_input_names[0]
    np.testing.assert_array_equal(call(again, batch)[key], call(ours, batch)[key])


def _tokenizer(folder):
    folder.mkdir()
    words = {word: i for i, word in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", "a", "b"])}
    (folder / "vocab.json").write_text(json.dumps(words))
    return transformers.Wav2Vec2CTCTokenizer(folder / "vocab.json", pad_token="<pad>", unk_token="<unk>")


def test_a_processor_goes_there_and_back(tmp_path):
    ours = fast_feature_extractor(transformers.SeamlessM4TFeatureExtractor())
    processor = transformers.Wav2Vec2BertProcessor(ours, _tokenizer(tmp_path / "words"))
    processor.save_pretrained(tmp_path / "saved")
    again = transformers.AutoProcessor.from_pretrained(tmp_path / "saved")
    assert type(again) is transformers.Wav2Vec2BertProcessor
    assert type(again.feature_extractor) is transformers.SeamlessM4TFeatureExtractor
    again.feature_extractor = fast_feature_extractor(again.feature_extractor)
    batch = clips(16000, 1.0, 0.5)
    options = {"sampling_rate": 16000, "return_tensors": "np"}
    first, second = processor(audio=batch, **options), again(audio=batch, **options)
    np.testing.assert_array_equal(first["input_features"], second["input_features"])
    assert fast_feature_extractor(tmp_path / "saved").to_json_string() == ours.to_json_string()
    with pytest.raises(TypeError, match="give its feature_extractor"):
        fast_feature_extractor(processor)


def _mapped(examples, extractor):
    batch = extractor([np.asarray(one, "float32") for one in examples["audio"]], sampling_rate=16000)
    return {"features": [row.tolist() for row in batch["input_features"]]}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_datasets_map_in_two_processes():
    datasets = pytest.importorskip("datasets", reason="needs datasets: pip install datasets")
    ours = fast_feature_extractor(transformers.WhisperFeatureExtractor(chunk_length=1))
    batch = clips(16000, 0.5, 0.6, 0.7, 0.8)
    data = datasets.Dataset.from_dict({"audio": [one.tolist() for one in batch]})
    mapped = data.map(_mapped, batched=True, batch_size=2, num_proc=2, fn_kwargs={"extractor": ours})
    expected = ours(batch, sampling_rate=16000)["input_features"]
    np.testing.assert_array_equal(np.asarray(mapped["features"], "float32"), expected)


# --- found and not found ------------------------------------------------------------------------------


def _cached(folder, name, extractor):
    """The folders that a download would leave."""
    home = folder / f"models--{name.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("abc")
    extractor.save_pretrained(home / "snapshots" / "abc")


def test_a_model_in_the_cache_is_found_without_a_network(tmp_path):
    _cached(tmp_path, "openai/whisper-tiny", transformers.WhisperFeatureExtractor(feature_size=128))
    ours = fast_feature_extractor("openai/whisper-tiny", cache_dir=tmp_path)
    assert isinstance(ours, transformers.WhisperFeatureExtractor)
    assert ours.feature_size == 128


def test_what_is_not_there_says_how_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"AutoFeatureExtractor\.from_pretrained\('openai/nothing'\)"):
        fast_feature_extractor("openai/nothing", cache_dir=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"preprocessor_config\.json"):
        fast_feature_extractor(tmp_path)


def test_what_has_no_frontend_is_refused():
    with pytest.raises(InvalidInputError, match="raw samples"):
        fast_feature_extractor(transformers.Wav2Vec2FeatureExtractor())
    with pytest.raises(InvalidInputError, match="n_fft"):
        fast_feature_extractor(transformers.WhisperFeatureExtractor(n_fft=512))
    with pytest.raises(InvalidInputError, match="precision must be"):
        fast_feature_extractor(transformers.WhisperFeatureExtractor(), precision="float16")
    with pytest.raises(TypeError, match="revision is for names"):
        fast_feature_extractor(transformers.WhisperFeatureExtractor(), revision="main")
    for wrong in (5, None, SimpleNamespace()):
        with pytest.raises(TypeError, match="extractor must be a name"):
            fast_feature_extractor(wrong)


def test_missing_transformers_has_a_name_and_a_cure(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(ImportError, match=r"needs transformers: pip install transformers$"):
        require("transformers", "fast_feature_extractor")
    with pytest.raises(ImportError, match="fast_feature_extractor needs transformers"):
        fast_feature_extractor("openai/whisper-tiny")


def test_the_features_are_those_of_the_frontend():
    """Two ways of ours, which agree to the bit where the clip fills the window."""
    clip = clips(16000, 30.0)[0][:480000]
    ours = fast_feature_extractor(transformers.WhisperFeatureExtractor(), precision="float64")
    expected = sg.frontend("whisper_hf").compute(clip)
    np.testing.assert_array_equal(call(ours, clip)["input_features"][0], expected)
