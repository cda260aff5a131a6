"""Strings that are paths on this machine, and those that are not."""

from __future__ import annotations

import os
import re

from spectrograms.errors import InvalidInputError, shown

# A drive letter is not a scheme. Path objects merge two slashes into one, hence the list of schemes.
_URL = re.compile(
    r"[a-z][a-z0-9+.-]+://|(?:s3a?|gs|gcs|https?|ftps?|sftp|ssh|file|hf|hdfs|webhdfs|abfss?|azure|az|adl|wasbs?|oci|r2)"
    r":/",
    re.IGNORECASE,
)


def local(path: str | os.PathLike[str], what: str) -> str:
    """Check that something is a local path, and return it as text.

    A URL would become a folder called ``s3:``, and an empty path the current folder.

    Parameters
    ----------
    path : str or path
    what : str
        The name of the path in the message.

    Raises
    ------
    InvalidInputError
        If it is empty, has NUL in it, or is a URL.
    """
    path = os.fspath(path)
    if not path or "\0" in os.fsdecode(path):
        raise InvalidInputError(f"{what} must be a path, got {shown(path)}")
    if isinstance(path, str) and (match := _URL.match(path)):
        scheme = match[0].partition(":")[0].lower()
        remedy = "leave out file://" if scheme == "file" else "copy it here, or mount it"
        url = path if len(path) <= 200 else f"{path[:197]}..."
        raise InvalidInputError(f"{what} must be a path on this machine, got the URL {url!r}: {remedy}")
    return path
