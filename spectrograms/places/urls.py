"""Strings that are paths on this machine, and those that are not."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import quote, unquote

from spectrograms.errors import InvalidInputError, shown

# A drive letter is not a scheme. Path objects merge two slashes into one, hence the list of schemes.
_URL = re.compile(
    r"([a-z][a-z0-9+.-]+)://|(?:s3a?|gs|gcs|https?|ftps?|sftp|ssh|file|hf|hdfs|webhdfs|abfss?|azure|az|adl|wasbs?|oci"
    r"|r2):/",
    re.IGNORECASE,
)
# Settings behind a name, which may hold a question mark of its own.
_SETTINGS = re.compile(r"\?[A-Za-z_][\w.-]*=.*$", re.DOTALL)
# Settings that are no secrets.
_SAID = {"region", "scheme", "endpoint_override", "allow_bucket_creation", "allow_bucket_deletion"}


class Url(str):
    """The name of something in an object store: its text has neither settings nor credentials.

    Parameters
    ----------
    full : str
        With everything it takes to get there.

    Attributes
    ----------
    full : str
    key : str
        What follows the bucket or host, without a slash at its beginning.
    """

    __slots__ = ("_parts", "full", "key")
    full: str
    key: str
    _parts: tuple[str, str, str, str, str]

    def __new__(cls, full: str) -> Url:
        scheme, user, host, path, _ = parts = _parts_of(full)
        at = f"{user}@" if user and ":" not in user and not scheme.startswith("s3") else ""
        made = super().__new__(cls, f"{scheme}://{at}{host}{path}")
        made.full, made.key, made._parts = full, path.lstrip("/"), parts
        return made

    @property
    def scheme(self) -> str:
        """What stands before ``://``, in lower case."""
        return self._parts[0]

    @property
    def secrets(self) -> list[str]:
        """Words that no message may repeat."""
        _, user, _, _, settings = self._parts
        given = [setting.partition("=") for setting in settings[1:].split("&")]
        words = [*user.split(":"), *(value for name, _, value in given if name not in _SAID)]
        said = str.__str__(self)
        return [
            word for each in words for word in (each, unquote(each)) if len(word) > 3 and word not in said
        ]

    def at(self, key: str) -> Url:
        """The name of something else in the same bucket."""
        scheme, user, host, _, settings = self._parts
        user = f"{quote(user, safe=':%')}@" if user else ""
        return Url(f"{scheme}://{user}{host}/{key}{settings}")

    def beside(self, name: str) -> Url:
        """The name of something in this folder."""
        key = self.key.rstrip("/")
        return self.at(f"{key}/{name}" if key else name)

    @property
    def parent(self) -> Url:
        """The folder that it is in."""
        return self.at(self.key.rstrip("/").rpartition("/")[0])

    @property
    def root(self) -> str:
        """The bucket or host, with the settings."""
        return self.at("").full

    def __reduce__(self) -> tuple[Any, ...]:
        return Url, (self.full,)


def _parts_of(full):
    """Scheme, user with password, host or bucket, path and settings, with what stands between them."""
    match = _SETTINGS.search(full)
    front, settings = (full, "") if match is None else (full[: match.start()], match[0])
    scheme, _, rest = front.partition("://")
    host, slash, path = rest.partition("/")
    if "@" not in host and ":" in host and "@" in path and scheme.lower() not in ("http", "https"):
        # A password with a slash in it, as it came.
        user, _, rest = rest.partition("@")
        host, slash, path = rest.partition("/")
    else:
        user, _, host = host.rpartition("@")
    return scheme.lower(), user, host, slash + path, settings


def is_url(path: Any) -> bool:
    """Whether something is text that names no path on this machine."""
    return isinstance(path, str) and _URL.match(path) is not None


def said(path: Any) -> Any:
    """A path as messages may repeat it."""
    return str.__str__(Url(path)) if is_url(path) and "://" in path else path


def placed(path: str | os.PathLike[str], what: str) -> str:
    """A local path as text, or a :class:`Url`.

    Parameters
    ----------
    path : str or path
    what : str
        The name of the path in messages.

    Raises
    ------
    InvalidInputError
        If it is empty, has NUL in it, or is a URL that leads nowhere.
    """
    path = os.fspath(path)
    if isinstance(path, Url):
        return path
    if not is_url(path) or not path.partition("://")[1]:
        return local(path, what)
    scheme, _, rest = path.partition("://")
    if scheme.lower() == "file" or "\0" in path or not rest.strip("/") or rest.startswith(("/", "?")):
        return local(path, what)
    return Url(path)


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
        if match[1] is None and scheme != "file":
            remedy = f"two slashes follow {scheme}: in a URL, and text keeps them, which a Path does not"
        url = str(Url(path)) if match[1] else path
        url = url if len(url) <= 200 else f"{url[:197]}..."
        raise InvalidInputError(f"{what} must be a path on this machine, got the URL {url!r}: {remedy}")
    return path
