"""The block loop: the same bytes whatever the block, start, layout or thread; its stages; odd numbers."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spectrograms as sg
from spectrograms._engine.loop.engine import Engine
from spectrograms._engine.run import calls
from spectrograms.plans.geometry import engine_frames
from spectrograms.plans.scales import amplitude_stages, scale_of

from ..support import definition
from ..support.spectrogram_cases import DTYPES, KINDS, SCALES, noise, parameters, plan, scale_params, tones
from ..support.together import together

NUMPY = {"float64": np.float64, "float32": np.float32}


def kind_engine(scale, amplitude, dtype, params, block):
    """Return the engine of a plan with another block size."""
    bank = scale_params(scale)
    row = scale_of(bank)
    geometry = engine_frames(params.stft)
    if row.spectrum == "samples":
        geometry["window"] = None
    stages = [*row.stages(params, bank), *amplitude_stages(amplitude, sg.LogParams(-80.0))]
    return Engine(dtype == "float32", outputs=[(row.spectrum, stages)], block=block, **geometry)


def engine(dtype="float64", n_fft=64, hop=16, window=None, stages=(), spectrum="power", **options):
    window = np.hanning(n_fft) if window is None else window
    return Engine(dtype == "float32", n_fft, hop, window, outputs=[(spectrum, list(stages))], **options)


def run(engine, x, dtype, first=0, count=None):
    count = engine.frame_count(len(x)) if count is None else count
    out = np.full((engine.rows, count), np.nan, dtype)
    calls.compute_frames(engine, x, out, first, "empty")
    return out


# --- the same bytes --------------------------------------------------------------------------------------


@pytest.mark.slow
@together("dtype", DTYPES)
@together("n_fft", [64, 127, 400, 512, 1024])
@pytest.mark.parametrize("cls", [sg.CepstrumPlan, sg.ReassignedPlan])
def test_block_size_does_not_show_where_frames_are_transformed_again(cls, n_fft, dtype):
    x, stft = noise(6000), parameters(n_fft, 29).stft
    made = cls(stft, 8000.0, dtype)
    for block in (1, 5, 16, 100, 1000):
        other = Engine(
            dtype == "float32", outputs=[made._output(made._info)], block=block, **engine_frames(stft)
        )
        assert np.array_equal(run(other, x, dtype), made.compute(x).data, equal_nan=True)


@pytest.mark.slow
@together("dtype", DTYPES)
@together("n_fft", [64, 127, 400, 512, 1024])
@pytest.mark.parametrize(("scale", "amplitude"), KINDS)
def test_block_size_does_not_show(scale, amplitude, n_fft, dtype):
    x = noise(6000)
    params = parameters(n_fft, 29)
    expected = plan(scale, amplitude, dtype, params).compute(x).data
    for block in (1, 5, 16, 100, 1000):
        found = run(kind_engine(scale, amplitude, dtype, params, block), x, dtype)
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", SCALES)
def test_the_first_frame_of_a_computation_does_not_show(scale, dtype):
    x = noise(3000)
    params = parameters(100, 13)
    whole = plan(scale, "power", dtype, params).compute(x).data
    e = kind_engine(scale, "power", dtype, params, 0)
    for first, count in [(0, 1), (1, 7), (63, 2), (64, 100), (whole.shape[1] - 1, 1)]:
        assert np.array_equal(run(e, x, dtype, first, count), whole[:, first : first + count])


@together("dtype", DTYPES)
@together("n_fft", [400, 512, 1024])
@together("spectrum", ["power", "complex"])
def test_the_size_of_the_output_does_not_show(spectrum, n_fft, dtype):
    """Too large an output for a cache is written another way than a small one."""
    e = engine(dtype, n_fft, 8, spectrum=spectrum)
    numbers = np.result_type(dtype, np.complex64) if spectrum == "complex" else NUMPY[dtype]
    count = 7_000_000 // (e.rows * np.dtype(numbers).itemsize) + 1
    x = noise(count * 8 + n_fft)
    whole = run(e, x, numbers, 0, count)
    for first in range(0, count, 300):
        part = run(e, x, numbers, first, min(300, count - first))
        assert np.array_equal(part, whole[:, first : first + 300])


@together("dtype", DTYPES)
@pytest.mark.parametrize(("scale", "amplitude"), KINDS)
def test_a_shift_by_a_hop_shifts_the_frames(scale, amplitude, dtype):
    x = noise(4000)
    p = plan(scale, amplitude, dtype, parameters(256, 48, centre=False))
    whole = p.compute(x).data
    for hops in (1, 3, 20):
        assert np.array_equal(p.compute(x[hops * 48 :]).data, whole[:, hops:])
        shifted = p.compute(np.concatenate([noise(hops * 48, 1), x])).data
        assert np.array_equal(shifted[:, hops:], whole)


@together("dtype", DTYPES)
@together("scale", SCALES)
def test_twice_the_signal_is_four_times_the_power(scale, dtype):
    p = plan(scale, "power", dtype)
    assert np.array_equal(p.compute(2 * tones()).data, 4 * p.compute(tones()).data)


@pytest.mark.parametrize("dtype", DTYPES)
@together("n_fft", [1, 2, 3, 4, 6, 30, 97, 127, 256, 400, 512, 1000, 1024, 2048])
def test_power_is_the_square_of_the_transform(n_fft, dtype):
    # A kernel may keep a product's low bits until the sum is rounded; two roundings are then one.
    x = noise(3 * n_fft + 100)
    params = parameters(n_fft, max(1, n_fft // 3))
    z = sg.StftPlan(params, dtype).compute(x).data
    power = plan("linear", "power", dtype, params).compute(x).data
    squares = np.square(z.real) + np.square(z.imag)
    np.testing.assert_array_max_ulp(power, squares, maxulp=1, dtype=NUMPY[dtype])


@together("dtype", DTYPES)
@together("scale", SCALES)
def test_magnitude_is_the_root_of_power(scale, dtype):
    power = plan(scale, "power", dtype).compute(tones()).data
    assert np.array_equal(plan(scale, "magnitude", dtype).compute(tones()).data, np.sqrt(power))


def test_scratch_memory_leaves_nothing_behind():
    # The second of two signals finds the scratch memory of the first, full of NaN.
    for dtype in DTYPES:
        for kind in KINDS:
            for params in (
                parameters(),
                parameters(63, 16, win_length=40),
                parameters(64, 16, win_length=41),
            ):
                p = plan(*kind, dtype, params)
                expected = p.compute(tones()).data.copy()
                assert np.isnan(p.compute(np.full(1000, np.nan)).data).any()
                assert np.array_equal(p.compute(tones()).data, expected)


def test_results_go_into_single_precision_too():
    # Recipes compute in float64 and keep float32.
    x = tones()
    geometry = {"left": 32, "pad": 64}
    for stages in ([], [("root", 0.0)], [("dense", noise(5 * 33).reshape(5, 33))]):
        e = engine(stages=stages, **geometry)
        wide = run(e, x, np.float64)
        for make in (np.zeros, lambda shape, dtype: np.zeros(shape[::-1], dtype).T):
            out = make(wide.shape, np.float32)
            calls.compute_frames(e, x, out, 0, "empty")
            assert np.array_equal(out, wide.astype(np.float32))
    e = engine(spectrum="complex", **geometry)
    wide = run(e, x, np.complex128)
    out = np.zeros(wide.shape, np.complex64)
    calls.compute_frames(e, x, out, 0, "empty")
    assert np.array_equal(out, wide.astype(np.complex64))


# --- steps and stages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "steps",
    [
        {"gain": 32768.0},
        {"remove_mean": True},
        {"preemphasis": 0.97},
        {"gain": 3.0, "remove_mean": True, "preemphasis": 0.97},
    ],
)
def test_steps_of_each_frame(steps, dtype):
    x = noise(1000) + 0.5
    frames = definition.frames(x, 64, 16, centre=False) * steps.get("gain", 1.0)
    if steps.get("remove_mean"):
        frames = frames - frames.mean(axis=1, keepdims=True)
    if "preemphasis" in steps:
        before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
        frames = frames - steps["preemphasis"] * before
    expected = np.abs(np.fft.rfft(frames * np.hanning(64))).T ** 2
    definition.assert_close(run(engine(dtype, steps=steps), x, dtype), expected, dtype)
    odd = engine(dtype, 63, steps=steps, window=np.hanning(64)[:50], window_at=5)
    assert run(odd, x, dtype, count=3).shape == (32, 3)


ROWS = noise(6 * 33, 5).reshape(6, 33)
STAGES = {
    "bank": (
        [("bank", [3, 0, 10, 32], [5, 2, 0, 1], [0, 5, 7, 7], np.arange(1.0, 9.0))],
        lambda p: np.stack(
            [np.arange(1.0, 6.0) @ p[3:8], np.array([6.0, 7.0]) @ p[:2], 0 * p[0], 8.0 * p[32]]
        ),
    ),
    "bank of pairs": (
        [("pair_bank", [3, 3, 10, 10], [2, 2, 1, 1], [0, 2, 4, 5], np.arange(1.0, 7.0)), ("pair_power",)],
        lambda p: np.stack([(p[3] + 2 * p[4]) ** 2 + (3 * p[3] + 4 * p[4]) ** 2, 61 * p[10] ** 2]),
    ),
    "dense": ([("dense", ROWS)], lambda p: ROWS @ p),
    "two matrices": ([("dense", ROWS), ("dense", ROWS[:2, :6])], lambda p: ROWS[:2, :6] @ (ROWS @ p)),
    "pair power": (
        [("dense", ROWS), ("pair_power",)],
        lambda p: (ROWS @ p)[::2] ** 2 + (ROWS @ p)[1::2] ** 2,
    ),
    "root": ([("root", 1.5)], lambda p: np.sqrt(p + 1.5)),
    "exponent": ([("exponent", 0.3)], lambda p: p**0.3),
    "log of bins": ([("log", 2.0, 0.25, 1.0)], lambda p: 2 * np.log(np.maximum(p + 0.25, 1.0))),
    "log of bands": (
        [("dense", ROWS**2), ("log", 1.0, 0.0, 1e-3)],
        lambda p: np.log(np.maximum(ROWS**2 @ p, 1e-3)),
    ),
    "cepstrum": ([("cepstrum", 1.0, False)], lambda p: np.fft.irfft(p, 64, axis=0)[:33]),
    "squared cepstrum of bands": (
        [("dense", np.eye(33) + 0.1), ("cepstrum", 2.0, True)],
        lambda p: 4 * np.fft.irfft((np.eye(33) + 0.1) @ p, 64, axis=0)[:33] ** 2,
    ),
    "affine": ([("affine", -2.0, 7.0)], lambda p: 7 - 2 * p),
    "sum of absolute values": (
        [("dense", ROWS), ("normalize", 1)],
        lambda p: ROWS @ p / np.abs(ROWS @ p).sum(axis=0),
    ),
    "Euclidean norm": ([("normalize", 2)], lambda p: p / np.sqrt((p**2).sum(axis=0))),
    "largest value": ([("dense", ROWS), ("normalize", 3)], lambda p: ROWS @ p / np.abs(ROWS @ p).max(axis=0)),
}


@together("dtype", DTYPES)
@pytest.mark.parametrize("name", STAGES)
def test_stages(name, dtype):
    stages, state = STAGES[name]
    x = noise(1500)
    power = np.abs(definition.stft(x, np.hanning(64), 64, 16, centre=False)) ** 2
    definition.assert_close(run(engine(dtype, stages=stages), x, dtype), state(power), dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_heads_share_a_transform_and_nothing_else(dtype):
    signals = np.stack([noise(1000, seed) for seed in range(3)])
    chains = [[], [("dense", ROWS)], [("log", 1.0, 0.0, 1e-3)], STAGES["bank"][0], [("root", 0.0)]]
    chains += [STAGES["cepstrum"][0], [("log", 1.0, 0.0, 1e-3), ("cepstrum", 1.0, True)]]
    together = Engine(
        dtype == "float32", 64, 16, np.hanning(64), outputs=[("power", stages) for stages in chains]
    )
    count = together.frame_count(1000)
    outs = [np.full((3, rows, count), np.nan, dtype) for rows in together.row_counts()]
    calls.compute_array(together, signals, outs)
    for stages, out in zip(chains, outs, strict=True):
        alone = engine(dtype, stages=stages)
        for x, data in zip(signals, out, strict=True):
            assert np.array_equal(data, run(alone, x, dtype))


def test_unknown_stage():
    with pytest.raises(ValueError, match="unknown stage 'sqrt'"):
        engine(stages=[("sqrt",)])


@pytest.mark.parametrize(
    ("starts", "lengths"), [([3, 4], [2, 2]), ([3, 3], [2, 1]), ([3, 3, 5], [2, 2, 2])], ids=str
)
def test_pairs_have_one_span(starts, lengths):
    with pytest.raises(ValueError, match="must have one start and length"):
        engine(stages=[("pair_bank", starts, lengths, np.cumsum(lengths) - lengths, np.ones(sum(lengths)))])


@pytest.mark.slow
@pytest.mark.parametrize("dtype", DTYPES)
@given(seed=st.integers(0, 2**32 - 1), n_fft=st.integers(1, 300))
@settings(max_examples=40)
def test_energy_is_kept(dtype, seed, n_fft):
    """Parseval: bins that stand for two count twice."""
    x = noise(n_fft, seed)
    power = run(engine(dtype, n_fft, 1, window=np.ones(n_fft)), x, dtype)[:, 0].astype(np.float64)
    twice = np.full(n_fft // 2 + 1, 2.0)
    twice[0] = 1
    if n_fft % 2 == 0:
        twice[-1] = 1
    np.testing.assert_allclose(twice @ power, n_fft * (x @ x), rtol=1e-12 if dtype == "float64" else 2e-6)


# --- numbers at the edge ---------------------------------------------------------------------------------


@together("bad", [np.nan, np.inf, -np.inf])
@together("dtype", DTYPES)
@pytest.mark.parametrize(("scale", "amplitude"), [kind for kind in KINDS if kind[0] != "cqt"])
def test_bad_samples_spoil_the_frames_they_touch(scale, amplitude, dtype, bad):
    for params in (
        parameters(512, 160),
        parameters(127, 40),
        parameters(100, 30, win_length=50),
        parameters(100, 30, pad_mode="reflect"),
    ):
        stft = params.stft
        x, clean = noise(4000), plan(scale, amplitude, dtype, params).compute(noise(4000)).data
        x[2000] = bad
        data = plan(scale, amplitude, dtype, params).compute(x).data
        at = (stft.n_fft - stft.win_length) // 2 - stft.n_fft // 2
        start = at + stft.hop_size * np.arange(data.shape[1])
        touched = (start <= 2000) & (start + stft.win_length > 2000)
        spoiled = np.isnan(data) if np.isnan(bad) else ~np.isfinite(data)
        assert spoiled[:, touched].all()
        assert np.array_equal(data[:, ~touched], clean[:, ~touched])


@pytest.mark.parametrize("dtype", DTYPES)
def test_bad_samples_spoil_the_kernels_they_touch(dtype):
    params = parameters(512, 160)
    p = plan("cqt", "power", dtype, params)
    x, clean = noise(4000), p.compute(noise(4000)).data
    x[2000] = np.nan
    data = p.compute(x).data
    spoiled = np.isnan(data)
    assert np.array_equal(data[~spoiled], clean[~spoiled])
    start = 160 * np.arange(data.shape[1]) - 256
    touched = (start <= 2000) & (start + 512 > 2000)
    assert not spoiled[:, ~touched].any()
    # The kernel of the lowest bin is as long as any; it takes most of the frame.
    assert spoiled[0, touched].any()
    assert spoiled[0].sum() >= spoiled[-1].sum()


@together("dtype", DTYPES)
@together("scale", SCALES)
def test_silence(scale, dtype):
    for x in (np.zeros(500), np.full(500, -0.0)):
        for amplitude in ("power", "magnitude"):
            data = plan(scale, amplitude, dtype).compute(x).data
            assert not data.any()
            assert not np.signbit(data).any()


@pytest.mark.parametrize("n_fft", [63, 64, 512])
@pytest.mark.parametrize("dtype", DTYPES)
def test_subnormal_samples(dtype, n_fft):
    # Not flushed: equal to the definition to a few of the smallest steps.
    counts = np.round(1000 * noise(2000))
    steps = -np.finfo(dtype).minexp + np.finfo(dtype).nmant
    x = np.ldexp(counts, -steps)
    assert 0 < np.abs(x).max() < np.finfo(dtype).smallest_normal
    params = parameters(n_fft, 50, "rectangular")
    z = sg.StftPlan(params, dtype).compute(x).data
    found = np.ldexp(z.astype(complex).view(float), steps).view(complex)
    expected = definition.stft(counts, np.ones(n_fft), n_fft, 50)
    np.testing.assert_allclose(found, expected, rtol=0, atol=4 * n_fft)
    assert not plan("linear", "power", dtype, params).compute(x).data.any()
    assert np.unique(plan("mel", "db", dtype, params).compute(x).data).tolist() == [-80.0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_overflow_is_infinite(dtype):
    x = tones() * (1e200 if dtype == "float64" else 1e25)
    for scale in ("linear", "mel", "loghz"):
        for amplitude in ("power", "magnitude", "db"):
            data = plan(scale, amplitude, dtype).compute(x).data
            assert not np.isnan(data).any()
            assert data.max() == np.inf


# --- memory ----------------------------------------------------------------------------------------------

HOUR = """
import ctypes, gc, resource, sys
import numpy as np
import spectrograms as sg

