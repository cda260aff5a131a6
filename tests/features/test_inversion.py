"""SpecAugment, Griffin-Lim, mel inversion and PCEN: definitions, peers, errors."""

import inspect

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.augment import spec_augment
from spectrograms.features.energy_normalization import pcen
from spectrograms.features.inversion import griffin_lim, invert_mel

librosa = pytest.importorskip("librosa")

PARAMS = sg.SpectrogramParams(sg.StftParams(512, 128, "hann", periodic=True), 16000)


def tone(n=8000):
    t = np.arange(n)
    return (
        np.sin(0.05 * t)
        + 0.3 * np.sin(0.4 * t + 1e-5 * t**2)
        + 0.01 * np.random.default_rng(0).standard_normal(n)
    )


# --- SpecAugment --------------------------------------------------------------------------------------


def test_masks_are_bands_and_spans_within_their_widths():
    x = np.random.default_rng(0).random((3, 40, 200)) + 1.0
    for seed in range(20):
        out = spec_augment(x, seed=seed, freq_masks=1, freq_width=8, time_masks=1, time_width=30)
        for item, masked in zip(x, out, strict=True):
            gone = masked == 0.0
            bands, spans = gone.all(axis=1), gone.all(axis=0)
            assert bands.sum() <= 8
            assert spans.sum() <= 30
            assert np.array_equal(gone, bands[:, None] | spans[None, :])
            assert np.array_equal(masked[~gone], item[~gone])
            for mask in (bands, spans):
                assert np.count_nonzero(np.diff(np.concatenate(([0], mask, [0])))) in (0, 2)


def test_items_do_not_depend_on_their_mates():
    x = np.random.default_rng(0).random((4, 40, 200)).astype(np.float32)
    out = spec_augment(x, seed=5)
    assert out.dtype == np.float32
    assert np.array_equal(out[:2], spec_augment(x[:2], seed=5))
    assert not np.array_equal(out, spec_augment(x, seed=6))
    assert np.array_equal(out.swapaxes(1, 2), spec_augment(x.swapaxes(1, 2), seed=5, time_major=True))
    assert np.array_equal(out[0], spec_augment(x[0], seed=5))


def test_masks_keep_within_lengths():
    x = np.ones((2, 10, 100))
    out = spec_augment(x, seed=(1, 2), lengths=[30, 0], value="mean", time_ratio=0.5)
    assert np.array_equal(out, x)
    for seed in range(20):
        out = spec_augment(x, seed=seed, lengths=[30, 0], value=-1, freq_masks=0, time_ratio=0.2)
        assert np.count_nonzero(out[0, 0] == -1) <= 12
        assert (out[0, :, 30:] == 1).all()
        assert (out[1] == 1).all()


def test_every_width_is_drawn():
    x = np.ones((2000, 4, 1))
    out = spec_augment(x, seed=0, freq_masks=1, freq_width=2, time_masks=0)
    counts = np.bincount((out == 0).sum(axis=(1, 2)).astype(int), minlength=3)
    assert counts.min() > 550
    assert counts.sum() == 2000


def test_spec_augment_refuses():
    x = np.ones((2, 10, 100))
    with pytest.raises(sg.InvalidInputError, match=r"time_ratio must be in 0\.\.1"):
        spec_augment(x, seed=0, time_ratio=2.0)
    with pytest.raises(sg.InvalidInputError, match="lengths must be 2 numbers"):
        spec_augment(x, seed=0, lengths=[101, 3])
    with pytest.raises(TypeError, match="at least 2 dimensions"):
        spec_augment(np.ones(3), seed=0)


# --- Griffin-Lim --------------------------------------------------------------------------------------


def convergence(magnitude, signal):
    again = sg.SpectrogramPlan(PARAMS, amplitude="magnitude").compute(signal).data
    frames = min(again.shape[1], magnitude.shape[1])
    error = again[:, :frames] - magnitude[:, :frames]
    return np.linalg.norm(error) / np.linalg.norm(magnitude)


