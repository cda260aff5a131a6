"""Axes of pictures: seconds, clocks and Hz, notes, bands at their true centres, and the waveform above."""

import datetime as dt

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.integrations.plot import plot

from ..support.plots import compute, features, render, stand_in, ticks


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


def test_pitch_classes_and_coefficients_are_named_in_the_middle_of_their_rows(ax):
    made = features()
    made["chroma"].plot(ax)
    assert [text.get_text() for text in ax.get_yticklabels()] == made["chroma"].labels
    assert ax.get_yticks().tolist() == list(range(12))
    assert ax.images[0].get_extent()[2:] == [-0.5, 11.5]


@pytest.mark.slow
def test_without_a_sample_rate_frames_are_counted(ax):
    sg.mfcc_from_log_mel(np.random.default_rng(0).standard_normal((40, 20)), sg.MfccParams(13)).plot(ax)
    render(ax)
    assert ax.get_xlabel() == "Frame"
    assert ax.get_xlim() == (-0.5, 19.5)


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_view_of_seconds_within_hours(ax):
    plot(stand_in(np.zeros((2, 1200)), [1.0, 2.0], hop=20.0), ax)
    ax.set_xlim(7200.0, 7210.0)
    assert "2:00:04" in ticks(ax.xaxis)
    assert ax.get_xlabel() == "Time (h:min:s)"
    ax.set_xlim(0.0, 20000.0)
    ticks(ax.xaxis)
    assert ax.get_xlabel() == "Time (h:min)"


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_notes(ax):
    plot(compute("cqt"), ax)  # three octaves from 600 Hz
    assert ticks(ax.yaxis)[0].startswith("E5  ")
    ax.set_ylim(600.0, 1000.0)
    assert {"F5  698", "A5  880"} <= set(ticks(ax.yaxis))
    for hz, place in ((698.46, 698), (880.0, 880)):
        assert min(abs(np.array(ax.get_yticks()) - hz)) < 0.01, place


@pytest.mark.slow
def test_notes_of_another_scale(ax):
    plot(stand_in(np.zeros((40, 3)), np.geomspace(100, 2000, 40), scale="loghz"), ax, notes=True)
    octaves = "G2 C3 E3 G3 C4 E4 G4 C5 E5 G5 C6 E6 G6"
    assert [text.split()[0] for text in ticks(ax.yaxis)] == octaves.split()


def test_labels_get_closer_when_zooming(ax):
    plot(compute("mel"), ax)
    ax.set_ylim(1000.0, 2000.0)
    assert len(ticks(ax.yaxis)) >= 4


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


def test_spectra_of_two_dimensions_have_ascending_axes(ax):
    image = np.random.default_rng(0).standard_normal((8, 12))
    made = sg.compute_fft2d(image)
    plot(made, ax)
    assert ax.get_ylabel() == "Row frequencies (cycles per sample)"
    shifted = np.fft.fftshift(np.abs(np.fft.rfft2(image)), axes=0)
    np.testing.assert_allclose(ax.images[0].get_array(), shifted, rtol=1e-10)


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
