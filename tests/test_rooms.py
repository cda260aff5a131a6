"""Who may import whom: every import and cimport of the package against one table of allowed edges.

A room is a file or folder of the package; inside the engine, each module is a room of its own.
docs/architecture.md draws the same.
"""

import ast
import re
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import spectrograms

SOURCE = Path(__file__).resolve().parents[1] / "spectrograms"

ALLOWED = {
    "errors": set(),
    "extras": set(),
    "intake": set(),
    "plain": {"errors"},
    "registry": set(),
    "limits": {"errors"},
    "pcm": {"errors", "intake", "params"},
    "params": {"errors", "intake", "limits", "plain"},
    "filterbanks": {"errors", "limits"},
    "conventions": set(),
    "scales": {"conventions", "params", "filterbanks", "limits"},
    "info": {"conventions", "errors", "limits", "params", "plain", "scales"},
    "engine": {"errors", "intake", "plain", "registry"},
    "fingerprint": set(),
    "batch": {"engine", "errors", "intake"},
    "streaming": {"engine", "errors", "intake"},
    "plan": {
        "batch",
        "engine",
        "errors",
        "fingerprint",
        "info",
        "intake",
        "params",
        "plain",
        "scales",
        "streaming",
    },
    "wisdom": {"engine", "errors", "families", "features", "plain", "plan", "recipes", "registry"},
    "families": {"engine", "errors", "features", "info", "intake", "params", "plan", "scales"},
    "features": {
        "batch",
        "engine",
        "errors",
        "filterbanks",
        "info",
        "intake",
        "limits",
        "params",
        "plain",
        "plan",
        "registry",
        "scales",
        "streaming",
    },
    "recipes": {
        "batch",
        "conventions",
        "engine",
        "errors",
        "extras",
        "filterbanks",
        "fingerprint",
        "intake",
        "limits",
        "plain",
        "scales",
        "streaming",
    },
    "comparison": {"conventions", "errors", "plain", "plan", "recipes", "registry"},
    "audio": {"errors", "extras"},
    "corpus": {"__init__", "audio", "comparison", "engine", "errors", "extras", "fingerprint", "recipes"},
    "integrations": {"corpus", "engine", "errors", "extras"},
    "torch": {"integrations"},
    "jax": {"integrations"},
    "cli": {
        "__init__",
        "audio",
        "comparison",
        "corpus",
        "errors",
        "extras",
        "integrations",
        "params",
        "plain",
        "plan",
        "recipes",
    },
    "__main__": {"cli"},
    # Names are looked up in a table at first use, so nothing is imported.
    "__init__": set(),
}

ALLOWED_IN_ENGINE = {
    "kernels": set(),
    "fft": set(),
    "memory": set(),
    "bells": set(),
    "pool": {"bells"},
    "columns": {"kernels"},
    "elementwise": {"kernels"},
    "npz": set(),
    "storage": {"npz"},
    "dlpack": {"memory"},
    "frames": {"kernels"},
    "arrays": set(),
    "signals": {"arrays", "frames", "kernels"},
    "result": {"dlpack", "memory", "storage"},
    "frame_results": {"result"},
    "feature_results": {"frame_results", "result"},
    "transform": {"fft", "kernels", "memory"},
    "dither": set(),
    "linear": {"kernels", "memory"},
    "normalize": {"kernels", "memory"},
    "block": {"dither", "frames", "kernels", "transform"},
    "synthesis": {"fft", "kernels", "memory"},
    "engine": {"block", "frames", "kernels", "memory", "result", "transform"},
    "arenas": {"memory"},
    "real": {"arenas", "arrays", "fft", "frames", "kernels", "memory", "signals", "transform"},
    "fft2d": {"arenas", "fft", "kernels", "memory", "real", "result", "signals"},
    "filter2d": {"arrays", "fft", "fft2d", "kernels", "memory", "real"},
    "mdct": {"arenas", "arrays", "fft", "frames", "kernels", "memory", "signals"},
    "overlap_save": {"frames", "kernels", "memory", "real", "signals"},
    "jobs": {"bells", "block", "engine", "frames", "memory", "pool", "signals"},
    "calls": {"arrays", "block", "engine", "frames", "jobs", "memory", "result", "signals"},
    "__init__": {"memory"},
}

