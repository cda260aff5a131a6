"""The page of accuracy is whole, and what it says of this package holds."""

import re
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "accuracy.md"
# Relative to the largest value.
MOST = {"float64": 1e-13, "float32": 2e-6}
# Noise of full scale has bins 60 dB below the peak.
MOST_DB = {"float64": 1e-10, "float32": 2e-2}
# Where the definition is another computation, or ends far below the largest value.
MORE = {
    # -85 dB are left of what lies above half the lower rates.
    "constant Q, a rate for each octave": {"float64": 1e-4, "float32": 1e-4},
    # Bins in which an ear is 60 dB below its loudest.
    "interaural level ratio": {"float64": 1e-11, "float32": 1e-4},
    "interaural phase difference": {"float64": 1e-12, "float32": 1e-4},
    "interaural time difference": {"float64": 1e-12, "float32": 1e-4},
    # Differences of a few Hz, or samples, between places that are rounded: thousands of Hz, and seconds.
    "reassigned frequencies": {"float64": 1e-12, "float32": 1e-4},
    "reassigned times": {"float64": 1e-12, "float32": 1e-4},
    # Phases that are added up.
    "time stretching": {"float64": 1e-11, "float32": 1e-4},
}


@pytest.fixture(scope="module")
def benchmark():
    """The modules behind the page."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        yield import_module("accuracy"), import_module("exact")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def rows(dtype):
    """(feature, package) -> cells of the table of a dtype."""
    table = PAGE.read_text(encoding="utf-8").partition(f"\n| {dtype} ")[2].partition("\n\n")[0]
    found, feature = {}, ""
    for line in table.splitlines()[2:]:
        title, package, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        feature = title or feature
        found[feature, package] = cells
    return found


@pytest.mark.parametrize("dtype", MOST)
def test_the_page_has_every_feature(dtype, benchmark):
    accuracy, _ = benchmark
    found = rows(dtype)
    assert [feature for feature, package in found if package == "this package"] == [*accuracy.FEATURES]
    assert {package for _, package in found} == set(accuracy.NAMES.values())
    cells = [cell for row in found.values() for cell in row]
    assert all(re.fullmatch(r"\d(\.\d)?(e[+-]\d\d)?|lost|", cell) for cell in cells)
    assert {len(row) for row in found.values()} == {len(accuracy.SIGNALS)}


@pytest.mark.slow
@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double is not wider than double here")
@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
@pytest.mark.parametrize("dtype", MOST)
def test_features_are_as_exact_as_the_page_says(dtype, benchmark):
    accuracy, _ = benchmark
    x = np.random.default_rng(0).uniform(-1, 1, 8192).astype(dtype)
    worst = {}
    for feature, definition in accuracy.FEATURES.items():
        found = accuracy.accuracy_calls.package(feature, x, 16000, dtype)
        worst[feature] = accuracy.error(feature, found, definition(x, 16000))
    usual = {feature: MOST_DB if feature in accuracy.IN_DB else MOST for feature in worst}
    most = {feature: MORE.get(feature, bounds)[dtype] for feature, bounds in usual.items()}
    assert {name: error for name, error in worst.items() if not error <= most[name]} == {}
    # What is compared is not the same computation.
    assert sum(error > 0 for error in worst.values()) > 30


def test_the_page_has_every_frontend(benchmark):
    import spectrograms as sg

    accuracy, _ = benchmark
    table = PAGE.read_text(encoding="utf-8").partition("\n| frontend ")[2].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert [title for title, *_ in cells if title] == [*sg.frontends()]
    assert {how for _, how, *_ in cells} == {"float64", "float32", *accuracy.TOOLKITS.values()}
    assert {len(row) for row in cells} == {2 + len(accuracy.SIGNALS)}
    # Arithmetic in float64 leaves the rounding of the result.
    lost = {title for title, how, *row in cells if how == "float64" and "lost" in row}
    powers = {"librosa_melspectrogram", "torchaudio_melspectrogram", "torchaudio_spectrogram"}
    assert lost <= powers | {"speech_to_text_fbank"}
    found = [float(cell) for _, how, *row in cells if how == "float64" for cell in row if cell != "lost"]
    assert max(found) < 1e-7


def test_an_error_is_seen(benchmark):
    accuracy, exact = benchmark
    x = np.random.default_rng(1).uniform(-1, 1, 2000)
    expected = exact.power(x)
    assert accuracy.error("power", expected.astype(np.float64), expected) < 1e-15
    assert accuracy.error("power", expected * (1 + 1e-9), expected) == pytest.approx(1e-9, rel=1e-3)
    assert accuracy.error("power", expected * np.nan, expected) == np.inf
    assert "shape" in accuracy.error("power", expected[:-1], expected)
