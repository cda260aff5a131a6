"""Decoders: one open recording each, read forward. One table says which formats can be sought exactly.

What a decoder is says `decoder`; `memory` has the one for samples that need no decoding, `libav`
that for what libsndfile does not know.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from spectrograms._common.extras import require
from spectrograms._engine.arrays.arrays import unpack
from spectrograms.audio.decoder import BLOCK_FRAMES, Decoder
from spectrograms.audio.libav import AvDecoder, foreign, named
from spectrograms.audio.memory import SamplesDecoder
from spectrograms.audio.mpeg import FrameFile, Frames, NoFrames, facts
from spectrograms.audio.suffixes import has_codecs
from spectrograms.audio.wave import Wave, plain
from spectrograms.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spectrograms.audio.sources import Source

# Samples of MPEG audio decoded at a time: leaving some out moves all of these.
_RUN_FRAMES = 1 << 18

# How libsndfile notes that a WAV, AIFF or AU file is shorter than its header says. Sizes close to 2**31 and
# beyond are written into pipes by programs that do not know the size yet; a few bytes are sloppy headers.
_CUT_SHORT = re.compile(r"^\s*(?:data|SSND|Data Size)\s*: (\d+) \(should be (\d+)\)", re.MULTILINE)
_SHORT = "(should be "
_SLOPPY_BYTES, _PIPED_BYTES = 1024, 0x7F000000

# Bytes of plain samples that are read at a time: they are converted while they are in the cache.
_PIECE_BYTES = 1 << 18

# Streams that do not state their length (a FLAC written to a pipe) report the largest integer instead.
_MAX_FRAMES = 1 << 48

# The place of a sample follows from its number, and it is decoded on its own. Everything else is decoded from
# the beginning: transforms overlap (Vorbis, Opus, MP3), predictors have a memory (G721, GSM, DPCM), and after
# a seek libsndfile gives other samples than without.
_PLAIN = {"PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"}
# Blocks of one size, each decoded on its own.
_BLOCKS = {("WAV", "IMA_ADPCM"), ("WAV", "MS_ADPCM"), ("W64", "IMA_ADPCM"), ("W64", "MS_ADPCM")}
# Containers that libsndfile reads from the end of the first header to that of the file if they state no size.
_UNSIZED = {"W64"}
# Containers that are joined end to end.
_JOINED = {"FLAC", "OGG"}
# Containers that pack plain samples into blocks, the last of which libsndfile does not find after a seek.
_PACKED = {"SDS", "PAF"}


def seeks_exactly(container: str, subtype: str) -> bool:
    """Whether libsndfile gives the same samples after a seek as without."""
    return (subtype in _PLAIN and container not in _PACKED) or (container, subtype) in _BLOCKS


@cache
def _forward(soundfile):
    """The class of soundfile, without the seek that it adds to every read."""
    return type("Forward", (soundfile.SoundFile,), {"seekable": lambda self: False})


class SndfileDecoder(Decoder):
    """What libsndfile decodes.

    Parameters
    ----------
    source : Source
        Whose name errors bear.
    target : bytes, str, int or binary file
        What libsndfile reads: a name, the number of an open file, or an object.
    """

    def __init__(self, source: Source, target: Any) -> None:
        self._source = source
        soundfile = require("soundfile", "reading audio files other than plain WAV")
        self._errors = (soundfile.LibsndfileError, TypeError)
        self._file = file = self._call(_forward(soundfile), target, closefd=False)
        length = file.frames if file.frames <= _MAX_FRAMES else None
        self._describe(file.samplerate, file.channels, file.format, file.subtype, length)

    def check_size(self) -> None:
        """Refuse a file that is shorter than its header says."""
        remarks = self._file.extra_info
        if _SHORT in remarks and (cut := _CUT_SHORT.search(remarks)):
            stated, there = map(int, cut.groups())
            if stated - there > _SLOPPY_BYTES and stated < _PIPED_BYTES:
                self.close()
                raise self._source.undecodable(f"it ends after {there} of {stated} bytes of samples")

    def read(self, out: NDArray[np.float32]) -> int:
        return len(self._call(self._file.read, out=out))

    def skip(self, count: int) -> int:
        position = self._call(self._file.seek, 0, 1)
        return self._call(self._file.seek, min(position + count, self.length)) - position

    def _call(self, function, *arguments, **named):
        try:
            result = function(*arguments, **named)
        except self._errors as error:
            raise self._source.refusal(error) from error
        self._source.raise_kept()
        return result

    def close(self) -> None:
        self._file.close()


class WaveDecoder(Decoder):
    """Plain samples, converted by the engine.

    Parameters
    ----------
    source : Source
    wave : Wave
        Where they stand in it.
    """

    decoder = "spectrograms"
    is_plain = any_layout = True

    def __init__(self, source: Source, wave: Wave) -> None:
        self._source, self._wave, self._position = source, wave, 0
        self._describe(wave.sample_rate, wave.n_channels, wave.container, wave.subtype, wave.length)

    def read(self, out: NDArray[np.float32]) -> int:
        wave, width = self._wave, self._wave.width
        left = min(len(out), wave.length - self._position)
        if left and wave.kind == "float32" and sys.byteorder == "little" and out.flags.c_contiguous:
            # What stands there is what is asked for, bit for bit.
            memory = out[:left].data.cast("B")
            done = self._source.fill(memory, wave.first + self._position * width) // width
            self._position += done
            return done
        piece = left if self._source.is_in_memory() else max(_PIECE_BYTES // width, 1)
        done = 0
        while done < left:
            n = min(piece, left - done)
            content = self._source.bytes_at(wave.first + self._position * width, n * width)
            there = len(content) // width
            unpack(content[: there * width], wave.kind, out[done : done + there])
            done += there
            self._position += there
            if there < n:
                break  # the file has become shorter
        return done

    def skip(self, count: int) -> int:
        before, self._position = self._position, min(self._position + count, self._wave.length)
        return self._position - before

    def close(self) -> None:
        """Nothing is open here: the source is closed by its owner."""


class ForwardDecoder(Decoder):
    """A decoder that has to start at the beginning, read in blocks that do not depend on what is asked for.

    Parameters
    ----------
    inner : Decoder
    """

    def __init__(self, inner: Decoder) -> None:
        self._inner = inner
        self.decoder: str = inner.decoder
        self._describe(inner.sample_rate, inner.n_channels, inner.format, inner.subtype, inner.length)
        self._ready: NDArray[np.float32] = np.empty((0, self.n_channels), np.float32)

    def read(self, out: NDArray[np.float32]) -> int:
        done = 0
        while done < len(out):
            left = out[done:]
            if not len(self._ready) and len(left) >= BLOCK_FRAMES:
                # A whole block fits in, and need not be copied.
                n = self._inner.read(left[:BLOCK_FRAMES])
            else:
                n = self._copy(left)
            if n == 0:
                break
            done += n
        return done

    def _copy(self, out):
        """Fill `out` from one block."""
        if not len(self._ready):
            block = np.empty((BLOCK_FRAMES, self.n_channels), dtype=np.float32)
            self._ready = block[: self._inner.read(block)]
        part = self._ready[: len(out)]
        out[: len(part)] = part
        self._ready = self._ready[len(part) :]
        return len(part)

    def close(self) -> None:
        self._inner.close()


class MpegDecoder(Decoder):
    """MPEG audio: libsndfile decodes the frames it is given, and what to keep of them is decided here.

    Parameters
    ----------
    source : Source
    frames : Frames
    container : str
        What the frames lie in, as libsndfile names it.
    """

    def __init__(self, source: Source, frames: Frames, container: str = "MP3") -> None:
        self._source, self._frames, self._stream = source, frames, FrameFile(frames)
        self._inner = inner = SndfileDecoder(source, source.guarded(self._stream))
        # The length that libsndfile states is an estimate.
        self._describe(inner.sample_rate, inner.n_channels, container, inner.subtype, None)
        self._decoded = 0

    def expected(self) -> int:
        return self._frames.expected(self._source.size)

    def read(self, out: NDArray[np.float32]) -> int:
        done = 0
        while done < len(out):
            block = out[done : done + _RUN_FRAMES]
            n = self._inner.read(block)
            if n == 0:
                self._check()
                break
            for first, stop in self._frames.kept():
                kept = block[max(first - self._decoded, 0) : min(max(stop - self._decoded, 0), n)]
                if len(kept) < n:
                    # Samples that were left out before make room.
                    out[done : done + len(kept)] = kept
                done += len(kept)
            self._decoded += n
        return done

    def _check(self):
        """Raise an error unless the decoding ended where it should."""
        if self._stream.change is not None:
            raise self._source.undecodable(str(self._stream.change))
        if self._decoded < self._frames.n_samples:
            raise self._source.undecodable(
                f"decoding ends after {self._decoded} of {self._frames.n_samples} samples"
            )
        if lacking := self._frames.lacking():
            raise self._source.undecodable(lacking)

    def count(self) -> int:
        while self._stream.next() is not None:
            pass
        self._decoded = self._frames.n_samples
        self._check()
        return sum(max(stop - first, 0) for first, stop in self._frames.kept())

    def close(self) -> None:
        self._inner.close()


class JoinedDecoder(Decoder):
    """Recordings one after the other, each with a decoder of its own.

    Parameters
    ----------
    source : Source
        Whose name errors bear.
    recordings : list of Source
        Of one rate and number of channels.
    """

    def __init__(self, source: Source, recordings: list[Source]) -> None:
        self._source, self._size = source, recordings[0].size
        self._left = iter(recordings)
        self._before = self._position = 0
        self._inner = inner = open_decoder(next(self._left))
        # The length is known only when all of them have been opened, which may be many.
        self._describe(inner.sample_rate, inner.n_channels, inner.format, inner.subtype, None)
        self._expected = (inner.length or inner.expected()) * source.size // max(self._size, 1)

    def expected(self) -> int:
        return self._expected

    def read(self, out: NDArray[np.float32]) -> int:
        return self._go_on(len(out), lambda first, stop: self._inner.read(out[first:stop]))

    def skip(self, count: int) -> int:
        return self._go_on(count, lambda first, stop: self._inner.skip(stop - first))

    def _go_on(self, count, step):
        """Take steps of decoders until `count` samples are done. Returns how many there were."""
        done = 0
        while done < count:
            length = self._inner.length
            # Never beyond a stated length: libsndfile would take what follows for a broken frame.
            left = count - done if length is None else min(count - done, length - self._position)
            n = step(done, done + left) if left else 0
            done += n
            self._position += n
            if n == 0 and not self._next():
                break
        return done

    def count(self) -> int:
        total = 0
        while True:
            self._position = self._inner.count()
            total += self._position
            if not self._next():
                return total

    def _next(self):
        """Go on with the next recording. Returns False if there is none."""
        length = self._inner.length
        if length is not None and self._position != length:
            raise self._source.undecodable(f"it ends after {self._position} of {length} samples")
        self._before += self._position
        recording = next(self._left, None)
        if recording is None:
            return False
        self._inner.close()
        self._inner, self._position = open_decoder(recording), 0
        before, now = ((each.sample_rate, each.n_channels) for each in (self, self._inner))
        if now != before:
            seconds = self._before / self.sample_rate
            raise self._source.undecodable(
                f"it changes from {facts(*before)} to {facts(*now)} after {seconds:.3f} s"
            )
        return True

    def close(self) -> None:
        self._inner.close()


def open_decoder(source: Source) -> Decoder:
    """Open a recording, or several joined ones, with the right decoder.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    if source.samples is not None:
        return SamplesDecoder(*source.samples)
    if (kind := foreign(source)) is not None:
        return AvDecoder(source, kind)
    try:
        decoder = _open_as_it_is(source)
    except InvalidInputError:
        if recordings := source.recordings():
            return JoinedDecoder(source, recordings)
        if source.repair():
            return _open_as_it_is(source)
        if (kind := named(source)) is None or not has_codecs():
            raise
        return AvDecoder(source, kind)
    if decoder.format in _JOINED and (recordings := source.recordings()):
        decoder.close()
        return JoinedDecoder(source, recordings)
    if decoder.length == 0 or decoder.format in _UNSIZED:
        decoder.close()  # the repair moves the position of the file
        source.repair()
        return _open_as_it_is(source)
    return decoder


def _open_as_it_is(source):
    # What looks like MPEG audio is not given to libsndfile first, which writes remarks to standard error.
    frames, container = _frames(source) if source.looks_like_mpeg() else None, "MP3"
    if frames is not None and frames.proven():
        return MpegDecoder(source, frames)
    wave = plain(source) if source.has_layout() else None
    if wave is not None:
        return WaveDecoder(source, wave)
    try:
        decoder = SndfileDecoder(source, source.for_libsndfile())
    except InvalidInputError:
        # There may be other bytes before the first frame.
        frames = frames or _frames(source)
        if frames is None or not frames.proven():
            raise
    else:
        if not decoder.subtype.startswith("MPEG_"):
            decoder.check_size()
            exact = decoder.length is not None and seeks_exactly(decoder.format, decoder.subtype)
            return decoder if exact else ForwardDecoder(decoder)
        decoder.close()
        frames = frames or _frames(source)
        if frames is None:
            raise source.undecodable("it holds no whole frame of MPEG audio")
        container = decoder.format
    return MpegDecoder(source, frames, container)


def _frames(source):
    try:
        return Frames(source.content())
    except NoFrames:
        return None
