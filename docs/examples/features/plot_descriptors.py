"""
Descriptors over a picture
==========================

Centroid and rolloff are in Hz, so they are drawn over the spectrogram itself.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg


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


samples = voice()
params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
sg.compute_linear_db_spectrogram(samples, params).plot(ax, dynamic_range=60)
for name, colour in (("centroid", "w"), ("rolloff", "c")):
    curve = sg.DescriptorPlan(params.stft, 16000, name).compute(samples)
    ax.plot(curve.t, curve.data[0], colour, lw=2, label=name)
ax.legend(facecolor="k", labelcolor="w")
plt.show()
