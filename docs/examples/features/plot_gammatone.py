"""
Gammatone filters
=================

The filters of hearing, equally spaced on the ERB-rate scale, with the decay of a click in each: low ones are
narrow, and ring for long.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate = 16000
clicks = np.zeros(rate // 2)
clicks[[800, 4000]] = 1.0
bank = sg.ErbParams(48, 100.0, 7000.0, spacing="erb_rate")
energy, hertz = sg.gammatone_iir_spectrogram(clicks, rate, 64, 16, bank)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
plot(energy, ax, times=np.arange(energy.shape[1]) * 16 / rate, frequencies=hertz, unit="amplitude")
plt.show()
