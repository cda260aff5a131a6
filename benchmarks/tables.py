"""Tables for the terminal and for the documentation, and the arguments of what prints them."""

import argparse
from pathlib import Path


def arguments(description, **numbers):
    """The arguments of a script over a folder of recordings: its numbers with their defaults, --markdown."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def print_table(head, lines, markdown):
    """Print rows of text as aligned columns, or as Markdown; columns of numbers are right-aligned there."""
    if markdown:
        rule = ["---", *["---:"] * (len(head) - 1)]
        for line in [head, rule, *lines]:
            print("| " + " | ".join(line) + " |", flush=True)
        return
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in [head, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
