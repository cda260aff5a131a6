"""Parts of results and other times: views with axes of their own."""

import copy
import datetime as dt
import gc
import io
import json
import pickle
import zlib

import numpy as np
import pytest

import spectrograms as sg

PARAMS = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
NOON = dt.datetime(2026, 11, 30, 12)


def noise(n=16000):
    return np.random.default_rng(0).standard_normal(n)


def whole():
    return sg.compute_mel_db_spectrogram(noise(), PARAMS, sg.MelParams(40, 100.0, 8000.0))


def inside(result, t0, t1, f0, f1):
    """The values and axes that a part must have, by masks over the lists of the whole."""
    times, frequencies = np.array(result.times), np.array(result.frequencies)
    columns = (times >= t0 - 1e-9) & (times <= t1 + 1e-9)
    rows = (frequencies >= f0) & (frequencies <= f1)
    return result.data[np.ix_(rows, columns)], frequencies[rows], times[columns]


@pytest.mark.parametrize(
    "bounds",
    [
        (0.2, 0.5, 1000, 4000),
        (0.0, 1.0, 0, 9000),
        (0.305, 0.315, 500, 900),
        (-3, 0, 100, 400),
        (0.3, 0.3, 1, 1e6),
    ],
)
def test_parts_have_the_values_and_axes_of_the_whole(bounds):
    result = whole()
    values, frequencies, times = inside(result, *bounds)
    part = result.crop(*bounds)
    assert part.shape == values.shape
    assert np.array_equal(part.data, values)
    assert (part.frequencies, part.times) == (frequencies.tolist(), times.tolist())
    assert np.array_equal(part.f, frequencies)
    assert np.array_equal(part.t, times)
    assert not part.t.flags.writeable
    assert np.shares_memory(part.data, result.data)
    assert type(part) is type(result)
    for name in (
        "scale",
        "amplitude",
        "unit",
        "params",
        "sample_rate",
        "hop_size",
        "time_resolution",
        "dtype",
    ):
        assert getattr(part, name) == getattr(result, name), name
    assert part.frequency_range() == (frequencies[0], frequencies[-1])
    assert part.duration() == times[-1]
    assert part.db_range() == (values.min(), values.max())


def test_a_part_of_a_part_and_what_is_written_to_it():
    result = whole()
    part = result.crop(0.1, 0.9, 500, 6000).crop(0.2, 0.5, 1000)
    values, frequencies, times = inside(result, 0.2, 0.5, 1000, 6000)
    assert np.array_equal(part.data, values)
    assert (part.frequencies, part.times) == (frequencies.tolist(), times.tolist())
    part.data[...] = 7.0
    assert (inside(result, 0.2, 0.5, 1000, 6000)[0] == 7.0).all()
    assert (result.data == 7.0).sum() == values.size


def test_without_bounds_nothing_is_cut():
    result = whole()
    part = result.crop()
    assert (part.shape, part.times, part.frequencies) == (result.shape, result.times, result.frequencies)
    assert result.crop(0.5).times[0] == 0.5
    assert result.crop(t1=0.5).times[-1] == 0.5


def test_repr_says_what_is_left():
    linear = sg.compute_linear_db_spectrogram(noise(), PARAMS)
    assert repr(linear) == "Spectrogram(shape=(257, 101), dtype=float64)"
    part = linear.crop(0.2, 0.5, 1000, 4000)
    assert repr(part) == "Spectrogram(shape=(97, 31), dtype=float64, 0.2 to 0.5 s, 1000 to 4000 Hz)"
    stft = sg.compute_stft(noise(), PARAMS).crop(0.5)
    assert repr(stft) == "StftResult(shape=(257, 51), dtype=float64, sample_rate=16000, 0.5 to 1 s)"


