"""MPEG audio (MP3) taken apart into frames: where they are, how many samples they hold, what belongs to none.

The decoder is given frames and nothing else: no tags, no headers without sound, no bytes between frames. So
lengths follow from the frames, and the samples that an encoder has added are known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import BinaryIO, NamedTuple

# Bits per second / 1000 by index; 0: free format, None: not allowed. MPEG-1, then MPEG-2 and 2.5.
_KILOBITS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, None),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, None),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, None),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, None),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, None),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, None),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}

# Delay of the decoder in samples; encoders state their own without it.
_DECODER_DELAY = 529

# How far to look for the first frame, and for the second one where frames do not state their size.
_SEARCH_BYTES = 1 << 20
_FREE_BYTES = 1 << 14

# This many frames in a row prove that bytes without any other mark are a recording.
_PROOF = 4

_CHUNK = 1 << 16

# The size that a file without a known end states.
_ENDLESS = 1 << 40

# Where a frame or a tag may begin.
_MARK = re.compile(rb"\xff[\xe2-\xff]|ID3|TAG|APETAGEX")
_MARK_BYTES = 7


class Header(NamedTuple):
    """The first four bytes of a frame.

    Attributes
    ----------
    size : int
        Bytes of the frame; 0 if it does not say (free format).
    n_samples : int
        Samples per channel.
    sample_rate, n_channels, layer : int
    low_rates : bool
        MPEG-2 or 2.5.
    unit : int
        Bytes that padding adds.
    padded : bool
    """

    size: int
    n_samples: int
    sample_rate: int
    n_channels: int
    layer: int
    low_rates: bool
    unit: int
    padded: bool

    def like(self, other: Header) -> bool:
        """Whether a decoder can go on from a frame of one kind to one of the other."""
        return self[1:6] == other[1:6]


@lru_cache(4096)
def _parsed(four: bytes) -> Header | None:
    """The header in four bytes, or None."""
    if len(four) < 4 or four[0] != 0xFF or four[1] < 0xE0:
        return None
    version, layer = four[1] >> 3 & 3, 4 - (four[1] >> 1 & 3)
    if version == 1 or layer == 4 or four[2] >> 2 & 3 == 3:
        return None
    low = version != 3
    kilobits = _KILOBITS[1 + low, layer][four[2] >> 4]
    if kilobits is None:
        return None
    rate = _RATES[version][four[2] >> 2 & 3]
    n_samples = 384 if layer == 1 else 576 if layer == 3 and low else 1152
    unit = 4 if layer == 1 else 1
    padded = bool(four[2] & 2)
    size = kilobits and (n_samples // 8 // unit * 1000 * kilobits // rate + padded) * unit
    return Header(size, n_samples, rate, 1 if four[3] >> 6 == 3 else 2, layer, low, unit, padded)


@dataclass
class Section:
    """Frames that belong together: those of one of several joined files.

    Attributes
    ----------
    first : int
        Where it begins, in samples of the decoder's output.
    skip : int
        Samples at its beginning that the encoder has added.
    stated : int or None
        Frames that its header states.
    keep : int or None
        Where its sound ends, in samples after `first`; None if with its last frame.
    """

    first: int
    skip: int = 0
    stated: int | None = None
    keep: int | None = None


class Window:
    """Bytes of a binary file by position, read in chunks."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._first, self._chunk = 0, b""

    def at(self, position: int, count: int) -> bytes:
        """The `count` bytes at a position; fewer at the end of the file."""
        first = position - self._first
        if first < 0 or first + count > len(self._chunk):
            self._file.seek(position)
            self._chunk = self._file.read(max(count, _CHUNK))
            self._first, first = position, 0
        return self._chunk[first : first + count]


class NoFrames(ValueError):
    """There is no MPEG audio."""


class FormatChange(ValueError):
    """Frames of another kind follow, with which the decoder cannot go on."""


