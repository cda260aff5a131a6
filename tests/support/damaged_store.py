"""Damaged stores: where the buffers of a shard lie, other files in its place, and every way to read it."""

import contextlib
import io
import os
import random
import shutil
import sys
import traceback
from pathlib import Path

import pyarrow as pa

from spectrograms import InvalidInputError
from spectrograms.cli import main
from spectrograms.corpus import FeatureStore, export, finish, verify
from spectrograms.corpus.stores.manifest import stored_ids


def shard_of(folder):
    """The first shard of a store."""
    return min(Path(folder).glob("part-*.arrow"))


def buffers(path):
    """Offset and size of every buffer of the first batch, by the name of the column and a number."""
    content = pa.py_buffer(Path(path).read_bytes())
    batch = pa.ipc.open_file(content).get_batch(0)
    found = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        for number, buffer in enumerate(column.buffers()):
            if buffer is not None:
                found[name, number] = buffer.address - content.address, buffer.size
    return found


def rewritten(path, change=lambda batch: batch, metadata=None, **options):
    """Rewrite a shard with changed batches; `metadata` replaces that of its schema."""
    reader = pa.ipc.open_file(pa.py_buffer(Path(path).read_bytes()))
    pairs = [reader.get_batch_with_custom_metadata(i) for i in range(reader.num_record_batches)]
    pairs = [(change(batch), custom) for batch, custom in pairs]
    schema = pairs[0][0].schema
    schema = schema.with_metadata(reader.schema.metadata if metadata is None else metadata)
    with pa.ipc.new_file(path, schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch, custom in pairs:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata), custom_metadata=custom)


def with_column(batch, name, values, nullable=False):
    """A batch with one column replaced."""
    place = batch.schema.get_field_index(name)
    return batch.set_column(place, pa.field(name, values.type, nullable=nullable), values)


def _cli(*argv):
    """Run the command line; it may fail, but not with a traceback."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = main([str(argument) for argument in argv])
    if code:
        raise InvalidInputError(f"exit code {code}")


def refusal(function):
    """The error that a function raises, as text; None if it returns."""
    try:
        function()
    except InvalidInputError as error:
        return str(error)
    return None


def _export(kind):
    def road(folder):
        out = Path(folder).with_name(f"{Path(folder).name}-{kind}")
        try:
            export(folder, kind, out)
        finally:
            shutil.rmtree(out) if out.is_dir() else out.unlink(missing_ok=True)

    return road


def _everything(folder):
    for record in FeatureStore(folder):
        assert record.id
        assert record.path is not None
        assert record.n_frames == record.features.shape[not record._store.frames_first]
        float(record.features.sum(dtype="f8"))
        assert len(record.times) == record.n_frames
        assert record.source is not None


#: Everything that reads shards.
ROADS = {
    "ids": lambda folder: FeatureStore(folder).ids,
    "first": lambda folder: FeatureStore(folder)[0].path,
    "slice": lambda folder: [record.id for record in FeatureStore(folder)[:2]],
    "all": _everything,
    "by id": lambda folder: "x" in FeatureStore(folder),
    "frames": lambda folder: FeatureStore(folder).n_frames,
    "durations": lambda folder: FeatureStore(folder).durations,
    "going on": lambda folder: list(stored_ids(folder)),
    "finish": finish,
    "info": lambda folder: _cli("info", folder),
    **{kind: _export(kind) for kind in ("npz", "npy", "parquet", "kaldi", "webdataset")},
}


#: What reads only the statistics.
STATS_ROAD = {"stats": lambda folder: FeatureStore(folder).stats.std}


def mutate(content, generator):
    """Damage a file: flip bits, insert hostile numbers, cut, double or blank pieces."""
    content = bytearray(content)
    for _ in range(generator.choice((1, 1, 1, 2, 4))):
        at = generator.randrange(max(1, len(content)))
        kind = generator.randrange(8)
        if kind < 2:
            content[at] ^= 1 << generator.randrange(8)
        elif kind < 6:
            size = generator.choice((1, 2, 4, 8))
            at -= at % size
            value = generator.choice(
                (0, 1, -1, -5, 2**7, 2**15 - 1, 2**31 - 1, -(2**31), 2**40, 2**63 - 1, 7, 64)
            )
            content[at : at + size] = (value & (256**size - 1)).to_bytes(size, "little")
        elif kind == 6:
            content[at : at + generator.randrange(1, 64)] = bytes(generator.randrange(0, 64))
        else:
            content = content[:at]
    return bytes(content)


def fuzz(folder, name, first, last):
    """Damage a file of a store in many ways, and read each in every way; print the number of each first."""
    folder = Path(folder)
    path = folder / name if name else shard_of(folder)
    whole = path.read_bytes()
    refused = 0
    for seed in range(first, last):
        print(seed, flush=True)
        path.write_bytes(mutate(whole, random.Random(f"{name} {seed}")))
        for road, function in (ROADS | STATS_ROAD).items():
            if road == "finish" and name:
                continue  # it would repair the damage
            kept = {other: other.read_bytes() for other in folder.iterdir() if road == "finish"}
            try:
                function(folder)
            except InvalidInputError:
                refused += 1
            except Exception:
                print(f"{road} with seed {seed}:", file=sys.stderr)
                traceback.print_exc()
                sys.exit(1)
            for other, content in kept.items():
                other.write_bytes(content)
        verify_quietly(folder)
        path.write_bytes(whole)
    print("refused", refused)


def verify_quietly(folder):
    """Check that verifying reports the damage, or refuses a manifest that cannot be understood."""
    with contextlib.suppress(InvalidInputError):
        verify(folder)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    fuzz(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
