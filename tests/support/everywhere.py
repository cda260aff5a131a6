"""The same recordings as files, archives, tables and objects, and their stores: made, killed and compared."""

import json
import os
import random
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

from spectrograms.corpus import FeatureStore, extract, find_inputs, verify

from .corpora import content, digests, plan

#: Ways to the same store: from another place, or by several workers.
SOURCES = ("files", "tar", "tar.gz", "parquet", "S3")
CREWS = ("2 threads", "2 workers", "Dask")
# Run in a process of its own, which says how far it is. Past the moment at which it is to be killed it waits,
# so that no machine is too fast.
_CODE = """
import json, sys, threading
from contextlib import ExitStack
from spectrograms.corpus import extract

source, config, out, crew, options, moment, margin = json.loads(sys.argv[1])

def told(report):
    if report.n_done >= moment:
        print(report.n_done, flush=True)
    if report.n_done >= moment + margin:
        threading.Event().wait()

with ExitStack() as stack:
    if crew == "Dask":
        from distributed import Client, LocalCluster
        cluster = stack.enter_context(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
        options["client"] = stack.enter_context(Client(cluster))
    extract(source, open(config).read(), out, progress=told, **options)
"""


def packed(folder, place, bucket=None):
    """The recordings of a folder in every form, by its name; S3 if there is a bucket."""
    import pyarrow as pa
    import pyarrow.parquet

    paths = [Path(item.path) for item in find_inputs(folder)]
    names = [path.relative_to(folder).as_posix() for path in paths]
    found = {"files": os.fspath(folder)}
    for kind, mode in (("tar", "w"), ("tar.gz", "w:gz")):
        found[kind] = os.fspath(place / f"x.{kind}")
        with tarfile.open(found[kind], mode) as archive:
            for path, name in zip(paths, names, strict=True):
                archive.add(path, name)
    audio = [{"bytes": path.read_bytes(), "path": name} for path, name in zip(paths, names, strict=True)]
    found["parquet"] = os.fspath(place / "x.parquet")
    pa.parquet.write_table(pa.table({"audio": audio}), found["parquet"], row_group_size=100)
    if bucket is not None:
        for path, name in zip(paths, names, strict=True):
            bucket.put(f"audio/{name}", path.read_bytes())
        found["S3"] = bucket.url("audio")
    return found


def rows_of(store):
    """Ids in their order, shapes, features and lengths: everything but the place of the sound."""
    return [(name, row[:2], row[3:]) for name, row in digests(FeatureStore(store)).items()]


def same(out, wanted, way):
    """Check that a store is the wanted one: its rows, and of the same files all of it, byte for byte."""
    assert rows_of(out) == rows_of(wanted), way
    assert verify(out) == [], way
    if way not in SOURCES[1:]:
        assert content(out) == content(wanted), way


class Ways:
    """Stores of the same recordings, whole and killed.

    Parameters
    ----------
    sources : dict
        As of `packed`.
    place : Path
        A folder for the stores.
    shard_files : int
    """

    def __init__(self, sources, place, shard_files):
        self._sources, self._place, self._shard_files = sources, place, shard_files
        self._config = place / "plan.json"
        self._errors = place / "errors"
        self._config.write_text(plan().to_json())
        self.wanted = place / "wanted"
        self.n_records = extract(
            sources["files"], plan(), self.wanted, shard_files=shard_files, num_threads=1
        ).n_done

    def whole(self, way):
        """The store that a way leads to, which is compared."""
        out = self._place / f"whole {way}"
        self._finish(way, out)

    def killed(self, way, kills):
        """Kill runs at random moments, look at what is there each time, and go on; how many were at work."""
        moments, rows = random.Random(way), set(rows_of(self.wanted))
        out, interrupted = self._place / f"killed {way}", 0
        for _ in range(kills):
            left = self.n_records - _count(out)
            child = self._start(way, out, moments.randint(1, max(1, left // 6)), self._shard_files)
            child.stdout.readline()  # nothing comes if it has ended
            os.killpg(child.pid, signal.SIGKILL)
            interrupted += child.wait() == -signal.SIGKILL
            child.stdout.close()
            if _count(out):
                assert verify(out) == []
                assert set(rows_of(out)) <= rows
        self._finish(way, out)
        assert not list(out.glob(".*.tmp"))
        return interrupted

    def _finish(self, way, out):
        child = self._start(way, out, self.n_records + 1, 1)
        child.stdout.close()
        assert child.wait() == 0, f"{way}: {self._errors.read_text()}"
        same(out, self.wanted, way)

    def _start(self, way, out, moment, margin):
        """Begin a run, which waits to be killed some records after the moment that it tells of."""
        source = self._sources[way if way in SOURCES else "files"]
        options = {"shard_files": self._shard_files}
        if way == "2 workers":
            options["workers"] = 2
        elif way != "Dask":
            options["num_threads"] = 2 if way == "2 threads" else 1
        crew = "Dask" if way == "Dask" else ""
        task = json.dumps([source, os.fspath(self._config), os.fspath(out), crew, options, moment, margin])
        command = [sys.executable, "-P", "-c", _CODE, task]
        with open(self._errors, "w") as errors:
            return subprocess.Popen(
                command, start_new_session=True, stdout=subprocess.PIPE, stderr=errors, text=True
            )


def _count(out):
    """How many records a store has that may not be there yet."""
    try:
        return len(FeatureStore(out))
    except FileNotFoundError:
        return 0
