"""The twenty-one spectrograms: their definitions, their names and how they are called."""

import gc
import inspect
import sys
import warnings

import numpy as np
import pytest

import spectrograms as sg

from ..support import definition
from ..support.spectrogram_cases import (
    AMPLITUDES,
    DTYPES,
    KINDS,
    RATE,
    SCALES,
    function,
    noise,
    parameters,
    plan,
    tones,
)
from ..support.spectrogram_cases import scale_params as scale_params_of
from ..support.together import together

FLOOR = sg.LogParams(-80.0)

# Of the two sines, 1000 samples, StftParams(64, 16, hanning), 8 kHz: shape, result[0, 0],
# result[r // 2, c // 2], result[-1, -1], sum. Recorded from the reference implementation.
REFERENCE = {
    "linear power": ((33, 63), 12.577332085164, 0.000122181038044937, 0.140226176606691, 25007.3592702104),
    "linear magnitude": (
        (33, 63), 3.54645345171257, 0.0110535531864164, 0.374467857908648, 2586.17662343034),
    "linear db": ((33, 63), 10.9958852794782, -39.1299618944077, -8.53170907234655, -73725.0544753482),
    "mel power": ((10, 63), 80.1803546225661, 19.0915607526401, 0.840860320119838, 24043.3234782083),
    "mel magnitude": ((10, 63), 8.95434836392722, 4.36938905942697, 0.916984361982165, 2175.65496183383),
    "mel db": ((10, 63), 19.0406797272123, 12.8084143381808, -0.752761412286901, -6767.1682237789),
    "erb power": ((8, 63), 4.8963313258942, 0.00154682787136984, 0.327802344204111, 237.0280678026),
    "loghz power": ((12, 63), 21.1858725204663, 0.00632777469111663, 0.140226176606691, 26730.6885258842),
    "cqt power": ((18, 63), 2.48699429809328, 0.000372026781147913, 0.00681209358854349, 2580.49879788673),
}  # fmt: skip
REFERENCE_WINDOWS = {
    "hamming": (14.6686243079239, 0.000106477468308704, 0.120286935659854,
                26496.0044005212),
    "blackman": (15.7312348257152, 8.80527876673487e-06, 0.113949669909991, 20334.9354408743),
    "rectangular": (50.2728562834962, 0.0638707746333822, 0.000836395977671991, 67245.6023500239),
    "kaiser=2": (26.1627601195908, 0.0221438410736807, 0.060074305617765, 44191.8068841534),
    "gaussian=10": (17.0590623612546, 1.08441565397195e-05, 0.10022519527818, 18789.4833764246),
}  # fmt: skip
REFERENCE_NORMS = {
    "none": (80.1803546225661, 19.0915607526401, 0.840860320119838, 24043.3234782083),
    "slaney": (0.392997050510104, 0.0644784047442702, 0.00122401749708954, 115.612174883985),
    "l1": (51.7528540832448, 8.12175782559875, 0.153320216319716, 14509.851138262),
    "l2": (80.8972102150306, 15.0893420227556, 0.437093461375519, 22887.6698473109),
}


