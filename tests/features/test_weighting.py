"""Weightings of sound level meters: tables of the standards, librosa's numbers, levels in every scale."""

import numpy as np
import pytest

import spectrograms as sg

from ..support.together import together

PARAMS = sg.SpectrogramParams(sg.StftParams(1024, 256, "hann"), 48000)
SCALES = [
    None,
    sg.MelParams(40, 0.0, 24000.0),
    sg.ErbParams(32, 50.0, 20000.0),
    sg.LogHzParams(40, 60.0, 12000.0),
    sg.OctaveParams(1, 125.0, 8000.0),
    sg.CqtParams(12, 3, 900.0),
    sg.CqtParams(12, 3, 900.0, method="multirate"),
    sg.LinearParams(300.0, 9000.0),
]
# IEC 61672-1, table 3, and IEC 60537.
TABLE = {
    "A": {
        31.5: -39.4,
        63: -26.2,
        125: -16.1,
        250: -8.6,
        500: -3.2,
        1000: 0,
        2000: 1.2,
        4000: 1.0,
        8000: -1.1,
    },
    "C": {31.5: -3.0, 63: -0.8, 125: -0.2, 250: 0, 500: 0, 1000: 0, 2000: -0.2, 4000: -0.8, 8000: -3.0},
    "B": {
        31.5: -17.1,
        63: -9.3,
        125: -4.2,
        250: -1.3,
        500: -0.3,
        1000: 0,
        2000: -0.1,
        4000: -0.7,
        8000: -2.9,
    },
    "D": {31.5: -16.7, 63: -10.9, 125: -5.5, 250: -1.6, 500: -0.3, 1000: 0, 2000: 7.9, 4000: 11.1, 8000: 5.5},
}


def noise(n=20000):
    return np.random.default_rng(0).standard_normal(n)


@pytest.mark.parametrize("kind", ["A", "B", "C", "D"])
def test_curves_are_those_of_the_standards(kind):
    # The standards mean the exact frequencies: 31.62 Hz is called 31.5.
    frequencies = 10 ** (np.round(10 * np.log10(list(TABLE[kind]))) / 10)
    assert np.abs(sg.frequency_weighting(frequencies, kind) - list(TABLE[kind].values())).max() < 0.11


@pytest.mark.parametrize("kind", ["A", "B", "C", "D"])
def test_curves_are_librosas(kind):
    librosa = pytest.importorskip("librosa")
    frequencies = np.concatenate([[0.0, 1e-3], np.geomspace(1, 1e5, 500)]).reshape(2, -1)
    for min_db in (-80.0, -20.0):
        with np.errstate(divide="ignore"):
            expected = librosa.frequency_weighting(frequencies, kind=kind, min_db=min_db)
        ours = sg.frequency_weighting(frequencies, kind, min_db=min_db)
        assert np.abs(ours - expected).max() < 1e-10
    assert sg.frequency_weighting([0.0], kind, min_db=None)[0] == -np.inf


@pytest.mark.slow
@together("scale", SCALES)
@together("kind", ["A", "B", "C", "D"])
def test_levels_are_those_plus_the_curve(scale, kind):
    x = noise()
    plain = sg.SpectrogramPlan(PARAMS, scale, "db", sg.LogParams(-300.0)).compute(x)
    plan = sg.SpectrogramPlan(PARAMS, scale, "db", sg.LogParams(-300.0, weighting=kind))
    weighted = plan.compute(x)
    expected = plain.data + sg.frequency_weighting(plain.f, kind)[:, None]
    # The floor counts after the curve.
    heard = plain.data > -280.0
    assert heard.mean() > 0.9
    assert np.abs(weighted.data - expected)[heard].max() < 1e-9
    assert weighted.unit == f"dB({kind})"
    assert f"dB({kind})" in plan.conventions["log"]


def test_levels_are_librosas():
    librosa = pytest.importorskip("librosa")
    x = noise()
    power = sg.SpectrogramPlan(PARAMS).compute(x)
    with np.errstate(divide="ignore"):
        expected = librosa.perceptual_weighting(power.data, power.f, top_db=None)
    ours = sg.SpectrogramPlan(PARAMS, None, "db", sg.LogParams(-200.0, weighting="A")).compute(x).data
    assert np.abs(ours - expected).max() < 1e-9


@together("scale", SCALES)
def test_batches_streams_and_feature_sets_give_the_same_bytes(scale):
    db = sg.LogParams(-300.0, weighting="A")
    plan = sg.SpectrogramPlan(PARAMS, scale, "db", db)
    x = noise()
    whole = plan.compute(x).data
    assert np.asarray(plan.compute_batch([x, x[:9000]], num_threads=2)[0]).tobytes() == whole.tobytes()
    stream = plan.stream()
    parts = [stream.push(x[at : at + 777]) for at in range(0, len(x), 777)] + [stream.flush()]
    assert np.concatenate(parts, axis=1).tobytes() == whole.tobytes()
    if not isinstance(scale, sg.CqtParams):
        both = sg.FeatureSet(PARAMS.stft, 48000, {"a": (scale, "db", db), "power": (scale, "power")})
        assert both.compute(x)["a"].data.tobytes() == whole.tobytes()


def test_units_and_dicts():
    params = sg.SpectrogramParams(PARAMS.stft, 48000, scaling="spectrum", unit="Pa")
    db = sg.LogParams(0.0, reference=20e-6, weighting="C")
    plan = sg.SpectrogramPlan(params, None, "db", db)
    assert plan.compute(noise()).unit == "dB(C) re 20 uPa"
    assert sg.LogParams.from_dict(db.to_dict()) == db
    assert "weighting" not in sg.LogParams(-80.0).to_dict()
    full = sg.SpectrogramPlan(
        sg.SpectrogramParams(PARAMS.stft, 48000, scaling="dBFS"),
        None,
        "db",
        sg.LogParams(-80.0, weighting="A"),
    )
    assert full.compute(noise()).unit == "dBFS(A)"


def test_averages():
    average = sg.LongTermAverage(sg.SpectrogramPlan(PARAMS), percentiles=[50])
    average.extend([noise()])
    plain = average.finish()
    weighted = plain.to_db(sg.LogParams(-300.0, weighting="A"))
    curve = sg.frequency_weighting(plain.frequencies)[:, None]
    assert np.abs(weighted.mean - plain.to_db().mean - curve).max() < 1e-9
    assert weighted.unit == "dB(A)"


def test_refuses():
    with pytest.raises(sg.InvalidInputError, match="kind must be"):
        sg.frequency_weighting([1.0], "E")
    with pytest.raises(sg.InvalidInputError, match="frequencies must be >= 0"):
        sg.frequency_weighting([-1.0])
    with pytest.raises(sg.InvalidInputError, match="weighting must be"):
        sg.LogParams(-80.0, weighting="Z")
