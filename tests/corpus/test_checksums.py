"""Checksums: no flipped bit of a store is missed, and readers do not need them."""

import json
import os
import random
import zlib
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

import spectrograms as sg  # noqa: E402
from spectrograms.corpus import FeatureStore, extract, finish, verify  # noqa: E402
from spectrograms.corpus.stores.checksums import beside  # noqa: E402

from ..support.corpora import digests, plan, recordings  # noqa: E402
from ..support.damaged_store import refusal, rewritten, shard_of, with_column  # noqa: E402

STORES = Path(__file__).parents[1] / "data" / "stores"
BITS = 200


def rows(audio, out):
    extract(audio, plan(), out, shard_files=5)


def segments(audio, out):
    extract(audio, plan(), out, dtype="float16", segment=0.2, channels="each", shard_files=4)


def failures(audio, out):
    (audio / "bad.wav").write_bytes(b"no audio")
    extract(audio, "kaldi_fbank", out)


def levels(audio, out):
    extract(audio, plan(), out, dtype="int8", shard_files=5)


MAKERS = {"rows": rows, "segments": segments, "failures": failures, "levels": levels}


@pytest.fixture(params=MAKERS)
def store(request, tmp_path):
    out = tmp_path / "store"
    MAKERS[request.param](recordings(tmp_path / "in", 7), out)
    assert verify(out) == []
    return out


def found_by_verify(store):
    """The problems, and what it refuses with where the manifest cannot be understood."""
    problems = []
    return problems, refusal(lambda: problems.extend(verify(store)))


@pytest.mark.slow
def test_case_5_7_every_flipped_bit_is_found(store):
    files = [path for path in sorted(store.iterdir()) if path.stat().st_size]
    sizes = [path.stat().st_size for path in files]
    assert {path.suffix for path in files} >= {".arrow", ".crc32", ".json"}
    generator = random.Random(20261130)
    found = 0
    for n in range(BITS):
        # Half of the bits anywhere, half in one file after the other.
        path = generator.choices(files, sizes)[0] if n % 2 else files[n // 2 % len(files)]
        whole = path.read_bytes()
        content = bytearray(whole)
        content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
        path.write_bytes(content)
        problems, refused = found_by_verify(store)
        assert refused is None or str(path) in refused
        found += bool(problems or refused)
        path.write_bytes(whole)
    assert found == BITS
    assert verify(store) == []


def test_case_5_7_what_no_statistic_shows_is_found(store):
    """Ids, paths and the order of frames, in a shard that is whole in itself."""
    shard = shard_of(store)
    for name, change in (
        ("id", lambda values: pa.array([f"x{value}" for value in values.to_pylist()])),
        ("path", lambda values: pa.array([f"x{value}" for value in values.to_pylist()])),
        ("start_frame", lambda values: pa.array([value + 1 for value in values.to_pylist()], pa.int64())),
        ("source_mtime_ns", lambda values: pa.array([value + 1 for value in values.to_pylist()], pa.int64())),
    ):
        whole = shard.read_bytes()
        rewritten(shard, lambda batch: with_column(batch, name, change(batch.column(name)), "source" in name))  # noqa: B023
        assert len(FeatureStore(store)) > 0
        assert verify(store) == [f"{shard.name}: content and checksum disagree"]
        shard.write_bytes(whole)
    assert verify(store) == []


def fields_of(document, at=()):
    for key, value in document.items():
        yield (*at, key)
        if isinstance(value, dict):
            yield from fields_of(value, (*at, key))


@pytest.mark.slow
def test_case_5_7_every_edited_field_is_found(store):
    path = store / "manifest.json"
    whole = path.read_text()
    fields = list(fields_of(json.loads(whole)))
    assert len(fields) > 40
    for at in fields:
        document = json.loads(whole)
        inner = document
        for key in at[:-1]:
            inner = inner[key]
        value = inner[at[-1]]
        inner[at[-1]] = value + 1 if type(value) in (int, float) else [value]
        path.write_text(json.dumps(document, indent=2) + "\n")
        problems, refused = found_by_verify(store)
        assert problems or str(path) in refused, at
    # Nor does it go unnoticed that the checksum has been taken away.
    document = json.loads(whole)
    del document["checksum"]
    path.write_text(json.dumps(document, indent=2) + "\n")
    assert verify(store) == [
        "manifest.json has no checksum, though shards have: run extract again, or corpus.finish"
    ]
    finish(store)
    assert path.read_text() == whole
    assert verify(store) == []


def test_checksums_are_those_of_zlib(store):
    for shard in map(Path, FeatureStore(store).shards):
        content = shard.read_bytes()
        assert (
            Path(beside(str(shard))).read_text() == f"{zlib.crc32(content):08x} {len(content)} {shard.name}\n"
        )


@pytest.mark.slow
def test_readers_pass_over_checksums(store):
    wanted = digests(FeatureStore(store))
    for path in store.glob("*.crc32"):
        path.unlink()
    assert digests(FeatureStore(store)) == wanted


def test_case_5_7_a_checksum_that_is_gone_is_missed(store):
    for path in store.glob("*.crc32"):
        path.unlink()
    found = verify(store)
    shards = FeatureStore(store).shards
    assert found == [f"{os.path.basename(shard)}: the checksum beside it is gone" for shard in shards]
    assert found.n_without_checksum == found.n_shards == len(shards)


def test_case_5_7_stores_without_checksums_say_so(tmp_path, capsys):
    """Two stores as an earlier version wrote them."""
    for kind in ("rows", "segments"):
        found = verify(STORES / kind)
        assert found == []
        assert (found.n_shards, found.n_without_checksum) == (2, 2)
    assert sg.cli.main(["verify", os.fspath(STORES / "rows"), "--json"]) == 0
    output = capsys.readouterr()
    assert output.err == f"{STORES / 'rows'}: no problems; 2 of 2 shards have no checksum\n"
    [entry] = json.loads(output.out)["stores"]
    assert (entry["shards"], entry["shards_without_checksum"]) == (2, 2)
