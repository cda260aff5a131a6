"""Extractors beside lhotse's own, and stores as its cuts."""

import os
import pickle
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.errors import InvalidInputError

from ..support.corpora import recordings

lhotse = pytest.importorskip("lhotse", reason="needs lhotse: pip install lhotse")
torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")

import spectrograms.lhotse as ours  # noqa: E402

# Those of lhotse, which compiles its own.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PAIRS = {
    "fbank": (lhotse.Fbank, ours.Fbank, {}),
    "fbank 40": (lhotse.Fbank, ours.Fbank, {"num_filters": 40, "low_freq": 64.0, "high_freq": 0.0}),
    "fbank 8 kHz": (lhotse.Fbank, ours.Fbank, {"sampling_rate": 8000}),
    "fbank hamming": (lhotse.Fbank, ours.Fbank, {"window_type": "hamming", "remove_dc_offset": False}),
    "fbank magnitude": (lhotse.Fbank, ours.Fbank, {"use_fft_mag": True, "preemph_coeff": 0.5}),
    "fbank 20/8 ms": (lhotse.Fbank, ours.Fbank, {"frame_length": 0.02, "frame_shift": 0.008}),
    "fbank noise": (lhotse.Fbank, ours.Fbank, {"dither": 0.01}),
    "fbank own names": (lhotse.Fbank, ours.Fbank, {"num_mel_bins": 23}),
    "mfcc": (lhotse.Mfcc, ours.Mfcc, {}),
    "mfcc 20": (lhotse.Mfcc, ours.Mfcc, {"num_ceps": 20, "num_filters": 40, "cepstral_lifter": 10}),
    "whisper": (lhotse.WhisperFbank, ours.WhisperFbank, {}),
    "whisper 128": (lhotse.WhisperFbank, ours.WhisperFbank, {"num_filters": 128}),
}
# As Kaldi's: a band that is almost silent, on the scale of float samples.
TOLERANCE = 2e-3


