"""Operations on whole arrays without frames: statistics, logarithms, matrices, normalization, noise."""
