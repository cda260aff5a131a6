"""
There and back
==============

The inverse of the short-time transform gives the samples again, to rounding.
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
stft = sg.compute_stft(samples, params)
back = sg.compute_istft(stft.data, 512, 128, "hann", True)[: len(samples)]
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
stft.plot(axes[0], samples=samples)
axes[1].semilogy(np.arange(len(back)) / 16000, np.abs(back - samples[: len(back)]) + 1e-19, lw=0.5)
axes[1].set(xlabel="Time (s)", ylabel="Error")
plt.show()
