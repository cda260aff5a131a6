"""What the tests of the command line share."""

import numpy as np
import pytest
import soundfile

from ..support.corpora import audio, config  # noqa: F401

RATE = 16000


@pytest.fixture
def tone(tmp_path):
    """A stereo file: 1 kHz to the left, 2 kHz to the right."""
    path = tmp_path / "tone.wav"
    seconds = np.arange(RATE // 2) / RATE
    channels = [0.5 * np.sin(2 * np.pi * hz * seconds) for hz in (1000, 2000)]
    soundfile.write(path, np.stack(channels, axis=1), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def text_file(tmp_path):
    """A file that is none of sound."""
    path = tmp_path / "notes.wav"
    path.write_text("no audio")
    return path
