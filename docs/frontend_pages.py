"""The pages of the frontends' parameters, made from their definitions when the documentation is built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectrograms._frontends.toolkits.catalogue import every_definition

if TYPE_CHECKING:
    from spectrograms._frontends.recipes.definition import Definition


def page_of(row: Definition) -> str:
    """The page of one frontend, in Markdown."""
    if row.rate is None:
        rate = "`sample_rate=` has to be given."
    else:
        rate = f"{row.rate} Hz{', and no other' if row.fixed else ', unless `sample_rate=` says another'}."
    layout = "(frames, rows)" if row.layout == "time" else "(rows, frames)"
    given = [f"{name}=..." for name, kind in row.parameters.items() if kind.required]
    given = ["sample_rate=16000"] * (row.rate is None) + given
    lines = [
        f"# {row.name}",
        "",
        f"{row.summary}.",
        "",
        f"- Made by `sg.frontend({', '.join([repr(row.name), *given])})`.",
        f"- Sample rate: {rate}",
        f"- Result: `{layout}`, {row.dtype}, unless a parameter says otherwise.",
        "",
    ]
    if not row.parameters:
        return "\n".join([*lines, "It has no parameters.", ""])
    lines += ["| Parameter | Default | Values |", "|---|---|---|"]
    for name, kind in row.parameters.items():
        default = "required" if kind.required else f"`{kind.default!r}`"
        lines.append(f"| `{name}` | {default} | {_cell(kind.wanted)} |")
    return "\n".join([*lines, ""])


def _cell(text):
    return text.replace("|", r"\|").replace("<", r"\<").replace("*", r"\*").replace("_", r"\_")


def write(folder: Path) -> list[Path]:
    """Write all pages into a folder; those of frontends that are gone are removed. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {folder / f"{name}.md": page_of(row) for name, row in sorted(every_definition().items())}
    for path in set(folder.glob("*.md")) - set(pages):
        path.unlink()
    for path, text in pages.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    return list(pages)
