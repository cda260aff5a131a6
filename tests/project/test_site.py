"""The built site: links, pictures and search, in a browser where there is one.

SITE names its folder, as `.ci/run` does once it has built it. Sources of the gallery are always looked at.
"""

import ast
import os
import re
import shutil
import subprocess
import threading
from functools import cache
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SITE", "nowhere")).resolve()
EXAMPLES = sorted((ROOT / "docs" / "examples").rglob("plot_*.py"))
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

built = pytest.mark.skipif(not (SITE / "index.html").exists(), reason="needs the built site in SITE")
browser = pytest.mark.skipif(BROWSER is None, reason="needs a browser: apt install chromium")


# --- the gallery's sources ----------------------------------------------------------------------------


def test_the_gallery_shows_every_room():
    assert len(EXAMPLES) >= 24
    rooms = {path.parent.name for path in EXAMPLES}
    assert {path.parent.name for path in (ROOT / "docs" / "examples").glob("*/GALLERY_HEADER.rst")} == rooms
    ordered = re.search(r"for room in \((.*?)\)", (ROOT / "docs" / "conf.py").read_text(encoding="utf-8"))[1]
    assert set(re.findall(r'"(\w+)"', ordered)) == rooms


def test_examples_have_a_title_and_need_no_files():
    for path in EXAMPLES:
        text = path.read_text(encoding="utf-8")
        title, line = ast.get_docstring(ast.parse(text)).splitlines()[:2]
        assert line == "=" * len(title), path
        assert not re.search(r"\bopen\(|read_audio|https?:", text), path
        assert "plt.show()" in text, path


# --- the built site -----------------------------------------------------------------------------------


class Page(HTMLParser):
    """Addresses that a page leads to or loads, its pictures, and the places within it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.images, self.loaded, self.places = set(), set(), set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.places |= {attrs[name] for name in ("id", "name") if attrs.get(name)}
        if tag == "a" and attrs.get("href"):
            self.links.add(attrs["href"])
        if tag == "img" and attrs.get("src"):
            self.images.add(attrs["src"])
        if tag in ("script", "link") and "canonical" not in attrs.get("rel", ""):
            self.loaded |= {attrs[name] for name in ("src", "href") if attrs.get(name)}


@cache
def page(path):
    return Page(path)


def pages():
    return sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


@built
def test_no_link_is_broken_and_no_picture_missing():
    wrong = []
    for path in pages():
        here = page(path)
        for address in here.links | here.images | here.loaded:
            if urlparse(address).scheme or address.startswith("//"):
                continue
            target, place = urldefrag(address)
            target = (path.parent / unquote(urlparse(target).path)).resolve() if target else path
            if not target.exists():
                wrong.append(f"{path.relative_to(SITE)}: {address}")
            elif place and target.suffix == ".html" and unquote(place) not in page(target).places:
                wrong.append(f"{path.relative_to(SITE)}: {address}: no such place")
    assert wrong == []


@built
def test_every_example_has_its_picture():
    for path in EXAMPLES:
        made = page(SITE / "gallery" / path.parent.name / f"{path.stem}.html")
        assert any(path.stem in image for image in made.images), path.stem


@pytest.fixture(scope="module")
def server():
    """The site at an address of this machine, and what was asked for and is not there."""
    missing = []

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=SITE)

        def log_message(self, form, *args):
            pass

        def send_error(self, code, *args):
            missing.append((code, self.path))
            super().send_error(code, *args)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}", missing
        served.shutdown()
        thread.join()


def opened(address, folder):
    """The document after its scripts have run, and what they said on the console."""
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--enable-logging=stderr",
        f"--user-data-dir={folder}", "--virtual-time-budget=20000", "--dump-dom", address,
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    said = re.findall(r":CONSOLE[:(].*?\] (.*)", ran.stderr)
    return ran.stdout, [
        line for line in said if re.search(r"error|failed|refused|warn|invalid|uncaught", line, re.I)
    ]


@built
@browser
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "index",
        "gallery/index",
        "gallery/spectra/plot_first",
        "api",
        "generated/spectrograms.read_audio",
        "glossary",
    ],
)
def test_pages_open_without_a_complaint(server, tmp_path, name):
    site, missing = server
    before = len(missing)
    document, complaints = opened(f"{site}/{name}.html", tmp_path)
    assert "<h1>" in document
    assert complaints == []
    assert missing[before:] == []


@built
@browser
@pytest.mark.slow
@pytest.mark.parametrize("words", ["PSD", "onset", "Welch", "fbank", "preemph", "snip_edges"])
def test_the_search_finds(server, tmp_path, words):
    site, _ = server
    front = (SITE / "index.html").read_text(encoding="utf-8")
    form = re.search(r'<form[^>]*action="([^"]*search\.html)"', front)
    document, complaints = opened(f"{site}/{form[1]}?q={words}", tmp_path)
    assert len(re.findall(r'<li class="kind-', document)) >= 1
    assert complaints == []
