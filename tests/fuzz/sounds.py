"""Words for plain WAV files, whole and damaged: what is read of them is what libsndfile reads."""

import io
from importlib.util import find_spec

import numpy as np
from support import waves
from support.sounds import joined_blocks, left_to_libsndfile
from trouble import Wrong, agree, write

import spectrograms as sg

__all__ = ["Pipe", "Slow", "behind", "heard", "plain_wave"]


def plain_wave(seed, damage=0):
    """The bytes of a WAV file with chunks of all kinds, damaged so many times."""
    rng = np.random.default_rng(seed)
    content = waves.plain(rng)
    for _ in range(damage):
        content = waves.mutated(rng, content)
    return content


class Pipe:
    """A file object that can only be read."""

    def __init__(self, content):
        self.read = io.BytesIO(content).read


class Slow(io.BytesIO):
    """A file object that gives a few bytes at a time."""

    def read(self, size=-1):
        """At most seven."""
        return super().read(min(size, 7) if size >= 0 else 7)


def behind(content):
    """A file object whose position is where the file begins, behind something else."""
    file = io.BytesIO(b"RIFF of another" + content)
    file.seek(15)
    return file


#: Name -> from the bytes of a file to what is read.
FORMS = {
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "file": io.BytesIO,
    "pipe": Pipe,
    "slow": Slow,
    "behind": behind,
    "path": lambda content: write(content, ".wav"),
    "bare path": lambda content: write(content, ""),
    "path of MP3": lambda content: write(content, ".mp3"),
    "path of samples": lambda content: write(content, ".raw"),
}
#: Name -> from a sound to what is compared.
WAYS = {"read_audio": sg.read_audio, "audio_blocks": joined_blocks, "audio_info": sg.audio_info}


def _outcome(call, sound, options):
    try:
        return call(sound, **options), None
    except Exception as error:
        return None, error


def heard(content, form, way, **options):
    """What a file holds. Where libsndfile is installed, it has to find the same, or the same fault."""
    found, error = _outcome(WAYS[way], FORMS[form](content), options)
    if find_spec("soundfile") is not None:
        with left_to_libsndfile():
            expected, refusal = _outcome(WAYS[way], FORMS[form](content), options)
        if (type(error), str(error)) != (type(refusal), str(refusal)):
            raise Wrong(f"{error!r:.200} instead of {refusal!r:.200}")
        agree([found], [expected])
        if way == "audio_info" and found != expected:
            raise Wrong("two headers differ")
    if error is not None:
        raise error
    return found
