"""
Gammatone filters
=================

The filters of hearing, equally spaced on the ERB-rate scale. The low harmonics of a gliding tone lie in
filters of their own; high ones share wide filters, and are told from each other no more.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate = 16000
t = np.arange(rate) / rate
turns = 120 * t + 40 * t**2  # from 120 to 200 Hz
voice = sum(np.cos(2 * np.pi * k * turns) for k in range(1, 40)) * np.hanning(rate)
bank = sg.ErbParams(96, 80.0, 7800.0, spacing="erb_rate")
levels, hertz = sg.gammatone_iir_spectrogram(voice, rate, 512, 80, bank)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
times = (256 + 80 * np.arange(levels.shape[1])) / rate
plot(levels, ax, times=times, frequencies=hertz, unit="amplitude")
plt.show()
