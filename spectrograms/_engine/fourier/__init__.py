"""FFTs: `fft` makes the plans and alone knows pyfftw, `rfft` is the real FFT of one frame and its inverse."""
