"""The results of another revision and of this one, byte by byte, on the machine at hand.

    python tools/same_bytes.py REVISION [--python PYTHON] [--this PYTHON]

builds REVISION beside this one, has both compute the results in ``tools/results``, and compares them. It
also compares public names and signatures, and has this build read what the other one has written. Nothing is
stored: bytes depend on the CPU and on FFTW, so both sides are computed now. ``--python`` names an interpreter
that has REVISION installed, which saves the build; ``--this`` names one that has this build (default: the one
that runs).

SPECTROGRAMS_ISA in the environment chooses the instruction set of both, as for every call of the package.

The sign of a NaN is not promised and not compared. Results of what REVISION does not have are counted. Names
may be added, and to a signature optional arguments with which every former call means what it did; nothing
else of them may change.

CORRECTIONS lists what may differ, ROUNDED the commits that changed last bits everywhere. The exit status is 1
if anything else does.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path

import beside
import numpy as np
from results.rounding import same_but_for_rounding

WORKER = Path(__file__).resolve().parent / "results" / "worker.py"

# What was corrected on purpose: the commit, a pattern for names of results, and the reason. A row applies to
# revisions that lack the commit.
CORRECTIONS = (
    ("76372fc", "matrix/power_to_db f4", "decibels are exactly 0 for the value that is the reference"),
    ("76372fc", "matrix/amplitude_to_db f4", "decibels are exactly 0 for the value that is the reference"),
    ("b73b308", "matrix/pcen of huge energies", "the quotient of energy and eps no longer overflows"),
    ("89d678b", "audio/mp3 in part", "MP3 is decoded forward, so that parts are cut from the whole"),
    ("89d678b", "audio/gsm in part", "formats that cannot be sought are decoded from their beginning"),
    ("5e363f8", "audio/joined flac", "FLAC files joined end to end are read to their end"),
    ("4a55f5f", "audio/a sample at a lower rate", "resampling gives at least one sample"),
    ("baa875b", "*cqt*", "constant-Q kernels are summed in another order; in dB, weak bins differ by more"),
    ("c011756", "*vggish_logmel float32*", "rounding of float32, in arrays of float64"),
)

# Commits after which results may differ by rounding alone, of which `results/rounding` has the bound.
ROUNDED = (
    ("baa875b", "sums of constant-Q kernels"),
    ("c011756", "logarithms with their factor in the coefficients"),
)


def ask(python, verb, target):
    """Run the worker of one build in a process of its own, away from the checkout; return what it prints."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    command = [str(python), str(WORKER), verb, str(target)]
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            command, check=False, stdout=subprocess.PIPE, text=True, env=environment, cwd=empty
        )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}")
    return done.stdout


def first_difference(name, ours, theirs):
    """Say where two results, lists of arrays, begin to differ."""
    if len(ours) != len(theirs):
        return f"{name}: {len(ours)} arrays, {len(theirs)} before"
    for place, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        where = f"{name}, array {place}" if len(ours) > 1 else name
        if a.dtype != b.dtype or a.shape != b.shape:
            return f"{where}: {a.dtype}{list(a.shape)}, {b.dtype}{list(b.shape)} before"
        if a.tobytes() == b.tobytes():
            continue
        a, b = a.ravel(), b.ravel()
        unequal = np.flatnonzero(
            np.ascontiguousarray(a).view(f"V{a.itemsize}") != np.ascontiguousarray(b).view(f"V{a.itemsize}")
        )
        i = unequal[0]
        if a.dtype == np.uint8:
            texts = (bytes(x[max(0, i - 30) : i + 60]).decode(errors="replace") for x in (a, b))
            return "{}: ...{}..., before ...{}...".format(where, *texts)
        bits = ""
        if a[i] != a[i] and b[i] != b[i]:
            bits = f" (bits {a[i].tobytes()[::-1].hex()}, before {b[i].tobytes()[::-1].hex()})"
        return f"{where}: value {i} of {a.size} is {a[i]!r}, before {b[i]!r}{bits}; {len(unequal)} differ"
    raise AssertionError(f"{name} does not differ")


def compare_results(corrections, rounded, folders):
    """Print what differs, and return how many differences no correction accounts for."""
    ours, theirs = (json.loads((folder / "digests.json").read_text()) for folder in folders)
    print(f"this:   {ours['version']}, {ours['file']}\nbefore: {theirs['version']}, {theirs['file']}\n")
    values = [np.load(folder / "values.npz") for folder in folders]
    places = [{name: str(i) for i, name in enumerate(side["digests"])} for side in (ours, theirs)]

    def arrays(side, name):
        prefix = places[side][name] + " "
        return [values[side][key] for key in values[side].files if key.startswith(prefix)]

    differing, near = {}, []
    for name, error in ours["errors"].items():
        differing[name] = f"{name}: {error}"
    for name in theirs["errors"]:
        differing.setdefault(name, f"{name}: before, {theirs['errors'][name]}")
    new = ours["digests"].keys() - theirs["digests"].keys() - theirs["errors"].keys()
    print(f"results: {len(new)} of what the one before does not have")
    for name in theirs["digests"]:
        if name not in ours["digests"]:
            differing.setdefault(name, f"{name}: the one before alone has it")
        elif ours["digests"][name] != theirs["digests"][name]:
            differing[name] = first_difference(name, arrays(0, name), arrays(1, name))
            if same_but_for_rounding(arrays(0, name), arrays(1, name)):
                near.append(name)
    return report("results", len(theirs["digests"]), differing, corrections, rounded, near)


