"""Pictures: axes in seconds and Hz, bands at their true centres, colours over the range asked for."""

import datetime as dt
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.integrations.plot import plot

# More frames than the pictures here have pixels.
MANY = 4096

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
    assert ax.get_ylabel().startswith("Note (Hz" if scale == "cqt" else "Frequency (kHz")
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
    assert ax.figure.axes[1].get_ylabel() == "Level (dB re 1)"


def test_colour_bar_is_optional(ax):
    plot(compute("mel"), ax, colorbar=False)
    assert ax.figure.axes == [ax]


def test_one_frame_and_one_band(ax):
    plot(stand_in(np.array([[1.0]]), [440.0]), ax)
    render(ax)
    assert ax.get_xlim() == (-0.5, 0.5)


def pixels(ax):
    """The colours of the cells as they are drawn, first row lowest."""
    render(ax)
    return ax.images[0].make_image(ax.figure.canvas.get_renderer())[0]


def colour(ax, value):
    return ax.images[0].to_rgba(np.array([value]), bytes=True)[0]


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


def ticks(axis):
    axis.axes.figure.canvas.draw()
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.parametrize(
    ("hop", "label", "texts"),
    [
        (0.01, "Time (s)", ["0", "2", "10"]),
        (1.0, "Time (min:s)", ["0:00", "5:00", "10:00"]),
        (20.0, "Time (h:min)", ["0:00", "1:00", "2:00"]),
    ],
)
def test_times_are_written_as_people_do(ax, hop, label, texts):
    plot(stand_in(np.zeros((2, 1200)), [1.0, 2.0], hop=hop), ax)
    shown = ticks(ax.xaxis)
    assert ax.get_xlabel() == label
    assert set(texts) <= set(shown)


def test_a_view_of_seconds_within_hours(ax):
    plot(stand_in(np.zeros((2, 1200)), [1.0, 2.0], hop=20.0), ax)
    ax.set_xlim(7200.0, 7210.0)
    assert "2:00:04" in ticks(ax.xaxis)
    assert ax.get_xlabel() == "Time (h:min:s)"
    ax.set_xlim(0.0, 20000.0)
    ticks(ax.xaxis)
    assert ax.get_xlabel() == "Time (h:min)"


def test_a_clock(ax):
    start = dt.datetime(2026, 11, 30, 23, 59, 30)
    plot(stand_in(np.zeros((2, 600)), [1.0, 2.0], hop=0.1), ax, start=start)
    assert {"23:59:30", "00:00:00", "00:00:20"} <= set(ticks(ax.xaxis))
    assert ax.get_xlabel() == "Time on 30 November 2026"
    assert 30.0 in ax.get_xticks()  # the data stay in seconds


def test_an_offset_moves_picture_and_waveform(ax):
    plot(compute("mel"), ax, start=600.0, samples=np.zeros(8000))
    assert ax.get_xlim()[0] == pytest.approx(600.0, abs=0.01)
    assert ax.child_axes[0].lines[0].get_xdata()[0] == 600.0


def test_the_waveform_stands_above(ax):
    samples = np.sin(np.arange(8000.0))
    samples[4000] = 5.0
    plot(compute("mel"), ax, samples=samples, title="both")
    above = ax.child_axes[0]
    render(ax)
    assert above.get_title() == "both"
    assert above.get_xlim() == ax.get_xlim()
    curve = above.lines[0]
    assert curve.get_ydata().max() == 5.0
    assert curve.get_xdata()[np.argmax(curve.get_ydata())] == pytest.approx(4000 / 16000, abs=0.001)


def test_samples_need_a_rate(ax):
    with pytest.raises(sg.InvalidInputError, match="sample_rate"):
        plot(np.zeros((2, 3)), ax, samples=np.zeros(9))


def test_notes(ax):
    plot(compute("cqt"), ax)  # three octaves from 600 Hz
    assert ticks(ax.yaxis)[0].startswith("E5  ")
    ax.set_ylim(600.0, 1000.0)
    assert {"F5  698", "A5  880"} <= set(ticks(ax.yaxis))
    for hz, place in ((698.46, 698), (880.0, 880)):
        assert min(abs(np.array(ax.get_yticks()) - hz)) < 0.01, place


def test_notes_of_another_scale(ax):
    plot(stand_in(np.zeros((40, 3)), np.geomspace(100, 2000, 40), scale="loghz"), ax, notes=True)
    octaves = "G2 C3 E3 G3 C4 E4 G4 C5 E5 G5 C6 E6 G6"
    assert [text.split()[0] for text in ticks(ax.yaxis)] == octaves.split()


def test_labels_get_closer_when_zooming(ax):
    plot(compute("mel"), ax)
    ax.set_ylim(1000.0, 2000.0)
    assert len(ticks(ax.yaxis)) >= 4


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


@pytest.mark.parametrize(("name", "shape"), [("whisper_openai", (80, 50)), ("kaldi_fbank", (48, 80))])
def test_frontends_say_where_their_frames_are(ax, name, shape):
    made = sg.frontend(name, **({"num_mel_bins": 80} if name == "kaldi_fbank" else {}))
    values = made.compute(0.1 * np.random.default_rng(0).standard_normal(8000))
    assert values.shape == shape
    plot(values, ax, source=made)
    times = made.times(8000)
    step = times[1] - times[0]
    np.testing.assert_allclose(ax.get_xlim(), [times[0] - step / 2, times[len(times) - 1] + step / 2])
    shown = ax.images[0].get_array()
    np.testing.assert_array_equal(shown, values.T if made.layout == "(frames, rows)" else values)


def test_axes_of_an_array_are_checked(ax):
    with pytest.raises(sg.DimensionMismatchError, match="times"):
        plot(np.zeros((2, 3)), ax, times=[0.0, 1.0])
    with pytest.raises(sg.InvalidInputError, match="frequencies must be finite and ascend"):
        plot(np.zeros((2, 3)), ax, frequencies=[2.0, 1.0])
    with pytest.raises(sg.InvalidInputError, match="times belongs to arrays"):
        plot(compute("mel"), ax, times=[0.0])
    with pytest.raises(sg.InvalidInputError, match="1-D or 2-D"):
        plot(np.zeros((2, 3, 4)), ax)


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


def test_modulation_spectra(ax):
    made = sg.compute_stmtf(compute("linear", "magnitude"))
    plot(made, ax)
    render(ax)
    assert ax.get_xlabel() == "Temporal modulation (Hz)"
    assert ax.get_ylabel() == "Spectral modulation (cycles per bin)"


def test_spectra_of_two_dimensions_have_ascending_axes(ax):
    image = np.random.default_rng(0).standard_normal((8, 12))
    made = sg.compute_fft2d(image)
    plot(made, ax)
    assert ax.get_ylabel() == "Row frequencies (cycles per sample)"
    shifted = np.fft.fftshift(np.abs(np.fft.rfft2(image)), axes=0)
    np.testing.assert_allclose(ax.images[0].get_array(), shifted, rtol=1e-10)


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


def test_constant_q_says_how_early_its_events_stand(ax):
    params = sg.SpectrogramParams(sg.StftParams(2048, 256, "hann"), 16000)
    for how, words in [
        ({}, "events 50 to 62 ms early"),
        ({"align": "centre"}, ""),
        ({"method": "multirate"}, ""),
    ]:
        cqt = sg.CqtParams(12, 3, 600.0, **how)
        plot(sg.compute_cqt_power_spectrogram(np.ones(16000), params, cqt), ax, colorbar=False)
        assert ax.get_title(loc="right") == words
