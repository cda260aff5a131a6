"""Binaural cues against formulas in plain NumPy."""

import copy
import gc
import io
import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.spatial import binaural
from spectrograms.features.spatial.cues import wrap

from ..support.ears import (
    COMPUTE,
    CUES,
    RATE,
    RESULTS,
    compute,
    cue_params,
    noise,
    stereo,
    stft,
    transform,
)
from ..support.together import together


def wrapped(d):
    return np.fmod(np.fmod(d + np.pi, 2 * np.pi) + 2 * np.pi, 2 * np.pi) - np.pi


def ratio(left, right):
    q = abs(right) / abs(left)
    return np.where(q < 1, 1 - q, -(1 - 1 / q))


def oracle(cue, left, right, frequencies, wrap_phase):
    """The cue by its definition, on spectra without silence."""
    difference = np.angle(left) - np.angle(right)
    return {
        "itd": wrapped(difference) / (2 * np.pi * frequencies[:, None]),
        "ipd": wrapped(difference) if wrap_phase else difference,
        "ild": -20 * np.log10(abs(right) / abs(left)),
        "ilr": ratio(left, right),
    }[cue]


# --- cues ----------------------------------------------------------------------------------------------


@together("wrap_phase", [False, True])
@together("centre", [False, True])
@together("n_fft", [256, 250, 255])
@pytest.mark.parametrize("cue", CUES)
def test_cue_is_its_formula(cue, n_fft, centre, wrap_phase):
    audio = stereo()
    options = {"wrapped": wrap_phase} if cue == "ipd" else {}
    result = compute(cue, audio, params=transform(n_fft, 100, centre), **options)
    width = RATE / n_fft
    first, end = (int(np.floor(f / width + 0.5)) for f in (300.0, 3000.0))
    left, right = (stft(x, n_fft, 100, centre)[first:end] for x in audio)
    frequencies = np.arange(first, end) * width
    assert type(result) is RESULTS[cue]
    np.testing.assert_allclose(result.frequencies, frequencies, rtol=1e-15)
    np.testing.assert_array_equal(result.times, np.arange(left.shape[1]) * 100 / RATE)
    expected = oracle(cue, left, right, frequencies, wrap_phase)
    scale = np.abs(expected).max()
    # An angle or a level is as uncertain as the weaker spectrum is weak.
    weakest = np.minimum(abs(left), abs(right))
    assert (np.abs(result.data - expected) <= 1e-12 * scale * (1 + np.sqrt(n_fft) / weakest)).all()


@pytest.mark.parametrize("cue", CUES)
def test_float32_is_near_float64(cue):
    audio = stereo()
    single, double = (compute(cue, audio, dtype=dtype) for dtype in ("float32", "float64"))
    assert (single.dtype, single.data.dtype, single._extras["energy"].dtype) == ("float32",) * 3
    period = {"itd": 1 / np.array(double.frequencies)[:, None], "ipd": 2 * np.pi}.get(cue, np.inf)
    error = np.abs(single.data - double.data)
    error = np.minimum(error, np.abs(error - period))
    # Where both ears are heard well above the rounding of the transform.
    strong = double._extras["energy"] > 10
    assert strong.any()
    assert (error[strong] <= 3e-4 * np.abs(double.data).max()).all()


def test_signs():
    """Positive is the left ear: it leads, it is louder."""
    x = noise(8000)
    late = compute("itd", [x, np.roll(x, 3)], (300.0, 2000.0))
    assert np.median(late.data) * RATE == pytest.approx(3.0, abs=0.05)
    early = compute("itd", [np.roll(x, 3), x], (300.0, 2000.0))
    assert np.median(early.data) * RATE == pytest.approx(-3.0, abs=0.05)
    np.testing.assert_allclose(compute("ild", [2 * x, x]).data, 20 * np.log10(2), rtol=1e-12)
    np.testing.assert_allclose(compute("ilr", [2 * x, x]).data, 0.5, rtol=1e-12)
    np.testing.assert_allclose(compute("ilr", [x, 4 * x]).data, -0.75, rtol=1e-12)
    for cue in CUES:
        assert (compute(cue, [x, x]).data == 0).all()
    assert np.signbit(compute("ilr", [x, x]).data).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_wrap_has_a_half_open_range(dtype):
    pi = np.dtype(dtype).type(np.pi)
    below = np.nextafter(pi, pi.dtype.type(0))
    angles = np.array([0, -0.0, pi, -pi, below, -below, 2 * pi, -2 * pi, 4, -4, np.nan], dtype)
    found = wrap(angles.copy())
    turn = 2 * pi
    expected = [0, 0, -pi, -pi, below, -below, 0, 0, angles[8] - turn, angles[9] + turn, np.nan]
    # float32 has a pi above the true one: -pi may then stand for itself less a turn.
    found = np.where(found == pi, -pi, found)
    np.testing.assert_array_equal(found, np.array(expected, dtype))


