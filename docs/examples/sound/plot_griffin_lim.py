"""
Sound from magnitudes alone
===========================

Griffin-Lim finds phases for magnitudes: the spectrogram of what it returns is nearly the one given.
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


params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), 16000)
given = sg.compute_linear_magnitude_spectrogram(voice(), params)
sound = sg.griffin_lim(given.data, params, length=32000)
again = sg.compute_linear_magnitude_spectrogram(sound, params)
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
given.plot(axes[0], title="given", dynamic_range=60)
again.plot(axes[1], title="of the sound that was found", dynamic_range=60)
plt.show()
