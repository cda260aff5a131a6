"""Who may import whom: every import and cimport of the package against one table of allowed arrows.

A room is a folder of the package or a module at its top; docs/architecture.md draws the same. No module may
come back to itself, within a room or through others.
"""

import ast
import importlib
import pkgutil
import re
import sys
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import spectrograms

from ..support.together import together

SOURCE = Path(__file__).resolve().parents[2] / "spectrograms"

ALLOWED = {
    # Rooms below all others.
    "errors": set(),
    "_moved": set(),
    "_common": {"errors"},
    "params": {"_common", "errors"},
    "filterbanks": {"_common", "errors"},
    # The engine, from its floor up.
    "_engine": {"_engine.memory"},
    "_engine.kernels": set(),
    "_engine.memory": {"errors"},
    "_engine.threads": {"_common", "errors"},
    "_engine.arrays": {"_engine.kernels", "_engine.memory"},
    "_engine.fourier": {"_common", "_engine.kernels", "_engine.memory"},
    "_engine.results": {"_common", "_engine.memory", "errors"},
    "_engine.loop": {
        "_common",
        "_engine.arrays",
        "_engine.fourier",
        "_engine.kernels",
        "_engine.memory",
        "_engine.results",
    },
    "_engine.transforms": {
        "_common",
        "_engine.fourier",
        "_engine.kernels",
        "_engine.loop",
        "_engine.memory",
        "_engine.results",
        "errors",
    },
    "_engine.run": {"_common", "_engine.loop", "_engine.memory", "_engine.results", "_engine.threads"},
    # What configures it.
    "plans": {
        "_common",
        "_engine.loop",
        "_engine.memory",
        "_engine.results",
        "_engine.run",
        "_engine.threads",
        "errors",
        "filterbanks",
        "params",
    },
    "features.fourier": {
        "_common",
        "_engine.loop",
        "_engine.memory",
        "_engine.results",
        "_engine.transforms",
        "errors",
        "params",
    },
    "features.spatial": {
        "_common",
        "_engine.loop",
        "_engine.results",
        "_engine.run",
        "errors",
        "params",
        "plans",
    },
    "features": {
        "_common",
        "_engine.arrays",
        "_engine.loop",
        "_engine.memory",
        "_engine.results",
        "_engine.run",
        "_engine.threads",
        "_engine.transforms",
        "errors",
        "features.fourier",
        "filterbanks",
        "params",
        "plans",
    },
    "_frontends.recipes": {"_common", "_engine.arrays", "_engine.loop", "errors", "filterbanks", "plans"},
    "_frontends.toolkits": {"_common", "_frontends.recipes", "errors"},
    "_frontends": {
        "_common",
        "_engine.loop",
        "_engine.memory",
        "_engine.run",
        "_engine.threads",
        "_frontends.recipes",
        "_frontends.toolkits",
        "errors",
        "plans",
    },
    "comparison": {"_common", "_frontends", "_moved", "errors", "plans"},
    "wisdom": {"_common", "_engine.fourier", "_frontends", "_moved", "errors", "features"},
    # Files, other libraries, the command line.
    "places": {"_common", "errors"},
    "audio": {"_common", "_engine.arrays", "errors", "params", "places"},
    "corpus.collections": {"_common", "audio", "places", "errors"},
    "corpus.inputs": {"_common", "audio", "corpus.collections", "places", "errors"},
    "corpus.stores": {
        "__init__",
        "_common",
        "_engine.arrays",
        "_engine.kernels",
        "_frontends",
        "audio",
        "comparison",
        "corpus.inputs",
        "places",
        "errors",
    },
    "corpus.exports": {"_common", "corpus.inputs", "places", "corpus.stores", "errors"},
    "corpus.run": {"_common", "_engine.threads", "corpus.inputs", "places", "corpus.stores", "errors"},
    "corpus": {"corpus.exports", "corpus.inputs", "corpus.run", "corpus.stores"},
    "integrations.pictures": {
        "_engine.results",
        "corpus.stores",
        "errors",
        "features",
        "features.spatial",
    },
    "integrations": {
        "_common",
        "comparison",
        "_engine.results",
        "_frontends",
        "places",
        "corpus.stores",
        "errors",
        "features",
        "integrations.pictures",
    },
    "torch": {"integrations"},
    "jax": {"integrations"},
    "transformers": {"integrations"},
    "faster_whisper": {"integrations"},
    "lhotse": {"integrations"},
    "sklearn": {"integrations"},
    "cli": {
        "__init__",
        "_common",
        "_engine.kernels",
        "_engine.results",
        "_frontends",
        "_frontends.toolkits",
        "audio",
        "comparison",
        "corpus",
        "corpus.exports",
        "corpus.inputs",
        "places",
        "corpus.run",
        "corpus.stores",
        "errors",
        "features",
        "integrations",
        "params",
        "plans",
    },
    "__main__": {"cli"},
    # Names are looked up in a table at first use, so nothing else is imported.
    "__init__": {"_common", "_moved"},
}