def assert_reference(data, expected, rtol=1e-9):
    rows, columns = data.shape
    found = data[0, 0], data[rows // 2, columns // 2], data[-1, -1], data.sum()
    np.testing.assert_allclose(found, expected, rtol=rtol)


@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
@pytest.mark.parametrize("kind", REFERENCE)
def test_reference_values(kind):
    shape, *values = REFERENCE[kind]
    scale, amplitude = kind.split()
    if scale == "cqt":
        data = sg.compute_cqt_power_spectrogram(tones(), parameters(), sg.CqtParams(6, 3, 300.0)).data
    else:
        data = function(scale, amplitude)(tones(), parameters(), FLOOR if amplitude == "db" else None).data
    assert data.shape == shape
    assert_reference(data, values)


@pytest.mark.parametrize("window", REFERENCE_WINDOWS)
def test_reference_values_of_windows(window):
    # The reference's Bessel function is right to 2e-8, which a bin 60 dB down shows more clearly.
    data = sg.compute_linear_power_spectrogram(tones(), parameters(window=window)).data
    assert_reference(data, REFERENCE_WINDOWS[window], rtol=1e-6 if window == "kaiser=2" else 1e-9)


def test_reference_values_without_centring():
    data = sg.compute_linear_power_spectrogram(tones(), parameters(centre=False)).data
    assert data.shape == (33, 59)
    assert_reference(
        data, (1.2953311442226e-07, 0.000122181038044937, 1.00822755212157e-07, 23695.8771848594)
    )


@pytest.mark.parametrize("norm", REFERENCE_NORMS)
def test_reference_values_of_mel_norms(norm):
    mel = sg.MelParams(10, 100.0, 4000.0, norm)
    assert_reference(sg.compute_mel_power_spectrogram(tones(), parameters(), mel).data, REFERENCE_NORMS[norm])


def defined(scale, amplitude, x, params, floor_db):
    """Return a spectrogram as it is defined, in float64."""
    stft = params.stft
    options = {"centre": stft.centre, "pad_mode": stft.pad_mode}
    _, values, _, bank = SCALES[scale]
    if scale == "cqt":
        power = definition.cqt_power(x, params.sample_rate, stft.n_fft, stft.hop_size, *values, **options)
    else:
        window = stft.window.make(stft.win_length, periodic=stft.periodic)
        power = np.abs(definition.stft(x, window, stft.n_fft, stft.hop_size, **options)) ** 2
        if bank:
            power = bank(params.sample_rate, stft.n_fft, *values) @ power
    if amplitude == "power":
        return power
    return (
        np.sqrt(power) if amplitude == "magnitude" else 10 * np.log10(np.fmax(power, 10 ** (floor_db / 10)))
    )


@together("dtype", DTYPES)
@together("n_fft", [64, 100, 127, 256, 512])
@pytest.mark.parametrize(("scale", "amplitude"), KINDS)
def test_definition(scale, amplitude, n_fft, dtype):
    x = noise(2000)
    params = parameters(n_fft, n_fft // 3, centre=n_fft != 100)
    expected = defined(scale, amplitude, x, params, -30.0)
    db = sg.LogParams(-30.0) if amplitude == "db" else None
    result = function(scale, amplitude)(x, params, db, dtype)
    assert result.dtype == dtype
    assert result.data.dtype == dtype
    if amplitude == "db":
        # A weak bin of float32 carries the rounding of strong ones.
        np.testing.assert_allclose(result.data, expected, rtol=0, atol=1e-9 if dtype == "float64" else 2e-2)
    elif amplitude == "magnitude":
        # Near zero, a root magnifies the rounding of power.
        definition.assert_close(result.data.astype(np.float64) ** 2, expected**2, dtype)
    else:
        definition.assert_close(result.data, expected, dtype)


@pytest.mark.parametrize("scale", SCALES)
def test_single_precision_is_within_a_hundred_thousandth_of_the_peak(scale):
    x = tones(16000) + noise(16000, scale=0.01)
    params = parameters(512, 160)
    exact = function(scale, "power")(x, params).data
    single = function(scale, "power")(x, params, dtype="float32").data
    np.testing.assert_allclose(single, exact, rtol=0, atol=1e-5 * exact.max())
    exact = function(scale, "db")(x, params, FLOOR).data
    single = function(scale, "db")(x, params, FLOOR, "float32").data
    strong = exact > exact.max() - 60
    np.testing.assert_allclose(single[strong], exact[strong], rtol=0, atol=1e-3)


@together("dtype", DTYPES)
@together("floor_db", [-80.0, -30.0, 0.0, 100.0])
@pytest.mark.parametrize("scale", SCALES)
def test_silence_is_exactly_the_floor(scale, floor_db, dtype):
    data = function(scale, "db")(np.zeros(500), parameters(), sg.LogParams(floor_db), dtype).data
    assert np.unique(data).tolist() == [floor_db]


@pytest.mark.parametrize("scale", SCALES)
def test_db_without_parameters_has_a_floor_of_minus_80(scale):
    x = tones() * 1e-4
    data = function(scale, "db")(x, parameters()).data
    assert np.array_equal(data, function(scale, "db")(x, parameters(), FLOOR).data)
    assert np.array_equal(data, plan(scale, "db").compute(x).data)
    assert data.min() == -80.0


@pytest.mark.parametrize("amplitude", ["power", "magnitude"])
@pytest.mark.parametrize("scale", SCALES)
def test_db_parameters_of_other_amplitudes_are_ignored_with_a_warning(scale, amplitude):
    name = "db_params" if scale == "linear" else "db"
    call = function(scale, amplitude)
    with pytest.warns(UserWarning, match=f"{name} has no effect on a {amplitude} spectrogram") as caught:
        data = call(tones(), parameters(), FLOOR).data
    # The warning stands at the line of the caller.
    assert caught[0].filename == inspect.getfile(function)
    assert np.array_equal(data, call(tones(), parameters()).data)


@together("dtype", DTYPES)
@together(("scale", "amplitude"), KINDS)
def test_function_plan_and_general_plan_give_the_same_bytes(scale, amplitude, dtype):
    x = noise(1500)
    db = sg.LogParams(-50.0) if amplitude == "db" else None
    expected = function(scale, amplitude)(x, parameters(), db, dtype)
    named = plan(scale, amplitude, dtype, db=db)
    general = sg.SpectrogramPlan(parameters(), scale_params_of(scale), amplitude, db, dtype)
    for result in (named.compute(x), general.compute(x)):
        assert type(result) is sg.Spectrogram
        assert result.data.tobytes() == expected.data.tobytes()
        assert (result.scale, result.amplitude) == (scale, amplitude)
        assert result.params == parameters()
        assert result.frequencies == expected.frequencies
        assert result.times == expected.times


@together(("scale", "amplitude"), KINDS)
def test_names_and_signatures(scale, amplitude):
    compute = getattr(sg, f"compute_{scale}_{amplitude}_spectrogram")
    arguments = {"linear": ["db_params"], "cqt": ["cqt", "db"]}.get(scale, ["filter_params", "db"])
    assert list(inspect.signature(compute).parameters) == ["samples", "params", *arguments, "dtype"]
    method = getattr(sg.SpectrogramPlanner, f"{scale}_{amplitude}_plan")
    arguments = [] if scale == "linear" else [f"{scale}_params"]
    arguments += ["db_params"] if amplitude == "db" else []
    assert list(inspect.signature(method).parameters) == ["self", "params", *arguments, "dtype"]
    cls = type(plan(scale, amplitude))
    assert cls is getattr(sg, f"{SCALES[scale][2]}{amplitude.title()}Plan")
    assert issubclass(cls, sg.SpectrogramPlan)
    for thing in (compute, method, cls):
        assert thing.__module__ == "spectrograms"
        # Every gap of the templates is filled, and the first line is a sentence.
        assert "{" not in thing.__doc__.replace('{"float64", "float32"}', "")
        assert thing.__doc__.splitlines()[0].endswith(".")
    with pytest.raises(TypeError, match=rf"SpectrogramPlanner\(\)\.{scale}_{amplitude}_plan\(\)"):
        cls(parameters())


@together(("scale", "amplitude"), KINDS)
def test_keywords(scale, amplitude):
    compute = getattr(sg, f"compute_{scale}_{amplitude}_spectrogram")
    x, params, bank = tones(), parameters(), scale_params_of(scale)
    db = FLOOR if amplitude == "db" else None
    names = {"linear": (None, "db_params"), "cqt": ("cqt", "db")}.get(scale, ("filter_params", "db"))
    keywords = {"samples": x, "params": params, names[1]: db, "dtype": "f32"}
    banks = ()
    if bank:
        keywords[names[0]] = bank
        banks = (bank,)
    expected = compute(x, params, *banks, db, "float32")
    assert np.array_equal(compute(**keywords).data, expected.data)
    with pytest.raises(TypeError, match="sample_rate"):
        compute(**keywords, sample_rate=8000)


@pytest.mark.parametrize("dtype", [None, "float64", "f64", "double", np.float64, np.dtype("float64")])
def test_names_of_double_precision(dtype):
    assert sg.compute_linear_power_spectrogram(tones(), parameters(), dtype=dtype).data.dtype == np.float64


@pytest.mark.parametrize("dtype", ["float32", "f32", "single", np.float32, np.dtype("float32")])
def test_names_of_single_precision(dtype):
    assert sg.compute_linear_power_spectrogram(tones(), parameters(), dtype=dtype).data.dtype == np.float32
    assert sg.SpectrogramPlanner().linear_power_plan(parameters(), dtype).dtype == "float32"


def test_the_dtype_of_the_samples_does_not_choose_the_precision():
    x = tones().astype(np.float32)
    assert sg.compute_linear_power_spectrogram(x, parameters()).data.dtype == np.float64


# --- errors ----------------------------------------------------------------------------------------------


@together(("scale", "amplitude"), KINDS)
def test_bad_calls(scale, amplitude):
    compute, good, x = function(scale, amplitude), parameters(), tones()
    with pytest.raises(ValueError, match="samples array must not be empty"):
        compute([], good)
    with pytest.raises(TypeError, match=r"samples must be 1-D, got an array of shape \(2, 500\)"):
        compute(x.reshape(2, 500), good)
    with pytest.raises(TypeError, match="samples must be array-like, got None"):
        compute(None, good)
    with pytest.raises(ValueError, match="unsupported dtype \"float16\"; expected 'float32' or 'float64'"):
        compute(x, good, dtype="float16")
    with pytest.raises(TypeError, match=r"dtype must be 'float32' or 'float64', got 3"):
        compute(x, good, dtype=3)
    with pytest.raises(TypeError, match="params must be SpectrogramParams, got StftParams"):
        compute(x, good.stft)
    with pytest.raises(TypeError, match=r"db\w* must be LogParams or None, got float"):
        compute(x, good, -80.0)
    with pytest.raises(ValueError, match="convert string to float"):
        compute("tones", good)
    with pytest.raises(MemoryError, match=r"n_fft must be at most 2\*\*28=268435456, got 8589934592"):
        compute(x, parameters(2**33, 2**20))
    with pytest.raises(MemoryError, match="got 1125899906842624"):
        compute(x, parameters(2**50, 1))


@together("amplitude", AMPLITUDES)
@together("scale", [scale for scale in SCALES if scale != "linear"])
def test_parameters_of_another_scale(scale, amplitude):
    compute = getattr(sg, f"compute_{scale}_{amplitude}_spectrogram")
    method = getattr(sg.SpectrogramPlanner(), f"{scale}_{amplitude}_plan")
    other = scale_params_of("erb" if scale == "mel" else "mel")
    expected = SCALES[scale][0].__name__
    name = "cqt" if scale == "cqt" else "filter_params"
    with pytest.raises(TypeError, match=f"{name} must be {expected}, got {type(other).__name__}"):
        compute(tones(), parameters(), other)
    with pytest.raises(TypeError, match=f"{scale}_params must be {expected}, got {type(other).__name__}"):
        method(parameters(), other)
    with pytest.raises(TypeError, match=f"{scale}_params must be {expected}, got NoneType"):
        method(parameters(), None)


BEYOND_NYQUIST = {
    "mel": (sg.MelParams(10, 0.0, 4000.5), r"mel f_max must be <= Nyquist.*4000\.5"),
    "erb": (sg.ErbParams(10, 0.0, 4001.0), "f_max=4001 exceeds Nyquist=4000"),
    "loghz": (sg.LogHzParams(10, 50.0, 4001.0), "f_max=4001 exceeds Nyquist=4000"),
    "cqt": (sg.CqtParams(12, 2, 2000.0), "CQT maximum frequency must be below Nyquist frequency"),
}


@together("amplitude", AMPLITUDES)
@together("scale", BEYOND_NYQUIST)
def test_beyond_nyquist(scale, amplitude):
    bank, message = BEYOND_NYQUIST[scale]
    compute = getattr(sg, f"compute_{scale}_{amplitude}_spectrogram")
    method = getattr(sg.SpectrogramPlanner(), f"{scale}_{amplitude}_plan")
    with pytest.raises(sg.InvalidInputError, match=message):
        method(parameters(), bank)
    with pytest.raises(sg.InvalidInputError, match=message):
        sg.SpectrogramPlan(parameters(), bank, amplitude)
    with pytest.raises(sg.InvalidInputError, match=message):
        compute(tones(), parameters(), bank)
    # The samples are looked at first.
    with pytest.raises(ValueError, match="samples array must not be empty"):
        compute([], parameters(), bank)


def test_up_to_nyquist():
    mel = sg.MelParams(10, 0.0, RATE / 2)
    assert sg.compute_mel_power_spectrogram(tones(), parameters(), mel).shape == (10, 63)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sg.MelParams(10, float("nan"), 4000.0), "f_min"),
        (lambda: sg.MelParams(10, 0.0, float("nan")), "f_max"),
        (lambda: sg.ErbParams(10, float("nan"), 4000.0), "f_min"),
        (lambda: sg.ErbParams(10, 0.0, float("nan")), "f_max"),
        (lambda: sg.LogHzParams(10, float("nan"), 4000.0), "f_min"),
        (lambda: sg.LogHzParams(10, 10.0, float("nan")), "f_max"),
        (lambda: sg.CqtParams(12, 2, float("nan")), "f_min"),
        (lambda: sg.LogParams(float("nan")), "floor_db"),
        (lambda: sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), float("nan")), "sample_rate_hz"),
    ],
)
def test_nan_bounds(call, message):
    with pytest.raises(sg.InvalidInputError, match=f"{message} must be .*got NaN"):
        call()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 16), ValueError, "n_fft must be >= 1, got 0"),
        ((64, 0), ValueError, "hop_size must be >= 1, got 0"),
        ((-1, 16), OverflowError, "n_fft must be >= 0, got -1"),
        ((64, -1), OverflowError, "hop_size must be >= 0, got -1"),
        ((64, 65), sg.InvalidInputError, "hop_size must be <= n_fft=64, got 65"),
        ((64.0, 16), TypeError, "n_fft must be an integer"),
        ((64, 2**64), OverflowError, r"hop_size must be < 2\*\*64"),
    ],
)
def test_sizes(arguments, error, message):
    with pytest.raises(error, match=message):
        sg.StftParams(*arguments, "hann")


