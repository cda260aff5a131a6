"""
Calls of a bat
==============

Sweeps of three milliseconds, at 192 kHz: short frames, the band of the calls alone, levels in dB re
full scale, and one of the calls cut out, with its own axes.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

rate = 192000
t = np.arange(0, 0.003, 1 / rate)
call = np.hanning(len(t)) * np.sin(2 * np.pi * (80e3 * t - 7e6 * t**2))  # from 80 kHz to 38 kHz
sound = np.random.default_rng(0).normal(0, 0.003, rate // 4)
for start, level in ((0.03, 0.2), (0.11, 0.4), (0.19, 0.3)):
    sound[round(start * rate) :][: len(call)] += level * call
params = sg.SpectrogramParams(sg.StftParams(512, 32, "hann"), rate, scaling="dBFS")
band = sg.SpectrogramPlan(params, sg.LinearParams(20e3, 96e3), "db").compute(sound)
fig, axes = plt.subplots(1, 2, figsize=(10, 4), width_ratios=(2, 1), sharey=True, layout="constrained")
band.plot(axes[0], dynamic_range=60)
band.crop(0.108, 0.116).plot(axes[1], dynamic_range=60).set_ylabel("")
plt.show()
