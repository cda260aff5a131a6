"""The same recordings as files, archives and tables."""

import io
import json
import tarfile

import numpy as np
import pytest
import soundfile

from .corpora import RATE, noise

#: Suffix of each collection, by how it is written.
KINDS = ("tar", "tar.gz", "parquet", "file.arrow", "stream.arrow")


def write_files(folder, count=40):
    """Write recordings of several formats, some of them larger than what is read at once; return names."""
    names = []
    for k in range(count):
        name = f"speaker{k // 10}/{k:03d}.{('wav', 'flac', 'ogg')[k % 3]}"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds = 0.1 + 0.02 * (k % 7) + 90.0 * (k in (12, 13))
        soundfile.write(path, noise(k, seconds), RATE)
        names.append(name)
    return names


def facts(k):
    """What is said about a recording beside its sound."""
    return {"text": f"number {k}", "speaker": k // 10, "level": k / 4}


def write_tar(path, folder, names, mode="w", companions=True):
    """Write an archive in WebDataset's layout."""
    with tarfile.open(path, mode) as archive:
        for k, name in enumerate(names):
            add(archive, name, (folder / name).read_bytes())
            if companions:
                add(archive, name.rpartition(".")[0] + ".json", json.dumps(facts(k)).encode())
    return path


def add(archive, name, content):
    """Add a member to an archive."""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def table_of(folder, names):
    """A table as Hugging Face's libraries write it."""
    import pyarrow as pa

    audio = [{"bytes": (folder / name).read_bytes(), "path": name} for name in names]
    rows = [facts(k) for k in range(len(names))]
    return pa.table({"audio": audio, **{key: [row[key] for row in rows] for key in rows[0]}})


def write_collection(kind, path, folder, names):
    """Write recordings as one of :data:`KINDS`."""
    if kind.startswith("tar"):
        return write_tar(path, folder, names, "w:gz" if kind.endswith("gz") else "w")
    import pyarrow as pa
    import pyarrow.parquet

    table = table_of(folder, names)
    if kind == "parquet":
        pyarrow.parquet.write_table(table, path, row_group_size=7)
    else:
        new = pa.ipc.new_file if kind.startswith("file") else pa.ipc.new_stream
        with new(str(path), table.schema) as writer:
            writer.write_table(table, 6)
    return path


@pytest.fixture(scope="module")
def same(tmp_path_factory):
    """A folder of recordings, their names, and a collection of each kind, by it."""
    place = tmp_path_factory.mktemp("same")
    names = write_files(place / "audio")
    made = {kind: write_collection(kind, place / f"x.{kind}", place / "audio", names) for kind in KINDS}
    return place / "audio", names, made


def sounds(store):
    """Everything about the rows of a store but where their sound was."""
    return [
        (
            r.id,
            r.start_frame,
            r.n_samples,
            r.duration,
            r.features.dtype,
            np.ascontiguousarray(r.features).tobytes(),
        )
        for r in store
    ]
