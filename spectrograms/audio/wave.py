"""WAV files of plain samples whose headers leave no doubt, understood without libsndfile.

Corpora of speech consist of thousands of them, a few seconds each, and libsndfile takes longer to open such
a file than it takes to convert its samples. A header is understood only if all its numbers agree with each
other and with the size of the file, and nothing stands in it that could change what they mean: then there is
but one way to read it. Whatever differs, and all that is damaged, is left to libsndfile.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from spectrograms.audio.sources import Source

# RIFF or RF64, the bytes that follow, WAVE; name and size of a chunk.
_FORM = Struct("<4sI4s")
_CHUNK = Struct("<4sI")
# Tag, channels, rate, bytes a second, bytes of a sample of all channels, bits. A second form goes on with the
# size of an extension, which the third has: bits in use, places of the channels, the tag in a GUID.
_FORMAT = Struct("<HHIIHH")
_EXTENDED = Struct("<HHIIHHH")
_EXTENSIBLE = Struct("<HHIIHHHHIH14s")
# In RF64: the bytes that follow, bytes and number of samples, entries of a table of other sizes.
_SIZES = Struct("<QQQI")

_PCM, _FLOATS, _SEE_GUID = 1, 3, 0xFFFE
_GUID = bytes.fromhex("000000001000800000aa00389b71")

# Tag and bits -> the type of a sample for the engine, and libsndfile's name for it.
_KINDS = {
    (_PCM, 8): ("uint8", "PCM_U8"),
    (_PCM, 16): ("int16", "PCM_16"),
    (_PCM, 24): ("int24", "PCM_24"),
    (_PCM, 32): ("int32", "PCM_32"),
    (_FLOATS, 32): ("float32", "FLOAT"),
    (_FLOATS, 64): ("float64", "DOUBLE"),
}

_MOST_CHANNELS = 1024
_MOST_RATE = 2**31 - 1
# No recorder or editor writes more chunks, or a longer list of remarks.
_MOST_CHUNKS = 24
_MOST_REMARKS = 1 << 16
# Stands for a size that is found elsewhere.
_ELSEWHERE = 0xFFFFFFFF

# Chunks that libsndfile passes over, or reads for remarks alone, whatever they hold.
_REMARKS = {
    *(b"JUNK", b"junk", b"FLLR", b"PAD ", b"bext", b"cart", b"iXML", b"axml", b"_PMX", b"id3 ", b"ID3 "),
    *(b"inst", b"DISP", b"minf", b"elm1", b"regn", b"umid"),
}
# Those that say nothing before the format is known.
_AFTER_FORMAT = {b"data", b"fact", b"PEAK"}


class Wave(NamedTuple):
    """Where the samples of a file stand, and what they are.

    Attributes
    ----------
    kind : str
        Type of a sample, as the engine names it.
    container, subtype : str
        As libsndfile names them.
    sample_rate, n_channels : int
    first : int
        Byte at which the samples begin.
    width : int
        Bytes of a sample of all channels.
    length : int
        Samples per channel, at least one.
    """

    kind: str
    container: str
    subtype: str
    sample_rate: int
    n_channels: int
    first: int
    width: int
    length: int


def plain(source: Source) -> Wave | None:
    """What a recording holds if it is a plain WAV file; None if anything about its header is unusual."""
    size = source.size
    head = source.bytes_at(0, _FORM.size)
    if len(head) < _FORM.size or size <= _FORM.size:
        return None
    form, following, kind = _FORM.unpack(head)
    large = form == b"RF64"
    if kind != b"WAVE" or not (large or form == b"RIFF") or following != (_ELSEWHERE if large else size - 8):
        return None
    chunks = _chunks(source, large)
    if chunks is None or b"fmt " not in chunks or b"data" not in chunks:
        return None
    first, n_bytes = chunks.pop(b"fmt ")
    found = _format(source.bytes_at(first, n_bytes)) if n_bytes <= _EXTENSIBLE.size else None
    if found is None:
        return None
    tag, n_channels, sample_rate, per_second, width, bits, container = found
    first, n_bytes = chunks.pop(b"data")
    right = (
        (tag, bits) in _KINDS
        and 0 < n_channels <= _MOST_CHANNELS
        and 0 < sample_rate <= _MOST_RATE
        and width == n_channels * bits // 8
        and per_second == sample_rate * width
        and n_bytes > 0
        and n_bytes % width == 0
        and all(_harmless(source, name, at, size, n_channels) for name, (at, size) in chunks.items())
    )
    if not right:
        return None
    kind, subtype = _KINDS[tag, bits]
    container = "RF64" if large else container
    return Wave(kind, container, subtype, sample_rate, n_channels, first, width, n_bytes // width)


def _chunks(source: Source, large: bool) -> dict[bytes, tuple[int, int]] | None:
    """Where the chunks of a file stand, and their bytes, by name; None unless they fill it without gaps."""
    chunks: dict[bytes, tuple[int, int]] = {}
    position, size = _FORM.size, source.size
    stated = 0
    while position < size:
        head = source.bytes_at(position, _CHUNK.size)
        if len(head) < _CHUNK.size:
            return None
        name, n_bytes = _CHUNK.unpack(head)
        position += _CHUNK.size
        if large and not chunks:
            sizes = source.bytes_at(position, _SIZES.size)
            if (name, n_bytes, len(sizes)) != (b"ds64", _SIZES.size, _SIZES.size):
                return None
            following, stated, _, entries = _SIZES.unpack(sizes)
            if following != size - 8 or entries:
                return None
        elif name in _AFTER_FORMAT and b"fmt " not in chunks:
            return None
        elif name == b"data" and large:
            if n_bytes != _ELSEWHERE:
                return None
            n_bytes = stated
        if name in chunks or len(chunks) == _MOST_CHUNKS or position + n_bytes > size:
            return None
        chunks[name] = position, n_bytes
        position += n_bytes
        if n_bytes % 2 and position < size:
            # The next one begins at an even place. Some programs forget that, and in RF64 libsndfile does.
            last = name == b"data" and position + 1 == size
            if (large and not last) or source.bytes_at(position, 1) != b"\0":
                return None
            position += 1
    if large:
        del chunks[b"ds64"]
    return chunks


def _format(content):
    """The numbers in the chunk of the format and libsndfile's name of its form; None of any other form."""
    if len(content) == _FORMAT.size:
        return *_FORMAT.unpack(content), "WAV"
    if len(content) == _EXTENDED.size:
        *numbers, more = _EXTENDED.unpack(content)
        return None if more else (*numbers, "WAV")
    if len(content) != _EXTENSIBLE.size:
        return None
    tag, *numbers, bits, more, used, _, own_tag, guid = _EXTENSIBLE.unpack(content)
    if (tag, more, used, guid) != (_SEE_GUID, _EXTENSIBLE.size - _EXTENDED.size, bits, _GUID):
        return None
    return own_tag, *numbers, bits, "WAVEX"


def _harmless(source, name, first, n_bytes, n_channels):
    """Whether a chunk changes nothing about the samples, and is none that libsndfile refuses a file for."""
    if name == b"fact":
        return n_bytes == 4
    if name == b"PEAK":
        return n_bytes == 8 + 8 * n_channels
    if name != b"LIST":
        return name in _REMARKS
    remarks = source.bytes_at(first, n_bytes) if n_bytes <= _MOST_REMARKS else b""
    if remarks[:4] != b"INFO" or len(remarks) < n_bytes:
        return False
    position = 4
    while position + _CHUNK.size <= n_bytes:
        name, n = _CHUNK.unpack_from(remarks, position)
        if not (name.startswith(b"I") and name.isalnum()):
            return False
        position += _CHUNK.size + n + n % 2
    return position == n_bytes
