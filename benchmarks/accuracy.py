"""The page of accuracy: the worst error of every feature beside its definition in extended precision.

    python benchmarks/accuracy.py --reference PYTHON --torch PYTHON --page docs/accuracy.md

Signals: silence, noise of full scale, speech and music, speech times 1e-12 and 1e+12, and speech so quiet
that its samples are subnormal. Every package gets the same samples in float64 and in float32, and what is
exact is computed of these. Each runs in a process of its own, those of `--reference` (the Rust package) and
`--torch` in another interpreter. An error is relative to the largest value of the result; of decibels and
MFCC it is a difference, in dB. Packages that do not have a feature are left out of its rows.

Frontends follow in a table of their own: see `accuracy_frontends.py`.
"""

import argparse
import pickle
import subprocess
import sys
from pathlib import Path

import accuracy_calls
import accuracy_frontends
import exact
import exact_again
import exact_music
import exact_sound
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
_ROOMS = (exact, exact_sound, exact_music, exact_again)
FEATURES = {name: made for room in _ROOMS for name, made in room.FEATURES.items()}
IN_DB = {name for room in _ROOMS for name in room.IN_DB}
SIGNALS = ("silence", "full scale", "speech", "music", "x 1e-12", "x 1e+12", "subnormal")
SECONDS = 2
TOOLKITS = {"librosa": "librosa", "kaldi": "kaldi-native-fbank", "scipy": "SciPy", "torchaudio": "torchaudio"}
CALLS = accuracy_calls.CALLS | {
    "frontends": accuracy_frontends.ours,
    "toolkits": accuracy_frontends.installed,
    "torchaudio": accuracy_frontends.torchaudio,
}


def signals(dtype):
    """Yield (name, samples, rate)."""
    import spectrograms as sg

    audio = ROOT / "tests" / "data" / "audio"
    speech, rate = sg.read_audio(audio / "prompt_demo_thanks_16k.flac")
    music, music_rate = sg.read_audio(audio / "bach_brandenburg2_24k.wav")
    speech = speech[: SECONDS * rate].astype(np.float64)
    smallest = float(np.finfo(dtype).smallest_normal)
    made = {
        "silence": np.zeros(rate),
        "full scale": np.random.default_rng(0).uniform(-1, 1, SECONDS * rate),
        "speech": speech,
        "music": music[: SECONDS * music_rate].astype(np.float64),
        "x 1e-12": speech * 1e-12,
        "x 1e+12": speech * 1e12,
        "subnormal": speech / np.abs(speech).max() * smallest / 2,
    }
    for name, samples in made.items():
        yield name, samples.astype(dtype), music_rate if name == "music" else rate


def work(library):
    """The child's end: take cases from stdin, write a result for each to stdout."""
    results = []
    call = CALLS[library]
    for case in pickle.load(sys.stdin.buffer):
        try:
            with np.errstate(all="ignore"):
                found = call(*case)
        except Exception as error:  # of any library, said on stderr
            found = f"{type(error).__name__}: {error}"
        results.append(found)
    pickle.dump(results, sys.stdout.buffer, protocol=5)


def asked(python, library, cases):
    """What a library gives for each case, in an interpreter of its own."""
    command = [python, __file__, "--work", library]
    ran = subprocess.run(command, input=pickle.dumps(cases), stdout=subprocess.PIPE, check=True)
    return pickle.loads(ran.stdout)


# --- errors ---------------------------------------------------------------------------------------------


def error(feature, found, expected):
    """The worst error of a result; None if there is none to compare, infinite if it is no number."""
    if found is None:
        return None
    if isinstance(found, str):
        return found
    length = min(found.shape[-1], expected.shape[-1])
    found, expected = found[..., :length], expected[..., :length].copy()
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    wide = exact.LONG if not np.iscomplexobj(found) else np.clongdouble
    found = found.astype(wide)
    unknown = np.isnan(found) & np.isnan(expected)  # where no number is right
    found[unknown] = expected[unknown] = 0
    worst = np.abs(found - expected).max()
    if not np.isfinite(worst):
        return np.inf
    peak = 1 if feature in IN_DB else np.abs(expected).max()
    return float(worst / peak) if peak > 0 else float(worst)


def cell(value, *, in_db=False):
    if value is None:
        return ""
    if isinstance(value, str):
        return "error"
    if value == 0:
        return "0"
    if value == np.inf or (not in_db and value >= 0.5):
        return "lost"
    return f"{value:.1e}"


