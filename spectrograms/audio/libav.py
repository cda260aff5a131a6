"""What libsndfile does not know: AAC, ALAC, AMR, WMA, AC-3 and others, decoded by FFmpeg through PyAV.

Everything is read forward from its beginning, packet by packet, so that parts and blocks are the bits of the
whole; what an encoder has added at both ends is left out where the file says how much that is. Codecs that
libsndfile knows are not looked for here: it alone decides about these, and about their damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spectrograms._common.extras import require
from spectrograms.audio.decoder import Decoder
from spectrograms.audio.mpeg import facts
from spectrograms.audio.suffixes import has_codecs, suffix_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.audio.sources import Source


class Foreign(NamedTuple):
    """A kind of recording that libsndfile has no decoder for.

    Attributes
    ----------
    what : str
    suffixes : tuple of str
        Of names of such files.
    marks : tuple of (int, bytes)
        Where something stands in them, and what it is.
    """

    what: str
    suffixes: tuple[str, ...]
    marks: tuple[tuple[int, bytes], ...]


#: All of them.
KINDS = (
    Foreign(
        "MPEG-4 sound or video",
        (".m4a", ".m4b", ".mp4", ".m4v", ".mov", ".3gp"),
        ((4, b"ftyp"), (4, b"moov"), (4, b"mdat")),
    ),
    Foreign("AAC sound", (".aac",), ((0, b"\xff\xf1"), (0, b"\xff\xf9"), (0, b"ADIF"))),
    Foreign(
        "Windows Media sound or video",
        (".wma", ".wmv", ".asf"),
        ((0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),),
    ),
    Foreign("Matroska or WebM", (".webm", ".mkv", ".mka", ".weba"), ((0, b"\x1a\x45\xdf\xa3"),)),
    Foreign("an AVI video", (".avi",), ((8, b"AVI "),)),
    Foreign("AMR speech", (".amr", ".awb"), ((0, b"#!AMR"),)),
    Foreign("AC-3 sound", (".ac3", ".eac3"), ((0, b"\x0b\x77"),)),
    Foreign("Monkey's Audio", (".ape",), ((0, b"MAC "),)),
    Foreign("WavPack sound", (".wv",), ((0, b"wvpk"),)),
    Foreign("TTA sound", (".tta",), ((0, b"TTA1"),)),
    Foreign("Musepack sound", (".mpc",), ((0, b"MPCK"), (0, b"MP+"))),
)
_HEAD = 16
# First bytes of what most files are.
_USUAL = (b"fLaC", b"OggS", b"ID3", b"\xff\xfb")
# FFmpeg's names of containers, where they are several.
_FORMATS = {"mov": "MP4", "matroska": "MATROSKA"}
# Full scale and zero of integers, by FFmpeg's names of types without the mark of planes.
_SCALES = {"u8": (2.0**7, 2.0**7), "s16": (2.0**15, 0.0), "s32": (2.0**31, 0.0), "s64": (2.0**63, 0.0)}
# These containers state how long their sound is: so many seconds may lack, and so many samples that go beyond
# it are what an encoder has filled its last frames with.
_STATING, _MISSING, _FILLED = ("mov", "matroska"), 0.1, 4096


def foreign(source: Source) -> Foreign | None:
    """The kind of a recording that libsndfile has no decoder for, by its first bytes; None of any other."""
    head = bytes(source.bytes_at(0, _HEAD))
    if head.startswith(_USUAL) or (head.startswith(b"RIFF") and head[8:12] == b"WAVE"):
        return None
    return next((kind for kind in KINDS if any(head[k:].startswith(mark) for k, mark in kind.marks)), None)


def named(source: Source) -> Foreign | None:
    """The kind that the name of a recording says; None if it says none of these."""
    suffix = suffix_of(source.name)
    return next((kind for kind in KINDS if suffix in kind.suffixes), None)


class AvDecoder(Decoder):
    """What FFmpeg decodes of the first stream of sound.

    Parameters
    ----------
    source : Source
    kind : Foreign
        What it is, for messages.
    """

    decoder = "PyAV"

    def __init__(self, source: Source, kind: Foreign) -> None:
        what = kind.what
        if not has_codecs():
            raise source.undecodable(f"it is {what}, which libsndfile does not decode: pip install av")
        self._source = source
        self._av = av = require("av", "decoding what libsndfile does not know")
        content = source.content()
        content.seek(0)
        self._container: Any = None
        try:
            # Tags in any encoding are no reason to refuse a file. From PyAV 19 on they never are.
            old = int(av.__version__.partition(".")[0]) < 19
            self._container = av.open(content, **({"metadata_errors": "ignore"} if old else {}))
            streams = self._container.streams.audio
            if not streams:
                raise source.undecodable(f"it is {what} without sound")
            self._stream = streams[0]
            if self._stream.codec_context is None:
                raise source.undecodable("FFmpeg has no decoder for its sound")
            self._stream.codec_context.thread_count = 1
            name = self._container.format.name.partition(",")[0]
            self._done, self._is_stated = 0, name in _STATING
            self._frames = self._kept()
            # Headers may state half the rate or channels of what is decoded.
            self._facts: tuple[int, int] | None = None
            first = next(self._frames, None)
            if first is None or self._facts is None:
                raise source.undecodable("it holds no samples")
        except (av.FFmpegError, LookupError) as error:
            self.close()
            raise self._refused(error) from error
        except BaseException:
            self.close()
            raise
        self._ready: NDArray[np.float32] = first
        codec = self._stream.codec_context.codec.canonical_name.upper()
        self._describe(*self._facts, _FORMATS.get(name, name.upper()), codec, None)

    def _refused(self, error):
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return self._source.undecodable(f"FFmpeg says: {words}")

    def _decoded(self) -> Iterator[NDArray[np.float32]]:
        """Samples of each frame, shape (n, n_channels)."""
        for packet in self._container.demux(self._stream):
            if packet.is_corrupt:
                raise self._source.undecodable(f"it is damaged or ends after {self._seconds():.3f} s")
            for frame in packet.decode():
                now = frame.sample_rate, frame.layout.nb_channels
                if self._facts is None:
                    self._facts = now
                elif now != self._facts:
                    what = f"{facts(*self._facts)} to {facts(*now)}"
                    raise self._source.undecodable(f"it changes from {what} after {self._seconds():.3f} s")
                if frame.samples:
                    self._done += frame.samples
                    yield _samples(frame)

    def _kept(self) -> Iterator[NDArray[np.float32]]:
        """Samples of each frame, without what the last ones are filled with."""
        end, beyond, n_beyond = 0, [], 0
        for block in self._decoded():
            assert self._facts is not None
            if end == 0:
                end = round(self._stated() * self._facts[0]) if self._is_stated else 0
            left = end - (self._done - len(block))
            if end <= 0 or left >= len(block):
                yield block
                continue
            if left > 0:
                yield block[:left]
                block = block[left:]
            beyond.append(block)
            n_beyond += len(block)
            if n_beyond >= _FILLED:
                # So much more that the stated length must be wrong.
                yield from beyond
                end, beyond = -1, []
        if self._is_stated and self._seconds() < self._stated() - _MISSING:
            raise self._source.undecodable(f"it ends after {self._seconds():.3f} of {self._stated():.3f} s")

    def _seconds(self):
        return self._done / self._facts[0] if self._facts else 0.0

    def expected(self) -> int:
        return max(round(self._stated() * self.sample_rate), 0)

    def _stated(self):
        """Seconds that the file states; 0 if it does not, or may mean another stream."""
        stream = self._stream
        if stream.duration is not None and stream.time_base is not None:
            return float(stream.duration * stream.time_base)
        duration = self._container.duration
        return 0.0 if duration is None or len(self._container.streams) > 1 else duration / self._av.time_base

    def read(self, out: NDArray[np.float32]) -> int:
        done = 0
        while done < len(out):
            if not len(self._ready) and not self._go_on():
                break
            part = self._ready[: len(out) - done]
            out[done : done + len(part)] = part
            done += len(part)
            self._ready = self._ready[len(part) :]
        return done

    def _go_on(self):
        """Decode the next frame. Returns False if there is none."""
        try:
            following = next(self._frames, None)
        except self._av.FFmpegError as error:
            raise self._refused(error) from error
        if following is None:
            return False
        self._ready = following
        return True

    def skip(self, count: int) -> int:
        left = count
        while left and (len(self._ready) or self._go_on()):
            n = min(left, len(self._ready))
            self._ready = self._ready[n:]
            left -= n
        return count - left

    def close(self) -> None:
        if self._container is not None:
            self._container.close()


def _samples(frame):
    """The samples of a frame as float32, shape (n, n_channels)."""
    values = frame.to_ndarray()
    planar = frame.format.is_planar
    values = values.T if planar else values.reshape(-1, frame.layout.nb_channels)
    scale = _SCALES.get(frame.format.name.removesuffix("p") if planar else frame.format.name)
    if scale is not None:
        full, zero = scale
        values = (values - zero) / full
    return values.astype(np.float32)
