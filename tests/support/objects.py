"""An S3 server on this machine, and a client to look into it from outside."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

BUCKET = "bucket"
_SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
server.stop()
"""
# Nobody asks the network for credentials or a region.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "somebody",
    "AWS_SECRET_ACCESS_KEY": "something-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Bucket:
    """A bucket, as others see it."""

    def __init__(self, port, reached=None):
        import boto3

        self.address = f"127.0.0.1:{port}"
        self.client = boto3.client("s3", endpoint_url=f"http://{self.address}")
        self.reached = reached or self.address

    def url(self, key=""):
        """The URL of a key, as users write it."""
        return f"s3://{BUCKET}/{key}?endpoint_override={self.reached}&scheme=http&region=us-east-1"

    def through(self, address):
        """The same bucket, whose URLs lead somewhere else."""
        other = object.__new__(Bucket)
        other.__dict__.update(self.__dict__, reached=address)
        return other

    def put(self, key, content):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)

    def fill(self, folder, prefix):
        """Put the files of a folder there."""
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                self.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def get(self, key):
        return self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def keys(self, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        found = (entry["Key"] for page in pages for entry in page.get("Contents", ()))
        # Arrow leaves the name of a folder behind when it removes an object.
        return [key for key in found if not key.endswith("/")]

    def content(self, prefix):
        """Every object below a name, byte for byte."""
        return {key.removeprefix(f"{prefix}/"): self.get(key) for key in self.keys(f"{prefix}/")}

    def remove(self, *keys):
        for key in keys:
            self.client.delete_object(Bucket=BUCKET, Key=key)

    def uploads(self):
        """Uploads that were begun and not ended."""
        found = self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())
        return [upload["Key"] for upload in found]

    def empty(self):
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            self.remove(*(entry["Key"] for entry in page.get("Contents", ())))
        for upload in self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ()):
            which = {"Key": upload["Key"], "UploadId": upload["UploadId"]}
            self.client.abort_multipart_upload(Bucket=BUCKET, **which)


@contextmanager
def serving():
    """An S3 server, and a bucket in it.

    In a process of its own: Arrow may wait for an answer without letting other threads of Python go on.
    """
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        bucket = Bucket(int(server.stdout.readline()))
        bucket.client.create_bucket(Bucket=BUCKET)
        yield bucket
    finally:
        server.communicate("", timeout=30)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture(scope="module")
def server():
    """A bucket that the tests of a module share."""
    with serving() as found:
        yield found


@pytest.fixture
def bucket(server):
    """An empty bucket."""
    yield server
    server.empty()
