"""
A room by convolution
=====================

A voice in an echoing room: one FFT convolution with the room's response.
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


rate = 16000
decay = np.exp(-6 * np.arange(rate) / rate)
room = np.random.default_rng(0).standard_normal(rate) * decay * 0.05
room[0] = 1.0
dry = voice()
wet = sg.fft_convolve(dry, room)
params = sg.SpectrogramParams(sg.StftParams(512, 128, "hann"), rate)
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
for ax, sound, title in zip(axes, (dry, wet), ("dry", "in the room"), strict=True):
    sound = np.ascontiguousarray(sound, dtype=float)
    sg.compute_linear_db_spectrogram(sound, params).plot(ax, title=title, dynamic_range=60)
plt.show()