def report(what, count, differing, corrections, rounded=(), near=()):
    """Print differences, those of corrections under their reasons, and return how many others there are.

    `near` are the names of those that differ by rounding alone, and `rounded` the reasons for that.
    """
    left = dict(differing)
    accounted = 0
    for pattern, reason in corrections:
        found = [name for name in left if fnmatchcase(name, pattern)]
        if found:
            accounted += len(found)
            print(f"{what}: corrected in {len(found)} ({pattern}): {reason}\n    {left[found[0]]}")
        for name in found:
            del left[name]
    if rounded and (found := [name for name in near if name in left]):
        accounted += len(found)
        print(f"{what}: rounded otherwise in {len(found)}: {'; '.join(rounded)}\n    {left[found[0]]}")
        for name in found:
            del left[name]
    for line in left.values():
        print(f"{what}: DIFFERENT: {line}")
    print(f"{what}: {count} compared, {accounted} corrected, {len(left)} different without a reason\n")
    return len(left)


def added_arguments(signature, before):
    """The arguments that were added if each call of the signature before means the same; None if not.

    A signature has the name, the kind and the default of each parameter, or is None.
    """
    if signature is None or before is None:
        return None
    known = {name for name, _, _ in before}
    places = {name: i for i, (name, _, _) in enumerate(signature)}
    added = [each for each in signature if each[0] not in known]
    if [each for each in signature if each[0] in known] != before:
        return None
    # What was caught by *args or **kwargs would now have another meaning.
    if any(kind.startswith("VAR_") for _, kind, _ in before + added):
        return None
    positions = [places[name] for name, kind, _ in before if kind != "KEYWORD_ONLY"]
    for name, kind, default in added:
        if default is None or (kind != "KEYWORD_ONLY" and places[name] < max(positions, default=0)):
            return None
    return [name for name, _, _ in added]


def compare_names(files):
    """Names may be added, and optional arguments; nothing may be taken away or mean something else."""
    ours, theirs = (json.loads(file.read_text()) for file in files)
    differing, longer = {}, []
    for name, signature in theirs.items():
        if name not in ours:
            differing[name] = f"{name} is gone"
        elif ours[name] != signature:
            if more := added_arguments(ours[name], signature):
                longer.append(f"{name} ({', '.join(more)})")
            else:
                differing[name] = f"{name}: {ours[name]}, before {signature}"
    added = sorted(set(ours) - set(theirs))
    print(f"names: added: {', '.join(added) or 'none'}")
    print(f"names: optional arguments added to {len(longer)}: {', '.join(longer) or 'none'}")
    return report("names", len(theirs), differing, ())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("revision", metavar="REVISION", help="commit, tag or branch to compare with")
    parser.add_argument("--python", metavar="PYTHON", help="interpreter in which REVISION is installed")
    parser.add_argument(
        "--this", metavar="PYTHON", default=sys.executable, help="interpreter that has this build"
    )
    options = parser.parse_args()
    commit = beside.commit_of(options.revision)
    corrections = [row[1:] for row in CORRECTIONS if not beside.has(commit, row[0])]
    rounded = [reason for change, reason in ROUNDED if not beside.has(commit, change)]
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="same-bytes-")))
        for name in ("build", "ours", "theirs", "saved"):
            (work / name).mkdir()
        other = options.python or beside.build(commit, work / "build")
        ask(options.this, "results", work / "ours")
        ask(other, "results", work / "theirs")
        wrong = compare_results(corrections, rounded, (work / "ours", work / "theirs"))
        ask(options.this, "names", work / "ours" / "names.json")
        ask(other, "names", work / "theirs" / "names.json")
        wrong += compare_names((work / "ours" / "names.json", work / "theirs" / "names.json"))
        ask(other, "save", work / "saved")
        read = json.loads(ask(options.this, "load", work / "saved").splitlines()[-1])
        # Of several faults of one thing the worst is named.
        lines = sorted(read["faults"], key=lambda line: "other last bits" not in line)
        faults = {line.partition(":")[0]: line for line in lines}
        near = [name for name, line in faults.items() if "other last bits" in line]
        wrong += report("saved", read["examined"], faults, corrections, rounded, near)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
