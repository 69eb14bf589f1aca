"""The page of `simgan risk`: one self-contained HTML file."""

from __future__ import annotations

from simgan.report.pages import template_of
from simgan.report.risk.figures import illustrate
from simgan.report.risk.results import RiskResults
from simgan.report.risk.text import coverage, held_in, money, percent, sentences, title_of_parts
from simgan.report.verdict import over


def render_page(results: RiskResults) -> str:
    """Return the page. It makes no request, and the same results give the same bytes."""
    template = template_of(
        "risk.html.j2", (coverage, held_in, money, over, percent, title_of_parts)
    )
    return template.render(
        results=results,
        sentences=list(sentences(results)),
        illustrations=illustrate(results),
        worst=results.cells[-1][0],
        level=results.cells[0][1],
    )
