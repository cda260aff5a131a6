"""Whether arrays differ by rounding alone."""

import numpy as np

# In units of the last bit of the largest number of an array: features add up values that differ by three.
MOST = 16


def same_but_for_rounding(ours, theirs):
    """Compare two lists of arrays; what is not finite has to be the same, and texts and integers."""
    return len(ours) == len(theirs) and all(map(_close, ours, theirs))


def _close(a, b):
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc":
        return a.tobytes() == b.tobytes()
    real, wide = a.real.dtype, (np.longdouble if a.dtype.kind == "f" else np.clongdouble)
    a, b = (x.ravel().astype(wide) for x in (a, b))
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True) or not np.isfinite(b[finite]).all():
        return False
    a, b = a[finite], b[finite]
    return a.size == 0 or np.abs(a - b).max() <= MOST * np.finfo(real).eps * np.abs(b).max()
