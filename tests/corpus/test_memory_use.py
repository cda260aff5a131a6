"""Memory does not grow with the corpus, nor with a file."""

import os
import subprocess
import sys
import threading

import pytest
import soundfile

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from spectrograms.corpus import FeatureStore, find_inputs

from ..support.corpora import RATE, noise, plan, put


@pytest.mark.slow
@pytest.mark.parametrize("num_threads", [1, 2])
def test_memory_does_not_grow_with_the_corpus(tmp_path, out, num_threads):
    pytest.importorskip("resource", reason="no resource limits here")
    path = put(tmp_path / "in", "0.wav", noise(0, 4.0))
    for i in range(1, 1200):
        os.link(path, path.with_name(f"{i}.wav"))
    code = (
        "import resource, sys\n"
        "from spectrograms.corpus import extract\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "config = open(sys.argv[3]).read()\n"
        "options = dict(num_threads=int(sys.argv[4]))\n"
        "extract(sys.argv[1] + '/1*.wav', config, sys.argv[2] + '1', shard_files=100, **options)\n"
        "before = peak()\n"
        "extract(sys.argv[1], config, sys.argv[2], shard_files=100, **options)\n"
        "print(peak() - before)\n"
    )
    (tmp_path / "plan.json").write_text(plan().to_json())
    command = [sys.executable, "-P", "-c", code, path.parent, out, tmp_path / "plan.json", str(num_threads)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    # A thousand more: 154 MB of samples, 39 MB of features.
    assert float(result.stdout) < 25
    assert len(FeatureStore(out)) == 1200


@pytest.mark.slow
@pytest.mark.parametrize("num_threads", [1, 3])
def test_memory_does_not_grow_with_the_file(tmp_path, out, num_threads):
    pytest.importorskip("resource", reason="no resource limits here")
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        for seed in range(60):
            file.write(noise(seed, 60.0))
    code = (
        "import resource, sys\n"
        "from spectrograms.corpus import extract\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "config = open(sys.argv[3]).read()\n"
        "options = dict(segment=10, num_threads=int(sys.argv[4]))\n"
        "extract({'path': sys.argv[1], 'duration': 60}, config, sys.argv[2] + '1', **options)\n"
        "before = peak()\n"
        "extract(sys.argv[1], config, sys.argv[2], **options)\n"
        "print(peak() - before)\n"
    )
    (tmp_path / "plan.json").write_text(plan().to_json())
    command = [sys.executable, "-P", "-c", code, path, out, tmp_path / "plan.json", str(num_threads)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    # One hour: 115 MB of samples, 29 MB of features, which count while they are mapped.
    assert float(result.stdout) < 70
    assert FeatureStore(out).n_frames.sum() == 360_001


def test_long_files_and_padded_clips_go_alone(tmp_path, audio):
    from spectrograms.corpus.inputs.items import weight
    from spectrograms.corpus.run.pipeline import _HANDFUL, _HANDFUL_BYTES, _handfuls
    from spectrograms.corpus.stores.rows import Worker
    from spectrograms.corpus.stores.settings import Settings

    put(audio, "long.wav", noise(0, 140.0))
    items = [(None, item, weight(item)) for item in find_inputs(audio)]

    def sizes(config):
        worker = Worker(Settings.make(config), str(tmp_path), threading.Event())
        return [len(handful) for handful, _ in _handfuls(items, worker.weight, _HANDFUL, _HANDFUL_BYTES)]

    assert sizes(plan()) == [1, 12]
    assert sizes("whisper_hf") == [1] * 13  # thirty seconds each
