"""
Harmonic and percussive
=======================

A chord with clicks is taken apart: lines along time are tones, lines along frequency are clicks. Both parts
add up to the sound again.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 22050
t = np.arange(2 * rate) / rate
sound = 0.2 * sum(np.sin(2 * np.pi * hz * t) for hz in (440, 550, 660))
sound[:: rate // 4] += 2.0
params = sg.SpectrogramParams(sg.StftParams(2048, 512, "hann", periodic=True), rate)
fig, axes = plt.subplots(3, 1, figsize=(8, 9), sharex=True, layout="constrained")
parts = {"sound": sound, **dict(zip(("tones", "clicks"), sg.separate(sound, params), strict=True))}
for ax, (name, part) in zip(axes, parts.items(), strict=True):
    sg.compute_linear_db_spectrogram(part, params).plot(ax, title=name, limits=(-40, 40)).set_ylim(0, 3000)
plt.show()
