"""Configuration of Sphinx: pages in Markdown, the reference from the docstrings of the installed package."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import spectrograms

sys.path.insert(0, str(Path(__file__).parent))
import frontend_pages

project = "spectrograms"
author = "the authors of spectrograms"
copyright = "the authors of spectrograms; MIT licence"
version = release = spectrograms.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# Guides show lines of a shell, and values behind "# ->", in blocks of their own language; nothing is guessed.
highlight_language = "none"

autosummary_generate = True
autodoc_mock_imports = [
    name
    for name in ("torch", "jax", "pyarrow", "dask", "lhotse", "faster_whisper", "sklearn")
    if find_spec(name) is None
]
if "torch" in autodoc_mock_imports:  # SciPy, which scikit-learn imports, takes the mock for PyTorch
    autodoc_mock_imports.append("sklearn")
autodoc_typehints = "none"  # the docstrings say more
autodoc_member_order = "groupwise"
default_role = "py:obj"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    # In the order of a reader who begins: what a folder is about is in its header.
    "subsection_order": [
        f"examples/{room}"
        for room in ("spectra", "features", "models", "sound", "measuring", "space", "images", "corpora")
    ],
    "within_subsection_order": "ExampleTitleSortKey",
    "filename_pattern": "/plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "min_reported_time": 5,
    "copyfile_regex": "",
}

templates_path = ["_templates"]
exclude_patterns = ["_templates", "examples"]
html_static_path = ["_static"]
html_favicon = "_static/icon.svg"
html_css_files = ["front.css"]


html_theme = "pydata_sphinx_theme"
html_title = f"spectrograms {version}"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
# A list of 170 names helps nobody: the reference itself and the search do.
html_sidebars = {page: [] for page in ("index", "tutorial", "glossary", "api", "generated/*")}
html_context = {"default_mode": "auto"}
html_show_sourcelink = False


def _without_self(app, what, name, obj, options, signature, returned):
    """Compiled methods state their signatures in full."""
    if signature and what in ("method", "classmethod"):
        signature = re.sub(r"^\((?:self|cls)(?:, )?", "(", signature)
    return signature, returned


def _only_ours(app, what, name, obj, skip, options):
    """What classes inherit from other libraries is described there, in a markup that needs their pages."""
    home = getattr(getattr(obj, "fget", obj), "__module__", None) or "spectrograms"
    return True if not home.startswith(("spectrograms", "builtins")) else None


def _write_frontends(app):
    frontend_pages.write(Path(app.srcdir) / "generated" / "frontends")


def setup(app):
    app.connect("builder-inited", _write_frontends)
    app.connect("autodoc-process-signature", _without_self)
    app.connect("autodoc-skip-member", _only_ours)