@pytest.mark.parametrize(
    "make",
    [
        lambda x: sg.compute_stft(x, PARAMS),
        lambda x: sg.compute_mfcc(x, PARAMS.stft, 16000, 40, sg.MfccParams(13)),
        lambda x: sg.compute_chromagram(x, PARAMS.stft, 16000, sg.ChromaParams()),
        lambda x: sg.FeatureSet(PARAMS.stft, 16000, {"rms": "rms"}).compute(x)["rms"],
    ],
)
def test_every_result_along_time_is_cut(make):
    result = make(noise())
    part = result.crop(0.2, 0.5)
    assert np.array_equal(part.data, result.data[:, 20:51])
    assert part.times == result.times[20:51]
    assert np.shares_memory(part.data, result.data)
    again = type(part).from_dict(part.to_dict())
    assert (again.times, repr(again)) == (part.times, repr(part))


def test_rows_of_coefficients_have_no_frequencies():
    result = sg.compute_mfcc(noise(), PARAMS.stft, 16000, 40, sg.MfccParams(13))
    with pytest.raises(TypeError):
        result.crop(f0=100)


@pytest.mark.parametrize(
    ("bounds", "error", "words"),
    [
        (
            {"t0": 5},
            sg.InvalidInputError,
            "t0 and t1 must have a point between, got 5 to the end of 0 to 1 s",
        ),
        ({"t0": 0.5, "t1": 0.4}, sg.InvalidInputError, "t0 and t1 must"),
        ({"f0": 9000}, sg.InvalidInputError, "f0 and f1 must have a point between, got 9000 to the end of"),
        ({"t0": 0.001, "t1": 0.002}, sg.InvalidInputError, "got 0.001 to 0.002"),
        ({"f0": "1000"}, TypeError, "f0 must be a number of Hz, got '1000'"),
        ({"t1": float("nan")}, TypeError, "t1 must be a number of s, got nan"),
        ({"t0": NOON}, TypeError, "t0 must be in seconds, as start is no datetime"),
        ({"t1": [1, 2]}, TypeError, "t1 must be a number of s"),
    ],
)
def test_bounds_that_are_refused(bounds, error, words):
    with pytest.raises(error, match=words):
        whole().crop(**bounds)


# --- memory ---------------------------------------------------------------------------------------


def test_parts_are_lent_with_their_strides():
    result = whole()
    part = result.crop(0.2, 0.5, 1000, 4000)
    view = memoryview(part)
    assert (view.shape, view.strides) == (part.shape, result.data.strides)
    assert view.nbytes == part.data.nbytes
    assert not view.c_contiguous
    assert np.array_equal(np.asarray(view), part.data)
    assert view.tobytes() == part.data.tobytes()
    with pytest.raises(BufferError, match="gaps"):
        np.frombuffer(part)  # which asks for bytes without strides
    with pytest.raises(BufferError, match="gaps"):
        zlib.crc32(part)
    # Rows that are whole follow each other without gaps.
    assert np.array_equal(np.frombuffer(result.crop(f0=1000)), result.crop(f0=1000).data.ravel())


def test_parts_go_through_dlpack():
    part = whole().crop(0.2, 0.5, 1000, 4000)
    shared = np.from_dlpack(part)
    assert np.array_equal(shared, part.data)
    assert np.shares_memory(shared, part.data)
    torch = pytest.importorskip("torch")
    assert np.array_equal(torch.from_dlpack(part).numpy(), part.data)
    copied = torch.utils.dlpack.from_dlpack(part.__dlpack__(copy=True, max_version=(1, 0)))
    assert np.array_equal(copied.numpy(), part.data)


def test_memory_outlives_the_whole():
    result = whole()
    expected = result.data[:, 20:51].copy()
    part = result.crop(0.2, 0.5)
    view, array, shared = memoryview(part), part.data, np.from_dlpack(part)
    del result, part
    gc.collect()
    for alive in (np.asarray(view), array, shared):
        assert np.array_equal(alive, expected)


def test_parts_of_what_is_read_only_are_read_only():
    result = whole()
    result.data.flags.writeable = False
    part = result.crop(0.2, 0.5)
    assert not part.data.flags.writeable
    assert memoryview(part).readonly


