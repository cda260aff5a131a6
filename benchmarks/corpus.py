"""Extract a folder of real recordings: speed, decoding included and excluded, and latency of the store.

    python benchmarks/corpus.py FOLDER [--runs N] [--markdown]

Every store is compared with direct computation, bit for bit. The loops of others that stand beside do what
their users write: read, resample, compute, save an array for each file. CONTRIBUTING.md says how to get a
folder of some hundred prompts. Times are the best of the runs, with the files in the page cache.
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, find_inputs
from spectrograms.corpus.stores.extractor import extractor_from

READS = 2000


def mel_db(sample_rate=16000):
    """80 mel bands in decibels, 10 ms apart, float32 throughout."""
    stft = sg.StftParams(sample_rate * 32 // 1000, sample_rate // 100, "hann")
    mel = sg.MelParams(80, 0.0, sample_rate / 2)
    return sg.SpectrogramPlan(sg.SpectrogramParams(stft, sample_rate), mel, "db", dtype="float32")


CONFIGS = {
    "whisper": lambda: sg.frontend("whisper_openai"),
    "kaldi fbank 80": lambda: sg.frontend("kaldi_fbank", sample_rate=16000, num_mel_bins=80),
    "mel dB": mel_db,
    # The rate of the prompts of the Debian package: nothing to resample.
    "mel dB at 8 kHz": lambda: mel_db(8000),
}


def best(call, runs):
    """The least time of some runs, in seconds, and the last result."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - started)
    return min(times), result


def check(folder, config):
    """Every record equals what the plan or frontend gives for its file."""
    for record in FeatureStore(folder):
        samples, _ = sg.read_audio(record.path, int(extractor_from(config).sample_rate))
        result = config.compute(samples)
        assert np.array_equal(record.features, getattr(result, "data", result)), record.id


def decoded(items, rate):
    """All samples at once: what the rows without decoding compute from."""
    return [sg.read_audio(item.path, rate)[0] for item in items]


def measure(name, items, folder, runs):
    """Rows of (what, threads, seconds) for one configuration."""
    config = CONFIGS[name]()
    extractor = extractor_from(config)
    samples = decoded(items, extractor.sample_rate)
    for threads in (1, 2):
        seconds, _ = best(
            lambda threads=threads: extract(items, config, folder, num_threads=threads, overwrite=True), runs
        )
        yield f"{name}: extract", threads, seconds
    check(folder, config)
    for threads in (1, 2):
        config.compute_batch(samples[:2], num_threads=threads)
        seconds, _ = best(lambda threads=threads: config.compute_batch(samples, num_threads=threads), runs)
        yield f"{name}: features alone", threads, seconds


def librosa_loop(items, folder):
    """The loop that users of librosa write."""
    import librosa

    folder.mkdir()
    for i, item in enumerate(items):
        samples, rate = librosa.load(item.path, sr=16000)
        mel = librosa.feature.melspectrogram(y=samples, sr=rate, n_fft=512, hop_length=160, n_mels=80)
        np.save(folder / f"{i}.npy", librosa.power_to_db(mel))
    shutil.rmtree(folder)


def kaldi_loop(items, folder):
    """The loop that users of kaldi-native-fbank, and lhotse with it, write."""
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = 80
    folder.mkdir()
    for i, item in enumerate(items):
        samples, _ = sg.read_audio(item.path, 16000)
        fbank = knf.OnlineFbank(options)
        fbank.accept_waveform(16000, samples)
        fbank.input_finished()
        frames = [fbank.get_frame(t) for t in range(fbank.num_frames_ready)]
        np.save(folder / f"{i}.npy", np.stack(frames))
    shutil.rmtree(folder)


def peers(items, folder, runs):
    """Rows of the loops of others, those that are installed."""
    for name, loop in (("librosa loop, mel dB", librosa_loop), ("kaldi-native-fbank loop", kaldi_loop)):
        try:
            loop(items[:2], folder / "peer")
        except ImportError as error:
            print(f"{name}: {error}")
            continue
        yield name, 1, best(lambda loop=loop: loop(items, folder / "peer"), runs)[0]


def latency(folder):
    """Microseconds to open a record at random, and to copy its features too; medians."""
    store = FeatureStore(folder)
    order = [random.Random(0).randrange(len(store)) for _ in range(READS)]
    for i in range(len(store)):
        store[i].features.sum()
    look, copy = [], []
    for i in order:
        started = time.perf_counter()
        features = store[i].features
        look.append(time.perf_counter() - started)
        np.array(features)
        copy.append(time.perf_counter() - started)
    return median(look) * 1e6, median(copy) * 1e6, features.nbytes


def show(rows, n_files, hours, markdown):
    """Print the table."""
    header = ("what", "threads", "files/s", "hours of audio/s")
    body = [
        (name, str(threads), f"{n_files / seconds:,.0f}", f"{hours / seconds:.3f}")
        for name, threads, seconds in rows
    ]
    if markdown:
        print("| " + " | ".join(header) + " |\n|---|---:|---:|---:|")
        for row in body:
            print("| " + " | ".join(row) + " |")
        return
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    for row in (header, *body):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    items = find_inputs(args.folder)
    hours = sum(sg.audio_info(item.path).duration for item in items) / 3600
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name in CONFIGS:
            rows += measure(name, items, folder / name, args.runs)
        rows += peers(items, folder, args.runs)
        look, copy, size = latency(folder / "mel dB")
    print(f"{len(items)} files, {hours:.3f} hours; all stores equal direct computation bit for bit\n")
    show(rows, len(items), hours, args.markdown)
    print(f"\nreading at random: {look:.1f} us for a view, {copy:.1f} us with a copy of {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
