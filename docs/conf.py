"""Sphinx configuration. The build needs no network."""

import sys
from pathlib import Path

import skinfo

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "skinfo"
author = "The skinfo developers"
copyright = "The skinfo developers"
version = release = skinfo.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",  # formulas without a network: MathJax is part of the site
    "matplotlib.sphinxext.plot_directive",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "catalogue",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "_templates", "_ext"]
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings have the types
maximum_signature_line_length = 80
plot_html_show_formats = plot_html_show_source_link = False
plot_formats = [("png", 130)]
plot_rcparams = {"figure.figsize": (6.4, 3.6), "figure.constrained_layout.use": True, "font.size": 9}
numpydoc_show_class_members = False
myst_heading_anchors = 2
sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"\.py$",
    "download_all_examples": False,
    "show_memory": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "skinfo"
html_static_path = ["_static"]
html_css_files = ["skinfo.css"]
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}
