"""Conventions in words: whatever changes the result of a frontend or a plan is named."""

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._frontends.making import frontend
from spectrograms._frontends.toolkits.catalogue import definition_of
from spectrograms.comparison.comparing import compare
from spectrograms.errors import InvalidInputError

from ..support.frontend_cases import CASES

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")


def neighbours(params, kind, key, values):
    """Other values of a parameter: those tried elsewhere, the default, and one that is very near."""
    value = params[key]
    others = [*values, *(() if kind.required else (kind.default,))]
    if isinstance(value, float):
        others += [value * (1 + 1e-9), value * 1.1 + (value == 0) * 0.01]
    elif isinstance(value, list) and isinstance(value[-1], float):
        others.append([*value[:-1], value[-1] * (1 + 1e-9)])
    elif isinstance(value, int) and not isinstance(value, bool):
        others.append(value + 1)
    return [other for other in others if other != value]


def outcome(made, x):
    try:
        return made.compute(x).tobytes()
    except InvalidInputError:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CASES))
def test_case_7_1_what_changes_a_result_is_named(name):
    rate, cases = CASES[name]
    x = np.random.default_rng(0).standard_normal(48000).astype(np.float32)
    parts = [x[:n] for n in (16000, 48000, 5000, 301, 0)]
    compared = told_apart = 0
    for params in cases:
        made = frontend(name, sample_rate=rate, **params)
        # The converse: the same configuration in another form has equal words and equal results.
        twin = frontend(name, sample_rate=float(made.sample_rate), **made.params)
        assert made.conventions == twin.conventions
        assert [outcome(made, part) for part in parts] == [outcome(twin, part) for part in parts]
        assert any(outcome(made, part) is not None for part in parts)
        compared += 1
        for key, kind in definition_of(name).parameters.items():
            tried = [case[key] for case in cases if key in case]
            for value in neighbours(made.params, kind, key, tried):
                try:
                    other = frontend(name, sample_rate=rate, **{**params, key: value})
                except (InvalidInputError, TypeError):
                    continue
                if made.conventions != other.conventions:
                    told_apart += 1
                    continue
                for part in parts:
                    assert outcome(made, part) == outcome(other, part), (params, key, value)
                compared += 1
    assert compared >= len(cases)
    # Where there are parameters, at least one makes a difference.
    assert told_apart or not definition_of(name).parameters


def test_near_equal_numbers_are_told_apart():
    found = compare("kaldi_fbank", frontend("kaldi_fbank", preemph=0.9700001))
    assert [str(difference) for difference in found.differences] == [
        "pre-emphasis: 0.97 within each frame / 0.9700001 within each frame"
    ]
    params = sg.SpectrogramParams(sg.StftParams(400, 160, "hann"), 16000)
    plans = [sg.SpectrogramPlan(params, sg.MelParams(40, 0.0, high)) for high in (8000.0, 7999.9999)]
    assert [str(difference) for difference in compare(*plans).differences] == [
        "range: 0 to 8000 Hz / 0 to 7999.9999 Hz"
    ]


def test_frames_that_toolkits_drop_or_add_are_named():
    whisper = frontend("whisper_openai").conventions["frames of a clip"]
    assert whisper == "windows end 40 or fewer samples after the signal"
    kept = frontend("tf_logmel", sample_rate=16000, frame_length=400, frame_step=160)
    added = frontend("tf_logmel", sample_rate=16000, frame_length=400, frame_step=160, pad_end=True)
    assert [str(difference) for difference in compare(kept, added).differences] == [
        "frames of a clip: all / windows end 399 or fewer samples after the signal"
    ]
    padded = frontend("torchaudio_spectrogram", pad=100).conventions
    assert padded["frame start"] == "-300 samples from t * hop"
    assert padded["clip length"] == "1 s becomes 1.0125 s, 60 s becomes 60.0125 s"
