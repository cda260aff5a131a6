"""The work of ``compute`` on one file, in this process or in another."""

from __future__ import annotations

import sys
import threading
import traceback
from contextlib import ExitStack
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from spectrograms._common.files import as_text, remove_remains
from spectrograms.cli.inputs import Source
from spectrograms.cli.look import Look
from spectrograms.cli.output import Target, write
from spectrograms.cli.planning import Planner, describe, read_channels
from spectrograms.cli.streaming import Recording, Unreadable, is_large, length_of
from spectrograms.errors import INPUT_ERRORS
from spectrograms.places.urls import placed

if TYPE_CHECKING:
    from spectrograms._common.processes import Notes


class Work:
    """From files to spectrograms in files.

    Parameters
    ----------
    config : dict
        All options.
    sources : list of Source
    output : str
        A file, a folder, or ``-``.
    formats : list of str or None
    look : Look, optional
        Of the pictures, and which part of the recordings is taken.
    """

    def __init__(
        self,
        config: dict[str, Any],
        sources: list[Source],
        output: str,
        formats: list[str] | None,
        look: Look | None = None,
    ) -> None:
        #: Plain data for :func:`setup`; the names of other files are of no use there.
        self.plain: tuple[dict[str, Any], str, list[str] | None, Look] = (
            config,
            output,
            formats,
            look or Look(),
        )
        self._config, self._planner, self._look = config, Planner(config), self.plain[-1]
        self._target = None
        if output != "-":
            self._target = Target(output, formats, sources)
            self._target.make_folder()

    def outcome(self, source: Source) -> dict[str, Any] | Exception:
        """Compute and write a file: what came of it, or why it cannot be computed."""
        config, path = self._config, source.path
        try:
            place = placed(path, "an input")
            recording = self._long(place)
            if recording is None:
                parts, sample_rate = read_channels(place, config, self._look.start, self._look.duration)
                plan = self._planner.plan(sample_rate)
                results = [(channel, plan.compute(samples)) for channel, samples in parts]
        except INPUT_ERRORS as error:
            return error
        # Outside the try: a full disk is not the fault of an input, and ends the run.
        if recording is not None:
            return self._streamed(source, recording)
        outputs = []
        for channel, spectrogram in results:
            outputs += self._write(source, channel, spectrogram, sample_rate)
        first = results[0][1]
        return _outcome(
            path, outputs, sample_rate, len(parts[0][1]), first.shape, getattr(first, "unit", None)
        )

    def _long(self, path):
        """The recording if its results are too large to be held; None otherwise."""
        info, seconds = length_of(path, self._look.start, self._look.duration)
        if info is None:
            return None
        rate = self._config["sample_rate"] or info.sample_rate
        plan = self._planner.plan(rate)
        count = info.n_channels if self._config["channels"] == "each" else 1
        if not is_large(plan, max(1, round(seconds * rate)), count):
            return None
        return Recording(plan, path, self._config, self._look, seconds)

    def _streamed(self, source, recording):
        """Compute and write a long recording block by block."""
        target = self._target
        folder, kinds = None, {"npy"}
        if target is not None:
            folder, kinds = target.paths(source)[0].parent, target.kinds
        outputs = []
        with ExitStack() as stack:
            try:
                results = recording.compute(folder, kinds, stack)
            except Unreadable as error:
                return error.reason
            for channel, result in results:
                if target is None:
                    result.copy(sys.stdout.buffer)
                    continue
                for output in target.paths(source, self._suffix(channel)):
                    result.write(output, self._title(source.path, channel, recording.sample_rate))
                    outputs.append(output)
        shape = recording.plan.n_bins, results[0][1].n_frames
        n_samples = recording.n_samples
        return _outcome(source.path, outputs, recording.sample_rate, n_samples, shape, recording.unit)

    def _suffix(self, channel):
        """Of the names of files: a single channel keeps the recording's own name."""
        return channel if self._config["channels"] == "each" else None

    def _title(self, path, channel, sample_rate):
        title = f"{as_text(path.rpartition('/')[2])} ({describe(self._config, sample_rate)})"
        return title if self._suffix(channel) is None else f"{title}, channel {channel}"

    def _write(self, source, channel, spectrogram, sample_rate):
        """Write one spectrogram in every format. Returns the paths."""
        if self._target is None:
            import numpy as np

            # Given a real file, NumPy would write to its descriptor, and hide a closed pipe in another error.
            np.save(SimpleNamespace(write=sys.stdout.buffer.write), spectrogram.data)
            return []
        outputs = self._target.paths(source, self._suffix(channel))
        for output in outputs:
            write(spectrogram, output, self._title(source.path, channel, sample_rate), self._look)
        return outputs

    def remove_remains(self, pids: set[int | None]) -> None:
        """Remove what processes that have ended were about to write."""
        if self._target is not None:
            for folder in self._target.folders:
                remove_remains(folder, pids)


def _outcome(path, outputs, sample_rate, n_samples, shape, unit):
    """What the document of a run says of a file."""
    return {
        "path": as_text(path),
        "outputs": [as_text(output) for output in outputs],
        "sample_rate": sample_rate,
        "n_samples": n_samples,
        "duration": n_samples / sample_rate,
        "shape": list(shape),
        "unit": unit,
    }


def setup(config: dict[str, Any], output: str, formats: list[str] | None, look: Look) -> Work:
    """The work in another process."""
    return Work(config, [], output, formats, look)


def task(
    work: Work,
    sources: list[Source],
    careful: bool,
    refused: dict[int, str],
    notes: Notes,
    stop: threading.Event,
) -> list[dict[str, Any] | Exception]:
    """What came of each file, as far as the run goes on."""
    outcomes: list[dict[str, Any] | Exception] = []
    for place, source in enumerate(sources):
        if stop.is_set():
            break
        if place in refused:
            outcomes.append(ChildProcessError(refused[place]))
            continue
        notes.begun(place)
        outcome = work.outcome(source)
        if isinstance(outcome, Exception):
            # Where it was raised would be lost on the way.
            outcome.add_note("".join(traceback.format_exception(outcome)))
        outcomes.append(outcome)
        notes.done(place)
    return outcomes
