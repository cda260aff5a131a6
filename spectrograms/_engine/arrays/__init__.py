"""Operations on whole arrays without frames.

Samples of recordings, statistics, logarithms, matrices, normalization, noise.
"""
