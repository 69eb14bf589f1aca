"""The page of a report on a book."""

from __future__ import annotations

from dataclasses import dataclass

from simgan.report.aspects import Noted, columns_of, groups_of, left_out_of
from simgan.report.book.figures import heat_maps
from simgan.report.book.judged import BookJudgement
from simgan.report.book.text import headline
from simgan.report.pages import template_of
from simgan.report.renderers import (
    FITNESS_SIGNS,
    SIGNS,
    Box,
    ReportFacts,
    named,
    number,
    of_model,
    real_with_interval,
)
from simgan.report.risk.figures import fan_of
from simgan.report.risk.results import RiskResults
from simgan.report.risk.text import coverage, money, percent
from simgan.report.verdict import COPIES, over


@dataclass(frozen=True)
class _AssetOnPage:
    """One asset by itself: its line, and its sections below."""

    number: int
    asset: str
    headline: str
    sections: tuple[Noted, ...]
    columns: tuple[str, ...]


def render_page(facts: ReportFacts, judged: BookJudgement, today: RiskResults | None = None) -> str:
    """Return the page. It makes no request, and the same input gives the same bytes.

    Parameters
    ----------
    facts : ReportFacts
    judged : BookJudgement
    today : RiskResults, optional
        VaR and ES of the book after the history, and the fan of the coming days.
    """
    filters = (named, number, of_model, real_with_interval, coverage, money, over, percent)
    comparison, verdict, samples = judged.comparison, judged.verdict, judged.samples
    groups = groups_of(comparison, verdict)
    has_tails = any(one.kind == "joint-tails" and one.rows for one in comparison.sections)
    return template_of("report_of_book.html.j2", filters).render(
        facts=facts,
        judged=judged,
        comparison=comparison,
        verdict=verdict,
        boxes=[Box.of(comparison, one) for one in judged.verdicts],
        groups=groups,
        totals={model: sum(group.within[model] for group in groups) for model in comparison.models},
        columns=columns_of(comparison, verdict),
        sections=[Noted.of(section) for section in comparison.sections],
        illustrations=heat_maps(samples, comparison.judged, has_tails),
        assets=list(_folded(judged)),
        today=today,
        fan=fan_of(today) if today else None,
        fitness_signs=FITNESS_SIGNS,
        signs=SIGNS,
        copies=[model for model in comparison.models if model in COPIES],
        left_out=left_out_of(verdict.forecasts),
    )


def _folded(judged: BookJudgement) -> list[_AssetOnPage]:
    return [
        _AssetOnPage(
            place,
            asset,
            headline(judged, asset),
            tuple(Noted.of(section) for section in comparison.sections),
            comparison.models,
        )
        for place, (asset, comparison) in enumerate(judged.assets.items(), start=1)
    ]
