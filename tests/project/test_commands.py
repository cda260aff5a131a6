"""Every command that a page shows is run, or at least understood, where the page says.

Commands of the package run, in a folder with what the page speaks of. Those that would work for hours, or on
other machines, are given to the parser instead; scripts of the checkout have to exist, with all options
named. What pip, apt and other programs do is not ours; that no page asks the index for our name is.
"""

import ast
import io
import re
import shlex
import shutil
import tarfile
import tomllib
from pathlib import Path

import pytest
import soundfile

from spectrograms.cli.parser import make_parser

from ..support.checkout import DATA, REASON
from ..support.command import run, run_shown
from ..support.corpora import RATE, noise, recordings
from ..support.together import together

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "RELEASING.md",
        *(ROOT / "docs").rglob("*.md"),
    )
    if "generated" not in path.parts
)
# Programs that bring packages, or stand for what is at hand elsewhere.
FOREIGN = {"pip", "sh", "apt-get", "dpkg-deb", "spin", "git", "twine", "uvicorn", "curl", "."}
# Commands with one of these words are for other machines, or more of them; those for collections of each kind
# are run by tests/corpus/test_guide_commands.py, which makes them.
ELSEWHERE = re.compile(r"tcp://|s3://|--local-cluster|SLURM_|(packed|arrow|cuts|nemo|kaldi|csv)-features$")


