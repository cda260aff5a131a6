"""
The tonal space
===============

Pitch classes in six dimensions, where fifths and thirds are near each other.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot


def chords(rate=22050):
    """A cadence of plucked strings, half a second to a chord."""
    t = np.arange(rate // 2) / rate

    def pluck(hz):
        return sum(np.sin(2 * np.pi * k * hz * t) * np.exp(-3 * k * t) / k for k in range(1, 9))

    keys = (0, 4, 7, 12), (5, 9, 12, 17), (7, 11, 14, 19), (0, 7, 12, 16)
    return 0.1 * np.concatenate([sum(pluck(261.63 * 2 ** (key / 12)) for key in chord) for chord in keys])


chroma = sg.chroma_stft(chords(), 22050)
fig, axes = plt.subplots(2, 1, figsize=(8, 6), sharex=True, layout="constrained")
chroma.plot(axes[0])
plot(sg.tonnetz(chroma), axes[1], times=chroma.t, signed=True, unit="tonal space")
axes[1].set_yticks(range(6), ["fifth x", "fifth y", "minor x", "minor y", "major x", "major y"])
plt.show()
