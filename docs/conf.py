# ruff: noqa: INP001  # Sphinx reads it as a file
"""How Sphinx builds the documents: ``make docs``. Nothing is fetched from anywhere."""

project = "関所 Sekisho"
author = "The Sekisho contributors"
copyright = f"2026, {author}"  # noqa: A001  # Sphinx calls it so
language = "ja"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_build", "images"]
# Sections can be linked to by their headings, as on a code host.
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "関所 Sekisho"
html_show_sourcelink = False
html_copy_source = False
