"""Record the results of the reference implementation for the parity tests.

Usage, with CPython 3.12 and the wheel spectrograms==2.1.3 installed (other versions are refused)::

    python -P tests/parity/record.py [GROUP ...]

writes ``tests/data/parity/``; without arguments every group and ``surface.json``. Run it from a folder
that holds no other package called spectrograms.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from parity import design, recorded, runners, surface

import spectrograms as sg

REFERENCE = "2.1.3"


def with_limits(group, case, outputs):
    """Attach to each output the number of values to keep and the level its sums are clipped at."""
    named = {name: (array, 16 if name in runners.AXES else 64, None) for name, array in outputs.items()}
    if group == "spectrogram" and case["amplitude"] == "db":
        powers = runners.run_spectrogram(sg, case, amplitude="power", dtype="float64")
        for name in [name for name in ("data", "frames") if name in outputs]:
            named[name] = (outputs[name], 64, clip_level(case, powers[name]))
            named[f"{name}_power"] = (powers[name], 64, None)
    if group in ("binaural", "binaural_diff"):
        named["level"] = (weaker_level(case), 64, None)
    return named


def clip_level(case, power):
    """Return the dB value below which elements are not comparable one by one."""
    if power.max() == 0:
        return case["floor"]
    return float(max(case["floor"], 10 * np.log10(power.max()) - recorded.comparable_depth(case)))


def weaker_level(case):
    """Return min(|L|, |R|) / max over the whole STFTs: how well the phases of a bin are determined."""
    params = runners.spectrogram_params(sg, case)
    left, right = (np.abs(sg.compute_stft(x, params).data) for x in runners.stereo(case))
    width = case["sample_rate"] / case["n_fft"]
    first, last = (int(np.floor(edge / width + 0.5)) for edge in case["band"])
    peak = max(left.max(), right.max())
    return np.minimum(left, right)[first:last] / (peak if peak > 0 else 1.0)


def main(groups):
    version = getattr(sg, "__version__", "unknown")
    if version != REFERENCE:
        sys.exit(f"recording needs the wheel spectrograms=={REFERENCE}, found {version} at {sg.__file__}")
    for group in groups or [*design.GROUPS, "surface"]:
        if group == "surface":
            surface.record(recorded.DATA / "surface.json")
            continue
        make_cases, runner = design.GROUPS[group]
        cases = make_cases()
        run = getattr(runners, runner)
        recorded.save(group, cases, [with_limits(group, case, run(sg, case)) for case in cases])
        print(f"{group}: {len(cases)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
