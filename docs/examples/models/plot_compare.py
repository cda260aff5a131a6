"""
Why two definitions differ
==========================

`compare` names each convention that differs; drawn, it shows where that matters.
"""

import matplotlib.pyplot as plt

import spectrograms as sg

comparison = sg.compare("whisper_openai", "nemo_mel")
for difference in comparison.differences[:6]:
    print(difference)

# %%
# The two, and their difference:

figure = plt.figure(figsize=(8, 7), layout="constrained")
comparison.plot(figure=figure)
plt.show()
