"""Extract the same recordings from files, archives and tables: what reading them in place costs.

    python benchmarks/archives.py FOLDER [--runs N] [--markdown]

Each is made of the files of the folder, in a temporary one, and read from the page cache. Runs go in turns,
and the least wall and CPU times of each count: ratios of one run are what can be compared. Every store is
compared with that of the files, bit for bit. CONTRIBUTING.md says how to get a folder of prompts.
Objects in stores, workers and Dask are compared by tests/everywhere.py, where nothing is timed.
"""

import shutil
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from corpus import CONFIGS
from tables import arguments, print_table

from spectrograms.corpus import FeatureStore, extract, find_inputs


def made(folder, place):
    """The recordings in every form, by its name."""
    items = find_inputs(folder)
    paths = [Path(item.path) for item in items]
    names = [path.relative_to(folder).as_posix() for path in paths]
    for name, mode in (("x.tar", "w"), ("x.tar.gz", "w:gz")):
        with tarfile.open(place / name, mode) as archive:
            for path, member in zip(paths, names, strict=True):
                archive.add(path, member)
    audio = [{"bytes": path.read_bytes(), "path": name} for path, name in zip(paths, names, strict=True)]
    table = pa.table({"audio": audio})
    pa.parquet.write_table(table, place / "x.parquet", row_group_size=100)
    with pa.ipc.new_stream(str(place / "x.arrow"), table.schema) as writer:
        writer.write_table(table, 100)
    packed = {name: place / name for name in ("x.tar", "x.parquet", "x.arrow", "x.tar.gz")}
    return {"files": folder, **packed}


def check(folder, files):
    """The features of a store are those of the files."""
    for record, wanted in zip(FeatureStore(folder), FeatureStore(files), strict=True):
        assert record.id == wanted.id
        assert np.array_equal(record.features, wanted.features), record.id


def measure(config, sources, place, runs, threads):
    """The least wall and CPU time of each source."""
    times = {name: [] for name in sources}
    for _ in range(runs):
        for name, source in sources.items():
            started, worked = time.perf_counter(), time.process_time()
            extract(source, config, place / "made", num_threads=threads)
            times[name].append((time.perf_counter() - started, time.process_time() - worked))
            if name == "files":
                shutil.rmtree(place / "of files", ignore_errors=True)
                (place / "made").rename(place / "of files")
            else:
                check(place / "made", place / "of files")
                shutil.rmtree(place / "made")
    return {name: tuple(map(min, zip(*found, strict=True))) for name, found in times.items()}


def main():
    args = arguments(__doc__, runs=7)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        sources = made(args.folder, Path(place))
        for name in ("whisper", "mel dB at 8 kHz"):
            for threads in (1, 2):
                found = measure(CONFIGS[name](), sources, Path(place), args.runs, threads)
                shutil.rmtree(Path(place) / "of files")
                wall, cpu = found["files"]
                for source, (own_wall, own_cpu) in found.items():
                    row = [
                        f"{own_wall:.3f}",
                        f"{own_cpu:.3f}",
                        f"{wall / own_wall:.2f}",
                        f"{cpu / own_cpu:.2f}",
                    ]
                    rows.append([name, source, str(threads), *row])
    head = ["what", "from", "threads", "wall, s", "CPU, s", "speed of files: wall", "CPU"]
    print_table(head, rows, args.markdown)


if __name__ == "__main__":
    main()
