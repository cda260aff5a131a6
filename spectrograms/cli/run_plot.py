"""``spectrograms plot``: pictures of recordings and of saved results, each in a file or all on one sheet."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectrograms.cli.console import print_json
from spectrograms.cli.look import PICTURES, Look
from spectrograms.cli.options import OPTIONS, UsageError, local_path, resolve

if TYPE_CHECKING:
    from spectrograms.cli.console import Console


def run(args: Namespace, console: Console) -> bool:
    """Draw every file. Returns whether any failed."""
    flags = {option.name: getattr(args, option.name) for option in OPTIONS if hasattr(args, option.name)}
    config, look = resolve(args.config, flags), Look.of(args)
    look.suit(config)
    output = local_path("-o", args.output) if args.output else "sheet.png" if args.sheet else "."
    if config["channels"] == "each":
        raise UsageError("plot takes one channel or their mix")

    # Imported here, so that usage errors answer without NumPy.
    from spectrograms._common.files import as_text
    from spectrograms.cli.inputs import sources_of
    from spectrograms.cli.output import Target
    from spectrograms.cli.planning import Planner
    from spectrograms.errors import INPUT_ERRORS

    look.check()
    sources = sources_of(args.files, console)
    suffix = Path(output).suffix.lower().removeprefix(".")
    if (args.sheet or not Path(output).is_dir()) and suffix not in PICTURES and (args.sheet or suffix):
        raise UsageError(f"-o must end in .{', .'.join(PICTURES)}{'' if args.sheet else ' or be a folder'}, "
                         f"got {output}")  # fmt: skip
    single = suffix in PICTURES and not Path(output).is_dir()
    target = None if args.sheet else Target(output, None if single else [args.format or "png"], sources)
    planner, done, shown = Planner(config), [], []
    for source in console.progress(sources):
        try:
            result, samples, title = _result(source.path, planner, look)
            if target is None:
                shown.append((source.name, result))
                outputs = [output]
            else:
                outputs = _drawn(target.paths(source), result, title, look, samples)
        except INPUT_ERRORS as error:
            console.fail(source.path, error)
            continue
        done.append({"path": as_text(source.path), "outputs": [as_text(path) for path in outputs]})
        console.detail(f"{as_text(source.path)} -> {', '.join(done[-1]['outputs'])}")
    if shown:
        _sheet(shown, output, suffix, look)
    if args.json:
        print_json({"command": "plot", "files": done, "failed": console.failed})
    elif done:
        console.say(f"drawn: {', '.join(dict.fromkeys(path for each in done for path in each['outputs']))}")
    return console.report_failed(len(done) + len(console.failed))


def _result(path, planner, look) -> tuple[Any, Any, str]:
    """What is drawn of a file, the samples if they are wanted, and the words over it."""
    from spectrograms._common.files import as_text
    from spectrograms.cli.planning import describe, read_channels
    from spectrograms.places.urls import placed

    name = as_text(Path(path).name)
    if path.endswith(".npz"):
        return _saved(path), None, name
    parts, rate = read_channels(placed(path, "an input"), planner.config, look.start, look.duration)
    samples = parts[0][1]
    result = planner.plan(rate).compute(samples)
    return result, samples if look.waveform else None, f"{name} ({describe(planner.config, rate)})"


def _saved(path):
    """A result that `save` wrote, of whichever class."""
    from spectrograms._common import registry
    from spectrograms.errors import InvalidInputError
    from spectrograms.places.reading import opened
    from spectrograms.places.urls import placed

    for name in registry.RESULTS:
        cls = registry.find(registry.RESULTS, name)
        with opened(placed(path, "an input")) as file:
            try:
                return cls.load(file)
            except InvalidInputError as error:
                refused = error
    raise refused


def _drawn(paths, result, title, look, samples):
    from spectrograms._common.files import replacing
    from spectrograms.cli.look import draw

    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary, open(temporary, "wb") as file:
            draw(result, file, path.suffix[1:].lower(), title, look, samples)
    return paths


def _sheet(shown, output, kind, look):
    """All on one page, in the same colours where they have one unit of level."""
    from spectrograms._common.files import replacing
    from spectrograms.cli.console import visible
    from spectrograms.cli.look import save
    from spectrograms.integrations.figures import contact_sheet, plain, themed

    options = look.options
    if len({getattr(result, "unit", None) for _, result in shown}) == 1:
        levels = [result.db_range() for _, result in shown if getattr(result, "amplitude", "") == "db"]
        if len(levels) == len(shown) and max(high for _, high in levels) > min(low for low, _ in levels):
            top, bottom = max(high for _, high in levels), min(low for low, _ in levels)
            options["limits"] = (max(bottom, top - look.range), top)
    with themed(look.theme):
        title = None if look.title is None else plain(visible(look.title))
        names = [(visible(name), result) for name, result in shown]
        figure = contact_sheet(names, title=title, frequencies=look.frequencies, **options)
        with replacing(Path(output)) as temporary, open(temporary, "wb") as file:
            save(figure, file, kind)
