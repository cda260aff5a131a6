"""The scale of samples: what expects floats in [-1, 1] refuses integers, what expects 16 bits takes them."""

import array

import ml_dtypes
import numpy as np
import pytest

import spectrograms as sg
from spectrograms._frontends.making import frontend, frontends
from spectrograms._frontends.toolkits.catalogue import definition_of

from ..support.frontend_cases import CASES
from ..support.naming import naming
from ..support.together import together

KALDI = {"kaldi_fbank", "kaldi_mfcc", "torchaudio_kaldi_fbank", "torchaudio_kaldi_mfcc"}
SCIPY = {"scipy_stft", "scipy_spectrogram", "scipy_shorttimefft"}
SCALES_INSIDE = {
    "wespeaker_fbank", "seamless_m4t", "speech_to_text_fbank", "phi4mm_mel", "neucodec_fbank",
    "xcodec2_fbank",
}  # fmt: skip
UNIT = sorted(set(CASES) - KALDI - SCIPY)
N = 12000
PCM = np.round(8000 * np.sin(np.arange(N) * 0.1)).astype(np.int16)
INTEGERS = {
    "int16": PCM,
    "strided": np.repeat(PCM, 2)[::2],
    "big-endian": PCM.astype(">i2"),
    "uint8": (PCM // 256 + 128).astype(np.uint8),
    "int64": PCM.astype(np.int64),
    "bool": PCM > 0,
    "list": PCM.tolist(),
    "tuple": tuple(PCM.tolist()),
    "NumPy's in a list": list(PCM),
    "range": range(N),
    "objects": PCM.astype(object),
    "huge": [2**70] * N,
    "array.array": array.array("h", PCM),
    "memoryview": memoryview(PCM),
    "one": 3,
    "empty": PCM[:0],
    "int4": (PCM // 2000).astype(ml_dtypes.int4),
}
EXPECTED = r"must be floats in \[-1, 1\] for {}, got .*; from_pcm scales PCM"


def default(name):
    rate, cases = CASES[name]
    definition = definition_of(name)
    params = {key: cases[0][key] for key, kind in definition.parameters.items() if kind.required}
    return frontend(name, sample_rate=rate, **params)


def test_every_frontend_is_here():
    assert sorted(frontends()) == sorted(CASES)
    assert len(UNIT) == 45


@pytest.mark.slow
@together("name", UNIT)
def test_case_3_1_integers_are_refused_before_anything_runs(name):
    for kind, x in INTEGERS.items():
        made = default(name)
        with naming(kind):
            with pytest.raises(TypeError, match="^samples " + EXPECTED.format(name)) as caught:
                made.compute(x)
            assert len(str(caught.value)) < 120
            with pytest.raises(TypeError, match=r"^signals\[1\]: samples " + EXPECTED.format(name)):
                made.compute_batch([np.zeros(N), x])


@together("name", UNIT)
def test_case_3_1_arrays_of_integers_are_refused(name):
    made = default(name)
    for signals in (
        PCM.reshape(2, -1),
        PCM.reshape(2, 1, -1),
        np.zeros((2, N), object),
        np.zeros((2, N), bool),
    ):
        if signals.dtype == object:
            signals[:] = 1
        with pytest.raises(TypeError, match="^signals " + EXPECTED.format(name)):
            made.compute_batch(signals)
    with pytest.raises(TypeError, match=r"^signals\[0\]: samples " + EXPECTED.format(name)):
        made.compute_batch(PCM.reshape(2, -1).tolist())


def streams(name):
    try:
        default(name).stream()
    except sg.InvalidInputError:
        return False
    return True


@together("name", [name for name in UNIT if streams(name)])
def test_case_3_1_streams_refuse_integers(name):
    made = default(name)
    stream = made.stream()
    whole = made.stream().push(PCM / 32768)
    for chunk in (PCM, PCM.tolist(), PCM.astype(object)):
        with pytest.raises(TypeError, match="^chunk " + EXPECTED.format(name)):
            stream.push(chunk)
    assert stream.samples_seen == 0
    assert stream.push(sg.from_pcm(PCM)).tobytes() == whole.tobytes()


@pytest.mark.parametrize("name", sorted(KALDI | SCIPY))
def test_integers_are_taken_as_they_are(name):
    made = default(name)
    expected = made.compute(PCM.astype(np.float64))
    for x in (
        PCM,
        PCM.tolist(),
        PCM.astype(object),
        PCM.astype(">i4"),
        memoryview(PCM),
        array.array("h", PCM),
    ):
        assert made.compute(x).tobytes() == expected.tobytes()
        assert made.compute_batch([x])[0].tobytes() == expected.tobytes()
    assert made.compute_batch(PCM[np.newaxis])[0].tobytes() == expected.tobytes()
    stream = made.stream()
    assert stream.push(PCM).tobytes() == made.stream().push(PCM.astype(np.float64)).tobytes()


@pytest.mark.parametrize("name", sorted(KALDI))
def test_case_3_1_integers_that_would_be_scaled_once_more(name):
    """With ``scale=32768.0`` Kaldi's samples are expected in [-1, 1], as everywhere else."""
    made = frontend(name, scale=32768.0)
    with pytest.raises(TypeError, match="^samples " + EXPECTED.format(name)):
        made.compute(PCM)
    found = made.compute(sg.from_pcm(PCM))
    assert found.tobytes() == frontend(name).compute(PCM).tobytes()


@together("name", sorted(CASES))
def test_case_3_1_conventions_say_what_is_expected(name):
    words = default(name).conventions
    if name in KALDI:
        assert (words["sample range"], words["input scale"]) == ("[-32768, 32767], once scaled", "times 1")
    elif name in SCIPY:
        assert words["sample range"] == "any"
    elif name in SCALES_INSIDE:
        assert words["sample range"] == "[-32768, 32767], once scaled"
        assert words["input scale"] == "times 32768, from [-1, 1]"
    else:
        assert (words["sample range"], words["input scale"]) == ("[-1, 1]", "times 1")


def test_case_3_1_comparisons_know_the_range():
    differs = {d.convention for d in sg.compare("kaldi_fbank", "whisper_openai").differences}
    assert {"sample range"} <= differs
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(400, 160, "hann"), 16000))
    assert plan.conventions["sample range"] == "any"
    for name in ("kaldi_fbank", "whisper_openai"):
        # A plan takes everything that a frontend takes.
        assert "sample range" not in {d.convention for d in sg.compare(plan, name).differences}


@together("name", UNIT)
def test_floats_are_taken_whatever_their_range(name):
    made = default(name)
    for x in (PCM.astype(np.float32), [0.0, *([1] * (N - 1))], np.zeros(N, np.float16)):
        assert made.compute(x).size


def test_plans_take_integers_as_they_are():
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(sg.StftParams(400, 160, "hann"), 16000))
    expected = plan.compute(PCM.astype(float)).data
    for x in (PCM, PCM.tolist(), PCM.astype(object)):
        assert np.array_equal(plan.compute(x).data, expected)
