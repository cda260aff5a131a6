"""The registry of kinds: what it holds, and that nobody else keeps such a list."""

import ast
from pathlib import Path

import pytest

import spectrograms as sg
from spectrograms._common import registry

from ..support.together import together

SOURCE = Path(sg.__file__).parent
CLASSES = {name for table in (registry.RESULTS, registry.INFOS, registry.PLANS) for _, name in table.values()}


def listed(text):
    """Lines of a source where two or more classes of the registry stand in one list."""
    if sum(name in text for name in CLASSES) < 2:
        return
    for node in ast.walk(ast.parse(text)):
        items = getattr(node, "values", None) if isinstance(node, ast.Dict) else getattr(node, "elts", ())
        if sum(isinstance(item, ast.Name) and item.id in CLASSES for item in items or ()) > 1:
            yield node.lineno


@pytest.mark.slow
@together("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_other_module_lists_kinds(path):
    assert list(listed(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("text", ["x = (StftPlan, MfccPlan)", "x = {1: Mfcc, 2: Chromagram}"])
def test_a_planted_list_is_found(text):
    assert list(listed(text)) == [1]


def test_what_a_table_holds():
    params = sg.SpectrogramParams(sg.StftParams(512, 160, "hann"), 16000)
    plans = [
        sg.SpectrogramPlan(params),
        sg.SpectrogramPlanner().linear_db_plan(params),  # of a subclass
        sg.IstftPlan(params),
        sg.FeatureSet(params.stft, 16000, {"power": "power"}),
    ]
    assert all(registry.holds(registry.PLANS, plan) for plan in plans)
    assert [registry.holds(registry.SHARING, plan) for plan in plans] == [True, True, False, False]
    for other in (None, "SpectrogramPlan", params, sg.frontend("whisper_openai"), sg.SpectrogramPlan):
        assert not registry.holds(registry.PLANS, other)
