"""Places: what is a path on this machine, and what is none."""

from __future__ import annotations

import os
import re

from spectrograms.errors import InvalidInputError, shown

# A drive letter is no scheme. Path objects make one slash of two, hence the list.
_URL = re.compile(
    r"[a-z][a-z0-9+.-]+://|(?:s3a?|gs|gcs|https?|ftps?|sftp|ssh|file|hf|hdfs|webhdfs|abfss?|azure|az|adl|wasbs?|oci|r2)"
    r":/",
    re.IGNORECASE,
)


def local(path: str | os.PathLike[str], what: str) -> str:
    """A path as text, unless no file can have it, or it is a URL: that would be a folder called ``s3:``.

    An empty path would be the folder we stand in.

    Parameters
    ----------
    path : str or path
    what : str
        What it is the path of, for the message.

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
