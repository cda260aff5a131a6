"""Small corpora of synthetic recordings, and plans to extract them with."""

import hashlib

import numpy as np
import pytest
import soundfile

import spectrograms as sg

RATE = 8000


def plan(dtype="float32", amplitude="db", rate=RATE):
    """A plan of 20 mel bands, 10 ms apart."""
    params = sg.SpectrogramParams(sg.StftParams(256, 80, "hann"), rate)
    return sg.SpectrogramPlan(params, sg.MelParams(20, 0.0, rate / 2), amplitude, dtype=dtype)


def noise(seed, seconds=0.5, rate=RATE, channels=1):
    """Noise that grows and fades, shape (n_samples,) or (n_samples, channels)."""
    generator = np.random.default_rng(seed)
    n = round(seconds * rate)
    samples = 0.1 * generator.standard_normal((n, channels)) * np.hanning(n)[:, np.newaxis]
    return samples[:, 0] if channels == 1 else samples


def recordings(folder, count=12, seconds=0.5):
    """Write `count` files of different lengths at two depths; return the folder."""
    for i in range(count):
        path = folder / f"speaker{i % 3}" / f"{i:03d}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, noise(i, seconds * (1 + i % 4) / 2), RATE)
    return folder


def put(folder, name, samples, rate=RATE, **options):
    """Write a file into a folder, which is made if need be; return its path."""
    folder.mkdir(exist_ok=True, parents=True)
    soundfile.write(folder / name, samples, rate, **options)
    return folder / name


@pytest.fixture
def audio(tmp_path):
    """A folder of recordings."""
    return recordings(tmp_path / "audio")


@pytest.fixture
def out(tmp_path):
    """Where a store goes."""
    return tmp_path / "store"


@pytest.fixture
def config(tmp_path):
    """A file that says what to compute."""
    path = tmp_path / "plan.json"
    path.write_text(plan().to_json())
    return path


def digests(store):
    """The content of a store by id: everything about each row, with a digest of its values."""
    rows = {}
    for record in store:
        assert record.id not in rows, f"{record.id} is stored twice"
        values = np.ascontiguousarray(record.features)
        digest = hashlib.sha256(values.tobytes()).hexdigest()
        rows[record.id] = (values.shape, digest, record.path, record.start_frame, record.n_samples)
    return rows


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A hundred and twenty recordings, and three files that are none."""
    folder = recordings(tmp_path_factory.mktemp("mixed") / "audio", 120, 0.5)
    for name in ("z", "a", "speaker1/m"):
        (folder / f"{name}.wav").write_bytes(b"no audio")
    return folder


@pytest.fixture(scope="module")
def alone(mixed):
    """The store that one process makes of them, eight inputs in a shard."""
    from spectrograms.corpus import extract

    out = mixed.with_name("alone")
    extract(mixed, plan(), out, shard_files=8, num_threads=1)
    return out


def content(folder):
    """Every file of a store, byte for byte."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def shard_bytes(folder):
    """The shards of a store, byte for byte."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("part-*.arrow"))}


def change(path, seed=100, seconds=0.4):
    """Write another recording in the place of one."""
    soundfile.write(path, noise(seed, seconds), RATE)


def fresh(audio, out, **options):
    """What a store would hold if it were made now."""
    again = out.with_name("fresh")
    sg.corpus.extract(audio, plan(), again, overwrite=True, **options)
    return digests(sg.corpus.FeatureStore(again))
