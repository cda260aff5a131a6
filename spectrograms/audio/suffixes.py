"""Names of sound files."""

from __future__ import annotations

import os

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


def is_sound(name: str) -> bool:
    """Whether a file is named like one of sound."""
    return os.path.splitext(name)[1].lower() in AUDIO_SUFFIXES
