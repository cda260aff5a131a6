"""The examples of the pages run, and give what they say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

# Page -> what it needs, and how many values it states at least.
PAGES = {
    "index": (["soundfile", "matplotlib"], 0),
    "tutorial": (["soundfile", "matplotlib"], 15),
    "guide/batches": ([], 7),
    "guide/streaming": ([], 7),
    "guide/from-librosa": (["librosa", "soundfile", "soxr"], 5),
    "guide/from-torchaudio": (["torch", "soundfile", "soxr"], 3),
    "guide/match-models": (["soundfile", "soxr"], 8),
    "guide/dataloader": (["torch", "soundfile", "soxr"], 0),
}


@pytest.mark.parametrize("name", PAGES)
def test_examples(name, tmp_path, monkeypatch, capsys):
    packages, n_values = PAGES[name]
    for package in packages:
        pytest.importorskip(package)
    if "matplotlib" in packages:
        import matplotlib as mpl

        mpl.use("Agg")
    # Pages name files as seen from a clone, and write where they stand.
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    checked = []

    def check(value, expected):
        assert repr(value) == expected
        checked.append(expected)

    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    # What is pickled for a worker has to be found in a module.
    namespace = {"check": check, "__name__": "__main__"}
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert blocks
    for block in blocks:
        # "expression  # -> value", at the left margin.
        code = re.sub(r"^(\S.*?)  # -> (.+)$", lambda m: f"check(({m[1]}), {m[2]!r})", block, flags=re.M)
        exec(compile(code, name, "exec"), namespace)
    assert len(checked) >= n_values
    if name == "guide/dataloader":
        assert capsys.readouterr().out.startswith("torch.Size([2, 598, 80]) [")
