"""One small picture of each kind, and how alike two pictures are; references are in tests/data/pictures.

    python tests/support/pictures.py

draws the references again: look at each before it is committed.
"""

import sys
from pathlib import Path

import numpy as np

REFERENCES = Path(__file__).resolve().parents[1] / "data" / "pictures"
RATE = 16000
# Side of the squares whose mean colours are compared, in pixels: more than letters differ between versions of
# Matplotlib and fonts, less than what the data show.
_SQUARE = 6


def sound():
    """A second: a tone that glides, a chord, a click, and hardly any noise."""
    t = np.arange(RATE) / RATE
    x = 0.3 * np.sin(2 * np.pi * (300 * t + 1500 * t**2))
    x += sum(0.1 * np.sin(2 * np.pi * hz * t) for hz in (262, 330, 392)) * (t > 0.4)
    x[12000:12020] += 0.8
    return x + 3e-5 * np.random.default_rng(0).standard_normal(RATE)


def drawn():
    """Yield (name, pixels): of each kind one."""
    import spectrograms as sg
    from spectrograms.integrations.figures import contact_sheet
    from spectrograms.integrations.plot import plot
    from spectrograms.integrations.report import thumbnail

    x, stft = sound(), sg.StftParams(512, 160, "hann")
    params = sg.SpectrogramParams(stft, RATE)
    linear = sg.compute_linear_db_spectrogram(x, params)
    mel = sg.compute_mel_db_spectrogram(x, params, sg.MelParams(40, 0.0, 8000.0))
    slow = sg.CqtParams(12, 4, 130.8, method="multirate")
    average = sg.LongTermAverage(sg.SpectrogramPlan(params), percentiles=(10, 50, 90))
    average.push(x)
    simple = {
        "spectrogram": (linear, {}),
        "mel": (mel, {"dynamic_range": 60.0}),
        "constant Q with notes": (sg.cqt(x, RATE, slow, 160), {}),
        "chroma": (sg.chroma_stft(x, RATE, hop_size=160, tuning=0.0), {}),
        "mfcc": (sg.compute_mfcc(x, stft, RATE, 40, sg.MfccParams(13)), {}),
        "waveform above": (mel, {"samples": x, "title": "both", "colorbar": False}),
        "average": (average.finish().to_db(), {}),
        "power": (sg.compute_linear_power_spectrogram(x, params), {}),
        "levels of two ears": (
            sg.compute_ild_spectrogram([x, np.roll(x, 5) * 0.5], sg.ILDSpectrogramParams(params)), {}
        ),
        "descriptor": (sg.DescriptorPlan(stft, RATE, "centroid").compute(x), {}),
    }  # fmt: skip
    for name, (result, options) in simple.items():
        figure = new_figure()
        plot(result, figure.add_subplot(), **options)
        yield name, pixels(figure)
    figure = new_figure(4.0)
    sg.compare("whisper_openai", "nemo_mel").plot(x, figure)
    yield "comparison", pixels(figure)
    figure = new_figure()
    items = [("one", linear), ("two", mel), ("three", mel), ("four", linear)]
    yield "contact sheet", pixels(contact_sheet(items, figure=figure))
    yield "thumbnail of a report", read(thumbnail(mel.data, (-40.0, 20.0)))


def new_figure(height=2.4):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.6, height), dpi=60, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def pixels(figure):
    """As they are drawn, shape (height, width, 3), uint8."""
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba())[..., :3]


def read(png):
    """A PNG, by its bytes or its path."""
    import io

    from matplotlib.image import imread

    source = io.BytesIO(png) if isinstance(png, bytes) else png
    return np.round(imread(source)[..., :3] * 255).astype(np.uint8)


def apart(a, b):
    """How different two pictures are: root mean square of the differences of squares, of 255."""
    if a.shape != b.shape:
        return 255.0
    height, width = (size // _SQUARE * _SQUARE for size in a.shape[:2])
    shape = height // _SQUARE, _SQUARE, width // _SQUARE, _SQUARE, 3
    means = [each[:height, :width].reshape(shape).mean(axis=(1, 3)) for each in (a, b)]
    return float(np.sqrt(np.mean((means[0] - means[1]) ** 2)))


def path_of(name):
    return REFERENCES / f"{name.replace(' ', '_')}.png"


if __name__ == "__main__":
    from matplotlib.image import imsave

    REFERENCES.mkdir(exist_ok=True)
    for name, picture in drawn():
        imsave(path_of(name), picture, pil_kwargs={"optimize": True})
        print(path_of(name).name, path_of(name).stat().st_size, file=sys.stderr)
