"""The examples of the pages run, and give what they say."""

import re
from pathlib import Path

import pytest

import spectrograms as sg

from ..support.checkout import DATA, REASON, needs
from ..support.corpora import recordings

ROOT = Path(__file__).resolve().parents[2]

# Page -> what it needs, and how many values it states at least.
PAGES = {
    "README": (["soundfile", "soxr", "matplotlib"], 3),
    "index": (["soundfile", "matplotlib"], 0),
    "tutorial": (["soundfile", "matplotlib"], 15),
    "guide/batches": ([], 7),
    "guide/streaming": ([], 7),
    "guide/units": ([], 5),
    "guide/frontends": (["soundfile", "soxr"], 5),
    "guide/frameworks": ([], 0),
    "guide/shape": ([], 3),
    "guide/from-scipy": (["scipy"], 3),
    "guide/from-kaldi": ([], 3),
    "guide/from-rust": ([], 5),
    "tutorials/model": ([], 6),
    "tutorials/measurement": ([], 4),
    "tutorials/music": ([], 3),
    "guide/parts": ([], 5),
    "guide/not-here": ([], 1),
    "guide/music": (["soundfile", "soxr"], 6),
    "guide/pictures": (["matplotlib"], 3),
    "guide/from-librosa": (["librosa", "soundfile", "soxr"], 5),
    "guide/from-torchaudio": (["torch", "soundfile", "soxr"], 3),
    "guide/match-models": (["soundfile", "soxr"], 8),
    "guide/dataloader": (["torch", "soundfile", "soxr"], 0),
}


class Page:
    """Runs the examples of a page, one after the other in one namespace."""

    def __init__(self, name):
        self.name, self.checked = name, 0
        folder = ROOT if name == "README" else ROOT / "docs"
        self.text = (folder / f"{name}.md").read_text(encoding="utf-8")
        # What is pickled for a worker has to be found in a module.
        self._namespace = {"check": self._check, "__name__": "__main__"}

    def _check(self, value, expected):
        assert repr(value) == expected
        self.checked += 1

    def run(self, *kinds):
        """Run blocks marked ``python``, and those marked ``python KIND``."""
        blocks = re.findall(r"```python ?(\w*)\n(.*?)```", self.text, re.S)
        assert blocks
        for kind, block in blocks:
            if kind and kind not in kinds:
                continue
            # "expression  # -> value", at the left margin.
            code = re.sub(r"^(\S.*?)  # -> (.+)$", lambda m: f"check(({m[1]}), {m[2]!r})", block, flags=re.M)
            exec(compile(code, self.name, "exec"), self._namespace)


@pytest.mark.slow
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
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where wisdom is kept
    page = Page(name)
    for folder in ("audio", "configs"):
        if f"tests/data/{folder}/" in page.text and not (DATA / folder).is_dir():
            pytest.skip(REASON.format(folder))
    page.run()
    assert page.checked >= n_values
    sg.forget_wisdom()
    if name == "guide/dataloader":
        assert capsys.readouterr().out.startswith("torch.Size([2, 598, 80]) [")


@needs("audio")
def test_tutorial_with_pytorch(tmp_path, monkeypatch):
    pytest.importorskip("torch", reason="needs PyTorch: pip install torch")
    matplotlib = pytest.importorskip("matplotlib", reason="needs matplotlib: pip install matplotlib")
    matplotlib.use("Agg")
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    page = Page("tutorial")
    page.run("torch")
    assert page.checked >= 16


@pytest.mark.parametrize("package", ["torch", "jax", "tensorflow", "xarray"])
def test_frameworks(package):
    pytest.importorskip(package, reason=f"needs {package}: pip install {package}")
    Page("guide/frameworks").run(package)


# Part of the guide to drop-ins -> what it needs, and how many values it states.
DROP_INS = {
    "transformers": (["transformers", "torch"], 2),
    "sklearn": (["sklearn"], 1),
    "torch": (["torch", "soundfile", "pyarrow"], 2),
    "tensorflow": (["tensorflow", "soundfile", "pyarrow"], 2),
    "grain": (["grain", "soundfile", "pyarrow"], 1),
    "lhotse": (["lhotse", "soundfile", "pyarrow"], 2),
}


@pytest.mark.parametrize("kind", DROP_INS)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_drop_ins(kind, tmp_path, monkeypatch):
    packages, n_values = DROP_INS[kind]
    for package in packages:
        pytest.importorskip(package, reason=f"needs {package}: pip install {package}")
    recordings(tmp_path / "recordings")
    monkeypatch.chdir(tmp_path)
    page = Page("guide/drop-ins")
    page.run(kind)
    assert page.checked >= n_values


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """The guide to corpora, beside a folder of twelve recordings."""
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    recordings(tmp_path / "recordings")
    monkeypatch.chdir(tmp_path)
    return Page("guide/corpus")


# Threads and sockets of a cluster that is closing; none of them is ours.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_corpus(corpus):
    pytest.importorskip("distributed", reason="needs Dask: pip install dask distributed")
    corpus.run("dask")
    assert corpus.checked >= 19


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_corpus_with_pytorch(corpus):
    pytest.importorskip("torch", reason="needs PyTorch: pip install torch")
    corpus.run("torch")
    assert corpus.checked >= 19
