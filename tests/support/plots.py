"""What tests of pictures draw, and how they look at it."""

from types import SimpleNamespace

import numpy as np

import spectrograms as sg

# More frames than the pictures of these tests have pixels.
MANY = 4096

SCALES = {
    "linear": None,
    "mel": sg.MelParams(40, 50.0, 8000.0),
    "erb": sg.ErbParams(30, 50.0, 8000.0),
    "loghz": sg.LogHzParams(48, 60.0, 7900.0),
    "cqt": sg.CqtParams(12, 3, 600.0),
}


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


def pixels(ax):
    """The colours of the cells as they are drawn, first row lowest."""
    render(ax)
    return ax.images[0].make_image(ax.figure.canvas.get_renderer())[0]


def colour(ax, value):
    return ax.images[0].to_rgba(np.array([value]), bytes=True)[0]


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


def ticks(axis):
    axis.axes.figure.canvas.draw()
    return [label.get_text() for label in axis.get_ticklabels()]
