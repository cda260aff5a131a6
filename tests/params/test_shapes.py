"""Windows by SciPy's names and tuples, and the words for arguments that other packages call otherwise."""

import copy
import pickle

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

NAMES = [
    "barthann", "bartlett", "blackman", "blackmanharris", "bohman", "boxcar", "cosine", "flattop", "hamming",
    "hann", "lanczos", "nuttall", "parzen", "triang", "tukey",
]  # fmt: skip
TUPLES = [
    ("tukey", 0.5), ("tukey", 0.1), ("tukey", 0.0), ("tukey", 1.0), ("tukey", 2.0), ("kaiser", 8.0),
    ("gaussian", 10.0), ("general_gaussian", 1.5, 7.0), ("general_hamming", 0.6),
]  # fmt: skip
LENGTHS = [1, 2, 3, 4, 5, 7, 8, 31, 32, 400, 513]


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("window", [*NAMES, *TUPLES], ids=str)
def test_scipy(window, periodic):
    ours = sg.WindowType.named(*window) if isinstance(window, tuple) else sg.WindowType.named(window)
    for n in LENGTHS:
        wanted = scipy.signal.get_window(window, n, periodic)
        np.testing.assert_allclose(ours.make(n, periodic), wanted, rtol=0, atol=1e-14, err_msg=str(n))


@pytest.mark.parametrize("tau", [0.5, 3.0])
def test_exponential_takes_its_time_constant(tau):
    wanted = scipy.signal.get_window(("exponential", None, tau), 33, fftbins=False)
    np.testing.assert_allclose(sg.WindowType.named("exponential", tau).make(33), wanted, rtol=0, atol=1e-15)


def test_names_texts_and_tuples_are_one_window():
    tukey = sg.WindowType.named("tukey", 0.25)
    for given in [("tukey", 0.25), "tukey=0.25", "TUKEY = 0.25", ("tuk", 0.25)]:
        assert sg.StftParams(512, 160, given).window == tukey
    assert sg.StftParams(512, 160, "flattop").window == sg.WindowType.named("flat")
    assert sg.WindowType.named("hann") is sg.WindowType.hanning
    assert sg.WindowType.named("kaiser", 8) == sg.WindowType.kaiser(8.0)
    assert sg.WindowType.named("tukey") == sg.WindowType.named("tukey", 0.5) != tukey
    assert (repr(tukey), repr(sg.WindowType.named("nuttall"))) == ("Tukey(0.25)", "Nuttall")


@pytest.mark.parametrize(
    "window", [sg.WindowType.named("tukey", 0.25), sg.WindowType.named("parzen")], ids=repr
)
def test_windows_travel(window):
    params = sg.StftParams(512, 160, window)
    for again in [
        pickle.loads(pickle.dumps(params)),
        copy.deepcopy(params),
        sg.StftParams.from_dict(params.to_dict()),
    ]:
        assert again == params
        assert hash(again) == hash(params)
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(params, 16000))
    assert plan.conventions["window"].startswith(window.name)
    custom = sg.StftParams(512, 160, window.make(512))
    x = np.random.default_rng(0).standard_normal(4000)
    other = sg.SpectrogramPlan(sg.SpectrogramParams(custom, 16000)).compute(x)
    assert np.array_equal(plan.compute(x).data, other.data)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("sine wave", "window must be 'hann'"),
        (("tukey", 0.5, 1.0), "'tukey' takes alpha, got 2"),
        (("general_gaussian", 1.0), "'general_gaussian' takes power, width, got 1"),
        (("flattop", 1.0), "'flattop' takes no parameter, got 1"),
        (("exponential", 0.0), "tau of window 'exponential' must be finite and > 0, got 0"),
        (("tukey", np.nan), "alpha of window 'tukey' must be finite"),
        (("dpss", 3.0), "must be computed by SciPy"),
        (("nosuch",), "window must be one of barthann"),
    ],
    ids=str,
)
def test_errors(window, words):
    with pytest.raises(sg.InvalidInputError, match=words):
        sg.StftParams(512, 160, window)


@pytest.mark.parametrize(
    "data", [{"parameters": 3}, {"parameters": [0.5], "std": 1.0}, {"parameters": ["x"]}]
)
def test_damaged_data(data):
    with pytest.raises((sg.InvalidInputError, TypeError)):
        sg.WindowType.from_dict({"type": "WindowType", "name": "tukey", **data})


def test_constant_padding_is_of_zeros():
    assert sg.StftParams(512, 160, "hann", pad_mode="constant") == sg.StftParams(512, 160, "hann")


@pytest.mark.parametrize(
    ("make", "given", "words"),
    [
        (
            sg.StftParams,
            {"n_fft": 512, "hop_length": 160, "window": "hann"},
            "hop_length is called hop_size here",
        ),
        (sg.StftParams, {"n_fft": 512, "hop_size": 160, "nperseg": 4}, "nperseg is called win_length here"),
        (sg.SpectrogramParams, {"stft": None, "sr": 16000}, "sr is called sample_rate here"),
        (
            sg.MelParams,
            {"n_mels": 80, "fmin": 0.0, "fmax": 1.0},
            "fmin is called f_min here, fmax is called f_max",
        ),
        (sg.LogParams, {"top_db": 80}, "top_db is called floor_db here"),
        (sg.LogHzParams, {"f_high": 8000.0}, "f_high is called f_max here"),
        (sg.StftParams, {"n_mels": 3}, "the arguments are n_fft, hop_size, window"),
    ],
)
def test_names_of_other_packages_are_explained(make, given, words):
    with pytest.raises(TypeError, match=words):
        make(**given)


def test_other_type_errors_stay_as_they_are():
    with pytest.raises(TypeError, match=r"as an integer: n_fft must be an integer$"):
        sg.StftParams("512", 160, "hann")
