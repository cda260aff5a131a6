"""Names that are no frontend's: candidates in one line, and nothing is guessed."""

import numpy as np
import pytest

import spectrograms as sg


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("whisper", "; candidates are whisper_hf, whisper_openai"),
        (
            "kaldi",
            "; candidates are kaldi_fbank, kaldi_mfcc, torchaudio_kaldi_fbank, torchaudio_kaldi_mfcc",
        ),
        (
            "openai/whisper-large-v3",
            "; candidates are whisper_hf, whisper_openai; for a model give its configuration to "
            "frontend_from_config",
        ),
        ("facebook/wav2vec2-base-960h", ": wav2vec2 takes the samples themselves"),
        ("HuBERT", ": hubert takes the samples themselves"),
        ("wisper_openai", "; did you mean 'whisper_openai'?"),
        ("nonsense", "; frontends() lists all 52"),
        ("", "; frontends() lists all 52"),
    ],
)
def test_candidates(name, words):
    with pytest.raises(sg.InvalidInputError) as caught:
        sg.frontend(name)
    assert str(caught.value) == f"there is no frontend {name!r}{words}"


@pytest.mark.parametrize("name", ["mel", "fbank", "a/mel", "x" * 10_000, "mfcc " * 500])
def test_one_short_line(name):
    with pytest.raises(sg.InvalidInputError) as caught:
        sg.frontend(name)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_a_frontend_is_a_function_of_samples():
    fbank, x = (
        sg.frontend("kaldi_fbank"),
        np.random.default_rng(0).uniform(-1, 1, (3, 4000)).astype("float32"),
    )
    for one, row in zip(map(fbank, x), x, strict=True):
        assert np.array_equal(one, fbank.compute(row))
