"""
Modulation spectrum
===================

A tone whose loudness beats eight times a second: the spectrum of its spectrogram has a peak at 8 Hz.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate = 16000
t = np.arange(2 * rate) / rate
beats = np.sin(2 * np.pi * 1000 * t) * (1 + np.sin(2 * np.pi * 8 * t)) / 2
params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), rate)
modulation = sg.compute_stmtf(sg.compute_linear_magnitude_spectrogram(beats, params))
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
plot(modulation, ax, dynamic_range=50).set_xlim(-20, 20)
plt.show()
