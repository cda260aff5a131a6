"""Names of sound files."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec

#: Suffixes of sound files in a folder: all that libsndfile reads, except .raw, which has no header, .mpc,
#: which is usually Musepack, and .mat, which is usually not sound.
AUDIO_SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".bwf", ".amb", ".rf64", ".w64"),
        *(".flac", ".ogg", ".oga", ".opus", ".mp3", ".mp2", ".mp1"),
        *(".aiff", ".aif", ".aifc", ".caf", ".au", ".snd", ".sph", ".nist"),
        *(".avr", ".fap", ".gsm", ".htk", ".iff", ".ircam", ".paf", ".pvf", ".sd2", ".sds", ".sf", ".svx"),
        *(".8svx", ".voc", ".vox", ".wve", ".xi"),
    )
)
#: Those of sound that FFmpeg decodes and libsndfile does not. Videos are read, but not looked for in folders.
CODEC_SUFFIXES = frozenset(
    (
        *(".m4a", ".m4b", ".aac", ".wma", ".amr", ".awb", ".ac3", ".eac3", ".mka", ".weba"),
        *(".ape", ".wv", ".tta", ".mpc"),
    )
)


@cache
def has_codecs() -> bool:
    """Whether PyAV is installed, which brings FFmpeg."""
    return find_spec("av") is not None


def sound_suffixes() -> frozenset[str]:
    """The suffixes of sound files that can be decoded here."""
    return AUDIO_SUFFIXES | CODEC_SUFFIXES if has_codecs() else AUDIO_SUFFIXES


def suffix_of(name: str) -> str:
    """The suffix of a name in lower case, with its dot."""
    return os.path.splitext(name)[1].lower()


def is_sound(name: str) -> bool:
    """Whether a file is named like one of sound that can be decoded here."""
    return suffix_of(name) in sound_suffixes()
