"""Settings of the documentation site: ``make docs`` builds it, without a network.

The sources are the pages of this folder, and those of the project beside it. Each reads as well
on GitHub, so the first page has plain links, from which the site makes its contents.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

project = "simgan"
author = "the simgan project"
copyright = author  # Sphinx reads this name
release = re.findall(r'version="(.+)"', Path(__file__).parents[1].joinpath("setup.py").read_text())[
    0
]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "docs/index"
include_patterns = ["docs/*.md", "docs/*.rst", "CHANGELOG.md", "CONTRIBUTING.md", "DESIGN.md"]
exclude_patterns = [".*", "[!.d]*/**", "data", "demo", "dist"]
default_role = "literal"  # of `names` in docstrings
nitpicky = True
nitpick_ignore_regex = [("py:class", r"[\w ]+")]  # types of docstrings are words: array of shape

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autodoc_mock_imports = ["tensorflow", "keras"]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"simgan {release}"
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
templates_path = ["_templates"]
html_additional_pages = {"index": "first_page.html"}
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"


def with_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """Make a hidden table of contents of the links below each heading of the first page."""
    if page != root_doc:
        return
    for section in source[0].split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        pages = re.findall(r"^- \[.+?\]\((.+?)\)", text, flags=re.MULTILINE)
        entries = [path if path.startswith("../") else f"/docs/{path}" for path in pages]
        tree = "\n".join(entry.replace("../", "/") for entry in entries)
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{tree}\n```\n"


def error_found(
    app: Sphinx, env: BuildEnvironment, node: nodes.Element, shown: nodes.Element
) -> nodes.reference | None:
    """Link the errors that a docstring names, which live in `simgan.errors`."""
    if node["reftype"] != "exc":
        return None
    full, page = f"simgan.errors.{node['reftarget']}", env.docname
    return env.domains.python_domain.resolve_xref(env, page, app.builder, "exc", full, node, shown)


def leave(translator: HTML5Translator, node: nodes.Element) -> None:
    """Close nothing: the element of a formula is written as a whole."""


def inline(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula within a sentence as MathML, which browsers draw by themselves."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def displayed(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula on a line of its own."""
    formula = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div style="overflow: auto hidden">{formula}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the contents and the formulas."""
    app.connect("source-read", with_contents)
    app.connect("missing-reference", error_found)
    app.add_html_math_renderer("mathml", (inline, leave), (displayed, leave))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