@pytest.mark.parametrize("start", [0.0, 60.0, NOON, NOON.replace(tzinfo=dt.UTC)])
def test_copies_pickles_and_files(tmp_path, start):
    part = whole().starting_at(start).crop(f0=1000, f1=4000)
    part = part.crop(t1=start + dt.timedelta(seconds=0.5) if isinstance(start, dt.datetime) else start + 0.5)
    part.save(tmp_path / "part.npz")
    file = io.BytesIO()
    part.save(file)
    file.seek(0)
    buffers = []
    others = [
        copy.copy(part), copy.deepcopy(part), *(pickle.loads(pickle.dumps(part, p)) for p in range(2, 6)),
        pickle.loads(pickle.dumps(part, 5, buffer_callback=buffers.append), buffers=buffers),
        sg.Spectrogram.load(tmp_path / "part.npz"), sg.Spectrogram.load(file),
        sg.Spectrogram.from_dict(part.to_dict()), sg.Spectrogram.from_json(part.to_json()),
    ]  # fmt: skip
    for other in others:
        assert np.array_equal(other.data, part.data)
        assert not np.shares_memory(other.data, part.data)
        assert other.data.flags.c_contiguous
        assert (other.times, other.frequencies, other.start) == (part.times, part.frequencies, start)
        assert repr(other) == repr(part)
    with np.load(tmp_path / "part.npz") as archive:
        assert archive["times"].tolist() == part.times
        assert archive["frequencies"].tolist() == part.frequencies


@pytest.mark.parametrize(
    "change",
    [
        {"first_row": 10**6}, {"n_rows": 0}, {"n_rows": 41}, {"n_rows": True + 0.5}, {"first_frame": -1},
        {"first_frame": 2**64}, {"start": "yesterday"}, {"start": None}, {"start": float("inf")},
        {"info": {"type": "ExcerptInfo"}}, {"info": None}, {"info": {"type": "MfccInfo"}}, {"more": 1},
    ],
)  # fmt: skip
def test_damaged_descriptions_are_refused(change):
    content = whole().crop(0.2, 0.5, 1000, 4000).to_dict()
    content["info"] = json.loads(json.dumps(content["info"])) | change
    with pytest.raises((sg.SpectrogramError, TypeError, ValueError, OverflowError, MemoryError)):
        sg.Spectrogram.from_dict(content).times  # noqa: B018


# --- times ----------------------------------------------------------------------------------------


def test_times_begin_at_the_start():
    result = whole()
    later = result.starting_at(60)
    assert later.times == (np.array(result.times) + 60.0).tolist()
    assert (later.start, result.start) == (60.0, 0.0)
    assert np.shares_memory(later.data, result.data)
    assert later.crop(60.2, 60.5).times[0] == later.times[20]
    assert later.crop(60.2, 60.5).starting_at(0.0).times == result.times[20:51]
    assert later.starting_at(10.0).times[0] == 10.0


def test_a_time_of_day():
    result = whole().starting_at(NOON)
    assert result.start == NOON
    assert result.times == whole().times
    part = result.crop(NOON + dt.timedelta(seconds=0.2), NOON + dt.timedelta(seconds=0.5))
    assert part.times == result.times[20:51]
    assert part.start == NOON
    with pytest.raises(TypeError, match="t0 must have a time zone if start has, and none if not"):
        result.crop(NOON.replace(tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("start", "error"), [("noon", sg.InvalidInputError), (None, TypeError), (1e300, ValueError)]
)
def test_starts_that_are_refused(start, error):
    with pytest.raises(error, match="start"):
        whole().starting_at(start)


def test_samples_that_were_read_know_where_they_are_from(tmp_path):
    soundfile = pytest.importorskip("soundfile")
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * noise(48000), 16000, subtype="FLOAT")
    all_of_it, rate = sg.read_audio(path)
    assert type(all_of_it) is np.ndarray
    part, _ = sg.read_audio(path, start=1.5, duration=0.5)
    assert isinstance(part, np.ndarray)
    assert np.array_equal(part, all_of_it[24000:32000])
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(PARAMS.stft, rate), None, "db")
    for result in (
        plan.compute(part), sg.compute_linear_db_spectrogram(part, plan.params),
        sg.compute_stft(part, plan.params),
        sg.FeatureSet(PARAMS.stft, rate, {"p": "power"}).compute(part)["p"],
    ):  # fmt: skip
        assert result.start == 1.5
        assert result.times == (np.arange(51) * 0.01 + 1.5).tolist()
        assert np.array_equal(result.data, type(result)._from_array(result.data, result._info).data)
    assert np.array_equal(plan.compute(part).data, plan.compute(np.array(part)).data)
    # What is cut out of it begins elsewhere.
    assert plan.compute(part[100:]).start == 0.0
    assert plan.compute(part * 2).start == 0.0
    at_noon, _ = sg.read_audio(path, start=NOON)
    assert np.array_equal(at_noon, all_of_it)
    assert plan.compute(at_noon).start == NOON


