"""The inner loops in C, once for each dtype and instruction set; `kernels.h` is the seam to them."""
