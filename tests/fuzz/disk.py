"""Words for feature stores and inputs of corpora on disk, whole and damaged."""

import os
import shutil
from functools import cache
from pathlib import Path

import numpy as np
from trouble import Wrong, garbled, temporary, wave

import spectrograms as sg
from spectrograms import corpus

__all__ = ["corpus", "damaged", "extracted", "listed", "pieces", "store"]


@cache
def _original():
    """A store of three files of different lengths, and the folder of its sources."""
    sources, folder = Path(temporary("sources")), Path(temporary("store"))
    for i, count in enumerate((900, 1600, 2300)):
        path = sources / f"speaker{i % 2}" / f"{i}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wave(count, seed=i))
    params = sg.SpectrogramParams(sg.StftParams(64, 32, "hann"), 8000)
    corpus.extract(sources, sg.SpectrogramPlan(params, None, "db", dtype="float32"), folder, num_threads=1)
    return folder, sources


def store():
    """The path of an undamaged store."""
    return str(_original()[0])


def damaged(seed, kind="bytes"):
    """The path of a store with one file garbled, cut short or emptied."""
    folder = Path(temporary("damaged"))
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(store(), folder)
    choose = np.random.default_rng(seed)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_size)
    shards = [path for path in files if path.suffix == ".arrow"]
    path = choose.choice(shards if choose.random() < 0.7 else files)
    content = bytearray(path.read_bytes())
    if kind == "word":  # four bytes of an offset, a length or a count
        at = int(choose.integers(max(1, len(content) // 4))) * 4
        content[at : at + 4] = choose.choice([-5, -1, 0, 1, 0x7FFFFFFF, 1 << 20]).astype("<i4").tobytes()
    elif kind == "bit":
        content[choose.integers(len(content))] ^= 1 << choose.integers(8)
    elif kind == "cut":
        del content[choose.integers(len(content)) :]
    else:
        content = garbled(bytes(content), int(seed), 3)
    path.write_bytes(content)
    return str(folder)


def pieces(folder):
    """Everything that can be read from a store."""
    opened = corpus.FeatureStore(folder)
    seen = [
        opened.ids,
        opened.n_frames,
        opened.durations,
        opened.stats,
        opened.config,
        opened.errors,
        opened.description,
    ]
    for record in opened:
        features = record.features
        seen.append(
            (record.id, record.path, record.n_samples, record.times, np.array(features), record.frames(1, 3))
        )
        if features.ndim != 2:
            raise Wrong(f"features of {features.ndim} dimensions")
    return seen


def extracted(inputs, **options):
    """Extract a few inputs into a new folder."""
    folder = temporary("extracted")
    shutil.rmtree(folder, ignore_errors=True)
    plan = sg.DescriptorPlan(sg.StftParams(64, 32, "hann"), 8000, "rms", "float32")
    report = corpus.extract(inputs, plan, folder, num_threads=1, **options)
    return report, pieces(folder)


def listed(content, name):
    """The path of a list, manifest or configuration; ``SOURCES`` in it is the folder of the sources."""
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    path = temporary(name)
    with open(path, "wb") as file:
        file.write(content.replace(b"SOURCES", os.fsencode(_original()[1])))
    return path
