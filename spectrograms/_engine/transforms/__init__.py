"""Whole transforms beside the loop: real and 2-D FFTs, filters, MDCT, overlap-save, overlap-add."""
