"""Tables for the terminal and for the documentation."""


def print_table(head, lines, markdown):
    """Print rows of text as aligned columns, or as Markdown; columns of numbers are right-aligned there."""
    if markdown:
        rule = ["---", *["---:"] * (len(head) - 1)]
        for line in [head, rule, *lines]:
            print("| " + " | ".join(line) + " |", flush=True)
        return
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    for line in [head, *lines]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
