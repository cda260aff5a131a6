"""Stubs of compiled modules, read from their sources; ``python tools/stubs.py`` writes them.

A signature is written once, in the ``.pyx``. The def line has names, order, defaults, and what C types say; a
comment behind or below it has the rest::

    def frame_counts(Job job):  # type: () -> NDArray[np.int64]

    def compute(Engine engine, type cls, samples, info, str empty, num_threads=None):
        # type: (cls: type[_R], samples: ArrayLike, info: Any, num_threads: int | None) -> _R

Functions and methods without such a comment are nobody's business outside of compiled code. An attribute or a
constant bears its type at the end of its line, unless it is plain to see; lines that begin with ``# pyi:`` go
into the stub as they are: type variables, aliases, TypedDicts.
"""

import ast
import re
from collections import defaultdict

# What a C type is in Python.
PLAIN = {
    "bint": "bool", "double": "float", "str": "str", "object": "Any", "cnp.ndarray": "NDArray[Any]",
    "int": "int", "Py_ssize_t": "int", "int64_t": "int", "size_t": "int",
}  # fmt: skip
# Where names come from that the source does not import.
PLACES = {
    "collections.abc": ("Callable", "Sequence"),
    "datetime": ("datetime",),
    "numpy.typing": ("ArrayLike", "DTypeLike", "NDArray"),
    "os": ("PathLike",),
    "typing": (
        "Any", "BinaryIO", "ClassVar", "Final", "Literal", "NoReturn", "Self", "SupportsIndex", "TypedDict",
        "TypeVar", "final",
    ),
    "typing_extensions": ("disjoint_base",),
}  # fmt: skip
STANDARD = ("collections.abc", "datetime", "os", "typing")

_DEF = re.compile(r"( *)(?:def|cpdef [\w. ]+?) (\w+)\(")
_CLASS = re.compile(r"cdef class (\w+)(?:\((\w+)\))?:")
_FIELD = re.compile(r" +cdef readonly ([\w.]+) (\w+)(?:  # type: (.+))?$")
# By place alone, whatever Cython says of them: type slots.
_SLOTS = {"__getitem__": "__getitem__(self, index: Any, /)"}


def _closed(lines, i):
    """The text from line i to that in which its brackets close, and the line after."""
    text = lines[i].strip()
    while text.count("(") > text.count(")"):
        i += 1
        text += " " + lines[i].strip().removeprefix("# ")
    return text, i + 1


def split(text):
    """Arguments or annotations at the commas of the outermost level."""
    depth, parts = 0, [""]
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _inner(text):
    """What the outermost brackets hold."""
    return text[text.index("(") + 1 : text.rindex(")")]


def _arguments(text, said):
    """The arguments of a def line, with the types of its comment."""
    for part in split(text):
        declared, _, default = (each.strip() for each in part.partition("="))
        *kind, name = declared.removesuffix(" not None").split()
        if name in ("*", "/", "self") or (name == "cls" and not kind):
            yield name
            continue
        kind = " ".join(kind)
        given = said.pop(name, None) or PLAIN.get(kind, kind)
        if not given:
            raise ValueError(f"{name} has no type: {text}")
        default = default if re.fullmatch(r"[-\w.]*|\"\w*\"", default) else "..."
        yield f"{name}: {given}" + (f" = {default}" if default else "")


def _function(lines, i, signature):
    """The stub of the function at line i, or None; and the line after its def."""
    indent, name = _DEF.match(lines[i]).groups()
    text, i = _closed(lines, i)
    text, _, types = text.partition("  # type: ")
    if not types:
        if i == len(lines) or not lines[i].strip().startswith("# type: ("):
            return None, i
        types = _closed(lines, i)[0].removeprefix("# type: ")
    before, _, result = types.rpartition(" -> ")
    said = dict(part.split(": ", 1) for part in split(_inner(before)))
    arguments = [*_arguments(_inner(text), said)]
    if said:
        raise ValueError(f"{name} has no arguments {', '.join(said)}")
    if name == "__cinit__":
        name, result, arguments[0] = "__new__", "Self", "cls"
    if name in _SLOTS:
        return f"{indent}def {_SLOTS[name]} -> {result}: ...", i
    return signature(indent, name, arguments, result), i


