"""``compute`` of recordings whose spectrograms are large: block by block into files, in constant memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.files import replacing
from spectrograms._engine.results.storage import save_rows
from spectrograms.audio import audio_blocks, audio_info
from spectrograms.cli.look import Look, draw
from spectrograms.errors import INPUT_ERRORS, InvalidInputError
from spectrograms.places.paths import size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.audio import AudioInfo
    from spectrograms.plans.base import Plan

# Files of fewer bytes are read whole without a look at their headers; and how large a result may be.
_SMALL_FILE = 1 << 20
_SMALL_RESULT = 1 << 26
# Bytes of frames that are gathered before they are written; columns of a picture, more than any screen has.
_GATHERED = 1 << 24
_COLUMNS = 4096


class Unreadable(Exception):
    """A recording cannot be read to its end, for a `reason`."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


def length_of(path: str, start: float, duration: float | None) -> tuple[AudioInfo | None, float]:
    """The header of a recording that may be long, None of others; and the seconds of it that are taken."""
    if size_of(path) < _SMALL_FILE:
        return None, 0.0
    info = audio_info(path)
    seconds = max(0.0, info.duration - start)
    return info, seconds if duration is None else min(seconds, duration)


def is_large(plan: Plan[Any], n_samples: int, n_results: int) -> bool:
    """Whether so many samples, or their results, are better not held in memory."""
    rows, count = plan.output_shape(n_samples)
    return max(n_samples, n_results * rows * count) * np.dtype(plan.dtype).itemsize > _SMALL_RESULT


class Table:
    """Values of a growing number of frames in a file, as C-ordered rows after a header of ``.npy``.

    Parameters
    ----------
    file : binary file
        Empty, for reading and writing.
    rows : int
    dtype : str
    expected : int
        Frames that will probably come. Others are no error, but move what was written.
    """

    def __init__(self, file: Any, rows: int, dtype: str, expected: int) -> None:
        self._file, self._rows, self._dtype = file, rows, np.dtype(dtype)
        self._room = max(1, expected)
        self.count: int = 0
        self._waiting: list[NDArray[Any]] = []
        self._offset = len(self._header(self._room))

    def append(self, frames: NDArray[Any]) -> None:
        """Take the next frames, shape (rows, any number)."""
        self._waiting.append(frames)
        if sum(part.nbytes for part in self._waiting) >= _GATHERED:
            self._write()

    def finish(self) -> Any:
        """Write the rest and the header; returns the file, at its beginning: it is a whole ``.npy`` file."""
        self._write()
        if self._room != self.count:
            self._move(self.count)
        self._file.truncate(self._offset + self._rows * self.count * self._dtype.itemsize)
        self._file.seek(0)
        self._file.write(self._header(self.count))
        self._file.seek(0)
        return self._file

    def copy_values(self, target: Any) -> None:
        """Write the ``.npy`` file into another."""
        self._file.seek(0)
        shutil.copyfileobj(self._file, target, 1 << 20)

    def _header(self, count):
        written = []
        shape = {"descr": np.lib.format.dtype_to_descr(self._dtype), "fortran_order": False}
        np.lib.format.write_array_header_1_0(
            SimpleNamespace(write=written.append), {**shape, "shape": (self._rows, count)}
        )
        return b"".join(written)

    def _place(self, row, frame, room):
        return self._offset + (row * room + frame) * self._dtype.itemsize

    def _write(self):
        """Write what waits, one run for each row."""
        if not self._waiting:
            return
        frames = np.concatenate(self._waiting, axis=1)
        self._waiting = []
        while self.count + frames.shape[1] > self._room:
            self._move(2 * self._room)
        for row, values in enumerate(frames):
            self._file.seek(self._place(row, self.count, self._room))
            self._file.write(np.ascontiguousarray(values).data)
        self.count += frames.shape[1]

    def _move(self, room):
        """Make room for another number of frames: the last row moves first, or the first if there is less."""
        apart = room > self._room
        for row in reversed(range(self._rows)) if apart else range(self._rows):
            held = self.count * self._dtype.itemsize
            pieces = range(0, held, _GATHERED)
            for piece in reversed(pieces) if apart else pieces:
                self._file.seek(self._place(row, 0, self._room) + piece)
                values = self._file.read(min(_GATHERED, held - piece))
                self._file.seek(self._place(row, 0, room) + piece)
                self._file.write(values)
        self._room = room


