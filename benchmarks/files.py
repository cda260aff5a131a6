"""Files to samples: `read_audio` beside what others need for the same samples of the same files.

    python benchmarks/files.py [--rounds 40] [--markdown] [--beside PYTHON]

All give float32 from -1 to 1, shape (n, channels), except that `read_audio` has rows of channels and, in its
second column, their mean. Results are compared before anything is timed. The calls of a row are made in turn,
and each time is the least of the rounds. Files are in the page cache.

--beside PYTHON has another interpreter read the same files in the same rounds, with the package installed
there: its column is its time for `read_audio` with all channels.
"""

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
import wave
from pathlib import Path

import numpy as np
import soundfile
from tables import print_table

import spectrograms as sg

# Name -> container, encoding, rate, channels, seconds.
ROWS = {
    "prompt, WAV 16 bits, 8 kHz, 2.7 s": ("WAV", "PCM_16", 8000, 1, 2.7),
    "WAV 8 bits, 8 kHz, 2.7 s": ("WAV", "PCM_U8", 8000, 1, 2.7),
    "WAV 16 bits, 16 kHz, 15 s": ("WAV", "PCM_16", 16000, 1, 15.0),
    "WAV 16 bits, 44.1 kHz stereo, 10 s": ("WAV", "PCM_16", 44100, 2, 10.0),
    "WAV 24 bits, 48 kHz stereo, 10 s": ("WAV", "PCM_24", 48000, 2, 10.0),
    "WAV 32 bits, 48 kHz, 10 s": ("WAV", "PCM_32", 48000, 1, 10.0),
    "WAV of floats, 16 kHz, 30 s": ("WAV", "FLOAT", 16000, 1, 30.0),
    "WAV of doubles, 16 kHz, 30 s": ("WAV", "DOUBLE", 16000, 1, 30.0),
    "extensible, 24 bits, 48 kHz, 6 channels, 10 s": ("WAVEX", "PCM_24", 48000, 6, 10.0),
    "RF64, 16 bits, 48 kHz stereo, 300 s": ("RF64", "PCM_16", 48000, 2, 300.0),
    "FLAC, 16 kHz, 15 s": ("FLAC", "PCM_16", 16000, 1, 15.0),
    "Ogg Vorbis, 16 kHz, 15 s": ("OGG", "VORBIS", 16000, 1, 15.0),
    "MP3, 16 kHz, 15 s": ("MP3", "MPEG_LAYER_III", 16000, 1, 15.0),
}
# A round of a row takes about so many seconds.
ROUND_SECONDS = 2e-3


def ours(path):
    """All channels."""
    return sg.read_audio(path, mono=False)[0].T


def one_signal(path):
    """The mean of all channels."""
    return sg.read_audio(path)[0]


def by_soundfile(path):
    """What users of soundfile write."""
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def by_scipy(path):
    """What users of SciPy write: integers have to be scaled."""
    from scipy.io import wavfile

    with warnings.catch_warnings(action="ignore"):
        samples = wavfile.read(path)[1]
    samples = samples.reshape(len(samples), -1)
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - np.float32(128)) / np.float32(128)
    if samples.dtype.kind == "i":
        # Those of 24 bits come as the upper ones of 32.
        return samples.astype(np.float32) / np.float32(2.0 ** (8 * samples.itemsize - 1))
    return samples.astype(np.float32)


def by_wave(path):
    """What users of the standard library write, for 16 bits."""
    with wave.open(path) as file:
        content, n_channels = file.readframes(file.getnframes()), file.getnchannels()
    return np.frombuffer(content, "<i2").reshape(-1, n_channels) / np.float32(32768)


CALLS = {
    "read_audio": ours,
    "to one": one_signal,
    "soundfile": by_soundfile,
    "scipy": by_scipy,
    "wave": by_wave,
}


class Beside:
    """Another interpreter that reads what it is told."""

    def __init__(self, python):
        command = [python, __file__, "--worker"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, path, count):
        """Its time for a number of calls."""
        print(count, path, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self):
        """End it."""
        self._process.stdin.close()
        self._process.wait()


def work():
    """Read what standard input names, and print the seconds."""
    for line in sys.stdin:
        count, _, path = line.rstrip("\n").partition(" ")
        print(seconds(ours, path, int(count)), flush=True)


def seconds(call, path, count):
    """Time for a number of calls."""
    started = time.perf_counter()
    for _ in range(count):
        call(path)
    return time.perf_counter() - started


def written(folder, container, subtype, rate, n_channels, length):
    """A file of noise like speech: loud and quiet, with little above."""
    n = round(length * rate)
    rng = np.random.default_rng(0)
    noise = np.cumsum(rng.standard_normal((n, n_channels)), axis=0)
    noise[8:] -= noise[:-8].copy()
    loudness = 0.05 + np.sin(np.arange(n) * 7.0 / rate) ** 2
    noise *= loudness[:, None] / abs(noise).max() / 1.2
    path = str(folder / f"{container}-{subtype}-{n}.{container.lower()}")
    soundfile.write(path, noise, rate, subtype, format=container)
    return path


def usable(path):
    """The calls that read a file, by name; all of them give the same."""
    expected = by_soundfile(path)
    for name, call in CALLS.items():
        try:
            found = call(path)
        except (wave.Error, ValueError, ImportError):
            continue
        wanted = expected
        if name == "to one":
            wanted = expected.mean(axis=1, dtype=np.float64).astype(np.float32)
        elif name == "wave" and found.shape != expected.shape:
            continue  # other widths than 16 bits
        # Of MP3 we leave out what the encoder has added.
        assert path.endswith(".mp3") or np.array_equal(found, wanted), (path, name)
        yield name, call


def measure(path, beside, rounds):
    """The least seconds of each call, by name."""
    calls = dict(usable(path))
    count = max(1, round(ROUND_SECONDS / min(seconds(ours, path, 1) for _ in range(5))))
    least = {}
    for _ in range(rounds):
        for name, call in calls.items():
            least[name] = min(least.get(name, 1e9), seconds(call, path, count) / count)
        if beside is not None:
            least["beside"] = min(least.get("beside", 1e9), beside.seconds(path, count) / count)
    return least


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--beside", metavar="PYTHON")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        work()
        return
    names = [*CALLS, *(["beside"] if args.beside else [])]
    beside = Beside(args.beside) if args.beside else None
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for row, facts in ROWS.items():
            path = written(Path(folder), *facts)
            least = measure(path, beside, args.rounds)
            own = least["read_audio"]
            ratios = [f"{least[n] / own:.1f}x" if n in least else "" for n in names[1:]]
            lines.append([row, f"{own * 1e6:.0f} us", *ratios])
    if beside is not None:
        beside.close()
    print_table(["file", *names], lines, args.markdown)


if __name__ == "__main__":
    main()
