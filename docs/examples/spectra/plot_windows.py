"""
What a window does
==================

Two tones, one 60 dB below the other: a window with low side lobes shows the second, a rectangle hides it. A
long window separates them, a short one does not.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 8000
t = np.arange(rate) / rate
tones = np.sin(2 * np.pi * 1001 * t) + 1e-3 * np.sin(2 * np.pi * 1300 * t)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for window in ("rectangular", "hann", "blackman", "kaiser=12"):
    params = sg.SpectrogramParams(sg.StftParams(512, 256, window), rate, scaling="dBFS")
    power = sg.compute_linear_power_spectrogram(tones, params)
    ax.plot(power.f, 10 * np.log10(power.data[:, 10] + 1e-16), label=window)
ax.set(xlim=(500, 2000), ylim=(-130, 5), xlabel="Frequency (Hz)", ylabel="Level (dBFS)")
ax.legend()
plt.show()