# What is not ours and not Python's, and who may know it.
FOREIGN = {
    "boto3": {"places"},
    "botocore": {"places"},
    "faster_whisper": {"integrations"},
    "lhotse": {"integrations"},
    "pyfftw": {"_engine.fourier"},
    "sklearn": {"integrations"},
    "soundfile": {"audio"},
    "zlib_ng": {"_common"},
    "jax": {"integrations"},
    "matplotlib": {"cli", "integrations", "integrations.pictures"},
    "torch": {"integrations"},
    "torchaudio": {"integrations"},
    "tqdm": {"cli"},
}
EVERYWHERE = {"numpy", "cython", "cpython", "libc", "posix"}


def sources():
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix in (".py", ".pyx", ".pxd"):
            yield ".".join(["spectrograms", *path.relative_to(SOURCE).with_suffix("").parts]), path


MODULES = {module.removesuffix(".__init__") for module, _ in sources()}


@cache
def statements(text):
    """Return the import statements of a source, each with whether only types need it."""
    found = []

    def visit(nodes, for_types):
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                found.append((node, for_types))
            elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                visit(node.body, True)
                visit(node.orelse, for_types)
            elif not isinstance(node, ast.expr):
                visit(ast.iter_child_nodes(node), for_types)

    visit(ast.parse(text).body, False)
    return found


@cache
def imported(module, text, is_python, typing=True):
    """Return the dotted names of all that a module imports; `typing`: of what only types need, too."""
    return list(_imported(module, text, is_python, typing))


def _imported(module, text, is_python, typing):
    package = module.split(".")

    def absolute(level, name):
        return ".".join([*package[:-level], name] if level else [name]).rstrip(".")

    if is_python:
        for node, for_types in statements(text):
            if for_types and not typing:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            else:
                origin = absolute(node.level, node.module or "")
                yield from (f"{origin}.{alias.name}" for alias in node.names)
    else:
        text = re.sub(r"\\\n", " ", text)
        for match in re.finditer(r"^\s*c?import +([\w., ]+)", text, re.MULTILINE):
            yield from (name.split()[0] for name in match[1].split(","))
        pattern = r"^\s*from +(\.*)([\w.]*) +c?import +(\([^)]*\)|[^\n#]+)"
        for match in re.finditer(pattern, text, re.MULTILINE):
            origin = absolute(len(match[1]), match[2])
            names = re.findall(r"(\w+)(?: +as +\w+)?", match[3])
            yield from (f"{origin}.{name}" for name in names)
    yield from re.findall(r"import_module\(\s*f?[\"']([\w.]+)", text)


def module_of(name):
    """The module that a dotted name of ours lies in, or is."""
    while name not in MODULES:
        name = name.rpartition(".")[0]
    return name


def room_of(module):
    """The room of a module: its folder, or itself at the top."""
    if module == "spectrograms.__init__" or "." not in module:
        return "__init__"
    parts = module.removesuffix(".__init__").split(".")[1:]
    if module.endswith(".__init__") or (SOURCE / "/".join(parts) / "__init__.py").exists():
        return ".".join(parts)
    return ".".join(parts[:-1]) or parts[0]


def violations(module, text, is_python=True):
    """Return the imports of a module that the table does not allow, as sentences."""
    here = room_of(module)
    found = []
    for name in imported(module, text, is_python):
        top = name.split(".")[0]
        if top == "spectrograms":
            target = room_of(module_of(name))
            if target != here and target not in ALLOWED[here]:
                found.append(f"{here} imports {name}")
        elif (
            top not in sys.stdlib_module_names and top not in EVERYWHERE and here not in FOREIGN.get(top, ())
        ):
            found.append(f"{here} imports {top}")
    return found


@together("module, path", sources(), ids=str)
def test_imports_go_one_way(module, path):
    assert violations(module, path.read_text(encoding="utf-8"), path.suffix == ".py") == []


def test_every_room_has_a_row():
    rooms = {room_of(module) for module, _ in sources()}
    assert rooms - set(ALLOWED) == set(), "give the new room a row in ALLOWED and in docs/architecture.md"
    assert set(ALLOWED) - rooms == set()


def test_every_allowed_arrow_is_there():
    arrows = {
        (room_of(module), room_of(module_of(name)))
        for module, path in sources()
        for name in imported(module, path.read_text(encoding="utf-8"), path.suffix == ".py")
        if name.split(".")[0] == "spectrograms"
    }
    assert {(here, there) for here, row in ALLOWED.items() for there in row} - arrows == set()


