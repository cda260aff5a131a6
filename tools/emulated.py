"""Results of this build beside recorded ones, with the largest differences: what `tools/qemu.py` runs.

    python tools/emulated.py COUNT FILE

computes COUNT of the results in ``tests/data/parity``, and those of frontends in ``tests/data/frontends``,
prints a line of JSON, and writes what it has computed to FILE, for a comparison with another machine.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np

import spectrograms as sg
from spectrograms._engine.kernels.kernels import level

# Behind the import of the package, so that this is the installed one.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.parity import design, recorded, runners
from tests.parity.test_transforms import mask_corrected, shift_corrected
from tests.support.golden_rule import Golden

FRONTENDS = recorded.DATA.parent / "frontends"


def reference(count):
    """Yield (name, dtype, computed values, recorded values, scale) of results spread over all kinds."""
    cases = []
    for group in ("spectrogram", "stft", "istft", "mfcc", "fft1d", "image", "mdct"):
        run = getattr(runners, design.GROUPS[group][1])
        for i, (case, outputs) in enumerate(recorded.load(group)):
            # Decibels of weak cells are rounding of the strong ones; some results are others on purpose.
            corrected = "function" in case and (shift_corrected(case) or mask_corrected(case))
            if case.get("amplitude") != "db" and not recorded.is_kaiser(case) and not corrected:
                cases.append((f"{group}-{i}", run, case, outputs))
    for i in range(count):
        name, run, case, outputs = cases[i * len(cases) // count]
        for part, array in run(sg, case).items():
            output = outputs[part]
            if part in runners.AXES or output.n_nan or output.n_inf or output.peak == 0:
                continue
            _, values = recorded.summarise(array, len(output.values))
            yield f"reference {name} {part}", case["dtype"], values, output.values, output.peak


def golden():
    """The same of frontends; the scale is the tolerance, so that 1 is a fault."""
    for entry in json.loads((FRONTENDS / "index.json").read_text()):
        path = FRONTENDS / entry["file"]
        if not path.exists():
            continue
        record = Golden.load(path)
        spec = record.spec
        made = sg.frontend(spec["frontend"], sample_rate=spec["sample_rate"], **spec["params"])
        out, firm = made.compute(record.samples), record.firm & np.isfinite(record.expected)
        record.compare(out)
        limit = spec["atol"] + spec["rtol"] * np.abs(record.expected[firm])
        yield f"golden {entry['file']}", "golden", out[firm] / limit, record.expected[firm] / limit, 1.0


def main(count, target):
    warnings.simplefilter("ignore", sg.SpectrogramWarning)
    found, largest, counts = {}, {}, {}
    for name, kind, values, expected, scale in [*reference(count), *golden()]:
        found[name] = np.asarray(values) / scale
        difference = float(np.abs(values - expected).max(initial=0)) / scale
        largest[kind] = max(largest.get(kind, 0.0), difference)
        counts[kind] = counts.get(kind, 0) + 1
    np.savez(target, **found)
    print(json.dumps({"level": level(), "counts": counts, "largest": largest}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
