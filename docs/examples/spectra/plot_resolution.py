"""
Time against frequency
======================

Clicks and tones at three window lengths: short windows place clicks, long ones separate tones. No length
does both.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 16000
t = np.arange(rate) / rate
sound = np.sin(2 * np.pi * 1000 * t) + np.sin(2 * np.pi * 1060 * t)
sound[[4000, 4300, 12000]] += 20
fig, axes = plt.subplots(3, 1, figsize=(8, 8), sharex=True, layout="constrained")
for ax, n_fft in zip(axes, (128, 512, 2048), strict=True):
    params = sg.SpectrogramParams(sg.StftParams(n_fft, n_fft // 8, "hann"), rate)
    ax = sg.compute_linear_db_spectrogram(sound, params).plot(ax, title=f"{1000 * n_fft / rate:g} ms")
    ax.set_ylim(500, 1600)
plt.show()