def test_unwrapped_phase_is_the_raw_difference():
    data = compute("ipd", stereo(delay=20), (300.0, 7000.0)).data
    assert np.abs(data).max() > np.pi
    assert np.abs(data).max() < 2 * np.pi


@pytest.mark.parametrize("amplitude", [0.0, 1e-170])
def test_silence(amplitude):
    """Both ears silent: no difference of phase, none of level. Squares that underflow are silence."""
    x, silent = noise(), amplitude * noise(seed=1)
    for cue in ("itd", "ipd"):
        assert (compute(cue, [silent, silent]).data == 0).all()
    for cue in ("ild", "ilr"):
        for audio in ([silent, silent], [x, silent], [silent, x]):
            assert np.isnan(compute(cue, audio).data).all()
    # One silent ear has phase 0.
    left = stft(x, 256, 64, True)[5:48]
    np.testing.assert_allclose(compute("ipd", [x, silent]).data, np.angle(left), rtol=0, atol=1e-10)


def test_magphase_power_silences_what_underflows():
    audio = [1e-4 * x for x in stereo()]
    plain, high = (compute("itd", audio, magphase_power=p) for p in (1, 200))
    assert (plain.data != 0).all()
    assert (high.data == 0).all()
    loud = [1e4 * x for x in stereo()]
    assert (compute("itd", loud, magphase_power=200).data == compute("itd", loud).data).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("channel", [0, 1])
@pytest.mark.parametrize("cue", CUES)
def test_nan_in_gives_nan_out(cue, channel, bad):
    audio = stereo()
    audio[channel][2000] = bad
    data = compute(cue, audio, params=transform(centre=False)).data
    touched = [t * 64 <= 2000 < t * 64 + 256 for t in range(data.shape[1])]
    touched = np.broadcast_to(touched, data.shape)
    assert not np.isnan(data[~touched]).any()
    # What an FFT makes of infinity depends on its order of sums; NaN stays NaN in all of it.
    assert np.isnan(bad) <= np.isnan(data[touched]).all()


# --- bands ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cue", CUES)
def test_bands(cue):
    """The first bin is in, the last one is not, both rounded half up; bins are 62.5 Hz apart."""
    audio = stereo()
    for band, first, end in [
        ((300.0, 3000.0), 5, 48),
        ((93.75, 406.25), 2, 7),
        ((93.74, 406.24), 1, 6),
        ((40.0, 8000.0), 1, 128),
        ((1.0, 200.0), cue == "itd", 3),
    ]:
        result = compute(cue, audio, band)
        assert result.frequencies == [62.5 * k for k in range(first, end)]
        assert result.shape == (end - first, 63)
        assert np.isfinite(result.data).all()


@pytest.mark.parametrize("cue", CUES)
def test_a_band_up_to_nyquist_of_an_odd_transform(cue):
    result = compute(cue, stereo(), (2000.0, 8000.0), transform(5, 2))
    assert result.shape[0] == 2
    assert np.isfinite(result.data).all()


@pytest.mark.parametrize("band", [(100.0, 105.0), (94.0, 156.0), (1.0, 20.0)])
@pytest.mark.parametrize("cue", CUES)
def test_a_band_without_bins_is_an_error(cue, band):
    with pytest.raises(sg.InvalidInputError, match=r"start_freq\.\.end_freq must contain a bin, got"):
        compute(cue, stereo(), band)


def test_a_delay_needs_more_than_bin_0():
    assert compute("ipd", stereo(), (1.0, 40.0)).shape[0] == 1
    with pytest.raises(sg.InvalidInputError, match="must contain a bin"):
        compute("itd", stereo(), (1.0, 40.0))


@together(
    "band",
    [
        (0.0, 600.0),
        (-1.0, 600.0),
        (600.0, 600.0),
        (700.0, 600.0),
        (300.0, 8001.0),
        (np.nan, 600.0),
        (300.0, np.nan),
    ],
)
@pytest.mark.parametrize("cue", CUES)
def test_all_parameters_are_checked_alike(cue, band):
    with pytest.raises(sg.InvalidInputError, match="Invalid input: "):
        cue_params(cue, band)


# --- arguments -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cue", CUES)
def test_what_channels_may_be(cue):
    audio = [np.round(100 * x) for x in stereo()]
    expected = compute(cue, audio).data
    for form in (
        tuple(audio),
        np.array(audio),
        np.asfortranarray(audio),
        [x.tolist() for x in audio],
        [x.astype(np.float32) for x in audio],
        [x.astype(np.int16) for x in audio],
        [x.astype(">f8") for x in audio],
        np.array(audio).T.copy().T[:, ::1],
        [np.repeat(x, 2)[::2] for x in audio],
        [x[::-1][::-1] for x in audio],
    ):
        np.testing.assert_array_equal(compute(cue, form).data, expected)


