"""Pictures: what is drawn where, and colours over the range asked for."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.integrations.plot import plot

from ..support.plots import MANY, SCALES, colour, compute, features, pixels, render, stand_in


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "amplitude"),
    [
        pytest.param(scale, amplitude, marks=[pytest.mark.slow] * (amplitude != "db" and scale != "linear"))
        for scale in SCALES
        for amplitude in ("power", "magnitude", "db")
    ],
)
def test_every_family_draws(ax, scale, amplitude):
    spectrogram = compute(scale, amplitude)
    assert plot(spectrogram, ax, title="noise") is ax
    assert len(np.unique(render(ax).view(np.uint32))) > 100  # a pixel is four bytes
    assert ax.get_xlabel() == "Time (s)"
    assert ax.get_ylabel().startswith("Note (Hz" if scale == "cqt" else "Frequency (kHz")
    assert ax.get_title() == "noise"


def test_colours_span_the_dynamic_range(ax):
    data = np.array([[-100.0, -30.0], [10.0, 0.0]])
    plot(stand_in(data, [100.0, 300.0]), ax, dynamic_range=60.0)
    assert ax.images[0].get_clim() == (-50.0, 10.0)


def test_colours_stop_at_the_lowest_value(ax):
    plot(stand_in(np.array([[-20.0, 0.0], [10.0, 0.0]]), [100.0, 300.0]), ax)
    assert ax.images[0].get_clim() == (-20.0, 10.0)


@pytest.mark.parametrize(("amplitude", "lowest"), [("power", 4e-6), ("magnitude", 4e-3)])
def test_power_and_magnitude_get_logarithmic_colours(ax, amplitude, lowest):
    plot(stand_in(np.array([[0.0, 4.0]]), [100.0], amplitude=amplitude), ax, dynamic_range=60.0)
    from matplotlib.colors import LogNorm

    image = ax.images[0]
    assert isinstance(image.norm, LogNorm)
    np.testing.assert_allclose(image.get_clim(), (lowest, 4.0))
    # Zero is drawn in the lowest colour, not left out.
    assert image.to_rgba(np.array([0.0]))[0].tolist() == list(image.cmap(0.0))


@pytest.mark.slow
@pytest.mark.parametrize("amplitude", ["power", "magnitude", "db"])
def test_silence_and_nan_draw(ax, amplitude):
    silence = np.zeros((3, 4))
    plot(stand_in(silence, [100.0, 200.0, 400.0], amplitude=amplitude), ax)
    assert len(np.unique(render(ax).view(np.uint32))) > 2  # axes and a picture
    plot(stand_in(np.full((3, 4), np.nan), [100.0, 200.0, 400.0], amplitude=amplitude), ax)
    assert len(np.unique(render(ax).view(np.uint32))) > 2


@pytest.mark.slow
def test_colour_bar_says_what_the_values_are(ax):
    plot(compute("mel", "db"), ax)
    assert ax.figure.axes[1].get_ylabel() == "Level (dB re 1)"


def test_colour_bar_is_optional(ax):
    plot(compute("mel"), ax, colorbar=False)
    assert ax.figure.axes == [ax]


@pytest.mark.slow
def test_one_frame_and_one_band(ax):
    plot(stand_in(np.array([[1.0]]), [440.0]), ax)
    render(ax)
    assert ax.get_xlim() == (-0.5, 0.5)


def test_long_recordings_keep_their_loudest_frames(ax):
    n = 3 * MANY + 1
    data = np.full((2, n), -60.0)
    data[1, 5000] = 0.0
    plot(stand_in(data, [100.0, 300.0]), ax)
    drawn = pixels(ax)
    loud = (drawn == colour(ax, 0.0)).all(axis=2)
    assert drawn.shape[1] < MANY
    assert loud.any(axis=0).sum() == 1
    assert loud.any(axis=0).argmax() == pytest.approx(drawn.shape[1] * 5000.5 / n, abs=1)
    np.testing.assert_allclose(ax.get_xlim()[1], (n - 0.5) * 0.01)


def test_wrong_range(ax):
    with pytest.raises(sg.InvalidInputError, match="dynamic_range must be > 0 dB, got 0"):
        plot(stand_in(np.zeros((1, 1)), [1.0]), ax, dynamic_range=0)


def test_method_of_the_result(ax):
    assert compute("linear").plot(ax=ax, title="by method") is ax
    assert ax.get_title() == "by method"


def test_without_axes_the_current_ones_are_used(monkeypatch):
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    monkeypatch.setattr(plt, "gca", Figure().add_subplot)
    ax = plot(stand_in(np.zeros((2, 2)), [1.0, 2.0]))
    assert ax.get_xlabel() == "Time (s)"


def test_missing_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError) as caught:
        plot(stand_in(np.zeros((1, 1)), [1.0]))
    assert str(caught.value) == "drawing spectrograms needs matplotlib: pip install matplotlib"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "colours"),
    [
        ("stft", "Frequency (kHz)", "Magnitude"),
        ("cqt", "Note (Hz, constant Q)", "Magnitude"),
        ("mfcc", "Coefficient", "Cepstrum"),
        ("chroma", "Pitch class", "Energy"),
        ("itd", "Frequency (Hz)", "ITD (seconds)"),
        ("ipd", "Frequency (Hz)", "IPD (radians)"),
        ("ild", "Frequency (kHz)", "ILD (dB)"),
        ("ilr", "Frequency (kHz)", "ILR (normalized)"),
        ("rms", "RMS (amplitude)", None),
    ],
)
def test_every_result_over_time_draws(ax, name, rows, colours):
    result = features()[name]
    assert result.plot(ax, title=name) is ax
    render(ax)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("Time (s)", rows, name)
    assert [other.get_ylabel() for other in ax.figure.axes[1:]] == ([colours] if colours else [])
    half = result.time_resolution / 2
    np.testing.assert_allclose(ax.get_xlim(), [result.times[0] - half, result.times[-1] + half])
    if name == "rms":
        np.testing.assert_array_equal(ax.lines[0].get_ydata(), result.data[0])
        return
    drawn = (ax.images or ax.collections)[0]
    shown = np.asarray(drawn.get_array()).reshape(result.shape)
    if name == "ipd":
        assert np.abs(result.data).max() > np.pi
        np.testing.assert_allclose(np.exp(1j * shown), np.exp(1j * result.data), rtol=0, atol=1e-12)
        assert np.abs(shown).max() <= np.pi
    else:
        np.testing.assert_array_equal(shown, np.abs(result.data) if name in ("stft", "cqt") else result.data)
    if hasattr(result, "default_range"):
        assert drawn.get_clim() == result.default_range


@pytest.mark.slow
def test_long_differences_keep_both_extremes(ax):
    signal = np.random.default_rng(1).standard_normal((1, 128 * 3 * MANY)).repeat(2, axis=0)
    signal[0, 128 * 5000 : 128 * 5010] *= 0.1  # the right ear is louder
    signal[1, 128 * 9000 : 128 * 9010] *= 0.1
    params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
    cue = sg.compute_ilr_spectrogram(signal, sg.ILRSpectrogramParams(params))
    cue.plot(ax)
    drawn = pixels(ax).astype(int)
    assert drawn.shape[1] < MANY
    for extreme in (np.nanmax(cue.data), np.nanmin(cue.data)):
        assert abs(extreme) > 0.8
        assert np.abs(drawn - colour(ax, extreme)).max(axis=2).min() <= 1


@pytest.mark.slow
def test_zooming_shows_the_frames_of_the_view(ax):
    data = np.zeros((2, 3 * MANY))
    data[:, 1000:1100:2] = -40.0
    plot(stand_in(data, [100.0, 300.0]), ax)
    assert (pixels(ax) == colour(ax, 0.0)).all()  # every pixel covers a louder frame, too
    ax.set_xlim(10.0 - 0.005, 11.0 - 0.005)
    row = (pixels(ax)[0] == colour(ax, -40.0)).all(axis=1)
    assert np.count_nonzero(np.diff(row.astype(int)) == -1) == 50
    ax.set_xlim(0.0, 0.05)  # wide cells, each of its own width
    assert (pixels(ax) == colour(ax, 0.0)).all()


@pytest.mark.slow
def test_cells_lie_between_their_edges_on_any_scale(ax):
    data = np.arange(12.0).reshape(3, 4)
    times, frequencies = [0.0, 1.0, 3.0, 7.0], [100.0, 1000.0, 10000.0]
    plot(data, ax, times=times, frequencies=frequencies)
    ax.set_yscale("log")
    ax.set_ylim(60.0, 20000.0)
    drawn = pixels(ax)
    left, bottom = ax.images[0].make_image(ax.figure.canvas.get_renderer())[1:3]
    for row, hz in enumerate(frequencies):
        for column, second in enumerate(times):
            x, y = ax.transData.transform((second, hz)) - (left, bottom)
            np.testing.assert_array_equal(drawn[int(y), int(x)], colour(ax, data[row, column]))


def test_nothing_is_drawn_beside_the_data(ax):
    plot(np.ones((2, 100)), ax, times=np.arange(100) * 0.1)
    ax.set_xlim(-10.0, 20.0)
    image, left = pixels(ax), ax.images[0].make_image(ax.figure.canvas.get_renderer())[1]
    width = ax.bbox.width
    assert image.shape[1] == pytest.approx(width / 3, abs=1)
    assert left == pytest.approx(ax.bbox.x0 + width / 3, abs=1)


def test_signed_values_have_zero_in_the_middle(ax):
    made = features()["mfcc"]
    made.plot(ax)
    low, high = ax.images[0].get_clim()
    assert low == -high == -np.abs(made.data[1:]).max()
    assert ax.images[0].cmap.name == "coolwarm"


def test_signed_arrays(ax):
    plot(np.array([[-1.0, 0.5], [2.0, 0.0]]), ax, signed=True)
    assert ax.images[0].get_clim() == (-2.0, 2.0)


def test_limits_of_the_caller(ax):
    plot(compute("mel"), ax, limits=(-50.0, 20.0))
    assert ax.images[0].get_clim() == (-50.0, 20.0)
    with pytest.raises(sg.InvalidInputError, match="limits must ascend"):
        plot(compute("mel"), ax, limits=(20.0, -50.0))


@pytest.mark.slow
def test_averages(ax):
    params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), 16000, scaling="density")
    for every, lines in ((None, 2), (0.25, 0)):
        average = sg.LongTermAverage(sg.SpectrogramPlan(params), every=every, percentiles=[50])
        average.push(np.random.default_rng(0).standard_normal(16000))
        ax.clear()
        plot(average.finish().to_db(), ax)
        render(ax)
        assert len(ax.lines) == lines
        assert len(ax.images) == (lines == 0)
    assert ax.figure.axes[-1].get_ylabel() == "Level (dB re (1 V)**2/Hz)"


@pytest.mark.slow
def test_modulation_spectra(ax):
    made = sg.compute_stmtf(compute("linear", "magnitude"))
    plot(made, ax)
    render(ax)
    assert ax.get_xlabel() == "Temporal modulation (Hz)"
    assert ax.get_ylabel() == "Spectral modulation (cycles per bin)"


def test_curves_of_arrays(ax):
    plot(np.arange(5.0), ax, times=np.arange(5.0), unit="Pa")
    assert ax.get_ylabel() == "Pa"
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), np.column_stack([np.arange(5.0)] * 2))


def test_the_pointer_reads_values(ax):
    data = np.arange(6.0).reshape(2, 3)
    plot(stand_in(data, [100.0, 300.0]), ax)
    render(ax)
    x, y = ax.transData.transform((0.02, 300.0))
    assert ax.images[0].get_cursor_data(SimpleNamespace(x=x, y=y)) == 5.0
    assert ax.images[0].get_cursor_data(SimpleNamespace(x=-9, y=y)) is None
