"""What a checkout promises: complete file lists, a lazy import, a README whose commands can be pasted."""

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import requirements

import spectrograms as sg

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "spectrograms"


def tracked_files():
    """Files of the checkout as git lists them, or as they lie there in a source distribution."""
    try:
        listing = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [path for path in ROOT.rglob("*") if path.is_file() and not _made_here(path.relative_to(ROOT))]
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name]


def _made_here(path):
    """Whether a file lies in a folder of an environment, a cache or a build."""
    top = path.parts[0] if len(path.parts) > 1 else ""
    hidden = top.startswith(".") and top not in {".ci", ".github", ".spin"}
    return hidden or top.startswith("build") or "__pycache__" in path.parts


def readme_block(heading):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```$", section, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("heading", ["Run it", "Test it"])
def test_readme_commands_are_one_line_and_make_their_own_environment(heading):
    (block,) = readme_block(heading)
    (line,) = block.splitlines()
    environment = re.match(r"python3 -m venv (\S+) && ", line)[1]
    assert f"{environment}/bin/pip install" in line
    assert line.count(" && ") == 2


def test_readme_tests_the_installed_package():
    (block,) = readme_block("Test it")
    assert '".[test]"' in block
    assert re.search(r"/bin/pytest\b", block)
    assert "-m pytest" not in block


def test_ci_finds_the_line_in_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    program = re.search(r"awk '(.*?)' README\.md", script, flags=re.DOTALL)[1]
    found = subprocess.run(["awk", program, ROOT / "README.md"], capture_output=True, text=True, check=True)
    assert [found.stdout] == readme_block("Test it")


def test_the_version_is_the_same_everywhere():
    built, cited = (
        re.search(r"^ *version: '?([\w.]+)'?,?$", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)[1]
        for name in ("meson.build", "CITATION.cff")
    )
    assert built == cited
    assert built == sg.__version__


def test_requirements_are_listed_once():
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = content["project"]["optional-dependencies"]
    assert set(requirements.packages("build", "dev")) == {
        *content["build-system"]["requires"],
        *extras["test"],
        *extras["lint"],
        *(each for each in extras["dev"] if not each.startswith("spectrograms[")),
    }
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    pinned = set(re.findall(r'additional_dependencies: \["(.*)"\]', hooks))
    assert pinned
    assert pinned <= set(extras["lint"])


def test_a_package_has_the_same_bound_everywhere():
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = content["project"]
    lists = [content["build-system"]["requires"], project["dependencies"]]
    lists += [*project["optional-dependencies"].values(), content["tool"]["cibuildwheel"]["test-requires"]]
    bounds = {}
    for requirement in (each for every in lists for each in every):
        name = re.match(r"[\w.-]+", requirement)[0]
        bounds.setdefault(name, set()).add(requirement)
    assert {name: found for name, found in bounds.items() if len(found) > 1 and name != "spectrograms"} == {}


@pytest.mark.parametrize(
    ("requirement", "lowest"),
    [
        ("numpy>=2.0", "numpy==2.0"),
        ("pyfftw>=0.15.1,<0.16", "pyfftw==0.15.1"),
        ("kaldi-native-fbank >= 1.22", "kaldi-native-fbank==1.22"),
        ("ruff==0.17.6", "ruff==0.17.6"),
        ("ninja", "ninja"),
    ],
)
def test_lowest_versions(requirement, lowest):
    assert requirements.lowest(requirement) == lowest


def test_lowest_versions_of_what_runs_are_exact():
    tool = ROOT / "tools" / "requirements.py"
    ran = subprocess.run(
        [sys.executable, tool, "--lowest", "run", "test"], capture_output=True, text=True, check=True
    )
    lines = ran.stdout.split()
    assert "numpy==2.0" in lines
    assert {line for line in lines if "==" not in line} == set()


def test_ci_is_a_script_that_refuses_what_it_does_not_know():
    script = ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", script], check=True)
    wrong = subprocess.run(["bash", script, "--fast"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr) == (2, "usage: .ci/run [--full]\n")


@pytest.mark.parametrize("script", [".ci/run", ".spin/cmds.py"])
def test_files_that_scripts_run_exist(script):
    text = (ROOT / script).read_text(encoding="utf-8")
    named = re.findall(r"(?<![/\w])(?:tests|tools|benchmarks)/[\w/]+(?:\.py)?", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_tests_that_run_elsewhere_too_are_found_by_name():
    sanitized = runpy.run_path(str(ROOT / "tests" / "sanitize" / "__main__.py"), run_name="read")["TESTS"]
    stressed = runpy.run_path(str(ROOT / "tests" / "stress.py"), run_name="read")["TESTS"]
    names = [*stressed, *(f"test_{name}.py" for names in sanitized.values() for name in names)]
    assert {name: len([*(ROOT / "tests").rglob(name)]) for name in names} == dict.fromkeys(names, 1)


def test_every_command_of_spin_is_there():
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    commands = [each for group in content["tool"]["spin"]["commands"].values() for each in group]
    assert len(commands) == 7
    for command in commands:
        file, name = command.split(":")
        assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("suffix", [".py", ".pyi", ".pyx", ".pxd"])
def test_every_source_file_is_in_the_build(suffix):
    missing = []
    for path in PACKAGE.rglob(f"*{suffix}"):
        build = PACKAGE / path.relative_to(PACKAGE).parts[0] / "meson.build"
        build = build if build.exists() else PACKAGE / "meson.build"
        name = path.relative_to(build.parent)
        # Extensions are made from rows of folder, module and level of optimization.
        rows = f"'{name}'" if suffix != ".pyx" else f"['{name.parent}', '{name.stem}', "
        if rows not in build.read_text(encoding="utf-8"):
            missing.append(str(path.relative_to(ROOT)))
    assert not missing


def test_import_is_lazy(tmp_path):
    optional = ["pyfftw", "scipy", "matplotlib", "soundfile", "soxr", "tqdm", "numpy", "spectrograms._engine"]
    code = f"import sys, spectrograms; dir(spectrograms); print([m for m in {optional} if m in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.slow
def test_no_file_names_a_machine_path():
    # Spelt in pieces, so that this file is not found by itself.
    folders = "|".join(("wor" + "k", "home/" + r"\w", "User" + "s", "roo" + "t"))
    machine_path = re.compile(rf"(?<![\w.$}}])/(?:{folders})/|(?<![\w.$}}])/tm" + r"p/\w")
    binary = {".arrow", ".npz", ".flac", ".ogg", ".wav", ".png"}
    found = []
    for path in tracked_files():
        if path.suffix in binary or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if machine_path.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert not found


@pytest.mark.parametrize("folder", ["tests/data/audio", "tests/data/configs", "tests/data/frontends"])
def test_source_distribution_leaves_the_recordings_out(folder):
    attributes = subprocess.run(
        ["git", "-C", ROOT, "check-attr", "export-ignore", folder], capture_output=True, text=True
    )
    if attributes.returncode:
        pytest.skip("not a git checkout")
    assert attributes.stdout.strip().endswith("export-ignore: set")
