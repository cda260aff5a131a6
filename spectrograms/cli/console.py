"""Messages, failures and progress, all on stderr. Data go to stdout."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from spectrograms._common.files import as_text
from spectrograms.cli.progress import Lines

# Control characters, line breaks of Unicode, and marks that change the direction of text.
_UNSEEN = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPES = {code: chr(code).encode("unicode_escape").decode("ascii") for code in _UNSEEN}


def visible(text: object) -> str:
    """A line that is safe to print: names of files may hold line breaks and control sequences."""
    return as_text(str(text)).translate(_ESCAPES)


def reason(error: object, path: str | None = None) -> str:
    """What went wrong, in words: errors of the system without their number, and without `path` itself."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    names = [as_text(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    names = [name for name in names if name != path]
    return f"{' -> '.join(names)}: {error.strerror}" if names else error.strerror


def print_json(document: dict[str, Any]) -> None:
    """Print one machine-readable object on stdout, with the version of its schema."""
    print(json.dumps({"schema": 1, **document}, indent=2))


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], file: TextIO | None = None) -> None:
    """Print rows of text in columns, the first one aligned left and the others right."""
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells).rstrip(), file=file)


class Console:
    """Messages at the level asked for, and the list of inputs that failed."""

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self.quiet = quiet
        self.verbose = verbose
        self.failed: list[Any] = []

    def say(self, message: object) -> None:
        """A line about the run; silent with ``-q``."""
        if not self.quiet:
            print(visible(message), file=sys.stderr)

    def detail(self, message: object) -> None:
        """A line that is printed only with ``-v``."""
        if self.verbose:
            self.say(message)

    def warn(self, message: object) -> None:
        """Something that the user should know; silent with ``-q``."""
        self.say(f"spectrograms: warning: {message}")

    def error(self, message: object) -> None:
        """The reason why the run ends; printed even with ``-q``."""
        print(f"spectrograms: error: {visible(reason(message))}", file=sys.stderr)

    def trace(self, error: BaseException) -> None:
        """The traceback of an error, with ``-v``."""
        if self.verbose:
            for line in "".join(traceback.format_exception(error)).splitlines():
                print(visible(line), file=sys.stderr)

    def fail(self, path: Any, error: BaseException) -> None:
        """Remember an input that failed; the run goes on."""
        name = as_text(path)
        self.failed.append({"path": name, "error": type(error).__name__, "message": reason(error, name)})
        self.trace(error)

    def report_failed(self, n_inputs: int) -> bool:
        """List the failed inputs, if any. Returns whether there were any."""
        if self.failed:
            print(f"spectrograms: {len(self.failed)} of {n_inputs} inputs failed:", file=sys.stderr)
            for entry in self.failed:
                print(visible(f"  {entry['path']}: {entry['message']}"), file=sys.stderr)
        return bool(self.failed)

    def progress(self, items: Sequence[Any], unit: str = "file") -> Iterator[Any]:
        """The items, with their progress if there are several."""
        if len(items) < 2:
            yield from items
            return
        with self.bar(len(items), unit) as show:
            for done, item in enumerate(items, 1):
                yield item
                show(done, f"{len(self.failed)} failed" if self.failed else "")

    @contextmanager
    def bar(self, total: int, unit: str = "file") -> Iterator[Callable[..., None]]:
        """A progress bar to be set by hand, or a line every half minute if there is no terminal.

        Yields
        ------
        callable
            Takes the number done, a few words, how many were done before this run (they do not count for
            its speed), and the total number if it has changed.
        """
        if self.quiet:
            yield lambda done, words="", before=0, total=None: None
            return
        tqdm = self._tqdm()
        if tqdm is None:
            with Lines(total, unit, self.say) as lines:
                yield lines.show
            return
        with tqdm(total=total, unit=unit, file=sys.stderr, leave=False) as bar:

            def show(done: int, words: str = "", before: int = 0, total: int | None = None) -> None:
                bar.initial = before
                bar.total = bar.total if total is None else total
                bar.set_postfix_str(words, refresh=False)
                bar.update(done - bar.n)

            yield show

    def _tqdm(self) -> Any:
        """The class of progress bars, if there is a terminal and tqdm is installed."""
        if self.verbose or not sys.stderr.isatty():
            return None
        try:
            from tqdm import tqdm
        except ImportError:
            return None
        return tqdm
