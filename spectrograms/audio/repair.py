"""Recordings of unknown length, with the headers they should have: libsndfile refuses them, or finds nothing.

A recording that was written to a pipe states no length, or -1, where the sound begins. It goes to the end.
"""

from __future__ import annotations

import io
from typing import BinaryIO

_OGG = b"OggS"
_OGG_FLAC = b"\x7fFLAC"


def repaired(file: BinaryIO, size: int, spool: BinaryIO) -> bool:
    """Write a file to `spool` as it should be. Returns False, and writes nothing, if nothing has to be done.

    Parameters
    ----------
    file : binary file
        The recording.
    size : int
        Its bytes.
    spool : binary file
        Where the other one goes.
    """
    file.seek(0)
    head = file.read(12)
    if head[:4] == _OGG:
        return _flac_from_ogg(file, spool)
    if head[:4] == b"caff":
        place, patch = _open_end(file, 8, 8, "big", size), _caf_size
    elif head[:4] in (b"RIFF", b"RF64") and head[8:] == b"WAVE":
        place, patch = _open_end(file, 12, 4, "little", size), _wav_size
    else:
        return False
    if place is None:
        return False
    file.seek(0)
    start = bytearray(file.read(place))
    patch(start, size - place)
    spool.write(start)
    while chunk := file.read(1 << 20):
        spool.write(chunk)
    return True


def _open_end(file, position, width, order, size):
    """Where the sound of a file of chunks begins, if it states no length; else None."""
    while position < size:
        file.seek(position)
        head = file.read(4 + width)
        if len(head) < 4 + width:
            break
        stated, position = int.from_bytes(head[4:], order), position + 4 + width
        if head[:4] == b"data":
            unknown = stated in (0, (1 << 8 * width) - 1)
            return position if unknown and size > position and not _chunks(file, position, size) else None
        position += stated + (stated & 1) * (width == 4)
    return None


def _chunks(file, position, size):
    """Whether other chunks, up to the end, follow a sound that is in truth empty."""
    while position < size:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8 or not head[:4].isascii() or not head[:4].decode("ascii").isprintable():
            return False
        stated = int.from_bytes(head[4:], "little")
        position += 8 + stated + (stated & 1)
    return position <= size + 1


def _caf_size(start, n_bytes):
    start[-8:] = n_bytes.to_bytes(8, "big")


def _wav_size(start, n_bytes):
    # Sizes have 32 bits here; -1 is unknown to libsndfile, which reads to the end.
    start[:4] = b"RIFF"
    start[4:8] = start[-4:] = min(n_bytes, 0xFFFFFFFF).to_bytes(4, "little")


def _flac_from_ogg(file, spool):
    """The FLAC in an Ogg stream; libsndfile does not decode most of those that other programs write."""
    file.seek(0)
    serial, packet, n_packets = None, io.BytesIO(), 0
    while True:
        head = file.read(27)
        if len(head) < 27 or head[:4] != _OGG:
            break
        lacing = file.read(head[26])
        body = file.read(sum(lacing))
        if serial is None:
            if not body.startswith(_OGG_FLAC):
                return False
            serial = head[14:18]
        if head[14:18] != serial:
            continue
        position = 0
        for size in lacing:
            packet.write(body[position : position + size])
            position += size
            if size < 255:
                content = packet.getvalue()
                # The first one has a header of its own before that of FLAC.
                spool.write(content[9:] if n_packets == 0 else content)
                n_packets += 1
                packet = io.BytesIO()
    spool.write(packet.getvalue())
    return n_packets > 1