class Frames:
    """The frames of a file one after the other.

    Parameters
    ----------
    file : binary file
        Read and sought.

    Attributes
    ----------
    first : Header
        Of the first frame that holds sound.
    sections : list of Section
        Those met so far.
    n_samples : int
        Samples per channel of the frames met so far.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._bytes = Window(file)
        self._free = 0
        self.sections: list[Section] = []
        self.n_samples: int = 0
        self._n_bytes = 0
        place = self._search(0, _SEARCH_BYTES)
        if place is None:
            raise NoFrames
        self._start = place
        self.first: Header = self._header(place)
        self._kind = self._bytes.at(place, 4)

    def proven(self) -> bool:
        """Whether enough frames follow each other to rule out an accident."""
        return self._chained(self._start, self.first, _PROOF)

    def __iter__(self) -> Iterator[bytes]:
        """The bytes of the frames that hold sound, several consecutive ones at a time.

        Raises
        ------
        FormatChange
        """
        position: int | None = self._start
        while position is not None:
            if run := self._run(position):
                position += len(run)
                yield run
                continue
            found = self._header(position)
            if found is None or not (found.like(self.first) or self._leads(position)):
                position = self._search(position, math.inf)
                continue
            if not found.like(self.first):
                raise FormatChange(
                    f"it changes from {facts(*self.first[2:4])} to {facts(*found[2:4])} after "
                    f"{self.n_samples / self.first.sample_rate:.3f} s"
                )
            size = self._size(found)
            frame = self._bytes.at(position, size)
            if len(frame) < size:
                break  # cut off
            position += size
            if self._begins_section(found, frame):
                continue
            self._begin_unstated()
            self.n_samples += found.n_samples
            self._n_bytes += size
            yield frame

    def _run(self, position):
        """The bytes of consecutive frames that hold sound for certain; none in doubt."""
        if not self.sections:
            return b""
        last, n_samples = self.sections[-1], self.first.n_samples
        pattern, ahead = _pattern(self._kind, self._free), self._bytes.at(position, _CHUNK)
        found = pattern.findall(ahead)
        # The last match is what follows the frames, if anything does.
        if not found:
            return b""
        rest = found.pop()
        count, stop = len(found) + (not rest), len(ahead) - len(rest)
        if last.stated is not None:
            left = last.stated - (self.n_samples - last.first) // n_samples
            if count > left:
                count, stop = left, 0
                for match in islice(pattern.finditer(ahead), left):
                    stop = match.end()
        self.n_samples += count * n_samples
        self._n_bytes += stop
        return ahead[:stop]

    def expected(self, size: int) -> int:
        """About how many samples a file of `size` bytes holds, after the first frames have been met."""
        first = self.sections[0] if self.sections else None
        if first is not None and first.stated is not None:
            return max((first.keep or first.stated * self.first.n_samples) - first.skip, 0)
        return self.n_samples * size // max(self._n_bytes, 1)

    def kept(self) -> list[tuple[int, int]]:
        """Where sound begins and ends in each section met so far, in samples of the decoder's output."""
        ends = [section.first for section in self.sections[1:]] + [self.n_samples]
        return [
            (
                section.first + section.skip,
                end if section.keep is None else min(section.first + section.keep, end),
            )
            for section, end in zip(self.sections, ends, strict=True)
        ]

    def lacking(self) -> str:
        """What is missing, in words; empty if it is at most one frame, as some headers count themselves."""
        ends = [section.first for section in self.sections[1:]] + [self.n_samples]
        for section, end in zip(self.sections, ends, strict=True):
            there = (end - section.first) // self.first.n_samples
            if section.stated is not None and there < section.stated - 1:
                return f"it ends after {there} of {section.stated} frames"
        return ""

    def _begin_unstated(self):
        """Begin a section for a frame before any header, or beyond the frames that the header states."""
        if not self.sections:
            self.sections.append(Section(0))
        last = self.sections[-1]
        if last.stated is not None and self.n_samples - last.first >= last.stated * self.first.n_samples:
            self.sections.append(Section(self.n_samples))

    def _begins_section(self, found, frame):
        """Whether a frame is a header: it holds no sound, but says how many frames follow."""
        place = _header_place(found, frame)
        if not place or (self.sections and any(frame[6:13])):
            return False
        section = (
            Section(0, stated=int.from_bytes(frame[50:54]) or None)
            if frame[place : place + 4] == b"VBRI"
            else _xing(frame, place, found.n_samples)
        )
        section.first = self.n_samples
        self.sections.append(section)
        return True

    def _header(self, position):
        return _parsed(self._bytes.at(position, 4))

    def _size(self, found):
        return found.size or self._free + found.padded * found.unit

    def _search(self, position, limit):
        """Where the next frame begins, beyond tags and anything else; None if there is none."""
        end = position + limit
        while position < end:
            ahead = self._bytes.at(position, _CHUNK)
            if not ahead:
                break
            for mark in _MARK.finditer(ahead):
                place = position + mark.start()
                if skipped := self._tag(place):
                    position, end = place + skipped, end + skipped
                    break
                if self._leads(place):
                    return place
            else:
                position += max(len(ahead) - _MARK_BYTES, 1)
        return None

    def _leads(self, position):
        """Whether a frame begins at a position, followed by others, a tag or the end."""
        found = self._header(position)
        if found is None:
            return False
        if not (found.size or self._free):
            self._free = self._free_size(position, found)
        # A change of format needs more proof: two headers may be an accident.
        like = not self.n_samples or found.like(self.first)
        return self._chained(position, found, 2 if like else _PROOF)

    def _chained(self, position, found, count):
        """Whether `count` frames of a kind follow each other, or all up to a tag or the end."""
        for _ in range(count - 1):
            if not (found.size or self._free):
                return False
            position += self._size(found)
            follower = self._header(position)
            if follower is None:
                return self._tag(position) > 0 or len(self._bytes.at(position - 1, 2)) == 1
            if not follower.like(found):
                return False
            found = follower
        return True

    def _free_size(self, position, found):
        """Bytes from one frame to the next of the same kind, without padding; 0 if there is none."""
        ahead = self._bytes.at(position, _FREE_BYTES)
        place = 4
        while (place := ahead.find(ahead[:2], place)) >= 0:
            follower = _parsed(ahead[place : place + 4])
            if follower is not None and not follower.size and follower.like(found):
                return place - found.padded * found.unit
            place += 1
        return 0

    def _tag(self, position):
        """Bytes of the tag at a position; 0 if there is none."""
        head = self._bytes.at(position, 32)
        if (
            head[:3] == b"ID3"
            and len(head) >= 10
            and 2 <= head[3] <= 4
            and not any(byte & 0x80 for byte in head[6:10])
        ):
            size = 0
            for byte in head[6:10]:
                size = size << 7 | byte
            return 10 + size + 10 * bool(head[5] & 0x10)
        if head[:8] == b"APETAGEX" and len(head) == 32:
            return 32 + int.from_bytes(head[12:16], "little")
        if head[:4] == b"TAG+":
            return 227
        return 128 if head[:3] == b"TAG" else 0


