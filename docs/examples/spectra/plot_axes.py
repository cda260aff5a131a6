"""
Clocks, offsets and zooms
=========================

A day of a recorder in steps of ten minutes: `start` makes the axis that of a clock, and zooming shows the
frames of the view.
"""

import datetime as dt

import matplotlib.pyplot as plt
import numpy as np

from spectrograms.integrations.plot import plot

hours = np.arange(144) / 6
levels = 40 + 15 * np.sin(np.pi * (hours[:, None] - 6) / 12).T - np.arange(24)[:, None]
levels = levels + np.random.default_rng(0).normal(0, 2, levels.shape)
bands = 25 * 2 ** (np.arange(24) / 3)
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
for ax in axes:
    begin = dt.datetime(2026, 6, 21, 0, 0)
    plot(levels, ax, times=hours * 3600, frequencies=bands, unit="dB re 20 uPa", start=begin)
axes[1].set_xlim(9 * 3600, 12.5 * 3600)
plt.show()
