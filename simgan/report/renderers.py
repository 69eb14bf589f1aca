"""Renderers of a report: tables in a terminal, one HTML page, and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from io import StringIO
from textwrap import wrap
from typing import Any

import numpy as np
from rich.cells import cell_len, chop_cells
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from simgan.bundle.facts import PriorFacts
from simgan.report.aspects import GroupCount, Noted, columns_of, groups_of, verdicts_of
from simgan.report.figures import Pictured, illustrate
from simgan.report.pages import template_of
from simgan.report.risk.figures import fan_of
from simgan.report.risk.results import RiskResults
from simgan.report.risk.text import coverage, money, percent
from simgan.report.uses import TITLES, Fitness, Tone, Use, judged_json, lines_of, tone, uses_of
from simgan.report.verdict import COPIES, Comparison, Row, Section, Verdict, over
from simgan.stats.training import TrainingHistory
from simgan.stats.training.verdict import TrainingVerdict, training_verdict

SIGNS = {"within": "✓", "outside": "✗", "not judged": "–"}
LEGEND = (
    "✓ within: the value lies in the 95 % interval of the history, or below the noise floor. "
    "✗ outside. – not judged: no usable error. ± a Monte Carlo error, where other paths of the "
    "model could turn the mark."
)
FITNESS_SIGNS: dict[Fitness, str] = {
    "good for": "✓",
    "with care for": "!",
    "not for": "✗",
    "not judged for": "–",
}
_NARROWEST = 80
_LONG_NAME = 10  # characters
_WIDEST_NAME = 16  # terminal cells of a line of a header
_LABELS, _GAP = 12, 2  # narrowest column of labels, and the gap before each other column
_SMALLEST = 1e-4  # below it a number is told by its bound


def render_text(
    comparison: Comparison, verdict: Verdict, width: int = 120, models: Sequence[str] = ()
) -> str:
    """Return the tables and the verdict as plain text.

    Lines have at most `width` characters, and at least 80. `models` names those that stand side by
    side, by default the judged one, the best baseline and the copies.

    The head says whether short paths cut the history, and what the marks mean. A table below counts
    the rows of every model within their limits. Models that do not fit side by side stand in tables
    below each other.
    """
    page = StringIO()
    out = Console(file=page, width=max(width, _NARROWEST), force_terminal=False, highlight=False)
    for sentence in filter(None, (comparison.cut, LEGEND)):
        out.print(Text(sentence))
        out.print()
    for section in comparison.sections:
        for part in _parts_of(section, models or columns_of(comparison, verdict), out.width):
            out.print(part)
    for table in _summaries(comparison, verdict):
        out.print(table)
        out.print()
    for line in _closing(comparison, verdict):
        out.print(Text(line))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _parts_of(section: Section, models: Sequence[str], width: int) -> Iterator[Table | Text]:
    """Give the tables of a section, or its title alone, and the reasons of missing rows."""
    if section.rows:
        yield from (
            _table(section, part) for part in _fitting(section, section.columns(models), width)
        )
    else:
        yield Text(section.title)
    for reason in section.skipped:
        yield Text(f"not computed: {reason}")
    yield Text("")


def _summaries(comparison: Comparison, verdict: Verdict) -> Iterator[Table]:
    for one in verdicts_of(comparison, verdict):
        if groups := groups_of(comparison, one):
            yield _outcomes(groups, one)
    if len(comparison.models) > 1 and (groups := groups_of(comparison, verdict)):
        yield _tally(groups, comparison.models)


def _closing(comparison: Comparison, verdict: Verdict) -> Iterator[str]:
    for model in comparison.models:
        if model in COPIES:
            yield (
                f"{model} repeats stretches of the history: close by copying, and left out "
                "of the verdict."
            )
    yield from (f"not compared: {reason}" for reason in comparison.unusable.values())
    for one in verdicts_of(comparison, verdict):
        yield from (one.sentence, *lines_of(uses_of(comparison, one)))
    yield from filter(None, (comparison.by_chance, comparison.open_es))


def named(row: Row) -> str:
    """Label with its unit."""
    return f"{row.label} ({row.unit})" if row.unit else row.label


def number(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return ""
    if value == 0.0:
        return "0"
    if abs(value) < _SMALLEST:
        return f"<{_SMALLEST:.4f}" if value > 0 else f">−{_SMALLEST:.4f}"
    digits = f"{value:#.3g}".removesuffix(".")
    return (f"{value:.0f}" if "e+" in digits else digits).replace("-", "−")


def real_with_interval(row: Row) -> str:
    """Real value and its interval."""
    if row.real is None:
        return ""
    interval = "" if row.low is None else f" [{number(row.low)}, {number(row.high)}]"
    return f"{number(row.real)}{interval}"


def of_model(row: Row, model: str) -> str:
    """Value of a model, with its Monte Carlo error where other paths could turn the mark."""
    value = number(row.models[model])
    if not row.is_close(model):
        return value
    error = np.format_float_positional(row.errors[model], 2, fractional=False, trim="-")
    return f"{value} ± {error}"


def header(model: str) -> str:
    """Break a long name at its hyphens and, where a part is too wide, inside of it.

    A column is hardly wider than its numbers.
    """
    broken = model if len(model) <= _LONG_NAME else model.replace("-", "-\n")
    return "\n".join(
        piece for part in broken.split("\n") for piece in chop_cells(part, _WIDEST_NAME) or [""]
    )


def _narrowed(model: str) -> str:
    """Break a name at a hyphen where a line would be wider than a column of names."""
    lines = [""]
    for part in model.replace("-", "-\n").split("\n"):
        for piece in chop_cells(part, _WIDEST_NAME) or [""]:
            if cell_len(lines[-1] + piece) > _WIDEST_NAME:
                lines.append("")
            lines[-1] += piece
    return "\n".join(lines)


def header_width(model: str) -> int:
    """Width of the header of a model, in terminal cells."""
    return max(cell_len(line) for line in header(model).split("\n"))


def _fitting(section: Section, models: Sequence[str], width: int) -> Iterator[Sequence[str]]:
    """Part the models so that the columns of each part fit beside the narrowest labels."""
    others = (
        max(len(real_with_interval(row)) for row in section.rows),
        max(len(number(row.floor)) for row in section.rows),
    )
    room = width - _LABELS - sum(max(other, len("real [95 %]")) + _GAP for other in others if other)
    part: list[str] = []
    taken = 0
    for model in models:
        values = (len(_marked(row, model)) for row in section.rows)
        column = max(header_width(model), *values) + _GAP
        if part and taken + column > room:
            yield part
            part, taken = [], 0
        part.append(model)
        taken += column
    yield part


def _marked(row: Row, model: str) -> str:
    return f"{of_model(row, model)} {SIGNS[row.mark(model)]}"


def _table(section: Section, models: Sequence[str]) -> Table:
    title = Text(section.title, style="bold")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    has_real = any(row.real is not None for row in section.rows)
    has_floor = any(row.floor is not None for row in section.rows)
    table.add_column("statistic", min_width=12, overflow="fold")
    headers = [
        ("real [95 %]", has_real),
        *((header(model), True) for model in models),
        ("noise\nfloor", has_floor),
    ]
    for text in (text for text, is_shown in headers if is_shown):
        table.add_column(Text(text), justify="right", vertical="bottom", no_wrap=True)
    for row in section.rows:
        own = [real_with_interval(row)] if has_real else []
        marked = [_marked(row, model) for model in models]
        floor = [number(row.floor)] if has_floor else []
        table.add_row(*map(Text, (named(row), *own, *marked, *floor)))
    return table


def _outcomes(groups: Sequence[GroupCount], verdict: Verdict) -> Table:
    """Won, tied and lost rows against the best baseline, by group."""
    has_rival = bool(verdict.against)
    title = f"{verdict.model} against {verdict.against}" if has_rival else verdict.model
    table = _counts(title, ["group", "within", *(("won", "tied", "lost") if has_rival else ())])
    for group in groups:
        outcomes = (group.wins, group.ties, group.losses) if has_rival else ()
        within = f"{group.within[verdict.model]} of {group.judged}"
        table.add_row(group.name, within, *map(str, outcomes))
    return table


def _tally(groups: Sequence[GroupCount], models: Sequence[str]) -> Table:
    """Rows within their limits, of every model."""
    heads = [f"{group.name}, of {group.judged}" for group in groups]
    table = _counts("Statistics within the noise of the data", ["model", *heads, "all"])
    for model in models:
        within = [group.within[model] for group in groups]
        table.add_row(Text(_narrowed(model)), *map(str, within), str(sum(within)))
    return table


def _counts(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=Text(title, style="bold"), title_justify="left", box=None, pad_edge=False)
    table.collapse_padding = True
    for i, head in enumerate(heads):
        longest = max(map(len, head.split()))
        narrow = "\n".join(wrap(head, longest, break_on_hyphens=False))
        side: JustifyMethod = "right" if i else "left"
        table.add_column(Text(narrow), justify=side, no_wrap=True, vertical="bottom")
    return table


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
        Number and length of the paths of the model and of each baseline.
    sources : dict
        For a comparison of several models or files, a line on each, with number and length of its
        own paths. Then `paths` and `horizon` are those of the baselines, and the facts on a model
        are those of the history. Seed and seconds are None.
    created : str
        UTC time of the fit.
    sha256 : str
        Of the returns that the model learned from.
    commands : tuple of str
        Commands that make the model and this report again.
    prior : PriorFacts
        Of the model.
    leaning : str
        How much of the model is prior, in words, or of each model. Empty without a prior.
    """

    model: str
    assets: tuple[str, ...]
    first: str
    last: str
    days: int
    seed: int | None
    seconds: float | None
    versions: dict[str, str]
    judged_on: str
    paths: int
    horizon: int
    created: str = ""
    sha256: str = ""
    commands: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    prior: PriorFacts = field(default_factory=PriorFacts)
    leaning: str = ""


