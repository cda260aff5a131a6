"""
MFCC and their slopes
=====================

Cepstra have a sign, so their colours have zero in the middle; deltas are arrays.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg
from spectrograms.integrations.plot import plot


def voice(rate=16000):
    """Two seconds of gliding vowels: harmonics through moving resonances."""
    t = np.linspace(0, 1, 2 * rate)
    pitch = 130 - 30 * t + 4 * np.sin(20 * np.pi * t)
    phase, sound = 2 * np.pi * np.cumsum(pitch) / rate, 0
    hertz = [800, 300, 500, 320, 800], [1200, 2300, 900, 750, 1200]
    first, second = (np.interp(t, np.linspace(0, 1, 5), each) for each in hertz)
    for k in range(1, 30):
        gain = np.exp(-(((k * pitch - first) / 180) ** 2)) + np.exp(-(((k * pitch - second) / 180) ** 2))
        sound = sound + np.sin(k * phase) * (gain + 0.02) / k**0.5
    return 0.2 * sound * np.sin(np.pi * t) ** 0.5


mfcc = sg.compute_mfcc(voice(), sg.StftParams(512, 160, "hann"), 16000, 40, sg.MfccParams(13))
fig, axes = plt.subplots(2, 1, figsize=(8, 6), layout="constrained")
mfcc.plot(axes[0], title="MFCC")
plot(sg.delta(mfcc.data), axes[1], times=mfcc.t, signed=True, title="delta", unit="per frame")
plt.show()