def test_every_folder_says_what_lives_there():
    for path in SOURCE.rglob("__init__.py"):
        assert len(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "") > 40, path


def test_the_architecture_page_names_every_room():
    page = (SOURCE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    missing = [room for room in ALLOWED if room != "__main__" and f"`{room.replace('.', '/')}" not in page]
    assert not missing


def test_no_arrow_points_back():
    # The table itself has an order: sorting raises CycleError if it has none.
    assert set(TopologicalSorter(ALLOWED).static_order()) == set(ALLOWED)


def test_no_module_comes_back_to_itself():
    graph = defaultdict(set)
    for module, path in sources():
        here = module.removesuffix(".__init__")
        for name in imported(module, path.read_text(encoding="utf-8"), path.suffix == ".py", typing=False):
            if name.split(".")[0] == "spectrograms" and (there := module_of(name)) != here:
                graph[here].add(there)
    assert set(TopologicalSorter(graph).static_order()) <= MODULES


def test_every_public_name_has_its_home_in_a_room():
    for module in spectrograms._MODULES:
        path = SOURCE.joinpath(*module.split("."))
        assert any(path.with_suffix(suffix).exists() for suffix in (".py", ".pyx")) or path.is_dir()


def _public():
    from spectrograms import corpus

    return {*spectrograms.__all__, *corpus.__all__}


def test_no_module_bears_a_public_name():
    assert {module for module in MODULES if module.rpartition(".")[2] in _public()} == set()


def test_public_names_stay_what_they_are_when_all_modules_are_there():
    optional = {
        "spectrograms.torch",
        "spectrograms.jax",
        "spectrograms.transformers",
        "spectrograms.faster_whisper",
        "spectrograms.lhotse",
        "spectrograms.sklearn",
        "spectrograms.integrations",
        "spectrograms.__main__",
    }
    for found in pkgutil.walk_packages(spectrograms.__path__, "spectrograms."):
        if not any(found.name == name or found.name.startswith(name + ".") for name in optional):
            importlib.import_module(found.name)
    for name in spectrograms.__all__:
        assert not isinstance(getattr(spectrograms, name), type(sys)), name
    for name in spectrograms.corpus.__all__:
        assert not isinstance(getattr(spectrograms.corpus, name), type(sys)), name


@together(
    ("module", "text", "is_python"),
    [
        ("spectrograms.params.stft", "from spectrograms.plans.base import Plan", True),
        ("spectrograms.params.stft", "from ..plans.base import Plan", True),
        ("spectrograms.params.stft", "def f():\n    import spectrograms._engine.fourier.fft", True),
        ("spectrograms.errors", "from . import params", True),
        ("spectrograms.filterbanks.mel", "from spectrograms.params import MelParams", True),
        ("spectrograms.plans.base", "from spectrograms.features.variants import SpectrogramPlanner", True),
        ("spectrograms.features.stft_forward", "import spectrograms.cli", True),
        ("spectrograms._engine.fourier.fft", "from spectrograms.params cimport x", False),
        ("spectrograms._engine.fourier.fft", "from spectrograms import params", False),
        ("spectrograms._engine.fourier.fft", "from ...plans.base import Plan", False),
        (
            "spectrograms._engine.fourier.fft",
            "from spectrograms._engine.loop.block cimport (\n    Config,\n)",
            False,
        ),
        ("spectrograms._engine.kernels.kernels", "cimport spectrograms._engine.loop.frames", False),
        ("spectrograms._engine.loop.block", "from pyfftw cimport FFTW", False),
        ("spectrograms._engine.loop.block", "import os, pyfftw", False),
        ("spectrograms.plans.base", "import pyfftw", True),
        ("spectrograms.features.stft_forward", "from scipy import fft", True),
        ("spectrograms.plans.base", "import soundfile", True),
        ("spectrograms._engine.fourier.fft", 'import_module("spectrograms.integrations.plot")', False),
        ("spectrograms._engine.results.result", 'import_module("spectrograms.integrations.torch")', False),
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
        ("spectrograms.plans.base", "import json\nfrom spectrograms._engine.loop.engine import Engine", True),
        ("spectrograms._engine.fourier.fft", "import pyfftw\nfrom pyfftw cimport FFTW, fftw_exe", False),
        (
            "spectrograms._engine.loop.block",
            "from libc.string cimport memcpy\nfrom .frames cimport gather",
            False,
        ),
    ],
)  # fmt: skip
def test_allowed_imports_pass(module, text, is_python):
    assert violations(module, text, is_python) == []
