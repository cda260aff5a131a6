"""Binaural cues, their histograms and differences against recorded results of the reference."""

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together
from . import runners
from .recorded import check, check_layout, flat, ids, is_kaiser, load, scattered

CUES = load("binaural")
DIFFERENCES = load("binaural_diff")


def noise_level(case):
    """Return the error of an STFT bin relative to the peak of the STFT that we grant."""
    return 1e-6 if case["dtype"] == "float32" or is_kaiser(case) else 1e-13


def periods(case, shape):
    """Return the period of each element of a phase cue, which may jump by it; inf for level cues."""
    width = case["sample_rate"] / case["n_fft"]
    first = int(np.floor(case["band"][0] / width + 0.5))
    frequencies = (first + np.arange(shape[0]))[:, None] * width
    period = {"itd": 1 / frequencies, "ipd": 2 * np.pi}.get(case["cue"], np.inf)
    return np.broadcast_to(period, shape)


def sensitivity(case, shape):
    """Return the change of the cue for a unit relative change of the weaker channel."""
    unit = {"itd": periods(case, shape) / (2 * np.pi), "ipd": 1.0, "ild": 20 / np.log(10), "ilr": 2.0}
    return np.broadcast_to(unit[case["cue"]], shape)


def check_cue(case, data, outputs):
    """Compare with the recorded cue; its error grows as the weaker channel of a bin gets weaker."""
    output, level = outputs["data"], outputs["level"]
    check_layout(data, output)
    places = scattered(data.size, 64)
    error = flat(data)[places] - output.values
    period = periods(case, data.shape).ravel()[places]
    turns = np.where(np.isfinite(period), np.round(error / period), 0.0)
    error = np.where(turns == 0, error, error - turns * np.where(np.isfinite(period), period, 0.0))
    unit = sensitivity(case, data.shape).ravel()[places]
    real = np.isfinite(output.values)
    np.testing.assert_array_equal(np.isfinite(flat(data)[places]), real)
    bound = 4 * noise_level(case) * unit / np.maximum(level.values, 1e-300)
    float_step = 4 * np.finfo(case["dtype"]).eps * np.abs(output.values)
    assert (np.abs(error) <= bound + float_step)[real].all()


def counted(values, num_bins, low, high, exponent, normalize):
    """Return the histogram of each column as documented."""
    width = (high - low) / num_bins
    table = np.zeros((num_bins, values.shape[1]))
    for t, column in enumerate(values.astype(np.float64).T):
        column = column[np.isfinite(column) & (column >= low) & (column <= high)]
        index = np.minimum(np.floor((column - low) / width).astype(int), num_bins - 1)
        table[:, t] = np.bincount(index, minlength=num_bins) ** exponent
    if normalize:
        total = table.sum(axis=0)
        table = table / np.where(total > 0, total, 1.0)
    return table


DEFAULT_RANGE = {"itd": (-0.00088, 0.00088), "ipd": (-np.pi, np.pi), "ild": (-24.0, 24.0), "ilr": (-1.0, 1.0)}


@pytest.mark.slow
@together("case, outputs", CUES, ids=ids(CUES))
def test_cue(case, outputs):
    results = runners.run_binaural(sg, case)
    check_cue(case, results["data"], outputs)
    check(results["frequencies"], outputs["frequencies"], 1e-15)
    check(results["frequency_range"], outputs["frequency_range"], 1e-15)
    check(results["times"], outputs["times"], 1e-15)
    check(results["duration"], outputs["duration"], 1e-15)
    for i, options in enumerate(case["histograms"]):
        found, output = results[f"histogram{i}"], outputs[f"histogram{i}"]
        if noise_level(case) < 1e-10:
            check(found, output, 1e-12)
        check_layout(found, output)
        exponent = options.get("exponent", 3 if case["cue"] in ("ild", "ilr") else 1)
        limits = options.get("range", DEFAULT_RANGE[case["cue"]])
        normalize = options.get("normalize", False)
        expected = counted(results["data"], options.get("num_bins", 400), *limits, exponent, normalize)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.slow
@together("case, outputs", DIFFERENCES, ids=ids(DIFFERENCES))
def test_difference(case, outputs):
    # a mean over bins, dominated by the error of those with the weakest channel
    tolerance = 1e-9 if noise_level(case) < 1e-10 else 1e-3
    results = runners.run_binaural_diff(sg, case)
    check(results["data"], outputs["data"], tolerance)
    check(results["scalars"], outputs["scalars"], tolerance)


def itd_params(band, *extra):
    stft = sg.StftParams(256, 64, sg.WindowType.hanning)
    return sg.ITDSpectrogramParams(sg.SpectrogramParams(stft, 16000.0), *band, *extra)


@pytest.mark.correction
def test_itd_leaves_out_bin_0():
    x = runners.signal("noise", 2000, 1)
    params = itd_params([1.0, 620.0])
    result = sg.compute_itd_spectrogram([x, np.roll(x, 2)], params)
    whole = sg.compute_itd_spectrogram([x, np.roll(x, 2)], itd_params([62.5, 620.0]))
    assert np.isfinite(result.data).all()
    assert result.frequencies == whole.frequencies
    np.testing.assert_array_equal(result.data, whole.data)


@pytest.mark.correction
@pytest.mark.parametrize("cue", ["itd", "ipd", "ild", "ilr"])
def test_nan_samples_are_nan_in_the_cue(cue):
    stft = sg.StftParams(256, 64, sg.WindowType.hanning)
    params = sg.SpectrogramParams(stft, 16000.0)
    x, y = runners.signal("noise", 2000, 1), runners.signal("noise", 2000, 2)
    x[1000] = np.nan
    cue_params = getattr(sg, f"{cue.upper()}SpectrogramParams")(params, 300.0, 3000.0)
    data = getattr(sg, f"compute_{cue}_spectrogram")([x, y], cue_params).data
    touched = np.isnan(sg.compute_stft(x, params).norm()).any(axis=0)
    assert touched.any()
    np.testing.assert_array_equal(np.isnan(data), np.broadcast_to(touched, data.shape))


@pytest.mark.correction
@pytest.mark.parametrize("cue", ["itd", "ipd", "ild", "ilr"])
def test_energy_weighted_histogram_weights_by_energy(cue):
    params = sg.SpectrogramParams(sg.StftParams(256, 64, sg.WindowType.hanning), 16000.0)
    x, y = runners.signal("noise", 2000, 1), runners.signal("noise", 2000, 2)
    cue_params = getattr(sg, f"{cue.upper()}SpectrogramParams")(params, 300.0, 3000.0)
    result = getattr(sg, f"compute_{cue}_spectrogram")([x, y], cue_params)
    exponent = {"exponent": 1} if cue in ("ild", "ilr") else {}
    keyword = {"itd": "delay_range", "ipd": "phase_range", "ild": "db_range", "ilr": "ratio_range"}[cue]
    table = result.histogram(1, **{keyword: (-100.0, 100.0)}, energy_weighted=True, **exponent)
    rows = slice(round(result.frequencies[0] / 62.5), round(result.frequencies[-1] / 62.5) + 1)
    energy = sum(sg.compute_stft(channel, params).norm()[rows] ** 2 for channel in (x, y))
    np.testing.assert_allclose(table, energy.sum(axis=0)[None], rtol=1e-10)


@pytest.mark.correction
def test_shorter_right_channel_is_an_error():
    x = runners.signal("noise", 2000, 1)
    with pytest.raises(sg.DimensionMismatchError):
        sg.compute_itd_spectrogram([x, x[:1000]], itd_params([300.0, 3000.0]))
