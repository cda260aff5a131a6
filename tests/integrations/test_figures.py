"""Sheets of pictures, comparisons, themes."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.integrations.figures import contact_sheet, new_figure, themed


def clips(n):
    params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
    plan = sg.SpectrogramPlan(params, sg.MelParams(40, 0.0, 8000.0), amplitude="db")
    noise = np.random.default_rng(0).standard_normal((n, 4000))
    return [(f"clip {i} $5", plan.compute(x * 10.0**-i)) for i, x in enumerate(noise)]


@pytest.mark.slow
def test_a_sheet_has_a_named_picture_of_each():
    figure = contact_sheet(clips(5), title="all", frequencies=(100.0, 2000.0))
    figure.canvas.draw()
    assert len(figure.axes) == 5
    assert [ax.get_title() for ax in figure.axes] == [rf"clip {i} \$5" for i in range(5)]
    assert {ax.get_ylim() for ax in figure.axes} == {(100.0, 2000.0)}
    assert figure.get_suptitle() == "all"


def test_colours_may_mean_the_same_in_all_pictures():
    apart = {ax.images[0].get_clim() for ax in contact_sheet(clips(3)).axes}
    shared = {ax.images[0].get_clim() for ax in contact_sheet(clips(3), limits=(-60.0, 30.0)).axes}
    assert len(apart) == 3
    assert shared == {(-60.0, 30.0)}


def test_a_sheet_of_nothing():
    with pytest.raises(sg.InvalidInputError, match="items must not be empty"):
        contact_sheet([])


@pytest.mark.slow
def test_themes():
    for name, dark in (("dark", True), ("light", False)):
        with themed(name):
            figure = contact_sheet(clips(1))
            figure.canvas.draw()
            corner = np.asarray(figure.canvas.buffer_rgba())[0, 0, :3]
        assert (corner.max() < 60) == dark
    with pytest.raises(sg.InvalidInputError, match="theme must be light, dark or a style"), themed("nosuch"):
        pass


@pytest.mark.slow
def test_comparisons_draw_both_and_their_difference():
    figure = sg.compare("whisper_openai", "whisper_hf").plot()
    figure.canvas.draw()
    titles = [ax.get_title() for ax in figure.axes if ax.images]
    assert titles == ["a: whisper_openai", "b: whisper_hf", "b - a"]
    difference = next(ax for ax in figure.axes if ax.get_title() == "b - a").images[0]
    low, high = difference.get_clim()
    assert low == -high
    assert "clip length" in figure.get_suptitle()


def test_comparisons_of_other_rows_draw_both_alone():
    pair = (sg.frontend("kaldi_fbank", num_mel_bins=bands) for bands in (40, 80))
    figure = sg.compare(*pair).plot()
    assert [ax.get_title() for ax in figure.axes if ax.images] == ["a: kaldi_fbank", "b: kaldi_fbank"]


def test_comparisons_of_other_rates_need_samples():
    comparison = sg.compare("librosa_melspectrogram", "torchaudio_melspectrogram")
    with pytest.raises(sg.InvalidInputError, match="samples must be given where sample rates differ"):
        comparison.plot()
    figure = new_figure((6.0, 6.0))
    assert comparison.plot((np.ones(22050), np.ones(16000)), figure) is figure
