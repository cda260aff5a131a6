"""Nanoseconds per frame of each kernel at each instruction-set level, everything in cache.

    python benchmarks/kernels.py [--levels v3,v4] [--sizes 400,512] [--dtypes float32]

Compiles the kernels with the system compiler. Medians of repeated runs; pin the process for steady figures.
"""

import argparse
import ctypes
import statistics
import tempfile
from pathlib import Path

import numpy as np
from kernel_lib import Band, aligned, build, cpu_levels, table

# Calls a kernel of up to nine pointer-sized arguments, or the logarithm, many times. Arguments beyond those
# that a kernel has do no harm in the calling conventions of x86-64 and AArch64.
LOOP = """
#include "kernels.h"
#include <time.h>
typedef ptrdiff_t word;
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * t.tv_sec + t.tv_nsec;
}
double time_words(void (*f)(word, word, word, word, word, word, word, word, word), const word *a, long n) {
    double start = now();
    for (long i = 0; i < n; i++) f(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8]);
    return (now() - start) / n;
}
double time_log(void (*f)(void *, ptrdiff_t, double, double, double), void *a, ptrdiff_t size, long n) {
    double start = now();
    /* mul = 0 keeps the values in range */
    for (long i = 0; i < n; i++) f(a, size, 0.0, 1e-3, 1e-10);
    return (now() - start) / n;
}
"""
FRAMES = 64


