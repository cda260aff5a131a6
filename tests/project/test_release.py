"""Between a tag and the index: the check, the workflows, the recipe. Nothing here uses the network."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
import release
import requirements

ROOT = Path(__file__).resolve().parents[2]
yaml = pytest.importorskip("yaml")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PAGE = "https://git.invalid/ours/spectrograms"


def workflow(name):
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


# --- the check -----------------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path):
    """A tree that may be tagged v3.1.0."""
    (tmp_path / "meson.build").write_text("project(\n  'spectrograms',\n  version: '3.1.0',\n)\n")
    (tmp_path / "CITATION.cff").write_text("cff-version: 1.2.0\nversion: 3.1.0\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 3.1.0 (2026-11-30)\n")
    return tmp_path


@pytest.fixture
def addressed(tmp_path):
    """What the index shows of a tree: pages, and a README with links."""
    (tmp_path / "pyproject.toml").write_text(
        f'[project.urls]\nSource = "{release.PLACEHOLDER}"\nIssues = "{release.PLACEHOLDER}/issues"\n'
    )
    (tmp_path / "README.md").write_text(
        "[one](docs/a.md), [two](docs/b.md#part), [out](https://out.invalid/x), [here](#part)\n"
    )
    return tmp_path


def test_the_address_is_written_into_pages_and_links(addressed):
    missing = release.trouble_with_address(PAGE, addressed)
    assert [sentence.partition(" ")[0] for sentence in missing] == ["[project.urls]", "README.md"]
    release.write_address(PAGE + "/", addressed)
    assert release.trouble_with_address(PAGE, addressed) == []
    readme = (addressed / "README.md").read_text()
    base = f"{PAGE}/blob/HEAD/docs"
    assert readme == (
        f"[one]({base}/a.md), [two]({base}/b.md#part), [out](https://out.invalid/x), [here](#part)\n"
    )
    urls = tomllib.loads((addressed / "pyproject.toml").read_text())["project"]["urls"]
    assert urls["Source"] == PAGE
    assert all(each.startswith(PAGE) for each in urls.values())
    again = readme
    release.write_address(PAGE, addressed)
    assert (addressed / "README.md").read_text() == again
    assert len(release.trouble_with_address("https://elsewhere.example/it", addressed)) == 1


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_tree_that_agrees_may_be_published(checkout):
    assert release.trouble_with_version("v3.1.0", checkout) == []
    for name in ("meson.build", "CITATION.cff", "CHANGELOG.md"):
        change(checkout / name, "3.1.0", "3.1.0rc2")
    assert release.trouble_with_version("v3.1.0rc2", checkout) == []


@pytest.mark.parametrize("tag", ["3.1.0", "v3.1", "v3.1.0.dev0", "v3.1.00", "v3.1.1"])
def test_another_tag_is_refused(checkout, tag):
    (found,) = release.trouble_with_version(tag, checkout)
    assert found == f"the tag is {tag}, but meson.build has version 3.1.0, whose tag is v3.1.0"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("CITATION.cff", "3.1.0", "3.0.0", "CITATION.cff has version 3.0.0, meson.build 3.1.0"),
        ("CHANGELOG.md", " (2026-11-30)", "", "CHANGELOG.md has no heading '## 3.1.0 (YYYY-MM-DD)'"),
        ("CHANGELOG.md", "## 3.1.0", "### 3.1.0", "CHANGELOG.md has no heading '## 3.1.0 (YYYY-MM-DD)'"),
    ],
)
def test_a_file_that_does_not_agree_is_named(checkout, name, old, new, said):
    change(checkout / name, old, new)
    assert release.trouble_with_version("v3.1.0", checkout) == [said]


def test_a_version_of_development_is_not_published(checkout):
    for name in ("meson.build", "CITATION.cff", "CHANGELOG.md"):
        change(checkout / name, "3.1.0", "3.1.0.dev1")
    (found,) = release.trouble_with_version("v3.1.0.dev1", checkout)
    assert found.startswith("version 3.1.0.dev1 is not one to publish")


def answer(**metadata):
    return {"install": [{"metadata": {"name": "spectrograms", "version": "2.1.3", **metadata}}]}, "a log"


def test_the_name_of_another_project_is_refused_with_the_reason():
    pages = ["Homepage, https://git.invalid/theirs/Spectrograms", "Issues, https://git.invalid/theirs/issues"]
    (found,) = release.trouble_with_name("spectrograms", PAGE, answer(summary="In Rust", project_url=pages))
    assert found.startswith(
        "spectrograms 2.1.3 at the index is another's: In Rust. Its pages are https://git"
    )
    assert f"and this is {PAGE}" in found
    assert "`name` in pyproject.toml" in found


@pytest.mark.parametrize(
    "metadata",
    [
        {"project_url": ["Source, https://git.invalid/ours/spectrograms"]},
        {
            "project_url": [
                "Issues, https://git.invalid/x",
                "Source,https://GIT.invalid/Ours/Spectrograms.git/",
            ]
        },
        {"home_page": "https://git.invalid/ours/spectrograms/"},
    ],
)
def test_our_own_name_may_be_used_again(metadata):
    assert release.trouble_with_name("spectrograms", PAGE, answer(**metadata)) == []


@pytest.mark.parametrize(
    "metadata", [{}, {"project_url": ["Source, https://git.invalid/ours/spectrograms2"]}]
)
def test_pages_that_are_not_ours_are_another_project(metadata):
    assert len(release.trouble_with_name("spectrograms", PAGE, answer(**metadata))) == 1


def test_a_name_that_the_index_does_not_have_is_free():
    log = "Could not fetch URL https://index.invalid/simple/spectrograms/: 404 Client Error - skipping"
    assert release.trouble_with_name("spectrograms", PAGE, (None, log)) == []


@pytest.mark.parametrize(
    "log",
    [
        "Could not fetch URL https://index.invalid/simple/spectrograms-2/: 404 Client Error: Not Found",
        "Could not fetch URL https://index.invalid/simple/spectrograms/: connection error",
        "ERROR: Could not find a version that satisfies the requirement spectrograms (from versions: none)",
        "",
    ],
)
def test_an_answer_that_says_nothing_is_a_no(log):
    (found,) = release.trouble_with_name("spectrograms", PAGE, (None, log))
    assert found.startswith("spectrograms may be at the index: ")


def test_pip_is_asked_without_running_what_it_finds(monkeypatch):
    class Done:
        stdout = 'Looking\n{\n  "install": [{"metadata": {"version": "1"}}]\n}\nDone\n'
        stderr = "more"

    asked = []
    monkeypatch.setattr(release.subprocess, "run", lambda command, **_: asked.append(command) or Done)
    report, log = release.ask("spectrograms")
    assert report == {"install": [{"metadata": {"version": "1"}}]}
    assert log.endswith("Done\nmore")
    assert {"--dry-run", "--only-binary=:all:", "--no-deps"} <= set(asked[0])


def test_name_and_version_are_those_of_the_build(capsys, monkeypatch):
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert release.name() == content["project"]["name"]
    monkeypatch.setattr(sys, "argv", ["release.py", "--tag", "v0.0.1"])
    with pytest.raises(SystemExit) as ended:
        release.main()
    assert ended.value.code == 1
    assert capsys.readouterr().out.startswith(
        f"not published: the tag is v0.0.1, but meson.build has version {release.version()}"
    )


# --- workflows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_name_full_versions_and_few_rights(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["permissions"] == {"contents": "read"}
    assert "secrets." not in path.read_text(encoding="utf-8")
    for name, job in content["jobs"].items():
        assert "timeout-minutes" in job, name
        for step in job["steps"]:
            assert len({"uses", "run"} & set(step)) == 1, name
            if "uses" in step:
                assert re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+\.\d+\.\d+", step["uses"]), step["uses"]
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, name
        for before in job.get("needs", []):
            assert before in content["jobs"], name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_what_workflows_run_is_there(path):
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"(?<![\w/])(?:\.ci/run|(?:tests|tools)/[\w/]+(?:\.py)?)", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
    for extras in re.findall(r"tools/requirements\.py ([\w ]+)\)", text):
        assert requirements.packages(*extras.split())


def test_only_a_release_that_was_allowed_gets_a_right_to_publish():
    jobs = workflow("wheels.yml")["jobs"]
    with_rights = {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})}
    assert with_rights == {"publish"}
    assert {"allowed", "sdist", "wheels"} <= set(jobs["publish"]["needs"])
    assert "refs/tags/v" in jobs["allowed"]["if"]
    (command,) = [step["run"] for step in jobs["allowed"]["steps"] if "run" in step]
    assert command == 'python tools/release.py --tag "$TAG" --repository "$REPOSITORY"'


def test_there_is_a_machine_for_each_wheel():
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cibuildwheel"]
    rows = workflow("wheels.yml")["jobs"]["wheels"]["strategy"]["matrix"]["include"]
    names = {"manylinux": "manylinux", "macosx": "macos", "win": "windows"}
    wanted = set()
    for pattern in content["build"]:
        system, machines = re.fullmatch(r"cp3\{[\d,]+\}-([a-z]+)_\{?([\w,]+?)\}?", pattern).groups()
        wanted |= {f"{names[system]}-{machine}" for machine in machines.split(",")}
    assert {row["platform"] for row in rows} == wanted
    for folder in re.findall(r"\{project\}/(\S+)", content["test-command"]):
        assert (ROOT / folder).is_dir()


# --- recipe --------------------------------------------------------------------------------------------


def test_the_recipe_says_what_the_project_says():
    recipe = yaml.safe_load((ROOT / "packaging" / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = content["project"]
    assert recipe["context"] == {"name": project["name"], "version": release.version()}
    assert recipe["about"]["summary"] == project["description"]
    assert recipe["about"]["license"] == project["license"]
    assert recipe["about"]["license_file"] == project["license-files"]
    scripts = [f"{name} = {place}" for name, place in project["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts

    def bounds(listed):
        return {line.replace(" ", "").lower() for line in listed} - {"python", "pip"}

    needs = recipe["requirements"]
    assert bounds(needs["run"]) == bounds(project["dependencies"])
    assert bounds(needs["host"]) == bounds(content["build-system"]["requires"])
    lowest = project["requires-python"].removeprefix(">=")
    assert f'match(python, "<{lowest}")' in recipe["build"]["skip"]