@pytest.mark.slow
def test_griffin_lim_finds_the_magnitude():
    magnitude = sg.SpectrogramPlan(PARAMS, amplitude="magnitude").compute(tone()).data
    start = convergence(magnitude, griffin_lim(magnitude, PARAMS, n_iter=0))
    ours = convergence(magnitude, griffin_lim(magnitude, PARAMS, n_iter=60))
    # The seed has another name from librosa 1.0 on.
    seed = "rng" if "rng" in inspect.signature(librosa.griffinlim).parameters else "random_state"
    theirs = librosa.griffinlim(magnitude, n_iter=60, hop_length=128, n_fft=512, length=7936, **{seed: 0})
    assert ours < 0.25 * start
    assert ours < 1.25 * convergence(magnitude, theirs)


def test_griffin_lim_is_reproducible():
    magnitude = sg.SpectrogramPlan(PARAMS, amplitude="magnitude").compute(tone()).data
    one = griffin_lim(magnitude, PARAMS, n_iter=3, seed=4, length=8000)
    assert one.shape == (8000,)
    assert np.array_equal(one, griffin_lim(magnitude, PARAMS, n_iter=3, seed=4, length=8000))
    assert not np.array_equal(one, griffin_lim(magnitude, PARAMS, n_iter=3, seed=5, length=8000))
    assert griffin_lim(magnitude[:, :1], PARAMS, n_iter=2).shape == (512,)


def test_griffin_lim_of_batches_gives_what_each_gives_alone():
    plan = sg.SpectrogramPlan(PARAMS, amplitude="magnitude")
    batch = np.stack([plan.compute(tone() * scale).data for scale in (1.0, 30.0, 1e-3)]).reshape(
        3, 1, 257, -1
    )
    options = {"n_iter": 4, "seed": 3, "length": 8000}
    for threads in (1, 2, 8):
        made = griffin_lim(batch, PARAMS, num_threads=threads, **options)
        assert made.shape == (3, 1, 8000)
        for signal, magnitude in zip(made, batch, strict=True):
            assert signal[0].tobytes() == griffin_lim(magnitude[0], PARAMS, **options).tobytes()
    with pytest.raises(sg.InvalidInputError, match="magnitude must not be empty"):
        griffin_lim(batch[:0], PARAMS)
    batch[2, 0, 5, 5] = -1
    with pytest.raises(sg.InvalidInputError, match="magnitude must be >= 0"):
        griffin_lim(batch, PARAMS)


def test_griffin_lim_refuses():
    with pytest.raises(sg.DimensionMismatchError, match="expected 257, got 100"):
        griffin_lim(np.ones((100, 3)), PARAMS)
    with pytest.raises(sg.InvalidInputError, match="magnitude must be >= 0"):
        griffin_lim(-np.ones((257, 3)), PARAMS)
    with pytest.raises(sg.InvalidInputError, match="must have a frame"):
        griffin_lim(np.ones((257, 0)), PARAMS)
    with pytest.raises(sg.InvalidInputError, match=r"momentum must be in 0\.\.1"):
        griffin_lim(np.ones((257, 3)), PARAMS, momentum=1.5)
    with pytest.raises(TypeError, match="params must be SpectrogramParams"):
        griffin_lim(np.ones((257, 3)), PARAMS.stft)


# --- mel inversion ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["none", "slaney"])
def test_mel_inversion_fits_as_well_as_librosa(norm):
    mel = sg.MelParams(40, 0.0, 8000.0, norm=norm)
    # Short, because the peer's solver takes all frames as one problem.
    bands = sg.SpectrogramPlan(PARAMS, mel).compute(tone(1200)).data
    power = invert_mel(bands, PARAMS, mel)
    assert power.shape == (257, bands.shape[1])
    assert (power >= 0).all()
    weights = librosa.filters.mel(
        sr=16000, n_fft=512, n_mels=40, norm=None if norm == "none" else norm, dtype=np.float64
    )
    theirs = librosa.util.nnls(weights, bands)
    ours = np.linalg.norm(weights @ power - bands) / np.linalg.norm(bands)
    assert ours < max(1e-3, 1.05 * np.linalg.norm(weights @ theirs - bands) / np.linalg.norm(bands))


