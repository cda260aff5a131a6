"""FFTs: `fft` has the plans and is the only sight of pyfftw, `transform` the real FFT of one frame."""
