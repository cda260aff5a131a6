"""``spectrograms demo``: mel spectrograms of recordings, or of sounds made here, drawn, timed and stored."""

from __future__ import annotations

import math
import random
import time
from argparse import Namespace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import spectrograms
from spectrograms._common.files import as_text
from spectrograms.audio import audio_info
from spectrograms.cli.console import print_json, print_table, visible
from spectrograms.cli.inputs import Source, sources_of
from spectrograms.cli.options import UsageError, local_path, resolve
from spectrograms.cli.output import Target, write
from spectrograms.cli.planning import Planner, describe, read_channels
from spectrograms.cli.sounds import sound_paths, write_sounds
from spectrograms.errors import INPUT_ERRORS

if TYPE_CHECKING:
    from spectrograms.cli.console import Console

_RECORDINGS = Path("tests", "data", "audio")
_FORMATS = ("npz", "png")
# Timed runs of each file, and the seconds after which no further one is started.
_RUNS, _SECONDS = 5, 0.2
# The store holds everything at one rate, as models expect it.
_STORE_RATE = 16000
_HEADER = ("file", "rate", "audio s", "bands x frames", "features ms", "x real time")


def run(args: Namespace, console: Console) -> bool:
    """Process every recording of the folder and print a table. Returns whether any failed."""
    local_path("-o", args.output)
    started = time.perf_counter()
    folder = _folder(args.folder)
    sounds = Path(args.output, "sounds")
    if folder is None:
        sources = [Source(path, Path(path).stem) for path in sound_paths(sounds)]
    else:
        sources = sources_of([str(folder)], console)
    target = Target(args.output, _formats(console), sources)
    target.make_folder()
    if folder is None:
        write_sounds(sounds)
        console.say(f"no FOLDER of recordings given: made {len(sources)} sounds in {sounds}")

    planners: dict[float, Planner] = {}
    done = []
    for source in console.progress(sources):
        try:
            done.append(_process(source, target, planners))
        except INPUT_ERRORS as error:
            console.fail(source.path, error)
    store = _store([entry["path"] for entry in done], Path(args.output), console)
    whole = time.perf_counter() - started

    audio = sum(entry["duration"] for entry in done)
    features = sum(entry["features_seconds"] for entry in done)
    if args.json:
        print_json(
            {
                "command": "demo",
                "files": done,
                "failed": console.failed,
                "audio_seconds": audio,
                "features_seconds": features,
                "store": store,
                "whole_run_seconds": whole,
            }
        )
    elif done:
        print_table(_HEADER, [_row(entry) for entry in done])
        print()
        print(f"features alone: {_speed(audio, features)} (median of {_RUNS} runs each)")
        print(f"the whole run:  {_speed(audio, whole)} (with decoding, plans, .npz files, pictures)")
        if store is not None:
            print(
                f"feature store:  {_speed(store['audio_seconds'], store['seconds'])}; "
                f"{store['records']} records read back at random, {store['read_microseconds']:.0f} us each"
            )
        print(visible(f"written to {args.output}"))
    return console.report_failed(len(done) + len(console.failed))


def _formats(console):
    """What is written of each recording: without Matplotlib no picture, and a line that says so."""
    if find_spec("matplotlib") is None:
        console.say("no pictures: drawing them needs matplotlib: pip install matplotlib")
        return _FORMATS[:1]
    return _FORMATS


def _folder(given):
    """The given folder, the recordings of the checkout that is here or runs this code, or None."""
    if given is not None:
        local_path("FOLDER", given)
        if not Path(given).is_dir():
            raise UsageError(f"{given} is not a folder")
        return Path(given)
    for root in (Path(), Path(spectrograms.__file__).parents[1]):
        if (root / _RECORDINGS).is_dir():
            return root / _RECORDINGS
    return None


def _process(source, target, planners):
    """Compute and draw one recording, and time the features."""
    path = source.path
    sample_rate = audio_info(path).sample_rate
    if sample_rate not in planners:
        planners[sample_rate] = Planner(_config(sample_rate))
    planner = planners[sample_rate]
    [(_, samples)], _ = read_channels(path, planner.config)
    plan = planner.plan(sample_rate)

    spectrogram, features_seconds = _timed(plan, samples)
    outputs = target.paths(source)
    for output in outputs:
        write(spectrogram, output, f"{as_text(Path(path).name)} ({describe(planner.config, sample_rate)})")
    return {
        "path": as_text(path),
        "outputs": [as_text(output) for output in outputs],
        "sample_rate": sample_rate,
        "duration": len(samples) / sample_rate,
        "shape": list(spectrogram.shape),
        "features_seconds": features_seconds,
    }


def _store(files, folder, console):
    """Extract the recordings into a feature store and read it back; None without pyarrow."""
    try:
        from spectrograms.corpus import FeatureStore, extract

        plan = Planner(_config(_STORE_RATE)).plan(_STORE_RATE)
        inputs = [{"id": Path(path).stem, "path": path} for path in files]
        report = extract(inputs, plan, folder / "features", overwrite=True)
    except ImportError as error:
        console.say(f"no feature store: {error}")
        return None
    store = FeatureStore(folder / "features")
    names = store.ids
    random.Random(0).shuffle(names)
    frames = 0
    started = time.perf_counter()
    for name in names:
        frames += store.by_id(name).features.shape[1]
    read = time.perf_counter() - started
    return {
        "path": as_text(folder / "features"),
        "records": len(store),
        "frames": frames,
        "audio_seconds": report.audio_seconds,
        "seconds": report.seconds,
        "read_microseconds": read / max(len(store), 1) * 1e6,
    }


def _timed(plan, samples):
    """The spectrogram, and the median time of a few runs: a single run of a millisecond says little."""
    seconds = []
    while len(seconds) < _RUNS and sum(seconds) < _SECONDS:
        started = time.perf_counter()
        spectrogram = plan.compute(samples)
        seconds.append(time.perf_counter() - started)
    return spectrogram, median(seconds)


def _config(sample_rate):
    """64 mel bands in dB, frames of 40 to 80 ms, a quarter of a frame apart."""
    n_fft = 1 << math.ceil(math.log2(0.04 * sample_rate))
    return resolve(None, {"scale": "mel", "n_mels": 64, "n_fft": n_fft, "hop_size": n_fft // 4})


def _speed(audio, seconds):
    return f"{audio:.1f} s of audio in {seconds:.3g} s: {audio / seconds:,.0f} s of audio per second"


def _row(entry):
    return (
        Path(entry["path"]).name,
        str(entry["sample_rate"]),
        f"{entry['duration']:.2f}",
        "x".join(map(str, entry["shape"])),
        f"{entry['features_seconds'] * 1e3:.2f}",
        f"{entry['duration'] / entry['features_seconds']:,.0f}",
    )
