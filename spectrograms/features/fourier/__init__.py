"""Transforms and what they are used for: spectra, convolution, filters of images, phase, the MDCT."""
