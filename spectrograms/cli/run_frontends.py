"""``spectrograms frontends``: the names of all, or the parameters of one."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from spectrograms._frontends.making import frontends
from spectrograms._frontends.toolkits.catalogue import definition_of
from spectrograms.cli.console import print_json
from spectrograms.cli.options import UsageError
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Print the list, or one frontend. Returns False: there are no inputs that could fail."""
    if args.name is None:
        listed = frontends()
        if args.json:
            print_json({"command": "frontends", "frontends": listed})
        else:
            width = max(map(len, listed))
            for name, summary in listed.items():
                print(f"{name.ljust(width)}  {summary}")
        return False
    try:
        row = definition_of(args.name)
    except InvalidInputError as error:
        raise UsageError(str(error)) from None
    if args.json:
        print_json({"command": "frontends", **_document(row)})
    else:
        print("\n".join(_lines(row)))
    return False


def _document(row):
    return {
        "name": row.name,
        "summary": row.summary,
        "sample_rate": row.rate,
        "sample_rate_is_fixed": row.fixed,
        "layout": "(frames, rows)" if row.layout == "time" else "(rows, frames)",
        "dtype": row.dtype,
        "parameters": {
            name: {
                "default": None if kind.required else kind.default,
                "required": kind.required,
                "expected": kind.wanted,
            }
            for name, kind in row.parameters.items()
        },
    }


def _lines(row):
    document = _document(row)
    rate = (
        "to be given" if row.rate is None else f"{row.rate} Hz, {'no other' if row.fixed else 'the default'}"
    )
    yield f"{row.name}: {row.summary}"
    yield f"sample rate: {rate}; result: {document['layout']} {row.dtype}"
    for name, parameter in document["parameters"].items():
        default = "required" if parameter["required"] else f"default {parameter['default']!r}"
        yield f"  {name}: {default}; {parameter['expected']}"