def test_mel_inversion_refuses():
    mel = sg.MelParams(40, 0.0, 8000.0)
    with pytest.raises(sg.DimensionMismatchError, match="rows of mel_power"):
        invert_mel(np.ones((80, 3)), PARAMS, mel)
    with pytest.raises(TypeError, match="mel must be MelParams"):
        invert_mel(np.ones((40, 3)), PARAMS, None)


# --- PCEN ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [{}, {"gain": 0.5, "bias": 0.0}, {"power": 0.0}, {"power": 0.25, "time_constant": 0.05, "eps": 1e-3}],
)
def test_pcen_is_librosas(more):
    energies = np.random.default_rng(0).random((2, 30, 100)) * 1e3
    expected = librosa.pcen(energies, sr=16000, hop_length=160, **more)
    np.testing.assert_allclose(pcen(energies, 16000, 160, **more), expected, rtol=1e-10, atol=1e-13)


def test_pcen_goes_on_from_a_state():
    energies = np.random.default_rng(0).random((2, 30, 100)) * 1e3
    options = {"sr": 16000, "hop_length": 160, "return_zf": True}
    first, state = librosa.pcen(energies[..., :40], **options)
    rest, last = librosa.pcen(energies[..., 40:], zi=state, **options)
    ours, ours_state = pcen(energies[..., :40], 16000, 160, return_zf=True)
    ours_rest, ours_last = pcen(energies[..., 40:], 16000, 160, zi=ours_state, return_zf=True)
    for mine, theirs in ((ours, first), (ours_state, state), (ours_rest, rest), (ours_last, last)):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-13)
    whole = pcen(energies, 16000, 160)
    # Pieces of any size, and bands and items alone, have the same bytes.
    for size in (1, 7, 60):
        made, state = [], None
        for at in range(0, 100, size):
            part, state = pcen(energies[..., at : at + size], 16000, 160, zi=state, return_zf=True)
            made.append(part)
        assert np.concatenate(made, axis=-1).tobytes() == whole.tobytes()
    assert pcen(energies[1, 3:5], 16000, 160).tobytes() == whole[1, 3:5].tobytes()
    assert pcen(energies[..., :0], 16000, 160, zi=state, return_zf=True)[1].tobytes() == state.tobytes()
    with pytest.raises(sg.DimensionMismatchError, match="shape of zi"):
        pcen(energies, 16000, 160, zi=state[0])
    with pytest.raises(sg.InvalidInputError, match="zi must be finite"):
        pcen(energies, 16000, 160, zi=-state)


def test_pcen_refuses():
    with pytest.raises(sg.InvalidInputError, match="energies must be >= 0"):
        pcen(-np.ones((2, 3)), 16000, 160)
    with pytest.raises(sg.InvalidInputError, match="time_constant must be > 0"):
        pcen(np.ones((2, 3)), 16000, 160, time_constant=0)
    with pytest.raises(TypeError, match="at least 2 dimensions"):
        pcen(np.ones(3), 16000, 160)


def test_case_4_5_infinite_magnitudes_are_refused():
    no_signal_has(np.inf)


@pytest.mark.parametrize("bad", [-np.inf, np.nan, -1.0])
def test_values_that_no_signal_has_are_refused(bad):
    no_signal_has(bad)


def no_signal_has(bad):
    params = sg.SpectrogramParams(sg.StftParams(64, 16, "hann"), 8000)
    mel = sg.MelParams(4, 0.0, 4000.0)
    for function, matrix, more in (
        (sg.griffin_lim, np.ones((33, 5)), ()),
        (sg.invert_mel, np.ones((4, 5)), (mel,)),
    ):
        matrix[2, 3] = bad
        with pytest.raises(sg.InvalidInputError, match=r"must be (>= 0|finite) everywhere"):
            function(matrix, params, *more)
