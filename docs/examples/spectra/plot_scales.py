"""
Linear, mel, Bark, ERB, logarithmic, octaves
============================================

One sound on six scales. Every row is drawn equally high, and the axes stay in Hz.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 16000
t = np.arange(2 * rate) / rate
chirp = np.sin(2 * np.pi * 100 * 60 ** (t / 2) * 2 / np.log(60)) + 0.2 * np.sin(2 * np.pi * 1000 * t)
params = sg.SpectrogramParams(sg.StftParams(2048, 256, "hann"), rate)
scales = {
    "linear": None,
    "mel": sg.MelParams(80, 50.0, 8000.0),
    "Bark": sg.BarkParams(48, 0.0, 8000.0),
    "ERB": sg.ErbParams(64, 50.0, 8000.0, spacing="erb_rate"),
    "logarithmic": sg.LogHzParams(96, 50.0, 8000.0),
    "third octaves": sg.OctaveParams(3, 50.0, 6300.0),
}
fig, axes = plt.subplots(6, 1, figsize=(8, 13), sharex=True, layout="constrained")
for ax, (name, scale) in zip(axes, scales.items(), strict=True):
    sg.SpectrogramPlan(params, scale, amplitude="db").compute(chirp).plot(ax, title=name, dynamic_range=70)
plt.show()
