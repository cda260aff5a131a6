"""
Live, in pieces
===============

Features of a microphone: chunks of any size give the same numbers as the whole.
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


samples = voice()
params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
plan = sg.SpectrogramPlan(params, sg.MelParams(64, 0.0, 8000.0), amplitude="db")
stream, pieces = plan.stream(), []
for begin in range(0, len(samples), 1777):
    pieces.append(stream.push(samples[begin : begin + 1777]))
pieces.append(stream.flush())
live, whole = np.concatenate(pieces, axis=1), plan.compute(samples)
print("the same bytes:", live.tobytes() == np.ascontiguousarray(whole.data).tobytes())
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
plot(live, ax, times=whole.t, frequencies=whole.f, unit="dB", dynamic_range=60)
ends = np.cumsum([piece.shape[1] for piece in pieces])
ax.vlines(ends * 0.01, 0, 8000, "w", lw=0.5)
plt.show()
