"""Fingerprints: the same for the same numbers, another for others, the same in every process."""

import pickle

import numpy as np
import pytest

import spectrograms as sg
from spectrograms._common import fingerprint as module
from spectrograms._common.fingerprint import canonical_json, fingerprint


def plan(hop_size=160, sample_rate=16000, **options):
    params = sg.SpectrogramParams(sg.StftParams(512, hop_size, "hann"), sample_rate)
    return sg.SpectrogramPlan(params, sg.MelParams(40, 0.0, 4000.0), "db", **options)


def test_order_of_keys_does_not_matter():
    assert fingerprint({"a": 1, "b": [2, None]}) == fingerprint({"b": [2, None], "a": 1})
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"\\u00e9","b":1}'


def test_a_known_configuration_keeps_its_fingerprint():
    # Stored features are found again by it: a change of this value makes every store stale.
    assert fingerprint({"n_fft": 512}) == "8be35f3bc09d3bbe556c778a17a472c4"


def test_the_numeric_contract_is_part_of_it(monkeypatch):
    before = fingerprint({"n_fft": 512})
    monkeypatch.setattr(module, "NUMERIC_VERSION", module.NUMERIC_VERSION + 1)
    assert fingerprint({"n_fft": 512}) != before


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_nan(value):
    with pytest.raises(ValueError, match="JSON"):
        fingerprint({"x": value})


def test_equal_plans_have_equal_fingerprints():
    first = plan(dtype="float32").fingerprint
    assert plan(dtype="float32").fingerprint == first
    assert pickle.loads(pickle.dumps(plan(dtype="float32"))).fingerprint == first
    assert sg.SpectrogramPlan.from_json(plan(dtype="float32").to_json()).fingerprint == first
    # 16000 and 16000.0 are the same rate, and 160 from NumPy the same hop.
    assert plan(np.int64(160), 16000.0, dtype="float32").fingerprint == first


def test_the_family_and_the_plan_share_it():
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    family = sg.SpectrogramPlanner().mel_db_plan(params, sg.MelParams(40, 0.0, 4000.0), sg.LogParams(-80.0))
    assert family.fingerprint == plan().fingerprint


@pytest.mark.parametrize(
    "other",
    [
        lambda: plan(128, dtype="float32"),
        lambda: plan(dtype="float64"),
        lambda: plan(sample_rate=8000, dtype="float32"),
        lambda: plan(db=sg.LogParams(-60.0), dtype="float32"),
    ],
    ids=["hop", "dtype", "rate", "floor"],
)
def test_other_numbers_have_other_fingerprints(other):
    assert other().fingerprint != plan(dtype="float32").fingerprint
