"""Every format and encoding that libsndfile writes: whole, parts, blocks and bytes are the same samples."""

import numpy as np
import pytest
import soundfile

import spectrograms as sg

# Without headers; and one whose header lies in a second file.
KINDS = [
    (container, subtype)
    for container in soundfile.available_formats()
    if container not in ("RAW", "SD2")
    for subtype in soundfile.available_subtypes(container)
]

# One encoding of each container is enough for a quick run.
FIRST = {container: pair for pair in reversed(KINDS) for container in pair[:1]}

RATE = 16000


class Forward(soundfile.SoundFile):
    """A file that is only read on and on."""

    def seekable(self):
        return False


def written(tmp_path, container, subtype, n):
    """A file, and what libsndfile gives for it in one go; skips what it does not write after all."""
    path = tmp_path / f"sound.{container.lower()}"
    t = np.arange(n)
    noise = np.random.default_rng(3).standard_normal(n)
    samples = 0.3 * np.sin(0.05 * t) * (t // 3000 % 2) + 0.02 * noise
    try:
        soundfile.write(path, samples, RATE, format=container, subtype=subtype)
    except soundfile.LibsndfileError as error:
        pytest.skip(str(error))
    with Forward(path) as file:
        found = file.read(n + RATE, dtype="float32", always_2d=True)
        if not len(found):
            pytest.skip("libsndfile does not read what it wrote")
        # Encodings of whole blocks end with silence.
        assert n <= len(found) < n + 1200
        return path, found[:, 0], file.samplerate


@pytest.mark.slow
@pytest.mark.parametrize(
    ("container", "subtype"),
    [pytest.param(*pair, marks=[pytest.mark.slow] * (pair not in FIRST.values())) for pair in KINDS],
)
def test_case_2_3_whole_parts_and_blocks_are_the_same(tmp_path, container, subtype):
    path, wanted, rate = written(tmp_path, container, subtype, 70007)
    n = len(wanted)
    np.testing.assert_array_equal(sg.read_audio(path)[0], wanted)
    np.testing.assert_array_equal(np.concatenate(list(sg.audio_blocks(path))), wanted)
    assert sg.audio_info(path).n_samples == n
    for first, count in [
        (1, 7),
        (RATE, 5000),
        (n // 2, n),
        (65530, 20),
        (n - 1200, 1100),
        (n - 3, 3),
        (n - 1, 1),
    ]:
        part, _ = sg.read_audio(path, start=first / rate, duration=count / rate)
        np.testing.assert_array_equal(part, wanted[first : first + count])
        blocks = list(sg.audio_blocks(path, start=first / rate, duration=count / rate))
        np.testing.assert_array_equal(np.concatenate(blocks), part)
    np.testing.assert_array_equal(sg.read_audio(path.read_bytes())[0], wanted)
    with open(path, "rb") as file:
        np.testing.assert_array_equal(sg.read_audio(file, start=0.5)[0], wanted[round(0.5 * rate) :])


def test_case_2_3_a_part_of_gsm(tmp_path):
    path = tmp_path / "g.wav"
    soundfile.write(path, np.zeros(80000), 8000, subtype="GSM610")
    assert sg.read_audio(path, start=1.0)[0].shape == (72000,)
