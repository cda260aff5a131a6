"""
Percentiles of a long recording
===============================

What is exceeded 5, 50 and 95 percent of the time, with memory that does not grow.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot

rate = 8000
rng = np.random.default_rng(1)
params = sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), rate, scaling="density")
average = sg.LongTermAverage(sg.SpectrogramPlan(params), percentiles=[5, 50, 95])
for _ in range(60):  # a minute, as a sound card would give it
    average.push(rng.standard_normal(rate) * rng.lognormal())
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
plot(average.finish().to_db(), ax)
plt.show()
