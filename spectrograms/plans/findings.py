"""Where a configuration falls short of what it seems to promise, in the words of conventions and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms.errors import warn
from spectrograms.filterbanks import constant_q

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Finding:
    """Where a configuration falls short of what it seems to promise."""

    convention: str
    words: str  # the convention
    text: str  # the warning


def say(findings: Sequence[Finding]) -> None:
    """Give one warning for all findings, if there are any."""
    if findings:
        warn("; ".join([finding.text for finding in findings]))


def listed(numbers: Sequence[int], most: int = 6) -> str:
    """A list of numbers as text, shortened after the first few."""
    if len(numbers) <= most + 1:
        return ", ".join(map(str, numbers))
    return f"{', '.join(map(str, numbers[:most]))} and {len(numbers) - most} more"


def _filled(stage):
    """Which rows of a bank have a weight, by its stage."""
    return stage[1].any(axis=1) if stage[0] == "dense" else stage[2] > 0


def empty_bands(stage: tuple[Any, ...], help: str = "a larger n_fft or fewer bands") -> list[Finding]:
    """Findings about the stage of a bank: rows without a weight are constant, whatever the input."""
    filled = _filled(stage)
    empty = np.flatnonzero(~filled).tolist()
    if not empty:
        return []
    holds, stays = ("holds", "stays") if len(empty) == 1 else ("hold", "stay")
    words = f"{len(empty)} of {len(filled)} {holds} no bin: {listed(empty)}"
    text = (
        f"{len(empty)} of {len(filled)} bands {holds} no bin of the transform and {stays} empty "
        f"({listed(empty)}); {help} would help"
    )
    return [Finding("empty bands", words, text)]


def cut_kernels(
    frequencies: NDArray[Any], q_factor: float, rate: float, frame: int, stage: tuple[Any, ...], help: str
) -> list[Finding]:
    """Findings about constant-Q kernels in frames of a given length, from the stage of their bank."""
    findings = []
    count = len(frequencies)
    cut = int((constant_q.cqt_lengths(frequencies, q_factor, rate, 2**62) > frame).sum())
    if cut:
        below = f"below {q_factor * rate / frame:.4g} Hz Q is less than {q_factor:.4g}"
        words = f"{cut} of {count} to {frame} samples: {below}"
        text = f"kernels of {cut} of {count} bins are cut to {frame} samples: {below}; {help} would help"
        findings.append(Finding("cut kernels", words, text))
    filled = _filled(stage)
    # Each bin has two rows; the second, imaginary one may be all zeros without harm.
    gone = np.flatnonzero(~(filled[::2] | filled[1::2])).tolist()
    if gone:
        words = f"{len(gone)} of {count} have no non-zero value: {listed(gone)}"
        text = (
            f"kernels of {len(gone)} of {count} bins are too short to have a non-zero value: these rows are "
            f"zero ({listed(gone)}); a larger q_factor or a lower range would help"
        )
        findings.append(Finding("empty kernels", words, text))
    return findings
