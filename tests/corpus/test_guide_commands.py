"""Each collection takes one command, as the guide shows it."""

import json
import shlex
import tarfile
from gzip import compress
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
import pyarrow.parquet  # noqa: E402, F401

from spectrograms.corpus import FeatureStore  # noqa: E402

from ..support.command import run  # noqa: E402
from ..support.corpora import noise, put  # noqa: E402

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "corpus.md"


def commands(heading):
    """The lines of the first block of commands below a heading."""
    block = GUIDE.read_text(encoding="utf-8").partition(heading)[2].partition("```sh\n")[2]
    return [line for line in block.partition("```")[0].splitlines() if line]


@pytest.fixture
def collections(tmp_path, monkeypatch):
    """Three recordings in all of them."""
    monkeypatch.chdir(tmp_path)
    names = [f"sounds/{name}.wav" for name in "abc"]
    for k, name in enumerate(names):
        put(tmp_path / "sounds", Path(name).name, noise(k, 0.2, 16000), 16000)
    for folder in ("shards", "data", "dataset", "nemo", "kaldi"):
        Path(folder).mkdir()
    for k in range(128):
        with tarfile.open(f"shards/train-{k:04d}.tar", "w") as archive:
            archive.add(names[k % 3], f"{k}.wav")
    with tarfile.open("packed.tar.gz", "w:gz") as archive:
        for name in names:
            archive.add(name)
    table = pa.table({"audio": [{"bytes": Path(name).read_bytes(), "path": name} for name in names]})
    pa.parquet.write_table(table, "data/x.parquet")
    with pa.ipc.new_stream("dataset/x.arrow", table.schema) as writer:
        writer.write_table(table)
    cuts = [_cut(name) for name in names]
    Path("cuts.jsonl.gz").write_bytes(compress("".join(json.dumps(cut) + "\n" for cut in cuts).encode()))
    rows = [{"audio_filepath": f"../{name}", "duration": 0.2, "text": name} for name in names]
    Path("nemo/manifest.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path("kaldi/wav.scp").write_text("".join(f"{Path(name).stem} {name}\n" for name in names))
    Path("table.csv").write_text("".join(["path,speaker\n", *(f"{name},Ada\n" for name in names)]))


def _cut(name):
    recording = {
        "id": name,
        "sources": [{"type": "file", "channels": [0], "source": name}],
        "sampling_rate": 16000,
        "num_samples": 3200,
        "duration": 0.2,
        "channel_ids": [0],
    }
    return {"id": name, "start": 0.0, "duration": 0.2, "channel": 0, "type": "MonoCut",
            "supervisions": [], "recording": recording}  # fmt: skip


@pytest.mark.slow
def test_archives_and_tables(collections, capsys):
    lines = commands("## Archives and tables")
    assert len(lines) == 8
    for line in lines:
        argv = shlex.split(line)[1:]
        assert run(*argv) == 0, f"{line}\n{capsys.readouterr().err}"
        assert len(FeatureStore(argv[-1])) == (128 if "shards" in line else 3), line
