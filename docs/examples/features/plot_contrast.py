"""
Spectral contrast
=================

How far peaks stand above valleys, in each octave: high for tones, low for noise.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 22050
t = np.arange(rate) / rate
tones = sum(np.sin(2 * np.pi * k * 220 * t) / k for k in range(1, 30))
noise = 0.3 * np.random.default_rng(0).standard_normal(rate)
contrast = sg.spectral_contrast(np.concatenate([tones, noise]), rate)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
contrast.plot(ax, title="tones, then noise")
plt.show()
