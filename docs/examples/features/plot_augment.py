"""
Masks for training
==================

SpecAugment: stripes of time and of frequency are covered, from one seed. In decibels 0 is as loud as a voice:
the stripes have the mean of the clip here, or NaN where they should stay blank.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot


def voice(rate=16000):
    """Two seconds of gliding vowels: harmonics through moving resonances."""
    t = np.linspace(0, 1, 2 * rate)
    pitch = 130 - 30 * t + 4 * np.sin(20 * np.pi * t)
    phase, sound = 2 * np.pi * np.cumsum(pitch) / rate, 0
    hertz = [800, 300, 500, 320, 800], [1200, 2300, 900, 750, 1200]
    first, second = (np.interp(t, np.linspace(0, 1, 5), each) for each in hertz)
    for k in range(1, 30):
        gain = np.exp(-(((k * pitch - first) / 180) ** 2)) + np.exp(-(((k * pitch - second) / 180) ** 2))
        sound = sound + np.sin(k * phase) * (gain + 0.02) / k**0.5
    return 0.2 * sound * np.sin(np.pi * t) ** 0.5


params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
mel = sg.compute_mel_db_spectrogram(voice(), params, sg.MelParams(80, 0.0, 8000.0))
options = {"seed": 3, "freq_width": 12, "time_width": 25}
fig, axes = plt.subplots(3, 1, figsize=(8, 8), sharex=True, layout="constrained")
limits = (mel.data.max() - 60, mel.data.max())
mel.plot(axes[0], limits=limits, title="clip")
for ax, value in zip(axes[1:], ("mean", np.nan), strict=True):
    masked = sg.spec_augment(mel.data, value=value, **options)
    title = f"masked with value={value!r}"
    plot(masked, ax, times=mel.t, frequencies=mel.f, unit="dB", limits=limits, title=title)
plt.show()