# Methods of results that are another room's function under a second name. The name is looked up when the
# method is called; the room works without the other.
DELEGATED = {
    ("engine.result", "integrations"): "result.to_torch(), to_jax()",
    ("engine.frame_results", "integrations"): "result.plot(), the view of a notebook",
    ("batch", "integrations"): "batch.to_torch()",
    ("engine.feature_results", "features"): "result.histogram()",
    ("engine.feature_results", "__init__"): "result.inverse()",
}

# What is not ours and not Python's, and who may know it.
FOREIGN = {
    "pyfftw": {"engine.fft"},
    "soundfile": {"audio"},
    "jax": {"integrations"},
    "matplotlib": {"cli", "integrations"},
    "torch": {"integrations"},
    "tqdm": {"cli"},
}
EVERYWHERE = {"numpy", "cython", "cpython", "libc", "posix"}


def imported(module, text, is_python):
    """Yield (name, delegated) for everything that a module imports, as absolute dotted names."""
    package = module.split(".")

    def absolute(level, name):
        return ".".join([*package[:-level], name] if level else [name]).rstrip(".")

    if is_python:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                yield from ((alias.name, False) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = absolute(node.level, node.module or "")
                yield from ((f"{origin}.{alias.name}", False) for alias in node.names)
    else:
        text = re.sub(r"\\\n", " ", text)
        for match in re.finditer(r"^\s*c?import +([\w., ]+)", text, re.MULTILINE):
            yield from ((name.split()[0], False) for name in match[1].split(","))
        pattern = r"^\s*from +(\.*)([\w.]*) +c?import +(\([^)]*\)|[^\n#]+)"
        for match in re.finditer(pattern, text, re.MULTILINE):
            origin = absolute(len(match[1]), match[2])
            names = re.findall(r"(\w+)(?: +as +\w+)?", match[3])
            yield from ((f"{origin}.{name}", False) for name in names)
    for match in re.finditer(r"import_module\(\s*f?[\"']([\w.]+)", text):
        yield match[1], True


def place(name):
    """Split the dotted name of something of ours into room and, inside the engine, module."""
    parts = name.split(".")[1:]
    known = ALLOWED_IN_ENGINE if parts[:1] == ["engine"] else ()
    if not parts or parts[0] not in ALLOWED:
        # A name taken from the package itself, such as its version.
        return "__init__", None
    if parts[0] == "engine":
        return "engine", parts[1] if len(parts) > 1 and parts[1] in known else "__init__"
    return parts[0], None


def violations(module, text, is_python=True):
    """Return the imports of a module that the tables do not allow, as sentences."""
    room, inner = place(module)
    here = f"engine.{inner}" if inner else room
    found = []
    for name, delegated in imported(module, text, is_python):
        top = name.split(".")[0]
        if top != "spectrograms":
            if top in sys.stdlib_module_names or top in EVERYWHERE:
                continue
            if here not in FOREIGN.get(top, ()):
                found.append(f"{here} imports {top}")
            continue
        target, target_inner = place(name)
        if delegated and (here, target) in DELEGATED:
            continue
        if target != room:
            if target not in ALLOWED[room]:
                found.append(f"{here} imports {name}")
        elif inner and target_inner != inner and target_inner not in ALLOWED_IN_ENGINE[inner]:
            found.append(f"{here} imports {name}")
    return found


def sources():
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".py", ".pyx", ".pxd"):
            module = ".".join(["spectrograms", *path.relative_to(SOURCE).with_suffix("").parts])
            yield module, path


@pytest.mark.parametrize(("module", "path"), [pytest.param(m, p, id=f"{m}{p.suffix}") for m, p in sources()])
def test_imports_go_one_way(module, path):
    assert violations(module, path.read_text(encoding="utf-8"), path.suffix == ".py") == []


