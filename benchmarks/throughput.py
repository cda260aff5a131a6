"""Throughput: threads, callers, length, memory, and 1,000 clips beside other packages.

    python benchmarks/throughput.py [--quick] [--only threads,callers,length,memory,peers]

Log-mel spectrograms in float32: 16 kHz, 512-point frames every 160 samples, 80 bands, decibels. Prints
markdown tables. Where runs are compared they take turns and the shortest counts, which other programs on the
machine disturb least; lengths are compared by medians of turns of equal duration. On a free-threaded Python
callers are measured with the interpreter lock and without. The exit status is 0, targets met or not.
"""

import argparse
import importlib.metadata
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from functools import partial
from importlib.util import find_spec
from operator import truediv
from pathlib import Path

import numpy as np

import spectrograms as sg
from spectrograms.filterbanks.mel import mel_bands

RATE = 16_000
N_FFT, HOP, N_MELS = 512, 160, 80
HOURS = 3600 * RATE


def plan(dtype="float32"):
    """Return the plan that everything here is measured with; the window is librosa's and torch's."""
    stft = sg.StftParams(N_FFT, HOP, "hann", periodic=True)
    mel = sg.MelParams(N_MELS, 0.0, RATE / 2)
    return sg.SpectrogramPlan(sg.SpectrogramParams(stft, RATE), mel, "db", dtype=dtype)


def clips(count):
    """Return signals of 1 to 10 s, float32 noise."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(RATE, 10 * RATE, count)
    whole = rng.standard_normal(int(lengths.sum()), np.float32)
    return np.split(whole, np.cumsum(lengths)[:-1])


def clocked(call):
    """Return wall time and CPU time of all threads of one call, in seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu


def in_turn(calls, rounds):
    """Return, for each call, the (wall, CPU) of its shortest run."""
    runs = [[] for _ in calls]
    for call in calls:
        call()
    for _ in range(rounds):
        for call, times in zip(calls, runs, strict=True):
            times.append(clocked(call))
    return [min(times) for times in runs]


def table(header, rows):
    """Print a markdown table."""
    print("|", " | ".join(header), "|")
    print("|" + "---|" * len(header))
    for row in rows:
        print("|", " | ".join(map(str, row)), "|")
    print(flush=True)


# --- threads ---------------------------------------------------------------------------------------------


def threads(quick):
    """One thread against two."""
    p, signals = plan(), clips(100 if quick else 1000)
    minute = np.random.default_rng(1).standard_normal(60 * RATE, np.float32)
    out = np.empty(p.output_shape(minute.size), np.float32)

    def whole(calls, n):
        sg.set_num_threads(n)
        for _ in range(calls):
            p.compute(minute, out=out)

    # A thread that has just worked is awake for the next call; after a pause it must be woken, which takes a
    # tenth of the time of one such signal on a virtual machine.
    cases = [
        (f"{len(signals)} clips of 1-10 s", lambda n: p.compute_batch(signals, num_threads=n), 1.85, 15, 1),
        ("a signal of 60 s, `out=`, one call after the other", partial(whole, 10), 1.8, 51, 10),
        ("the same, a single call after a pause", partial(whole, 1), 1.8, 301, 1),
    ]
    rows = []
    for name, call, target, rounds, calls in cases:
        one, two = in_turn([partial(call, 1), partial(call, 2)], rounds)
        speedup = f"**{one[0] / two[0]:.2f}**"
        times = [f"{run[0] / calls * 1e3:.2f}" for run in (one, two)]
        rows.append((name, *times, speedup, f">= {target}"))
    sg.set_num_threads(None)
    table(("", "1 thread, ms a call", "2 threads, ms a call", "faster by", "target"), rows)


# --- callers ---------------------------------------------------------------------------------------------

CALLERS = 8


