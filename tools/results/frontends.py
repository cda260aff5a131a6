"""Results of frontends, each with its default parameters, and of recordings."""

from itertools import product
from pathlib import Path

from plans import DTYPES, streamed
from signals import LONG, clips

import spectrograms as sg

# Parameters without a default.
NEEDED = {
    "scipy_shorttimefft": {"nperseg": 400},
    "tf_audio_spectrogram": {"window_size": 400},
    "tf_logmel": {"frame_length": 400},
    "tf_mfcc": {"frame_length": 400},
    "tf_speech_commands_mfcc": {"window_size": 400},
    "tf_stft_magnitude": {"frame_length": 400},
}
DATA = Path(__file__).resolve().parents[2] / "tests" / "data"


def make(name, precision):
    """The frontend of that name, at its own rate if it has one, and at 16 kHz if it has none."""
    needed = {"precision": precision, **NEEDED.get(name, {})}
    for rate in ({}, {"sample_rate": 16000}):
        for hop in ({}, {"hop": 160}, {"stride": 160}, {"frame_step": 160}):
            try:
                return sg.frontend(name, **needed, **rate, **hop)
            except (sg.InvalidInputError, TypeError) as error:
                found = error
    raise found


def cases():
    for name, precision in product(sg.frontends(), DTYPES):
        words = f"{name} {precision}"
        yield f"frontend/{words}", lambda n=name, p=precision: make(n, p).compute(LONG)
        yield f"frontend batch/{words}", lambda n=name, p=precision: make(n, p).compute_batch(clips()[:4:3])
        yield f"frontend data/{words}", lambda n=name, p=precision: _data(make(n, p))
        yield f"frontend stream/{words}", lambda n=name, p=precision: _stream(make(n, p))
    for path in sorted((DATA / "configs").glob("*.json")):
        if not path.name.endswith("signature.json"):
            yield (
                f"config/{path.stem}",
                lambda path=path: sg.frontend_from_config(str(path)).compute(LONG[:16000]),
            )


def recordings():
    """Files of the tests, read in every way, and some written here, in formats that cannot be sought."""
    for path in sorted((DATA / "audio").iterdir()):
        if path.suffix in (".wav", ".flac", ".ogg"):
            yield from _ways(path.name, lambda path=path: path)
    for name, options in {
        "mp3": {"format": "MP3", "subtype": "MPEG_LAYER_III"},
        "gsm": {"format": "WAV", "subtype": "GSM610"},
        "adpcm": {"format": "WAV", "subtype": "MS_ADPCM"},
        "opus": {"format": "OGG", "subtype": "OPUS"},
        "float": {"format": "AIFF", "subtype": "FLOAT"},
    }.items():
        yield from _ways(name, lambda name=name, options=options: _written(f"x.{name}", LONG, **options))
    yield "audio/joined flac", lambda: sg.read_audio(_joined())
    yield (
        "audio/a sample at a lower rate",
        lambda: sg.read_audio(_written("1.wav", LONG[:1], format="WAV"), 4000),
    )


def _ways(name, path):
    yield f"audio/{name}", lambda: sg.read_audio(path())
    yield f"audio/{name} at 22 kHz", lambda: sg.read_audio(path(), 22050)
    yield f"audio/{name} in part", lambda: sg.read_audio(path(), start=0.3, duration=0.5, mono=False)
    yield f"audio/{name} in blocks", lambda: list(sg.audio_blocks(path()))


def _written(name, samples, **options):
    """A file in the current folder, which is one for this process alone."""
    import soundfile

    soundfile.write(name, samples, 16000, **options)
    return name


def _joined():
    flac = (
        Path(_written(f"{i}.flac", x, format="FLAC")).read_bytes() for i, x in enumerate((LONG, LONG[:3000]))
    )
    Path("joined.flac").write_bytes(b"".join(flac))
    return "joined.flac"


def _data(frontend):
    return [frontend.to_json(), frontend.fingerprint]


def _stream(frontend):
    """Chunks and their frames, or why there are none: many frontends need the whole clip."""
    try:
        return streamed(frontend)
    except sg.InvalidInputError as error:
        return str(error)
