"""The commands of ``spin``: one word for each habit of this project, see CONTRIBUTING.md."""

import subprocess
import sys
import tempfile
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]


def run(*command):
    """Run a command in the checkout; end with its exit code if it fails."""
    click.secho("$ " + " ".join(map(str, command)), bold=True, err=True)
    done = subprocess.run(list(map(str, command)), cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def python(*arguments):
    run(sys.executable, *arguments)


@click.command()
def build():
    """Install the package in editable mode: it rebuilds on import whatever has changed."""
    python("-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "-e", ".")


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--all", "everything", is_flag=True, help="Slow tests, too.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(everything, pytest_arguments):
    """Run the quick tests on all cores, or what the arguments for pytest say.

    Examples: `spin test`, `spin test --all`, `spin test tests/audio -k flac`.
    """
    # One process builds what has changed; workers would all do it at once.
    python("-P", "-c", "import spectrograms._engine.loop.engine")
    quick = [] if everything else ["-m", "not slow"]
    run(
        Path(sys.executable).with_name("pytest"),
        "-n",
        "auto",
        "--dist",
        "worksteal",
        *quick,
        *pytest_arguments,
    )


@click.command()
@click.option("--fix", is_flag=True, help="Format, and mend what can be mended.")
def lint(fix):
    """Check style and format of Python and Cython."""
    python("-m", "ruff", "check", *(["--fix"] if fix else []))
    python("-m", "ruff", "format", *([] if fix else ["--check"]))
    run("cython-lint", "spectrograms")


@click.command()
def docs():
    """Build the pages into docs-html; warnings are errors."""
    python("-m", "sphinx", "-W", "--keep-going", "-b", "html", "docs", "docs-html")


@click.command()
@click.option("--calls", default=5000, show_default=True, help="How many calls to make.")
@click.option("--seed", default=0, show_default=True, help="The calls follow from it.")
def fuzz(calls, seed):
    """Call the whole public API with odd and hostile arguments."""
    python("tests/fuzz", "--calls", calls, "--seed", seed)


@click.command()
@click.option("--cross", is_flag=True, help="For aarch64, too, by Debian's cross compiler.")
@click.option("--once", is_flag=True, help="Do not build everything a second time to compare the bytes.")
def wheel(cross, once):
    """Make the source distribution and the wheel of the last commit in dist, repaired and checked."""
    python("tools/wheels.py", *["--cross"] * cross, *["--once"] * once)


@click.command()
@click.option("--compare", "revision", metavar="REV", help="Build REV beside this one, and print ratios.")
@click.option("--only", default="", metavar="PATTERN", help="Rows whose name contains this expression.")
@click.option("--rounds", default=9, show_default=True, help="Turns of each build, with --compare.")
def bench(revision, only, rounds):
    """Measure throughput, or the speed of this build beside that of another revision.

    With --compare both builds take turns, and the other one also runs beside itself, which shows how much
    equal code varies on this machine. A ratio above 1 is slower.
    """
    if revision is None:
        python("benchmarks/throughput.py")
        return
    sys.path.insert(0, str(ROOT / "tools"))
    import beside

    with tempfile.TemporaryDirectory(prefix="spectrograms-") as folder:
        click.echo(f"building {revision} ...", err=True)
        other = beside.build(revision, folder)
        python("benchmarks/compare.py", other, "--only", only, "--rounds", rounds, "--numerics")
