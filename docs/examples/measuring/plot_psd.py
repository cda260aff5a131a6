"""
Power spectral density, Welch's method
======================================

The density of white noise of 1 V is flat at 2 / rate V²/Hz; a sine stands out by the length of its window.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 8000
rng = np.random.default_rng(0)
noise = rng.standard_normal(20 * rate) + np.sin(2 * np.pi * 1000 * np.arange(20 * rate) / rate)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
for n_fft in (256, 2048):
    params = sg.SpectrogramParams(sg.StftParams(n_fft, n_fft // 2, "hann"), rate, scaling="density")
    average = sg.LongTermAverage(sg.SpectrogramPlan(params))
    average.push(noise)
    density = average.finish()
    ax.semilogy(density.frequencies, density.mean[:, 0], label=f"n_fft={n_fft}", lw=1)
ax.axhline(2 / rate, color="k", ls=":")
ax.set(xlabel="Frequency (Hz)", ylabel=density.unit)
ax.legend()
plt.show()
