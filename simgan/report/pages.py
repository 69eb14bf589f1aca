"""Templates of pages, which set the colours of their figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from simgan.report.themes import style_sheet, variable


def template_of(name: str, filters: Iterable[Callable[..., object]]) -> Template:
    """Return a page's template, which escapes all text and knows these functions as filters."""
    environment = Environment(
        loader=PackageLoader("simgan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["figure_colours"] = style_sheet()
    environment.filters |= {"markup": Markup, "variable": variable} | {
        one.__name__: one for one in filters
    }
    return environment.get_template(name)
