"""
Chroma of a cadence
===================

The twelve pitch classes of four chords, in tune, from a constant-Q transform whose low notes are as narrow as
the high ones.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg


def chords(rate=22050):
    """A cadence of plucked strings, half a second to a chord."""
    t = np.arange(rate // 2) / rate

    def pluck(hz):
        return sum(np.sin(2 * np.pi * k * hz * t) * np.exp(-3 * k * t) / k for k in range(1, 9))

    keys = (0, 4, 7, 12), (5, 9, 12, 17), (7, 11, 14, 19), (0, 7, 12, 16)
    return 0.1 * np.concatenate([sum(pluck(261.63 * 2 ** (key / 12)) for key in chord) for chord in keys])


chroma = sg.chroma_cqt(chords(), 22050)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
chroma.plot(ax, title="C, F, G, C")
plt.show()
