"""The syntax of the command line."""

from __future__ import annotations

import argparse
from typing import NoReturn

from spectrograms.cli.console import visible
from spectrograms.cli.options import BY_NAME, OPTIONS, Option

FORMATS = ("npz", "npy", "png")
EXPORTS = ("npz", "npy", "parquet", "zarr", "kaldi", "webdataset")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line; argparse makes the parsers of the verbs of the same class."""

    def error(self, message: str) -> NoReturn:
        """End the process with exit code 2."""
        self.exit(2, f"spectrograms: error: {visible(message)} (see {self.prog} --help)\n")


def make_parser() -> Parser:
    """The parser of the whole command line."""
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    common.add_argument("-q", "--quiet", action="store_true", help="only errors on stderr")
    common.add_argument("-v", "--verbose", action="store_true", help="a line per file, and tracebacks")

    parser = Parser(
        prog="spectrograms",
        description="Spectrograms of audio files.",
        epilog=_exit_codes("some inputs failed, or a store has problems"),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def add(verb, text, some_failed=None, epilog=""):
        """A verb; `some_failed` says what exit code 3 means, if the verb has one."""
        epilog = f"{epilog} {_exit_codes(some_failed)}".strip()
        return verbs.add_parser(
            verb, parents=[common], help=text, description=f"{text.capitalize()}.", epilog=epilog
        )

    _compute_arguments(
        add(
            "compute",
            "compute spectrograms of audio files",
            "some files failed, the others are written",
            epilog="Configuration: defaults < --config FILE < flags; --print-config shows the result.",
        )
    )
    _average_arguments(
        add(
            "average",
            "average the spectrum of a file over stretches of time",
            epilog="Files of any length and rate are taken block by block. Levels are those of the averages.",
        )
    )
    _extract_arguments(
        add(
            "extract",
            "extract features of a corpus into a store, or continue an earlier run",
            "some inputs failed, now or in an earlier run, or have changed or gone since they were stored",
            epilog="INPUT: a folder, a pattern, an audio file, a list of files (.txt), a manifest (.csv, "
            ".tsv, .jsonl, .json) with path and optionally id, start and duration, Kaldi's wav.scp, lhotse's "
            "cuts (.jsonl.gz), an archive (.tar, .tar.gz), or a table (.parquet, .arrow). Names may have "
            "braces: 'train-{0000..0127}.tar'.",
        )
    )
    verify = add(
        "verify",
        "read whole feature stores and report what is wrong with them",
        "a store has problems, or cannot be read",
    )
    verify.add_argument("stores", nargs="+", metavar="STORE")
    export = add("export", "write a feature store in another format")
    export.add_argument("store", metavar="STORE")
    export.add_argument("--to", required=True, choices=EXPORTS, dest="kind", help="format")
    export.add_argument("-o", "--output", required=True, metavar="OUT", help="file (npz) or folder to make")
    info = add("info", "show what audio files and feature stores are", "some of them cannot be read")
    info.add_argument("files", nargs="+", metavar="FILE")
    demo = add(
        "demo",
        "compute, draw and store mel spectrograms of a folder of recordings, and time it",
        "some recordings failed",
    )
    demo.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="default: tests/data/audio of a checkout, or three sounds that are made",
    )
    demo.add_argument("-o", "--output", default="demo-output", metavar="OUTDIR", help="default: %(default)s")
    frontends = add("frontends", "list the frontends, or show the parameters of one")
    frontends.add_argument("name", nargs="?", metavar="NAME")
    compare = add(
        "compare",
        "say how and why the features of two configurations differ",
        epilog="A and B: a frontend's name, NAME,key=value,... or the path of a configuration file.",
    )
    compare.add_argument("a", metavar="A")
    compare.add_argument("b", metavar="B")
    compare.add_argument("--audio", metavar="FILE", help="measure on this recording; default: a test signal")
    add("version", "show the versions of this package and of what it runs on")
    return parser


def _exit_codes(some_failed):
    """All exit codes, and which one is given if several apply."""
    three = f"3 {some_failed}; " if some_failed else ""
    rank = "2, 1, 130 and 3" if some_failed else "2, 1 and 130"
    return (
        f"Exit codes: 0 all well; 1 the run failed; 2 wrong usage; {three}130 interrupted. "
        f"Of several that fit, the first of {rank} is given."
    )


class _Version(argparse.Action):
    """``--version``, imported only when asked for."""

    def __call__(self, parser, namespace, values, option_string=None):
        from spectrograms import __version__

        print(f"spectrograms {__version__}")
        parser.exit()


def _compute_arguments(parser):
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="a .npz, .npy or .png file for one FILE, - for .npy on stdout, or a folder",
    )
    parser.add_argument(
        "--format",
        action="append",
        choices=FORMATS,
        dest="formats",
        help="what to write into a folder; may be repeated; default: npz",
    )
    parser.add_argument("--print-config", action="store_true", help="print the options as JSON and exit")
    _workers_argument(parser)
    _spectrogram_arguments(parser)


def _average_arguments(parser):
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="a .npz or .csv file")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="length of a stretch; default: all")
    parser.add_argument(
        "--percentiles",
        type=float,
        nargs="+",
        default=[],
        metavar="P",
        help="beside the mean, such as 5 50 95; they need --every for files beyond memory",
    )
    _spectrogram_arguments(parser)


def _spectrogram_arguments(parser):
    parser.add_argument("--config", metavar="CONFIG", help="JSON or TOML file with the options below")
    options = parser.add_argument_group("options")
    for option in OPTIONS:
        flag = "--" + option.name.replace("_", "-")
        # Without defaults, the namespace holds only what was typed, which overrides the config file.
        shared = {"dest": option.name, "default": argparse.SUPPRESS, "help": _help(option)}
        if isinstance(option.default, bool):
            spellings = ("--centre", "--center") if option.name == "centre" else (flag,)
            options.add_argument(*spellings, action=argparse.BooleanOptionalAction, **shared)
        elif option.choices:
            options.add_argument(flag, choices=option.choices, **shared)
        else:
            metavar = {"a whole number": "N", "a number": "X"}.get(option.kind, option.name.upper())
            options.add_argument(flag, type=_converter(option), metavar=metavar, **shared)


def _extract_arguments(parser):
    parser.add_argument("inputs", nargs="*", metavar="INPUT")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--frontend",
        metavar="NAME",
        help="a frontend: NAME or NAME,key=value,... (spectrograms frontends lists them)",
    )
    what.add_argument(
        "--config",
        metavar="FILE",
        help="JSON of a frontend or plan, as to_json writes it, or the preprocessor configuration of a model",
    )
    parser.add_argument("-o", "--out", metavar="DIR", help="folder of the store")
    parser.add_argument("--print-config", action="store_true", help="print the settings as JSON and exit")

    how = parser.add_argument_group("what is stored")
    how.add_argument(
        "--dtype",
        choices=("float16", "float32", "float64"),
        help="type of the values; default: that of the frontend or plan",
    )
    _add_option(how, "channels", "C")
    how.add_argument(
        "--segment",
        type=float,
        metavar="SECONDS",
        help="cut files into rows of this many seconds, in constant memory",
    )
    _add_option(how, "resampling_quality", "Q")
    how.add_argument(
        "--shard-files", type=int, metavar="N", help="files in a shard; default: 512, fewer of a short list"
    )

    again = parser.add_argument_group("existing stores")
    again.add_argument("--overwrite", action="store_true", help="start again instead of continuing")
    again.add_argument("--retry-errors", action="store_true", help="retry inputs that failed before")
    again.add_argument(
        "--refresh",
        action="store_true",
        help="recompute changed sources, and drop the rows of those that are gone",
    )
    again.add_argument(
        "--strict", action="store_true", help="stop with an error at the first input that fails"
    )

    again.add_argument(
        "--on-duplicate",
        choices=("error", "suffix", "first"),
        default="error",
        help="inputs with equal ids: an error, ids with the suffix of each file, or only the first; "
        "default: error",
    )

    where = parser.add_argument_group("processes, threads, jobs and machines")
    _workers_argument(where)
    where.add_argument(
        "--num-threads",
        type=int,
        metavar="N",
        help="threads of each worker; default: 1, and all cores if there is one worker. "
        "Given alone: one worker of so many threads",
    )
    where.add_argument("--shard-index", type=int, metavar="I", help="of a job array: this job, from 0")
    where.add_argument("--num-shards", type=int, metavar="N", help="of a job array: number of jobs")
    cluster = where.add_mutually_exclusive_group()
    cluster.add_argument("--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://host:8786")
    cluster.add_argument("--local-cluster", type=int, metavar="N", help="start N Dask workers here")


def _workers_argument(parser):
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes to share the work; default: one for each core, and 1 for less than a second of work",
    )


def _add_option(group, name, metavar):
    """An option of `compute` for another verb: the same default, checks and words."""
    option = BY_NAME[name]
    flag = "--" + name.replace("_", "-")
    group.add_argument(
        flag, type=_converter(option), default=option.default, metavar=metavar, help=_help(option)
    )


def _help(option):
    shown = "default" in option.help or option.default is None
    return option.help if shown else f"{option.help}; default: {str(option.default).lower()}"


def _converter(option: Option):
    """A converter for argparse, with messages of our own."""

    def convert(text):
        try:
            return option.checked(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected {option.expected}, got {text!r}") from None

    return convert