def small_calls():
    """Return functions that make one small call each, for one caller alone."""
    p, params = plan(), sg.SpectrogramParams(sg.StftParams(N_FFT, HOP, "hann"), RATE)
    mel = sg.MelParams(N_MELS, 0.0, RATE / 2)
    second, tenth = (np.random.default_rng(4).standard_normal(n, np.float32) for n in (RATE, RATE // 10))

    def into():
        return partial(p.compute, second, out=np.empty(p.output_shape(second.size), np.float32))

    def pushes():
        return partial(p.stream().push, tenth[: RATE // 50])

    return {
        "1 s, `out=`": into,
        "1 s, a new result": lambda: partial(p.compute, second),
        "0.1 s, a new result": lambda: partial(p.compute, tenth),
        "0.1 s, a one-shot function": lambda: partial(sg.compute_mel_db_spectrogram, tenth, params, mel),
        "a push of 20 ms, a stream for each": pushes,
    }


def caller_case():
    """Answer lines of a case, a number of threads and a duration by calls per second and CPU s per call."""
    cases = small_calls()

    def repeat(call, start, stop, found, i):
        call()
        start.wait()
        before, n = time.thread_time(), 0
        while not (n and stop.is_set()):
            call()
            n += 1
        found[i] = n, time.thread_time() - before

    def measure(name, n, seconds):
        start, stop, found = threading.Barrier(n + 1), threading.Event(), [()] * n
        workers = [
            threading.Thread(target=repeat, args=(cases[name](), start, stop, found, i)) for i in range(n)
        ]
        for worker in workers:
            worker.start()

        def turn():
            start.wait()
            time.sleep(seconds)
            stop.set()
            for worker in workers:
                worker.join()

        wall, _ = clocked(turn)
        calls, cpu = map(sum, zip(*found, strict=True))
        return calls / wall, cpu / calls

    for line in sys.stdin:
        name, n, seconds = line.rstrip("\n").split("\t")
        print(*measure(name, int(n), float(seconds)), flush=True)


def callers(quick):
    """Threads that call one plan, each with signals of its own, with the interpreter lock and without."""
    locks = {"with": "1"}
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        locks["without"] = "0"
    processes = {
        lock: subprocess.Popen(
            [sys.executable, __file__, "--caller-case"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ({"PYTHON_GIL": value} if len(locks) > 1 else {}),
        )
        for lock, value in locks.items()
    }

    def measured(name, lock, n):
        process = processes[lock]
        process.stdin.write(f"{name}\t{n}\t0.1\n")
        process.stdin.flush()
        return tuple(map(float, process.stdout.readline().split()))

    ways = [(lock, n) for n in (1, CALLERS) for lock in locks]
    rows = []
    for name in small_calls():
        turns = [{way: measured(name, *way) for way in ways} for _ in range(3 if quick else 30)]
        fastest = [max(turn[way][0] for turn in turns) for way in ways]
        cheapest = [min(turn[way][1] for turn in turns) for way in ways]
        both = zip(fastest, cheapest, strict=True)
        rows.append((name, *(f"{a / fastest[0]:.2f} ({b / cheapest[0]:.2f})" for a, b in both)))
    for process in processes.values():
        process.stdin.close()
        process.wait()
    heads = [f"{n} thread{'s' * (n > 1)} {lock}" for lock, n in ways]
    print("Best turn of each: calls per second, and CPU time per call, relative to the first column.\n")
    table(("", *heads), rows)


# --- length ----------------------------------------------------------------------------------------------


def length(quick):
    """Cost per frame of a long signal."""
    p = plan()
    sg.set_num_threads(1)
    lengths = {"10 s": 10 * RATE, "10 min": 600 * RATE, "10 h": (1 if quick else 10) * HOURS}
    calls, frames, times = {}, {}, {name: [] for name in lengths}
    for name, n in lengths.items():
        x = np.resize(np.random.default_rng(2).standard_normal(10 * RATE, np.float32), n)
        out = np.zeros(p.output_shape(n), np.float32)
        out.fill(1)  # in memory, so that only the computation is measured
        calls[name], frames[name] = partial(p.compute, x, out=out), out.shape[1]

    # A turn takes about as long for each length, so that all meet the same machine, and medians of turns are
    # compared: the shortest of many short runs would be luckier than the shortest of few long ones.
    def turn(name):
        runs = max(lengths.values()) // lengths[name]
        _, cpu = clocked(lambda: [calls[name]() for _ in range(runs)])
        return cpu / (runs * frames[name]) * 1e9

    for name in lengths:
        turn(name)
    for _ in range(9):
        for name in lengths:
            times[name].append(turn(name))
    rows = []
    for name in lengths:
        each = statistics.median(times[name])
        relative = statistics.median(map(truediv, times[name], times["10 s"]))
        rows.append((name, frames[name], f"{each:.0f}", f"{relative:.2f}"))
    sg.set_num_threads(None)
    table(("length", "frames", "ns per frame (CPU)", "relative"), rows)


# --- memory ----------------------------------------------------------------------------------------------


def anonymous():
    """Return the anonymous memory of this process in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))


def memory_case(kind, seconds, num_threads):
    """Print how much anonymous memory one call takes beyond input and output, in bytes."""
    n = seconds * RATE
    p = plan()
    shape = p.output_shape(n)
    sg.set_num_threads(num_threads)
    p.compute(np.zeros(RATE, np.float32))  # everything is imported
    piece = np.random.default_rng(3).standard_normal(RATE) * 1000
    with tempfile.TemporaryDirectory() as folder:
        if kind == "memmap":
            x = np.memmap(Path(folder) / "in", np.int16, "w+", shape=n)
            out = np.memmap(Path(folder) / "out", np.float32, "w+", shape=shape)
        else:
            x, out = np.empty(n, kind), np.ones(shape, np.float32)
        for start in range(0, n, RATE):
            x[start : start + RATE] = piece
        out.fill(1)
        del p
        before, peak, over = anonymous(), [0], threading.Event()

        def watch():
            while not over.wait(5e-4):
                peak[0] = max(peak[0], anonymous())

        watcher = threading.Thread(target=watch)
        watcher.start()
        time.sleep(0.01)
        p = plan()  # its tables and scratch count
        for _ in range(max(1, 600 // seconds)):
            p.compute(x, out=out)
        over.set()
        watcher.join()
    print(max(0, peak[0] - before))


def memory(quick):
    """Peak anonymous memory beyond input and output."""
    long = 600 if quick else 7200
    cases = [(kind, s, n) for kind in ("float32", "int16", "float64") for s in (10, long) for n in (1, 2)]
    cases += [("memmap", 600 if quick else 36_000, n) for n in (1, 2)]
    rows = []
    for kind, seconds, num_threads in cases:
        command = [sys.executable, __file__, "--memory-case", kind, str(seconds), str(num_threads)]
        found = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        name = "int16 `np.memmap`, in and out" if kind == "memmap" else kind
        rows.append((name, f"{seconds} s", num_threads, f"{found / 2**20:.1f}", "< 8"))
    table(("samples", "length", "threads", "MiB beyond input and output", "target"), rows)


# --- other packages --------------------------------------------------------------------------------------


def _librosa():
    import librosa

    options = {"sr": RATE, "n_fft": N_FFT, "hop_length": HOP, "pad_mode": "constant", "n_mels": N_MELS}

    def compute(x):
        power = librosa.feature.melspectrogram(y=x, norm=None, **options)
        return librosa.power_to_db(power, amin=1e-8, top_db=None)

    return compute, True


def _torch():
    import torch

    torch.set_num_threads(1)
    bank = mel_bands(N_MELS, 0.0, RATE / 2, RATE, N_FFT, formula="slaney", norm="none").dense()
    bank = torch.from_numpy(bank.astype("float32"))
    window = torch.hann_window(N_FFT)

    def compute(x):
        z = torch.stft(
            torch.from_numpy(x), N_FFT, HOP, window=window, pad_mode="constant", return_complex=True
        )
        return (10 * torch.log10((bank @ z.abs().square()).clamp(min=1e-8))).numpy()

    return compute, True


def _kaldi():
    import kaldi_native_fbank as knf

    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.frame_length_ms = 1000 * N_FFT / RATE
    options.frame_opts.frame_shift_ms = 1000 * HOP / RATE
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = N_MELS

    def compute(x):
        fbank = knf.OnlineFbank(options)
        fbank.accept_waveform(RATE, x)
        fbank.input_finished()
        return np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)], axis=1)

    return compute, False


PEERS = {
    "librosa": ("librosa", _librosa, "the same numbers: `melspectrogram`, `power_to_db`"),
    "torch": ("torch", _torch, "the same numbers: `torch.stft`, matrix product, `log10`; one thread"),
    "kaldi-native-fbank": (
        "kaldi_native_fbank",
        _kaldi,
        "features of its own: mean removal, pre-emphasis, Povey window, HTK mel, natural logarithm",
    ),
}


def peers(quick):
    """The same clips through other packages."""
    p, signals = plan(), clips(30 if quick else 1000)
    seconds = sum(map(len, signals)) / RATE
    (one, two) = in_turn(
        [lambda: p.compute_batch(signals, num_threads=1), lambda: p.compute_batch(signals, num_threads=2)], 5
    )
    rows = [
        ("spectrograms, 1 thread", f"{one[1]:.2f}", f"{seconds / one[1]:.0f}", "1.0", ""),
        ("spectrograms, 2 threads", f"{two[0]:.2f} (wall)", f"{seconds / two[0]:.0f}", "", ""),
    ]
    for name, (module, make, note) in PEERS.items():
        if find_spec(module) is None:
            print(f"{name} is not installed", file=sys.stderr)
            continue
        compute, same = make()
        ours, theirs = p.compute(signals[0]).data, compute(signals[0])
        if same:
            # dB of values within 60 dB of the peak.
            error = np.abs(ours - theirs)[ours > ours.max() - 60].max()
            assert error < 0.02, f"{name} differs by {error} dB"
        _, cpu = min(clocked(lambda: [compute(x) for x in signals]) for _ in range(1 if quick else 2))  # noqa: B023
        version = importlib.metadata.version(name)
        rows.append((f"{name} {version}", f"{cpu:.2f}", f"{seconds / cpu:.0f}", f"{cpu / one[1]:.1f}", note))
    table(
        (
            f"{len(signals)} clips, {seconds:.0f} s of audio",
            "CPU s",
            "times real time",
            "slower by",
            "compared",
        ),
        rows,
    )


def main():
    """Run the sections asked for."""
    sections = {"threads": threads, "callers": callers, "length": length, "memory": memory, "peers": peers}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="less data, for a first look")
    parser.add_argument("--only", default=",".join(sections), help="sections, separated by commas")
    parser.add_argument("--memory-case", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--caller-case", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.caller_case:
        caller_case()
        return
    if arguments.memory_case:
        kind, seconds, num_threads = arguments.memory_case
        memory_case(kind, int(seconds), int(num_threads))
        return
    load = " ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"NumPy {np.__version__}, {os.cpu_count()} CPUs, load {load}\n")
    for name in arguments.only.split(","):
        sections[name](arguments.quick)


if __name__ == "__main__":
    main()
