"""The command line. `parser` defines what can be typed; each verb has a module that runs it.

Nothing here or in `parser`, `options` and `console` imports NumPy or compiled code, so that help, usage
errors and ``--print-config`` answer at once. The module of a verb is imported when the verb is run.

Exit codes: 0 success; 1 the run failed; 2 wrong usage; 3 finished, but some inputs failed, or sources of a
store have changed or gone; 130 interrupted by Ctrl-C or SIGTERM. If several apply, the first of 2, 1, 130
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
from spectrograms._common.sharing import without_blas_threads
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
    args, unknown = parser.parse_known_args(argv)
    if unknown:  # said by the parser of the verb, which knows its options
        args.parser_of[args.verb].error(f"unrecognized arguments: {' '.join(unknown)}")
    console = Console(quiet=args.quiet, verbose=args.verbose)
    without_blas_threads()
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
        # The reader of our output has gone. Python must not try to flush the buffer again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (OSError, ImportError, MemoryError, SpectrogramError) as error:
        console.error(error)
        console.trace(error)
        return FAILED
    return SOME_INPUTS_FAILED if some_failed else OK


@contextmanager
def _short_warnings(console):
    """Print each of our warnings once, as one line without the line of code that caused it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # filters are shared by all threads
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
