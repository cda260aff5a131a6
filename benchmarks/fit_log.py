"""Writes the polynomial coefficients of the logarithm in ``spectrograms/_engine/kernels/logcoef.h``.

    python benchmarks/fit_log.py            # prints the header
    python benchmarks/fit_log.py --write    # writes it in place

Both polynomials are minimax in the relative error of ln m for m in [sqrt(1/2), sqrt(2)], found as the
limit of weighted least squares (Lawson's iteration: multiply each weight by the error there). The
arithmetic is decimal with 50 digits, so the header comes out the same on every platform.

- float32: t = m - 1, ln m = t + t^2 P(t);
- float64: s = (m - 1) / (m + 1), ln m = 2 s + s s^2 Q(s^2).

The kernel multiplies them by the factor of the logarithm asked for, and rounds them then.
"""

import math
import sys
from decimal import Decimal, getcontext
from pathlib import Path

HEADER = Path(__file__).resolve().parents[1] / "spectrograms" / "_engine" / "kernels" / "logcoef.h"
NODES = 160
ROUNDS = 150


def _solve(matrix, right):
    """Solves a small symmetric positive definite system by elimination."""
    n = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(n):
        for j in range(i + 1, n):
            factor = rows[j][i] / rows[i][i]
            rows[j] = [b - factor * a for a, b in zip(rows[i], rows[j], strict=True)]
    x = [Decimal(0)] * n
    for i in reversed(range(n)):
        x[i] = (rows[i][n] - sum(rows[i][j] * x[j] for j in range(i + 1, n))) / rows[i][i]
    return x


def _lawson(basis, target):
    """Coefficients that minimise max |basis @ x - target|."""
    size = len(basis[0])
    weights = [Decimal(1) / len(basis)] * len(basis)
    best, best_error = None, None
    for _ in range(ROUNDS):
        weighted = [[w * v for v in row] for w, row in zip(weights, basis, strict=True)]
        matrix = [
            [sum(a[i] * b[j] for a, b in zip(weighted, basis, strict=True)) for j in range(size)]
            for i in range(size)
        ]
        right = [sum(a[i] * y for a, y in zip(weighted, target, strict=True)) for i in range(size)]
        x = _solve(matrix, right)
        errors = [
            abs(sum(c * v for c, v in zip(x, row, strict=True)) - y)
            for row, y in zip(basis, target, strict=True)
        ]
        if best_error is None or max(errors) < best_error:
            best, best_error = x, max(errors)
        weights = [w * e for w, e in zip(weights, errors, strict=True)]
        total = sum(weights)
        weights = [w / total for w in weights]
    return best, best_error


def _nodes(low, high):
    """Chebyshev points of an interval, as exact decimals of doubles."""
    middle, half = (low + high) / 2, (high - low) / 2
    return [middle + half * Decimal(math.cos(math.pi * (i + 0.5) / NODES)) for i in range(NODES)]


def fit_f32():
    """Coefficients of P, lowest order first, and the largest relative error."""
    low, high = Decimal("0.5").sqrt() - 1, Decimal(2).sqrt() - 1
    basis, target = [], []
    for t in _nodes(low, high):
        ln = (1 + t).ln()
        basis.append([t ** (j + 2) / ln for j in range(9)])
        target.append(1 - t / ln)
    return _lawson(basis, target)


def fit_f64():
    """Coefficients of Q, lowest order first, and the largest relative error."""
    edge = (Decimal(2).sqrt() - 1) / (Decimal(2).sqrt() + 1)
    basis, target = [], []
    for s in _nodes(Decimal(0), edge):
        ln = ((1 + s) / (1 - s)).ln()
        basis.append([s ** (2 * j + 3) / ln for j in range(7)])
        target.append(1 - 2 * s / ln)
    return _lawson(basis, target)


def _list(name, values):
    """A macro that initializes an array of doubles, three in a line."""
    numbers = [float(value).hex() for value in values]
    rows = [", ".join(numbers[i : i + 3]) for i in range(0, len(numbers), 3)]
    return [f"#define {name} {{ \\", *(f"    {row}, \\" for row in rows[:-1]), f"    {rows[-1]} }}"]


def header():
    """Text of ``logcoef.h``."""
    getcontext().prec = 50
    p, p_error = fit_f32()
    q, q_error = fit_f64()
    ln2 = Decimal(2).ln()
    lines = [
        "/* Written by benchmarks/fit_log.py: coefficients of the logarithm in bodies/element.inc. */",
        "",
    ]
    lines += [f"/* ln m = t + t^2 P(t), relative error {float(p_error):.2e} before rounding */"]
    lines += [*_list("SG_LN_F32", p), ""]
    lines += [f"/* ln m = 2 s + s z Q(z), z = s^2, relative error {float(q_error):.2e} before rounding */"]
    lines += [*_list("SG_LN_F64", q), ""]
    # Heads of 26 bits: a product with another 26 bits is exact.
    units = (
        ("LN2", ln2, 2**26),
        ("LOG10_2", Decimal(2).log10(), 2**27),
        ("LOG10_E", 1 / Decimal(10).ln(), 2**27),
    )
    for name, unit, scale in units:
        head = Decimal(int(unit * scale)) / scale
        lines += [f"#define SG_{name} {float(unit).hex()}"]
        lines += [f"#define SG_{name}_HEAD {float(head).hex()}"]
        lines += [f"#define SG_{name}_TAIL {float(unit - head).hex()}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    text = header()
    if "--write" in sys.argv[1:]:
        HEADER.write_text(text)
    else:
        print(text, end="")
