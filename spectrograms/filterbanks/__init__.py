"""Filterbanks: numbers in, float64 weights out; pure functions without parameter objects or engine."""

from .bands import Bands
from .chroma import chroma_bands
from .cqt import cqt_bands, cqt_frequencies, cqt_lengths
from .dct import dct_matrix, lifter_weights
from .erb import erb_bands, erb_centres
from .grid import fft_frequencies
from .loghz import loghz_bands, loghz_frequencies
from .mel import hz_to_mel, linear_triangles, mel_bands, mel_centres, mel_to_hz

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
]
