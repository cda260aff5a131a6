"""What is found out about a sound file, and the same from libsndfile alone."""

from contextlib import contextmanager
from dataclasses import astuple

import numpy as np

import spectrograms as sg
from spectrograms.audio import decoding


@contextmanager
def left_to_libsndfile():
    """While nothing is read without libsndfile."""
    plain, decoding.plain = decoding.plain, lambda source: None
    try:
        yield
    finally:
        decoding.plain = plain


def outcome(sound, **options):
    """All that is found out about a file: what is read and said, or the error."""
    try:
        samples, rate = sg.read_audio(sound, mono=False, **options)
        return (
            samples.shape,
            samples.tobytes(),
            rate,
            *astuple(sg.audio_info(sound))[1:-1],
        )  # but for the decoder
    except Exception as error:
        return type(error), str(error)


def outcome_of_libsndfile(sound, **options):
    """The same without our own reader of plain WAV."""
    with left_to_libsndfile():
        return outcome(sound, **options)


def joined_blocks(sound, **options):
    """The samples of a file, read block by block."""
    return np.concatenate(list(sg.audio_blocks(sound, **options)), axis=-1)
