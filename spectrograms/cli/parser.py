"""The syntax of the command line."""

from __future__ import annotations

import argparse

from spectrograms.cli.helping import Parser, examples, exit_codes, grouped
from spectrograms.cli.look import PICTURES, add_look
from spectrograms.cli.options import BY_NAME, GROUPS, OPTIONS, Option

FORMATS = ("npz", "npy", *PICTURES)
SHELLS = ("bash", "zsh", "fish")
EXPORTS = ("npz", "npy", "parquet", "zarr", "kaldi", "webdataset")


def make_parser() -> Parser:
    """The parser of the whole command line."""
    common = Parser(add_help=False)
    talk = common.add_argument_group("messages")
    talk.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    talk.add_argument("-q", "--quiet", action="store_true", help="only errors on stderr")
    talk.add_argument("-v", "--verbose", action="store_true", help="a line per file, and tracebacks")

    parser = Parser(prog="spectrograms", epilog=exit_codes("some inputs failed, or a store has problems"))
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    verbs = parser.add_subparsers(
        dest="verb",
        required=True,
        metavar="VERB",
        help="one of the above; spectrograms VERB --help says more",
    )
    parser.set_defaults(parser_of=verbs.choices)
    summaries: dict[str, str] = {}

    def add(verb, text, some_failed=None, epilog=""):
        """A verb; `some_failed` says what exit code 3 means, if the verb has one."""
        summaries[verb] = text
        paragraphs = (epilog, examples(verb), exit_codes(some_failed))
        return verbs.add_parser(
            verb,
            parents=[common],
            description=f"{text[0].upper()}{text[1:]}.",
            epilog="\n\n".join(filter(None, paragraphs)),
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
    _plot_arguments(add("plot", "draw recordings and saved results", "some files failed"))
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
    page = add("report", "describe a feature store in one page of HTML, with pictures")
    page.add_argument("store", metavar="STORE")
    page.add_argument("-o", "--output", required=True, metavar="OUT", help="a .html file")
    info = add("info", "show what audio files and feature stores are", "some of them cannot be read")
    info.add_argument(
        "files", nargs="+", metavar="FILE", help="a recording, a store, or a folder of recordings"
    )
    info.add_argument("--stats", action="store_true", help="read them, and show levels and what bands hold")
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
    completion = add("completion", "print a script that completes commands in a shell")
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    add("version", "show the versions of this package and of what it runs on")
    parser.description = f"Spectrograms and features of sound.\n\n{grouped(summaries)}"
    return parser


class _Version(argparse.Action):
    """``--version``, imported only when asked for."""

    def __call__(self, parser, namespace, values, option_string=None):
        from spectrograms import __version__

        print(f"spectrograms {__version__}")
        parser.exit()


def _compute_arguments(parser):
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="a recording, or a folder of them at any depth"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="a .npz, .npy, .png, .svg or .pdf file for one FILE, - for .npy on stdout, or a folder",
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
    add_look(parser)
    _spectrogram_arguments(parser)


def _plot_arguments(parser):
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a recording, a folder of them, or a result saved as .npz"
    )
    parser.add_argument(
        "-o", "--output", metavar="OUT", help="a .png, .svg or .pdf file, or a folder; default: this folder"
    )
    parser.add_argument("--format", choices=PICTURES, help="of the pictures in a folder; default: png")
    parser.add_argument("--sheet", action="store_true", help="all on one page; default: sheet.png")
    parser.add_argument("--waveform", action="store_true", help="with the waveform above")
    add_look(parser)
    _spectrogram_arguments(parser)


def _average_arguments(parser):
    parser.add_argument("file", metavar="FILE", help="a recording of any length")
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
    groups = {}
    for title, names in GROUPS.items():
        groups |= dict.fromkeys(names, parser.add_argument_group(title))
    for option in OPTIONS:
        flag = "--" + option.name.replace("_", "-")
        group = groups[option.name]
        # Without defaults, the namespace holds only what was typed, which overrides the config file.
        shared = {"dest": option.name, "default": argparse.SUPPRESS, "help": _help(option)}
        if isinstance(option.default, bool):
            spellings = ("--centre", "--center") if option.name == "centre" else (flag,)
            group.add_argument(*spellings, action=argparse.BooleanOptionalAction, **shared)
        elif option.choices:
            group.add_argument(flag, choices=option.choices, **shared)
        else:
            metavar = {"a whole number": "N", "a number": "X"}.get(option.kind, option.name.upper())
            group.add_argument(flag, type=_converter(option), metavar=metavar, **shared)


def _extract_arguments(parser):
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="see below")
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
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="try N random inputs: a table, pictures, and what all would take",
    )

    how = parser.add_argument_group("what is stored")
    how.add_argument(
        "--dtype",
        choices=("int8", "float16", "float32", "float64"),
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
    return option.help if shown else f"{option.help}; default: {_default(option.default)}"


def _default(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def _converter(option: Option):
    """A converter for argparse, with messages of our own."""

    def convert(text):
        try:
            return option.checked(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected {option.expected}, got {text!r}") from None

    return convert