@pytest.fixture(autouse=True)
def _one_thread():
    """The threads of PyTorch wait for each other where processes share the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def made(pair):
    theirs, fast, options = PAIRS[pair]
    if theirs is lhotse.WhisperFbank:
        pytest.importorskip("librosa", reason="lhotse's needs librosa")
    return theirs(theirs.config_type(**options)), fast(theirs.config_type(**options))


def noise(n, dtype="float32"):
    return (0.1 * np.random.default_rng(n).standard_normal(n)).astype(dtype)


def check(a, b):
    assert type(a) is type(b)
    assert a.shape == b.shape
    assert a.dtype == b.dtype
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=TOLERANCE)
    assert np.median(np.abs(np.asarray(a) - np.asarray(b))) < 2e-5


@pytest.mark.parametrize("n_samples", [16000, 15920, 15919, 24001, 5000])
@pytest.mark.parametrize("pair", PAIRS)
def test_one_signal(pair, n_samples):
    theirs, fast = made(pair)
    rate = getattr(theirs.config, "sampling_rate", 16000)
    for samples in (noise(n_samples), noise(n_samples)[None], torch.from_numpy(noise(n_samples)[None])):
        torch.manual_seed(0)
        expected = theirs.extract(samples, rate)
        torch.manual_seed(0)
        check(fast.extract(samples, rate), expected)
    assert fast.frame_shift == theirs.frame_shift
    assert fast.feature_dim(rate) == theirs.feature_dim(rate) == expected.shape[1]


BATCHES = {
    "unequal": lambda: [noise(n) for n in (16000, 12345, 5000)],
    "equal": lambda: [noise(16000), noise(16000)],
    "one": lambda: [noise(9000)],
    "tensors": lambda: [torch.from_numpy(noise(n)) for n in (16000, 12345)],
    "with an axis": lambda: [noise(n)[None] for n in (16000, 12345)],
    "array": lambda: noise(32000).reshape(2, 16000),
    "tensor": lambda: torch.from_numpy(noise(32000).reshape(2, 16000)),
    "one array": lambda: noise(16000),
}


@pytest.mark.parametrize("batch", BATCHES)
@pytest.mark.parametrize("pair", ["fbank", "mfcc", "whisper", "fbank noise"])
def test_batches(pair, batch):
    theirs, fast = made(pair)
    samples = BATCHES[batch]()
    torch.manual_seed(0)
    expected = theirs.extract_batch(samples, 16000)
    torch.manual_seed(0)
    got = fast.extract_batch(samples, 16000)
    assert type(got) is type(expected)
    if not isinstance(expected, list):
        check(got, expected)
        return
    for a, b in zip(got, expected, strict=True):
        check(a, b)


@pytest.mark.parametrize("pair", ["fbank", "mfcc"])
def test_a_padded_batch_with_lengths(pair):
    theirs, fast = made(pair)
    rows = torch.nn.utils.rnn.pad_sequence(
        [torch.from_numpy(noise(n)) for n in (16000, 9000)], batch_first=True
    )
    lengths = torch.tensor([16000, 9000])
    expected = theirs.extract_batch(rows, 16000, lengths=lengths)
    for a, b in zip(fast.extract_batch(rows, 16000, lengths=lengths), expected, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("pair", PAIRS)
def test_settings_go_to_files_and_back(pair, tmp_path):
    theirs, fast = made(pair)
    assert isinstance(fast, type(theirs))
    fast.to_yaml(tmp_path / "settings.yaml")
    again = lhotse.FeatureExtractor.from_yaml(tmp_path / "settings.yaml")
    assert type(again) is type(fast)
    assert again.config == theirs.config
    assert type(pickle.loads(pickle.dumps(fast))) is type(fast)


@pytest.mark.parametrize(
    ("extractor", "options", "words"),
    [
        (ours.Fbank, {"use_energy": True}, "use_energy must be False"),
        (
            ours.Fbank,
            {"torchaudio_compatible_mel_scale": False},
            "torchaudio_compatible_mel_scale must be True",
        ),
        (ours.Fbank, {"device": "cuda"}, "device must be 'cpu'"),
        (ours.Fbank, {"window_type": "blackman"}, "window_type must not be"),
        (ours.Fbank, {"sampling_rate": 44100}, "sampling_rate must give a hop of an even number"),
        (ours.Mfcc, {"use_fft_mag": True}, "use_fft_mag must be False"),
    ],
)
def test_what_is_not_offered_is_refused(extractor, options, words):
    with pytest.raises(InvalidInputError, match=words):
        extractor(extractor.config_type(**options))


def test_wrong_signals_are_refused():
    fast = ours.Fbank()
    with pytest.raises(AssertionError, match="sampling_rate 16000, got 8000"):
        fast.extract(noise(8000), 8000)
    with pytest.raises(InvalidInputError, match="one channel"):
        fast.extract(noise(8000).reshape(2, 4000), 16000)
    with pytest.raises(InvalidInputError, match="device"):
        fast.to("cuda")


@pytest.mark.parametrize(
    ("config", "seconds"),
    [
        (ours.FrontendConfig("kaldi_fbank", params={"num_mel_bins": 40}), 1.0),
        (ours.FrontendConfig("whisper_openai"), 1.005),
        (ours.FrontendConfig("nemo_mel", precision="float64"), 0.99),
        (ours.FrontendConfig("librosa_logmel", sampling_rate=16000), 0.5),
    ],
    ids=str,
)
def test_any_frontend_with_the_frames_that_lhotse_expects(config, seconds):
    extractor = ours.FrontendExtractor(config)
    n = round(16000 * seconds)
    features = extractor.extract(noise(n), 16000)
    made = sg.frontend(
        config.frontend, sample_rate=config.sampling_rate, precision=config.precision, **config.params
    )
    expected = made.compute(noise(n))
    expected = expected if made.layout == "(frames, rows)" else expected.T
    count = lhotse.utils.compute_num_frames_from_samples(n, extractor.frame_shift, 16000)
    assert features.shape == (count, extractor.feature_dim(16000))
    real = min(count, len(expected))
    np.testing.assert_array_equal(features[:real], expected[:real].astype("float32"))
    assert (features[real:] == features[real - 1 : real]).all()
    both = extractor.extract_batch([noise(n), noise(n // 2)], 16000)
    np.testing.assert_array_equal(both[0], features)


@pytest.fixture
def manifest(tmp_path):
    recordings(tmp_path / "recordings")
    return lhotse.RecordingSet.from_dir(tmp_path / "recordings", "*.wav").resample(16000)


@pytest.mark.filterwarnings("ignore")
def test_cuts_are_computed_and_stored_by_lhotse(manifest, tmp_path):
    cuts = lhotse.CutSet.from_manifests(recordings=manifest).subset(first=2)
    with lhotse.NumpyFilesWriter(tmp_path / "arrays") as storage:
        stored = cuts.compute_and_store_features(
            ours.Fbank(), tmp_path / "arrays", storage_type=lhotse.NumpyFilesWriter
        )
        assert storage is not None
    for cut in stored:
        assert cut.features.type == "spectrograms-fbank"
        expected = lhotse.Fbank().extract(cut.load_audio(), 16000)
        np.testing.assert_allclose(cut.load_features(), expected, rtol=0, atol=TOLERANCE)
        lhotse.validate(cut, read_data=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("frontend", ["kaldi_fbank", "whisper_openai"])
@pytest.mark.parametrize("dtype", [None, "int8"])
def test_the_cuts_of_a_store(frontend, dtype, manifest, tmp_path):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    from spectrograms.corpus import FeatureStore, extract

    config = sg.frontend(frontend, **({"num_mel_bins": 80} if frontend == "kaldi_fbank" else {}))
    extract(tmp_path / "recordings", config, tmp_path / "store", num_threads=1, dtype=dtype)
    store = FeatureStore(tmp_path / "store")
    cuts = ours.store_cuts(tmp_path / "store")
    assert [cut.id for cut in cuts] == store.ids
    for cut, record in zip(cuts, store, strict=True):
        lhotse.validate(cut, read_data=True)
        expected = record.features if store.frames_first else record.features.T
        np.testing.assert_array_equal(cut.load_features(), expected)
        part = cut.truncate(offset=0.1, duration=0.2)
        np.testing.assert_array_equal(part.load_features(), expected[10:30])
    cuts.to_file(tmp_path / "cuts.jsonl.gz")
    again = lhotse.CutSet.from_file(tmp_path / "cuts.jsonl.gz")
    assert [cut.features for cut in again] == [cut.features for cut in cuts]
    inputs, lengths = lhotse.dataset.collation.collate_features(cuts)
    assert inputs.shape == (len(store), max(store.n_frames), 80)
    assert lengths.tolist() == store.n_frames.tolist()


def test_missing_lhotse_has_a_name_and_a_cure(monkeypatch):
    import importlib

    for name in [name for name in sys.modules if name.split(".")[0] == "lhotse"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "lhotse", None)
    for name in ("spectrograms.lhotse", "spectrograms.integrations.lhotse"):
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"lhotse is not installed\. .*pip install lhotse$"):
        importlib.import_module("spectrograms.lhotse")


def test_a_store_at_a_url_keeps_its_place():
    assert ours.StoreReader("s3://bucket/features").storage_path == "s3://bucket/features"
    assert os.path.isabs(ours.StoreReader("features").storage_path)
