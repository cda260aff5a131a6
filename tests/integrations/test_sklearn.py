"""Frontends as a transformer of scikit-learn."""

import importlib
import pickle
import sys

import numpy as np
import pytest

import spectrograms as sg
from spectrograms.errors import InvalidInputError

sklearn = pytest.importorskip("sklearn", reason="needs scikit-learn: pip install scikit-learn")

from sklearn.base import clone  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import Pipeline  # noqa: E402

from spectrograms.sklearn import FrontendTransformer  # noqa: E402

# Those of scikit-learn about its own parameters.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def signals(count=6):
    rng = np.random.default_rng(0)
    return [0.1 * rng.standard_normal(12000 + 500 * i) for i in range(count)]


def test_parameters_are_got_set_and_cloned():
    made = FrontendTransformer("kaldi_fbank", params={"num_mel_bins": 40}, pool="max", sample_rate=8000)
    known = made.get_params()
    assert known["params"] == {"num_mel_bins": 40}
    again = clone(made)
    assert again is not made
    assert again.get_params() == known
    again.set_params(pool=None, n_frames=5)
    assert again.fit(signals()).transform(signals()).shape == (6, 200)
    assert made.pool == "max"
    assert type(pickle.loads(pickle.dumps(made))) is FrontendTransformer
    assert "kaldi_fbank" in repr(made)


@pytest.mark.parametrize("frontend", ["librosa_mfcc", "kaldi_fbank"])
def test_what_becomes_of_the_frames(frontend):
    params = {"num_mel_bins": 20} if frontend == "kaldi_fbank" else {}
    made = sg.frontend(frontend, **params)
    frames = [made.compute(x) for x in signals()]
    frames = frames if made.layout == "(frames, rows)" else [each.T for each in frames]

    def transformed(**options):
        return FrontendTransformer(frontend, params=params, **options).fit_transform(signals())

    ragged = transformed(pool=None)
    assert isinstance(ragged, list)
    for ours, expected in zip(ragged, frames, strict=True):
        np.testing.assert_array_equal(ours, expected)
    expected = [np.concatenate([each.mean(axis=0), each.std(axis=0)]) for each in frames]
    np.testing.assert_array_equal(transformed(), expected)
    np.testing.assert_array_equal(transformed(pool="median"), [np.median(each, axis=0) for each in frames])
    several = transformed(pool=["min", "max"])
    np.testing.assert_array_equal(several[:, : made.n_bins], [each.min(axis=0) for each in frames])
    for n in (5, 500):
        fixed = transformed(pool=None, n_frames=n).reshape(6, n, made.n_bins)
        for ours, each in zip(fixed, frames, strict=True):
            real = min(n, len(each))
            np.testing.assert_array_equal(ours[:real], each[:real])
            assert not ours[real:].any()


def test_rows_of_an_array_and_lists():
    array = np.stack([x[:12000] for x in signals()])
    made = FrontendTransformer()
    np.testing.assert_array_equal(made.transform(array), made.transform([row.tolist() for row in array]))
    assert made.transform([]).shape == (0, 40)


@pytest.mark.slow
def test_a_search_over_parameters():
    """By the frontend, its parameters, and what becomes of the frames."""
    rng = np.random.default_rng(0)
    seconds = np.arange(4000) / 22050
    pitches = np.repeat([300.0, 3000.0], 8) * rng.uniform(0.95, 1.05, 16)
    tones = [np.sin(2 * np.pi * p * seconds) + 0.01 * rng.standard_normal(4000) for p in pitches]
    labels = np.repeat(["low", "high"], 8)
    model = Pipeline([("features", FrontendTransformer()), ("model", LogisticRegression(max_iter=2000))])
    search = GridSearchCV(
        model,
        {"features__params": [{"n_mfcc": 5}, {"n_mfcc": 10}], "features__pool": ["mean", ("mean", "std")]},
        cv=2,
        n_jobs=1,
        error_score="raise",
    )
    search.fit(tones, labels)
    assert search.best_score_ == 1.0
    assert len(search.cv_results_["params"]) == 4
    assert search.predict([np.sin(2 * np.pi * 2900 * seconds)]).tolist() == ["high"]


def test_names_of_columns():
    made = FrontendTransformer("kaldi_fbank", params={"num_mel_bins": 4})
    assert made.get_feature_names_out().tolist() == [f"{p}_{i}" for p in ("mean", "std") for i in range(4)]
    made.set_params(pool=None, n_frames=2)
    assert made.get_feature_names_out().tolist() == [f"frame{f}_{i}" for f in range(2) for i in range(4)]
    with pytest.raises(InvalidInputError, match="no columns"):
        made.set_params(n_frames=None).get_feature_names_out()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pool": "mode"}, "pool must be of"),
        ({"pool": None, "n_frames": 0}, "n_frames must be >= 1"),
        ({"n_frames": 10}, "n_frames must be >= 1, with pool=None"),
        ({"frontend": "nothing"}, "nothing"),
    ],
)
def test_wrong_parameters_are_refused_by_fit(options, words):
    made = FrontendTransformer(**options)
    with pytest.raises(InvalidInputError, match=words):
        made.fit(signals())


def test_missing_scikit_learn_has_a_name_and_a_cure(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for name in ("spectrograms.sklearn", "spectrograms.integrations.sklearn"):
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"scikit-learn is not installed\. .*pip install scikit-learn$"):
        importlib.import_module("spectrograms.sklearn")
