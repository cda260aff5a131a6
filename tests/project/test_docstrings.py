"""Docstrings name every parameter of what they describe, themselves or where they send the reader."""

import enum
import inspect
import re

import pytest

import spectrograms as sg
from spectrograms._engine.results.result import OwnedArray


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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_of_a_function_has_its_sections(name):
    described = getattr(sg, name)
    sections = re.findall(r"^ *(\w[\w ]*)\n *-{4,}$", described.__doc__, flags=re.MULTILINE)
    assert "Parameters" in sections
    gives = "Yields" if inspect.isgeneratorfunction(described) else "Returns"
    assert inspect.signature(described).return_annotation in (None, "None") or gives in sections
