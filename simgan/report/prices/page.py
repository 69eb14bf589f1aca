"""Prices as they were understood, as one page that opens without a network."""

from __future__ import annotations

from simgan.report.figures.canvas import Illustration
from simgan.report.pages import template_of
from simgan.report.prices.figures import illustrate, illustrate_panel
from simgan.report.prices.inspection import Inspection
from simgan.report.prices.text import facts_of, facts_of_asset, remark, shown, span_of

_LISTED = ("read", "repairs", "warnings", "")  # topics with a list of their own on the page


def render_page(found: Inspection) -> str:
    """Return the page. It makes no request, and the same input gives the same bytes.

    A refused file has a page of everything that was understood before the refusal.
    """
    single = found.assets[0] if len(found.assets) == 1 else None
    facts = list(facts_of(found))
    illustrations: tuple[Illustration, ...] = ()
    if single is not None:
        facts += [fact for fact in facts_of_asset(single) if fact[0] not in _LISTED]
        illustrations = illustrate(single)
    elif found.panel is not None:
        illustrations = illustrate_panel(found.panel)
    return template_of("data.html.j2", (shown, span_of, remark)).render(
        found=found,
        asset=single,
        facts=facts,
        illustrations=illustrations,
        marked=dict.fromkeys((mark.number, mark.text) for mark in single.marks) if single else (),
    )