SCHEMA = 2  # of the JSON, which docs/report.md describes; it rises when a key changes its meaning


def to_json(
    facts: ReportFacts,
    comparison: Comparison,
    verdict: Verdict,
    training: TrainingVerdict | None = None,
) -> dict[str, Any]:
    """Return facts, verdicts and all rows as plain JSON data."""
    others = verdicts_of(comparison, verdict)[1:]
    return {
        "simgan report": SCHEMA,
        "facts": asdict(facts) | {"sources": dict(facts.sources)},
        "verdict": judged_json(comparison, verdict),
        "beside": [judged_json(comparison, other) for other in others],
        "training": training.to_json() if training else None,
        "comparison": comparison.to_json(),
    }


@dataclass(frozen=True)
class Box:
    """The verdict on one model: its sentence, uses and counts, and the outcome in a word."""

    verdict: Verdict
    uses: tuple[Use, ...]
    groups: tuple[GroupCount, ...]
    tone: Tone
    title: str

    @classmethod
    def of(cls, comparison: Comparison, verdict: Verdict) -> Box:
        uses = uses_of(comparison, verdict)
        groups = tuple(groups_of(comparison, verdict))
        return cls(verdict, uses, groups, tone(uses), TITLES[tone(uses)])


@dataclass(frozen=True, kw_only=True)
class OfModel:
    """The parts of a page that only a model has, and no file of scenarios.

    Attributes
    ----------
    training : TrainingHistory, optional
        Without it the page has no training figure and no verdict on the training.
    chosen_step : int, optional
        Step that validation chose.
    today : RiskResults, optional
        VaR and ES after the history, and the fan of the coming days.
    """

    training: TrainingHistory | None = None
    chosen_step: int | None = None
    today: RiskResults | None = None


