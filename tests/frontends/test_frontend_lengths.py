"""How many samples and frames a signal gives: each rule against counting, and how often a frontend asks."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from spectrograms._frontends.making import frontend
from spectrograms._frontends.recipes import before, lengths, recipe

from ..support.frontend_clips import every
from ..support.together import together

# Every value of every parameter is tried, such as more bands than a transform has room for.
pytestmark = pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")


@together("up_to", [0, 7, 20])
@together("multiple", [1, 4])
@together("at_least", [0, 1])
@together("more", [0, 3])
def test_zeros_after_a_signal(up_to, multiple, at_least, more):
    rule = lengths.ZerosAfter(up_to, multiple, at_least, more)
    for n in range(30):
        zeros = at_least
        while n + zeros < up_to or (n + zeros) % multiple:
            zeros += 1
        assert rule(n) == zeros + more


def test_zeros_that_complete_pairs():
    for n in range(40):
        # Frames centred on every hop but the last one that the signal fills, in pairs.
        hops = n // 5
        frames = hops + hops % 2
        assert lengths.ZerosToPairs(5)(n) == max(0, (frames - 1) * 5 + 1 - n)


def by_sample(at, step, group, n, frames):
    count = 0
    while count < frames and at + step * (count // group) < n:
        count += 1
    return count


@pytest.mark.parametrize(
    ("rule", "counted"),
    [
        (lengths.ALL_FRAMES, lambda n, frames: frames),
        (lengths.FirstFrames(6), lambda n, frames: len(range(frames)[:6])),
        (lengths.FixedFrames(6), lambda n, frames: 6),
        (lengths.FilledFrames(4), lambda n, frames: next(k for k in range(99) if k >= frames and k % 4 == 0)),
        (lengths.WholeGroups(4), lambda n, frames: frames - frames % 4),
        (lengths.EveryNth(3), lambda n, frames: len(range(0, frames, 3))),
        (lengths.FramesWithSample(4, 5), lambda n, frames: by_sample(4, 5, 1, n, frames)),
        (lengths.FramesWithSample(-1, 5), lambda n, frames: by_sample(-1, 5, 1, n, frames)),
        (lengths.FramesWithSample(0, 40, 8), lambda n, frames: by_sample(0, 40, 8, n, frames)),
    ],
    ids=lambda value: str(value) if isinstance(value, lengths.FrameRule) else "",
)
def test_frame_rules(rule, counted):
    for n in range(0, 90, 7):
        for frames in range(20):
            assert rule(n, frames) == counted(n, frames)


def test_rules_are_values():
    assert lengths.ZerosAfter(up_to=9) == lengths.ZerosAfter(up_to=9) != lengths.NO_ZEROS
    assert repr(lengths.FramesWithSample(3, 5)) == "FramesWithSample(at=3, step=5, group=1)"
    assert lengths.FilledFrames(2, 0.5).words() == "filled up to a multiple of 2 with 0.5"
    with pytest.raises(FrozenInstanceError):
        lengths.NO_ZEROS.up_to = 3


@pytest.mark.parametrize(
    "step", [before.Repeat(50, True), before.Repeat(50, False), before.Excerpt(20, 3), before.FillMultiple(8),
             before.FrameRangeOf(20, 1, 4), before.Standardize(), before.AtMost(100, "")],
)  # fmt: skip
def test_steps_say_how_long_their_result_is(step):
    for n in range(1, 100):
        if step.refusal(n):
            continue
        x = np.arange(n, dtype=float)
        assert len(step(x)) == step.length(n)
        if isinstance(step, before.Excerpt) and n > step.size:
            assert step(x)[0] == x[step.skipped(n)]


@pytest.mark.slow
@every
def test_a_length_is_measured_once(name, rate, params):
    measured = []
    measure = recipe.Recipe.measure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe.Recipe, "measure", lambda self, n: measured.append(n) or measure(self, n))
        made = frontend(name, sample_rate=rate, **params)
        clips = [np.zeros(n, np.float32) for n in (5000, 7000, 5000)]
        batch = made.compute_batch(clips)
        assert [np.asarray(out).shape for out in batch] == [made.output_shape(len(x)) for x in clips]
        assert made.compute(clips[0]).shape == made.output_shape(5000)
        assert len(made.times(5000)) == made.frame_count(5000)
    assert sorted(measured) == [5000, 7000]
