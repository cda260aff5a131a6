"""The checksum of bytes, against zlib, with zlib-ng and without."""

import runpy
import sys
import zlib

import numpy as np
import pytest

from spectrograms._common import checksum


@pytest.fixture(params=["zlib-ng", "zlib"])
def crc32(request, monkeypatch):
    if request.param == "zlib-ng":
        pytest.importorskip("zlib_ng")
    else:
        monkeypatch.setitem(sys.modules, "zlib_ng.zlib_ng", None)
    found = runpy.run_path(checksum.__file__)["crc32"]
    assert (found is zlib.crc32) == (request.param == "zlib")
    return found


def test_every_length_and_address(crc32):
    content = np.random.default_rng(0).integers(0, 256, 2000, np.uint8)
    for length in range(1000):
        for first in (0, 1, 7, 64):
            part = content[first : first + length]
            assert crc32(part) == zlib.crc32(part), (length, first)


@pytest.mark.parametrize("fill", [0, 255])
def test_bytes_that_are_all_alike(crc32, fill):
    for length in (255, 256, 257, 4096, 100_001):
        assert crc32(bytes([fill]) * length) == zlib.crc32(bytes([fill]) * length)


def test_a_checksum_goes_on_where_another_ended(crc32):
    content, total = np.random.default_rng(1).bytes(3_000_000), 0
    for first, stop in ((0, 1), (1, 1), (1, 300), (300, 2_000_000), (2_000_000, 3_000_000)):
        total = crc32(content[first:stop], total)
    assert total == zlib.crc32(content)
    assert crc32(content, 0x9E3779B9) == zlib.crc32(content, 0x9E3779B9)


def test_any_contiguous_buffer(crc32):
    numbers = np.arange(1000.0)
    assert crc32(numbers) == crc32(memoryview(numbers)) == zlib.crc32(numbers.tobytes())
    with pytest.raises((BufferError, ValueError)):
        crc32(numbers[::2])
    with pytest.raises(TypeError):
        crc32("text")
