"""Renderers of a report: tables in a terminal, one HTML page, and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgan.report.figures import Pictured, illustrate
from simgan.report.verdict import COPIES, Comparison, Row, Section, Verdict
from simgan.stats.training import TrainingHistory
from simgan.stats.training.verdict import TrainingVerdict, training_verdict

SIGNS = {"within": "✓", "outside": "✗", "not judged": " "}
_NARROWEST = 80
_LONG_NAME = 10  # characters
_WIDEST_NAME = 16  # terminal cells of a line of a header
_LABELS, _GAP = 12, 2  # narrowest column of labels, and the gap before each other column
_SMALLEST = 1e-4  # below it a number is told by its bound


def render_text(comparison: Comparison, verdict: Verdict, width: int = 120) -> str:
    """Return the tables and the verdict as plain text.

    Lines have at most `width` characters, and at least 80.

    A ✓ marks values within the interval
    or below the noise floor, and a ✗ all others. Rows that are not judged have no mark.
    Models that do not fit side by side stand in tables below each other.
    """
    page = StringIO()
    out = Console(file=page, width=max(width, _NARROWEST), force_terminal=False, highlight=False)
    for section in comparison.sections:
        if not section.rows:
            out.print(Text(section.title))
        for models in _fitting(section, comparison.models, out.width) if section.rows else ():
            out.print(_table(section, models))
        for reason in section.skipped:
            out.print(Text(f"left out: {reason}"))
        out.print()
    for model in comparison.models:
        if model in COPIES:
            out.print(
                Text(
                    f"{model} repeats stretches of the history: close by copying, and left out "
                    "of the verdict."
                )
            )
    for reason in comparison.unusable.values():
        out.print(Text(f"not compared: {reason}"))
    out.print(Text(verdict.sentence))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


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


def header(model: str) -> str:
    """Break a long name at its hyphens and, where a part is too wide, inside of it.

    A column is hardly wider than its numbers.
    """
    broken = model if len(model) <= _LONG_NAME else model.replace("-", "-\n")
    return "\n".join(
        piece for part in broken.split("\n") for piece in chop_cells(part, _WIDEST_NAME) or [""]
    )


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
    return f"{number(row.models[model])} {SIGNS[row.mark(model)]}"


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


def render_page(
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
    template = template_of("report.html.j2", (named, number, real_with_interval))
    return template.render(
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


def template_of(name: str, filters: Iterable[Callable[..., object]]) -> Template:
    """Return a page's template, which escapes all text and knows these functions as filters."""
    environment = Environment(
        loader=PackageLoader("simgan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"markup": Markup} | {one.__name__: one for one in filters}
    return environment.get_template(name)
