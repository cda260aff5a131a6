"""
Filters of an image
===================

Low, high and band pass by the two-dimensional FFT.
"""

import matplotlib.pyplot as plt
import numpy as np

import spectrograms as sg

y, x = np.mgrid[-1:1:200j, -1:1:200j]
image = np.sin(40 * (x**2 + y**2)) + (np.abs(x) < 0.2) * (np.abs(y) < 0.5)
made = {
    "image": image,
    "low": sg.lowpass_filter(image, 0.1),
    "high": sg.highpass_filter(image, 0.1),
    "band": sg.bandpass_filter(image, 0.1, 0.3),
    "edges": sg.detect_edges_fft(image),
    "sharper": sg.sharpen_fft(image, 1.5),
}
fig, axes = plt.subplots(2, 3, figsize=(8, 5.5), layout="constrained")
for ax, (name, picture) in zip(axes.flat, made.items(), strict=True):
    ax.imshow(np.asarray(picture), cmap="gray")
    ax.set(title=name, xticks=[], yticks=[])
plt.show()
