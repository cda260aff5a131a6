"""Which samples a frame covers and what stands beside the signal: every padding against `numpy.pad`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.loop.frames import PADDINGS, count_frames
from spectrograms._engine.run import calls

from ..support import definition
from ..support.spectrogram_cases import noise
from ..support.together import together

NUMPY = {
    "zeros": {"mode": "constant"},
    "reflect": {"mode": "reflect"},
    "symmetric": {"mode": "symmetric"},
    "edge": {"mode": "edge"},
    "circular": {"mode": "wrap"},
    "odd": {"mode": "reflect", "reflect_type": "odd"},
}


def raw_frames(x, frame, hop, count, *, dtype=np.float64, first=0, **geometry):
    """Return frames first .. first + count as the engine gathers them, one per row."""
    single = dtype == np.float32
    engine = Engine(single, frame, hop, None, outputs=[("samples", ())], **geometry)
    out = np.full((frame, count), np.nan, dtype)
    calls.compute_frames(engine, x, out, first, "empty")
    return out.T


def expected_frames(x, frame, hop, count, *, left=0, padding="zeros", reach=None, lead=0, emphasis=0.0):
    """The same by `numpy.pad`: the signal, what pads it as far as `reach` goes, and zeros beyond."""
    x = np.asarray(x)
    if emphasis:
        x = np.concatenate([x[:1], x[1:] - x.dtype.type(emphasis) * x[:-1]])
    x = np.concatenate([np.zeros(lead, x.dtype), x])
    reach = max(left, frame) if reach is None else reach
    zeros = left + count * hop + frame
    x = np.pad(np.pad(x, reach, **NUMPY[padding]), zeros)
    at = zeros + reach - left
    return np.lib.stride_tricks.sliding_window_view(x[at:], frame)[::hop][:count]


def test_every_padding_is_tested():
    assert set(NUMPY) == set(PADDINGS)


@pytest.mark.slow
@together("dtype", [np.float64, np.float32])
@together("stride", [1, 3, -2])
@together("n", [1, 2, 3, 15, 16, 17, 100])
@pytest.mark.parametrize("padding", PADDINGS)
def test_padding(padding, n, stride, dtype):
    frame, hop = 16, 5
    x = noise(3 * n).astype(dtype)[::stride][:n]
    for left in (0, 8, 15, 40):
        # Point reflection is only used once; numpy.pad goes on growing.
        for reach in (0, 8, 40) if padding != "odd" else (0, min(8, n - 1)):
            count = 1 + (n + left + 20) // hop
            options = {"left": left, "padding": padding, "reach": reach}
            found = raw_frames(x, frame, hop, count, dtype=dtype, **options)
            assert np.array_equal(found, expected_frames(x, frame, hop, count, **options))


@together("n", [1, 5, 40])
@together("padding", PADDINGS)
def test_padding_reaches_a_frame_by_default(padding, n):
    if padding == "odd":
        n += 40
    x = noise(n)
    found = raw_frames(x, 8, 3, 20, left=4, padding=padding)
    assert np.array_equal(found, expected_frames(x, 8, 3, 20, left=4, padding=padding))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("padding", ["zeros", "reflect", "edge"])
def test_lead_and_pre_emphasis_of_the_signal(padding, dtype):
    # A power of two, so that the product is exact and contraction to FMA changes nothing.
    x = noise(200).astype(dtype)
    for lead, emphasis in [(7, 0.0), (0, 0.5), (7, 0.5), (300, 0.25)]:
        shared = {"left": 20, "padding": padding, "lead": lead}
        found = raw_frames(x, 32, 9, 40, dtype=dtype, signal_preemphasis=emphasis, **shared)
        assert np.array_equal(found, expected_frames(x, 32, 9, 40, emphasis=emphasis, **shared))


@pytest.mark.parametrize("padding", PADDINGS)
def test_frames_do_not_depend_on_where_a_computation_starts(padding):
    x = noise(500)
    options = {"left": 30, "padding": padding, "lead": 3, "signal_preemphasis": 0.97}
    whole = raw_frames(x, 32, 7, 90, **options)
    for first, count in [(0, 1), (1, 3), (17, 50), (60, 30), (89, 1)]:
        part = raw_frames(x, 32, 7, count, first=first, **options)
        assert np.array_equal(part, whole[first : first + count])


@pytest.mark.parametrize("block", [1, 16, 48, 512])
def test_frames_do_not_depend_on_the_block(block):
    x = noise(40000)
    options = {"left": 500, "padding": "reflect"}
    whole = raw_frames(x, 1000, 100, 410, **options)
    assert np.array_equal(whole, expected_frames(x, 1000, 100, 410, **options))
    assert np.array_equal(raw_frames(x, 1000, 100, 410, block=block, **options), whole)


@pytest.mark.slow
@given(
    n_samples=st.integers(0, 10**6),
    frame=st.integers(1, 5000),
    hop=st.integers(1, 5000),
    pad=st.integers(0, 5000),
    short=st.integers(0, 1),
)
def test_count_frames(n_samples, frame, hop, pad, short):
    count = count_frames(n_samples, frame, hop, pad, short)
    if n_samples + pad < frame:
        assert count == short
    else:
        # The last frame fits, one more would not.
        assert (count - 1) * hop + frame <= n_samples + pad < count * hop + frame


@together("n_fft", [1, 2, 3, 4, 7, 16])
@together("hop", [1, 2, 5])
@together("centre", [True, False])
def test_count_frames_walks(n_fft, hop, centre):
    for n in range(1, 40):
        expected = definition.frame_count(n, n_fft, hop, centre=centre)
        assert count_frames(n, n_fft, hop, 2 * (n_fft // 2) * centre) == expected