path, sample_type = sys.argv[1:]
samples = np.memmap(path, sample_type, "r")
assert samples.size == 3600 * 16000

def kilobytes(file, key):
    with open(f"/proc/self/{file}") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) * 1024

def held():
    # What is free goes back first, so that only what is in use counts; and smaps counts pages, where status
    # adds up what each processor has noted, which most kernels do to within some hundred kilobytes only.
    gc.collect()
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    return sum(kilobytes("smaps_rollup", key) for key in ("Anonymous:", "Swap:"))

params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
plan = sg.SpectrogramPlan(params, sg.MelParams(40, 0.0, 8000.0), "db", dtype="float32")
calls = [
    lambda x: plan.compute(x).data,
    lambda x: sg.compute_mel_db_spectrogram(x, params, plan.scale_params, dtype="float32").data,
]
for call in calls:
    call(samples[: 16000 * 60])  # long enough for the second thread to start
output = 4 * 40 * plan.frame_count(samples.size)
held()  # what it needs itself
for call in calls:
    # Neither for a moment: allocations beyond the output and 4 MB fail.
    before, allowed = held(), kilobytes("status", "VmData") + output + 2**22
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, resource.RLIM_INFINITY))
    result = call(samples)
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert result.nbytes == output
    # The output, to the page, but for a page or so that the interpreter's own objects fill or leave; and, if
    # the second thread came too late for the minute, its scratch and stack.
    more = held() - before - output
    assert -(2**14) < more < plan._engine.scratch + 2**16, (output, more)
    assert not np.isnan(result).any()
    del result
# The limit holds: a copy of the samples breaks it.
resource.setrlimit(resource.RLIMIT_DATA, (kilobytes("status", "VmData") + 2**22, resource.RLIM_INFINITY))
try:
    samples.astype(np.float32)
except MemoryError:
    print("ok")
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("sample_type", ["float32", "int16", "float64"])
def test_an_hour_costs_its_output(sample_type, tmp_path):
    # A file without blocks: zeros that take no room on the disk.
    path = tmp_path / "hour"
    with open(path, "wb") as file:
        file.truncate(3600 * 16000 * np.dtype(sample_type).itemsize)
    ran = subprocess.run(
        [sys.executable, "-P", "-c", HOUR, path, sample_type],
        capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"SPECTROGRAMS_NUM_THREADS": "2"},
    )  # fmt: skip
    assert (ran.stdout.strip(), ran.stderr) == ("ok", "")


def test_scratch_is_bounded_by_the_configuration():
    for n_fft, limit in [(512, 2**19), (4096, 2**22), (2**16, 2**23)]:
        e = engine("float32", n_fft, n_fft // 4, stages=[("dense", np.ones((10, n_fft // 2 + 1)))])
        assert e.scratch < limit
