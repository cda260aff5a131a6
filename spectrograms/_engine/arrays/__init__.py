"""Operations on whole arrays that have no frames: statistics, elementwise functions, linear maps."""