def _fields(lines, name):
    """Properties of the public attributes of a class, and whether it has attributes at all."""
    start = next((i for i, line in enumerate(lines) if re.match(rf"cdef class {name}\b", line)), len(lines))
    found, layout = [], False
    for line in lines[start + 1 :]:
        if line and not line.startswith(" "):
            break
        layout = layout or bool(re.match(r"    cdef [^(]+$", line))
        if match := _FIELD.match(line):
            kind, field, said = match.groups()
            found += ["    @property", f"    def {field}(self) -> {said or PLAIN[kind]}: ..."]
    return found, layout


def _constant(line):
    """The stub of a constant: as its comment says, or as its value does."""
    match = re.match(r"([A-Z][A-Z_]*) = (.+?)(?:  # type: (.+))?$", line)
    if not match:
        return []
    name, value, said = match.groups()
    if said is None:
        value = ast.literal_eval(value)
        if isinstance(value, int):
            return [f"{name}: Final = {value}"]
        kinds = [type(each).__name__ for each in value]
        said = f"tuple[{', '.join(kinds)}]" if isinstance(value, tuple) else "dict[str, str]"
    return [f"{name}: {said}"]


def _body(source, header, signature):
    """The lines of a stub below its imports."""
    lines, declared = source.splitlines(), header.splitlines()
    body, decorators, i = [], [], 0
    while i < len(lines):
        line = lines[i]
        if line.startswith("# pyi:"):
            body.append(line[7:])
        elif line.strip().startswith("@"):
            decorators.append(line)
        elif match := _CLASS.match(line):
            name, base = match.groups()
            here, layout = _fields(lines, name)
            there, other = _fields(declared, name)
            final = "@cython.final" in decorators
            body += ["", *(["@final"] if final else ["@disjoint_base"] if layout or other else [])]
            body += [f"class {name}({base}):" if base else f"class {name}:", *there, *here]
            decorators = []
        elif _DEF.match(line):
            stub, i = _function(lines, i, signature)
            if stub is not None:
                body += [""] * (
                    not stub.startswith(" ") and bool(body) and not body[-1].startswith(("def", ")"))
                )
                body += [d for d in decorators if "cython" not in d] + stub.split("\n")
            elif "__getbuffer__" in line:
                body.append("    def __buffer__(self, flags: int, /) -> memoryview: ...")
            decorators = []
            continue
        elif match := re.match(r"    (\w+) = .+  # type: (ClassVar.+)$", line):
            body.append(f"    {match[1]}: {match[2]}")
        else:
            body += _constant(line)
            decorators = []
        i += 1
    return body


def _imports(sources, body, order):
    """The imports of all that a stub names and does not define."""
    homes = {name: place for place, names in PLACES.items() for name in names}
    for place, names in re.findall(r"^from (spectrograms[\w.]*) cimport (.+)$", sources, re.M):
        homes |= dict.fromkeys(re.findall(r"\w+", names), place)
    text = re.sub(r'"[^"]*"', "", "\n".join(body))
    used = set(re.findall(r"\b\w+", text)) - set(re.findall(r"^class (\w+)", text, re.M))
    places = defaultdict(list)
    for name in sorted(used & set(homes), key=order):
        places[homes[name]].append(name)
    sections = [[], ["import numpy as np"] if "np." in text else [], []]
    for place, names in sorted(places.items()):
        section = 0 if place in STANDARD else 2 if place.startswith("spectrograms") else 1
        sections[section].append(f"from {place} import {', '.join(names)}")
    return "\n\n".join("\n".join(section) for section in sections if section)


def stub_of(path, signature, order):
    """Return the text of the stub of a ``.pyx``, without its header."""
    source, pxd = path.read_text(encoding="utf-8"), path.with_suffix(".pxd")
    header = pxd.read_text(encoding="utf-8") if pxd.exists() else ""
    body = _body(source, header, signature)
    text = "\n".join(body).strip()
    return re.sub(r"\n{3,}", "\n\n", f"{_imports(header + source, body, order)}\n\n{text}\n").lstrip()
