"""
A first mel spectrogram
=======================

The spectrogram of a voice on the mel scale, in dB, with the waveform above. A plan holds what is computed;
results know their axes.
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
mel = sg.compute_mel_db_spectrogram(samples, params, sg.MelParams(64, 0.0, 8000.0))
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
mel.plot(ax, samples=samples, dynamic_range=70)
plt.show()
