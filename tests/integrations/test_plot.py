"""Pictures: axes in seconds and Hz, bands at their true centres, colours over the range asked for."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.integrations.plot import _MAX_COLUMNS, plot

SCALES = {
    "linear": None,
    "mel": sg.MelParams(40, 50.0, 8000.0),
    "erb": sg.ErbParams(30, 50.0, 8000.0),
    "loghz": sg.LogHzParams(48, 60.0, 7900.0),
    "cqt": sg.CqtParams(12, 3, 600.0),
}


@pytest.fixture
def ax():
    # Half a second, which collecting tests does not need.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4))
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def compute(scale="mel", amplitude="db", n_samples=8000, **stft):
    params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann", **stft), 16000)
    plan = sg.SpectrogramPlan(params, SCALES[scale], amplitude=amplitude)
    return plan.compute(0.1 * np.random.default_rng(3).standard_normal(n_samples))


def stand_in(data, frequencies, hop=0.01, amplitude="db", scale="mel"):
    """What `plot` looks at, with values of our choice."""
    times = [i * hop for i in range(data.shape[1])]
    return SimpleNamespace(
        data=data, frequencies=frequencies, times=times, scale=scale, amplitude=amplitude, unit="dB"
    )


def render(ax):
    """Pixels of the figure: everything lazy in matplotlib has then happened."""
    ax.figure.canvas.draw()
    return np.asarray(ax.figure.canvas.buffer_rgba())


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
    assert ax.get_ylabel().startswith("Frequency (kHz")
    assert ax.get_title() == "noise"


def test_time_axis_ends_half_a_hop_outside(ax):
    spectrogram = compute("mel")
    plot(spectrogram, ax)
    half = 128 / 16000 / 2
    np.testing.assert_allclose(ax.get_xlim(), [-half, spectrogram.times[-1] + half])


@pytest.mark.parametrize("scale", ["mel", "loghz", "cqt"])
def test_bands_are_equally_high_at_their_true_centres(ax, scale):
    spectrogram = compute(scale)
    plot(spectrogram, ax)
    points = np.column_stack([np.zeros(spectrogram.n_bins), spectrogram.frequencies])
    heights = ax.transAxes.inverted().transform(ax.transData.transform(points))[:, 1]
    n = spectrogram.n_bins
    # Every centre inside its own row; in the very middle where neighbours are as far on both sides.
    np.testing.assert_array_equal(np.floor(heights * n), np.arange(n))


def test_linear_axis_is_in_hertz(ax):
    spectrogram = compute("linear")
    plot(spectrogram, ax)
    assert ax.get_yscale() == "linear"
    left, right, bottom, top = ax.images[0].get_extent()
    step = 16000 / 512
    np.testing.assert_allclose([bottom, top], [-step / 2, 8000 + step / 2])
    np.testing.assert_allclose([left, right], ax.get_xlim())
    assert ax.get_ylim()[0] == 0.0


def test_labels_are_round_and_apart(ax):
    plot(compute("mel"), ax)
    render(ax)
    labels = [text.get_text() for text in ax.get_yticklabels()]
    assert labels[-4:] == ["0.5", "1", "2", "5"]
    heights = ax.transAxes.inverted().transform(ax.transData.transform([(0, hz) for hz in ax.get_yticks()]))[
        :, 1
    ]
    assert np.diff(heights).min() >= 0.06


def test_low_bands_are_labelled_in_hertz(ax):
    plot(stand_in(np.zeros((4, 3)), [50.0, 100.0, 200.0, 400.0], scale="loghz"), ax)
    render(ax)
    assert ax.get_ylabel() == "Frequency (Hz, log scale)"
    assert [text.get_text() for text in ax.get_yticklabels()] == ["50", "100", "200", "500"]


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


@pytest.mark.parametrize("amplitude", ["power", "magnitude", "db"])
def test_silence_and_nan_draw(ax, amplitude):
    silence = np.zeros((3, 4))
    plot(stand_in(silence, [100.0, 200.0, 400.0], amplitude=amplitude), ax)
    assert len(np.unique(render(ax).view(np.uint32))) > 2  # axes and a picture
    plot(stand_in(np.full((3, 4), np.nan), [100.0, 200.0, 400.0], amplitude=amplitude), ax)
    assert len(np.unique(render(ax).view(np.uint32))) > 2


def test_colour_bar_says_what_the_values_are(ax):
    plot(compute("mel", "db"), ax)
    assert ax.figure.axes[1].get_ylabel() == "Level (dB)"


def test_colour_bar_is_optional(ax):
    plot(compute("mel"), ax, colorbar=False)
    assert ax.figure.axes == [ax]


def test_one_frame_and_one_band(ax):
    plot(stand_in(np.array([[1.0]]), [440.0]), ax)
    render(ax)
    assert ax.get_xlim() == (-0.5, 0.5)


def test_long_recordings_keep_their_loudest_frames(ax):
    n = 3 * _MAX_COLUMNS + 1
    data = np.full((2, n), -60.0)
    data[1, 5000] = 0.0
    plot(stand_in(data, [100.0, 300.0]), ax)
    drawn = np.asarray(ax.images[0].get_array())
    assert drawn.shape[1] <= _MAX_COLUMNS
    assert drawn.max() == 0.0
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


def features():
    """One result of every class with a time axis that is no Spectrogram, of one signal."""
    left = 0.1 * np.random.default_rng(5).standard_normal(8000)
    ears = np.stack([left, np.roll(left, 3)])
    params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
    return {
        "stft": sg.compute_stft(left, params),
        "cqt": sg.cqt(np.tile(left, 3), 16000, sg.CqtParams(12, 3, 800.0), 128),
        "mfcc": sg.compute_mfcc(left, params.stft, 16000, 40, sg.MfccParams(13)),
        "chroma": sg.compute_chromagram(left, params.stft, 16000, sg.ChromaParams()),
        "itd": sg.compute_itd_spectrogram(ears, sg.ITDSpectrogramParams(params)),
        "ipd": sg.compute_ipd_spectrogram(ears, sg.IPDSpectrogramParams(params)),
        "ild": sg.compute_ild_spectrogram(ears, sg.ILDSpectrogramParams(params)),
        "ilr": sg.compute_ilr_spectrogram(ears, sg.ILRSpectrogramParams(params)),
        "rms": sg.DescriptorPlan(params.stft, 16000, "rms").compute(left),
    }


@pytest.mark.parametrize(
    ("name", "rows", "colours"),
    [
        ("stft", "Frequency (kHz)", "Magnitude"),
        ("cqt", "Frequency (kHz, constant Q)", "Magnitude"),
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


def test_pitch_classes_and_coefficients_are_named_in_the_middle_of_their_rows(ax):
    made = features()
    made["chroma"].plot(ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == made["chroma"].labels
    assert ax.get_yticks().tolist() == list(range(12))
    assert ax.images[0].get_extent()[2:] == [-0.5, 11.5]


def test_without_a_sample_rate_frames_are_counted(ax):
    sg.mfcc_from_log_mel(np.random.default_rng(0).standard_normal((40, 20)), sg.MfccParams(13)).plot(ax)
    render(ax)
    assert ax.get_xlabel() == "Frame"
    assert ax.get_xlim() == (-0.5, 19.5)


def test_long_differences_keep_both_extremes(ax):
    signal = np.random.default_rng(1).standard_normal((1, 128 * 3 * _MAX_COLUMNS)).repeat(2, axis=0)
    signal[0, 128 * 5000 : 128 * 5010] *= 0.1  # the right ear is louder
    signal[1, 128 * 9000 : 128 * 9010] *= 0.1
    params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
    cue = sg.compute_ilr_spectrogram(signal, sg.ILRSpectrogramParams(params))
    cue.plot(ax)
    drawn = np.asarray(ax.images[0].get_array())
    assert drawn.shape[1] <= _MAX_COLUMNS
    assert np.nanmax(drawn) == np.nanmax(cue.data) > 0.8
    assert np.nanmin(drawn) == np.nanmin(cue.data) < -0.8
