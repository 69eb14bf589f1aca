"""The report as one HTML page and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simgan.report.figures import Pictured, illustrate
from simgan.report.text import SIGNS, named, number, real_with_interval
from simgan.report.verdict import COPIES, Comparison, Row, Section, Verdict
from simgan.stats.training.history import TrainingHistory
from simgan.stats.training.verdict import TrainingVerdict, training_verdict


@dataclass(frozen=True, kw_only=True)
class ReportFacts:
    """Where the numbers of a report come from.

    Attributes
    ----------
    model, assets, first, last, days, seed, seconds, versions
        The model, the history that it learned from, and how it was trained.
    judged_on : str
        The history that it is compared with, in words.
    paths, horizon : int
        Number and length of each model's paths.
    """

    model: str
    assets: tuple[str, ...]
    first: str
    last: str
    days: int
    seed: int
    seconds: float
    versions: dict[str, str]
    judged_on: str
    paths: int
    horizon: int


def to_json(
    facts: ReportFacts, comparison: Comparison, verdict: Verdict, training: TrainingVerdict
) -> dict[str, Any]:
    """Return facts, verdicts and all rows as plain JSON data."""
    numbers = {
        "verdict": verdict.to_json(),
        "training": training.to_json(),
        "comparison": comparison.to_json(),
    }
    return {"facts": asdict(facts)} | numbers


@dataclass(frozen=True)
class _Noted:
    """A section with its rows' limits as numbered notes, each limit once."""

    section: Section
    notes: tuple[str, ...]

    def number(self, row: Row) -> int | None:
        return self.notes.index(row.blind_to) + 1 if row.blind_to else None


def render(
    facts: ReportFacts,
    comparison: Comparison,
    verdict: Verdict,
    shown: Pictured,
    training: TrainingHistory | None = None,
    chosen_step: int | None = None,
) -> str:
    """Return the page. It makes no request, and the same input gives the same bytes.

    Parameters
    ----------
    facts, comparison, verdict
        The content of the head and of the tables.
    shown : Pictured
        The history and the paths that the figures are drawn from.
    training : TrainingHistory, optional
        Training history of the judged model. Without it the page has no training figure and
        no verdict on the training.
    chosen_step : int, optional
        Step that validation chose.

    Raises
    ------
    ConfigError
        The history is too short to be drawn.
    """
    environment = Environment(
        loader=PackageLoader("simgan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "named": named,
        "number": number,
        "real_with_interval": real_with_interval,
        "markup": Markup,
    }
    return environment.get_template("report.html.j2").render(
        facts=facts,
        comparison=comparison,
        verdict=verdict,
        sections=[_noted(section) for section in comparison.sections],
        illustrations=illustrate(shown, training, chosen_step),
        trained=training_verdict(training, chosen_step) if training else None,
        signs=SIGNS | {"not judged": "–"},
        copies=[model for model in comparison.models if model in COPIES],
    )


def _noted(section: Section) -> _Noted:
    return _Noted(
        section, tuple(dict.fromkeys(row.blind_to for row in section.rows if row.blind_to))
    )