def test_every_room_has_a_row():
    rooms = {module.split(".")[1] for module, _ in sources()}
    assert rooms - set(ALLOWED) == set(), "give the new room a row in ALLOWED and in docs/architecture.md"
    assert set(ALLOWED) - rooms == set()
    modules = {module.split(".")[2] for module, _ in sources() if module.startswith("spectrograms.engine.")}
    assert modules - set(ALLOWED_IN_ENGINE) == set(), "give the new module a row in ALLOWED_IN_ENGINE"
    assert set(ALLOWED_IN_ENGINE) - modules == set()


def test_the_architecture_page_names_every_room():
    page = (SOURCE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = [
        room
        for room in ALLOWED
        if room != "__main__" and f"`{room}`" not in page and f"`{room}/`" not in page
    ]
    assert not missing


def test_no_arrow_points_back():
    # The table itself has an order: sorting raises CycleError if it has none.
    for table in (ALLOWED, ALLOWED_IN_ENGINE):
        order = list(TopologicalSorter(table).static_order())
        assert set(order) == set(table)


def test_every_public_name_has_its_home_in_a_room():
    for module in spectrograms._MODULES:
        path = SOURCE.joinpath(*module.split("."))
        assert any(path.with_suffix(suffix).exists() for suffix in (".py", ".pyx")) or path.is_dir()


@pytest.mark.parametrize(
    ("module", "text", "is_python"),
    [
        ("spectrograms.params.stft", "from spectrograms.plan import Plan", True),
        ("spectrograms.params.stft", "from ..plan import Plan", True),
        ("spectrograms.params.stft", "def f():\n    import spectrograms.engine.fft", True),
        ("spectrograms.errors", "from . import params", True),
        ("spectrograms.filterbanks.mel", "from spectrograms.params import MelParams", True),
        ("spectrograms.plan", "from .families import SpectrogramPlanner", True),
        ("spectrograms.features.stft", "import spectrograms.cli", True),
        ("spectrograms.engine.fft", "from spectrograms.params cimport x", False),
        ("spectrograms.engine.fft", "from spectrograms import params", False),
        ("spectrograms.engine.fft", "from ..plan import Plan", False),
        ("spectrograms.engine.fft", "from spectrograms.engine.block cimport (\n    Config,\n)", False),
        ("spectrograms.engine.frames", "from .engine cimport Engine", False),
        ("spectrograms.engine.kernels", "cimport spectrograms.engine.frames", False),
        ("spectrograms.engine.storage", "from spectrograms.engine import result", True),
        ("spectrograms.engine.block", "from pyfftw cimport FFTW", False),
        ("spectrograms.engine.block", "import os, pyfftw", False),
        ("spectrograms.plan", "import pyfftw", True),
        ("spectrograms.features.stft", "from scipy import fft", True),
        ("spectrograms.plan", "import soundfile", True),
        ("spectrograms.engine.fft", 'importlib.import_module("spectrograms.integrations.plot")', False),
        ("spectrograms.engine.result", 'import_module("spectrograms.plan")', False),
    ],
)  # fmt: skip
def test_a_planted_violation_is_found(module, text, is_python):
    before = "import numpy as np\n"
    assert violations(module, before, is_python) == []
    assert len(violations(module, before + text + "\nvalue = 1\n", is_python)) >= 1


@pytest.mark.parametrize(
    ("module", "text", "is_python"),
    [
        ("spectrograms.params.stft", "from .window import WindowType\nfrom ..errors import X", True),
        ("spectrograms.plan", "import json\nfrom spectrograms.engine.engine import Engine", True),
        ("spectrograms.engine.fft", "import pyfftw\nfrom pyfftw cimport FFTW, fftw_exe", False),
        ("spectrograms.engine.block", "from libc.string cimport memcpy\nfrom .frames cimport gather", False),
        ("spectrograms.engine.result", 'importlib.import_module("spectrograms.integrations.plot")', False),
    ],
)  # fmt: skip
def test_allowed_imports_pass(module, text, is_python):
    assert violations(module, text, is_python) == []
