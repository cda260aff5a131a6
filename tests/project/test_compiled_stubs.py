"""Stubs of compiled modules against what was compiled: arguments of functions, of methods and of classes.

`stubtest` sees no signature where a class is made by ``__cinit__``, and no words within a Literal: these are
compared with the sources.
"""

import ast
import inspect
import re
from importlib import import_module

import pytest
import stubs
from compiled_stubs import split

ENGINE = stubs.PACKAGE / "_engine"
STUBS = sorted(path for path in ENGINE.rglob("*.pyi") if path.with_suffix(".pyx").exists())
# What a C type of an argument is in a stub; a Literal of str may stand for str.
TYPES = {
    "bint": "bool", "int": "int", "Py_ssize_t": "int", "int64_t": "int", "size_t": "int", "double": "float",
    "str": "str", "list": "list", "dict": "dict", "tuple": "tuple", "object": "object",
}  # fmt: skip


def test_arguments_are_split_at_the_outermost_commas():
    assert split("int a, b=(1, [2, 3]), *, dict[str, int] c = {4: 5, 6: 7},") == [
        "int a", "b=(1, [2, 3])", "*", "dict[str, int] c = {4: 5, 6: 7}",
    ]  # fmt: skip
    assert split("") == split(" , ") == []


def definitions(path):
    """(qualified name, its node in the stub) of all functions and methods; of overloads the last."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{m.name}": m for m in node.body if isinstance(m, ast.FunctionDef)}
    return found


def stubbed(node):
    """(name, kind, default as source or None, annotation) of each argument in a stub."""
    kinds = inspect.Parameter
    a = node.args
    plain = [(arg, kinds.POSITIONAL_ONLY) for arg in a.posonlyargs]
    plain += [(arg, kinds.POSITIONAL_OR_KEYWORD) for arg in a.args]
    defaults = [None] * (len(plain) - len(a.defaults)) + list(a.defaults)
    rows = [(arg, kind, default) for (arg, kind), default in zip(plain, defaults, strict=True)]
    rows += [(a.vararg, kinds.VAR_POSITIONAL, None)] if a.vararg else []
    rows += [(arg, kinds.KEYWORD_ONLY, d) for arg, d in zip(a.kwonlyargs, a.kw_defaults, strict=True)]
    rows += [(a.kwarg, kinds.VAR_KEYWORD, None)] if a.kwarg else []
    return [
        (arg.arg, kind, default and ast.unparse(default), arg.annotation and ast.unparse(arg.annotation))
        for arg, kind, default in rows
    ]


def test_case_7_1_arguments_of_compiled_functions_are_those_of_the_stubs():
    compared = 0
    for path in STUBS:
        module = import_module(f"spectrograms._engine.{path.parent.name}.{path.stem}")
        for name, node in definitions(path).items():
            thing = module
            for part in name.split("."):
                thing = inspect.getattr_static(thing, part, None)
            if isinstance(thing, staticmethod | classmethod):
                thing = thing.__func__
            if type(thing).__name__ != "cython_function_or_method":
                continue
            compiled = [
                (p.name, p.kind, None if p.default is p.empty else repr(p.default))
                for p in inspect.signature(thing).parameters.values()
            ]
            said = [row[:3] for row in stubbed(node)]
            # A special method takes its arguments by place, whatever Cython says of it.
            special = part.startswith("__") and part.endswith("__")
            strip = (lambda rows: [(n, d) for n, _, d in rows]) if special else list
            assert strip(said) == strip(compiled), (path.name, name)
            compared += 1
    assert compared > 45


def cinits(path):
    """Class -> the arguments of its ``__cinit__`` in the source: (name, keyword-only, default, C type)."""
    text = path.with_suffix(".pyx").read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"^(?=cdef class |class )", text, flags=re.M)[1:]:
        match = re.search(r"^    def __cinit__\(self(?:, )?(.*?)\):(?:  # type: .*?)?\n", block, re.S | re.M)
        if match and "*args" not in match[1]:  # of results, which their class refuses to make
            found[re.match(r"(?:cdef )?class (\w+)", block)[1]] = [*_arguments(match[1])]
    return found


def _arguments(text):
    keyword = False
    for part in split(text):
        if part == "*":
            keyword = True
            continue
        declared, _, default = part.partition("=")
        *kind, name = declared.split()
        yield name, keyword, default.replace('"', "'") or None, " ".join(kind)


CLASSES = [(path, name) for path in STUBS for name in cinits(path)]


@pytest.mark.parametrize(("path", "name"), CLASSES, ids=lambda value: getattr(value, "stem", value))
def test_case_7_1_arguments_of_compiled_classes_are_those_of_the_stubs(path, name):
    source = cinits(path)[name]
    node = definitions(path)[f"{name}.__new__"]
    said = stubbed(node)[1:]  # after cls
    assert [(row[0], row[1] is inspect.Parameter.KEYWORD_ONLY) for row in said] == [row[:2] for row in source]
    for (argument, _, default, annotation), (_, _, true_default, c_type) in zip(said, source, strict=True):
        if default == "...":
            assert not isinstance(ast.parse(true_default, mode="eval").body, ast.Constant), argument
        else:
            assert default == true_default, argument
        if c_type in TYPES:
            expected = TYPES[c_type]
            words = re.fullmatch(r"Literal\[(.*)\]", annotation)
            if words and expected == "str":
                assert all(isinstance(word, str) for word in ast.literal_eval(f"({words[1]},)")), argument
            else:
                optional = " | None" if default == "None" else ""
                named = annotation.removesuffix(optional).split("[")[0]
                assert named == expected or (expected == "dict" and named in typed_dicts(path)), argument


def typed_dicts(path):
    """Class -> its keys, of the TypedDicts in a stub."""
    return {
        node.name: [entry.target.id for entry in node.body if isinstance(entry, ast.AnnAssign)]
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and "TypedDict" in map(ast.unparse, node.bases)
    }


def literal(path, name):
    """The words of the first Literal in what an alias of a stub stands for."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            words = next(
                n
                for n in ast.walk(node)
                if isinstance(n, ast.Subscript) and ast.unparse(n.value) == "Literal"
            )
            return set(ast.literal_eval(f"({ast.unparse(words.slice).strip('()')},)"))
    raise LookupError(name)


