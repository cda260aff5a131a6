"""
Kernels of full length
======================

Constant Q within frames cuts low bins short and sees events early; with an octave at its own rate nothing
is cut, and a variable Q makes low bins quicker.
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
fig, axes = plt.subplots(3, 1, figsize=(8, 9), sharex=True, layout="constrained")
options = {
    "multirate, constant Q": {"method": "multirate"},
    "multirate, variable Q": {"method": "multirate", "gamma": 12.0},
    "within frames": {},
}
for ax, (name, option) in zip(axes, options.items(), strict=True):
    sg.cqt(music, 22050, sg.CqtParams(24, 5, 110.0, **option), 512).plot(ax, title=name, dynamic_range=50)
plt.show()