def table(dtype, pythons):
    cases = [(feature, *each) for each in signals(dtype) for feature in FEATURES]
    plain = [(feature, x, rate, dtype) for feature, _, x, rate in cases]
    results = {library: asked(python, library, plain) for library, python in pythons.items()}
    worst = {}
    for k, (feature, name, x, rate) in enumerate(cases):
        expected = FEATURES[feature](x, rate)
        for library, found in results.items():
            worst[feature, name, library] = error(feature, found[k], expected)
            if isinstance(worst[feature, name, library], str):
                print(library, feature, name, worst[feature, name, library], file=sys.stderr)
    yield f"| {dtype} | package | " + " | ".join(SIGNALS) + " |"
    yield "|---" * (len(SIGNALS) + 2) + "|"
    for feature in FEATURES:
        for library in pythons:
            values = [worst[feature, name, library] for name in SIGNALS]
            cells = [cell(value, in_db=feature in IN_DB) for value in values]
            if any(cells):
                title = feature if library == "spectrograms" else ""
                yield f"| {title} | {NAMES[library]} | " + " | ".join(cells) + " |"


def frontend_table(pythons):
    """All frontends of float32 samples: in both precisions, and the toolkits that are at hand."""
    import spectrograms as sg

    names = sg.frontends()
    cases = [(name, x) for _, x, _ in signals("float32") for name in names]
    wanted = [accuracy_frontends.expected(*case) for case in cases]
    made = {
        precision: asked(sys.executable, "frontends", [(*case, precision) for case in cases])
        for precision in ("float64", "float32")
    }
    made["toolkit"] = asked(sys.executable, "toolkits", cases)
    if "torch" in pythons:
        others = asked(pythons["torch"], "torchaudio", cases)
        made["toolkit"] = [a if b is None else b for a, b in zip(made["toolkit"], others, strict=True)]
    yield "| frontend | computed in | " + " | ".join(SIGNALS) + " |"
    yield "|---" * (len(SIGNALS) + 2) + "|"
    for place, name in enumerate(names):
        for how, found in made.items():
            each = range(place, len(cases), len(names))
            values = [accuracy_frontends.error(name, found[k], wanted[k]) for k in each]
            for said in filter(lambda value: isinstance(value, str), values):
                print(how, name, said, file=sys.stderr)
            if values[0] is not None:
                title = name if how == "float64" else ""
                how = TOOLKITS[name.split("_")[0]] if how == "toolkit" else how
                yield f"| {title} | {how} | " + " | ".join(map(cell, values)) + " |"


FRONTENDS = """## Frontends

Of float32 samples, with the parameters that they have by default, at the rate that they are made for; those
of toolkits at 16 kHz, of librosa at 22.05 kHz, for whatever rate the signal has. The definitions are those of
the tests (`tests/support/frontend_oracles.py`): the toolkit's formulas in NumPy and float64. Most results are
float32, and 3e-8 is the rounding of the largest value. `float64` is the arithmetic that frontends use unless
told otherwise, `float32` the faster one (`precision="float32"`), and the toolkit stands below where it can be
called. The error is relative to the largest value, of logarithms to 1 if all are smaller. A frontend that
divides by the deviation of the clip (`speech_to_text_fbank`) makes of silence what rounding leaves."""


NAMES = {
    "spectrograms": "this package",
    "reference": "Rust package",
    "librosa": "librosa",
    "scipy": "SciPy",
    "torch": "PyTorch",
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", metavar="PYTHON", help="interpreter that has the Rust package")
    parser.add_argument("--torch", metavar="PYTHON", help="interpreter that has PyTorch")
    parser.add_argument("--page", metavar="FILE", help="the page whose tables are replaced; else print them")
    parser.add_argument("--work", choices=CALLS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work)
        return
    pythons = {"spectrograms": sys.executable, "reference": args.reference, "librosa": sys.executable}
    pythons |= {"scipy": sys.executable, "torch": args.torch}
    pythons = {library: python for library, python in pythons.items() if python}
    tables = ["\n".join(table(dtype, pythons)) for dtype in ("float64", "float32")]
    tables = "\n\n".join([*tables, FRONTENDS, "\n".join(frontend_table(pythons))])
    if args.page is None:
        print(tables)
        return
    page = Path(args.page)
    before = page.read_text(encoding="utf-8").partition("\n| float64 ")[0]
    page.write_text(f"{before}\n{tables}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
