"""The constant-Q transform with a rate for each octave: librosa, kernels of full length, time, bytes,
errors."""

import librosa
import numpy as np
import pytest

import spectrograms as sg
from spectrograms.filterbanks.multirate import half_band
from spectrograms.plans.multirate import octaves_of

from ..support.spectrogram_cases import DTYPES, noise
from ..support.together import together

RATE = 22050
PARAMS = sg.CqtParams(12, 7, 32.7, method="multirate")


def decibels(found, expected):
    """The largest difference, relative to the largest value, in dB."""
    return 20 * np.log10(np.abs(found - expected).max() / np.abs(expected).max())


def quiet_at_the_ends(n, rate=RATE):
    """Noise that fades in and out, over as long as the longest kernels, with zeros outside."""
    x, m = noise(n), int(0.6 * rate)
    x[: m // 2] = x[len(x) - m // 2 :] = 0
    x[m // 2 : m] *= np.hanning(m)[: m - m // 2]
    x[-m : -(m // 2)] *= np.hanning(m)[m // 2 :]
    return x


def at_full_rate(x, rate, params, hop):
    """Kernels of full length at the rate of the signal: sums over windows that are sampled there."""
    n_frames, octaves = len(x) // hop + 1, params.n_octaves
    rows = []
    for k, f in enumerate(params.frequencies()):
        # The rate whose kernels these are says how long they are, and where their middle is.
        step = 2 ** min(octaves - 1 - k // params.bins_per_octave, (hop & -hop).bit_length() - 1)
        length = params.q_factor * rate / (f + params.gamma * params.q_factor)
        half = int(np.ceil(length / step / 2))
        count = half + int(np.floor(length / step / 2))
        n = half * step - np.arange(count * step)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(count * step) / (count * step))
        kernel = np.sqrt(length) / window.sum() * window * np.exp(-2j * np.pi * f * n / rate)
        padded = np.pad(x, half * step + 1)
        places = np.arange(n_frames)[:, None] * hop + half * step + 1
        rows.append([padded[place + n] @ kernel for place in places])
    return np.array(rows)


def of_their_parts(x, rate, params, hop, gamma, halvings):
    """What librosa's kernels give with the signals that its resampler makes, without its half spectra."""
    frequencies = np.array(params.frequencies())
    r = 2 ** (2 / params.bins_per_octave)
    alpha = (r - 1) / (r + 1)
    lengths, _ = librosa.filters.wavelet_lengths(freqs=frequencies, sr=rate, gamma=gamma, alpha=alpha)
    n_frames, rows, done, step = len(x) // hop + 1, [], 0, 1
    for octave in range(params.n_octaves):
        while done < halvings[octave]:
            x, done, step = (
                librosa.resample(x, orig_sr=2, target_sr=1, res_type="soxr_hq"),
                done + 1,
                2 * step,
            )
        end = len(frequencies) - octave * params.bins_per_octave
        those = slice(end - params.bins_per_octave, end)
        kernels, _ = librosa.filters.wavelet(
            freqs=frequencies[those], sr=rate / step, gamma=gamma, alpha=alpha, norm=1, dtype=np.complex128
        )
        n = kernels.shape[1]
        padded = np.pad(x, n)
        frames = np.array([padded[t * hop // step + n // 2 :][:n] for t in range(n_frames)])
        responses = np.roll(kernels[:, ::-1], 1, axis=1) @ frames.T
        rows.append(np.sqrt(lengths[those, None]) * responses)
    return np.concatenate(rows[::-1])


# Seven octaves, a lower first rate, few halvings and two, none at all, quarter tones.
LIBROSA = [
    ((12, 7, 32.7), 22050, 512, range(7)),
    ((12, 3, 40.0), 22050, 512, (4, 5, 6)),
    ((12, 5, 100.0), 16000, 100, (0, 1, 2, 2, 2)),
    ((12, 4, 60.0), 8000, 125, (0, 0, 0, 0)),
    ((24, 6, 65.4), 44100, 1024, range(1, 7)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("bins", "rate", "hop", "halvings"), LIBROSA)
@pytest.mark.parametrize("gamma", [0.0, 12.0, None])
def test_librosa(bins, rate, hop, halvings, gamma):
    """Equal but for their resampler; they also leave out what kernels see of negative frequencies."""
    x = quiet_at_the_ends(3 * rate, rate)
    b, n_octaves, f_min = bins
    q_factor = sg.CqtParams(*bins, method="multirate").q_factor
    erb = 24.7 / 0.108 / q_factor
    params = sg.CqtParams(*bins, method="multirate", gamma=erb if gamma is None else gamma)
    found = sg.cqt(x, rate, params, hop).data
    exact = -280 if not any(halvings) else -90 if gamma == 0.0 else -60
    assert decibels(found, of_their_parts(x, rate, params, hop, gamma, halvings)) < exact
    theirs = librosa.vqt(
        x, sr=rate, hop_length=hop, fmin=f_min, n_bins=b * n_octaves, bins_per_octave=b, gamma=gamma,
        sparsity=0, dtype=np.complex128,
    )  # fmt: skip
    assert found.shape == theirs.shape
    assert decibels(found, theirs) < (-80 if gamma == 0.0 else -40)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "hop", "gamma", "most"),
    [(22050, 512, 0.0, -90), (22050, 441, 0.0, -280), (16000, 4000, 0.0, -80), (22050, 512, 12.0, -60)],
)
def test_full_rate(rate, hop, gamma, most):
    """At a lower rate kernels have fewer samples: what they see beyond half of it folds."""
    x, params = noise(int(1.3 * rate)), sg.CqtParams(12, 7, 32.7, method="multirate", gamma=gamma)
    expected = at_full_rate(x, rate, params, hop)
    assert decibels(sg.cqt(x, rate, params, hop).data, expected) < most
    assert decibels(sg.cqt(x.astype("f4"), rate, params, hop, "float32").data, expected) < max(most, -115)


def test_kernels_of_the_window_s_height():
    x = noise(RATE)
    params = sg.CqtParams(12, 7, 32.7, method="multirate", normalize=False)
    found, scaled = sg.cqt(x, RATE, params, 441).data, sg.cqt(x, RATE, PARAMS, 441).data
    lengths = params.q_factor * RATE / np.array(params.frequencies())
    counts = np.ceil(lengths / 2) + np.floor(lengths / 2)
    np.testing.assert_allclose(found, scaled * (0.5 * counts / np.sqrt(lengths))[:, None], rtol=1e-9)
    at_half_rates = sg.cqt(x, RATE, params, 512).data
    middle = np.abs(at_half_rates).mean(axis=1) / np.abs(found).mean(axis=1)
    assert (np.abs(middle - 1) < 0.5).all()


@pytest.mark.parametrize("hop", [441, 100, 256, 512])
def test_time_of_an_impulse(hop):
    x = np.zeros(3 * RATE)
    x[int(1.5 * RATE)] = 1
    for params in (PARAMS, sg.CqtParams(12, 7, 32.7, method="multirate", gamma=8.0)):
        result = sg.cqt(x, RATE, params, hop)
        size = result.to_magnitude()
        seen = size.max(axis=1) > 0
        # A kernel that is shorter than the hop may fall between two frames.
        assert seen[: 84 if hop < 200 or hop == 441 else 48].all()
        times = result.t[size.argmax(axis=1)][seen]
        assert np.abs(times - 1.5).max() <= 0.5 * hop / RATE


@pytest.mark.parametrize("hop", [512, 300, 441])
@pytest.mark.parametrize("dtype", DTYPES)
def test_same_bytes(hop, dtype):
    """Whole, in chunks, frame by frame, in a batch, on threads, into arrays, in a set, from other memory."""
    x, gap = noise(40_000), sg.StftParams(1024, hop, "hann")
    plan = sg.SpectrogramPlan(sg.SpectrogramParams(gap, RATE), PARAMS, "power", dtype=dtype)
    whole = plan.compute(x).data
    assert whole.shape == plan.output_shape(len(x)) == (84, len(x) // hop + 1)
    for sizes in ([40_000], [1] * 50 + [39_950], [7_000, 3, 20_000, 12_997]):
        stream = plan.stream()
        parts = [stream.push(part) for part in np.split(x, np.cumsum(sizes)[:-1])]
        assert np.array_equal(np.hstack([*parts, stream.flush()]), whole)
    for t in (0, 1, 17, whole.shape[1] - 1):
        assert np.array_equal(plan.compute_frame(x, t), whole[:, t])
    out = np.empty((whole.shape[1], 84), dtype).T
    assert np.array_equal(plan.compute_into(x, out, num_threads=2), whole)
    batch = plan.compute_batch([x[:5], x, x[:9000]], num_threads=2)
    assert np.array_equal(batch[1].data, whole)
    assert np.array_equal(batch[2].data, plan.compute(x[:9000]).data)
    assert np.array_equal(plan.compute(x[::-1].copy()[::-1]).data, whole)
    features = sg.FeatureSet(gap, RATE, {"cqt": PARAMS, "mel": sg.MelParams(40, 0.0, 8000.0)}, dtype)
    assert np.array_equal(features.compute(x)["cqt"].data, whole)
    stream = features.stream()
    parts = [stream.push(part)["cqt"] for part in np.split(x, 8)]
    assert np.array_equal(np.hstack([*parts, stream.flush()["cqt"]]), whole)
    power = sg.cqt(x, RATE, PARAMS, hop, dtype).to_power()
    np.testing.assert_allclose(power, whole, rtol=1e-5, atol=1e-7 * whole.max())


@pytest.mark.parametrize("dtype", DTYPES)
def test_same_bytes_of_complex_plans(dtype):
    x = noise(40_000)
    plan = sg.CqtPlan(PARAMS, RATE, 300, dtype)
    whole = sg.cqt(x, RATE, PARAMS, 300, dtype).data
    assert whole.shape == plan.output_shape(len(x))
    assert np.array_equal(plan.compute(x).data, whole)
    assert np.array_equal(plan.compute_into(x, np.empty_like(whole), num_threads=2), whole)
    assert np.array_equal(plan.compute_batch(np.stack([x, -x]), num_threads=2)[0], whole)
    stream = plan.stream()
    parts = [stream.push(part) for part in np.split(x, [1, 7000, 7003, 27_000])]
    assert all(part.shape[1] for part in parts[3:])  # not only at the end
    assert np.array_equal(np.hstack([*parts, stream.flush()]), whole)
    assert sg.CqtPlan.from_json(plan.to_json()) == plan
    with pytest.raises(sg.InvalidInputError, match="method of a CqtPlan must be 'multirate', got 'frame'"):
        sg.CqtPlan(sg.CqtParams(12, 7, 32.7), RATE, 300)
    with pytest.raises(sg.DimensionMismatchError, match="n_bins of the plan"):
        sg.CqtPlan.from_dict(plan.to_dict() | {"n_bins": 80})


@together("kind", [np.float64, np.int16])
def test_frames_far_apart(kind):
    """Further apart than kernels are long: each has samples of its own."""
    x = (1000 * noise(200_000)).astype(kind)
    near = sg.cqt(x, RATE, PARAMS, 512).data
    far = sg.cqt(x, RATE, PARAMS, 512 * 64).data
    assert np.array_equal(far, near[:, ::64])


def test_zeros_beside_short_signals():
    """Frames beyond the ends see zeros, however short the signal."""
    for n in (1, 2, 100, 511, 512, 5000):
        x = noise(n)
        whole = sg.cqt(np.pad(x, (512 * 40, 512 * 40)), RATE, PARAMS, 512).data
        found = sg.cqt(x, RATE, PARAMS, 512)
        assert found.shape == (84, n // 512 + 1)
        np.testing.assert_allclose(found.data, whole[:, 40 : 41 + n // 512], atol=1e-12 * np.abs(whole).max())


def test_padding_of_a_plan():
    x = noise(30_000)
    stft = sg.StftParams(4096, 512, "hann", pad_mode="reflect")
    found = sg.SpectrogramPlan(sg.SpectrogramParams(stft, RATE), PARAMS).compute(x).data
    expected = sg.cqt(np.pad(x, 2048, mode="reflect"), RATE, PARAMS, 512).to_power()[:, 4:-4]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_seen_by_the_kernels_that_cover_it(value):
    x = noise(60_000)
    x[30_000] = value
    result = sg.cqt(x, RATE, PARAMS, 64)
    touched = ~np.isfinite(result.data)
    distance = np.abs(np.arange(result.n_frames) * 64 - 30_000)
    lengths = PARAMS.q_factor * RATE / np.array(PARAMS.frequencies())
    for k, row in enumerate(touched):
        # The filters reach further, by less than 20 samples of the kernel's rate at both ends.
        reach = 20 * 2 ** (6 - k // 12)
        assert row[distance < 0.45 * lengths[k]].all()
        assert not row[distance > 0.5 * lengths[k] + reach].any()


@pytest.mark.parametrize("highest", [0.01, 0.2, 0.4, 0.475])
def test_filter(highest):
    taps = half_band(highest)
    distances = np.arange(2 * len(taps) - 1, 0, -2)

    def response(f):  # of the upper rate
        return 0.5 + 2 * np.cos(2 * np.pi * np.outer(f, distances)) @ taps

    folded = response(np.linspace(0.5 - highest / 2, 0.5, 400))
    assert np.abs(folded).max() < 3e-7
    assert np.abs(response(np.linspace(0, highest / 2, 400)) - 1).max() < 3e-7


def test_parameters():
    params = sg.CqtParams(12, 7, 32.7, method="multirate", gamma=3.0)
    assert repr(params) == "CqtParams(num_bins=84, method='multirate', gamma=3)"
    assert sg.CqtParams.from_dict(params.to_dict()) == params
    assert params.q_factor == pytest.approx(17.33, abs=0.01)
    assert params.bin_bandwidth(12) == pytest.approx(65.4 / params.q_factor + 3)
    old = sg.CqtParams(12, 7, 32.7)
    assert {"method", "gamma"}.isdisjoint(old.to_dict())
    assert (old.method, old.gamma) == ("frame", 0.0)
    words = sg.SpectrogramPlan(
        sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), RATE), params
    ).conventions
    assert "rate of each octave" in words["mel scale"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bins", "rate", "hop"), [((12, 7, 32.7), 22050, 512), ((12, 2, 1000.0), 16000, 256)]
)
def test_hybrid(bins, rate, hop):
    x = quiet_at_the_ends(2 * rate, rate)
    params = sg.CqtParams(*bins, method="multirate")
    expected = librosa.hybrid_cqt(
        x, sr=rate, hop_length=hop, fmin=bins[2], n_bins=params.num_bins, sparsity=0, dtype=np.complex128
    )  # fmt: skip
    found = sg.hybrid_cqt(x, rate, params, hop)
    assert found.shape == expected.shape
    assert decibels(found, expected) < -80
    # Their kernels are of single precision.
    assert decibels(found[-12:], expected[-12:]) < -140
    narrow = sg.hybrid_cqt(x, rate, params, hop, "float32")
    assert narrow.dtype == np.float32
    assert decibels(narrow, found) < -100
    with pytest.raises(sg.InvalidInputError, match="method of hybrid_cqt must be 'multirate', got 'frame'"):
        sg.hybrid_cqt(x, rate, sg.CqtParams(*bins), hop)


@pytest.mark.slow
@pytest.mark.parametrize(("bins", "most"), [(12, -40), (24, -70)])
def test_inverse(bins, most):
    x, params = noise(9000), sg.CqtParams(bins, 3, 400.0, method="multirate")
    spectrum, f = np.fft.rfft(x), np.fft.rfftfreq(9000, 1 / RATE)
    spectrum[(f < 450) | (f > 2700)] = 0
    x = np.hanning(9000) * np.fft.irfft(spectrum, 9000)
    transform = sg.cqt(x, RATE, params, 64)
    found = sg.icqt(transform, n_samples=9000)
    assert 20 * np.log10(np.linalg.norm(found - x) / np.linalg.norm(x)) < most
    short = sg.icqt(sg.cqt(x, RATE, params, 64, "float32"), n_iter=8)
    assert (len(short), short.dtype) == (transform.n_frames * 64 - 64, np.float32)
    assert np.abs(short - x[: len(short)]).max() < 0.1 * np.abs(x).max()
    assert not sg.icqt(sg.cqt(np.zeros(9000), RATE, params, 64)).any()


@pytest.mark.slow
@pytest.mark.parametrize("bins", [12, 24])
@pytest.mark.parametrize("hop", [512, 128])
def test_inverse_beside_librosa(bins, hop):
    """Far closer in eight rounds, and as close as the number of values allows where they are too few."""
    x, params = noise(16384), sg.CqtParams(bins, 4, 261.63, method="multirate")
    spectrum, f = np.fft.rfft(x), np.fft.rfftfreq(len(x), 1 / RATE)
    low, high = 277.0, 261.63 * 2 ** (4 - 1 / bins) / 1.06
    spectrum[(f < low) | (f > high)] = 0
    x = np.fft.irfft(spectrum) * np.clip(np.hanning(len(x)) * 3, 0, 1)
    options = {"sr": RATE, "hop_length": hop, "fmin": 261.63, "bins_per_octave": bins, "sparsity": 0}
    theirs = librosa.cqt(x, n_bins=params.num_bins, dtype=np.complex128, **options)
    theirs = librosa.icqt(theirs, length=len(x), **options)
    transform, middle = sg.cqt(x, RATE, params, hop), slice(2000, -2000)
    found = sg.icqt(transform, n_samples=len(x), n_iter=8)

    def rms(values):
        return 20 * np.log10(np.linalg.norm((values - x)[middle]) / np.linalg.norm(x[middle]))

    error = rms(found)
    assert error < rms(theirs) - 3
    alone = RATE / hop / (2 ** (1 / bins) - 1)
    if alone < high:
        lost = (high - alone - alone * np.log(high / alone)) / (high - low)
        assert 10 * np.log10(lost) - 0.5 < error < 10 * np.log10(lost) + 6


def test_adjoint():
    """The sum over kernels is what the inverse takes it for: exactly the transposed transform."""
    x = noise(3000)
    for hop in (32, 60, 700, 25):
        params = sg.CqtParams(12, 4, 200.0, method="multirate", gamma=5.0)
        data = sg.cqt(x, RATE, params, hop).data
        rows = noise(data.size).reshape(data.shape) + 1j * noise(data.size)[::-1].reshape(data.shape)
        back = octaves_of(params, np.array(params.frequencies()), RATE, hop).back(rows, hop, 3000)
        np.testing.assert_allclose(np.vdot(rows, data).real, back @ x, rtol=1e-10)


def test_errors_of_the_inverse():
    transform = sg.cqt(noise(3000), RATE, sg.CqtParams(12, 2, 400.0, method="multirate"), 100)
    with pytest.raises(sg.InvalidInputError, match="n_samples must give 31 frames of hop 100, got 5000"):
        sg.icqt(transform, n_samples=5000)
    with pytest.raises(
        sg.InvalidInputError, match="method of the transform must be 'multirate', got 'frame'"
    ):
        sg.icqt(sg.cqt(noise(3000), RATE, sg.CqtParams(12, 2, 400.0), 100))
    with pytest.raises(sg.InvalidInputError, match="transform must be finite"):
        sg.icqt(sg.cqt(np.full(3000, np.nan), RATE, sg.CqtParams(12, 2, 400.0, method="multirate"), 100))
    with pytest.raises(TypeError, match="not an instance of 'CqtResult': transform"):
        sg.icqt(np.ones((3, 3)))


def test_how_early_events_stand_is_said():
    """In frames: an impulse is loudest that much before its time, in the highest and the lowest bin."""
    params = sg.SpectrogramParams(sg.StftParams(4096, 16, "hann"), 16000)
    plan = sg.SpectrogramPlan(params, sg.CqtParams(12, 3, 500.0))
    x = np.zeros(16000)
    x[8000] = 1
    times = plan.times(16000)[plan.compute(x).data.argmax(axis=1)]
    early = 1000 * (0.5 - times)
    assert plan.conventions["events"] == "111 to 126 ms early"
    np.testing.assert_allclose([early.min(), early.max()], [111, 126], atol=2)
    words = sg.SpectrogramPlan(params, sg.CqtParams(12, 3, 500.0, method="multirate")).conventions
    assert "events" not in words


def test_errors():
    for bad, message in [
        ({"method": "fast"}, "method must be one of 'frame', 'multirate', got 'fast'"),
        ({"gamma": -1.0, "method": "multirate"}, "gamma must be finite and >= 0, got -1"),
        ({"gamma": 1.0}, "gamma must be 0 unless method is 'multirate', got 1"),
    ]:
        with pytest.raises(sg.InvalidInputError, match=message):
            sg.CqtParams(12, 7, 32.7, **bad)
    stft = sg.StftParams(512, 256, "hann", False)
    with pytest.raises(sg.InvalidInputError, match="centre must be True for the centred kernels"):
        sg.SpectrogramPlan(sg.SpectrogramParams(stft, RATE), PARAMS)
    with pytest.raises(sg.InvalidInputError, match="must be below Nyquist"):
        sg.cqt(np.ones(9), 60.0, PARAMS, 512)
    with pytest.raises(sg.InvalidInputError, match="kernels must be at most 1048576 samples long"):
        sg.cqt(np.ones(9), RATE, sg.CqtParams(12, 1, 0.01, method="multirate"), 441)
    with pytest.raises(sg.InvalidInputError, match="scaling and detrend must be 'none'"):
        sg.SpectrogramPlan(
            sg.SpectrogramParams(sg.StftParams(512, 256, "hann"), RATE, scaling="density"), PARAMS
        )
