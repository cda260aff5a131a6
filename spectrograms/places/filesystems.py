"""Who reads and writes objects: Arrow's filesystems, or fsspec's where Arrow has none."""

from __future__ import annotations

import os
import threading
from typing import Any

from spectrograms._common.extras import require
from spectrograms.errors import InvalidInputError
from spectrograms.places.urls import Url

# Schemes of Arrow's own, and fsspec's where the whole URL is the path.
_ARROW = {"s3", "gs", "gcs", "abfs", "abfss", "hdfs", "viewfs"}
_WHOLE = {"http", "https"}
_PURPOSE = "reading and writing object stores"

_lock = threading.Lock()
# A filesystem, and where in it a bucket begins, by URL. A forked process has connections of its own.
_known: dict[tuple[int, str], tuple[Any, str]] = {}


def filesystem_of(url: Url) -> tuple[Any, str]:
    """The filesystem of a URL, and the path in it.

    Raises
    ------
    InvalidInputError
        If nobody knows such URLs, or its settings are wrong.
    ImportError
        If pyarrow, or fsspec or what it needs for this kind of URL, is missing.
    """
    key = os.getpid(), url.scheme if url.scheme in _WHOLE else url.root
    with _lock:
        found = _known.get(key)
        if found is None:
            found = _known[key] = _found(url)
    filesystem, base = found
    if url.scheme in _WHOLE:
        return filesystem, url.full
    path = url.key
    return filesystem, f"{base}/{path}" if base and path else base or path


def _found(url):
    fs = require("pyarrow.fs", _PURPOSE)
    pa = require("pyarrow", _PURPOSE)
    if url.scheme not in _ARROW:
        return _of_fsspec(fs, url)
    try:
        filesystem, base = fs.FileSystem.from_uri(url.root)
    except pa.ArrowNotImplementedError:
        return _of_fsspec(fs, url)
    except (ValueError, OSError) as error:
        raise InvalidInputError(f"{url} cannot be reached: {words_of(error, url)}") from None
    if url.scheme == "s3":
        filesystem = _in_one_go(fs, filesystem)
    return filesystem, base.strip("/")


def _in_one_go(fs, filesystem):
    """The same filesystem; small objects are written by one request, where Arrow knows how."""
    try:
        _, (settings,) = filesystem.__reduce__()
        if settings.get("allow_delayed_open") is False:
            return fs.S3FileSystem._reconstruct({**settings, "allow_delayed_open": True})
    except (AttributeError, TypeError, ValueError):
        pass  # another version: objects are written by three requests
    return filesystem


def _of_fsspec(fs, url):
    fsspec = require("fsspec", f"{_PURPOSE} of {url.scheme}://")
    try:
        found, base = fsspec.core.url_to_fs(url.full if url.scheme in _WHOLE else url.root)
    except ImportError as error:
        raise ImportError(f"{_PURPOSE} of {url.scheme}:// needs more: {error}") from error
    except ValueError as error:
        raise InvalidInputError(
            f"{url} must be in a kind of store that pyarrow or fsspec knows: {words_of(error, url)}"
        ) from None
    return fs.PyFileSystem(fs.FSSpecHandler(found)), str(base).rstrip("/")


def words_of(error: BaseException, url: Url) -> str:
    """What an error says, in one line, without secrets of the URL or its settings."""
    words = " ".join(str(error).split()) or type(error).__name__
    for secret in url.secrets:
        words = words.replace(secret, "***")
    return words if len(words) <= 300 else f"{words[:297]}..."
