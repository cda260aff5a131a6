"""
Onsets and tempo
================

How much the spectrum rises, what repeats in that, and how many beats to the minute it makes: an accelerating
beat from 90 to 150.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate, seconds = 22050, 30
beats = 1.5 * np.arange(0, seconds, 1 / rate) + np.arange(0, seconds, 1 / rate) ** 2 / seconds / 2
drums = np.zeros(seconds * rate)
drums[np.flatnonzero(np.diff(np.floor(beats)))] = 1.0
drums = np.convolve(drums, np.random.default_rng(0).standard_normal(2000) * np.exp(-np.arange(2000) / 300))
onsets = sg.onset_strength(drums[: seconds * rate], rate)
tempi = sg.fourier_tempogram(onsets)
fig, axes = plt.subplots(2, 1, figsize=(8, 6), sharex=True, layout="constrained")
onsets.plot(axes[0])
plot(abs(tempi.data[:50]), axes[1], times=tempi.t, frequencies=60 * tempi.f[:50], unit="magnitude")
axes[1].set(ylabel="Beats in a minute", ylim=(60, 320))
plt.show()
