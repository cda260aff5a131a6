"""Recorded results of the reference implementation: how they are summarised, stored and compared.

A group of cases is two files, ``<group>.json`` with the parameters of each case and the name and shape of
each of its outputs, and ``<group>.npz`` with the numbers, packed: ``stats`` (one row of count of NaN, count
of inf, sum, sum of squares and absolute maximum per output) and ``values`` (values at scattered places).
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .signals import hashed

DATA = Path(__file__).resolve().parents[1] / "data" / "parity"

# Tolerance relative to the absolute maximum of the recorded output.
TOLERANCE = {"float64": 1e-10, "float32": 1e-5}

# dB values: largest error in dB for elements whose power is above the given fraction of the peak power.
# A weaker element is rounding noise of the strong ones and is only required not to be NaN.
DB_TOLERANCE = {"float32": ((1e-6, 1e-3), (1e-10, 0.2)), "float64": ((1e-10, 1e-8), (1e-20, 1e-3))}

# The reference evaluates the Bessel function of the Kaiser window by a polynomial. Its window is good to
# 2.3e-8 of the centre, which is 2e-7 of the smallest coefficient (beta 3.75), and twice that in a power.
KAISER_TOLERANCE = 4e-7


def is_kaiser(case):
    """Return whether the window of `case` is the one the reference has to 2.3e-8 only."""
    return bool(case.get("window")) and case["window"][0] == "kaiser"


def tolerance_of(case):
    """Return the tolerance of `case` relative to the absolute maximum."""
    return max(TOLERANCE[case["dtype"]], KAISER_TOLERANCE if is_kaiser(case) else 0.0)


def db_tolerance_of(case):
    """Return the row of `DB_TOLERANCE` that holds for `case`."""
    return DB_TOLERANCE["float32" if is_kaiser(case) else case["dtype"]]


def comparable_depth(case):
    """Return how many dB below the peak the sums of dB values are still comparable."""
    return 60.0 if db_tolerance_of(case) is DB_TOLERANCE["float32"] else 100.0


@dataclass(frozen=True)
class Output:
    """Summary of one array of the reference."""

    shape: tuple
    dtype: str
    n_nan: int
    n_inf: int
    total: float
    total_of_squares: float
    peak: float
    values: np.ndarray
    clip: float | None


def scattered(size, limit):
    """Return at most `limit` places in an array of `size` elements: all of them, or ends and random ones."""
    if size <= limit:
        return np.arange(size)
    places = (hashed(limit, size) % np.uint64(size)).astype(np.intp)
    places[0], places[-1] = 0, size - 1
    return np.sort(places)


def flat(array):
    """Return the elements of `array` as 1-D float64; a complex number counts as two elements."""
    array = np.ascontiguousarray(array)
    if array.dtype.kind == "c":
        array = array.view(array.real.dtype)
    return array.astype(np.float64).ravel()


def summarise(array, limit=64, clip=None):
    """Return (stats row, scattered values) of `array`; sums are of the finite values, raised to `clip`."""
    elements = flat(array)
    finite = elements[np.isfinite(elements)]
    raised = finite if clip is None else np.maximum(finite, clip)
    stats = [
        np.isnan(elements).sum(),
        np.isinf(elements).sum(),
        math.fsum(raised),
        math.fsum(raised * raised),
        np.abs(finite).max(initial=0.0),
    ]
    return stats, elements[scattered(elements.size, limit)]


def save(group, cases, outputs):
    """Write the files of `group`; `outputs[i]` maps output names of case i to (array, limit, clip)."""
    rows, values, lines = [], [], []
    for case, named in zip(cases, outputs, strict=True):
        head = {}
        for name, (array, limit, clip) in named.items():
            array = np.asarray(array)
            stats, scatter = summarise(array, limit, clip)
            head[name] = [list(array.shape), str(array.dtype), len(scatter)]
            if clip is not None:
                head[name].append(clip)
            rows.append(stats)
            values.append(scatter)
        lines.append(json.dumps({"case": case, "outputs": head}))
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / f"{group}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    np.savez_compressed(
        DATA / f"{group}.npz", stats=np.array(rows, np.float64), values=np.concatenate(values)
    )


def ids(loaded):
    """Return readable test names for the cases of a group."""
    keys = ("cue", "function", "scale", "amplitude", "dtype", "n_fft", "window_size", "n")
    return [
        "-".join([str(i), *(str(case[key]) for key in keys if key in case)])
        for i, (case, _) in enumerate(loaded)
    ]


def load(group):
    """Return the list of (case, {output name: Output}) of `group`."""
    with np.load(DATA / f"{group}.npz", allow_pickle=False) as arrays:
        stats, values = arrays["stats"], arrays["values"]
    loaded, row, start = [], 0, 0
    for entry in json.loads((DATA / f"{group}.json").read_text()):
        outputs = {}
        for name, (shape, dtype, count, *clip) in entry["outputs"].items():
            n_nan, n_inf, *sums = stats[row].tolist()
            outputs[name] = Output(
                tuple(shape),
                dtype,
                int(n_nan),
                int(n_inf),
                *sums,
                values=values[start : start + count],
                clip=clip[0] if clip else None,
            )
            row, start = row + 1, start + count
        loaded.append((entry["case"], outputs))
    return loaded


def check_layout(array, output):
    """Assert shape, dtype and the number of NaN and infinities."""
    array = np.asarray(array)
    assert array.shape == output.shape
    assert str(array.dtype) == output.dtype
    elements = flat(array)
    assert np.isnan(elements).sum() == output.n_nan
    assert np.isinf(elements).sum() == output.n_inf


def check(array, output, tolerance):
    """Assert that `array` is the recorded one, within `tolerance` times its absolute maximum."""
    check_layout(array, output)
    stats, values = summarise(array, max(len(output.values), 1))
    bound = tolerance * output.peak
    np.testing.assert_allclose(values, output.values, rtol=0.0, atol=bound, equal_nan=True)
    size = flat(array).size
    assert abs(stats[4] - output.peak) <= bound
    assert abs(stats[2] - output.total) <= size * bound
    assert abs(stats[3] - output.total_of_squares) <= 2 * size * bound * output.peak


def check_db(array, output, power, levels):
    """Assert that the dB values `array` are the recorded ones, by the rule `levels` (see `DB_TOLERANCE`).

    `power` is the recorded float64 power behind them; sums are compared after raising both
    to ``output.clip``, below which single elements are not comparable.
    """
    check_layout(array, output)
    stats, values = summarise(array, max(len(output.values), 1), output.clip)
    ratio = power.values / power.peak if power.peak > 0 else np.ones_like(power.values)
    for level, bound in levels:
        strong = ratio > level
        np.testing.assert_allclose(values[strong], output.values[strong], rtol=0.0, atol=bound)
    bound = levels[0][1]
    size = flat(array).size
    assert abs(stats[2] - output.total) <= size * bound
    assert abs(stats[3] - output.total_of_squares) <= 2 * size * bound * max(output.peak, abs(output.clip))
