"""Decibels against librosa: references, floors, types, NaN, result objects, errors."""

import math
import threading
import warnings

import librosa
import numpy as np
import pytest

import spectrograms as sg

from ..support.spectrogram_cases import noise, parameters
from ..support.together import together

TYPES = {np.float32: 3e-6, np.float64: 1e-13}


def powers(dtype=np.float64):
    """Powers over 200 dB, with zero."""
    values = np.exp(np.random.default_rng(0).uniform(-30, 16, (7, 301)))
    values[3, 100:110] = 0
    return values.astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
# From 1.0 on librosa says along which axes.
@together("ref", [1.0, 1e-3, 50, 0.0, -7.0, np.max, np.median, lambda s, **axes: 2 * np.min(s, **axes)])
@together("top_db", [80.0, None, 0, 13.5])
def test_power_to_db(dtype, ref, top_db):
    s = powers(dtype)
    expected = librosa.power_to_db(s, ref=ref, top_db=top_db)
    found = sg.power_to_db(s, ref, top_db=top_db)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TYPES[dtype] * 200)
    assert found.dtype == dtype


@pytest.mark.parametrize("dtype", TYPES)
@together("ref", [1.0, 1e-3, -7.0, np.max, np.mean])
@together("top_db", [80.0, None])
def test_amplitude_to_db(dtype, ref, top_db):
    s = np.sqrt(powers(dtype)) * np.where(np.arange(301) % 2, 1, -1).astype(dtype)
    expected = librosa.amplitude_to_db(s, ref=ref, top_db=top_db)
    found = sg.amplitude_to_db(s, ref, top_db=top_db)
    np.testing.assert_allclose(found, expected, rtol=0, atol=TYPES[dtype] * 200)
    assert found.dtype == dtype
    assert np.array_equal(sg.amplitude_to_db(s * dtype(1) + 0j, ref, top_db=top_db), found)


@pytest.mark.parametrize("amin", [1e-10, 1e-3, 2.0])
def test_amin(amin):
    s = powers()
    expected = librosa.power_to_db(s, amin=amin, ref=0.5, top_db=None)
    np.testing.assert_allclose(sg.power_to_db(s, 0.5, amin, None), expected, rtol=0, atol=1e-11)
    # The reference is raised to amin like everything else.
    lowest = 10 * np.log10(amin / max(amin, 1.0))
    assert sg.power_to_db(s, amin=amin, top_db=None).min() == pytest.approx(lowest, abs=1e-12)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("ref", [1.0, 0.02, 300])
def test_back(dtype, ref):
    db = np.linspace(-100, 60, 333, dtype=dtype)
    np.testing.assert_allclose(
        sg.db_to_power(db, ref), librosa.db_to_power(db.astype(float), ref=ref), rtol=40 * np.finfo(dtype).eps
    )
    np.testing.assert_allclose(
        sg.db_to_amplitude(db, ref),
        librosa.db_to_amplitude(db.astype(float), ref=ref),
        rtol=40 * np.finfo(dtype).eps,
    )
    assert sg.db_to_power(db, ref).dtype == sg.db_to_amplitude(db, ref).dtype == dtype


def test_there_and_back():
    s = np.exp(np.random.default_rng(1).uniform(-15, 15, 500))
    there = sg.power_to_db(s, 7.0, top_db=None)
    np.testing.assert_allclose(sg.db_to_power(there, 7.0), s, rtol=1e-13)
    there = sg.amplitude_to_db(s, 7.0, amin=1e-10, top_db=None)
    np.testing.assert_allclose(sg.db_to_amplitude(there, 7.0), s, rtol=1e-13)


def test_round_numbers():
    assert sg.power_to_db([1e-10, 1.0, 10.0, 100.0], top_db=None).tolist() == [-100, 0, 10, 20]
    assert sg.amplitude_to_db([1e-5, 1.0, 10.0], top_db=None).tolist() == [-100, 0, 20]
    exponents = np.arange(-300, 301)
    powers = np.array([float(f"1e{n}") for n in exponents])
    decibels = sg.power_to_db(powers, amin=1e-305, top_db=None)
    assert decibels.tolist() == (10 * exponents).tolist()
    assert sg.db_to_power([-20, 0, 10, 30]).tolist() == [0.01, 1, 10, 1000]
    assert sg.db_to_amplitude([-20, 0, 20, 60]).tolist() == [0.1, 1, 10, 1000]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("convert", [sg.power_to_db, sg.amplitude_to_db])
def test_nan_stays_where_it_is(dtype, convert):
    s = powers(dtype)
    clean = convert(s)
    s[2, 17] = np.nan
    found = convert(s)
    assert np.argwhere(np.isnan(found)).tolist() == [[2, 17]]
    found[2, 17] = clean[2, 17]
    assert np.array_equal(found, clean)
    assert np.isnan(convert(np.full(3, np.nan, dtype))).all()
    assert np.isnan(convert(s, ref=np.max)).all()  # nothing is relative to an unknown maximum
    assert np.isnan(sg.db_to_power(np.array([np.nan]))).all()


def test_infinity():
    found = sg.power_to_db([1.0, np.inf], top_db=None)
    assert found.tolist() == [0, np.inf]


def test_shapes_and_types():
    s = powers()
    expected = sg.power_to_db(s)
    for other in (np.asfortranarray(s), s.tolist(), np.repeat(s, 2, axis=1)[:, ::2], s.astype(">f8")):
        assert np.array_equal(sg.power_to_db(other), expected)
    frozen = s.copy()
    frozen.flags.writeable = False
    assert np.array_equal(sg.power_to_db(frozen), expected)
    assert np.array_equal(frozen, s)
    assert sg.power_to_db(np.array([1, 10, 100])).tolist() == [0, 10, 20]
    scalar = sg.power_to_db(100.0)
    assert (type(scalar), scalar) == (np.float64, 20.0)
    assert type(sg.db_to_power(20.0)) is np.float64
    assert sg.power_to_db(np.ones((0, 3))).shape == (0, 3)


