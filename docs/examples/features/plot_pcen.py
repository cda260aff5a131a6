"""
Per-channel energy normalisation
================================

PCEN lifts what changes over what stays: clicks in a loud hum.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate = 16000
t = np.arange(3 * rate) / rate
sound = np.random.default_rng(0).normal(0, 0.05, len(t)) + np.sin(2 * np.pi * 300 * t) * (1 + t)
sound[::8000] += 3
params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), rate)
mel = sg.compute_mel_magnitude_spectrogram(sound, params, sg.MelParams(64, 50.0, 8000.0))
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
mel.plot(axes[0], title="magnitude")
plot(sg.pcen(mel.data, rate, 160), axes[1], times=mel.t, frequencies=mel.f, title="PCEN")
plt.show()
