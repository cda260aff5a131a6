"""Some of the FFT bins: the same numbers as of all of them, and no others computed."""

import numpy as np
import pytest
import scipy.signal

import spectrograms as sg

STFT = sg.StftParams(512, 160, "hann", periodic=True)


def noise(n=16000, dtype="f8"):
    return np.random.default_rng(0).standard_normal(n).astype(dtype)


@pytest.mark.parametrize("amplitude", ["power", "magnitude", "db"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scaling", ["none", "density", "dBFS"])
@pytest.mark.parametrize(
    "bounds", [(1000.0, 4000.0), (0.0, 8000.0), (0.0, 10.0), (7999.0, 8000.0), (990.0, 1010.0)]
)
def test_rows_are_those_of_the_whole(amplitude, dtype, scaling, bounds):
    params = sg.SpectrogramParams(STFT, 16000, scaling=scaling)
    x = noise()
    whole = sg.SpectrogramPlan(params, None, amplitude, dtype=dtype).compute(x)
    frequencies = np.array(whole.frequencies)
    rows = (frequencies >= bounds[0]) & (frequencies <= bounds[1])
    plan = sg.SpectrogramPlan(params, sg.LinearParams(*bounds), amplitude, dtype=dtype)
    part = plan.compute(x)
    assert part.data.tobytes() == whole.data[rows].tobytes()
    assert part.frequencies == frequencies[rows].tolist() == plan.frequencies.tolist()
    assert part.shape == plan.output_shape(16000)
    assert (part.scale, part.unit, part.times) == ("linear", whole.unit, whole.times)
    assert part.data.flags.owndata or part.data.base.__class__.__name__ == "AlignedBlock"
    stream = plan.stream()
    frames = np.hstack([*(stream.push(chunk) for chunk in np.split(x, 16)), stream.flush()])
    assert frames.tobytes() == np.ascontiguousarray(part.data).tobytes()
    batch = plan.compute_batch([x, x[:5000]])
    assert np.array_equal(batch[0].data, part.data)


def test_equals_scipy():
    params = sg.SpectrogramParams(
        sg.StftParams(512, 160, "hann", False, periodic=True), 16000, scaling="density"
    )
    part = sg.SpectrogramPlan(params, sg.LinearParams(2000.0, 3000.0)).compute(noise())
    f, _, density = scipy.signal.spectrogram(noise(), 16000, "hann", 512, 352, detrend=False)
    rows = (f >= 2000) & (f <= 3000)
    np.testing.assert_allclose(part.data, density[rows], rtol=1e-12, atol=1e-12 * density.max())
    assert np.allclose(part.frequencies, f[rows])


def test_features_of_one_pass():
    features = {
        "low": (sg.LinearParams(0.0, 1000.0), "db"),
        "all": "db",
        "mel": sg.MelParams(10, 0.0, 8000.0),
    }
    results = sg.FeatureSet(STFT, 16000, features).compute(noise())
    assert np.array_equal(results["low"].data, results["all"].data[:33])
    assert results["low"].frequencies == results["all"].frequencies[:33]


def test_round_trips():
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(STFT, 16000), sg.LinearParams(1000.0, 4000.0), "db")
    again = sg.SpectrogramPlan.from_json(plan.to_json())
    assert again == plan
    assert again.compute(noise()).shape == (97, 101)
    assert plan.conventions["bands"] == "FFT bins from 1000 to 4000 Hz"
    result = plan.compute(noise())
    assert sg.Spectrogram.from_dict(result.to_dict()).frequencies == result.frequencies
    assert result.crop(f0=2000).frequencies[0] == 2000.0


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((-1.0, 10.0), "f_min must be >= 0"),
        ((10.0, 10.0), "f_max must be > f_min=10"),
        ((float("nan"), 10.0), "f_min must be"),
        ((0.0, float("nan")), "f_max must be"),
        ((0.0, 9000.0), "f_max=9000 exceeds Nyquist=8000"),
        ((1001.0, 1002.0), "f_min and f_max must have a bin between, which lie 31.25 Hz apart"),
    ],
)
def test_ranges_that_are_refused(bounds, words):
    with pytest.raises(sg.InvalidInputError, match=words):
        sg.SpectrogramPlan(sg.SpectrogramParams(STFT, 16000), sg.LinearParams(*bounds))
