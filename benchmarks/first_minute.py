"""The first minute: from `git clone` to the first picture, with what the README names and nothing else.

    python benchmarks/first_minute.py [REVISION ...] [--python PYTHON] [--page docs/install.md]

Each revision is cloned into a folder of its own, its README's block of commands that ends in `demo` is run
there in an environment without compiler caches and without packages that pip has kept, and what it took is
printed: processor time of everything that was started, and the time that passed, which on a machine with
other work is longer. Rows of `--page` are replaced.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "| Revision | of | Processor time | Time passed | Pictures |"


def block(readme):
    """The commands that end in a picture."""
    found = re.findall(r"```sh\n(.*?)```", readme, re.S)
    return next(text for text in found if re.search(r"spectrograms demo\s*$", text))


def environment(python):
    """Of somebody who has just come: no caches, and `python3` is the interpreter that is asked for."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    folders = [str(Path(python).resolve().parent), "/usr/local/bin", "/usr/bin", "/bin"]
    return kept | {"PATH": os.pathsep.join(folders), "PIP_NO_CACHE_DIR": "1", "CCACHE_DISABLE": "1"}


def measured(revision, python):
    """Seconds of processor and of the clock, and how many pictures there are."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "spectrograms"
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        subprocess.run(["git", "checkout", "-q", revision], cwd=clone, check=True)
        commands = block((clone / "README.md").read_text(encoding="utf-8"))
        subprocess.run(
            ["bash", "-e", "-c", commands], cwd=clone, env=environment(python), check=True, stdout=sys.stderr
        )
        passed, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        pictures = len(list((clone / "demo-output").rglob("*.png")))
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, passed, pictures


def rows(revisions, python):
    yield HEAD
    yield "|---" * 5 + "|"
    for revision in revisions:
        said = ["git", "-C", str(ROOT), "log", "-1", "--format=%h|%ad", "--date=format:%-d %B %Y", revision]
        name, day = subprocess.run(said, capture_output=True, text=True, check=True).stdout.strip().split("|")
        spent, passed, pictures = measured(revision, python)
        yield f"| `{name}` | {day} | {spent:.0f} s | {passed:.0f} s | {pictures} |"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("revisions", nargs="*", default=["HEAD"], metavar="REVISION")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to begin with")
    parser.add_argument("--page", metavar="FILE", help="the page whose rows are replaced; else print them")
    args = parser.parse_args()
    table = "\n".join(rows(args.revisions, args.python))
    if args.page is None:
        print(table)
        return
    page = Path(args.page)
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(rf"{re.escape(HEAD)}\n(\|.*\n)*", lambda _: f"{table}\n", text), encoding="utf-8")


if __name__ == "__main__":
    main()