class Columns:
    """The largest value of each row in groups of frames: as many columns as a picture can show."""

    def __init__(self, expected: int) -> None:
        self.step: int = max(1, -(-expected // _COLUMNS))
        self._parts: list[NDArray[Any]] = []
        self._rest: NDArray[Any] | None = None
        self._width = 0

    def append(self, frames: NDArray[Any]) -> None:
        """Take the next frames, shape (rows, any number)."""
        if self._rest is not None:
            frames = np.concatenate([self._rest, frames], axis=1)
        whole = frames.shape[1] - frames.shape[1] % self.step
        self._rest = frames[:, whole:].copy()
        self._add(_largest(frames[:, :whole], self.step))
        while self._width > 2 * _COLUMNS:
            joined, self._parts, self._width = np.concatenate(self._parts, axis=1), [], 0
            even = joined.shape[1] - joined.shape[1] % 2
            # A column without a partner waits: its values stand for the frames that it was made of.
            self._rest = np.concatenate([np.repeat(joined[:, even:], self.step, axis=1), self._rest], axis=1)
            self.step *= 2
            self._add(_largest(joined[:, :even], 2))

    def finish(self) -> NDArray[Any]:
        """All columns, shape (rows, columns); the last may stand for fewer frames."""
        assert self._rest is not None
        last = [self._rest.max(axis=1, keepdims=True)] if self._rest.shape[1] else []
        return np.concatenate([*self._parts, *last], axis=1)

    def _add(self, columns):
        if columns.shape[1]:
            self._parts.append(columns)
            self._width += columns.shape[1]


def _largest(frames, step):
    return frames.reshape(len(frames), -1, step).max(axis=2)


class Recording:
    """One long recording on its way from a file to files.

    Parameters
    ----------
    plan : Plan
    path : str
    config : dict
        All options.
    look : Look
        Which part is taken, and how it is drawn.
    seconds : float
        How long it is, as its header says.
    """

    def __init__(
        self, plan: Plan[Any], path: str, config: dict[str, Any], look: Look, seconds: float
    ) -> None:
        self.plan: Plan[Any] = plan
        self.look: Look = look
        self._path, self._config = path, config
        self.expected: int = plan.output_shape(max(1, round(seconds * plan.sample_rate)))[1]
        self.n_samples: int = 0
        info: Any = plan._info
        self.info: Any = info.starting(look.start) if look.start else info

    @property
    def sample_rate(self) -> float:
        """Of the samples that are taken, as the plan has it."""
        rate = self.plan.sample_rate
        return int(rate) if rate.is_integer() else rate

    @property
    def unit(self) -> str | None:
        """Unit of the values, if they have one."""
        return getattr(self.blank(), "unit", None)

    def blank(self) -> Any:
        """A result without frames."""
        plan: Any = self.plan
        return plan._result_class._empty((plan.n_bins, 0), plan.dtype, self.info)

    def _blocks(self) -> Iterator[list[NDArray[np.float32]]]:
        """Blocks of each channel that is wanted, in lists."""
        config, channels = self._config, self._config["channels"]
        blocks = audio_blocks(
            self._path, config["sample_rate"], channels == "mix",
            start=self.look.start, duration=self.look.duration, quality=config["resampling_quality"],
        )  # fmt: skip
        for block in blocks:
            if channels == "mix":
                yield [block]
            elif channels == "each":
                yield list(block)
            elif channels < len(block):
                yield [block[channels]]
            else:
                raise InvalidInputError(f"channel must be in 0..{len(block) - 1}, got {channels}")

    def _readable(self):
        """The same, with errors of reading told from those of writing."""
        try:
            yield from self._blocks()
        except INPUT_ERRORS as error:
            raise Unreadable(error) from error

    def compute(
        self, folder: Path | None, kinds: set[str], stack: ExitStack
    ) -> list[tuple[int | None, Results]]:
        """Compute all frames of the channels, by number, None for their mix.

        What comes of them lies in temporary files of `folder`, which `stack` closes, or is small.
        """
        streams: list[Any] = []
        results: list[Results] = []
        for parts in self._readable():
            if not streams:
                streams = [self.plan.stream() for _ in parts]
                results = [Results(self, folder, kinds, stack) for _ in parts]
            for stream, result, part in zip(streams, results, parts, strict=True):
                result.append(stream.push(part))
            self.n_samples += len(parts[0])
        for stream, result in zip(streams, results, strict=True):
            result.append(stream.flush())
            result.finish()
        channels = self._config["channels"]
        numbers = {"mix": [None], "each": range(len(results))}.get(channels, [channels])
        return list(zip(numbers, results, strict=True))


class Results:
    """What comes of one channel: values in a file, and columns of a picture, each if it is wanted."""

    def __init__(self, recording: Recording, folder: Path | None, kinds: set[str], stack: ExitStack) -> None:
        self._recording, plan = recording, recording.plan
        self._columns = Columns(recording.expected) if kinds - {"npz", "npy"} else None
        self._table = None
        self.n_frames: int = 0
        if kinds & {"npz", "npy"}:
            file = stack.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115, closed by the stack
            self._table = Table(file, plan.n_bins, plan.dtype, recording.expected)

    def append(self, frames: NDArray[Any]) -> None:
        """Take the next frames."""
        self.n_frames += frames.shape[1]
        if self._table is not None:
            self._table.append(frames)
        if self._columns is not None:
            self._columns.append(frames)

    def finish(self) -> None:
        """No more frames come."""
        if self._table is not None:
            self._table.finish()

    def write(self, path: Any, title: str) -> None:
        """Write them as ``.npz``, ``.npy`` or a picture, by the path's suffix: the bytes of a whole."""
        recording = self._recording
        with replacing(path) as temporary, open(temporary, "wb") as file:
            if path.suffix == ".npy":
                self.copy(file)
            elif path.suffix == ".npz":
                save_rows(recording.blank(), self.n_frames, self.copy, file)
            else:
                draw(self._picture(), file, path.suffix[1:].lower(), title, recording.look)

    def copy(self, target: Any) -> None:
        """Write the values as ``.npy`` into an open file."""
        assert self._table is not None
        self._table.copy_values(target)

    def _picture(self):
        """What `plot` needs of a result: columns, each at the middle of its frames."""
        assert self._columns is not None
        values, step, info = self._columns.finish(), self._columns.step, self._recording.info
        first = info.times(1)[0] + 0.5 * (step - 1) * info.hop_size / info.sample_rate
        times = first + np.arange(values.shape[1]) * (step * info.hop_size / info.sample_rate)
        # Whatever else a result of this kind says of its rows and values.
        said = ("frequencies", "scale", "amplitude", "unit", "labels", "edges", "name")
        blank = self._recording.blank()
        known = {name: getattr(blank, name) for name in said if hasattr(blank, name)}
        return SimpleNamespace(
            data=values, times=times, sample_rate=info.sample_rate, start=info.start,
            _info=info, n_frames=self.n_frames, **known,
        )  # fmt: skip