def test_values_do_not_depend_on_their_place():
    s = powers().ravel()
    whole = sg.power_to_db(s, 3.0, top_db=None)
    for start, stop in ((0, 1), (1, 20), (5, 2000), (1023, 1026)):
        assert np.array_equal(sg.power_to_db(s[start:stop], 3.0, top_db=None), whole[start:stop])


def test_results():
    x = noise(2000)
    power = sg.compute_linear_power_spectrogram(x, parameters(), dtype="float32")
    found = sg.power_to_db(power, ref=np.max)
    assert type(found) is np.ndarray
    assert np.array_equal(found, sg.power_to_db(power.data, ref=np.max))
    assert found.max() == 0
    stft = sg.compute_stft(x, parameters())
    assert np.array_equal(sg.amplitude_to_db(stft), sg.amplitude_to_db(stft.norm()))
    floor = 10 ** (-80 / 10)
    db = sg.compute_linear_db_spectrogram(x, parameters(), sg.LogParams(-80.0), dtype="float32")
    assert np.array_equal(sg.power_to_db(power, amin=floor, top_db=None), db.data)


def test_threads():
    s = np.exp(np.random.default_rng(2).uniform(-20, 10, (8, 50_000)))
    expected = [sg.power_to_db(row).tobytes() for row in s]
    found = [None] * 8
    start = threading.Barrier(8)

    def work(i):
        start.wait()
        found[i] = sg.power_to_db(s[i]).tobytes()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


@pytest.mark.parametrize("convert", [sg.power_to_db, sg.amplitude_to_db])
def test_errors(convert):
    for options, message in [
        ({"amin": 0.0}, "amin must be finite and > 0, got 0"),
        ({"amin": -1.0}, "amin must be finite and > 0"),
        ({"amin": np.nan}, "amin must be finite and > 0, got NaN"),
        ({"top_db": -1.0}, "top_db must be >= 0 or None, got -1"),
    ]:
        with pytest.raises(sg.InvalidInputError, match=message):
            convert([1.0], **options)
    with pytest.raises(TypeError, match="must be array-like, got None"):
        convert(None)
    for bad in ("1.0", ["a"], np.array(["2020-01-01"], "M8[s]")):
        with pytest.raises(TypeError, match="S must be numbers"):
            convert(bad)
    for options, name in [
        ({"ref": "a"}, "ref"),
        ({"ref": lambda values: values}, "ref"),
        ({"amin": None}, "amin"),
        ({"top_db": [80, 60]}, "top_db"),
    ]:
        with pytest.raises(TypeError, match=f"{name} must be a number"):
            convert([1.0, 2.0], **options)


def test_complex_power_is_refused():
    for convert in (sg.power_to_db, sg.db_to_power, sg.db_to_amplitude):
        with pytest.raises(TypeError, match="must be real, got complex128"):
            convert(np.ones(3) * 1j)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("convert", [sg.power_to_db, sg.amplitude_to_db])
def test_case_8_the_reference_is_zero_decibels(convert, dtype):
    assert sg.power_to_db(np.zeros(2), ref=np.max).tolist() == [0, 0]
    rng = np.random.default_rng(0)
    for scale in (0.0, 1e-30, 1e-12, 1e-10, 0.1, 1.0, 7.0, 1e20):
        for _ in range(50):
            values = (scale * rng.random(5)).astype(dtype)
            decibels = convert(values, ref=np.max)
            assert decibels[values.argmax()] == 0
            assert decibels.max() == 0
            # A number that stands for itself, too.
            assert convert(values[:1], ref=float(values[0]))[0] == 0


def test_case_1_2_a_reference_that_changes_the_values():
    values = np.ones(1000)

    def ref(seen):
        with warnings.catch_warnings():  # NumPy 2.5 advises against it
            warnings.simplefilter("ignore", DeprecationWarning)
            seen.dtype = np.float16
        return 1.0

    assert sg.power_to_db(values, ref=ref).tolist() == [0.0] * 1000
    assert values.dtype == np.float64


@pytest.mark.parametrize("dtype", TYPES)
def test_no_number_is_too_large(dtype):
    values = np.array([0, np.finfo(dtype).tiny, np.finfo(dtype).max, np.inf, np.nan], dtype)
    with np.errstate(all="raise"):
        for top_db in (None, 80.0, 1e300, math.inf):
            for result in (
                sg.power_to_db(values, top_db=top_db),
                sg.amplitude_to_db(values.astype(complex), top_db=top_db),
            ):
                assert result[3] == math.inf
        for convert in (sg.db_to_power, sg.db_to_amplitude):
            db = np.array([-1e30, -9000, 0, 9000, 1e30, np.inf, -np.inf, np.nan], dtype)
            expected = np.array([0, 0, 1, math.inf, math.inf, math.inf, 0, math.nan], dtype)
            np.testing.assert_array_equal(convert(db), expected)
            np.testing.assert_array_equal([convert(each) for each in db], expected)
            assert convert(dtype(0), 1e30) == dtype(1e30)


@pytest.mark.parametrize("dtype", TYPES)
def test_a_dynamic_range_without_end_cuts_nothing(dtype):
    s = np.array([1e-9, 1.0, np.inf], dtype)
    np.testing.assert_array_equal(sg.power_to_db(s, top_db=math.inf), sg.power_to_db(s, top_db=None))
