"""A frontend as the first layer of a model: the features of each clip alone, compiled and exported, too."""

import copy
import io
import pickle

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.errors import InvalidInputError

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")

from spectrograms.torch import Frontend  # noqa: E402

# Those of PyTorch's compiler, about itself.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)

NAMES = {
    "kaldi_fbank": {"num_mel_bins": 80},
    "whisper_openai": {},
    "librosa_logmel": {},
    "torchaudio_spectrogram": {"power": None},
    "nemo_mel": {},
}


def noise(*shape):
    return torch.from_numpy((0.1 * np.random.default_rng(0).standard_normal(shape)).astype("float32"))


def layer(name, **options):
    return Frontend(name, **NAMES[name], **options)


@pytest.mark.parametrize("name", NAMES)
def test_each_clip_is_as_it_is_alone(name):
    made = sg.frontend(name, **NAMES[name])
    waveforms, lengths = noise(3, 16000), torch.tensor([16000, 9000, 12345])
    features, frames = layer(name)(waveforms, lengths)
    axis = 1 if made.layout == "(frames, rows)" else 2
    assert features.shape[axis] == made.frame_count(16000)
    for row, count, samples, n in zip(features, frames, waveforms, lengths, strict=True):
        expected = made.compute(samples[:n].numpy())
        assert int(count) == made.frame_count(int(n)) == expected.shape[axis - 1]
        np.testing.assert_array_equal(row.narrow(axis - 1, 0, int(count)).numpy(), expected)
        assert not row.narrow(axis - 1, int(count), features.shape[axis] - int(count)).any()


def test_without_lengths_and_without_a_batch():
    waveforms = noise(2, 16000)
    features, frames = layer("kaldi_fbank")(waveforms)
    assert frames.tolist() == [98, 98]
    one, count = layer("kaldi_fbank")(waveforms[0])
    assert one.shape == (98, 80)
    assert int(count) == 98
    assert torch.equal(one, features[0])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.int16])
def test_other_dtypes(dtype):
    waveforms = (noise(1, 16000) * 20000).to(dtype)
    expected, _ = layer("kaldi_fbank")(waveforms.float())
    got, _ = layer("kaldi_fbank")(waveforms)
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=0, atol=1e-4)


def test_a_frontend_that_is_made_and_precision():
    made = sg.frontend("whisper_openai", precision="float32")
    for module in (Frontend(made), Frontend("whisper_openai", precision="float32")):
        np.testing.assert_array_equal(
            module(noise(1, 16000))[0][0].numpy(), made.compute(noise(1, 16000)[0].numpy())
        )
    assert repr(Frontend(made)) == "Frontend(frontend('whisper_openai', precision='float32'))"


@pytest.mark.parametrize(
    ("words", "lengths"),
    [
        (r"lengths\[1\] must be in 0\.\.16000, got 16001", [5000, 16001]),
        (r"lengths\[0\] must be in 0\.\.16000, got -1", [-1, 5000]),
        ("lengths must have 2 values, got 3", [1, 2, 3]),
        (r"signals\[1\]: samples must be at least", [16000, 3]),
    ],
)
def test_wrong_lengths_are_refused(words, lengths):
    with pytest.raises(InvalidInputError, match=words):
        layer("whisper_openai")(noise(2, 16000), torch.tensor(lengths))


def test_wrong_waveforms_are_refused():
    with pytest.raises(TypeError, match="got 3 axes"):
        layer("whisper_openai")(noise(2, 3, 16000))
    with pytest.raises(TypeError, match=r"got meta: call \.cpu\(\)"):
        layer("whisper_openai")(torch.empty(2, 16000, device="meta"))


def test_wrong_definitions_are_refused():
    with pytest.raises(InvalidInputError, match="nothing"):
        Frontend("nothing")
    with pytest.raises(TypeError, match="n_mels is for names"):
        Frontend(sg.frontend("whisper_openai"), n_mels=80)


def test_there_is_no_gradient():
    waveforms = noise(1, 16000).requires_grad_()
    features, _ = layer("kaldi_fbank")(waveforms)
    with pytest.raises(RuntimeError, match="grad"):
        features.sum().backward()


@pytest.mark.parametrize(
    "twin", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy], ids=["pickle", "copy"]
)
def test_twins(twin):
    module = layer("nemo_mel")
    again = twin(module)
    assert torch.equal(again(noise(2, 9000))[0], module(noise(2, 9000))[0])
    assert module.state_dict() == {}


def test_the_operator_is_registered_as_pytorch_wants_it():
    module = layer("kaldi_fbank")
    arguments = (noise(2, 16000), torch.tensor([16000, 9000]), module.config)
    checked = torch.library.opcheck(torch.ops.spectrograms.frontend.default, arguments)
    assert set(checked.values()) == {"SUCCESS"}


class Model(torch.nn.Module):
    def __init__(self, name):
        super().__init__()
        self.frontend = layer(name)
        self.linear = torch.nn.Linear(80, 4)

    def forward(self, waveforms, lengths):
        features, frames = self.frontend(waveforms * 0.5, lengths)
        return self.linear(features), frames


@pytest.mark.slow
def test_compiled():
    """In one graph, for batches of other shapes, too."""
    model = Model("kaldi_fbank").eval()
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    with torch.no_grad():
        for size, n in ((2, 16000), (3, 16000), (3, 12000), (2, 9000)):
            lengths = torch.tensor([n, n // 2, n - 1][:size])
            expected, frames = model(noise(size, n), lengths)
            got, count = compiled(noise(size, n), lengths)
            torch.testing.assert_close(got, expected)
            assert torch.equal(count, frames)


@pytest.mark.slow
def test_exported_and_loaded():
    model = Model("kaldi_fbank").eval()
    arguments = (noise(2, 16000), torch.tensor([16000, 9000]))
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(model, arguments, dynamic_shapes=({0: batch}, {0: batch}))
    file = io.BytesIO()
    torch.export.save(exported, file)
    file.seek(0)
    loaded = torch.export.load(file).module()
    for size in (2, 5):
        given = noise(size, 16000), torch.full((size,), 12000)
        torch.testing.assert_close(loaded(*given)[0], model(*given)[0])
    assert "spectrograms.frontend" in str(exported.graph)
