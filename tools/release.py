"""Whether this tree may be published: ``python tools/release.py --tag v3.0.0 [--repository URL]``.

``python tools/release.py --address URL`` writes the address of the repository into pyproject.toml, and into
README.md, whose links into the repository would lead nowhere at the index otherwise.

Version, tag, `CITATION.cff` and `CHANGELOG.md` have to agree. With ``--repository``, the distribution's
name must be free at the index, or that of a project whose pages name this repository. The name is written
once, in pyproject.toml. What is wrong is printed, a line for each, and the exit status is 1.

The index is asked through pip, so that its settings hold. Whatever it answers that is not understood
counts as a no.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
# What pyproject.toml has in the place of the repository's address until it has one.
PLACEHOLDER = "https://spectrograms.example"
RELATIVE_LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")


def name(checkout=CHECKOUT):
    """Return the name of the distribution."""
    return tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]


def version(checkout=CHECKOUT):
    """Return the version that a build has."""
    text = (checkout / "meson.build").read_text(encoding="utf-8")
    return re.search(r"^  version: '(.+)',$", text, re.MULTILINE)[1]


def trouble_with_version(tag, checkout=CHECKOUT):
    """Return what does not agree with the tag, as a list of sentences."""
    built = version(checkout)
    found = []
    if tag != f"v{built}":
        found.append(f"the tag is {tag}, but meson.build has version {built}, whose tag is v{built}")
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", built):
        found.append(f"version {built} is not one to publish: expected numbers like 3.0.0 or 3.0.0rc1")
    citation = (checkout / "CITATION.cff").read_text(encoding="utf-8")
    cited = re.search(r"^version: (.+)$", citation, re.MULTILINE)
    if cited[1] != built:
        found.append(f"CITATION.cff has version {cited[1]}, meson.build {built}")
    changes = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(rf"^## {re.escape(built)} \(\d{{4}}-\d\d-\d\d\)$", changes, re.MULTILINE):
        found.append(f"CHANGELOG.md has no heading '## {built} (YYYY-MM-DD)'")
    return found


def ask(wanted):
    """Have pip look a distribution up; nothing of it is downloaded but its metadata.

    Returns
    -------
    report : dict or None
        pip's report of what it would install.
    log : str
        What it said meanwhile.
    """
    command = [sys.executable, "-m", "pip", "install", "-vv", "--dry-run", "--ignore-installed", "--no-deps"]
    # A source distribution would be built to learn its metadata, which runs its code.
    command += ["--only-binary=:all:", "--no-cache-dir", "--pre", "--report", "-", wanted]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    # With "-vv" the report stands between other lines.
    start = done.stdout.find("\n{\n")
    report = json.JSONDecoder().raw_decode(done.stdout, start + 1)[0] if start >= 0 else None
    return report, done.stdout + done.stderr


def trouble_with_name(wanted, repository, answer):
    """Return why a name may not be published under, as a list of sentences.

    Parameters
    ----------
    wanted : str
        Name of the distribution.
    repository : str
        Address of this repository.
    answer : tuple
        What `ask` has returned.
    """
    report, log = answer
    change = "Choose another `name` in pyproject.toml, or have the name handed over."
    if report is None:
        if re.search(rf"/{re.escape(wanted)}/: 404 ", log):
            return []
        return [f"{wanted} may be at the index: what was looked up does not tell whose it is. {change}"]
    (found,) = report["install"]
    metadata = found["metadata"]
    pages = [page.partition(",")[2].strip() for page in metadata.get("project_url", [])]
    pages.append(metadata.get("home_page", ""))
    if repository.rstrip("/").lower() in [page.rstrip("/").removesuffix(".git").lower() for page in pages]:
        return []
    return [
        f"{wanted} {metadata['version']} at the index is another's: {metadata.get('summary', 'no summary')}. "
        f"Its pages are {', '.join(filter(None, pages)) or 'not given'}, and this is {repository}. {change}"
    ]


def write_address(repository, checkout=CHECKOUT):
    """Put the repository's address in the place of the placeholder and before the links of README.md."""
    repository = repository.rstrip("/")
    for path, change in (
        (checkout / "pyproject.toml", lambda text: text.replace(f'"{PLACEHOLDER}', f'"{repository}')),
        (checkout / "README.md", lambda text: RELATIVE_LINK.sub(rf"]({repository}/blob/HEAD/\1", text)),
    ):
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def trouble_with_address(repository, checkout=CHECKOUT):
    """Return which addresses are missing, as a list of sentences."""
    found = []
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if repository.rstrip("/") not in project["urls"].values():
        found.append(f"[project.urls] of pyproject.toml does not name {repository}")
    links = RELATIVE_LINK.findall((checkout / "README.md").read_text(encoding="utf-8"))
    if links:
        found.append(f"README.md has {len(links)} links that lead nowhere at the index, such as {links[0]}")
    return [f"{sentence}: run python tools/release.py --address {repository}" for sentence in found]


def main():
    """Print what is wrong, and end with 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--tag", help="the tag that is published")
    what.add_argument("--address", metavar="URL", help="write this address of the repository into the tree")
    parser.add_argument("--repository", metavar="URL", help="this repository: ask whose the name is, too")
    wanted = parser.parse_args()
    if wanted.address:
        write_address(wanted.address)
        return
    found = trouble_with_version(wanted.tag)
    if wanted.repository:
        found += trouble_with_address(wanted.repository)
        found += trouble_with_name(name(), wanted.repository, ask(name()))
    for sentence in found:
        print(f"not published: {sentence}")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
