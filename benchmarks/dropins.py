"""Each drop-in beside what it takes the place of: ``python benchmarks/dropins.py``.

Prints a table in Markdown: milliseconds for each clip, how many times as long the other takes, the largest
difference of features, and whether masks and lengths are equal. Clips are noise of five to ten seconds, the
longest first. Both sides run in this process and in turn; times are minima: of processor time on one thread,
which a busy machine does not change, and of elapsed time on two. With ``--recordings FOLDER`` lhotse's
Fbank is also asked for its WAV files, in batches of 32 as they come, which it fills up to the longest.
Needs torch; of transformers, faster-whisper and lhotse, what is missing is left out.
"""

import argparse
import time
import warnings
from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

import numpy as np

import spectrograms as sg

SECONDS = 10.0
BATCHES = (1, 8, 32)


def clips(count, rate):
    """Noise that fades, the lengths between a half and all of the duration."""
    rng = np.random.default_rng(count)
    lengths = np.linspace(1.0, 0.5, count) * SECONDS * rate
    return [(0.1 * rng.standard_normal(int(n)) * np.hanning(int(n))).astype(np.float32) for n in lengths]


def whisper(torch_too):
    """Hugging Face's Whisper, by its path with torch or by that with NumPy alone."""
    import transformers
    from transformers.models.whisper import feature_extraction_whisper as home

    from spectrograms.transformers import fast_feature_extractor

    theirs = transformers.WhisperFeatureExtractor()
    ours = fast_feature_extractor(theirs)
    options = {"sampling_rate": 16000, "return_tensors": "np", "return_attention_mask": True}
    path = nullcontext if torch_too else lambda: patch.object(home, "is_torch_available", lambda: False)

    def call(extractor, batch):
        with path():
            found = extractor(batch, **options)
        return [found["input_features"]], [found["attention_mask"]]

    return 16000, lambda batch: call(theirs, batch), lambda batch: call(ours, batch)


def hugging_face(name, **options):
    """Any other extractor of Hugging Face."""
    import transformers

    from spectrograms.transformers import fast_feature_extractor

    theirs = getattr(transformers, name)()
    ours = fast_feature_extractor(theirs)
    options = {"sampling_rate": theirs.sampling_rate, "return_tensors": "np", **options}

    def call(extractor, batch):
        found = extractor(batch, **options)
        values = {key: np.asarray(value) for key, value in found.items()}
        features = [value for value in values.values() if value.dtype.kind == "f"]
        return features, [value for value in values.values() if value.dtype.kind != "f"]

    return theirs.sampling_rate, lambda batch: call(theirs, batch), lambda batch: call(ours, batch)


def faster_whisper():
    """One clip after the other, as faster-whisper takes them."""
    from faster_whisper.feature_extractor import FeatureExtractor as Slow

    from spectrograms.faster_whisper import FeatureExtractor

    theirs = Slow()
    ours = FeatureExtractor.in_place_of(theirs)

    def call(extractor, batch):
        features = [extractor(clip) for clip in batch]
        return features, [np.array([each.shape[1] for each in features])]

    return 16000, lambda batch: call(theirs, batch), lambda batch: call(ours, batch)


def lhotse(name):
    """An extractor of lhotse, in batches."""
    import lhotse as theirs_all

    import spectrograms.lhotse as ours_all

    theirs, ours = getattr(theirs_all, name)(), getattr(ours_all, name)()

    def call(extractor, batch):
        features = list(extractor.extract_batch(batch, sampling_rate=16000))
        return features, [np.array([len(each) for each in features])]

    return 16000, lambda batch: call(theirs, batch), lambda batch: call(ours, batch)


# Name -> how to make both sides, and the ratios that are wanted: (one clip, batches of 32).
ROWS = {
    "transformers, Whisper (torch)": (lambda: whisper(True), (5.0, 12.0)),
    "transformers, Whisper (NumPy)": (lambda: whisper(False), (15.0, None)),
    "transformers, SeamlessM4T": (lambda: hugging_face("SeamlessM4TFeatureExtractor"), (None, None)),
    "transformers, AST": (lambda: hugging_face("ASTFeatureExtractor"), (None, None)),
    "transformers, CLAP": (lambda: hugging_face("ClapFeatureExtractor"), (None, None)),
    "transformers, Parakeet": (lambda: hugging_face("ParakeetFeatureExtractor"), (None, None)),
    "transformers, Gemma 3n": (lambda: hugging_face("Gemma3nAudioFeatureExtractor"), (None, None)),
    "faster-whisper": (faster_whisper, (4.5, 4.5)),
    "lhotse, Fbank": (lambda: lhotse("Fbank"), (None, 20.0)),
    "lhotse, Mfcc": (lambda: lhotse("Mfcc"), (None, None)),
    "lhotse, WhisperFbank": (lambda: lhotse("WhisperFbank"), (None, None)),
}


