"""
MDCT and its inverse
====================

The lapped transform of audio codecs: as many numbers as samples, and no edges between blocks.
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


samples = voice()
params = sg.MdctParams.sine_window(512)
coefficients = sg.mdct(samples, params)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
hertz = (np.arange(coefficients.shape[0]) + 0.5) * 8000 / coefficients.shape[0]
times = np.arange(coefficients.shape[1]) * 256 / 16000
plot(coefficients, ax, times=times, frequencies=hertz, signed=True, limits=(-2, 2), unit="MDCT")
plt.show()