def test_custom_window_of_another_length():
    window = sg.WindowType.custom(np.ones(5))
    with pytest.raises(sg.InvalidInputError, match=r"Custom window size \(5\) must match n_fft \(4\)"):
        sg.StftParams(4, 2, window)
    with pytest.raises(sg.InvalidInputError, match=r"Custom window size \(5\) must match win_length \(3\)"):
        sg.StftParams(8, 2, window, win_length=3)


def test_the_planner_computes_transforms_too():
    planner, x = sg.SpectrogramPlanner(), np.sin(0.1 * np.arange(500))
    params = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000.0)
    for dtype in ("float64", "float32"):
        np.testing.assert_array_equal(
            planner.compute_stft(x, params, dtype).data, sg.compute_stft(x, params, dtype).data, strict=True
        )
        for name in ("compute_power_spectrum", "compute_magnitude_spectrum"):
            np.testing.assert_array_equal(
                getattr(planner, name)(x, 512, "hann", dtype),
                getattr(sg, name)(x, 512, "hann", dtype),
                strict=True,
            )


def test_the_planner_has_no_state():
    assert repr(sg.SpectrogramPlanner()) == "SpectrogramPlanner()"
    assert plan("mel", "db") == plan("mel", "db")
    with pytest.raises(AttributeError):
        sg.SpectrogramPlanner().cache = {}