def seeded(function, batch):
    """What a side gives for a batch; CLAP's draws a clip, the same on both sides."""
    np.random.seed(0)  # noqa: NPY002
    return function(batch)


def difference(ours, theirs):
    """The largest difference of features, and whether all else is equal."""
    worst, equal = 0.0, True
    for a, b in zip(ours[0], theirs[0], strict=True):
        worst = max(worst, float(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)).max()))
    for a, b in zip(ours[1], theirs[1], strict=True):
        equal = equal and np.array_equal(a, b)
    return worst, equal


def fastest(functions, rounds, clock):
    """The least time of each function in seconds, asked in turn."""
    best = [float("inf")] * len(functions)
    for _ in range(rounds):
        for i, function in enumerate(functions):
            begun = clock()
            function()
            best[i] = min(best[i], clock() - begun)
    return best


def timed(theirs, ours, batch, threads, rounds):
    """Milliseconds for each clip, theirs and ours."""
    import torch

    torch.set_num_threads(threads)
    sg.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    rounds = max(3, rounds // (1 + len(batch) // 8))
    best = fastest([lambda: theirs(batch), lambda: ours(batch)], rounds, clock)
    return [1e3 * seconds / len(batch) for seconds in best]


def recordings(folder):
    """The samples of WAV files of one rate, and the rate."""
    read = [sg.read_audio(path) for path in sorted(Path(folder).rglob("*.wav"))]
    rate = read[0][1]
    return [samples.astype(np.float32) for samples, own in read if own == rate], rate


def of_recordings(folder, rounds):
    """A row of the table for each number of threads."""
    from lhotse import Fbank, FbankConfig

    from spectrograms.lhotse import Fbank as Ours

    signals, rate = recordings(folder)
    config = FbankConfig(sampling_rate=round(rate))
    batches = [signals[first : first + 32] for first in range(0, len(signals), 32)]

    def side(extractor):
        def call(batches):
            return [list(extractor.extract_batch(batch, sampling_rate=round(rate))) for batch in batches]

        return call

    theirs, ours = side(Fbank(config)), side(Ours(config))
    worst = max(
        float(np.abs(np.asarray(a) - np.asarray(b)).max())
        for one, other in zip(ours(batches), theirs(batches), strict=True)
        for a, b in zip(one, other, strict=True)
    )
    for threads in (1, 2):
        slow, fast = (
            each * len(batches) / len(signals) for each in timed(theirs, ours, batches, threads, rounds)
        )
        name = f"lhotse, Fbank, {len(signals)} recordings"
        target = f"{slow / fast:.1f}x (>=20 {'met' if slow >= 20 * fast else 'MISSED'})"
        print(f"| {name} | 32 | {threads} | {slow:.2f} | {fast:.2f} | {target} | {worst:.1e} | |", flush=True)


HEAD = """\
| in place of | clips | threads | theirs, ms a clip | ours | ratio | largest difference | masks, lengths |
|---|---|---|---|---|---|---|---|"""


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="how often each side is asked")
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    parser.add_argument("--recordings", help="a folder of WAV files of one rate")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    print(HEAD)
    for name, (make, wanted) in ROWS.items():
        if arguments.only not in name:
            continue
        try:
            rate, theirs, ours = make()
        except ImportError as error:
            print(f"| {name} | left out: {error} |")
            continue
        for count in BATCHES:
            batch = clips(count, rate)
            worst, equal = difference(seeded(ours, batch), seeded(theirs, batch))
            masks = "equal" if equal else "DIFFERENT"
            target = {1: wanted[0], 32: wanted[1]}.get(count)
            for threads in (1, 2):
                slow, fast = timed(theirs, ours, batch, threads, arguments.rounds)
                ratio = f"{slow / fast:.1f}x"
                if target:
                    ratio += f" (>={target:g} {'met' if slow >= target * fast else 'MISSED'})"
                cells = (name, count, threads, f"{slow:.2f}", f"{fast:.2f}", ratio, f"{worst:.1e}", masks)
                print("|", " | ".join(map(str, cells)), "|", flush=True)
    if arguments.recordings:
        of_recordings(arguments.recordings, arguments.rounds)


if __name__ == "__main__":
    main()
