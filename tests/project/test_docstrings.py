"""Docstrings name every parameter, are numpydoc's, show examples that run, and refer to what exists."""

import doctest
import enum
import inspect
import io
import re
import tempfile
import warnings
import wave
from contextlib import chdir
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpydoc.docscrape import NumpyDocString, get_doc_object
from numpydoc.validate import validate

import spectrograms as sg
from spectrograms._engine.results.result import OwnedArray

from ..support.together import together


def members(cls):
    """Yield (name, member, attribute) of the public members of `cls` that this package defines."""
    for name in dir(cls):
        if not name.startswith("_"):
            home = next(base for base in cls.__mro__ if name in vars(base))
            if home.__module__.startswith("spectrograms"):
                yield name, getattr(cls, name), vars(home)[name]


def public():
    """Return {name: (docstring, callable or None)} of what users can reach.

    Nobody calls exceptions, enumerations, results, protocols and classes that say what makes their objects.
    """
    found = {}
    for name in sg.__all__:
        value = getattr(sg, name)
        if not inspect.isclass(value):
            if callable(value):
                found[name] = value.__doc__, value
            continue
        uncalled = issubclass(value, (BaseException, enum.Enum, OwnedArray))
        uncalled = uncalled or getattr(value, "_is_protocol", False)
        uncalled = uncalled or re.search(r"[Mm]ade by|come from", value.__doc__)
        found[name] = value.__doc__, None if uncalled else value
        for member, described, raw in members(value):
            if isinstance(raw, property):
                found[f"{name}.{member}"] = raw.__doc__, None
            elif callable(described) and not inspect.isclass(described):
                found[f"{name}.{member}"] = described.__doc__, described
    return found


PUBLIC = public()


def referred(doc):
    """Return the docstrings of the names after "see", which stand in backquotes."""
    text = ""
    for name in re.findall(r"see\s+(?::\w+:)?`(?:spectrograms\.)?([\w.]+)`", doc):
        value = sg
        for part in name.split("."):
            value = getattr(value, part, None)
        text += getattr(value, "__doc__", None) or ""
    return text


def test_every_public_name_has_a_docstring():
    assert len(PUBLIC) > 1000
    assert [name for name, (doc, _) in PUBLIC.items() if not (doc and doc.strip())] == []


def test_shared_paragraphs_are_filled_in():
    assert [name for name, (doc, _) in PUBLIC.items() if "%(" in doc] == []


def test_docstrings_name_every_parameter():
    missing, count = {}, 0
    for name, (doc, described) in PUBLIC.items():
        if described:
            count += 1
            parameters = inspect.signature(described).parameters.values()
            named = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
            text = doc + referred(doc)
            left = [p for p in named if p not in ("self", "cls") and not re.search(rf"\b{p}\b", text)]
            missing |= {name: left} if left else {}
    assert missing == {}
    assert count > 600


FUNCTIONS = [
    name
    for name in PUBLIC
    if inspect.isroutine(getattr(sg, name, None)) and inspect.signature(getattr(sg, name)).parameters
]


@together("name", FUNCTIONS)
def test_docstring_of_a_function_has_its_sections(name):
    described = getattr(sg, name)
    sections = re.findall(r"^ *(\w[\w ]*)\n *-{4,}$", described.__doc__, flags=re.MULTILINE)
    assert "Parameters" in sections
    gives = "Yields" if inspect.isgeneratorfunction(described) else "Returns"
    assert inspect.signature(described).return_annotation in (None, "None") or gives in sections


# --- what is shown ------------------------------------------------------------------------------------

# Those of the frameworks where these are installed.
MODULES = [
    import_module(name)
    for name, needs in (
        ("spectrograms", None),
        ("spectrograms.corpus", None),
        ("spectrograms.torch", "torch"),
        ("spectrograms.jax", "jax"),
        ("spectrograms.transformers", "transformers"),
        ("spectrograms.faster_whisper", "faster_whisper"),
        ("spectrograms.lhotse", "lhotse"),
        ("spectrograms.sklearn", "sklearn"),
    )
    if needs is None or find_spec(needs)
]


def shown():
    """Return {name: object} of public functions and classes, and of methods, each where it is defined."""
    objects, methods = {}, {}
    for module in MODULES:
        for name in module.__all__:
            value = getattr(module, name)
            if not callable(value):
                continue
            objects[f"{module.__name__}.{name}"] = value
            if inspect.isclass(value):
                for member, described, raw in members(value):
                    home = next(base for base in value.__mro__ if member in vars(base))
                    if (
                        not isinstance(raw, property)
                        and callable(described)
                        and not inspect.isclass(described)
                    ):
                        methods[f"{home.__module__}.{home.__qualname__}.{member}"] = described
    return objects, methods


OBJECTS, METHODS = shown()
SHOWN = OBJECTS | METHODS
# See numpydoc.validate. Left out: no extended summary (ES01); closing quotes, which Cython moves (GL02);
# parameters and results of methods that one sentence describes (PR01 and RT01, which hold for functions);
# types of parameters that are those of another function (PR04); results that their type describes (RT03);
# verbs, guessed by their last letter (SS05); sections that have tests of their own (EX01, SA01).
CHECKS = {
    *("GL03", "GL05", "GL06", "GL07", "GL08", "GL09", "GL10"),
    *("SS01", "SS02", "SS03", "SS04", "SS06"),
    *("PR02", "PR03", "PR05", "PR06", "PR07", "PR08", "PR09", "PR10"),
    *("RT02", "RT04", "RT05", "YD01", "SA02", "SA03", "SA04"),
}


