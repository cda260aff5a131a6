"""The examples of the guides run, and give what they say."""

import re
from pathlib import Path

import pytest

GUIDES = Path(__file__).parent.parent / "docs" / "guide"


@pytest.mark.parametrize("name", ["batches", "streaming"])
def test_examples(name):
    checked = []

    def check(value, expected):
        assert repr(value) == expected
        checked.append(expected)

    text = (GUIDES / f"{name}.md").read_text(encoding="utf-8")
    namespace = {"check": check}
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        # "expression  # -> value", at the left margin.
        code = re.sub(r"^(\S.*?)  # -> (.+)$", lambda m: f"check(({m[1]}), {m[2]!r})", block, flags=re.M)
        exec(compile(code, name, "exec"), namespace)
    assert len(checked) >= 7
