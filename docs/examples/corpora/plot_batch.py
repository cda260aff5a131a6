"""
A batch of unequal clips
========================

Clips of different lengths at once, on all cores: one array, padded, with the lengths beside. Padding of NaN
is no value of the features, and is left blank in pictures.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot


def voice(rate=16000):
    """Two seconds of gliding vowels: harmonics through moving resonances."""
    t = np.linspace(0, 1, 2 * rate)
    pitch = 130 - 30 * t + 4 * np.sin(20 * np.pi * t)
    phase, sound = 2 * np.pi * np.cumsum(pitch) / rate, 0
    hertz = [800, 300, 500, 320, 800], [1200, 2300, 900, 750, 1200]
    first, second = (np.interp(t, np.linspace(0, 1, 5), each) for each in hertz)
    for k in range(1, 30):
        gain = np.exp(-(((k * pitch - first) / 180) ** 2)) + np.exp(-(((k * pitch - second) / 180) ** 2))
        sound = sound + np.sin(k * phase) * (gain + 0.02) / k**0.5
    return 0.2 * sound * np.sin(np.pi * t) ** 0.5


clips = [voice()[:n] for n in (8000, 16000, 32000)]
params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
plan = sg.SpectrogramPlan(params, sg.MelParams(64, 0.0, 8000.0), amplitude="db", dtype="float32")
batch = plan.compute_batch(clips)
padded = batch.padded(np.nan)
print(padded.shape, batch.lengths)
fig, axes = plt.subplots(3, 1, figsize=(8, 7), sharex=True, layout="constrained")
for ax, values, length in zip(axes, padded, batch.lengths, strict=True):
    times = np.arange(values.shape[1]) / 100
    plot(values, ax, times=times, frequencies=plan.frequencies, unit="dB", limits=(-60, 30))
    ax.axvline(times[length - 1], color="w", ls=":")
plt.show()
