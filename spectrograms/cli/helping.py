"""What ``--help`` says beside the arguments: groups of verbs, examples, exit codes; errors with a hint."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Mapping
from typing import Any, NoReturn

from spectrograms.cli.console import visible

#: Verbs by what they are for; those that no group names come last.
GROUPS = {
    "Recordings": ("compute", "average", "info", "plot", "demo"),
    "Corpora and feature stores": ("extract", "verify", "export", "report"),
    "Configurations": ("frontends", "compare"),
    "This program": ("completion", "version"),
}

#: Verb -> pairs of words and a command. A test runs each, in order, in a folder that has what they read.
EXAMPLES = {
    "compute": (
        (
            "a picture, mel bands in dB",
            "spectrograms compute talk.wav -o talk.png --scale mel --n-mels 64",
        ),
        (
            "arrays of all recordings in a folder, at any depth, and a picture of each",
            "spectrograms compute recordings -o features --scale mel --format npz --format png",
        ),
        (
            "ERB bands, in dB re 20 uPa of samples in Pa",
            "spectrograms compute talk.wav -o talk.npz --scale erb --spacing erb_rate --reference 20e-6",
        ),
        (
            "constant Q as musicians mean it",
            "spectrograms compute talk.wav -o talk.png --scale cqt --cqt-method multirate --hop-size 512",
        ),
        (
            "pitch classes; also mfcc, contrast, onsets, centroid and others",
            "spectrograms compute talk.wav -o chroma.png --feature chroma --n-fft 4096 --hop-size 1024",
        ),
        (
            "the options of a run in a file, and again with one of them changed",
            "spectrograms compute --scale mel --print-config > mel.json\n"
            "spectrograms compute talk.wav -o talk.npz --config mel.json --n-fft 512",
        ),
    ),
    "plot": (
        (
            "seconds 0.5 to 2 with the waveform above, over 60 dB",
            "spectrograms plot talk.wav -o look.svg --start 0.5 --duration 1.5 --waveform --range 60",
        ),
        ("many recordings on one page", "spectrograms plot recordings --sheet -o sheet.png --scale mel"),
    ),
    "report": (
        (
            "lengths, bands, failures, pictures of remarkable clips",
            "spectrograms report store -o report.html",
        ),
    ),
    "average": (
        (
            "third-octave levels of each second, with percentiles",
            "spectrograms average talk.wav -o levels.csv --scale octave --every 1 --percentiles 5 50 95",
        ),
    ),
    "extract": (
        (
            "ten random files first, with pictures, and what all of them would take",
            "spectrograms extract recordings --frontend whisper_openai -o trial --sample 10",
        ),
        (
            "all of them; the same command goes on after an interruption",
            "spectrograms extract recordings --frontend whisper_openai -o store",
        ),
        (
            "another frontend, with a parameter of its own, in half precision",
            "spectrograms extract recordings --frontend kaldi_fbank,num_mel_bins=40 --dtype float16 -o fbank",
        ),
        (
            "the first of 32 jobs of an array",
            "spectrograms extract recordings --frontend kaldi_fbank -o jobs --shard-index 0 --num-shards 32",
        ),
    ),
    "verify": (("a store, before training", "spectrograms verify store"),),
    "export": (
        ("for a reader of NumPy's archives", "spectrograms export store --to npz -o features.npz"),
        ("for Kaldi", "spectrograms export store --to kaldi -o kaldi"),
    ),
    "info": (
        ("headers of recordings", "spectrograms info talk.wav recordings"),
        ("levels: peak, mean power, offset, clipping", "spectrograms info --stats talk.wav"),
        ("a store, with the mean and spread of its bands", "spectrograms info --stats store"),
    ),
    "demo": (("recordings of your own", "spectrograms demo recordings -o demo-output"),),
    "frontends": (
        ("all names", "spectrograms frontends"),
        ("the parameters of one", "spectrograms frontends kaldi_fbank"),
    ),
    "compare": (
        (
            "what one parameter changes, on a recording",
            "spectrograms compare librosa_logmel librosa_logmel,n_mels=64 --audio talk.wav",
        ),
    ),
    "completion": (
        ("bash, for this user", "spectrograms completion bash > completion.bash\n. ./completion.bash"),
        ("zsh and fish read a file of their own", "spectrograms completion fish > spectrograms.fish"),
    ),
    "version": (("for a report of a fault", "spectrograms version --json"),),
}


class Formatter(argparse.HelpFormatter):
    """Fills paragraphs, and keeps lines that begin with spaces as they are."""

    def _fill_text(self, text, width, indent):
        blocks = []
        for block in text.split("\n\n"):
            if "\n  " not in block:
                block = textwrap.fill(" ".join(block.split()), width)
            blocks.append(textwrap.indent(block, indent))
        return "\n\n".join(blocks)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line; argparse makes the parsers of the verbs of the same class."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=Formatter, **options)

    def error(self, message: str) -> NoReturn:
        """End the process with exit code 2."""
        self.exit(
            2, f"spectrograms: error: {visible(message + self._hint(message))} (see {self.prog} --help)\n"
        )

    def _hint(self, message):
        """What may have been meant by a word that argparse does not know."""
        if found := re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message):
            known = re.findall(r"[\w-]+", found[2])
        elif found := re.search(r"unrecognized arguments: (-\S+)", message):
            known = [each for each in self._option_string_actions if each.startswith("--")]
        else:
            return ""
        from difflib import get_close_matches  # not needed for help

        near = get_close_matches(found[1].partition("=")[0], known, 1)
        return f"; did you mean {near[0]}?" if near else ""


def grouped(verbs: Mapping[str, str]) -> str:
    """A list of verbs and their summaries, by group."""
    named = {verb for group in GROUPS.values() for verb in group}
    groups = {**GROUPS, "Others": tuple(verb for verb in verbs if verb not in named)}
    width = max(map(len, verbs))
    paragraphs = []
    for title, members in groups.items():
        lines = [f"  {verb:{width}}  {verbs[verb]}" for verb in members if verb in verbs]
        if lines:
            paragraphs.append("\n".join([f"{title}:", *lines]))
    return "\n\n".join(paragraphs)


def examples(verb: str) -> str:
    """The examples of a verb as a paragraph; empty if there are none."""
    lines = []
    for words, commands in EXAMPLES.get(verb, ()):
        lines += [f"  {words}:", *(f"    {command}" for command in commands.split("\n"))]
    return "\n".join(["examples:", *lines]) if lines else ""


def exit_codes(some_failed: str | None) -> str:
    """All exit codes, and which one is given if several apply."""
    three = f"3 {some_failed}; " if some_failed else ""
    rank = "2, 1, 130 and 3" if some_failed else "2, 1 and 130"
    return (
        f"Exit codes: 0 all well; 1 the run failed; 2 wrong usage; {three}130 interrupted. "
        f"Of several that fit, the first of {rank} is given."
    )