def test_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for scale, amplitude in KINDS:
            found = function(scale, amplitude)(tones(), parameters())
            assert np.isfinite(found.data).all()


# The functions keep what they made for the objects of the call before.


def test_the_call_before_does_not_matter():
    short, long, mel = parameters(62, 11), parameters(64, 16), scale_params_of("mel")
    samples = noise(300)
    calls = [
        (short, mel, None, "float64"),
        (long, mel, None, "float64"),
        (short, mel, sg.LogParams(-30.0), "float64"),
        (short, mel, None, "float32"),
        (short, mel, None, np.float32),
        (short, sg.MelParams(7, 0.0, 4000.0), None, np.dtype("float64")),
    ]
    expected = [
        sg.SpectrogramPlan(params, scale, "db", db, np.dtype(dtype).name).compute(samples).data
        for params, scale, db, dtype in calls
    ]
    for i in [0, 0, 1, 1, 0, 2, 2, 0, 3, 3, 4, 3, 0, 5, 5, 2, 1, 4, 0]:
        result = sg.compute_mel_db_spectrogram(samples, *calls[i])
        assert result.data.tobytes() == expected[i].tobytes()
        assert result.params == calls[i][0]
    for _ in range(2):
        with pytest.raises(ValueError, match="must not be empty"):
            sg.compute_mel_db_spectrogram([], *calls[0])


