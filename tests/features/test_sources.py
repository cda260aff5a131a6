"""Plans and sources: one protocol for all of them."""

import copy
import pickle

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.features.chroma import ChromaPlan, compute_chromagram
from spectrograms.features.constant_q import cqt
from spectrograms.features.gammatone import gammatone_center_frequencies, gammatone_iir_spectrogram
from spectrograms.features.mfcc import MfccPlan, compute_mfcc
from spectrograms.features.sources import (
    ChromaSource,
    CqtSource,
    GammatoneSource,
    MfccSource,
    SpectrogramSource,
)
from spectrograms.params import ChromaParams, MfccParams

RATE = 16000.0
STFT = sg.StftParams(512, 160, "hann")
PARAMS = sg.SpectrogramParams(STFT, RATE)
ERB, CQT = sg.ErbParams(8, 100.0, 6000.0), sg.CqtParams(12, 3, 700.0)
MFCC, CHROMA = MfccParams(13), ChromaParams()
X = np.random.default_rng(0).standard_normal(20000)

PLANNER = sg.SpectrogramPlanner()
PLANS = [
    sg.SpectrogramPlan(PARAMS),
    PLANNER.mel_db_plan(PARAMS, sg.MelParams(20, 0.0, 8000.0)),
    PLANNER.erb_power_plan(PARAMS, ERB),
    PLANNER.loghz_magnitude_plan(PARAMS, sg.LogHzParams(24, 100.0, 6000.0)),
    PLANNER.cqt_power_plan(PARAMS, CQT),
    sg.StftPlan(PARAMS),
    MfccPlan(STFT, RATE, 40, MFCC),
    ChromaPlan(STFT, RATE, CHROMA),
]
SOURCES = [
    GammatoneSource(RATE, 400, 160, ERB),
    CqtSource(RATE, 160, CQT),
    ChromaSource(RATE, STFT, CHROMA),
    MfccSource(RATE, STFT, 40, MFCC),
]


def name(source):
    return type(source).__name__


@pytest.mark.parametrize("source", [*PLANS, *SOURCES], ids=name)
def test_protocol(source):
    assert isinstance(source, SpectrogramSource)
    matrix = source.compute_matrix(X)
    assert type(matrix) is np.ndarray
    assert matrix.shape[0] == source.n_bands == len(source.center_frequencies)
    assert source.center_frequencies.dtype == np.float64
    assert (source.sample_rate, source.hop_seconds) == (RATE, 0.01)
    assert matrix.shape[1] > 1
    with pytest.raises(sg.InvalidInputError, match="samples must be non-empty"):
        source.compute_matrix([])
    with pytest.raises(TypeError):
        source.compute_matrix(np.ones((2, 4000)))
    with pytest.raises(TypeError):
        source.compute_matrix(None)


def test_other_things_are_no_sources():
    assert not isinstance(np.ones(3), SpectrogramSource)
    assert not isinstance(sg.IstftPlan(STFT), SpectrogramSource)


@pytest.mark.parametrize("plan", PLANS, ids=name)
def test_plans_give_their_data(plan):
    np.testing.assert_array_equal(plan.compute_matrix(X), plan.compute(X).data)
    assert plan.compute_matrix(X.astype(np.float32).tolist()).shape == plan.output_shape(len(X))


@pytest.mark.parametrize("plan", PLANS[:6], ids=name)
def test_plans_with_frequencies(plan):
    assert plan.center_frequencies.tolist() == plan.compute(X).frequencies


def test_sources_give_what_the_functions_give():
    expected = [
        gammatone_iir_spectrogram(X, RATE, 400, 160, ERB)[0],
        cqt(X, RATE, CQT, 160).to_magnitude(),
        compute_chromagram(X, STFT, RATE, CHROMA).data,
        compute_mfcc(X, STFT, RATE, 40, MFCC).data,
    ]
    for source, matrix in zip(SOURCES, expected, strict=True):
        np.testing.assert_array_equal(source.compute_matrix(X), matrix)
    assert [source.params for source in SOURCES] == [ERB, CQT, CHROMA, MFCC]


