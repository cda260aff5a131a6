"""How pictures look: the options of ``plot`` and ``compute`` for them, and how they are written."""

from __future__ import annotations

import math
from argparse import Namespace
from dataclasses import dataclass, fields
from typing import Any

from spectrograms.cli.console import visible
from spectrograms.cli.options import UsageError
from spectrograms.errors import InvalidInputError

#: Formats of pictures.
PICTURES = ("png", "svg", "pdf")
# Inches: more would take gigabytes.
_LARGEST = 100.0


@dataclass(frozen=True)
class Look:
    """Options of a picture, and which part of a recording it shows."""

    title: str | None = None
    range: float = 80.0
    colour_map: str | None = None
    frequencies: tuple[float, float] | None = None
    size: tuple[float, float] = (10.0, 4.5)
    theme: str = "light"
    waveform: bool = False
    start: float = 0.0
    duration: float | None = None

    @classmethod
    def of(cls, args: Namespace) -> Look:
        """What was typed; UsageError if it makes no sense."""
        given = {each.name: getattr(args, each.name) for each in fields(cls) if hasattr(args, each.name)}
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        look = cls(**given)
        ranges = {
            "--range": (look.range, look.range > 0, "a number of dB > 0"),
            "--start": (look.start, look.start >= 0, "seconds >= 0"),
            "--duration": (look.duration, look.duration is None or look.duration > 0, "seconds > 0"),
            "--size": (
                look.size,
                all(0.5 <= side <= _LARGEST for side in look.size),
                "inches from 0.5 to 100",
            ),
        }
        if look.frequencies is not None:
            low, high = look.frequencies
            ranges["--frequencies"] = (look.frequencies, 0 <= low < high, "Hz that ascend")
        for flag, (value, good, expected) in ranges.items():
            numbers = value if isinstance(value, tuple) else (value,)
            if not good or not all(each is None or math.isfinite(each) for each in numbers):
                shown = " ".join(f"{each:g}" for each in numbers)
                raise UsageError(f"{flag} must be {expected}, got {shown}")
        return look

    def suit(self, config: dict[str, Any]) -> None:
        """Raise UsageError for what pictures of a configuration do not have."""
        if self.frequencies is not None and config["feature"] != "spectrogram":
            raise UsageError(f"--frequencies needs --feature spectrogram, got {config['feature']}")

    def check(self) -> None:
        """Raise UsageError for a theme or a colour map that there is not; ImportError without Matplotlib."""
        from spectrograms.integrations.figures import themed

        try:
            with themed(self.theme):
                import matplotlib as mpl
        except InvalidInputError as error:
            raise UsageError(f"--{error}") from None
        if self.colour_map is not None and self.colour_map not in mpl.colormaps:
            raise UsageError(
                "--colour-map must be one of Matplotlib's, such as magma, viridis or gray, "
                f"got {self.colour_map}"
            )

    @property
    def options(self) -> dict[str, Any]:
        """Those that `plot` takes."""
        return {"cmap": self.colour_map, "dynamic_range": self.range, "start": self.start or None}


def add_look(parser: Any) -> None:
    """Add the options of pictures to a verb."""
    look = parser.add_argument_group("pictures")
    look.add_argument("--title", metavar="TEXT", help="default: name and settings")
    look.add_argument(
        "--range", type=float, default=Look.range, metavar="DB", help="of the colours; default: %(default)g"
    )
    look.add_argument("--colour-map", "--cmap", metavar="NAME", help="of Matplotlib; default: magma")
    look.add_argument(
        "--frequencies", type=float, nargs=2, metavar=("LOW", "HIGH"), help="to show, in Hz; default: all"
    )
    look.add_argument(
        "--start", type=float, default=0.0, metavar="SECONDS", help="where to begin; default: 0"
    )
    look.add_argument("--duration", type=float, metavar="SECONDS", help="how much to take; default: the rest")
    look.add_argument(
        "--size", type=float, nargs=2, default=Look.size, metavar=("WIDTH", "HEIGHT"),
        help="inches of 120 pixels; default: 10 4.5",
    )  # fmt: skip
    look.add_argument(
        "--theme",
        default=Look.theme,
        metavar="NAME",
        help="light, dark, or a style of Matplotlib; default: light",
    )


def draw(spectrogram: Any, file: Any, kind: str, title: str, look: Look, samples: Any = None) -> None:
    """Write the picture of a result into a file, as ``png``, ``svg`` or ``pdf``."""
    from spectrograms.integrations.figures import new_figure, plain, themed
    from spectrograms.integrations.plot import plot

    with themed(look.theme):
        figure = new_figure(look.size)
        ax = figure.add_subplot()
        plot(spectrogram, ax, title=plain(visible(look.title or title)), samples=samples, **look.options)
        if look.frequencies is not None:
            ax.set_ylim(*look.frequencies)
        save(figure, file, kind)


def save(figure: Any, file: Any, kind: str) -> None:
    """Write a figure. Files of the same picture are the same bytes: no dates, no random names within."""
    import matplotlib as mpl

    dated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with mpl.rc_context({"svg.hashsalt": "spectrograms"}):
        figure.savefig(file, format=kind, dpi=120, metadata=dated.get(kind))
