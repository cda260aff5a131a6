"""Extract the same recordings from files, archives and tables: what reading them in place costs.

    python benchmarks/archives.py FOLDER [--runs N] [--markdown]
    python benchmarks/archives.py FOLDER --runs 0

Each is made of the files of the folder, in a temporary one, and read from the page cache. Runs go in turns,
and the least wall and CPU times of each count: ratios of one run are what can be compared. Every store is
compared with that of the files, bit for bit. CONTRIBUTING.md says how to get a folder of prompts.

Without runs nothing is timed: the stores of all of them, of two workers and of a Dask cluster on this machine
are compared, and for each a digest of its ids, lengths and features is printed. Those of the files, however
many work, are the same byte for byte, every file of them.
"""

import shutil
import sys
import tarfile
import tempfile
import time
from hashlib import sha256
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


def digest(folder):
    """Of ids, lengths and features, in their order."""
    found = sha256()
    for record in FeatureStore(folder):
        found.update(f"{record.id} {record.n_frames}\n".encode())
        found.update(np.ascontiguousarray(record.features))
    return found.hexdigest()[:16]


def show_equality(config, sources, place):
    """Print a digest for each way to the store; False if they differ."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        ways = {name: (source, {}) for name, source in sources.items()}
        files = sources["files"]
        ways |= {"2 threads": (files, {"num_threads": 2}), "2 workers": (files, {"workers": 2})}
        ways["Dask"] = files, {"client": client}
        stores = {}
        for name, (source, options) in ways.items():
            stores[name] = place / f"store of {name}"
            extract(source, config, stores[name], **options)
    files = {path.name: path.read_bytes() for path in stores["files"].iterdir()}
    wanted, equal = digest(stores["files"]), True
    rows = []
    for name, store in stores.items():
        whole = {path.name: path.read_bytes() for path in store.iterdir()} == files
        found = digest(store)
        equal = equal and found == wanted and (whole or name in sources)
        rows.append([name, str(len(FeatureStore(store))), found, "yes" if whole else "no"])
    print_table(["from", "records", "ids, lengths, features", "every byte of the store"], rows, False)
    return equal


def main():
    args = arguments(__doc__, runs=7)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        sources = made(args.folder, Path(place))
        if not args.runs:
            sys.exit(not show_equality(CONFIGS["whisper"](), sources, Path(place)))
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
