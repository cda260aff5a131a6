"""Stores of smaller types beside lilcom: bytes, errors in decibels, and the time of a random read.

    python benchmarks/smaller.py FOLDER [--reads N] [--markdown]

Features of all recordings of the folder are extracted in each type, and the same float32 features are packed
by lilcom, as lhotse's archives do (both from PyPI). Errors are those of what readers get, against float32.
Reads go in turns over the same random records, from the page cache: "unpacked" is lilcom alone, on bytes in
memory, "lilcom" is lhotse's reader of one archive, "int8, levels" leaves the levels as they are. Every read
ends in an array of its own. Times are medians. CONTRIBUTING.md says how to get a folder of prompts.
"""

import random
import tempfile
import time
from pathlib import Path
from statistics import median

import lilcom
import numpy as np
from corpus import CONFIGS
from lhotse.features.io import LilcomChunkyReader, LilcomChunkyWriter
from tables import arguments, print_table

from spectrograms.corpus import FeatureStore, extract

# Decibels of a difference of one: Whisper's features are (log10 + 4) / 4, Kaldi's are natural logarithms.
DECIBELS = {"whisper": 40.0, "kaldi fbank 80": 10.0 / np.log(10.0), "mel dB": 1.0}
TYPES = ("float32", "float16", "int8")
# The step of lhotse's writers: 2**-5 of a natural logarithm.
TICK = -5


def size_of(folder):
    """Bytes of a store, with everything that belongs to it."""
    return sum(path.stat().st_size for path in Path(folder).iterdir())


def errors(found, wanted):
    """Largest and root mean square difference of two sequences of arrays."""
    largest, squares, count = 0.0, 0.0, 0
    for values, exact in zip(found, wanted, strict=True):
        difference = values.astype(np.float64) - exact
        largest = max(largest, float(np.abs(difference).max(initial=0.0)))
        squares += float(np.sum(difference**2))
        count += difference.size
    return largest, (squares / count) ** 0.5


def timed(readers, count, reads):
    """The median time of one random read by each, in microseconds."""
    generator = random.Random(0)
    times = {name: [] for name in readers}
    for _ in range(reads):
        i = generator.randrange(count)
        for name, read in readers.items():
            started = time.perf_counter()
            read(i)
            times[name].append(time.perf_counter() - started)
    return {name: 1e6 * median(each) for name, each in times.items()}


def measure(name, folder, place, reads):
    """Rows of the table for one configuration."""
    stores, sizes = {}, {}
    for dtype in TYPES:
        out = place / f"{name} {dtype}"
        extract(folder, CONFIGS[name](), out, dtype=dtype)
        stores[dtype], sizes[dtype] = FeatureStore(out), size_of(out)
    exact = [np.array(record.features) for record in stores["float32"]]
    # It may work in the memory of its input.
    packed = [lilcom.compress(values.copy(), tick_power=TICK) for values in exact]
    with LilcomChunkyWriter(place / name, tick_power=TICK) as writer:
        keys = [writer.write(str(i), values.copy()) for i, values in enumerate(exact)]
    sizes["lilcom"] = Path(writer.storage_path).stat().st_size
    reader = LilcomChunkyReader(writer.storage_path)
    readers = {
        "float32": lambda i: np.array(stores["float32"][i].features),
        "float16": lambda i: np.array(stores["float16"][i].features),
        "int8": lambda i: stores["int8"][i].features,
        "int8, levels": lambda i: np.array(stores["int8"][i].stored),
        "lilcom": lambda i: reader.read(keys[i]),
        "unpacked": lambda i: lilcom.decompress(packed[i]),
    }
    times = timed(readers, len(exact), reads)
    found = {dtype: [record.features for record in store] for dtype, store in stores.items()}
    found["lilcom"] = list(map(lilcom.decompress, packed))
    for kind, took in times.items():
        numbers = ("", "", "")
        if kind in sizes:
            largest, mean = (DECIBELS[name] * error for error in errors(found[kind], exact))
            numbers = (f"{sizes[kind] / 1e6:.1f}", f"{largest:.3f}", f"{mean:.3f}")
        yield [name, kind, *numbers, f"{took:.1f}", f"{times['lilcom'] / took:.1f}"]


def main():
    args = arguments(__doc__, reads=5000)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for name in DECIBELS:
            rows += measure(name, args.folder, Path(place), args.reads)
    head = ["what", "stored as", "MB", "largest error, dB", "RMS, dB", "random read, us", "lilcom / this"]
    print_table(head, rows, args.markdown)


if __name__ == "__main__":
    main()
