"""Fingerprints: short names for the exact numbers that a configuration gives.

Two results with the same fingerprint were computed with the same settings by the same definition. Thread
counts and the sizes of blocks and batches change no number, and are not part of a configuration.
"""

from __future__ import annotations

import json
from typing import Any

#: Version of the numeric contract, raised when any default output changes by more than rounding, so that
#: results from before and after can be told apart.
NUMERIC_VERSION = 1

#: Version of the last bits, raised when outputs change by rounding alone. No fingerprint depends on it, since
#: the numbers mean the same; stores record it, so that a run that goes on with one can say so.
ROUNDING = 2


def canonical_json(config: dict[str, Any]) -> str:
    """The one JSON text of a configuration: keys sorted, no spaces, ASCII only.

    Parameters
    ----------
    config : dict
        Plain data. NaN and infinities raise ValueError.

    Returns
    -------
    str
    """
    return json.dumps(config, sort_keys=True, separators=(",", ":"), allow_nan=False)


def fingerprint(config: dict[str, Any]) -> str:
    """The fingerprint of a configuration.

    Parameters
    ----------
    config : dict
        Plain data, as the `to_dict` method of a plan gives it.

    Returns
    -------
    str
        32 hexadecimal digits: BLAKE2b of the numeric contract's version and the canonical JSON.
    """
    from hashlib import blake2b  # seldom needed, and brings OpenSSL

    text = f"{NUMERIC_VERSION}\n{canonical_json(config)}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
