"""Two ears: differences of level, phase and time between the channels, and their histograms."""
