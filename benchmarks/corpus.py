"""Extract a folder of real recordings: speed, decoding included and excluded, and latency of the store.

    python benchmarks/corpus.py FOLDER [--runs N] [--markdown]
    python benchmarks/corpus.py FOLDER --short [--runs N] [--markdown] [--beside PYTHON]

Every store is compared with direct computation, bit for bit. The loops of others that stand beside do what
their users write: read, resample, compute, save an array for each file. CONTRIBUTING.md says how to get a
folder of some hundred prompts. Times are the best of the runs, with the files in the page cache.

--short takes the WAV files of 8 kHz and 1 to 4.5 s alone, on one thread, beside the plainest loop: wave,
compute, np.save. --beside PYTHON runs the same in turn with another interpreter that has the package, such as
one made by tools/beside.py: ratios of one run are what can be compared.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from statistics import median

import numpy as np
from tables import print_table

import spectrograms as sg
from spectrograms.corpus import FeatureStore, extract, extractor_from, find_inputs

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


def plainest_loop(paths, folder):
    """What somebody writes who knows of nothing better, for 16-bit WAV files of 8 kHz."""
    plan = mel_db(8000)
    folder.mkdir()
    for i, path in enumerate(paths):
        with wave.open(path) as file:
            content = file.readframes(file.getnframes())
        samples = np.frombuffer(content, np.int16).astype(np.float32) / 32768
        np.save(folder / f"{i}.npy", plan.compute(samples).data)


def extraction(rate):
    """A run of extract on one thread."""

    def run(paths, folder):
        items = find_inputs([{"path": path, "id": path} for path in paths])
        report = extract(items, mel_db(rate), folder, num_threads=1)
        assert report.n_done == len(paths)

    return run


SHORT = {
    "wave, compute, np.save": plainest_loop,
    "extract, 8 kHz": extraction(8000),
    "extract, 8 to 16 kHz": extraction(16000),
}


def serve(folder):
    """Answer what comes on standard input, the number of a row and paths, by seconds of wall and CPU time."""
    for line in sys.stdin:
        name, paths = json.loads(line)
        started, worked = time.perf_counter(), time.process_time()
        SHORT[name](paths, folder / "made")
        found = time.perf_counter() - started, time.process_time() - worked
        shutil.rmtree(folder / "made")
        print(json.dumps(found), flush=True)


def is_short(path):
    """Whether a file is one for --short."""
    info = sg.audio_info(path)
    return (info.format, info.subtype, info.sample_rate, info.n_channels) == ("WAV", "PCM_16", 8000, 1) and (
        1.0 <= info.duration <= 4.5
    )


def measure_short(paths, runs, pythons):
    """The least wall and CPU time of each row of SHORT, by interpreter; runs in turns."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        servers = []
        for python in pythons:
            command = [python, str(Path(__file__).resolve()), folder, "--serve"]
            servers.append(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=folder,
                    env=environment,
                )
            )
        times = {}
        for run in range(-1, runs):
            for name in SHORT:
                for i, server in enumerate(servers):
                    print(json.dumps([name, paths]), file=server.stdin, flush=True)
                    found = json.loads(server.stdout.readline())
                    if run >= 0:  # the first one makes plans
                        times.setdefault((name, i), []).append(found)
        for server in servers:
            server.stdin.close()
            server.wait()
    return {key: np.min(found, axis=0) for key, found in times.items()}


def short(items, args):
    """Print the table of --short."""
    paths = [item.path for item in items if is_short(item.path)]
    times = measure_short(paths, args.runs, [sys.executable, *([args.beside] if args.beside else [])])
    loop = times[next(iter(SHORT)), 0]
    header = ["what", "files/s", "CPU, us a file", "times the loop: wall", "CPU"]
    header += ["times the other: wall", "CPU"] if args.beside else []
    body = []
    for name in SHORT:
        found = times[name, 0]
        row = [name, f"{len(paths) / found[0]:,.0f}", f"{1e6 * found[1] / len(paths):.0f}"]
        row += [f"{ratio:.2f}" for ratio in loop / found]
        row += [f"{ratio:.2f}" for ratio in times[name, 1] / found] if args.beside else []
        body.append(row)
    print(f"{len(paths)} files of 1 to 4.5 s at 8 kHz, one thread\n")
    print_table(header, body, args.markdown)


def show(rows, n_files, hours, markdown):
    """Print the table."""
    header = ("what", "threads", "files/s", "hours of audio/s")
    body = [
        (name, str(threads), f"{n_files / seconds:,.0f}", f"{hours / seconds:.3f}")
        for name, threads, seconds in rows
    ]
    print_table(header, body, markdown)


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--short", action="store_true", help="short files beside the plainest loop")
    parser.add_argument("--beside", metavar="PYTHON", help="another interpreter that has the package")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if args.serve:
        serve(args.folder)
        return
    if args.short:
        short(find_inputs(args.folder), args)
        return
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
