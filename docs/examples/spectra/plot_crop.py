"""
A part of a result
==================

`crop` gives a part with the axes of the part, and copies nothing.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 16000
t = np.arange(4 * rate) / rate
call = np.sin(2 * np.pi * (3000 * t + 400 * np.sin(2 * np.pi * 6 * t) / 6)) * np.exp(
    -(((t - 2.5) / 0.2) ** 2)
)
sound = call + 0.02 * np.random.default_rng(0).standard_normal(len(t))
params = sg.SpectrogramParams(sg.StftParams(512, 64, "hann"), rate)
whole = sg.compute_linear_db_spectrogram(sound, params)
part = whole.crop(2.0, 3.0, f0=2000, f1=4000)
print(part, np.shares_memory(part.data, whole.data))
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
whole.plot(axes[0])
part.plot(axes[1])
plt.show()
