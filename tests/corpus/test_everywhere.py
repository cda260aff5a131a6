"""Recordings from every kind of place give one store, and so do killed runs; see tests/everywhere.py."""

import os

import pytest

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")

from ..support.corpora import recordings
from ..support.everywhere import CREWS, SOURCES, Ways, packed
from ..support.objects import serving

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are killed by signals")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return recordings(tmp_path_factory.mktemp("everywhere") / "audio", 40, 0.5)


@pytest.fixture(scope="module")
def near(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("near")
    return Ways(packed(folder, place), place, 4)


@pytest.mark.slow
@pytest.mark.parametrize("way", [*SOURCES[:-1], *CREWS[:-1]])
def test_a_store_is_the_same_from_everywhere(near, way):
    near.whole(way)
    assert near.killed(way, 2) == 2


def test_a_store_is_the_same_from_an_object_store(folder, tmp_path):
    pytest.importorskip("moto", reason="needs moto: pip install 'moto[s3]' flask flask-cors")
    with serving() as bucket:
        far = Ways(packed(folder, tmp_path, bucket), tmp_path, 4)
        far.whole("S3")
        assert far.killed("S3", 2) == 2
