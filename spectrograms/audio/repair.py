"""Headers for recordings of unknown length, which libsndfile refuses or takes for empty.

A recording that was written to a pipe states the length 0 or -1 where the sound begins. It lasts to the end.
"""

from __future__ import annotations

import io
from typing import BinaryIO, Literal, NamedTuple

_OGG = b"OggS"
_OGG_FLAC = b"\x7fFLAC"


def repaired(file: BinaryIO, size: int, spool: BinaryIO) -> bool:
    """Write a file with the right header to `spool`. Returns False, and writes nothing, if it needs none.

    Parameters
    ----------
    file : binary file
        The recording.
    size : int
        Its bytes.
    spool : binary file
        Where to write.
    """
    file.seek(0)
    head = file.read(12)
    if head[:4] == _OGG:
        return _flac_from_ogg(file, spool)
    layout = _LAYOUTS.get(head[:4])
    place = None if layout is None else _open_end(file, layout, size)
    if layout is None or place is None:
        return False
    # Some programs write the header again when they know the length: in a pipe, before or after the sound.
    position, end = place, size
    file.seek(0)
    start = file.read(place)
    while layout.unsized(file.read(place)) == layout.unsized(start):
        position += place
    file.seek(max(size - place, position))
    if layout.unsized(file.read(place)) == layout.unsized(start):
        end -= place
    spool.write(layout.stating(start, end - position))
    file.seek(position)
    while position < end and (chunk := file.read(min(1 << 20, end - position))):
        spool.write(chunk)
        position += len(chunk)
    return True


class _Layout(NamedTuple):
    """The form of the chunks of a container.

    Attributes
    ----------
    first : int
        Where they begin.
    name, width : int
        Bytes of their name, and of their size.
    order : str
        That of the bytes of a size.
    own : int
        Bytes of a chunk's head that its size includes.
    align : int
        Chunks begin at multiples of it.
    edits : int
        Bytes before the first sample.
    total : int
        Where the size of the whole file stands; 0 if nowhere.
    """

    first: int
    name: int
    width: int
    order: Literal["little", "big"]
    own: int
    align: int
    edits: int
    total: int

    def chunk(self, file, position):
        """Name, stated size, where the content begins and where the next chunk does; or None."""
        file.seek(position)
        head = file.read(self.name + self.width)
        if len(head) < self.name + self.width:
            return None
        stated, content = int.from_bytes(head[self.name :], self.order), position + len(head)
        after = content + stated - self.own
        return head[:4], stated, content, after + -after % self.align

    def unsized(self, start):
        """A header without its sizes."""
        start = bytearray(start)
        place = len(start) - self.edits - self.width
        start[place : place + self.width] = bytes(self.width)
        if self.total:
            start[self.total : self.total + self.width] = bytes(self.width)
        return start

    def stating(self, start, n_bytes):
        """The header with the true number of bytes of samples."""
        most = (1 << 8 * self.width) - 1
        size = min(n_bytes + self.edits + self.own, most).to_bytes(self.width, self.order)
        start = start[: len(start) - self.edits - self.width] + size + start[len(start) - self.edits :]
        if start[:4] in (b"RIFF", b"RF64"):
            # Sizes have 32 bits here; libsndfile takes -1 for unknown and reads to the end.
            start = b"RIFF" + min(n_bytes, most).to_bytes(4, "little") + start[8:]
        return start


_WAV = _Layout(12, 4, 4, "little", 0, 2, 0, 4)
_LAYOUTS = {
    b"RIFF": _WAV,
    b"RF64": _WAV,
    b"caff": _Layout(8, 4, 8, "big", 0, 1, 4, 0),
    b"riff": _Layout(40, 16, 8, "little", 24, 8, 0, 16),  # W64
}


def _open_end(file, layout, size):
    """Where the sound of a file of chunks begins, if its stated size is 0 or unknown; else None."""
    position = layout.first
    while position < size and (chunk := layout.chunk(file, position)) is not None:
        name, stated, content, after = chunk
        if name == b"data":
            unknown = stated <= layout.own + layout.edits or stated == (1 << 8 * layout.width) - 1
            place = content + layout.edits
            return place if unknown and size > place and not _chunks(file, layout, place, size) else None
        if after <= position:
            break
        position = after
    return None


def _chunks(file, layout, position, size):
    """Whether the sound really is empty: other chunks follow, up to the end."""
    while position < size:
        chunk = layout.chunk(file, position)
        if chunk is None or not chunk[0].isascii() or not chunk[0].decode("ascii").isprintable():
            return False
        if chunk[3] <= position:
            return False
        position = chunk[3]
    return position < size + layout.align


def _flac_from_ogg(file, spool):
    """Extract the FLAC of an Ogg stream; libsndfile does not decode most of those of other programs."""
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
                # The first packet has a header of its own before that of FLAC.
                spool.write(content[9:] if n_packets == 0 else content)
                n_packets += 1
                packet = io.BytesIO()
    spool.write(packet.getvalue())
    return n_packets > 1
