"""What the pages say is there."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

import spectrograms as sg

from ..support.together import together

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "differences.md"


def _named_tests():
    return sorted(
        {name.rpartition("::")[2] for name in re.findall(r"`([\w./:]*\btest_\w+)`", PAGE.read_text())}
    )


@cache
def _defined():
    text = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    files = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    return set(re.findall(r"^def (test_\w+)\(", text, re.M)) | files


@together("name", _named_tests())
def test_evidence_of_a_difference_exists(name):
    assert name.removesuffix(".py") in _defined()


def test_some_evidence_is_named():
    assert len(_named_tests()) > 15


# --- the reference -------------------------------------------------------------------------------------


def _reference():
    """Module -> the names its tables in the reference list, in their order."""
    text = (ROOT / "docs" / "api.md").read_text()
    listed = {}
    for module, names in re.findall(
        r"\.\. currentmodule:: (\S+)\n\n\.\. autosummary::\n(?:   :.*\n)+\n((?:   \w+\n)+)", text
    ):
        listed.setdefault(module, []).extend(names.split())
    return listed, re.findall(r"^\| `(\w+)` \| (\S+) \|$", text, re.M)


def test_the_reference_lists_every_public_name_once():
    listed, constants = _reference()
    names = listed["spectrograms"] + [name for name, _ in constants]
    assert sorted(names) == sg.__all__
    modules = {name for name in dir(sg) if f"spectrograms.{name}" in sys.modules}
    assert {name for name in dir(sg) if not name.startswith("_")} - modules == set(names)


def test_the_reference_has_the_values_of_the_constants():
    constants = _reference()[1]
    assert len(constants) > 10
    for name, value in constants:
        assert getattr(sg, name) == int(value), name


@pytest.mark.parametrize(
    "module", ["corpus", "torch", "jax", "transformers", "faster_whisper", "lhotse", "sklearn"]
)
def test_the_reference_lists_the_names_of_the_modules_once(module):
    # From the source: PyTorch and JAX need not be there.
    path = ROOT / "spectrograms" / module
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    [names] = (
        ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    )
    assert sorted(_reference()[0][f"spectrograms.{module}"]) == sorted(names)


def _pages():
    return sorted(
        path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    )


@together("page", _pages())
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", text):
        assert ((ROOT / page).parent / target).exists(), target


# --- pages that are made -------------------------------------------------------------------------------


def test_every_frontend_has_a_page_of_its_parameters(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import frontend_pages

    (tmp_path / "gone.md").write_text("of a frontend that is gone")
    pages = {path.stem: path.read_text(encoding="utf-8") for path in frontend_pages.write(tmp_path)}
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(pages) == sorted(sg.frontends())
    for name, summary in sg.frontends().items():
        text = pages[name]
        assert text.startswith(f"# {name}\n\n{summary}.\n")
        rows = re.findall(r"^\| `(\w+)` \| (required|`.+`) \| (.+) \|$", text, re.M)
        assert len(rows) == text.count("\n| `")
        optional = {key: ast.literal_eval(default[1:-1]) for key, default, _ in rows if default != "required"}
        if len(optional) == len(rows):
            rate = {"sample_rate": 16000} if "`sample_rate=` has to be given" in text else {}
            assert sg.frontend(name, **rate).params == optional
    assert "| `db_floor` | `None` | a number >= -3000 or None |" in pages["scipy_stft"]
