"""Shrinks a failing program as long as it fails in the same way."""

import ast
import time

import runner

MOST_TRIES = 60
MOST_SECONDS = 60


def _candidates(lines):
    """Smaller programs, the smallest first."""
    for i in range(len(lines) - 1):
        yield lines[:i] + lines[i + 1 :]
    for i, line in enumerate(lines):
        tree = ast.parse(line)
        for place, node in enumerate(ast.walk(tree)):
            for smaller in _smaller(node):
                copy = ast.parse(line)
                target = list(ast.walk(copy))[place]
                text = _replaced(copy, target, smaller)
                if text and len(text) < len(line):
                    yield [*lines[:i], text, *lines[i + 1 :]]


def _smaller(node):
    """What may replace a node: nothing, one of its parts, or a smaller number."""
    if isinstance(node, ast.keyword):
        yield None
    elif isinstance(node, ast.Call):
        yield from node.args
        if isinstance(node.func, ast.Attribute):
            yield node.func.value
    elif isinstance(node, (ast.List, ast.Tuple)):
        yield from node.elts
    elif isinstance(node, ast.BinOp):
        yield node.left
    elif isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value > 9:
        yield ast.Constant(1)
        yield ast.Constant(node.value // 10)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and len(node.value) > 1:
        yield ast.Constant(node.value[:1])


class _Swap(ast.NodeTransformer):
    def __init__(self, target, new):
        self.target = target
        self.new = new

    def visit(self, node):
        return self.new if node is self.target else self.generic_visit(node)


def _replaced(tree, target, new):
    try:
        return ast.unparse(_Swap(target, new).visit(tree))
    except Exception:  # the rest is not a statement
        return None


def minimise(options, program, key):
    """Return the smallest program found that still leads to the finding of that key."""
    tries = 0
    again = True
    end = time.monotonic() + MOST_SECONDS
    while again and tries < MOST_TRIES and time.monotonic() < end:
        again = False
        for candidate in _candidates(program):
            tries += 1
            found = runner.outcome_of(options, candidate)
            if found and found.key == key:
                program, again = candidate, True
                break
            if tries >= MOST_TRIES or time.monotonic() > end:
                break
    return program


def window(options, seed, index, step, key):
    """The call to start from if a finding needs earlier calls in the same process, or None."""
    for count in (10, 100, 1000, index // step):
        start = max(index - count * step, index % step)
        seen = []
        _, code, errors = runner.run(
            options,
            {"indices": [start, index + 1, step]},
            lambda fields, seen=seen: seen.append((fields.get("kind"), fields.get("what"))),
        )
        if key in seen or (code and runner._epitaph(code, errors)[:2] == key):
            return start
        if start == index % step:
            return None
    return None