def _side_bytes(found):
    """Bytes between the header of a frame of layer III, or its checksum, and what the frame holds."""
    if found.low_rates:
        return 9 if found.n_channels == 1 else 17
    return 17 if found.n_channels == 1 else 32


@lru_cache(64)
def _pattern(kind, free):
    """A pattern for frames of the kind that begins with four bytes; its group is what follows the last one.

    A regular expression is ten times as fast as a loop over frames. It does not match what may be the header
    of a section, which has no side information because it has no sound.
    """
    first = _parsed(kind)
    channels = rb"[\xc0-\xff]" if first.n_channels == 1 else rb"[\x00-\xbf]"
    sound = b""
    if first.layer == 3:
        sound = rb"(?!..\0{7}(?:.{%d}(?:..)?(?:Xing|Info)|.{23}VBRI))" % (_side_bytes(first) - 9)
    sizes = []
    for bits in range(0, 0xF0, 2):
        third = bits & 0xF2 | kind[2] & 0x0C
        if bits & 0x0C or (found := _parsed(bytes((0xFF, kind[1], third, kind[3])))) is None:
            continue
        if size := found.size or (free and free + found.padded * found.unit):
            sizes.append(rb"[\x%02x\x%02x]%s%s.{%d}" % (third, third | 1, channels, sound, size - 4))
    frame = rb"\xff[\x%02x\x%02x](?:%s)" % (kind[1] & 0xFE, kind[1] | 1, b"|".join(sizes))
    return re.compile(frame + b"|(.+)", re.DOTALL)


def _header_place(found, frame):
    """Where in a frame the word stands that makes it the header of a section; 0 if none does."""
    if found.layer != 3:
        return 0
    side = _side_bytes(found)
    for place in (4 + side, 6 + side):
        if frame[place : place + 4] in (b"Xing", b"Info"):
            return place
    return 36 if frame[36:40] == b"VBRI" else 0


def _xing(frame, place, n_samples):
    """The section that a header of Xing's kind describes, with LAME's count of added samples."""
    flags = int.from_bytes(frame[place + 4 : place + 8])
    place += 8
    section = Section(0)
    if flags & 1:
        section.stated = int.from_bytes(frame[place : place + 4]) or None
    place += 4 * (flags & 1) + 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2
    extension = frame[place : place + 24]
    if len(extension) == 24 and extension[:4].isalnum():
        both = int.from_bytes(extension[21:24])
        delay, padding = both >> 12, both & 0xFFF
        if both:
            section.skip = delay + _DECODER_DELAY
            if section.stated is not None:
                section.keep = section.stated * n_samples - max(padding - _DECODER_DELAY, 0)
    return section


def facts(sample_rate: int, n_channels: int) -> str:
    """What has to be the same from the beginning of a recording to its end."""
    return f"{sample_rate} Hz, {n_channels} channel{'s' * (n_channels > 1)}"


class FrameFile:
    """Frames as a file that has no end, for a decoder that trusts the size of a file more than its frames.

    Parameters
    ----------
    frames : Frames

    Attributes
    ----------
    change : FormatChange or None
        Why the file ends where it does.
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = iter(frames)
        # What has been read stays at hand for a while: decoders look at the first bytes more than once.
        self._kept, self._first = bytearray(), 0
        self._position = 0
        self.change: FormatChange | None = None

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer; less only at the end."""
        if self._position >= _ENDLESS // 2:
            buffer[:] = bytes(len(buffer))  # the place of an ID3v1 tag: there is none
            return len(buffer)
        missing = self._position + len(buffer) - self._first - len(self._kept)
        while missing > 0 and (frame := self.next()) is not None:
            self._kept += frame
            missing -= len(frame)
        if len(self._kept) > 2 * _CHUNK:
            gone = min(len(self._kept) - _CHUNK, self._position - self._first)
            del self._kept[:gone]
            self._first += gone
        at = self._position - self._first
        if at < 0:
            raise ValueError("a decoder of MPEG audio went back too far")
        part = self._kept[at : at + len(buffer)]
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position; the end is far away."""
        self._position = offset + (0, self._position, _ENDLESS)[whence]
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def next(self) -> bytes | None:
        """The next frame; None at the end, or where frames of another kind follow."""
        try:
            return next(self._frames, None)
        except FormatChange as change:
            self.change = change
            return None
