"""Every frontend against its definition, with every parameter; times, conventions, frontends as data."""

import inspect
import json
import pickle
from itertools import product

import numpy as np
import pytest

from spectrograms._frontends.making import frontend, frontends
from spectrograms._frontends.toolkits.catalogue import definition_of
from spectrograms.errors import InvalidInputError

from ..support.frontend_cases import CASES
from ..support.frontend_clips import at_16000, clip, every, make
from ..support.frontend_oracles import oracle_of

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")


@every
def test_definition(name, rate, params):
    made = make(name, rate, params)
    x = clip()
    out = made.compute(x)
    expected = oracle_of(name)(x.astype(np.float64), made.sample_rate, made.params)
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
def test_plans_as_data(name, rate, params):
    made = make(name, rate, params)
    again = type(made).from_json(made.to_json())
    assert again == made
    assert hash(again) == hash(made)
    assert again.fingerprint == made.fingerprint
    assert pickle.loads(pickle.dumps(made)) == made
    said = json.loads(made.to_json())["params"]
    assert made.params | said == made.params
    # What earlier versions did not have is said where it is not the default.
    assert {key: made.params[key] for key in set(made.params) - set(said)} in ({}, {"db_floor": None})
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


def test_times_of_frames_that_were_joined():
    x = clip(16000)
    fbank = frontend("torchaudio_kaldi_fbank", num_mel_bins=80, window_type="hamming")
    joined = frontend("fun_asr_nano_fbank")
    # Groups of seven frames, one around every sixth.
    np.testing.assert_allclose(joined.times(16000), fbank.times(16000)[::6], rtol=1e-12)
    np.testing.assert_array_equal(joined.compute(x)[:, 3 * 80 : 4 * 80], fbank.compute(x)[::6])
    even = frontend("fun_asr_nano_fbank", num_frames_lfr=4, stride_lfr=3)
    np.testing.assert_allclose(even.times(16000), fbank.times(16000)[::3] + 0.005, rtol=1e-12)
    pairs = frontend("granite_speech5_mel").times(16000)
    np.testing.assert_allclose(pairs[:2], [0.005, 0.025], rtol=1e-12)
