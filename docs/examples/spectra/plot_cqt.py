"""
Constant Q and notes
====================

Bins of equal ratios, twelve to the octave, on an axis of notes.
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


music = chords()
params = sg.SpectrogramParams(sg.StftParams(8192, 512, "hann"), 22050)
cqt = sg.compute_cqt_db_spectrogram(music, params, sg.CqtParams(24, 4, 220.0))
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
cqt.plot(ax, dynamic_range=50)
plt.show()
