"""What the tests of corpora share."""

import numpy as np
import pytest

from ..support.corpora import alone, audio, config, mixed, noise, out, put  # noqa: F401


@pytest.fixture
def damaged(audio):  # noqa: F811
    """The recordings and five files that cannot be read."""
    whole = (audio / "speaker0" / "000.wav").read_bytes()
    (audio / "cut.wav").write_bytes(whole[: len(whole) // 2])
    flac = put(audio, "cut2.flac", noise(0, 2.0))
    flac.write_bytes(flac.read_bytes()[:3000])
    (audio / "empty.wav").write_bytes(b"")
    (audio / "text.mp3").write_text("no audio at all")
    put(audio, "silent.wav", np.zeros(0))
    return audio