def blocks(page):
    """The shell blocks of a page."""
    return re.findall(r"^```(?:sh|bash)\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.S | re.M)


def commands(page):
    """Each command of the blocks, with lines joined, without comments and the folder of its environment."""
    found = []
    for block in blocks(page):
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.split(" && "):
                command = re.sub(r"\s#\s.*$", "", part).strip()
                command = re.sub(r"^\S*/bin/", "", command)
                if command and not command.startswith("#"):
                    found.append(command)
    return found


def kind(command):
    """Who runs a command: ``spectrograms``, ``python``, or ``foreign``."""
    first = command.split()[0]
    if first == "spectrograms":
        return first
    if re.fullmatch(r"python3?", first):
        return "foreign" if re.match(r"python3? -(m venv|P$)", command) else "python"
    return "foreign" if first in FOREIGN or first == "pytest" else None


SHOWN = [(page, command) for page in PAGES for command in commands(page)]


def test_pages_show_commands():
    assert len(SHOWN) > 40
    assert {kind(command) for _, command in SHOWN} >= {"spectrograms", "python", "foreign"}


def test_every_command_is_of_a_known_kind():
    assert [(page, command) for page, command in SHOWN if kind(command) is None] == []


def test_commands_stand_in_blocks_of_their_own():
    indented = re.compile(r"^\n(    (?:python3?|spectrograms|pip|pytest) .*)$", re.M)
    found = {page: indented.findall((ROOT / page).read_text(encoding="utf-8")) for page in PAGES}
    assert {page: lines for page, lines in found.items() if lines} == {}


# --- installing ---------------------------------------------------------------------------------------


def sources():
    """Everything that may tell people what to install: pages, and texts of the package."""
    paths = [ROOT / page for page in PAGES]
    paths += [
        path for suffix in (".py", ".pyi", ".pyx") for path in (ROOT / "spectrograms").rglob(f"*{suffix}")
    ]
    return paths


def test_nothing_asks_the_index_for_our_name():
    asked = re.compile(r"""pip install[^\n`]*?(?<![\w./-])["']?spectrograms(?![\w./*-])""")
    found = [path.name for path in sources() if asked.search(path.read_text(encoding="utf-8"))]
    assert found == []
    assert asked.search('pip install "spectrograms[corpus]"')
    assert asked.search("pip install -q spectrograms")
    assert not asked.search("pip install spectrograms-*.whl")


def test_extras_exist():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = set(project["optional-dependencies"])
    named = {
        extra
        for page in PAGES
        for found in re.findall(r'"\.\[([\w,-]+)\]"', (ROOT / page).read_text(encoding="utf-8"))
        for extra in found.split(",")
    }
    assert named
    assert named <= extras
    table = (ROOT / "docs" / "install.md").read_text(encoding="utf-8").partition("| Extra |")[2]
    listed = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", table, re.M)
    assert listed
    assert {extra for cell in listed for extra in re.findall(r"[\w-]+", cell)} <= extras


def test_how_it_is_installed_stands_in_one_place():
    installing = [page for page, command in SHOWN if re.match(r'pip install "\.\[', command)]
    assert sorted(set(installing)) == ["README.md", "docs/install.md"]


# --- scripts of the checkout --------------------------------------------------------------------------


def _scripts():
    text = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
    shown = [command for _, command in SHOWN if kind(command) == "python"]
    inline = [each for page in PAGES for each in re.findall(r"`(python3? [^`\n]*)`", text[page])]
    return sorted(each for each in {*shown, *inline} if not re.match("python3? -[Pm]", each))


@together("command", _scripts())
def test_scripts_exist_and_know_their_options(command):
    nested = re.findall(r"\$\((.*?)\)", command)
    words = shlex.split(re.sub(r"\"?\$\(.*?\)\"?", "X", command))
    path = ROOT / words[1].removeprefix("path/to/checkout/")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    assert files
    assert all(file.exists() for file in files)
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    # Benchmarks have options in common, in a module that they import.
    for name in re.findall(r"^(?:from|import) (\w+)", text, re.M):
        shared = path.parent / f"{name}.py"
        text += shared.read_text(encoding="utf-8") if shared.exists() else ""
    for word in words[2:]:
        if word == "--":
            break
        if word.startswith("--"):
            assert f'"{word.partition("=")[0]}"' in text, word
    for inner in nested:
        assert (ROOT / shlex.split(inner)[1]).exists()


# --- our own ------------------------------------------------------------------------------------------


def understood(command):
    """Whether the parser of the command line takes a command."""
    words = shlex.split(re.sub(r"\$\{?\w+\}?", "1", command.partition(" > ")[0]))
    try:
        make_parser().parse_args(words[1:])
    except SystemExit as error:
        return error.code == 0
    return True


def _inline():
    """Commands within lines: a verb with at least one argument, and no dots in place of something."""
    found = set()
    for path in sources():
        for command in re.findall(r"`(spectrograms \w+ [^`\n]*)`", path.read_text(encoding="utf-8")):
            if "..." not in command and "|" not in command:
                found.add(command)
    return sorted(found)


@together("command", _inline())
def test_commands_within_lines_have_options_that_exist(command):
    words = command.split()
    parser = make_parser().get_default("parser_of").get(words[1])
    assert parser is not None
    known = set(parser._option_string_actions)
    assert [word for word in words if word.startswith("--") and word.partition("=")[0] not in known] == []


@together("command", sorted({each for _, each in SHOWN if kind(each) == "spectrograms"}))
def test_commands_are_understood(command, capsys):
    assert understood(command), capsys.readouterr().err


def test_what_is_wrong_is_not_understood(capsys):
    assert not understood("spectrograms compute a.wav --no-such-option")
    assert not understood("spectrograms calculate a.wav")


def _local(page):
    """Commands of a page that run here; what stands on several runs once."""
    before = {command for other, command in SHOWN if PAGES.index(other) < PAGES.index(page)}
    ours = [each for each in commands(page) if kind(each) == "spectrograms" and each not in before]
    return [each for each in ours if not ELSEWHERE.search(each)]


@pytest.fixture
def place(tmp_path):
    """What pages speak of: recordings, single, in archives, tables and a store, and the clone's own."""
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    import pyarrow.parquet as pq

    from spectrograms.corpus import extract

    recordings(tmp_path / "recordings")
    extract(tmp_path / "recordings", "whisper_openai", tmp_path / "store")
    soundfile.write(tmp_path / "talk.wav", noise(3, 40.0), 2 * RATE)
    for name in ("a", "song"):
        soundfile.write(tmp_path / f"{name}.wav", noise(1, 4.0), 2 * RATE)
    content = io.BytesIO()
    soundfile.write(content, noise(2, 0.1), RATE, format="WAV")
    (tmp_path / "shards").mkdir()
    for k in range(128):
        with tarfile.open(tmp_path / "shards" / f"train-{k:04d}.tar", "w") as archive:
            member = tarfile.TarInfo(f"clip{k}.wav")
            member.size = len(content.getvalue())
            archive.addfile(member, io.BytesIO(content.getvalue()))
    (tmp_path / "data").mkdir()
    column = [{"bytes": content.getvalue(), "path": "clip.wav"}]
    pq.write_table(pa.table({"audio": column}), tmp_path / "data" / "train.parquet")
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("page", [page for page in PAGES if _local(page)])
def test_commands_run(page, place):
    pytest.importorskip("matplotlib", reason="needs matplotlib: pip install matplotlib")
    lines = _local(page)
    if "tests/data/audio" in "".join(lines) and not (DATA / "audio").is_dir():
        pytest.skip(REASON.format("audio"))
    run_shown(lines, place)


# --- the picture in the README -------------------------------------------------------------------------


@pytest.mark.slow
def test_the_picture_is_what_its_command_makes(tmp_path):
    pyplot = pytest.importorskip("matplotlib.image", reason="needs matplotlib: pip install matplotlib")
    if not (DATA / "audio").is_dir():
        pytest.skip(REASON.format("audio"))
    [command] = [each for each in commands("README.md") if "bach.png" in each]
    words = shlex.split(command)
    assert re.search(r"!\[.*\]\(docs/bach\.png\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    words[words.index("bach.png")] = tmp_path / "bach.png"
    words = [ROOT / word if str(word).startswith("tests/") else word for word in words]
    assert run(*words[1:]) == 0
    shown, made = pyplot.imread(ROOT / "docs" / "bach.png"), pyplot.imread(tmp_path / "bach.png")
    assert abs(shown.shape[0] - made.shape[0]) < 20
    # Fonts and layout differ between versions of Matplotlib; the colours in the middle do not.
    middle = (slice(200, 400), slice(200, 900), slice(0, 3))
    assert abs(shown[middle].mean((0, 1)) - made[middle].mean((0, 1))).max() < 0.05


def test_blocks_of_python_have_a_test():
    """Each page with Python is named where pages are run: with its server, in the tests of that."""
    text = (ROOT / "tests" / "project" / "test_guides.py").read_text(encoding="utf-8")
    named = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    shown = {
        page.removeprefix("docs/").removesuffix(".md")
        for page in PAGES
        if re.search(r"^```python", (ROOT / page).read_text(encoding="utf-8"), re.M)
    }
    assert {page for page in shown if page not in named} == {"guide/serving"}
    assert (ROOT / "tests" / "integrations" / "test_serving.py").exists()