def mel_like_bands(n, count=80):
    """Overlapping bands whose widths grow as those of a mel bank."""
    edges = np.interp(
        np.linspace(0, 2840, count + 2),
        2595 * np.log10(1 + np.arange(n // 2 + 1) / n * 16000 / 700),
        np.arange(n // 2 + 1),
    )
    bands, offset = [], 0
    for low, high in zip(edges[:-2], edges[2:], strict=True):
        start, stop = int(np.ceil(low)), int(np.floor(high)) + 1
        bands.append(Band(start, stop - start, offset))
        offset += stop - start
    return (Band * count)(*bands), offset


def measure(library, kernels, n, dtype):
    """Name -> ns per frame."""
    library.time_words.restype = library.time_log.restype = ctypes.c_double
    bins = n // 2 + 1
    row = (bins + 15) // 16 * 16 + 16
    rng = np.random.default_rng(0)

    def random(*shape):
        a = aligned(shape, dtype)
        a[:] = rng.standard_normal(shape)
        return a

    def words(name, *arguments, frames=1):
        values = [a if isinstance(a, int) else a.ctypes.data for a in arguments]
        values = (ctypes.c_ssize_t * 9)(*values)
        call = ctypes.cast(getattr(kernels, name), ctypes.c_void_p)
        n_calls = max(20, 400_000 // (n * frames))
        library.time_words(call, values, ctypes.c_long(n_calls))
        return statistics.median(
            library.time_words(call, values, ctypes.c_long(n_calls)) / frames for _ in range(9)
        )

    x, w, z, spectrum = random(n + 1)[1:], random(n), random(2 * n), random(2 * row)
    power, pw, tile, out = random(row), random(FRAMES, 2 * row), random(2 * row, FRAMES), random(bins, 1002)
    wide = random(bins, 2 * 1002)
    split_table, split4_table = (
        aligned(kernels.split_table_len(n), dtype),
        aligned(max(1, kernels.split4_table_len(n)), dtype),
    )
    kernels.split_table(n, split_table.ctypes.data)
    result = {"window": words("window", x, w, z, n, x, 0)}
    result["split_power"] = words("split_power", z, split_table, power, n)
    result["split_complex"] = words("split_complex", z, split_table, spectrum, n)
    result["merge"] = words("merge", spectrum, split_table, z, n)
    if n % 8 == 0:
        kernels.split4_table(n, split4_table.ctypes.data)
        result["split4_power"] = words("split4_power", z, split4_table, power, n)
        result["split4_complex"] = words("split4_complex", z, split4_table, spectrum, n)
        rows = 20 if n % 40 == 0 else 16
        if n % (2 * rows) == 0:
            combine_table, planar = aligned(kernels.combine_table_len(n, rows), dtype), random(n + row)
            kernels.combine_table(n, rows, combine_table.ctypes.data)
            shorts = random(rows, 2 * (n // 2 // rows + kernels.width))
            result["combine"] = words("combine", shorts, combine_table, planar, n, rows)
            result["planar_power"] = words("planar_power", planar, split4_table, power, n)
            result["planar_complex"] = words("planar_complex", planar, split4_table, spectrum, n)
            # What replaces these three, and the transposition behind them.
            stride = 2 * rows * (-(-n // 2 // rows // kernels.width) * kernels.width) + 16
            shorts, turned = random(kernels.group, stride), random(n, kernels.group)
            for name, target, ld in (("group_power", tile, FRAMES), ("group_complex", wide, 1002)):
                result[name] = words(
                    name, shorts, stride, turned, combine_table, split4_table, target, ld, n, rows,
                    frames=kernels.group,
                )  # fmt: skip
    result["transpose to tile"] = words("transpose", pw, row, tile, FRAMES, FRAMES, bins, frames=FRAMES)
    result["transpose to rows"] = words("transpose", pw, row, out, 1002, FRAMES, bins, frames=FRAMES)
    result["transpose_complex"] = words("transpose_complex", pw, row, wide, 1002, FRAMES, bins, frames=FRAMES)
    bands, n_weights = mel_like_bands(n)
    mel, weights = random(128, FRAMES), random(n_weights)
    result["bank 80 mel"] = words(
        "bank", tile, FRAMES, ctypes.addressof(bands), 80, weights, mel, FRAMES, FRAMES, frames=FRAMES
    )
    # Constant-Q kernels: pairs that end with the frame, shorter and shorter.
    lengths = [max(8, int(n * 2 ** (-k / 12))) for k in range(40)]
    pairs = (Band * 80)(*(Band(n - m, m, part * m) for m in lengths for part in (0, 1)))
    samples = random(n, FRAMES)
    result["pair bank 40"] = words(
        "pair_bank",
        samples,
        FRAMES,
        ctypes.addressof(pairs),
        80,
        random(2 * n),
        mel,
        FRAMES,
        FRAMES,
        frames=FRAMES,
    )
    matrix = random(64, bins)
    result["dense 64"] = words("dense", tile, FRAMES, matrix, 64, bins, mel, FRAMES, FRAMES, frames=FRAMES)
    call = ctypes.cast(kernels.log, ctypes.c_void_p)
    values = aligned(bins, dtype)
    result["log of bins"] = statistics.median(
        library.time_log(
            call, ctypes.c_void_p(values.ctypes.data), ctypes.c_ssize_t(bins), ctypes.c_long(1000)
        )
        for _ in range(9)
    )
    return result


def main():
    """Prints one table per dtype."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--levels", default=",".join(cpu_levels()))
    parser.add_argument("--sizes", default="256,400,512,1024,2048")
    parser.add_argument("--dtypes", default="float32,float64")
    options = parser.parse_args()
    sizes = [int(s) for s in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        loop = Path(folder) / "loop.c"
        loop.write_text(LOOP)
        libraries = {level: build(level, folder, extra_source=loop) for level in options.levels.split(",")}
        for dtype in options.dtypes.split(","):
            columns = {
                (level, n): measure(library, table(library, level, dtype), n, dtype)
                for level, library in libraries.items()
                for n in sizes
            }
            print(f"{dtype:18}" + "".join(f"{f'{level} {n}':>15}" for level, n in columns))
            for name in dict.fromkeys(name for column in columns.values() for name in column):
                print(f"{name:18}" + "".join(f"{c.get(name, float('nan')):15.1f}" for c in columns.values()))


if __name__ == "__main__":
    main()