def render_page(
    facts: ReportFacts,
    comparison: Comparison,
    verdict: Verdict,
    shown: Pictured,
    model: OfModel = OfModel(),
) -> str:
    """Return the page. It makes no request, and the same input gives the same bytes.

    Parameters
    ----------
    facts, comparison, verdict
        The content of the head and of the tables.
    shown : Pictured
        The history and the paths that the figures are drawn from.
    model : OfModel
        Training and risks of the judged model.

    Raises
    ------
    ConfigError
        The history is too short to be drawn.
    """
    filters = (named, number, of_model, real_with_interval, coverage, money, over, percent)
    template = template_of("report.html.j2", filters)
    training, chosen_step = model.training, model.chosen_step
    groups = groups_of(comparison, verdict)
    return template.render(
        groups=groups,
        totals={model: sum(group.within[model] for group in groups) for model in comparison.models},
        boxes=[Box.of(comparison, one) for one in verdicts_of(comparison, verdict)],
        columns=columns_of(comparison, verdict),
        fitness_signs=FITNESS_SIGNS,
        facts=facts,
        comparison=comparison,
        verdict=verdict,
        sections=[Noted.of(section) for section in comparison.sections],
        illustrations=illustrate(
            shown.only(columns_of(comparison, verdict)), training, chosen_step
        ),
        today=model.today,
        fan=fan_of(model.today) if model.today else None,
        trained=training_verdict(training, chosen_step) if training else None,
        signs=SIGNS,
        copies=[model for model in comparison.models if model in COPIES],
    )
