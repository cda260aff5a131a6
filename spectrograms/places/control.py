"""What Arrow's filesystems cannot do: writing under a condition, and ending uploads that nobody goes on with.

S3 can, through boto3, if that is installed; of others nothing is known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC
from importlib.util import find_spec
from typing import Any

from spectrograms.places.filesystems import filesystem_of, words_of
from spectrograms.places.urls import Url

# What stores answer if a condition does not hold, or another request with one is at work.
_NOT_HELD = (409, 412)


class Control:
    """Requests to a bucket of S3.

    Parameters
    ----------
    client : boto3.client
    url : Url
    """

    def __init__(self, client: Any, url: Url) -> None:
        self._client = client
        self._bucket = str.__str__(url).partition("://")[2].partition("/")[0]

    @staticmethod
    def of(url: Url) -> Control | None:
        """The control of a bucket; None if there is none."""
        if url.scheme != "s3" or find_spec("boto3") is None:
            return None
        import boto3

        filesystem, _ = filesystem_of(url)
        try:
            _, (known,) = filesystem.__reduce__()
        except (AttributeError, TypeError, ValueError):
            known = {}
        endpoint = known.get("endpoint_override")
        if endpoint and "://" not in endpoint:
            endpoint = f"{known.get('scheme') or 'https'}://{endpoint}"
        client = boto3.client(
            "s3",
            endpoint_url=endpoint or None,
            region_name=known.get("region") or None,
            aws_access_key_id=known.get("access_key") or None,
            aws_secret_access_key=known.get("secret_key") or None,
            aws_session_token=known.get("session_token") or None,
        )
        return Control(client, url)

    def put(self, url: Url, content: bytes, tag: str | None) -> str | None:
        """Write an object if the one there has a tag, or, with None, if there is none.

        Returns
        -------
        str or None
            Its own tag; None if the condition does not hold.

        Raises
        ------
        OSError
            If the store cannot be reached, or knows no conditions.
        """
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}

        def put():
            return self._client.put_object(Bucket=self._bucket, Key=url.key, Body=content, **condition)[
                "ETag"
            ]

        return self._asked(url, put)

    def get(self, url: Url) -> tuple[bytes, str, float] | None:
        """The content of an object, its tag, and its age in seconds; None if there is none."""

        def get():
            found = self._client.get_object(Bucket=self._bucket, Key=url.key)
            return found["Body"].read(), found["ETag"], found

        found = self._asked(url, get, (404,))
        if found is None:
            return None
        content, tag, answer = found
        now = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return content, tag, _since(answer["LastModified"], now)

    def end_uploads(self, folder: Url, is_ours: Callable[[str], bool]) -> int:
        """End uploads of objects right in a folder that were begun and not completed; how many there were."""
        prefix, ended = f"{folder.key}/", 0
        for upload in self._uploads(prefix):
            if is_ours(upload["Key"].removeprefix(prefix)):
                which = {"Key": upload["Key"], "UploadId": upload["UploadId"]}
                self._asked(folder, lambda: self._client.abort_multipart_upload(Bucket=self._bucket, **which))  # noqa: B023
                ended += 1
        return ended

    def _uploads(self, prefix) -> Iterable[Any]:
        pages = self._client.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            yield from page.get("Uploads", ())

    def _asked(self, url, request, none=_NOT_HELD) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return request()
        except ClientError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") in none:
                return None
            raise OSError(f"{url} cannot be reached: {words_of(error, url)}") from None
        except BotoCoreError as error:
            raise OSError(f"{url} cannot be reached: {words_of(error, url)}") from None


def _since(written, now):
    """Seconds since an object was written, by the clock of its store, which has whole ones."""
    from datetime import datetime
    from email.utils import parsedate_to_datetime

    current = parsedate_to_datetime(now) if now else datetime.now(UTC)
    return (current - written).total_seconds()
