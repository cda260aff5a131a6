"""FFTs: `fft` makes the plans and alone uses pyfftw, `rfft` is the real FFT of one frame and its inverse.

`backend` imports pyfftw. It comes first: compiled modules import what they use before their first line runs.
"""

import spectrograms._engine.fourier.backend  # noqa: F401
