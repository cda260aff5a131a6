"""Recordings joined end to end, as by ``cat`` or a radio station between two songs: where each begins.

Ogg calls it chaining, FLAC has no word for it; libsndfile reads the first one, and seeks into any of them.
Every byte has to be looked at to find them all: a file joined to itself states the length at which it ends.
"""

from __future__ import annotations

import re
from functools import cache
from typing import BinaryIO

#: First bytes of recordings that can be joined: Ogg, and FLAC, which may have tags in front.
JOINABLE = (b"OggS", b"fLaC", b"ID3")

_FIRST_PAGE = b"OggS\0\x02"
_PAGE_BYTES = 27
# One expression for each: a search is as fast as memory if the expression begins with a single literal.
_OGG = re.compile(re.escape(_FIRST_PAGE))
# The mark of FLAC, and the header of the block of 34 bytes that has to follow it.
_FLAC = re.compile(rb"fLaC[\0\x80]\0\0\x22")
_MARK_BYTES = 8
_CHUNK = 1 << 20


def beginnings(file: BinaryIO, size: int) -> list[int]:
    """Where the recordings in a file of Ogg or FLAC begin; the first one at 0, with its tags.

    Parameters
    ----------
    file : binary file
    size : int
        Its bytes.

    Notes
    -----
    A mark counts only if it is followed by an Ogg page with the right checksum, or by the blocks of FLAC up
    to a frame whose header has one. Parallel streams of Ogg (sound and pictures) begin together, and count
    as one.
    """
    file.seek(0)
    head = file.read(4)
    if not head.startswith(JOINABLE):
        return [0]
    mark, after = (_OGG, _after_first_pages) if head == b"OggS" else (_FLAC, _after_blocks)
    found: list[int] = []
    position = 0
    while (start := _search(mark, file, position, size)) is not None:
        stop = after(file, start)
        if stop is not None:
            found.append(start)
        position = stop or start + 1
    if found and (found[0] == 0 or head.startswith(b"ID3")):
        del found[0]
    return [0, *found]


def _search(mark, file, position, size):
    """Where a mark stands from some position on; None if there is none."""
    while position < size:
        file.seek(position)
        if match := mark.search(file.read(_CHUNK + _MARK_BYTES - 1)):
            return position + match.start()
        position += _CHUNK
    return None


def _after_first_pages(file, position):
    """The end of the first pages of Ogg streams that begin together here; None if none does."""
    first = position
    while True:
        file.seek(position)
        head = file.read(_PAGE_BYTES)
        if len(head) < _PAGE_BYTES or not head.startswith(_FIRST_PAGE):
            break
        lacing = file.read(head[26])
        page = head[:22] + bytes(4) + head[26:] + lacing + file.read(sum(lacing))
        if len(page) < _PAGE_BYTES + len(lacing) + sum(lacing) or _page_sum(page) != head[22:26]:
            break
        position += len(page)
    return position if position > first else None


@cache
def _sums(polynomial, bits):
    """The table of a cyclic checksum, by the first byte."""
    table = []
    for value in range(256):
        value <<= bits - 8
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value >> bits - 1 else 0)
            value &= (1 << bits) - 1
        table.append(value)
    return table


def _page_sum(page):
    """The checksum of an Ogg page, as its bytes."""
    table, value = _sums(0x04C11DB7, 32), 0
    for byte in page:
        value = (value << 8) & 0xFFFFFFFF ^ table[value >> 24 ^ byte]
    return value.to_bytes(4, "little")


def _after_blocks(file, position):
    """Where the metadata of a FLAC ends and its first frame begins; None if there is none."""
    position, last = position + 4, False
    while not last:
        file.seek(position)
        head = file.read(4)
        if len(head) < 4:
            return None
        last = bool(head[0] & 0x80)
        position += 4 + int.from_bytes(head[1:])
    file.seek(position)
    return position if _is_frame(file.read(16)) else None


def _is_frame(head):
    """Whether bytes begin with the header of a FLAC frame."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xFE != 0xF8:
        return False
    # The number of the frame or sample takes 1 to 7 bytes, coded like UTF-8.
    ones = 8 - (head[4] ^ 0xFF).bit_length()
    count = 4 + max(ones, 1)
    # A number of samples and a rate without a code of their own follow.
    count += {6: 1, 7: 2}.get(head[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(head[2] & 0x0F, 0)
    table, value = _sums(0x07, 8), 0
    for byte in head[:count]:
        value = table[value ^ byte]
    return count < len(head) and head[count] == value
