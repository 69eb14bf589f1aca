"""The report as one self-contained page."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from simgan.report import figures
from simgan.report.drawing import Figure
from simgan.report.facts import ReportFacts
from simgan.report.rows import Comparison
from simgan.report.text import SIGNS, named, number, real_with_interval
from simgan.report.verdict import COPIES, Verdict


def render(
    facts: ReportFacts,
    comparison: Comparison,
    verdict: Verdict,
    shown: figures.Pictured,
    training: figures.TrainingHistory,
    chosen_step: int,
) -> str:
    """Return the page as text: no request leaves it, and the same numbers give the same bytes."""
    environment = Environment(
        loader=PackageLoader("simgan.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": number, "named": named, "interval": real_with_interval}
    return environment.get_template("report.html.j2").render(
        facts=facts,
        comparison=comparison,
        verdict=verdict,
        signs=SIGNS,
        copies=COPIES,
        figures=_figures(shown, training, chosen_step),
    )


def _figures(shown: figures.Pictured, training: figures.TrainingHistory, chosen_step: int) -> list[Figure]:
    makers = (figures.densities, figures.quantiles, figures.memory, figures.sample_paths, figures.cumulated)
    made = [make(shown) for make in makers]
    return [*made, figures.training(training, chosen_step)] if training else made
