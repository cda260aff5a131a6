"""``spectrograms completion``: scripts for shells, made of the parser."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from spectrograms.cli.parser import make_parser

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


class _Flag(NamedTuple):
    """An option of a verb: its spellings, what it is, whether it takes a value, and which ones there are."""

    names: tuple[str, ...]
    help: str
    takes: bool
    choices: tuple[str, ...]


def run(args: Namespace, console: Console) -> bool:
    """Print the script. Returns False: there is nothing that could fail."""
    script = {"bash": _bash, "zsh": _zsh, "fish": _fish}[args.shell]
    print("\n".join(script(_verbs())))
    return False


def _verbs() -> dict[str, tuple[str, list[_Flag], tuple[str, ...]]]:
    """Verb -> its summary, its flags, and the words that its arguments may be (else they are files)."""
    parser = make_parser()
    found: dict[str, tuple[str, list[_Flag], tuple[str, ...]]] = {}
    for verb, each in parser.get_default("parser_of").items():
        flags: list[_Flag] = []
        words: tuple[str, ...] = ()
        for action in each._actions:
            choices = tuple(map(str, action.choices or ()))
            if action.option_strings:
                takes = action.nargs != 0
                text = "" if action.help in (None, argparse.SUPPRESS) else action.help % vars(action)
                flags.append(_Flag(tuple(action.option_strings), text, takes, choices))
            else:
                words += choices
        found[verb] = each.description, flags, words
    return found


_BASH = """\
# bash completion of spectrograms: source this file, or put it where bash-completion looks for it.
_spectrograms() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then"""


def _bash(verbs) -> Iterator[str]:
    yield _BASH
    yield f"        {_offered([*verbs, '--help', '--version'])}"
    yield '    fi\n    case "$verb $before" in'
    for verb, (_, flags, _) in verbs.items():
        for flag in flags:
            if flag.choices:
                pattern = "|".join(f'"{verb} {name}"' for name in flag.names)
                yield f"        {pattern}) {_offered(flag.choices)} ;;"
    yield '    esac\n    case "$verb $word" in'
    for verb, (_, flags, _) in verbs.items():
        yield f'        "{verb} -"*) {_offered(name for flag in flags for name in flag.names)} ;;'
    for verb, (_, _, words) in verbs.items():
        if words:
            yield f'        "{verb} "*) {_offered(words)} ;;'
    # Where the function finds nothing, names of files are completed.
    yield "    esac\n}\ncomplete -o bashdefault -o default -F _spectrograms spectrograms"


def _offered(words):
    return f'COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$word")); return'


def _zsh(verbs) -> Iterator[str]:
    yield "#compdef spectrograms"
    yield "# zsh completion of spectrograms: a file _spectrograms in a folder of $fpath, before compinit."
    yield "_spectrograms() {"
    yield "    local -a verbs"
    yield "    verbs=("
    for verb, (summary, _, _) in verbs.items():
        yield f"        {_quoted(f'{verb}:{summary}')}"
    yield "    )"
    yield "    if (( CURRENT == 2 )); then _describe verb verbs; return; fi"
    yield "    local verb=$words[2]"
    yield "    shift words; (( CURRENT-- ))"
    yield "    case $verb in"
    for verb, (_, flags, words) in verbs.items():
        yield f"        {verb})"
        yield "            _arguments \\"
        for flag in flags:
            text = flag.help.replace("[", "(").replace("]", ")").replace(":", " -")
            value = ""
            if flag.takes:
                value = f":value:({' '.join(flag.choices)})" if flag.choices else ":value:_files"
            for name in flag.names:
                yield f"                {_quoted(f'*{name}[{text}]{value}')} \\"
        rest = f"*:argument:({' '.join(words)})" if words else "*:file:_files"
        yield f"                {_quoted(rest)} ;;"
    yield "    esac"
    yield "}"
    yield 'if [ "$funcstack[1]" = "_spectrograms" ]; then _spectrograms "$@"; '
    yield "else compdef _spectrograms spectrograms; fi"


def _fish(verbs) -> Iterator[str]:
    yield "# fish completion of spectrograms: a file in ~/.config/fish/completions."
    yield "complete -c spectrograms -n __fish_use_subcommand -l version -d 'print the version and exit'"
    for verb, (summary, flags, words) in verbs.items():
        yield f"complete -c spectrograms -n __fish_use_subcommand -f -a {verb} -d {_quoted(summary, True)}"
        inside = f"complete -c spectrograms -n '__fish_seen_subcommand_from {verb}'"
        if words:
            yield f"{inside} -f -a '{' '.join(words)}'"
        for flag in flags:
            names = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names
            )
            value = (" -x" if flag.choices else " -r") if flag.takes else ""
            value += f" -a '{' '.join(flag.choices)}'" if flag.choices else ""
            yield f"{inside} {names}{value} -d {_quoted(flag.help, True)}"


def _quoted(text, fish=False):
    """A word in single quotes, which fish escapes otherwise than the others."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'") if fish else text.replace("'", "'\\''")
    return f"'{escaped}'"