def test_frequencies_of_gammatone_and_cqt():
    np.testing.assert_array_equal(SOURCES[0].center_frequencies, gammatone_center_frequencies(ERB))
    np.testing.assert_allclose(SOURCES[1].center_frequencies, 700.0 * 2 ** (np.arange(36) / 12), rtol=1e-15)
    # Bins from half the sample rate on are left out, of the matrix too.
    high = CqtSource(RATE, 160, sg.CqtParams(12, 3, 2000.0))
    assert high.n_bands == 24
    assert high.center_frequencies[-1] < RATE / 2
    assert high.compute_matrix(X).shape[0] == 24


@pytest.mark.parametrize("f_min", [32.7, 50.0, 261.6, 27.5])
@pytest.mark.parametrize("tuning", [440.0, 442.0])
def test_frequencies_of_chroma_are_notes(tuning, f_min):
    """The lowest note in range of each class, C first, whatever f_min is."""
    source = ChromaSource(RATE, STFT, ChromaParams(tuning, f_min, 4000.0))
    found = source.center_frequencies
    semitones = 12 * np.log2(found / tuning)
    np.testing.assert_allclose(semitones, np.round(semitones), rtol=0, atol=1e-9)
    assert (np.round(semitones).astype(int) % 12).tolist() == [(p - 9) % 12 for p in range(12)]
    assert (found >= f_min * (1 - 1e-12)).all()
    assert (found < 2 * f_min * (1 + 1e-12)).all()


def test_the_note_at_f_min_is_in_range():
    assert ChromaSource(RATE, STFT, ChromaParams(440.0, 55.0, 4000.0)).center_frequencies[9] == 55.0


def test_coefficients_of_mfcc_are_numbered():
    assert SOURCES[3].center_frequencies.tolist() == list(range(13))
    without = MfccSource(RATE, STFT, 40, MfccParams(13, include_c0=False))
    assert without.n_bands == without.compute_matrix(X).shape[0] == 12
    assert without.center_frequencies.tolist() == list(range(1, 13))
    single = MfccSource(RATE, STFT, 40, MfccParams(1, include_c0=False))
    assert single.center_frequencies.tolist() == [0.0]


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_sources_are_values(source):
    for twin in (pickle.loads(pickle.dumps(source)), copy.copy(source), copy.deepcopy(source)):
        assert twin == source
        assert hash(twin) == hash(source)
        assert repr(twin) == repr(source)
        np.testing.assert_array_equal(twin.compute_matrix(X), source.compute_matrix(X))
    assert "_plan" not in repr(source)
    assert name(source) in repr(source)
    with pytest.raises(AttributeError):
        source.sample_rate = 1.0
    assert len({*SOURCES, source}) == 4


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf])
def test_bad_sample_rates(rate):
    for make in (
        lambda: GammatoneSource(rate, 400, 160, ERB),
        lambda: CqtSource(rate, 160, CQT),
        lambda: ChromaSource(rate, STFT, CHROMA),
        lambda: MfccSource(rate, STFT, 40, MFCC),
    ):
        with pytest.raises(sg.InvalidInputError, match="sample_rate"):
            make()


def test_bad_arguments():
    for make in (
        lambda: GammatoneSource(RATE, 0, 160, ERB),
        lambda: GammatoneSource(RATE, 400, 0, ERB),
        lambda: CqtSource(RATE, 0, CQT),
        lambda: MfccSource(RATE, STFT, 5, MFCC),
    ):
        with pytest.raises(sg.InvalidInputError):
            make()
    for make in (
        lambda: GammatoneSource(RATE, 400, 160, CQT),
        lambda: CqtSource(RATE, 160, ERB),
        lambda: ChromaSource(RATE, STFT, MFCC),
        lambda: MfccSource(RATE, PARAMS, 40, MFCC),
    ):
        with pytest.raises(TypeError):
            make()
