"""Output files of ``compute`` and ``demo``: their names, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spectrograms._common.files import as_text, replacing
from spectrograms.cli.inputs import Source
from spectrograms.cli.look import Look, draw
from spectrograms.cli.options import UsageError
from spectrograms.cli.parser import FORMATS


class Target:
    """Output paths of an input: one file (``-o x.npz``) or files in a folder (``-o out --format png``).

    Attributes
    ----------
    folder : Path
        Where they are written.
    """

    folder: Path

    def __init__(self, output: Any, formats: Any, sources: Sequence[Source]) -> None:
        output = Path(output)
        suffix = output.suffix.lower().removeprefix(".")
        self._file = None
        #: Folders within it, for recordings of a folder that has such.
        self.folders: set[Path] = {output}
        if suffix in FORMATS and not output.is_dir():
            if len(sources) > 1:
                raise UsageError(
                    f"-o {as_text(output)} is one file, but there are {len(sources)} inputs: "
                    f"name a folder, and --format {suffix}"
                )
            if formats and list(formats) != [suffix]:
                raise UsageError(f"--format {' '.join(formats)} disagrees with -o {as_text(output)}")
            self._file, self._formats, self.folder = output, [suffix], output.parent
            self.folders = {self.folder}
            return
        if suffix and not output.is_dir() and not formats:
            # A typo such as out.npx would otherwise become a folder.
            raise UsageError(
                f"-o {as_text(output)}: expected .{', .'.join(FORMATS)}, or --format for a folder"
            )
        self._formats = list(dict.fromkeys(formats or ["npz"]))
        self.folder = output
        self._refuse_collisions(sources)
        self.folders |= {(output / source.name).parent for source in sources}

    @staticmethod
    def _refuse_collisions(sources):
        seen = {}
        for path, name in sources:
            other = seen.setdefault(name, path)
            if other is not path:
                raise UsageError(
                    f"{as_text(other)} and {as_text(path)} would have the same output name: "
                    "compute them into different folders"
                )

    def make_folder(self) -> None:
        """Create the folders for the files."""
        for folder in self.folders:
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def kinds(self) -> set[str]:
        """Suffixes of the files."""
        return set(self._formats)

    def paths(self, source: Source, channel: int | None = None) -> list[Path]:
        """Output paths of an input file, or of one channel of it."""
        stem = source.name if self._file is None else self._file.stem
        if channel is not None:
            stem = f"{stem}.ch{channel}"
        return [self.folder / f"{stem}.{kind}" for kind in self._formats]


def write(spectrogram: Any, path: Any, title: str, look: Look | None = None) -> None:
    """Write a spectrogram as ``.npz``, ``.npy`` (the values alone) or a picture, by the path's suffix."""
    with replacing(path) as temporary, open(temporary, "wb") as file:
        if path.suffix == ".npz":
            spectrogram.save(file)
        elif path.suffix == ".npy":
            import numpy as np

            np.save(file, spectrogram.data)
        else:
            draw(spectrogram, file, path.suffix[1:].lower(), title, look or Look())
