"""
A day in one picture
====================

A long-term average, as recorders in the field and in the sea give it: a column for each ten minutes of
density, in memory that does not grow. Birds sing around half past five, traffic hums from seven to seven;
here a second stands for a minute.
"""

from datetime import datetime

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate, rng = 16000, np.random.default_rng(0)
params = sg.SpectrogramParams(sg.StftParams(512, 512, "hann", centre=False), rate, scaling="density")
average = sg.LongTermAverage(sg.SpectrogramPlan(params), every=10.0)
for minute in range(24 * 60):
    noise, chorus = rng.normal(0, 0.01, (2, rate)), np.exp(-(((minute - 330) / 40) ** 2))
    hum = np.convolve(noise[0], np.hanning(32), "same") * (420 < minute < 1140)
    sweep = np.cumsum(rng.uniform(2500, 5500) + 800 * np.sin(np.arange(rate) / 500))
    average.push(noise[1] + hum + 0.1 * chorus * np.sin(2 * np.pi * sweep / rate))
day = average.finish().to_db()
fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
times = 60 * day.times
plot(day.mean, ax, times=times, frequencies=day.frequencies, unit=day.unit, start=datetime(2026, 5, 1))
plt.show()
