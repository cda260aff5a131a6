"""Pictures beside stored ones of each kind, axes of what frontends and plans compute, labels that fit."""

from itertools import pairwise

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.integrations.plot import plot

from ..support import pictures
from ..support.together import together

# What other versions of Matplotlib, other fonts and the last bits of samples may change.
MOST = 4.0
STFT = sg.StftParams(512, 160, "hann")


@pytest.fixture(scope="module")
def drawn():
    return dict(pictures.drawn())


@pytest.mark.slow
def test_every_kind_has_a_reference(drawn):
    assert {pictures.path_of(name) for name in drawn} == set(pictures.REFERENCES.glob("*.png"))


@pytest.mark.slow
def test_pictures_look_as_they_did(drawn):
    differences = {
        name: pictures.apart(made, pictures.read(pictures.path_of(name))) for name, made in drawn.items()
    }
    assert {name: apart for name, apart in differences.items() if apart > MOST} == {}


@pytest.mark.slow
def test_another_picture_is_seen(drawn):
    for name, made in drawn.items():
        wrong = [np.flipud(made), made[..., ::-1], np.roll(made, made.shape[1] // 8, axis=1)]
        assert min(pictures.apart(made, each) for each in wrong) > 1.2 * MOST, name
        others = [other for other in drawn if other != name and drawn[other].shape == made.shape]
        alike = {"spectrogram", "power", "mel", "waveform above"}
        others = [other for other in others if not {name, other} <= alike]
        assert all(pictures.apart(made, drawn[other]) > 1.2 * MOST for other in others), name


def axes_of(n_rows=1, size=(6.0, 4.0)):
    figure = pictures.new_figure()
    figure.set_size_inches(*size)
    return figure.subplots(n_rows, 1, squeeze=False, sharex=True)[:, 0]


def labels(axis):
    axis.axes.figure.canvas.draw()
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "params", "label", "colours", "map_"),
    [
        ("kaldi_mfcc", {}, "Coefficient", "Cepstrum", "coolwarm"),
        ("librosa_mfcc", {}, "Coefficient", "Cepstrum", "coolwarm"),
        ("kaldi_fbank", {"use_energy": True}, "Frequency (kHz)", "Log value (ln)", "magma"),
        ("granite_speech_mel", {}, "Frequency (kHz) in each of 2 parts", "Log value (log10)", "magma"),
        ("granite_speech5_mel", {}, "Frequency (kHz) in each of 4 parts", "Log value (log10)", "magma"),
        ("whisper_openai", {}, "Frequency (kHz)", "Log value (log10)", "magma"),
        ("torchaudio_melspectrogram", {}, "Frequency (kHz)", "Power", "magma"),
        ("scipy_stft", {}, "Frequency (kHz)", "Magnitude", "magma"),
    ],
)
def test_rows_of_frontends_are_what_they_are(name, params, label, colours, map_):
    rate = {} if name.startswith(("granite", "whisper")) else {"sample_rate": 16000}
    made = sg.frontend(name, **rate, **params)
    ax = axes_of(size=(6.0, 6.0))[0]
    assert made.plot(made.compute(pictures.sound().astype(np.float32)), ax) is ax
    ticks = labels(ax.yaxis)
    assert ax.get_ylabel() == label
    assert ax.figure.axes[1].get_ylabel() == colours
    assert ax.images[0].cmap.name == map_
    if params:
        assert ticks[0] == "energy"
    if "parts" in label:  # upwards, and again from the middle on
        values = [float(tick) for tick in ticks]
        assert np.count_nonzero(np.diff(values) < 0) == int(label.split()[-2]) - 1


@pytest.mark.slow
@together("plan, label", [
    (sg.MfccPlan(STFT, 16000, 40, sg.MfccParams(13)), "Coefficient"),
    (sg.ChromaPlan(STFT, 16000, sg.ChromaParams()), "Pitch class"),
    (sg.ContrastPlan(STFT, 16000, sg.ContrastParams(n_bands=4)), "Row"),
    (sg.StftPlan(sg.SpectrogramParams(STFT, 16000)), "Frequency (kHz)"),
])  # fmt: skip
def test_rows_of_plans_are_what_they_are(plan, label):
    ax = axes_of()[0]
    plot(plan.compute(pictures.sound()).data, ax, source=plan)
    ticks = labels(ax.yaxis)
    assert ax.get_ylabel() == label
    assert (ticks == sg.Chromagram.labels) == (label == "Pitch class")


@pytest.mark.slow
def test_long_labels_fit_into_low_rows():
    params = sg.SpectrogramParams(STFT, 16000)
    bands = sg.ErbParams(30, 50.0, 8000.0)
    axes = axes_of(5, (4.0, 6.0))
    for ax in axes:
        sg.SpectrogramPlan(params, bands, "db").compute(pictures.sound()).plot(ax)
    axes[0].figure.canvas.draw()
    assert axes[0].get_ylabel() == "Frequency (kHz,\nERB, equal steps in Hz)"
    boxes = [ax.yaxis.label.get_window_extent() for ax in axes]
    assert all(low.y1 < high.y0 for high, low in pairwise(boxes))
    high = axes_of(1, (6.0, 6.0))[0]
    sg.SpectrogramPlan(params, bands, "db").compute(pictures.sound()).plot(high)
    assert high.get_ylabel() == "Frequency (kHz, ERB, equal steps in Hz)"
    assert high.yaxis.label.get_fontsize() > axes[0].yaxis.label.get_fontsize()


@pytest.mark.slow
def test_rows_that_share_times_name_them_once():
    mel = sg.compute_mel_db_spectrogram(
        pictures.sound(), sg.SpectrogramParams(STFT, 16000), sg.MelParams(40, 0.0, 8000.0)
    )
    axes = axes_of(3)
    for ax in axes:
        mel.plot(ax)
    axes[0].figure.canvas.draw()
    assert [ax.xaxis.label.get_visible() for ax in axes] == [False, False, True]


@pytest.mark.slow
def test_tiny_pictures_can_be_drawn():
    mel = sg.compute_mel_db_spectrogram(
        pictures.sound(), sg.SpectrogramParams(STFT, 16000), sg.MelParams(40, 0.0, 8000.0)
    )
    for ax in axes_of(6, (1.0, 1.5)):
        mel.plot(ax, colorbar=False)
    with np.errstate(all="ignore"):
        ax.figure.set_layout_engine(None)
        ax.figure.canvas.draw()
