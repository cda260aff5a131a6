"""The command line. `parser` says what can be typed; one module per verb does it.

Nothing here or in `parser`, `options` and `console` imports NumPy or compiled code: help, usage errors
and ``--print-config`` answer at once. A verb's module is imported when the verb is run.

Exit codes: 0 all well; 1 the run failed; 2 wrong usage; 3 finished, but some inputs failed, or sources of a
store have changed or gone; 130 interrupted by Ctrl-C or SIGTERM. Of several that fit, the first of 2, 1, 130
and 3 is given.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Sequence
from contextlib import contextmanager
from importlib import import_module

from spectrograms._common.interrupts import handling
from spectrograms.cli.console import Console
from spectrograms.cli.options import UsageError
from spectrograms.cli.parser import make_parser
from spectrograms.errors import SpectrogramError, SpectrogramWarning

OK, FAILED, USAGE, SOME_INPUTS_FAILED, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : list of str, optional
        Arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        0, 1, 2, 3 or 130, as in the module's docstring. Wrong syntax raises SystemExit(2), and ``--help``
        and ``--version`` raise SystemExit(0), as argparse does.
    """
    parser = make_parser()
    args = parser.parse_args(argv)
    console = Console(quiet=args.quiet, verbose=args.verbose)
    verb = import_module(f"spectrograms.cli.run_{args.verb}")
    try:
        # SIGTERM unwinds like Ctrl-C, so that temporary files are removed.
        with handling(_interrupt, signal.SIGTERM), _short_warnings(console):
            some_failed = verb.run(args, console)
        sys.stdout.flush()
    except UsageError as error:
        console.error(f"{error} (see spectrograms {args.verb} --help)")
        return USAGE
    except KeyboardInterrupt:
        console.error("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone. What is buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (OSError, ImportError, MemoryError, SpectrogramError) as error:
        console.error(error)
        console.trace()
        return FAILED
    return SOME_INPUTS_FAILED if some_failed else OK


@contextmanager
def _short_warnings(console):
    """Give warnings of ours as one line each, without the line of code that gave rise to it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # filters belong to all threads
        return
    said = set()

    def show(message, category, filename, lineno, file=None, line=None):
        if not issubclass(category, SpectrogramWarning):
            usual(message, category, filename, lineno, file, line)
        elif str(message) not in said:
            said.add(str(message))
            console.warn(message)

    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", SpectrogramWarning)
        warnings.showwarning = show
        yield


def _interrupt(number, frame):
    raise KeyboardInterrupt