def test_the_call_before_hides_no_error_and_no_warning():
    params, mel = parameters(62, 11), scale_params_of("mel")
    for _ in range(2):
        sg.compute_mel_power_spectrogram(noise(100), params, mel)
        with pytest.warns(sg.SpectrogramWarning, match="no effect"):
            sg.compute_mel_power_spectrogram(noise(100), params, mel, FLOOR)
        with pytest.raises(TypeError, match="params must be SpectrogramParams"):
            sg.compute_mel_power_spectrogram(noise(100), None, None)
        with pytest.raises(TypeError, match="filter_params must be MelParams"):
            sg.compute_mel_power_spectrogram(noise(100), params, None)
        with pytest.raises(sg.InvalidInputError, match="dtype"):
            sg.compute_mel_power_spectrogram(noise(100), params, mel, None, "float16")


def test_parameters_of_a_subclass_are_compared_at_every_call():
    class Shifting(sg.SpectrogramParams):
        compared = 0

        def __hash__(self):
            Shifting.compared += 1
            return super().__hash__()

    base = parameters(62, 11)
    params = Shifting(base.stft, base.sample_rate)
    for expected in (1, 2, 3):
        sg.compute_linear_power_spectrogram(noise(100), params)
        assert Shifting.compared >= expected
    Shifting.__hash__ = None
    with pytest.raises(TypeError, match="unhashable"):
        sg.compute_linear_power_spectrogram(noise(100), params)


def test_functions_hold_the_objects_of_one_call_only():
    mel, samples = scale_params_of("mel"), noise(100)
    kept = []
    for n in range(20):
        params = parameters(94, 23 + n)  # of no other test
        sg.compute_mel_power_spectrogram(samples, params, mel)
        kept.append(params)
    del params
    gc.collect()
    counts = [sys.getrefcount(params) for params in kept]
    for _ in range(1000):
        sg.compute_mel_power_spectrogram(samples, kept[-1], mel)
    # Results are gone, and what a call made beside them.
    assert [sys.getrefcount(params) for params in kept] == counts
    # The last is held once more than the others: by its function.
    assert counts[:-1] == [counts[0]] * 19
    assert counts[-1] == counts[0] + 1
