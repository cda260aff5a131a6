"""
Third-octave levels of a minute
===============================

Levels re 20 µPa in bands of IEC 61260, second by second, and their percentiles.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate = 16000
rng = np.random.default_rng(0)
pressure = 0.01 * rng.standard_normal(60 * rate)
pressure[20 * rate : 30 * rate] += 0.2 * np.sin(2 * np.pi * 500 * np.arange(10 * rate) / rate)
spl = {"scaling": "spectrum", "unit": "Pa"}
params = sg.SpectrogramParams(sg.StftParams(4096, 2048, "hann"), rate, **spl)
average = sg.LongTermAverage(sg.SpectrogramPlan(params, sg.OctaveParams(3, 50.0, 6300.0)), every=1.0)
average.push(pressure)
levels = average.finish().to_db(sg.LogParams(-300.0, reference=20e-6))
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
plot(levels.mean, ax, times=levels.times, frequencies=levels.frequencies, unit=levels.unit)
plt.show()
