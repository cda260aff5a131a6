"""Filterbanks: numbers in, float64 weights out; pure functions without parameter objects or engine."""

from spectrograms.filterbanks.bands import Bands
from spectrograms.filterbanks.chroma import chroma_bands, power_chroma_weights
from spectrograms.filterbanks.constant_q import cqt_bands, cqt_frequencies, cqt_lengths
from spectrograms.filterbanks.dct import dct_matrix, lifter_weights
from spectrograms.filterbanks.erb import erb_bands, erb_centres
from spectrograms.filterbanks.grid import fft_frequencies
from spectrograms.filterbanks.loghz import loghz_bands, loghz_frequencies
from spectrograms.filterbanks.mel import hz_to_mel, linear_triangles, mel_bands, mel_centres, mel_to_hz

__all__ = [
    "Bands",
    "chroma_bands",
    "cqt_bands",
    "cqt_frequencies",
    "cqt_lengths",
    "dct_matrix",
    "erb_bands",
    "erb_centres",
    "fft_frequencies",
    "hz_to_mel",
    "lifter_weights",
    "linear_triangles",
    "loghz_bands",
    "loghz_frequencies",
    "mel_bands",
    "mel_centres",
    "mel_to_hz",
    "power_chroma_weights",
]