def faults(described):
    """Return what numpydoc finds wrong with a docstring."""
    function = any(described is value for value in OBJECTS.values()) and inspect.isroutine(described)
    checks = CHECKS | ({"PR01", "RT01"} if function else set())
    return [text for code, text in validate(get_doc_object(described))["errors"] if code in checks]


def see_also(described):
    """Return the names that a docstring refers to in See Also."""
    doc = NumpyDocString(inspect.cleandoc(described.__doc__))
    return [name for names, _ in doc["See Also"] for name, _ in names]


def exists(name, at):
    """Whether a name of See Also, in the docstring of `at`, leads somewhere: beside it or in the package."""
    for start in [at.rpartition(".")[0], *(module.__name__ for module in MODULES)]:
        value = None
        path = name if name.startswith("spectrograms.") else f"{start}.{name}"
        for part in path.removeprefix("spectrograms.").split("."):
            value = getattr(sg if value is None else value, part, None)
            if value is None:
                break
        else:
            return True
    return False


def has_example(described):
    return "\nExamples\n--------\n" in inspect.cleandoc(described.__doc__) and ">>> " in described.__doc__


def test_every_function_and_class_has_examples_and_see_also():
    assert [name for name, described in OBJECTS.items() if not has_example(described)] == []
    assert [name for name, described in OBJECTS.items() if not see_also(described)] == []
    assert len(OBJECTS) > 170


def test_most_methods_have_examples():
    shown = [name for name, described in METHODS.items() if has_example(described)]
    assert len(shown) >= 0.9 * len(METHODS) > 150


def test_see_also_leads_somewhere():
    lost = {
        name: [n for n in see_also(described) if not exists(n, name)] for name, described in SHOWN.items()
    }
    assert {name: left for name, left in lost.items() if left} == {}


@pytest.mark.slow
def test_docstrings_are_valid_numpydoc():
    found = {name: faults(described) for name, described in SHOWN.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


# --- examples -----------------------------------------------------------------------------------------

# The defaults of NumPy, whatever another test or the environment has set.
PRINTED = {
    "edgeitems": 3,
    "floatmode": "maxprec",
    "formatter": None,
    "infstr": "inf",
    "legacy": False,
    "linewidth": 75,
    "nanstr": "nan",
    "precision": 8,
    "sign": "-",
    "suppress": False,
    "threshold": 1000,
}
PLACES = sorted({described.__module__ for described in OBJECTS.values()})


@pytest.fixture
def _elsewhere(tmp_path, monkeypatch):
    """Folders of their own for all that examples write, and nothing left of what they set."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with np.printoptions(**PRINTED):
        yield
    sg.set_num_threads(None)
    sg.forget_wisdom()


def write_recordings(folder):
    """Write what examples read: ``recordings`` with two files of two channels, of one and two seconds."""
    folder.mkdir()
    (folder / "README.md").touch()
    for name, seconds in (("first", 1), ("second", 2)):
        left = 16384 * np.sin(2 * np.pi * 440 * np.arange(16000 * seconds) / 16000)
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((2, 2, 16000, 0, "NONE", ""))
            file.writeframes(np.stack([left, -left], axis=1).astype("<i2").tobytes())


def report(name, doc):
    """Run the examples of a docstring; return what is wrong with them, and how many there are."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        if "recordings" in doc:
            write_recordings(Path("recordings"))
        return ran(name, doc)


def ran(name, doc):
    test = doctest.DocTestParser().get_doctest(inspect.cleandoc(doc), {}, name, None, 0)
    text = io.StringIO()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE, verbose=False)
    with warnings.catch_warnings():
        runner.run(test, out=text.write)
    return text.getvalue(), runner.tries


@pytest.mark.usefixtures("_elsewhere")
@pytest.mark.parametrize("place", PLACES)
def test_examples(place):
    docs = {name: value.__doc__ for name, value in OBJECTS.items() if value.__module__ == place}
    owners = {
        base.__module__ + "." + base.__qualname__
        for value in OBJECTS.values()
        if inspect.isclass(value) and value.__module__ == place
        for base in value.__mro__
    }
    docs |= {name: value.__doc__ for name, value in METHODS.items() if name.rpartition(".")[0] in owners}
    found = {name: report(name, doc) for name, doc in docs.items()}
    assert "".join(text for text, _ in found.values()) == ""
    assert sum(tries for _, tries in found.values()) >= len(docs) / 2


def test_no_example_is_skipped():
    assert [name for name, described in SHOWN.items() if "+SKIP" in described.__doc__] == []


# --- the checks can fail ------------------------------------------------------------------------------


def planted(samples, rate):
    """a summary without an end

    Parameters
    ----------
    rate : float
    samples : array_like
        Numbers.

    See Also
    --------
    compute_sfft : Does not exist.
    Batch.padded : Does.

    Examples
    --------
    >>> 1 + 1
    3
    """


@pytest.mark.usefixtures("_elsewhere")
def test_planted_faults_are_found():
    assert len(faults(planted)) >= 4
    assert [name for name in see_also(planted) if not exists(name, "spectrograms.planted")] == [
        "compute_sfft"
    ]
    assert "Expected:\n    3\nGot:\n    2" in report("planted", planted.__doc__)[0]
    assert not has_example(faults)
