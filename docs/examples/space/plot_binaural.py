"""
Where a sound is
================

Noise that moves from the left to the right: time and level differences follow it.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 16000
noise = np.random.default_rng(0).standard_normal(2 * rate)
t = np.arange(2 * rate)
shift = 8 * np.cos(np.pi * t / len(t))  # samples by which the left ear leads
gain = 10 ** (shift / 40)
ears = np.stack([np.interp(t + shift / 2, t, noise) * gain, np.interp(t - shift / 2, t, noise) / gain])
params = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), rate)
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
sg.compute_itd_spectrogram(ears, sg.ITDSpectrogramParams(params)).plot(axes[0])
sg.compute_ild_spectrogram(ears, sg.ILDSpectrogramParams(params)).plot(axes[1])
plt.show()