@pytest.mark.parametrize("cue", CUES)
def test_bad_arguments(cue):
    x = noise(1000)
    for audio in ([x], [x, x, x], []):
        with pytest.raises(ValueError, match=rf"expected a sequence of length 2 \(got {len(audio)}\)"):
            compute(cue, audio)
    for audio in (None, 5, [None, x], [x, None], [np.ones((2, 10)), x], [x, np.ones((2, 10))], iter([x, x])):
        with pytest.raises(TypeError):
            compute(cue, audio)
    with pytest.raises(ValueError, match="left audio array must not be empty"):
        compute(cue, [[], x])
    with pytest.raises(ValueError, match="right audio array must not be empty"):
        compute(cue, [x, []])
    with pytest.raises(ValueError, match="unsupported dtype"):
        compute(cue, [x, x], dtype="float16")
    for params in (None, transform(), cue_params("ilr" if cue == "ild" else "ild")):
        with pytest.raises(TypeError, match="params"):
            COMPUTE[cue]([x, x], params)
    with pytest.raises(MemoryError):
        compute(cue, [x, x], params=transform(2**50, 64))
    custom = sg.StftParams(256, 64, sg.WindowType.custom(np.ones(256)), True)
    assert np.isfinite(compute(cue, [x, x], params=sg.SpectrogramParams(custom, RATE)).data).all()


@pytest.mark.parametrize("cue", CUES)
def test_channels_of_different_length(cue):
    left, right = stereo(4000)
    expected = compute(cue, [left, right], params=transform(centre=False)).data
    longer = np.concatenate([right, noise(1000, 9)])
    np.testing.assert_array_equal(compute(cue, [left, longer], params=transform(centre=False)).data, expected)
    # Three samples fewer, and the same frames.
    assert compute(cue, [left, right[:-3]], params=transform(centre=False)).shape == expected.shape
    with pytest.raises(sg.DimensionMismatchError) as raised:
        compute(cue, [left, right[:3900]], params=transform(centre=False))
    assert (raised.value.expected, raised.value.got) == (59, 57)


@pytest.mark.parametrize("cue", CUES)
def test_inputs_stay_as_they_are(cue):
    audio = stereo()
    before = copy.deepcopy(audio)
    for x in audio:
        x.flags.writeable = False
    compute(cue, audio)
    assert (audio[0] == before[0]).all()
    assert (audio[1] == before[1]).all()


# --- promises ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cue", CUES)
def test_bytes_do_not_depend_on_blocks_or_threads(monkeypatch, cue, dtype):
    audio = stereo(40000)
    expected = compute(cue, audio, dtype=dtype)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda _: compute(cue, audio, dtype=dtype), range(8)):
            assert result.data.tobytes() == expected.data.tobytes()
    for block in (1, 777, 10**6):
        monkeypatch.setattr(binaural, "_BLOCK", block)
        result = compute(cue, audio, dtype=dtype)
        assert result.data.tobytes() == expected.data.tobytes()
        assert result._extras["energy"].tobytes() == expected._extras["energy"].tobytes()


@pytest.mark.parametrize("cue", CUES)
def test_memory_is_the_output_and_a_constant(cue):
    audio = stereo(16000 * 60)
    compute(cue, [x[:1000] for x in audio])
    tracemalloc.start()
    try:
        result = compute(cue, audio)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # NumPy's memory: the energies and the blocks. The data themselves are the result's.
    assert peak < result._extras["energy"].nbytes + 2**20


@pytest.mark.parametrize("cue", CUES)
def test_result(cue):
    params = cue_params(cue)
    result = COMPUTE[cue](stereo(), params, "float32")
    assert result.params == params
    assert repr(result) == f"{RESULTS[cue].__name__}(shape=(43, 63), dtype=float32)"
    assert result.data is result.data
    assert np.shares_memory(np.from_dlpack(result), result.data)
    assert np.shares_memory(np.asarray(result), result.data)
    assert (result.sample_rate, result.hop_size, result.n_bins, result.n_frames) == (RATE, 64, 43, 63)
    assert result.frequency_range() == (5 * 62.5, 47 * 62.5)
    assert result.duration() == 62 * 64 / RATE
    info = result._info
    assert (info.scale, info.amplitude) == ("linear", cue)
    assert info.unit == {"itd": "s", "ipd": "rad", "ild": "dB", "ilr": ""}[cue]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cue", CUES)
def test_copies_and_files(cue, dtype):
    result = compute(cue, stereo(), dtype=dtype)
    file = io.BytesIO()
    result.save(file)
    file.seek(0)
    twins = [copy.copy(result), copy.deepcopy(result), RESULTS[cue].load(file)]
    twins.append(RESULTS[cue].from_dict(result.to_dict()))
    for twin in twins:
        assert twin.data.tobytes() == result.data.tobytes()
        assert twin._extras["energy"].tobytes() == result._extras["energy"].tobytes()
        assert twin._info == result._info
        assert (twin.histogram(energy_weighted=True) == result.histogram(energy_weighted=True)).all()
    assert pickle.loads(pickle.dumps(result._info)) == result._info


@pytest.mark.slow
def test_data_outlive_the_result():
    data = compute("itd", stereo()).data
    expected = compute("itd", stereo()).data.copy()
    gc.collect()
    noise(10**6)
    np.testing.assert_array_equal(data, expected)
