"""``spectrograms compare``: how and why the features of two configurations differ."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import TYPE_CHECKING

from spectrograms.audio import read_audio
from spectrograms.cli.console import print_json
from spectrograms.cli.naming import frontend_named
from spectrograms.cli.options import UsageError, any_path
from spectrograms.comparison.comparing import compare, configured
from spectrograms.errors import InvalidInputError
from spectrograms.places.urls import local

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Print the comparison. Returns False: it succeeds or fails as a whole."""
    try:
        a, b = _made(args.a), _made(args.b)
        samples = None
        if args.audio is not None:
            path = any_path("--audio", args.audio)
            samples = tuple(read_audio(path, sample_rate=made.sample_rate)[0] for made in (a, b))
        comparison = compare(a, b, samples)
    except (InvalidInputError, TypeError) as error:
        raise UsageError(str(error)) from None
    if args.json:
        print_json({"command": "compare", **comparison.to_dict()})
    else:
        print(comparison)
    return False


def _made(text):
    """A frontend by name, with parameters after commas; or a plan or frontend from a file or JSON."""
    local(text, "a configuration")
    if os.path.exists(text) or text.lstrip().startswith("{"):
        return configured(text)
    return frontend_named(text)
