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
    accuracy, exact = benchmark
    found = rows(dtype)
    assert [feature for feature, package in found if package == "this package"] == [*exact.FEATURES]
    assert {package for _, package in found} == set(accuracy.NAMES.values())
    cells = [cell for row in found.values() for cell in row]
    assert all(re.fullmatch(r"\d(\.\d)?(e[+-]\d\d)?|lost|", cell) for cell in cells)
    assert {len(row) for row in found.values()} == {len(accuracy.SIGNALS)}


@pytest.mark.slow
@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double is not wider than double here")
@pytest.mark.filterwarnings("ignore::spectrograms.SpectrogramWarning")
@pytest.mark.parametrize("dtype", MOST)
def test_features_are_as_exact_as_the_page_says(dtype, benchmark):
    accuracy, exact = benchmark
    x = np.random.default_rng(0).uniform(-1, 1, 4096).astype(dtype)
    worst = {}
    for feature, definition in exact.FEATURES.items():
        found = accuracy.package(feature, x, 16000, dtype)
        worst[feature] = accuracy.error(feature, found, definition(x, 16000))
    most = {feature: (MOST_DB if feature in exact.IN_DB else MOST)[dtype] for feature in worst}
    assert {name: error for name, error in worst.items() if not error <= most[name]} == {}
    # What is compared is not the same computation.
    assert sum(error > 0 for error in worst.values()) > 10


def test_an_error_is_seen(benchmark):
    accuracy, exact = benchmark
    x = np.random.default_rng(1).uniform(-1, 1, 2000)
    expected = exact.power(x)
    assert accuracy.error("power", expected.astype(np.float64), expected) < 1e-15
    assert accuracy.error("power", expected * (1 + 1e-9), expected) == pytest.approx(1e-9, rel=1e-3)
    assert accuracy.error("power", expected * np.nan, expected) == np.inf
    assert "shape" in accuracy.error("power", expected[:-1], expected)
