"""
A contact sheet
===============

Nine clips on one page, in colours that mean the same in all of them.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.figures import contact_sheet

rate = 16000
t = np.arange(rate) / rate
rng = np.random.default_rng(0)
params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), rate)
plan = sg.SpectrogramPlan(params, sg.MelParams(64, 0.0, 8000.0), amplitude="db")
clips = []
for n in range(9):
    sweep = np.sin(2 * np.pi * (300 * t + rng.uniform(-200, 1500) * t**2)) * 10 ** rng.uniform(-2, 0)
    clips.append((f"clip {n}", plan.compute(sweep + 1e-3 * rng.standard_normal(rate))))
figure = plt.figure(figsize=(9, 6), layout="constrained")
contact_sheet(clips, limits=(-50, 30), figure=figure)
plt.show()
