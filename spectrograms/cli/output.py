"""Output files of ``compute`` and ``demo``: their names, and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spectrograms._common.files import as_text, replacing
from spectrograms.cli.console import visible
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

    def __init__(self, output: Any, formats: Any, files: Any) -> None:
        output = Path(output)
        suffix = output.suffix.lower().removeprefix(".")
        self._file = None
        if suffix in FORMATS and not output.is_dir():
            if len(files) > 1:
                raise UsageError(f"-o {as_text(output)} is one file, but there are {len(files)} inputs")
            if formats and list(formats) != [suffix]:
                raise UsageError(f"--format {' '.join(formats)} disagrees with -o {as_text(output)}")
            self._file, self._formats, self.folder = output, [suffix], output.parent
            return
        if suffix and not output.is_dir() and not formats:
            # A typo such as out.npx would otherwise become a folder.
            raise UsageError(f"-o {as_text(output)}: expected .npz, .npy, .png, or --format for a folder")
        self._formats = list(dict.fromkeys(formats or ["npz"]))
        self.folder = output
        self._refuse_collisions(files)

    @staticmethod
    def _refuse_collisions(files):
        seen = {}
        for path in map(Path, files):
            other = seen.setdefault(path.stem, path)
            if other is not path:
                raise UsageError(f"{as_text(other)} and {as_text(path)} would have the same output name")

    def make_folder(self) -> None:
        """Create the folder for the files."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def paths(self, source: Any, channel: int | None = None) -> Any:
        """Output paths of an input file, or of one channel of it."""
        stem = Path(source).stem if self._file is None else self._file.stem
        if channel is not None:
            stem = f"{stem}.ch{channel}"
        return [self.folder / f"{stem}.{kind}" for kind in self._formats]


def write(spectrogram: Any, path: Any, title: str) -> None:
    """Write a spectrogram as ``.npz``, ``.npy`` (the values alone) or ``.png``, by the path's suffix."""
    with replacing(path) as temporary, open(temporary, "wb") as file:
        if path.suffix == ".npz":
            spectrogram.save(file)
        elif path.suffix == ".npy":
            import numpy as np

            np.save(file, spectrogram.data)
        else:
            _write_png(spectrogram, file, title)


def _write_png(spectrogram, file, title):
    from spectrograms._common.extras import require
    from spectrograms.integrations.plot import plot

    require("matplotlib", "drawing spectrograms")
    # Without pyplot, which would choose a window system and keep every figure alive.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    # Matplotlib would typeset text between dollar signs as a formula.
    plot(spectrogram, figure.add_subplot(), title=visible(title).replace("$", r"\$"))
    figure.savefig(file, format="png", dpi=120)