def test_plots_have_the_axis_of_the_part():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    result = sg.compute_linear_db_spectrogram(noise(), PARAMS)
    axes = result.crop(0.2, 0.5, 1000, 4000).plot(Figure().add_subplot())
    assert axes.get_xlim() == pytest.approx((0.195, 0.505))
    assert axes.get_ylim() == pytest.approx((1000 - 15.625, 4000 + 15.625))
    later = result.starting_at(60.0).crop(60.2, 60.5)
    assert later.plot(Figure().add_subplot()).get_xlim() == pytest.approx((60.195, 60.505))
    assert later.plot(Figure().add_subplot(), start=1.0).get_xlim() == pytest.approx((1.195, 1.505))
    clock = result.starting_at(NOON).crop(NOON + dt.timedelta(seconds=0.2)).plot(Figure().add_subplot())
    assert clock.get_xlim() == pytest.approx((0.195, 1.005))
    assert clock.xaxis.get_major_formatter()(0.5, 0).startswith("12:00:00")


def test_xarray_has_the_axes_of_the_part():
    pytest.importorskip("xarray")
    result = sg.compute_linear_db_spectrogram(noise(), PARAMS)
    array = result.crop(0.2, 0.5, 1000, 4000).to_xarray()
    assert array.time.values.tolist() == result.times[20:51]
    assert array.frequency.values[0] == 1000.0
    assert np.shares_memory(array.values, result.data)
    clock = result.starting_at(NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=2)))).to_xarray()
    assert clock.time.values[1] == np.datetime64("2026-11-30T10:00:00.01", "ns")
    assert "units" not in clock.time.attrs


# --- NumPy ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        np.mean, np.max, np.sum, np.median, np.std, np.var, np.log1p, np.abs, np.argmax, np.cumsum, np.clip,
        np.round, np.transpose, np.ravel, np.sort, np.percentile, np.diff, np.squeeze, np.ptp, np.any,
        np.isfinite, np.hypot, np.concatenate, np.where, np.dot, np.fft.rfft,
    ],
    ids=lambda function: function.__name__,
)  # fmt: skip
@pytest.mark.parametrize("cut", [False, True])
def test_functions_of_numpy_take_results(function, cut):
    result = whole().crop(0.2, 0.5, 1000, 4000) if cut else whole()
    more = {
        np.clip: (-60, -20), np.percentile: (50,), np.hypot: (result,), np.where: (1, 0),
        np.dot: (np.ones(result.n_frames),),
    }.get(function, ())  # fmt: skip
    plain = [result.data if each is result else each for each in more]
    if function is np.concatenate:
        assert np.array_equal(function([result, result]), function([result.data, result.data]))
    else:
        assert np.array_equal(function(result, *more), function(result.data, *plain))
        if not more and function in (
            np.mean,
            np.max,
            np.sum,
            np.median,
            np.std,
            np.argmax,
            np.cumsum,
            np.sort,
        ):
            assert np.array_equal(function(result, axis=0), function(result.data, axis=0))


@pytest.mark.parametrize(
    "use",
    [
        lambda r: r + 1, lambda r: 1 - r, lambda r: r * r, lambda r: r / 2, lambda r: r // 2, lambda r: r % 2,
        lambda r: r**2, lambda r: -r, abs, lambda r: r @ r.T, lambda r: r > -40, lambda r: r <= -40,
        lambda r: r.mean(), lambda r: r.max(axis=1), lambda r: r.sum(), lambda r: r.reshape(-1),
    ],
)  # fmt: skip
def test_arithmetic_says_what_to_compute_with(use):
    with pytest.raises((TypeError, AttributeError), match=r"\.data"):
        use(whole())
