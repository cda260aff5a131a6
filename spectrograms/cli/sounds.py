"""Three short sounds for ``spectrograms demo`` where there are no recordings, the same at every run."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np

# The rate of the demo's feature store: nothing has to be resampled.
RATE = 16000
# The two lowest resonances of the throat in Hz, for the vowels of "a, i, o, u, a".
_VOWELS = np.array([(800, 1200), (300, 2300), (500, 900), (320, 750), (800, 1200)])
# Cadence in C major: notes in semitones from middle C.
_CHORDS = ((0, 4, 7, 12), (5, 9, 12, 17), (7, 11, 14, 19), (0, 7, 12, 16))


def sound_paths(folder: Path) -> list[str]:
    """The files that `write_sounds` makes in a folder."""
    return [str(folder / f"{name}.wav") for name in ("bird", "chords", "voice")]


def write_sounds(folder: Path) -> None:
    """Write the sounds as WAV files of 16 bits into a new or an old folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path, make in zip(sound_paths(folder), (_bird, _chords, _voice), strict=True):
        samples = make()
        with wave.open(path, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.round(samples * (29000 / np.abs(samples).max())).astype("<i2").tobytes())


def _tone(frequency: Any) -> Any:
    """A sine of a frequency that moves."""
    return np.sin(2 * np.pi * np.cumsum(frequency) / RATE)


def _bird():
    """Whistles that sweep down, then a trill, then the same again an octave lower and softer."""
    t = np.linspace(0, 1, RATE // 4, endpoint=False)
    whistle = _tone(6500 - 3000 * t**0.5) * np.sin(np.pi * t)
    trill = _tone(4200 + 900 * np.sin(4 * np.pi * t)) * np.sin(np.pi * t) ** 0.5
    low = 0.4 * _tone(3250 - 1500 * t**0.5) * np.sin(np.pi * t)
    return np.concatenate([whistle, whistle, trill, trill, 0.6 * trill, 0 * t, low, low])


def _chords():
    """Four chords of plucked strings, whose harmonics fade the faster the higher they are."""
    t = np.arange(RATE // 2) / RATE
    notes = 261.63 * 2 ** (np.array(_CHORDS) / 12)
    return np.concatenate(
        [
            sum(np.sin(2 * np.pi * k * f * t) * np.exp(-3 * k * t) / k for f in chord for k in range(1, 9))
            for chord in notes
        ]
    )


def _voice():
    """Vowels that glide into each other, with breath at both ends: harmonics through moving resonances."""
    t = np.linspace(0, 1, 2 * RATE)
    pitch = 130 - 30 * t + 4 * np.sin(2 * np.pi * 10 * t)
    resonances = [np.interp(t, np.linspace(0.1, 0.9, len(_VOWELS)), each) for each in _VOWELS.T]
    voice = 0
    for k in range(1, 30):
        gain = sum(np.exp(-(((k * pitch - each) / 180) ** 2)) for each in (*resonances, 3000))
        voice = voice + _tone(k * pitch) * (gain + 0.02) / k**0.5
    breath = np.random.default_rng(0).standard_normal(len(t)) * (np.abs(t - 0.5) > 0.44)
    return voice * np.sin(np.pi * t) ** 0.5 + 0.3 * breath