def test_case_7_1_words_of_the_engine_are_those_of_its_stub():
    path = ENGINE / "loop" / "engine.pyi"
    # The steps before the window are read in a module of their own.
    sources = (path.with_suffix(".pyx"), ENGINE / "loop" / "steps.pyx")
    source = "\n".join(each.read_text(encoding="utf-8") for each in sources)

    def keys(table):
        found = re.search(rf"^cdef dict {table} = {{(.*?)}}$", source, re.M | re.S)[1]
        return {ast.literal_eval(key) for key in re.findall(r"(None|\"\w+\"):", found)}

    spectra = {"power", "complex", "reassigned", "samples", "energy"}
    assert literal(path, "_Spectrum") == keys("_SPECTRA") == spectra
    assert literal(path, "_Energy") == keys("_ENERGIES") - {None} == {"raw", "windowed"}
    steps = set(re.findall(r"steps\.get\(\"(\w+)\"", source))
    assert steps == set(typed_dicts(path)["_Steps"])


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("def f(samples):  # type: () -> int\n", "samples has no type"),
        ("def f(int n):\n    # type: (m: int) -> int\n", "f has no arguments m"),
    ],
)
def test_a_signature_that_is_not_all_there_is_an_error(tmp_path, source, error):
    path = tmp_path / "module.pyx"
    path.write_text(source)
    with pytest.raises(ValueError, match=error):
        stubs.compiled_stub(path)


SOURCE = """LIMIT = 3

def hidden(n):
    return n


@cython.final
cdef class Held:
    cdef readonly bint on

    def __cinit__(self, double x=0.5, *, str name=None):  # type: (name: str | None) -> None
        pass
"""


def test_functions_without_types_are_left_out(tmp_path):
    path = tmp_path / "module.pyx"
    path.write_text(SOURCE)
    assert stubs.compiled_stub(path).split("\n\n", 1)[1] == (
        "from typing import Final, Self, final\n\nLIMIT: Final = 3\n\n@final\nclass Held:\n"
        "    @property\n    def on(self) -> bool: ...\n"
        "    def __new__(cls, x: float = 0.5, *, name: str | None = None) -> Self: ...\n"
    )
