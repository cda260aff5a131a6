"""The work of ``compute`` on one file, in this process or in another."""

from __future__ import annotations

import sys
import threading
import traceback
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from spectrograms._common.files import as_text, remove_remains
from spectrograms.cli.output import Target, write
from spectrograms.cli.planning import Planner, describe, read_channels
from spectrograms.corpus.inputs.places import local
from spectrograms.errors import INPUT_ERRORS

if TYPE_CHECKING:
    from spectrograms._common.processes import Notes


class Work:
    """From files to spectrograms in files.

    Parameters
    ----------
    config : dict
        All options.
    files : list of str
    output : str
        A file, a folder, or ``-``.
    formats : list of str or None
    """

    def __init__(
        self, config: dict[str, Any], files: list[str], output: str, formats: list[str] | None
    ) -> None:
        #: Plain data for :func:`setup`; the names of other files are of no use there.
        self.plain: tuple[dict[str, Any], str, list[str] | None] = config, output, formats
        self._config, self._planner = config, Planner(config)
        self._target = None
        if output != "-":
            self._target = Target(output, formats, files)
            self._target.make_folder()

    def outcome(self, path: str) -> dict[str, Any] | Exception:
        """Compute and write a file: what came of it, or why it cannot be computed."""
        config = self._config
        try:
            parts, sample_rate = read_channels(local(path, "an input"), config)
            plan = self._planner.plan(sample_rate)
            results = [(channel, plan.compute(samples)) for channel, samples in parts]
        except INPUT_ERRORS as error:
            return error
        # Outside the try: a full disk is not the fault of an input, and ends the run.
        title = f"{as_text(path.rpartition('/')[2])} ({describe(config, sample_rate)})"
        outputs = []
        for channel, spectrogram in results:
            # A single channel keeps the file's own name.
            suffix = channel if config["channels"] == "each" else None
            outputs += self._write(path, suffix, spectrogram, title)
        return {
            "path": as_text(path),
            "outputs": [as_text(output) for output in outputs],
            "sample_rate": sample_rate,
            "n_samples": len(parts[0][1]),
            "duration": len(parts[0][1]) / sample_rate,
            "shape": list(results[0][1].shape),
            "unit": results[0][1].unit,
        }

    def _write(self, path, channel, spectrogram, title):
        """Write one spectrogram in every format. Returns the paths."""
        if self._target is None:
            import numpy as np

            # Given a real file, NumPy would write to its descriptor, and hide a closed pipe in another error.
            np.save(SimpleNamespace(write=sys.stdout.buffer.write), spectrogram.data)
            return []
        outputs = self._target.paths(path, channel)
        for output in outputs:
            write(spectrogram, output, title if channel is None else f"{title}, channel {channel}")
        return outputs

    def remove_remains(self, pids: set[int | None]) -> None:
        """Remove what processes that have ended were about to write."""
        if self._target is not None:
            remove_remains(self._target.folder, pids)


def setup(config: dict[str, Any], output: str, formats: list[str] | None) -> Work:
    """The work in another process."""
    return Work(config, [], output, formats)


def task(
    work: Work,
    paths: list[str],
    careful: bool,
    refused: dict[int, str],
    notes: Notes,
    stop: threading.Event,
) -> list[dict[str, Any] | Exception]:
    """What came of each file, as far as the run goes on."""
    outcomes: list[dict[str, Any] | Exception] = []
    for place, path in enumerate(paths):
        if stop.is_set():
            break
        if place in refused:
            outcomes.append(ChildProcessError(refused[place]))
            continue
        notes.begun(place)
        outcome = work.outcome(path)
        if isinstance(outcome, Exception):
            # Where it was raised would be lost on the way.
            outcome.add_note("".join(traceback.format_exception(outcome)))
        outcomes.append(outcome)
        notes.done(place)
    return outcomes
