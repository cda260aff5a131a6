"""Tensors as numbers: bfloat16 and float8 are taken, complex numbers and gradients refused in words."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch: pip install torch")

import spectrograms as sg  # noqa: E402

PARAMS = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
PLAN = sg.SpectrogramPlan(PARAMS, sg.MelParams(80, 0.0, 8000.0), "db", dtype="float32")
WAVE = torch.sin(torch.arange(4000) * 0.1)
NARROW = [
    name
    for name in ("bfloat16", "float16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")
    if hasattr(torch, name)
]


@pytest.mark.parametrize("dtype", NARROW)
def test_case_3_4_narrow_tensors_are_taken(dtype):
    x = WAVE.to(getattr(torch, dtype))
    y = x.float().numpy()
    assert np.array_equal(PLAN.compute(x).data, PLAN.compute(y).data)
    assert np.array_equal(PLAN.compute_batch([x, x])[1].data, PLAN.compute(y).data)
    assert np.array_equal(PLAN.stream().push(x), PLAN.stream().push(y))
    assert np.array_equal(sg.compute_fft(x), sg.compute_fft(y))
    assert np.array_equal(sg.OverlapSaveConvolver([1.0, 0.5], 4000).process_block(x).shape, (4000,))
    rows = x.reshape(2, -1)
    assert np.array_equal(PLAN.compute_batch(rows), PLAN.compute_batch(y.reshape(2, -1)))
    assert np.array_equal(sg.fft2d(rows), sg.fft2d(y.reshape(2, -1)))
    whisper = sg.frontend("whisper_openai")
    assert np.array_equal(whisper.compute(x), whisper.compute(y))
    assert np.array_equal(whisper.compute_batch(rows), whisper.compute_batch(y.reshape(2, -1)))
    np.testing.assert_allclose(sg.delta(rows), sg.delta(y.reshape(2, -1)), atol=1e-7)
    window = torch.hann_window(64).to(x.dtype)
    assert sg.StftParams(64, 16, window=window) == sg.StftParams(64, 16, window=window.float().numpy())


def test_case_3_5_features_and_windows_are_tensors():
    features = torch.rand(2, 80, 100)
    lengths = torch.tensor([50, 60])
    masked = sg.spec_augment(features, seed=1, lengths=lengths)
    assert np.array_equal(masked, sg.spec_augment(features.numpy(), seed=1, lengths=[50, 60]))
    assert not np.shares_memory(masked, features.numpy())
    window = torch.hann_window(64, dtype=torch.float64)
    assert sg.StftParams(64, 16, window=window) == sg.StftParams(64, 16, window=window.numpy())
    assert sg.WindowType.custom(window) == sg.WindowType.custom(window.numpy())


@pytest.mark.parametrize("make", [lambda x: x, lambda x: x.bfloat16()])
def test_tensors_with_gradients_name_the_remedy(make):
    for take in (PLAN.compute, sg.compute_fft, sg.WindowType.custom, sg.power_to_db, PLAN.stream().push):
        with pytest.raises(TypeError, match=r"detach\(\)"):
            take(make(WAVE.clone()).requires_grad_())


@pytest.mark.parametrize(
    "make",
    [
        lambda x: torch.complex(x, x),
        lambda x: torch.complex(x, 0 * x),
        lambda x: torch.complex(x, x).conj(),
        lambda x: list(torch.complex(x, x)),
        lambda x: np.array([*x[:10].tolist(), torch.complex(x, x)[3]], object),
    ],
)
def test_case_3_3_complex_tensors_are_no_samples(make):
    samples = make(WAVE)
    for take in (PLAN.compute, sg.compute_fft, PLAN.stream().push, sg.frontend("kaldi_fbank").compute):
        with pytest.raises(TypeError, match=r"real|conjugate"):
            take(samples)


def test_views_that_have_no_dlpack():
    x = torch.complex(WAVE, -WAVE).conj().imag
    assert np.array_equal(PLAN.compute(x).data, PLAN.compute(WAVE).data)
    with pytest.raises(TypeError, match="meta"):
        PLAN.compute(torch.ones(300, device="meta"))


def test_case_3_1_tensors_of_integers_are_refused():
    whisper = sg.frontend("whisper_openai")
    pcm = (WAVE * 8000).short()
    expected = r"must be floats in \[-1, 1\] for whisper_openai, got int(16|32); from_pcm scales PCM"
    for samples in (pcm, list(pcm), pcm.int()):
        with pytest.raises(TypeError, match="^samples " + expected):
            whisper.compute(samples)
    with pytest.raises(TypeError, match=r"^signals\[1\]: samples " + expected):
        whisper.compute_batch([WAVE, pcm])
    with pytest.raises(TypeError, match="^signals " + expected):
        whisper.compute_batch(pcm.reshape(2, -1))
    with pytest.raises(TypeError, match=r"^chunk must be floats"):
        sg.frontend("hifigan_mel").stream().push(pcm)
    assert np.array_equal(whisper.compute(sg.from_pcm(pcm)), whisper.compute(pcm.numpy() / 32768))
    kaldi = sg.frontend("kaldi_fbank")
    assert np.array_equal(kaldi.compute(pcm), kaldi.compute(pcm.double()))
